/** The part of a plan that says how a foreign algorithm repairs: all its parameters, in base units (docs/algorithms.md). */

/** Exchanges of persistent hash trees, as Dynamo and Riak have them. */
export interface PlanAlgorithm {
  name: 'dynamo' | 'riak-aae' | 'tictac';
  /** No exchange begins from then on. */
  until_micros: number;
  /** Cells of each level of a tree from the top; each divides the next, and the last are the segments of its keys. */
  levels: number[];
  hash_bytes: number;
  /** How often each node looks for what to begin. */
  tick_micros: number;
  /** Exchanges and builds in which one node takes part at once; null: any number. */
  concurrency: number | null;
  lock_timeout_micros: number;
  /** Are the trees there when it begins? Else they are built first. */
  built: boolean;
  /** From the begin of one build of a node to that of the next; how long it rests after a million bytes. */
  build_every_micros: number;
  build_pause_micros: number;
  /** A tree that is older is made anew; null: never. */
  expiry_micros: number | null;
  /** Rest after each key. */
  key_pause_micros: number;
  /** Segments whose keys are repaired in an exchange, further rounds of it, and how many times as many these take. */
  results_max: number | null;
  loops_max: number;
  results_boost: number;
  /** How often each level is compared, and the rest between. */
  passes: number;
  pause_micros: number;
}
