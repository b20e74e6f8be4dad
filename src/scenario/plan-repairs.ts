/** The parts of a plan that say how repairs go on that nobody types: segment by segment, or by a foreign algorithm with trees
 * of its own (docs/algorithms.md). All parameters, in base units. */

/** How a repair is cut into segments, and when each may begin. */
export interface PlanSegments {
  by: 'reaper' | 'auto_repair';
  /** Into parts of the ring; or node by node, all ranges that it holds or those of which it is the first replica. */
  cut: 'ring' | 'local_ranges' | 'primary_ranges';
  /** Segments of the ring for each node; null where it is not cut so. */
  per_node: number | null;
  /** After a segment that took T its nodes rest until T / intensity has passed. Above 0, at most 1. */
  intensity: number;
  /** How often is looked for what may begin. */
  poll_micros: number;
  /** After this time a segment is ended; `timeout_grows`: times the number of the attempt. */
  timeout_micros: number;
  timeout_grows: boolean;
  /** From a failed or postponed attempt to the next. */
  retry_micros: number;
  /** Then it is given up until the next run; null: never. */
  attempts_max: number | null;
  /** A segment waits while one of its nodes has more compactions ahead; null: it does not look. */
  pending_compactions_max: number | null;
  /** Segments, of all entries of the same scheduler, at once; and runs that go on at once. */
  segments_max: number;
  runs_max: number;
  /** A new run begins by itself, each segment this long after it ended in the run before; null: it does not. */
  due_again_micros: number | null;
}

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
  /** How long any other answer is waited for, and again while somebody is at work on it; absent: ten minutes. */
  answer_timeout_micros?: number;
  /** Are the trees there when it begins? Else they are built first. */
  built: boolean;
  /** From the begin of one build of a node to that of the next; how long it rests after a million bytes. */
  build_every_micros: number;
  build_pause_micros: number;
  /** A tree that is older is made anew; null: never. */
  expiry_micros: number | null;
  /** A drawn time below this comes upon the expiry; absent: none. */
  expiry_spread_micros?: number;
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
