/**
 * Reads that are not over: what their coordinators remember, as parallel arrays with a free list. An entry lives until the
 * last of its messages has had its effect, which may be after the client was told. Knows no rule; who asks whom is decided in
 * `read-path.ts` and `read-repair.ts`.
 */

export const NO_READ = -1;
export const NO_HANDLE = -1;

/** A digest or data request of the first round; the data after a mismatch; the writes of a repair. */
export const PHASE = { digest: 0, data: 1, repair: 2 } as const;
const PHASES = 3;
/** Rounds whose answers have content. */
const CONTENT_PHASES = 2;
const FIRST_CAPACITY = 64;

export interface OpenReadsState {
  entries: [id: number, entry: number][];
  free: number[];
  used: number;
  arrays: (Int32Array | Float64Array | Uint8Array)[];
}

export class OpenReads {
  /** Most replicas that a read can ask, and most slots of a row. */
  readonly copies: number;
  readonly slots: number;
  id = new Int32Array(FIRST_CAPACITY);
  reader = new Int32Array(FIRST_CAPACITY);
  address = new Int32Array(FIRST_CAPACITY);
  slot = new Int32Array(FIRST_CAPACITY);
  coordinator = new Int32Array(FIRST_CAPACITY);
  startedAt = new Float64Array(FIRST_CAPACITY);
  /** When its repair was sent. Handle of its time-out, NO_HANDLE once that has run. */
  repairedAt = new Float64Array(FIRST_CAPACITY);
  expiry = new Float64Array(FIRST_CAPACITY);
  phase = new Uint8Array(FIRST_CAPACITY);
  /** The client has been told. */
  told = new Uint8Array(FIRST_CAPACITY);
  /** Time-out or end of the coordinator: what still arrives there is not looked at. */
  closed = new Uint8Array(FIRST_CAPACITY);
  /** Answers that the client waits for; acknowledgements that it waits for once a repair writes. */
  needed = new Int32Array(FIRST_CAPACITY);
  awaited = new Int32Array(FIRST_CAPACITY);
  /** Replicas in the order of preference: how many there are, how many of the first of them count for the level, and how many
   * have been asked. */
  candidates = new Int32Array(FIRST_CAPACITY);
  counting = new Int32Array(FIRST_CAPACITY);
  asked = new Int32Array(FIRST_CAPACITY);
  /** Answers that count with which all are compared in the background (before 4.0). */
  compared = new Int32Array(FIRST_CAPACITY);
  /** A bit a candidate: was asked for data in the first round; its data is in what all come to; lacked something; has
   * acknowledged it. */
  dataMask = new Int32Array(FIRST_CAPACITY);
  mergedMask = new Int32Array(FIRST_CAPACITY);
  lackingMask = new Int32Array(FIRST_CAPACITY);
  ackedMask = new Int32Array(FIRST_CAPACITY);
  /** Events of this read that are in the queue. */
  outstanding = new Int32Array(FIRST_CAPACITY);
  /** By entry and round, a bit a candidate: has answered; waits in a paused node. */
  received: Int32Array;
  waiting: Int32Array;
  /** By entry and candidate: its node; when it was asked last; a bit for each slot of the row that it lacks. */
  target: Int32Array;
  askedAt: Float64Array;
  lacking: Int32Array;
  /** By entry, round, candidate and slot: what it answered. By entry and slot: what all answers come to. */
  content: Int32Array;
  merged: Int32Array;
  #index = new Map<number, number>();
  #free: number[] = [];
  #used = 0;

  constructor(copies: number, slots: number) {
    this.copies = copies;
    this.slots = slots;
    this.received = new Int32Array(FIRST_CAPACITY * PHASES);
    this.waiting = new Int32Array(FIRST_CAPACITY * PHASES);
    this.target = new Int32Array(FIRST_CAPACITY * copies);
    this.askedAt = new Float64Array(FIRST_CAPACITY * copies);
    this.lacking = new Int32Array(FIRST_CAPACITY * copies);
    this.content = new Int32Array(FIRST_CAPACITY * CONTENT_PHASES * copies * slots);
    this.merged = new Int32Array(FIRST_CAPACITY * slots);
  }

