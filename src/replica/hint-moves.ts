/**
 * What becomes of a hint that arrives (cassandra.e17), also at a node which replicates its row no more (e16); and of stored
 * hints where nodes come and go: hints for a node that is gone, and those that a node which leaves hands to another (cassandra.e18).
 */
import { CAUSE, STATE, VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { originOf, versionOf, type HintContext } from './hint-context.ts';
import type { HintStore, StoredHint } from './hint-store.ts';
import type { HintAddress } from './hint-types.ts';

/** What this needs of `hints.ts`. */
export interface HintKeeping {
  /** A new hint, told in the trace. */
  add(hint: HintAddress, version: number, copy: number, fate: number): void;
  /** A hint that is known already, in another store. */
  put(hint: HintAddress, entry: number): void;
  giveUp(node: number, target: number, store: HintStore): void;
  forget(lost: readonly number[], of: { node: number; target: number; origin: number }): void;
}

export class HintMoves {
  /** Is told of hints that were written anew, for whoever replicates the row now. */
  rehinted: (count: number) => void = () => undefined;
  readonly #context: HintContext;
  readonly #keeping: HintKeeping;

  constructor(context: HintContext, keeping: HintKeeping) {
    this.#context = context;
    this.#keeping = keeping;
  }

  /** A hint of the node's has reached its target, which applies it, or not: it has expired (cassandra.e17), or is not its. */
  arrived({ entry, created }: Pick<StoredHint, 'entry' | 'created'>, node: number, target: number): void {
    const context = this.#context;
    const { kernel, rules, writePath, trace } = context.o;
    const version = versionOf(entry);
    const copy = context.copyOf(version, target);
    if (context.isExpired(entry, created)) {
      rules.mark('cassandra.e17');
      context.counts.expired += 1;
      trace.record(kernel.now, RECORD.hintExpired, node, copy, version, target, 0);
      context.miss(version, target, copy, CAUSE.hintExpired | (STATE.latent << 6) | (originOf(entry) << 8));
      return;
    }
    context.counts.delivered += 1;
    context.counts.delivered_bytes += context.bytesOf(version);
    if (this.#isStillReplica(version, copy)) writePath.messages.apply(target, version, copy, VIA.hint);
    else this.#hintCurrent(entry, created, target);
  }

  /** Does the receiver of a hint apply it? Before 3.0 it does so whatever it replicates (cassandra.e16). */
  #isStillReplica(version: number, copy: number): boolean {
    const { versions, tables, placements, rules, settings } = this.#context.o;
    if (placements.isPlain || settings.store === 'table' || rules.isOff('cassandra.e16')) return true;
    const table = tables[versions.arrays.table[version]];
    return placements.takesWrites(table, versions.arrays.replicaBase[version] + copy);
  }

  /** cassandra.e16: the node is no replica of the row any more; it keeps a hint for each node that is. */
  #hintCurrent(entry: number, createdMicros: number, node: number): void {
    const { versions, tables, placements, rules } = this.#context.o;
    rules.mark('cassandra.e16');
    const version = versionOf(entry);
    const base = versions.arrays.replicaBase[version];
    const table = tables[versions.arrays.table[version]];
    const origin = originOf(entry) << 8;
    let count = 0;
    for (let copy = 0; copy < table.copies; copy += 1) {
      if (!placements.takesWrites(table, base + copy)) continue;
      const address = { coordinator: node, target: table.replicas[base + copy], createdMicros };
      this.#keeping.add(address, version, copy, CAUSE.bootstrapMissed | origin);
      count += 1;
    }
    this.rehinted(count);
    const former = this.#context.copyOf(version, node);
    this.#context.miss(version, node, former, CAUSE.hintLost | (STATE.latent << 6) | origin);
  }

  /** All that is kept for a node which is no more is dropped (cassandra.e18). Gives how many hints they were. */
  excise(target: number, origin: number): number {
    let count = 0;
    for (let node = 0; node < this.#context.o.cluster.count; node += 1) count += this.#drop(node, target, origin);
    return count;
  }

  /** All that a node keeps for others is dropped. Gives how many hints they were. */
  drop(node: number, origin: number): number {
    let count = 0;
    for (let target = 0; target < this.#context.o.cluster.count; target += 1) count += this.#drop(node, target, origin);
    return count;
  }

  /** Everything that a node keeps for others, to be kept by another; what is for that one itself it takes at once. Gives how
   * many hints they were, and their bytes. */
  handOver(node: number, taker: number): { count: number; bytes: number } {
    const context = this.#context;
    const handed = { count: 0, bytes: 0 };
    for (let target = 0; target < context.o.cluster.count; target += 1) {
      const taken = this.#takeAll(node, target);
      handed.count += taken.length;
      for (const { entry, created } of taken) {
        handed.bytes += context.bytesOf(versionOf(entry));
        if (target === taker) this.arrived({ entry, created }, node, target);
        else this.#keeping.put({ coordinator: taker, target, createdMicros: created }, entry);
      }
      if (target === taker) context.tell(RECORD.hintsDelivered, node, target, taken.length);
    }
    return handed;
  }

  #drop(node: number, target: number, origin: number): number {
    const lost = this.#takeAll(node, target).map(({ entry }) => entry);
    this.#keeping.forget(lost, { node, target, origin });
    return lost.length;
  }

  /** What waits in a store, oldest first; the store is gone, and so is its dispatch. */
  #takeAll(node: number, target: number): StoredHint[] {
    const { stores, o } = this.#context;
    const pair = node * o.cluster.count + target;
    const store = stores.get(pair);
    if (store === undefined) return [];
    this.#keeping.giveUp(node, target, store);
    stores.delete(pair);
    return store.all();
  }
}
