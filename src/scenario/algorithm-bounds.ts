/** What the parameters of a foreign algorithm may be, in a scenario and in a plan. */

/** The most segments of a tree: as many as Riak's have, four times over. */
export const SEGMENTS_MAX = 1 << 22;
export const HASH_BYTES = { least: 4, most: 64 } as const;
export const PASSES_MAX = 10;
/** Ten years of 365 days, µs: far below what the clock of a run can count to. */
export const TIME_MAX_MICROS = 315_360_000_000_000;
/** Further rounds of one exchange. */
export const LOOPS_MAX = 1000;
