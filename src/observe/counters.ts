/**
 * What the recorder of series and expectations may ask of the oracle while a run goes on: its counters, and the fold
 * that moves them forward. The oracle implements `LiveCounters`; everything here is reading. A filter's member is a
 * number of its registry (cause, state, node index, origin, table index) or ANY. An implementation need not keep every
 * combination: it answers NaN for one that it does not keep, and the metric then has no value.
 */

/** In a filter: all of them. */
export const ANY = -1;

/** Which divergent copies; conjunctive. `origin` is the number in trace records (0 = none: the workload itself). */
export interface CopyFilter {
  cause: number;
  state: number;
  node: number;
  origin: number;
  table: number;
}

export const ANY_COPY: CopyFilter = { cause: ANY, state: ANY, node: ANY, origin: ANY, table: ANY };

/** Current values; every method is cheap enough to be called once per instant of the run. */
export interface LiveCounters {
  /** Rises (by any amount) whenever a counter below may have changed; lets a reader skip instants without effect. */
  changes(): number;
  /** Most divergent copies at the end of any instant so far, and the first such instant. */
  peak(): { copies: number; micros: number };
  divergentRows(): number;
  /** Copies whose stored content differs from what can still spread. */
  divergentCopies(filter: CopyFilter): number;
  /** The same, in 2^-20 bits of entropy. */
  entropyUnits(filter: CopyFilter): number;
  visibleDivergentCopies(): number;
  /** Copies that differ from what clients were promised; `wrong` is a number of WRONGS, or ANY for all four. */
  wrongCopies(wrong: number, node: number): number;
  /** Rows whose newest acknowledged version can no longer spread. */
  lostAcknowledged(): number;
  /** Ledger so far. `healer`: a number of VIAS; `repair`: the entry's origin where the healer is a repair. */
  bornCopies(cause: number): number;
  healedCopies(cause: number, healer: number, repair: number): number;
  /** Hints stored and not yet delivered, for a node or ANY. */
  hintsPending(node: number): number;
  /** Up to when records are folded, µs. */
  nowMicros(): number;
  /** From when a deletion that a copy of the table (or ANY) has missed may be purged; Infinity where none has. */
  resurrectionDeadline(table: number): number;
  /** Copies that took a version which is wrong and stays so; `repair`: the entry's origin. All may be ANY. */
  zombiesSpread(repair: number, table: number, node: number): number;
  /** Rows with at least one wrong copy. */
  wrongRows(): number;
  /** Integrals since the start, in row- and copy-microseconds, up to the last instant folded. */
  divergentRowMicros(): number;
  divergentCopyMicros(): number;
  wrongRowMicros(): number;
  wrongCopyMicros(): number;
}

/** A fold over trace records, moved forward piece by piece; word positions, multiples of RECORD_STRIDE. */
export interface RecordFold {
  /**
   * Takes records from `from` on and gives where it stopped: at `to`, or with `stopsAtRare` after the first instant (all
   * records of one microsecond) with a rare change. Rare is what concerns more than healthy writes: a divergent copy that
   * is not in flight, a zombie, a loss.
   */
  fold(words: Int32Array, from: number, to: number, stopsAtRare: boolean): number;
  /** Let time pass up to (not including) `micros` with no record: expiry wheels, integrals. */
  advanceTo(micros: number): void;
}
