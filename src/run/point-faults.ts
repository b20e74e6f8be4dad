/** Faults that only a database of points by shards knows: panics, full and early disks, torn queues. */
import { RECORD } from '../data/records.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Disks } from '../replica/points/disks.ts';
import type { Handoff } from '../replica/points/handoff.ts';
import type { RequestCuts } from '../replica/points/request-cuts.ts';
import type { Storage } from '../replica/storage.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { PlanEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { EntryWork } from './node-processes.ts';

export interface PointFaultParts {
  kernel: Kernel;
  trace: Trace;
  numbers: PlanNumbers;
  storage: Storage;
  cuts: RequestCuts;
  disks: Disks;
  hints: Handoff;
}

export class PointFaults implements EntryWork {
  readonly #o: PointFaultParts;

  constructor(parts: PointFaultParts) {
    this.#o = parts;
  }

  begins(index: number, entry: PlanEntry, origin: number): boolean {
    const { cuts, disks, hints } = this.#o;
    switch (entry.kind) {
      case 'panicNode':
        // Its length counts from its crash on.
        for (const node of this.#nodes(entry.nodes)) cuts.arm(node, origin);
        return true;
      case 'fillDisk':
        for (const node of this.#nodes(entry.nodes)) {
          disks.fills(node, 1, origin);
          this.#tell(RECORD.diskFilled, node, origin);
        }
        return this.#endsAfter(index, entry.for_micros);
      case 'fakeSyncs':
        for (const node of this.#nodes(entry.nodes)) this.#syncs(node, entry.lag_micros, origin);
        return this.#endsAfter(index, entry.for_micros);
      case 'tearQueues':
        for (const node of this.#nodes(entry.nodes))
          this.#tell(RECORD.queuesTorn, node, origin, hints.tearTails(node, this.#nodes(entry.targets), origin));
        return true;
      default:
        return false;
    }
  }

  ends(_index: number, entry: PlanEntry, origin: number): boolean {
    const { disks } = this.#o;
    if (entry.kind === 'fillDisk') {
      for (const node of this.#nodes(entry.nodes)) {
        disks.fills(node, -1, origin);
        this.#tell(RECORD.diskCleared, node, origin);
      }
      return true;
    }
    if (entry.kind !== 'fakeSyncs') return false;
    for (const node of this.#nodes(entry.nodes)) this.#syncs(node, 0, origin);
    return true;
  }

  #syncs(node: number, lagMicros: number, origin: number): void {
    const { disks, storage, kernel } = this.#o;
    disks.acknowledgesEarly(node, kernel.now, lagMicros);
    // A disk that turns honest has written out all that its logs hold.
    for (const place of lagMicros > 0 ? [] : storage.nodeTables)
      if (place.node === node) for (const { memtable } of [...place.flushes, place]) memtable.log.reset(memtable.count);
    this.#tell(lagMicros > 0 ? RECORD.syncsFaked : RECORD.syncsHonest, node, origin);
  }

  #endsAfter(index: number, forMicros: number | null): true {
    const { kernel } = this.#o;
    if (forMicros !== null) kernel.schedule(kernel.now + forMicros, EVENT.entryEnds, index, 0);
    return true;
  }

  #tell(kind: number, node: number, origin: number, count = 0): void {
    const { trace, kernel } = this.#o;
    trace.record(kernel.now, kind, node, 0, origin, count, 0);
  }

  #nodes(ids: readonly string[]): number[] {
    return ids.map((id) => this.#o.numbers.nodeOf.get(id) ?? 0);
  }
}
