/**
 * The anti-entropy service (influxdb.6): every data node compares its idle shards with the next owner's, copies shards that
 * the next owner lacks where it is told to, and flags those that differ. What an operator then asks for, and how shards are
 * passed round their owners, is `shard-repairs.ts`; digests are made and fetched by `digest-exchanges.ts`.
 */
import type { TableLayout } from '../../data/layout.ts';
import { EVENT } from '../../replica/event-kinds.ts';
import { LedgerBook, type LedgerState } from '../ledger.ts';
import { digestOf, missingIn } from './digest.ts';
import { DigestExchanges, type DigestExchange, type DigestExchangesState } from './digest-exchanges.ts';
import type { EntropyTelling } from './entropy-telling.ts';
import type { AntiEntropyOptions } from './options.ts';
import { ShardFiles } from './shard-files.ts';
import { ShardRepairs, type ShardRepairsState } from './shard-repairs.ts';

/** Of a node's copy with the next owner's. */
interface Comparison {
  node: number;
  place: number;
  table: number;
  /** Digests that are brought together; 0: it waits for its turn. */
  exchange: number;
}

type Counts = DigestExchanges['counts'] & ShardRepairs['counts'];

export interface AntiEntropyState {
  repairs: ShardRepairsState;
  digests: DigestExchangesState;
  flagged: number[];
  seen: [place: number, runs: string][];
  ledger: LedgerState;
  checks: number;
  counts: Counts;
  comparisons: Comparison[];
}

export class AntiEntropy {
  readonly ledger: LedgerBook;
  readonly repairs: ShardRepairs;
  readonly digests: DigestExchanges;
  /** Cycles of checks. */
  checks = 0;
  readonly #o: AntiEntropyOptions;
  readonly #files: ShardFiles;
  #comparisons: Comparison[] = [];
  /** node * tables + table of copies that differ from the next owner's, as the node's last check saw it. */
  #flagged = new Set<number>();
  /** Files of both copies when they were last compared. */
  #seen = new Map<number, string>();

  constructor(options: AntiEntropyOptions) {
    this.#o = options;
    this.ledger = new LedgerBook(options.tables);
    this.#files = new ShardFiles(options);
    const { ledger } = this;
    const files = this.#files;
    this.digests = new DigestExchanges(options, files, ledger);
    this.repairs = new ShardRepairs(options, { files, digests: this.digests, ledger });
    this.digests.onEnded = (exchange, isVoid) => {
      if (!this.repairs.exchanged(exchange, isVoid)) this.#compared(exchange, isVoid);
    };
  }

  /** For who looks on. */
  get telling(): EntropyTelling {
    return this.digests.telling;
  }

  get counts(): Counts {
    return { ...this.digests.counts, ...this.repairs.counts };
  }

  start(node: number): void {
    const { kernel, cluster, settings } = this.#o;
    const { enabled, checkMicros } = settings[node];
    if (enabled) kernel.schedule(kernel.now + checkMicros, EVENT.entropyCheck, node, cluster.incarnation[node]);
  }

