/** Entries that are no faults, of a cluster with tables, repairs and a ring: who carries out which. */
import type { TableLayout } from '../data/layout.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RepairRounds } from '../repair/rounds.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { CompactionManager } from '../replica/compaction.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { Storage } from '../replica/storage.ts';
import { isOperationEntry, isTopologyEntry } from '../scenario/entry-kinds.ts';
import type { PlanEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { EntryWork } from './node-processes.ts';
import type { Operations } from './operations.ts';
import type { Topology } from './topology.ts';

export interface ReplicaWorkOptions {
  kernel: Kernel;
  tables: readonly TableLayout[];
  numbers: PlanNumbers;
  cluster: Cluster;
  storage: Storage;
  compaction: CompactionManager;
  operations: Operations;
  rounds: RepairRounds;
  /** Nobody repeats an operation from then on, µs. */
  operateUntil: number;
}

export class ReplicaWork implements EntryWork {
  /** Set by whoever builds the world. */
  topology: Topology | null = null;
  readonly #o: ReplicaWorkOptions;

  constructor(options: ReplicaWorkOptions) {
    this.#o = options;
  }

  begins(index: number, entry: PlanEntry, origin: number): boolean {
    const { operations, rounds, kernel } = this.#o;
    if (isTopologyEntry(entry)) this.topology?.begin(index);
    else if (isOperationEntry(entry)) {
      operations.starts(index, entry, origin);
      if ('for_micros' in entry && entry.for_micros !== null)
        kernel.schedule(kernel.now + entry.for_micros, EVENT.entryEnds, index, 0);
    } else if (entry.kind === 'compactTables' || entry.kind === 'flushTables') this.#operate(index, entry);
    else if (entry.kind === 'repair') rounds.begin(origin);
    else return false;
    return true;
  }

  ends(index: number, entry: PlanEntry, origin: number): boolean {
    if (!isOperationEntry(entry)) return false;
    this.#o.operations.ends(index, entry, origin);
    return true;
  }

  /** What an operator runs on a node that is down does nothing. */
  #operate(index: number, entry: Extract<PlanEntry, { kind: 'compactTables' | 'flushTables' }>): void {
    const { kernel, compaction, storage, cluster, tables, numbers, operateUntil } = this.#o;
    for (const id of entry.nodes) {
      const node = numbers.nodeOf.get(id) ?? 0;
      if (cluster.running[node] === 0 || cluster.paused[node] === 1) continue;
      for (const { id: name, index: table } of tables) {
        if (!entry.tables.includes(name)) continue;
        if (entry.kind === 'compactTables') compaction.major(node, table, entry.split_output);
        else storage.flushNow(node, table);
      }
    }
    const again = entry.every_micros === null ? Infinity : kernel.now + entry.every_micros;
    if (again < operateUntil) kernel.schedule(again, EVENT.entryStarts, index, 0);
  }
}
