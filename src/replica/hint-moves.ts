/**
 * What becomes of stored hints where nodes come and go: a hint that reaches a node which replicates its row no more
 * (cassandra.e16), hints for a node that is gone, and those that a node which leaves hands to another (cassandra.e18). The
 * stores themselves, and how they are delivered otherwise: `hints.ts`.
 */
import { CAUSE, STATE, VIA } from '../data/causes.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import type { StoredHint } from './hint-store.ts';
import type { HintAddress, HintCounts, HintOptions } from './hint-types.ts';

/** A stored hint is one number: version + origin x 2^32, the origin being the entry behind it. */
export const ORIGIN_UNIT = 4294967296;

/** What this needs of the stores. */
export interface HintStores {
  readonly counts: HintCounts;
  /** Empties a store. */
  takeAll(node: number, target: number): StoredHint[];
  /** Puts a hint back that was taken from another store. */
  store(node: number, target: number, hint: StoredHint): void;
  add(hint: HintAddress, version: number, copy: number, fate: number): void;
  miss(version: number, target: number, copy: number, detail: number): void;
  tell(kind: number, node: number, target: number, hints: number): void;
  bytesOf(version: number): number;
}

export class HintMoves {
  readonly #o: HintOptions;
  readonly #stores: HintStores;

  constructor(options: HintOptions, stores: HintStores) {
    this.#o = options;
    this.#stores = stores;
  }

  /** cassandra.e16: the node is no replica of the row any more; it keeps a hint for each node that is. */
  hintCurrent(entry: number, createdMicros: number, node: number): void {
    const { versions, tables, placements, rules } = this.#o;
    rules.mark('cassandra.e16');
    const version = entry | 0;
    const base = versions.arrays.replicaBase[version];
    const table = tables[versions.arrays.table[version]];
    const origin = originOf(entry) << 8;
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (!placements.takesWrites(table, base + copy)) continue;
      const address = { coordinator: node, target: table.replicas[base + copy], createdMicros };
      this.#stores.add(address, version, copy, CAUSE.bootstrapMissed | origin);
    }
    const former = copyOf(table, base, node);
    this.#stores.miss(version, node, former, CAUSE.hintLost | (STATE.latent << 6) | origin);
  }

  /** All that is kept for a node which is no more is dropped (cassandra.e18). */
  excise(target: number, origin: number): void {
    for (let node = 0; node < this.#o.cluster.count; node += 1) this.#drop(node, target, origin);
  }

  /** All that a node keeps for others is dropped. */
  drop(node: number, origin: number): void {
    for (let target = 0; target < this.#o.cluster.count; target += 1) this.#drop(node, target, origin);
  }

  /** Everything that a node keeps for others, to be kept by another; what is for that one itself it takes at once. Gives how
   * many hints they were, and their bytes. */
  handOver(node: number, taker: number): { count: number; bytes: number } {
    const handed = { count: 0, bytes: 0 };
    for (let target = 0; target < this.#o.cluster.count; target += 1) {
      const taken = this.#stores.takeAll(node, target);
      handed.count += taken.length;
      for (const hint of taken) {
        handed.bytes += this.#stores.bytesOf(hint.entry | 0);
        if (target === taker) this.#deliver(hint, target);
        else this.#stores.store(taker, target, hint);
      }
      if (target === taker) this.#stores.tell(RECORD.hintsDelivered, node, target, taken.length);
    }
    return handed;
  }

  #deliver({ entry }: StoredHint, target: number): void {
    const { counts } = this.#stores;
    const version = entry | 0;
    counts.delivered += 1;
    counts.delivered_bytes += this.#stores.bytesOf(version);
    this.#o.writePath.messages.apply(target, version, this.#copyOf(version, target), VIA.hint);
  }

  #drop(node: number, target: number, origin: number): void {
    const taken = this.#stores.takeAll(node, target);
    this.#stores.tell(RECORD.hintsDropped, node, target, taken.length);
    const detail = CAUSE.hintLost | (STATE.latent << 6) | (origin << 8);
    for (const { entry } of taken) {
      this.#stores.counts.lost += 1;
      this.#stores.miss(entry | 0, target, this.#copyOf(entry | 0, target), detail);
    }
  }

  #copyOf(version: number, node: number): number {
    const { tables, versions } = this.#o;
    return copyOf(tables[versions.arrays.table[version]], versions.arrays.replicaBase[version], node);
  }
}

export function originOf(entry: number): number {
  return Math.floor(entry / ORIGIN_UNIT);
}

/** Place of a node among the replicas of a row. */
export function copyOf(table: TableLayout, replicaBase: number, node: number): number {
  for (let copy = 0; copy < table.copies; copy += 1) if (table.replicas[replicaBase + copy] === node) return copy;
  return 0;
}