  /** Tables whose copies a node has flagged as different. */
  flaggedTables(): number[] {
    const { tables, ends } = this.#o;
    const counts = (place: number): boolean => {
      const table = place % tables.length;
      return !ends.isGone(table) && this.#files.owns(Math.floor(place / tables.length), table);
    };
    const flagged = [...this.#flagged].filter(counts).map((place) => place % tables.length);
    return [...new Set(flagged)].sort((left, right) => left - right);
  }

  /** An operator asks for a repair of these shards; null: of all that are flagged. */
  repair(
    origin: number,
    { tables, ...asked }: { id: string; command: string; node: number; tables: readonly number[] | null },
  ): void {
    this.repairs.repair(origin, { ...asked, tables: tables ?? this.flaggedTables() });
  }

  /** Handler: a node's check is due. */
  check(node: number, incarnation: number): void {
    const { kernel, cluster, tables, settings, rules } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    kernel.schedule(kernel.now + settings[node].checkMicros, EVENT.entropyCheck, node, incarnation);
    if (cluster.paused[node] === 1) return;
    rules.mark('influxdb.6.2-check');
    this.checks += 1;
    for (const table of tables)
      if (this.#files.owns(node, table.index) && !this.#o.ends.isGone(table.index)) this.#compare(table, node);
  }

  /** With the next owner of the list; hot shards are skipped. */
  #compare(table: TableLayout, node: number): void {
    const { settings } = this.#o;
    const files = this.#files;
    const place = table.replicas.indexOf(node);
    const next = files.nextTo(table, place);
    const flag = node * this.#o.tables.length + table.index;
    if (next === node) {
      this.#flagged.delete(flag);
      return;
    }
    if (!files.reaches(node, next) || !files.isIdle(node, table.index)) return;
    if (files.lacks(next, table.index)) {
      if (files.has(node, table.index) && settings[node].repairsMissing) this.repairs.copyMissing(table.index, place);
      return;
    }
    if (!settings[node].comparesContent || !files.isIdle(next, table.index)) return;
    if (this.#seen.get(flag) === this.#filesOf(node, next, table.index)) return;
    if (this.#comparisons.some((other) => other.node === node && other.table === table.index)) return;
    this.#comparisons.push({ node, place, table: table.index, exchange: 0 });
    this.#goOn(node);
  }

  /** As many comparisons of the node as it may have at once. */
  #goOn(node: number): void {
    const { tables, settings } = this.#o;
    const own = this.#comparisons.filter((comparison) => comparison.node === node);
    for (const comparison of own.slice(0, settings[node].maxSync)) {
      if (comparison.exchange !== 0) continue;
      const { place, table } = comparison;
      const next = this.#files.nextTo(tables[table], place);
      comparison.exchange = next === node ? 0 : this.digests.begin({ node, next, table, origin: 0 });
      if (comparison.exchange === 0) this.#forget(comparison);
    }
  }

  #forget(comparison: Comparison): void {
    this.#comparisons = this.#comparisons.filter((other) => other !== comparison);
    this.#goOn(comparison.node);
  }

  #compared({ id, node, next, table }: DigestExchange, isVoid: boolean): void {
    const comparison = this.#comparisons.find(({ exchange }) => exchange === id);
    if (comparison === undefined) return;
    if (!isVoid) this.#judge(node, next, this.#o.tables[table]);
    this.#forget(comparison);
  }

  #judge(node: number, next: number, table: TableLayout): void {
    const flag = node * this.#o.tables.length + table.index;
    this.#seen.set(flag, this.#filesOf(node, next, table.index));
    const own = digestOf(table, this.#files.runOf(node, table.index));
    const other = digestOf(table, this.#files.runOf(next, table.index));
    const [here, there] = [missingIn(own, other).length, missingIn(other, own).length];
    const differs = here > 0 || there > 0;
    this.telling.compared(table.index, { node, other: next, here, there });
    if (differs) this.#flagged.add(flag);
    else this.#flagged.delete(flag);
  }

  #filesOf(node: number, next: number, table: number): string {
    return `${this.#files.fileOf(node, table)} ${this.#files.fileOf(next, table)}`;
  }

  /** The process of a node ends: what it has under way is void, and what it knew is gone. */
  nodeEnded(node: number): void {
    const { tables } = this.#o;
    const isOf = (place: number): boolean => Math.floor(place / tables.length) === node;
    this.repairs.nodeEnded(node);
    this.digests.nodeEnded(node);
    for (const { exchange } of this.#comparisons.filter((other) => other.node === node)) this.digests.cancel(exchange);
    this.#comparisons = this.#comparisons.filter((comparison) => comparison.node !== node);
    for (const place of [...this.#flagged]) if (isOf(place)) this.#flagged.delete(place);
    for (const place of [...this.#seen.keys()]) if (isOf(place)) this.#seen.delete(place);
  }

  /** What is sent over a way that is cut is void. */
  reachChanged(): void {
    this.repairs.reachChanged();
    this.digests.reachChanged();
  }

  diskFilled(node: number): void {
    this.repairs.diskFilled(node);
    this.digests.diskFilled(node);
  }

  /** The shard is in the metadata no more (influxdb.6.1). */
  shardEnded(table: number): void {
    this.repairs.shardEnded(table);
    this.digests.shardEnded(table);
  }

  save(): AntiEntropyState {
    return {
      repairs: this.repairs.save(),
      digests: this.digests.save(),
      flagged: [...this.#flagged],
      seen: [...this.#seen],
      ledger: this.ledger.save(),
      checks: this.checks,
      counts: this.counts,
      comparisons: this.#comparisons.map((comparison) => ({ ...comparison })),
    };
  }

  load(state: AntiEntropyState): void {
    this.repairs.load(state.repairs);
    this.digests.load(state.digests);
    this.#flagged = new Set(state.flagged);
    this.#seen = new Map(state.seen);
    this.ledger.load(state.ledger);
    this.checks = state.checks;
    const { digests_made, digest_bytes, shards_copied, empty_shards_copied } = state.counts;
    Object.assign(this.digests.counts, { digests_made, digest_bytes });
    Object.assign(this.repairs.counts, { shards_copied, empty_shards_copied });
    this.#comparisons = state.comparisons.map((comparison) => ({ ...comparison }));
  }
}
