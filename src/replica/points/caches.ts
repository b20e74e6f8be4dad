/**
 * When what a shard has in memory becomes a file because nobody writes any more (cache-snapshot-write-cold-duration,
 * influxdb.1). A cache that is full is the storage's affair.
 */
import type { Kernel } from '../../kernel/kernel.ts';
import { EVENT } from '../event-kinds.ts';
import type { Storage } from '../storage.ts';
import type { Disks } from './disks.ts';

export interface CachesState {
  written: Float64Array;
  due: Uint8Array;
  there: Uint8Array;
}

interface CachesOptions {
  kernel: Kernel;
  storage: Storage;
  disks: Disks;
  coldMicros: number;
  nodes: number;
  tables: number;
}

export class Caches {
  readonly #disks: Disks;
  readonly #kernel: Kernel;
  readonly #storage: Storage;
  readonly #coldMicros: number;
  readonly #tables: number;
  /** By node * tables + table: when it was last written; 1 where the event that looks at it is in the queue. */
  #written: Float64Array;
  #due: Uint8Array;
  /** 1: the node has such a shard, be it empty. */
  #there: Uint8Array;

  constructor(options: CachesOptions) {
    this.#disks = options.disks;
    this.#kernel = options.kernel;
    this.#storage = options.storage;
    this.#coldMicros = options.coldMicros;
    this.#tables = options.tables;
    this.#written = new Float64Array(options.nodes * options.tables).fill(-Infinity);
    this.#due = new Uint8Array(options.nodes * options.tables);
    this.#there = new Uint8Array(options.nodes * options.tables);
  }

  written(node: number, table: number): void {
    const place = node * this.#tables + table;
    this.#written[place] = this.#kernel.now;
    this.#there[place] = 1;
    if (this.#due[place] === 1) return;
    this.#due[place] = 1;
    this.#kernel.schedule(this.#kernel.now + this.#coldMicros, EVENT.coldCache, place, 0);
  }

  /** When the shard's copy was last written; −Infinity where it never was. */
  writtenMicros(node: number, table: number): number {
    return this.#written[node * this.#tables + table];
  }

  /** A copy of it has come from another owner, however little was in it. */
  copied(node: number, table: number): void {
    this.#there[node * this.#tables + table] = 1;
  }

  exists(node: number, table: number): boolean {
    return this.#there[node * this.#tables + table] === 1;
  }

  diskLost(node: number): void {
    this.#there.fill(0, node * this.#tables, (node + 1) * this.#tables);
  }

  /** Handler. */
  look(place: number): void {
    const { now } = this.#kernel;
    const coldAt = this.#written[place] + this.#coldMicros;
    if (now < coldAt) {
      this.#kernel.schedule(coldAt, EVENT.coldCache, place, 0);
      return;
    }
    this.#due[place] = 0;
    const node = Math.floor(place / this.#tables);
    if (!this.#disks.isFull(node)) this.#storage.flushNow(node, place % this.#tables);
  }

  /** There is room again: what is in memory only becomes files. */
  diskCleared(node: number): void {
    for (let place = node * this.#tables; place < (node + 1) * this.#tables; place += 1) {
      if (this.#due[place] === 1 || this.#storage.of(node, place % this.#tables).memtable.count === 0) continue;
      this.#due[place] = 1;
      this.#kernel.schedule(this.#kernel.now, EVENT.coldCache, place, 0);
    }
  }

  save(): CachesState {
    return { written: this.#written.slice(), due: this.#due.slice(), there: this.#there.slice() };
  }

  load(state: CachesState): void {
    this.#written = state.written.slice();
    this.#due = state.due.slice();
    this.#there = state.there.slice();
  }
}
