/**
 * The fates of versions that are not, or no longer, the expected one: (slot, copy, version) → status, where a status is
 * cause | state << 6 | origin << 8. They are needed when an expected version turns out to be unable to spread and an older
 * one takes its place: which older ones still can, and why a copy lacks the one chosen. Also the last *setback* of a
 * copy's slot: why it lost content that it once had. Fates of the expected version live in the oracle's own cells.
 *
 * One open-addressing hash table over a pool of entries; entries of a slot also form a list, newest first.
 */
import { mix32 } from '../base/mix.ts';
import { STATE } from '../data/causes.ts';
import { stateOf } from '../data/fate.ts';

/** Pseudo version: the last setback of the copy. */
const SETBACK = -1;
/** Pseudo version, copy 0: head of the slot's list (never in the list itself). */
const HEAD = -2;
const NONE = -1;
const WORDS = 6;
const SLOT = 0;
const VERSION = 1;
const COPY = 2;
/** For a head: first entry of the list. */
const STATUS = 3;
const NEXT = 4;
const PREVIOUS = 5;
const FIRST_CAPACITY = 64;

export interface FateLogState {
  entries: Int32Array;
  index: Int32Array;
  used: number;
  live: number;
  free: number;
}

export class FateLog {
  /** WORDS words an entry. */
  #entries = new Int32Array(FIRST_CAPACITY * WORDS);
  /** Entry number + 1 by hash; 0 = empty. A power of two, at most half full. */
  #index = new Int32Array(FIRST_CAPACITY * 2);
  #used = 0;
  #live = 0;
  #free = NONE;

  /** Fates held (heads and setbacks included). */
  get size(): number {
    return this.#live;
  }

  /** Status of the version's fate at the copy; 0 = none. */
  get(slot: number, copy: number, version: number): number {
    const entry = this.#find(slot, copy, version);
    return entry === NONE ? 0 : this.#entries[entry * WORDS + STATUS];
  }

  set(slot: number, copy: number, version: number, status: number): void {
    const found = this.#find(slot, copy, version);
    if (found !== NONE) {
      this.#entries[found * WORDS + STATUS] = status;
      return;
    }
    const entry = this.#add(slot, copy, version, status);
    let head = this.#find(slot, 0, HEAD);
    if (head === NONE) head = this.#add(slot, 0, HEAD, NONE);
    const entries = this.#entries;
    const first = entries[head * WORDS + STATUS];
    entries[entry * WORDS + NEXT] = first;
    entries[entry * WORDS + PREVIOUS] = NONE;
    if (first !== NONE) entries[first * WORDS + PREVIOUS] = entry;
    entries[head * WORDS + STATUS] = entry;
  }

