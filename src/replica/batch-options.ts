/** What batches and their replays work on. */
import type { Rules } from '../base/rules.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from './cluster.ts';
import type { Hints } from './hints.ts';
import type { Placements } from './placements.ts';
import type { Workload } from './workload.ts';
import type { WritePath } from './write-path.ts';

export interface BatchOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  placements: Placements;
  writePath: WritePath;
  hints: Hints;
  workloads: readonly Workload[];
  writeTimeoutMicros: number;
  /** batchlog_replay_throttle over the number of nodes; Infinity = none. */
  replayBytesPerSecond: number;
}
