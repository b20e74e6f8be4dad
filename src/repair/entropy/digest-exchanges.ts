/**
 * Digests of two owners' copies of a shard brought together (influxdb.6.2, influxdb.6.4): each node makes its own where none of
 * its present file is at hand, which takes disk and processor, and the next owner's is fetched over the network. Checks and
 * repairs alike wait for this; what they do then is their own affair.
 */
import { EVENT } from '../../replica/event-kinds.ts';
import type { LedgerBook } from '../ledger.ts';
import { sizeOf } from './digest.ts';
import { EntropyTelling } from './entropy-telling.ts';
import type { DigestStep } from '../../data/entropy-step.ts';
import type { AntiEntropyOptions } from './options.ts';
import type { ShardFiles } from './shard-files.ts';

export interface DigestExchange {
  id: number;
  node: number;
  next: number;
  table: number;
  /** Entry that pays for digests; 0: a check. */
  origin: number;
  /** Transfer of the next owner's digest; 0: it has not begun. */
  job: number;
}

/** A digest that is being made. */
interface Making {
  /** node * tables + table. */
  place: number;
  file: number;
  job: number;
  /** The file is read; its ranges are worked out. */
  isRead: boolean;
}

export interface DigestExchangesState {
  exchanges: DigestExchange[];
  making: Making[];
  atHand: [place: number, file: number][];
  nextId: number;
}

/** What one range costs beside its bytes, as bytes of the processor: a digest is worked out range by range (influxdb.6.4). */
const RANGE_WORK_BYTES = 4096;
/** One digest has one thread: bytes a second where the processor has no limit. */
const THREAD_RATE = 100_000_000;

export class DigestExchanges {
  readonly telling: EntropyTelling;
  readonly counts = { digests_made: 0, digest_bytes: 0 };
  /** Told when the digests are there, or cannot be had. */
  onEnded: (exchange: DigestExchange, isVoid: boolean) => void = () => undefined;
  readonly #o: AntiEntropyOptions;
  readonly #files: ShardFiles;
  readonly #ledger: LedgerBook;
  #exchanges: DigestExchange[] = [];
  #making: Making[] = [];
  /** File of which a digest is at hand, by node * tables + table. */
  #atHand = new Map<number, number>();
  #nextId = 1;

  constructor(options: AntiEntropyOptions, files: ShardFiles, ledger: LedgerBook) {
    this.#o = options;
    this.telling = new EntropyTelling(options.kernel, options.tables);
    this.#files = files;
    this.#ledger = ledger;
  }

