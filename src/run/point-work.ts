/** Entries that are no faults, of a database of points by shards: who carries out which. */
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { ManualRepairs } from '../repair/by-hand/manual-repairs.ts';
import type { AntiEntropy } from '../repair/entropy/anti-entropy.ts';
import type { Deletes, Selection } from '../replica/points/deletes.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import type { Plan, PlanEntry, PlanPointEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { EntryWork } from './node-processes.ts';

export interface PointWorkParts {
  plan: Plan;
  kernel: Kernel;
  trace: Trace;
  numbers: PlanNumbers;
  tables: readonly TableLayout[];
  deletes: Deletes;
  entropy: AntiEntropy;
  manual: ManualRepairs;
}

export class PointWork implements EntryWork {
  readonly #o: PointWorkParts;

  constructor(parts: PointWorkParts) {
    this.#o = parts;
  }

  begins(_index: number, entry: PlanEntry, origin: number): boolean {
    const { plan, kernel, trace, numbers, tables, deletes, entropy, manual } = this.#o;
    if (entry.kind === 'repairByHand') {
      manual.begin(origin, numbers.nodeOf.get(entry.nodes[0]) ?? 0);
      return true;
    }
    if (!isOfPoints(entry)) return false;
    const node = numbers.nodeOf.get(entry.nodes[0]) ?? 0;
    const numberOf = (shard: string): number => tables.findIndex(({ id }) => id === shard);
    if (entry.kind === 'repairShards') {
      const wanted = entry.shards?.map(numberOf) ?? null;
      entropy.repair(origin, { id: entry.id, command: entry.command, node, tables: wanted });
      return true;
    }
    trace.record(kernel.now, RECORD.operationBegan, node, 0, 0, origin, 0);
    if (entry.kind === 'dropShard') deletes.dropShard(node, numberOf(entry.shard));
    else if (entry.kind === 'dropPolicy') deletes.dropPolicy(node, entry.shards.map(numberOf));
    else deletes.run(node, selectionsOf(plan, entry));
    return true;
  }

  ends(): boolean {
    return false;
  }
}

function isOfPoints(entry: PlanEntry): entry is Extract<PlanEntry, PlanPointEntry> {
  return ['deletePoints', 'repairShards', 'dropShard', 'dropPolicy'].includes(entry.kind);
}

/** What an entry deletes, by the numbers of writers; none where it deletes nothing. */
export function selectionsOf(plan: Plan, entry: PlanEntry): Selection[] {
  if (entry.kind !== 'deletePoints') return [];
  const ids = numberedIds(plan.points ?? {});
  const fromMicros = entry.from_micros ?? -Infinity;
  const untilMicros = entry.until_micros ?? Infinity;
  return entry.series.map(({ writer, from, to }) => ({
    writer: ids.indexOf(writer),
    from,
    to,
    fromMicros,
    untilMicros,
  }));
}
