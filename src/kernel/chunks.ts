/**
 * Lists of addresses in chunks of eight words: seven addresses, and first the list behind. A list is 8 x chunk + count,
 * which is also the index of its last address; so a wheel's slot needs one word for it, and its events are found seven
 * at a time, not each only when the one before it has come from memory. 0 is the empty list. All chunks of a list but
 * the first are full.
 */

/** The count in a list. */
export const CHUNK_MASK = 7;
const FULL = 7;

export interface ChunkPoolState {
  lists: Int32Array;
  free: number;
}

export class ChunkPool {
  /** The word `list & ~7` of a list holds the list behind; words from there + 1 to `list` its addresses. */
  lists = new Int32Array(512);
  #free = 0;
  #end = 8;

  /** A list of two. */
  pair(one: number, other: number): number {
    const chunk = this.#take();
    const { lists } = this;
    lists[chunk] = 0;
    lists[chunk + 1] = one;
    lists[chunk + 2] = other;
    return chunk + 2;
  }

  /** The list with one more. */
  append(list: number, address: number): number {
    if ((list & CHUNK_MASK) !== FULL) {
      this.lists[list + 1] = address;
      return list + 1;
    }
    const chunk = this.#take();
    this.lists[chunk] = list;
    this.lists[chunk + 1] = address;
    return chunk + 1;
  }

  /** The list behind the first chunk. */
  behind(list: number): number {
    return this.lists[list & ~CHUNK_MASK];
  }

  /** Frees the first chunk; returns the list behind. */
  free(list: number): number {
    const chunk = list & ~CHUNK_MASK;
    const behind = this.lists[chunk];
    this.lists[chunk] = this.#free;
    this.#free = chunk;
    return behind;
  }

  /** What a slot holds of a list of one chunk without its last: the only address, or minus the list. */
  shortened(list: number): number {
    if ((list & CHUNK_MASK) > 2) return 1 - list;
    this.free(list);
    return this.lists[list - 1];
  }

  save(): ChunkPoolState {
    return { lists: this.lists.slice(0, this.#end), free: this.#free };
  }

  load(state: ChunkPoolState): void {
    this.#end = state.lists.length;
    if (this.lists.length < this.#end) this.lists = new Int32Array(this.#end);
    this.lists.set(state.lists);
    this.#free = state.free;
  }

  #take(): number {
    const chunk = this.#free;
    if (chunk !== 0) {
      this.#free = this.lists[chunk];
      return chunk;
    }
    if (this.#end === this.lists.length) this.#grow();
    this.#end += 8;
    return this.#end - 8;
  }

  #grow(): void {
    const grown = new Int32Array(((this.lists.length * 5) >> 5) << 3);
    grown.set(this.lists);
    this.lists = grown;
  }
}
