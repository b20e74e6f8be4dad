/**
 * What storing, judging and delivering hints share: the stores by coordinator and target, the counts, whether a hint has
 * expired (cassandra.e17) and whether delivery is paused (e20), and what is said of a hint in the trace.
 */
import type { Rules } from '../base/rules.ts';
import { leastGcGrace, type TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from './cluster.ts';
import type { HandoffSwitches } from './handoff-switches.ts';
import { HintStore } from './hint-store.ts';
import type { HintCounts, HintDisk, HintSettings } from './hint-types.ts';
import type { Placements } from './placements.ts';
import type { Storage } from './storage.ts';
import type { WritePath } from './write-path.ts';

/** Bytes a hint takes beside its mutation: descriptor, checksums, creation time, gc_grace. */
const HINT_OVERHEAD_BYTES = 32;
/** A stored hint is one number: version + origin x 2^32, the origin being the entry behind it. */
const ORIGIN_UNIT = 4294967296;

export interface HintOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  storage: Storage;
  placements: Placements;
  writePath: WritePath;
  settings: HintSettings;
  switches: HandoffSwitches;
  /** What a slow link between two nodes leaves, bytes per second; Infinity where none is slow. */
  linkRate: (from: number, to: number) => number;
  disk: HintDisk;
}

export class HintContext {
  readonly counts: HintCounts = {
    enqueued: 0,
    delivered: 0,
    expired: 0,
    lost: 0,
    refused_window: 0,
    refused_size: 0,
    refused_off: 0,
    delivered_bytes: 0,
    aborted_pages: 0,
    repeated: 0,
    in_progress_most: 0,
  };
  readonly o: HintOptions;
  /** By coordinator * nodes + target; made when first needed. */
  stores = new Map<number, HintStore>();

  constructor(options: HintOptions) {
    this.o = options;
  }

  store(coordinator: number, target: number): HintStore {
    const pair = coordinator * this.o.cluster.count + target;
    let store = this.stores.get(pair);
    if (store === undefined) {
      store = new HintStore();
      this.stores.set(pair, store);
    }
    return store;
  }

  /** The stores of one node that there are, by target. */
  *storesOf(node: number): Generator<[target: number, store: HintStore]> {
    const { count } = this.o.cluster;
    for (let target = 0; target < count; target += 1) {
      const store = this.stores.get(node * count + target);
      if (store !== undefined) yield [target, store];
    }
  }

  bytesOf(version: number): number {
    const { storage, versions } = this.o;
    return storage.bytesOfEntry(versions.arrays.firstSlot[version], version) + HINT_OVERHEAD_BYTES;
  }

  /** cassandra.e17: its life counts from its creation. */
  isExpired(entry: number, createdMicros: number): boolean {
    const { kernel, versions, tables, rules } = this.o;
    const table = tables[versions.arrays.table[versionOf(entry)]];
    const lifeMicros = leastGcGrace(table, createdMicros);
    return !rules.isOff('cassandra.e17') && kernel.now - createdMicros >= lifeMicros;
  }

  /** nodetool pausehandoff: no dispatch begins, and one under way ends with its page. */
  isPaused(node: number): boolean {
    const { switches, rules } = this.o;
    if (!switches.isPaused(node) || rules.isOff('cassandra.e20')) return false;
    rules.mark('cassandra.e20');
    return true;
  }

  /** The target's place among the replicas of what the hint writes. */
  copyOf(version: number, target: number): number {
    const { versions, tables } = this.o;
    const { copies, replicas } = tables[versions.arrays.table[version]];
    const base = versions.arrays.replicaBase[version];
    for (let copy = 0; copy < copies; copy += 1) if (replicas[base + copy] === target) return copy;
    return 0;
  }

  miss(version: number, target: number, copy: number, detail: number): void {
    const { trace, kernel, versions, tables } = this.o;
    const { arrays } = versions;
    const stride = tables[arrays.table[version]].slotsPerRow;
    for (let row = 0; row < arrays.rowCount[version]; row += 1) {
      trace.record(kernel.now, RECORD.missed, target, copy, version, arrays.firstSlot[version] + row * stride, detail);
    }
  }

  /** How many hints that change what is pending, which observers count. */
  tell(kind: number, node: number, target: number, hints: number): void {
    if (hints > 0) this.o.trace.record(this.o.kernel.now, kind, node, 0, hints, target, 0);
  }
}

export function hintOf(version: number, origin: number): number {
  return version + origin * ORIGIN_UNIT;
}

export function versionOf(entry: number): number {
  return entry | 0;
}

export function originOf(entry: number): number {
  return Math.floor(entry / ORIGIN_UNIT);
}
