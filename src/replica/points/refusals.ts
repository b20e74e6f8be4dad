/**
 * Why an owner does not take points, whether their coordinator sends them or a queue is emptied: no room on its disk, a cache
 * at its limit (influxdb.1-cache-full), a field of another type (influxdb.2-field-type). What follows from a refusal is the
 * affair of who sent them.
 */
import type { Rules } from '../../base/rules.ts';
import { CAUSE } from '../../data/causes.ts';
import { bytesOfEntry } from '../../data/entry-bytes.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Versions } from '../../data/versions.ts';
import type { Storage } from '../storage.ts';
import type { Disks } from './disks.ts';
import type { FieldTypes } from './field-types.ts';

/** Tells a cache at its limit from a full disk where a fate says `rejectedLocally`. */
const CACHE_BIT = 1 << 6;

export interface RefusalsOptions {
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  storage: Storage;
  disks: Disks;
  types: FieldTypes;
  now: () => number;
  /** By node: bytes that the cache of one shard may hold (cache-max-memory-size); 0: no limit. */
  cacheBytesMax: readonly number[];
}

export class Refusals {
  /** Points that a full cache did not take, each time counted. */
  byCache = 0;
  readonly #o: RefusalsOptions;

  constructor(options: RefusalsOptions) {
    this.#o = options;
  }

  /** Cause | origin << 8 of a part that `target` refuses, for the fate of it; 0: it takes it. */
  of(target: number, { table, from, to }: { table: number; from: number; to: number }, writer: number): number {
    const { types, rules } = this.#o;
    const full = this.ofRoom(target, table, to - from);
    if (full !== 0) return full;
    if (!types.refuses(target, table, writer)) return 0;
    rules.mark('influxdb.2-field-type');
    return CAUSE.fieldTypeConflict;
  }

  /** The same for so many points of any type: only whether there is room. */
  ofRoom(target: number, table: number, points: number): number {
    const { disks, now, rules } = this.#o;
    if (disks.isFull(target)) return CAUSE.rejectedLocally | (disks.fullBy(target) << 8);
    if (!this.#isCacheFull(target, table, points)) return 0;
    rules.mark('influxdb.1-cache-full');
    this.byCache += points;
    return CAUSE.rejectedLocally | CACHE_BIT | (disks.slowBy(target, now()) << 8);
  }

  save(): number {
    return this.byCache;
  }

  load(byCache: number): void {
    this.byCache = byCache;
  }

  /** What is being written to a file counts until the file is whole. */
  #isCacheFull(target: number, index: number, points: number): boolean {
    const { cacheBytesMax, tables, storage, rules, versions } = this.#o;
    const limit = cacheBytesMax[target];
    if (limit === 0 || rules.isOff('influxdb.1-cache-full')) return false;
    const table = tables[index];
    const place = storage.of(target, index);
    const held = [place.memtable, ...place.flushes.map(({ memtable }) => memtable)];
    const entries = held.reduce((sum, { count }) => sum + count, points);
    if (entries * table.rowBytes <= limit) return false;
    if (versions.plain) return true;
    // Deletions weigh less than points.
    let bytes = points * table.rowBytes;
    for (const { slots, versions: own, count } of held)
      for (let at = 0; at < count; at += 1) bytes += bytesOfEntry(table, versions, slots[at], own[at]);
    return bytes > limit;
  }
}

export function isOfCache(fate: number): boolean {
  return (fate & CACHE_BIT) !== 0;
}
