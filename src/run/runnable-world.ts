/**
 * What drives, observes and tells of a world need of it, whatever database it is of. Its parts beyond this are its own
 * affair: who wants them must know which world it has (`world.ts`, `point-world.ts`).
 */
import type { Rules } from '../base/rules.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { WorldParts } from '../kernel/part.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Result } from '../observe/result.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { Storage } from '../replica/storage.ts';
import type { Plan } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { NodeDevices } from './devices.ts';
import type { Faults } from './faults.ts';

/** What only the world itself can tell of a run, for the result document. */
export type WorldResult = Pick<Result, 'writes' | 'hints' | 'repairs' | 'topology' | 'probes'> & {
  /** Beside the files that there are. */
  storage: Record<string, number>;
};

export interface RunnableWorld {
  readonly plan: Plan;
  readonly batched: boolean;
  readonly numbers: PlanNumbers;
  readonly kernel: Kernel;
  readonly rules: Rules;
  readonly trace: Trace;
  readonly tables: readonly TableLayout[];
  readonly versions: Versions;
  readonly cluster: Cluster;
  readonly devices: NodeDevices;
  readonly storage: Storage;
  readonly faults: Faults;
  readonly parts: WorldParts;
  readonly endMicros: number;
  /** Hints that wait, and bytes of all that were delivered or wait. */
  readonly hints: { pendingCount(): number; pendingBytes(): number; readonly counts: { delivered_bytes: number } };
  /** Timers and entries of time 0; entries from `entryEnd` on sleep. */
  start(entryEnd?: number): void;
  save(): ReadonlyMap<string, unknown>;
  load(state: ReadonlyMap<string, unknown>): void;
}