  /** Gives its number; it ends in a later event, but for one that cannot even begin: 0. */
  begin(asked: Omit<DigestExchange, 'id' | 'job'>): number {
    const exchange = { ...asked, id: this.#nextId, job: 0 };
    if (this.#isVoid(exchange)) return 0;
    this.#nextId += 1;
    this.#exchanges.push(exchange);
    this.#goOn(exchange);
    return exchange.id;
  }

  /** Handler: of this file the bytes are read, or the ranges worked out. */
  digested(place: number, file: number): void {
    const making = this.#making.find((other) => other.place === place);
    if (making?.file !== file) return;
    if (!making.isRead) {
      this.#workOut(making);
      return;
    }
    this.#making = this.#making.filter((other) => other !== making);
    this.#tellDigest('digestMade', place);
    this.#atHand.set(place, file);
    this.#goOnAll();
  }

  /** Handler: the next owner's digest has come. */
  fetched(id: number): void {
    const exchange = this.#exchanges.find((other) => other.id === id);
    if (exchange === undefined || exchange.job === 0) return;
    exchange.job = 0;
    this.telling.fetch('fetchEnded', exchange, 0);
    this.#end(exchange, this.#isVoid(exchange) || this.#wanting(exchange) !== undefined);
  }

  cancel(id: number): void {
    const exchange = this.#exchanges.find((other) => other.id === id);
    if (exchange === undefined) return;
    this.#exchanges = this.#exchanges.filter((other) => other !== exchange);
    if (exchange.job !== 0) this.#o.devices.cancel(exchange.job);
  }

  nodeEnded(node: number): void {
    this.#stopMaking(({ place }) => Math.floor(place / this.#o.tables.length) === node);
    this.#endWhere((exchange) => exchange.node === node || exchange.next === node);
  }

  /** The disk has no room: no digest is written. */
  diskFilled(node: number): void {
    this.#stopMaking(({ place }) => Math.floor(place / this.#o.tables.length) === node);
    this.#endWhere((exchange) => this.#isVoid(exchange));
  }

  reachChanged(): void {
    this.#endWhere((exchange) => this.#isVoid(exchange));
  }

  shardEnded(table: number): void {
    this.#stopMaking(({ place }) => place % this.#o.tables.length === table);
    this.#endWhere((exchange) => exchange.table === table);
  }

  save(): DigestExchangesState {
    return {
      exchanges: this.#exchanges.map((exchange) => ({ ...exchange })),
      making: this.#making.map((making) => ({ ...making })),
      atHand: [...this.#atHand],
      nextId: this.#nextId,
    };
  }

  load({ exchanges, making, atHand, nextId }: DigestExchangesState): void {
    this.#exchanges = exchanges.map((exchange) => ({ ...exchange }));
    this.#making = making.map((one) => ({ ...one }));
    this.#atHand = new Map(atHand);
    this.#nextId = nextId;
  }

  #goOn(exchange: DigestExchange): void {
    const { devices, linkOut, linkIn, pipes, tables, keyBytes } = this.#o;
    if (exchange.job !== 0) return;
    const { node, next, table } = exchange;
    const wanting = this.#wanting(exchange);
    if (wanting !== undefined) {
      this.#make(wanting, exchange);
      return;
    }
    const { bytes } = sizeOf(tables[table], this.#files.runOf(next, table), keyBytes[table]);
    const resources = [linkOut[next], linkIn[node], ...pipes(next, node)];
    exchange.job = devices.start({
      resources,
      bytes,
      completion: { kind: EVENT.entropyFetched, a: exchange.id, b: 0 },
    });
    this.telling.fetch('fetchStarted', exchange, bytes);
    if (exchange.origin > 0) this.#ledger.of(exchange.origin).tree_bytes += bytes;
  }

  #goOnAll(): void {
    for (const exchange of this.#exchanges.filter(({ job }) => job === 0)) {
      if (this.#isVoid(exchange)) this.#end(exchange, true);
      else this.#goOn(exchange);
    }
  }

  /** Of the two the first that has no digest of its present file. */
  #wanting({ node, next, table }: DigestExchange): number | undefined {
    return [node, next].find((owner) => {
      const file = this.#files.fileOf(owner, table);
      return file !== 0 && this.#atHand.get(owner * this.#o.tables.length + table) !== file;
    });
  }

  /** Reads the whole file. Whoever asked for it first has it made, and pays. */
  #make(node: number, { table, origin }: DigestExchange): void {
    const { tables, devices, diskRead, processor, rules } = this.#o;
    const place = node * tables.length + table;
    const run = this.#files.runOf(node, table);
    if (run === undefined || this.#making.some((other) => other.place === place)) return;
    rules.mark('influxdb.6.4-digest');
    this.counts.digests_made += 1;
    this.counts.digest_bytes += run.bytes;
    if (origin > 0) {
      const ledger = this.#ledger.of(origin);
      ledger.trees += 1;
      ledger.read_bytes += run.bytes;
    }
    const completion = { kind: EVENT.entropyDigest, a: place, b: run.id };
    const job = devices.start({ resources: [diskRead[node], processor[node]], bytes: run.bytes, completion });
    this.#making.push({ place, file: run.id, job, isRead: false });
    this.#tellDigest('digestStarted', place);
  }

  #tellDigest(kind: DigestStep['kind'], place: number): void {
    const count = this.#o.tables.length;
    const [node, table] = [Math.floor(place / count), place % count];
    this.telling.digest(kind, { node, table, bytes: this.#files.runOf(node, table)?.bytes ?? 0 });
  }

  #workOut(making: Making): void {
    const { tables, devices, processor, keyBytes } = this.#o;
    const { place, file } = making;
    const node = Math.floor(place / tables.length);
    const table = tables[place % tables.length];
    const { ranges } = sizeOf(table, this.#files.runOf(node, table.index), keyBytes[table.index]);
    making.isRead = true;
    making.job = devices.start({
      resources: [processor[node]],
      bytes: ranges * RANGE_WORK_BYTES,
      cap: THREAD_RATE,
      completion: { kind: EVENT.entropyDigest, a: place, b: file },
    });
  }

  /** They do not reach each other, one of them is no owner any more, or one is not idle, or can write no digest. */
  #isVoid(exchange: DigestExchange): boolean {
    const { node, next, table } = exchange;
    const files = this.#files;
    if (this.#o.ends.isGone(table) || !files.reaches(node, next)) return true;
    if (![node, next].every((owner) => files.owns(owner, table) && files.isIdle(owner, table))) return true;
    const wanting = this.#wanting(exchange);
    return wanting !== undefined && this.#o.disks.isFull(wanting);
  }

  #endWhere(isOver: (exchange: DigestExchange) => boolean): void {
    for (const exchange of this.#exchanges.filter(isOver)) this.#end(exchange, true);
    // Whoever waited for a digest that somebody else had made asks for it again.
    this.#goOnAll();
  }

  #end(exchange: DigestExchange, isVoid: boolean): void {
    if (!this.#exchanges.includes(exchange)) return;
    this.cancel(exchange.id);
    this.onEnded(exchange, isVoid);
  }

  #stopMaking(isOver: (making: Making) => boolean): void {
    for (const { job } of this.#making.filter(isOver)) this.#o.devices.cancel(job);
    this.#making = this.#making.filter((making) => !isOver(making));
  }
}