  /** Removes the fate, if there is one, and gives its status (0 = there was none). */
  take(slot: number, copy: number, version: number): number {
    if (this.#live === 0) return 0;
    const entry = this.#find(slot, copy, version);
    if (entry === NONE) return 0;
    const entries = this.#entries;
    const status = entries[entry * WORDS + STATUS];
    const next = entries[entry * WORDS + NEXT];
    const previous = entries[entry * WORDS + PREVIOUS];
    if (next !== NONE) entries[next * WORDS + PREVIOUS] = previous;
    if (previous !== NONE) entries[previous * WORDS + NEXT] = next;
    else this.#moveHead(slot, next);
    this.#remove(entry);
    return status;
  }

  /** Why the copy's slot last lost content; 0 = it never did. */
  setback(slot: number, copy: number): number {
    return this.#live === 0 ? 0 : this.get(slot, copy, SETBACK);
  }

  setSetback(slot: number, copy: number, status: number): void {
    const found = this.#find(slot, copy, SETBACK);
    if (found !== NONE) this.#entries[found * WORDS + STATUS] = status;
    else this.#add(slot, copy, SETBACK, status);
  }

  /** First entry of the slot's list, −1 if it is empty. Pass entries to `next`, `versionOf`, `isPending`. */
  first(slot: number): number {
    const head = this.#find(slot, 0, HEAD);
    return head === NONE ? NONE : this.#entries[head * WORDS + STATUS];
  }

  next(entry: number): number {
    return this.#entries[entry * WORDS + NEXT];
  }

  versionOf(entry: number): number {
    return this.#entries[entry * WORDS + VERSION];
  }

  copyOf(entry: number): number {
    return this.#entries[entry * WORDS + COPY];
  }

  /** Is it still in flight, or hinted? */
  isPending(entry: number): boolean {
    return isPending(this.#entries[entry * WORDS + STATUS]);
  }

  save(): FateLogState {
    return {
      entries: this.#entries.slice(0, this.#used * WORDS),
      index: this.#index.slice(),
      used: this.#used,
      live: this.#live,
      free: this.#free,
    };
  }

  load(state: FateLogState): void {
    // The pool is always half as large as its index.
    this.#entries = new Int32Array((state.index.length / 2) * WORDS);
    this.#entries.set(state.entries);
    this.#index = state.index.slice();
    this.#used = state.used;
    this.#live = state.live;
    this.#free = state.free;
  }

  #moveHead(slot: number, first: number): void {
    const head = this.#find(slot, 0, HEAD);
    if (first === NONE) this.#remove(head);
    else this.#entries[head * WORDS + STATUS] = first;
  }

  #find(slot: number, copy: number, version: number): number {
    const index = this.#index;
    const entries = this.#entries;
    const mask = index.length - 1;
    for (let at = hash(slot, copy, version) & mask; ; at = (at + 1) & mask) {
      const entry = index[at] - 1;
      if (entry === NONE) return NONE;
      const base = entry * WORDS;
      if (entries[base + VERSION] === version && entries[base + SLOT] === slot && entries[base + COPY] === copy)
        return entry;
    }
  }

  #add(slot: number, copy: number, version: number, status: number): number {
    if ((this.#live + 1) * 2 > this.#index.length) this.#grow();
    let entry = this.#free;
    if (entry === NONE) {
      entry = this.#used;
      this.#used += 1;
    } else this.#free = this.#entries[entry * WORDS + NEXT];
    const base = entry * WORDS;
    const entries = this.#entries;
    entries[base + SLOT] = slot;
    entries[base + VERSION] = version;
    entries[base + COPY] = copy;
    entries[base + STATUS] = status;
    this.#live += 1;
    this.#place(entry);
    return entry;
  }

  #place(entry: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    const base = entry * WORDS;
    let at = hash(this.#entries[base + SLOT], this.#entries[base + COPY], this.#entries[base + VERSION]) & mask;
    while (index[at] !== 0) at = (at + 1) & mask;
    index[at] = entry + 1;
  }

  /** Takes the entry out of the hash table, closing the gap (no tombstones), and puts it on the free list. */
  #remove(entry: number): void {
    const index = this.#index;
    const entries = this.#entries;
    const mask = index.length - 1;
    let gap = this.#homeOf(entry);
    while (index[gap] !== entry + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      // An entry may move back to the gap unless its home lies between the gap and where it is.
      const home = this.#homeOf(index[at] - 1);
      if (((at - home) & mask) >= ((at - gap) & mask)) {
        index[gap] = index[at];
        gap = at;
      }
    }
    index[gap] = 0;
    entries[entry * WORDS + NEXT] = this.#free;
    this.#free = entry;
    this.#live -= 1;
  }

  #homeOf(entry: number): number {
    const base = entry * WORDS;
    const entries = this.#entries;
    return hash(entries[base + SLOT], entries[base + COPY], entries[base + VERSION]) & (this.#index.length - 1);
  }

  /** Doubles the pool and its index. */
  #grow(): void {
    const index = this.#index;
    const entries = this.#entries;
    this.#entries = new Int32Array(entries.length * 2);
    this.#entries.set(entries);
    this.#index = new Int32Array(index.length * 2);
    for (let at = 0; at < index.length; at += 1) if (index[at] !== 0) this.#place(index[at] - 1);
  }
}

export function isPending(status: number): boolean {
  const state = stateOf(status);
  return state === STATE.inFlight || state === STATE.hintPending;
}

function hash(slot: number, copy: number, version: number): number {
  return mix32(Math.imul(slot, 0x9e3779b1) ^ Math.imul(version + Math.imul(copy, 0x3c6ef35f), 0x85ebca6b));
}