  /** In order of their beginning. */
  entries(): number[] {
    return [...this.#index].sort(([left], [right]) => left - right).map(([, entry]) => entry);
  }

  find(id: number): number {
    return this.#index.get(id) ?? NO_READ;
  }

  /** A clean entry. */
  create(id: number): number {
    const entry = this.#free.pop() ?? this.#used;
    if (entry === this.#used) {
      this.#used += 1;
      if (this.#used > this.id.length) this.#grow();
    }
    this.#index.set(id, entry);
    this.id[entry] = id;
    for (const array of [this.phase, this.told, this.closed, this.awaited, this.asked, this.outstanding])
      array[entry] = 0;
    for (const array of [this.dataMask, this.mergedMask, this.lackingMask, this.ackedMask]) array[entry] = 0;
    this.expiry[entry] = NO_HANDLE;
    this.received.fill(0, entry * PHASES, (entry + 1) * PHASES);
    this.waiting.fill(0, entry * PHASES, (entry + 1) * PHASES);
    this.lacking.fill(0, entry * this.copies, (entry + 1) * this.copies);
    return entry;
  }

  remove(entry: number): void {
    this.#index.delete(this.id[entry]);
    this.#free.push(entry);
  }

  /** Place of a round's masks. */
  roundOf(entry: number, phase: number): number {
    return entry * PHASES + phase;
  }

  /** Place of the first slot of what a candidate answered in a round. */
  contentOf(entry: number, phase: number, candidate: number): number {
    return ((entry * CONTENT_PHASES + phase) * this.copies + candidate) * this.slots;
  }

  save(): OpenReadsState {
    return {
      entries: [...this.#index],
      free: [...this.#free],
      used: this.#used,
      arrays: this.#arrays().map((array) => array.slice()),
    };
  }

  load(state: OpenReadsState): void {
    this.#index = new Map(state.entries);
    this.#free = [...state.free];
    this.#used = state.used;
    while (this.id.length < state.arrays[0].length) this.#grow();
    this.#arrays().forEach((array, index) => array.set(state.arrays[index]));
  }

  #arrays(): (Int32Array | Float64Array | Uint8Array)[] {
    const { id, reader, address, slot, coordinator, startedAt, repairedAt, expiry } = this;
    const { phase, told, closed, needed, awaited } = this;
    const { candidates, counting, asked, compared, dataMask, mergedMask, lackingMask, ackedMask, outstanding } = this;
    const { received, waiting, target, askedAt, lacking, content, merged } = this;
    return [
      ...[id, reader, address, slot, coordinator, startedAt, repairedAt, expiry, phase, told, closed, needed, awaited],
      ...[candidates, counting, asked, compared, dataMask, mergedMask, lackingMask, ackedMask, outstanding],
      ...[received, waiting, target, askedAt, lacking, content, merged],
    ];
  }

  #grow(): void {
    this.id = doubled(this.id);
    this.reader = doubled(this.reader);
    this.address = doubled(this.address);
    this.slot = doubled(this.slot);
    this.coordinator = doubled(this.coordinator);
    this.startedAt = doubledNumbers(this.startedAt);
    this.repairedAt = doubledNumbers(this.repairedAt);
    this.expiry = doubledNumbers(this.expiry);
    this.phase = doubledBytes(this.phase);
    this.told = doubledBytes(this.told);
    this.closed = doubledBytes(this.closed);
    this.needed = doubled(this.needed);
    this.awaited = doubled(this.awaited);
    this.candidates = doubled(this.candidates);
    this.counting = doubled(this.counting);
    this.asked = doubled(this.asked);
    this.compared = doubled(this.compared);
    this.dataMask = doubled(this.dataMask);
    this.mergedMask = doubled(this.mergedMask);
    this.lackingMask = doubled(this.lackingMask);
    this.ackedMask = doubled(this.ackedMask);
    this.outstanding = doubled(this.outstanding);
    this.received = doubled(this.received);
    this.waiting = doubled(this.waiting);
    this.target = doubled(this.target);
    this.askedAt = doubledNumbers(this.askedAt);
    this.lacking = doubled(this.lacking);
    this.content = doubled(this.content);
    this.merged = doubled(this.merged);
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function doubledBytes(array: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(array.length * 2);
  larger.set(array);
  return larger;
}

function doubledNumbers(array: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}
