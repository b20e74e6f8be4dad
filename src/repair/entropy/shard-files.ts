/**
 * What anti-entropy sees of the copies of a shard: their one file, whether they are idle, who owns the shard, and who reaches
 * whom. It changes nothing.
 */
import type { TableLayout } from '../../data/layout.ts';
import type { Run } from '../../data/run.ts';
import type { AntiEntropyOptions } from './options.ts';

export class ShardFiles {
  readonly #o: AntiEntropyOptions;

  constructor(options: AntiEntropyOptions) {
    this.#o = options;
  }

  reaches(node: number, next: number): boolean {
    const { cluster } = this.#o;
    return cluster.answers(node) && cluster.answers(next) && !this.isCut(node, next);
  }

  isCut(one: number, other: number): boolean {
    const { cluster } = this.#o;
    return cluster.cut[one * cluster.count + other] > 0 || cluster.cut[other * cluster.count + one] > 0;
  }

  owns(node: number, table: number): boolean {
    return this.#o.ownership.owns(table, this.#o.tables[table].replicas.indexOf(node));
  }

  /** The next owner of the list; the node itself where it is the only one. */
  nextTo({ index, replicas }: TableLayout, place: number): number {
    return replicas[this.#o.ownership.nextOwner(index, place)];
  }

  /** influxdb.6.3-idle */
  isIdle(node: number, table: number): boolean {
    if (!this.#o.compaction.isIdle(node, table)) return false;
    this.#o.rules.mark('influxdb.6.3-idle');
    return true;
  }

  /** Has the node such a shard, be it empty? */
  has(node: number, table: number): boolean {
    return this.#o.caches.exists(node, table) || !this.#isMissing(node, table);
  }

  /** Before 1.8.6 a shard without a file was taken for none, also right after it was copied. */
  lacks(node: number, table: number): boolean {
    return this.#o.settings[node].copiesEmptyAgain ? this.#isMissing(node, table) : !this.has(node, table);
  }

  /** The one file of an idle copy. */
  runOf(node: number, table: number): Run | undefined {
    return this.#o.storage.of(node, table).runs.at(0);
  }

  /** Its number; 0: there is none. */
  fileOf(node: number, table: number): number {
    return this.runOf(node, table)?.id ?? 0;
  }

  #isMissing(node: number, table: number): boolean {
    const { runs, memtable, flushes } = this.#o.storage.of(node, table);
    return runs.length === 0 && memtable.count === 0 && flushes.length === 0;
  }
}
