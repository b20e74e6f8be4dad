/**
 * Writes that are not simply on their way: what the coordinator remembers of a write attempt some of whose copies were
 * lost, are late, or that belongs to a batch. Healthy first attempts have no entry: their fate is a formula. Parallel
 * arrays with a free list; an entry lives from the first trouble to the expiry of the write.
 */

export const NO_ENTRY = -1;

/** Attempts of one write fit in 8 bits. */
const ATTEMPTS = 256;
/** Of `answered`: the client was told that the write is refused, and nothing was sent. */
const REFUSED = 2;

export interface PendingWritesState {
  keys: [number, number][];
  version: Int32Array;
  attempt: Int32Array;
  coordinator: Int32Array;
  endedBy: Int32Array;
  sentAt: Float64Array;
  sentMask: Int32Array;
  lostMask: Int32Array;
  waitingMask: Int32Array;
  hintedMask: Int32Array;
  answered: Uint8Array;
  batch: Int32Array;
  epoch: Int32Array;
  ackAt: Float64Array;
  fate: Int32Array;
  free: number[];
  used: number;
}

export class PendingWrites {
  /** Most copies any table has. */
  readonly copies: number;
  version = new Int32Array(64);
  attempt = new Int32Array(64);
  coordinator = new Int32Array(64);
  /** Origin of what ended its coordinator's process; 0 while that runs. */
  endedBy = new Int32Array(64);
  sentAt = new Float64Array(64);
  /** A bit a copy: a message was sent; it was lost; it waits in a paused node; a hint was offered at issue. */
  sentMask = new Int32Array(64);
  lostMask = new Int32Array(64);
  waitingMask = new Int32Array(64);
  hintedMask = new Int32Array(64);
  /** 1 = its client knows the outcome, 2 = it was refused. */
  answered = new Uint8Array(64);
  refusedCount = 0;
  /** Batch id, or NO_ENTRY. */
  batch = new Int32Array(64);
  /** Epoch of placement in which it was sent. */
  epoch = new Int32Array(64);
  /** When the copy's acknowledgement reaches the coordinator, µs; [entry * copies + copy]. */
  ackAt: Float64Array;
  /** cause | origin << 8 of a lost message or acknowledgement; same index. */
  fate: Int32Array;
  #index = new Map<number, number>();
  #free: number[] = [];
  #used = 0;

  constructor(copies: number) {
    this.copies = copies;
    this.ackAt = new Float64Array(64 * copies);
    this.fate = new Int32Array(64 * copies);
  }

  get size(): number {
    return this.#index.size;
  }

  find(version: number, attempt: number): number {
    return this.#index.get(version * ATTEMPTS + attempt) ?? NO_ENTRY;
  }

  create(version: number, attempt: number): number {
    const entry = this.#free.pop() ?? this.#used;
    if (entry === this.#used) {
      this.#used += 1;
      if (this.#used > this.version.length) this.#grow();
    }
    this.#index.set(version * ATTEMPTS + attempt, entry);
    this.version[entry] = version;
    this.attempt[entry] = attempt;
    this.endedBy[entry] = 0;
    this.sentMask[entry] = 0;
    this.lostMask[entry] = 0;
    this.waitingMask[entry] = 0;
    this.hintedMask[entry] = 0;
    this.answered[entry] = 0;
    this.batch[entry] = NO_ENTRY;
    this.ackAt.fill(Infinity, entry * this.copies, (entry + 1) * this.copies);
    this.fate.fill(0, entry * this.copies, (entry + 1) * this.copies);
    return entry;
  }

  /** Nothing of it was sent: whatever says so is void. */
  refuse(entry: number): void {
    this.answered[entry] = REFUSED;
    this.refusedCount += 1;
  }

  isRefused(entry: number): boolean {
    return entry !== NO_ENTRY && this.answered[entry] === REFUSED;
  }

  remove(entry: number): void {
    if (this.answered[entry] === REFUSED) this.refusedCount -= 1;
    this.#index.delete(this.version[entry] * ATTEMPTS + this.attempt[entry]);
    this.#free.push(entry);
  }

  /** Entries of a coordinator, in order of version and attempt. */
  ofCoordinator(node: number): number[] {
    return this.#sorted((entry) => this.coordinator[entry] === node);
  }

  /** Entries of which a message waits somewhere, in the same order. */
  waiting(): number[] {
    return this.#sorted((entry) => this.waitingMask[entry] !== 0);
  }

  save(): PendingWritesState {
    return {
      keys: [...this.#index],
      version: this.version.slice(),
      attempt: this.attempt.slice(),
      coordinator: this.coordinator.slice(),
      endedBy: this.endedBy.slice(),
      sentAt: this.sentAt.slice(),
      sentMask: this.sentMask.slice(),
      lostMask: this.lostMask.slice(),
      waitingMask: this.waitingMask.slice(),
      hintedMask: this.hintedMask.slice(),
      answered: this.answered.slice(),
      batch: this.batch.slice(),
      epoch: this.epoch.slice(),
      ackAt: this.ackAt.slice(),
      fate: this.fate.slice(),
      free: [...this.#free],
      used: this.#used,
    };
  }

  load(state: PendingWritesState): void {
    this.#index = new Map(state.keys);
    this.version = state.version.slice();
    this.attempt = state.attempt.slice();
    this.coordinator = state.coordinator.slice();
    this.endedBy = state.endedBy.slice();
    this.sentAt = state.sentAt.slice();
    this.sentMask = state.sentMask.slice();
    this.lostMask = state.lostMask.slice();
    this.waitingMask = state.waitingMask.slice();
    this.hintedMask = state.hintedMask.slice();
    this.answered = state.answered.slice();
    this.batch = state.batch.slice();
    this.epoch = state.epoch.slice();
    this.ackAt = state.ackAt.slice();
    this.fate = state.fate.slice();
    this.#free = [...state.free];
    this.#used = state.used;
    this.refusedCount = state.keys.filter(([, entry]) => this.isRefused(entry)).length;
  }

  #sorted(isWanted: (entry: number) => boolean): number[] {
    const entries = [...this.#index.values()].filter(isWanted);
    return entries.sort(
      (left, right) => this.version[left] - this.version[right] || this.attempt[left] - this.attempt[right],
    );
  }

  #grow(): void {
    const length = this.version.length * 2;
    this.version = grownInt(this.version, length);
    this.attempt = grownInt(this.attempt, length);
    this.coordinator = grownInt(this.coordinator, length);
    this.endedBy = grownInt(this.endedBy, length);
    this.sentAt = grownFloat(this.sentAt, length);
    this.sentMask = grownInt(this.sentMask, length);
    this.lostMask = grownInt(this.lostMask, length);
    this.waitingMask = grownInt(this.waitingMask, length);
    this.hintedMask = grownInt(this.hintedMask, length);
    const answered = new Uint8Array(length);
    answered.set(this.answered);
    this.answered = answered;
    this.batch = grownInt(this.batch, length);
    this.epoch = grownInt(this.epoch, length);
    this.ackAt = grownFloat(this.ackAt, length * this.copies);
    this.fate = grownInt(this.fate, length * this.copies);
  }
}

function grownInt(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(array);
  return grown;
}

function grownFloat(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(array);
  return grown;
}
