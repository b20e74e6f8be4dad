/** What repairs the tables of a plan by trees of its own; storage and the manager of repairs hear of it. */
import type { TableLayout } from '../data/layout.ts';
import { streamKey } from '../kernel/random.ts';
import type { AlgorithmEntry } from '../repair/algorithms/algorithm-entry.ts';
import { AlgorithmRuns } from '../repair/algorithms/algorithm-runs.ts';
import type { RepairHost } from '../repair/host.ts';
import type { RepairManager } from '../repair/manager.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { Storage } from '../replica/storage.ts';
import type { Plan } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';

interface WorldOfAlgorithms {
  plan: Plan;
  numbers: PlanNumbers;
  tables: readonly TableLayout[];
  cluster: Cluster;
  storage: Storage;
  host: RepairHost;
  repairs: RepairManager;
}

/** Null where no entry of the plan names a foreign algorithm. */
export function buildAlgorithms(world: WorldOfAlgorithms): AlgorithmRuns | null {
  const { host, storage, cluster, repairs } = world;
  const entries = algorithmEntries(world);
  if (entries.size === 0) return null;
  const isActing = (node: number): boolean => cluster.running[node] === 1 && cluster.paused[node] === 0;
  const algorithms = new AlgorithmRuns({ host, storage, book: repairs.book, entries, isActing });
  repairs.algorithms = algorithms;
  storage.follower = algorithms;
  return algorithms;
}

/** By index of the plan entry. */
function algorithmEntries({ plan, numbers, tables }: WorldOfAlgorithms): ReadonlyMap<number, AlgorithmEntry> {
  const found = new Map<number, AlgorithmEntry>();
  for (const entry of plan.entries) {
    if (entry.kind !== 'repair' || entry.algorithm === undefined) continue;
    const { id, options, command, algorithm: how, draws_of: drawsOf = id } = entry;
    const own = tables.filter((table) => options.tables.includes(table.id));
    const draws = streamKey(plan.seed, 'algorithm', drawsOf);
    found.set(numbers.originOf.get(id) ?? 0, { id, options, command, how, tables: own, draws });
  }
  return found;
}
