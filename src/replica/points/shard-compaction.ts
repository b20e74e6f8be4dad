/**
 * Full compactions of shards (influxdb.1, influxdb.6.3): when nobody has written or deleted for a while and a copy is more than
 * one file, or has deletions, all of it becomes one file, in which what was deleted is not. An imported file makes one at
 * once. Before that enough neighbours of one level become one of the next; that keeps deletions. A node has so many under
 * way at once.
 */
import type { Rules } from '../../base/rules.ts';
import type { TableLayout } from '../../data/layout.ts';
import { mergeRuns } from '../../data/merge-runs.ts';
import { RECORD } from '../../data/records.ts';
import type { Run } from '../../data/run.ts';
import type { Versions } from '../../data/versions.ts';
import type { FluidDevices } from '../../device/fluid.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import { EVENT } from '../event-kinds.ts';
import type { RunWriter } from '../run-writer.ts';
import type { Storage } from '../storage.ts';
import type { Caches } from './caches.ts';
import { Bursts, type BurstsState, type CompactionLimits } from './compaction-limits.ts';
import type { Disks } from './disks.ts';
import type { ShardEnds } from './shard-ends.ts';

export interface ShardCompactionOptions {
  kernel: Kernel;
  rules: Rules;
  trace: Trace;
  versions: Versions;
  tables: readonly TableLayout[];
  storage: Storage;
  runs: RunWriter;
  caches: Caches;
  ends: ShardEnds;
  devices: FluidDevices;
  diskRead: readonly number[];
  diskWrite: readonly number[];
  throttle: readonly number[];
  /** compact-full-write-cold-duration. */
  coldMicros: number;
  /** By node. */
  limits: readonly CompactionLimits[];
  disks: Disks;
  isRunning: (node: number) => boolean;
}

interface Active {
  id: number;
  place: number;
  /** Of the file that is made; 0: a full compaction. */
  level: number;
  runs: readonly Run[];
  job: number;
  /** Bytes that come after those of the burst; they are held to the throughput. */
  rest: number;
  isHeld: boolean;
}

/** How many files of a level make one of the next. */
const FILES_OF_LEVEL = [8, 4, 4] as const;
/** What waits for room among the node's compactions; a full one takes the place of one of a level. */
const WANTED = { level: 1, all: 2 } as const;

export interface ShardCompactionState {
  active: Active[];
  due: Uint8Array;
  wanted: Uint8Array;
  bursts: BurstsState;
  nextId: number;
  counts: { compactions: number; compacted_bytes: number };
}

export class ShardCompaction {
  readonly counts = { compactions: 0, compacted_bytes: 0 };
  readonly #o: ShardCompactionOptions;
  #active: Active[] = [];
  /** By node * tables + table, 1: the event that looks at it is in the queue. */
  #due: Uint8Array;
  /** Likewise, 1: it may begin as soon as its node has fewer under way; 2: all of it is to become one file. */
  #wanted: Uint8Array;
  readonly #bursts: Bursts;
  #nextId = 1;

  constructor(options: ShardCompactionOptions, nodes: number) {
    this.#o = options;
    this.#due = new Uint8Array(nodes * options.tables.length);
    this.#wanted = new Uint8Array(nodes * options.tables.length);
    this.#bursts = new Bursts(options.limits);
  }

  /** The files of a copy have changed. */
  consider(node: number, table: number): void {
    const place = node * this.#o.tables.length + table;
    this.#endIfVoid(node, table);
    this.#beginLevel(node, table);
    if (this.#due[place] === 1 || !this.#isWanted(node, table)) return;
    this.#due[place] = 1;
    const { kernel } = this.#o;
    kernel.schedule(Math.max(kernel.now, this.#coldAt(node, table)), EVENT.shardCompaction, place, 0);
  }

  /** Other files stand in the place of those that it reads: what comes of them is thrown away (influxdb.7-copy, influxdb.7-remove). */
  #endIfVoid(node: number, table: number): void {
    const { storage, tables } = this.#o;
    const { runs } = storage.of(node, table);
    const isVoid = (active: Active): boolean =>
      active.place === node * tables.length + table && !active.runs.every((run) => runs.includes(run));
    if (this.#breakOff(isVoid).length > 0) this.#goOn(node);
  }

  /** What they have made so far is thrown away. */
  #breakOff(isOver: (active: Active) => boolean): Active[] {
    const { devices, tables } = this.#o;
    const gone = this.#active.filter(isOver);
    for (const active of gone) {
      const { place, job } = active;
      devices.cancel(job);
      this.#over(active);
      const node = Math.floor(place / tables.length);
      this.#tell(RECORD.compactionFinished, { node, run: 0, table: place % tables.length, count: 0 });
    }
    return gone;
  }

  /** No room for what comes of them: they begin anew when there is some. */
  diskFilled(node: number): void {
    const { tables } = this.#o;
    for (const { place, level } of this.#breakOff(({ place: own }) => Math.floor(own / tables.length) === node))
      this.#wanted[place] = Math.max(this.#wanted[place], level === 0 ? WANTED.all : WANTED.level);
  }

  diskCleared(node: number): void {
    if (this.#o.isRunning(node)) this.#goOn(node);
  }

  /** Handler: has it been cold for long enough? */
  look(place: number): void {
    const { kernel, tables } = this.#o;
    const node = Math.floor(place / tables.length);
    const table = place % tables.length;
    this.#due[place] = 0;
    if (!this.#isWanted(node, table)) return;
    const at = this.#coldAt(node, table);
    if (kernel.now < at) {
      this.#due[place] = 1;
      kernel.schedule(at, EVENT.shardCompaction, place, 0);
    } else this.begin(node, table);
  }

  /** Begins at once, if there is anything to do. */
  begin(node: number, table: number): void {
    if (!this.#isWanted(node, table) || !this.#o.isRunning(node)) return;
    if (this.#mustWait(node, table, WANTED.all)) return;
    this.#start({ node, table, level: 0 }, this.#o.storage.of(node, table).runs);
  }

  /** The oldest neighbours of one level, where there are enough of them (influxdb.1-compaction). */
  #beginLevel(node: number, table: number): void {
    const { storage, isRunning, ends, rules } = this.#o;
    if (rules.isOff('influxdb.1-compaction') || !isRunning(node) || ends.isGone(table)) return;
    if (this.isUnderWay(node, table)) return;
    const { runs } = storage.of(node, table);
    for (let from = 0; from < runs.length; from += 1) {
      const { level } = runs[from];
      const wanted = FILES_OF_LEVEL[level] ?? Infinity;
      if (!runs.slice(from, from + wanted).every((run) => run.level === level) || from + wanted > runs.length) continue;
      if (this.#mustWait(node, table, WANTED.level)) return;
      rules.mark('influxdb.1-compaction');
      this.#start({ node, table, level: level + 1 }, runs.slice(from, from + wanted));
      return;
    }
  }

  #start({ node, table, level }: { node: number; table: number; level: number }, runs: readonly Run[]): void {
    const { tables, kernel } = this.#o;
    const place = node * tables.length + table;
    const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
    const id = this.#nextId;
    this.#nextId += 1;
    const free = this.#bursts.take(node, bytes, kernel.now);
    const active = { id, place, level, runs: [...runs], job: 0, rest: bytes - free, isHeld: false };
    this.#active.push(active);
    if (free > 0) this.#write(active, free);
    else this.#hold(active);
    this.#tell(RECORD.compactionStarted, { node, run: id, table, count: runs.length });
  }

  /** Handler. */
  finished(place: number, id: number): void {
    const { storage, runs, versions, tables } = this.#o;
    const active = this.#active.find((other) => other.id === id);
    if (active === undefined) return;
    if (active.rest > 0 && !active.isHeld) {
      this.#hold(active);
      return;
    }
    const node = Math.floor(place / tables.length);
    this.#over(active);
    const table = tables[place % tables.length];
    if (this.#o.ends.isGone(table.index)) {
      this.#goOn(node);
      return;
    }
    // In a full one nothing older lies anywhere, so the deletions may go with what they deleted.
    const mayPurge = (): boolean => active.level === 0;
    const merged = mergeRuns({ versions, order: runs.order, runs: active.runs, mayPurge });
    const made = runs.fromContent(node, table, merged);
    // What is whole has no more levels to go through.
    const output = { ...made, level: active.level === 0 ? FILES_OF_LEVEL.length : active.level };
    storage.replaceRuns(node, table.index, active.runs, output.slots.length > 0 ? [output] : []);
    this.counts.compactions += 1;
    this.counts.compacted_bytes += active.runs.reduce((sum, run) => sum + run.bytes, 0);
    this.#tellPurged(node, table, merged.purged);
    this.#tell(RECORD.compactionFinished, { node, run: output.id, table: table.index, count: output.slots.length });
    this.consider(node, table.index);
    this.#goOn(node);
  }

  /** As fast as the disk. */
  #write(active: Active, bytes: number): void {
    const { devices, diskRead, diskWrite, throttle, tables } = this.#o;
    const node = Math.floor(active.place / tables.length);
    const resources = [diskRead[node], diskWrite[node], ...(active.isHeld ? [throttle[node]] : [])];
    const completion = { kind: EVENT.shardCompacted, a: active.place, b: active.id };
    active.job = devices.start({ resources, bytes, completion });
  }

  /** What is left of it, as fast as compact-throughput. */
  #hold(active: Active): void {
    active.isHeld = true;
    this.#bursts.holds(Math.floor(active.place / this.#o.tables.length), 1, this.#o.kernel.now);
    this.#write(active, active.rest);
  }

  #over(active: Active): void {
    this.#active = this.#active.filter((other) => other !== active);
    if (active.isHeld) this.#bursts.holds(Math.floor(active.place / this.#o.tables.length), -1, this.#o.kernel.now);
  }

  /** Has the node as many under way as may be, or no room for another file? Then this one is remembered. */
  #mustWait(node: number, table: number, wanted: number): boolean {
    const { tables, limits, disks } = this.#o;
    const running = this.#active.filter(({ place }) => Math.floor(place / tables.length) === node).length;
    if (running < limits[node].atOnce && !disks.isFull(node)) return false;
    const place = node * tables.length + table;
    this.#wanted[place] = Math.max(this.#wanted[place], wanted);
    return true;
  }

  /** There may be room for what had to wait, in the order of its shards. */
  #goOn(node: number): void {
    const { tables } = this.#o;
    for (let table = 0; table < tables.length; table += 1) {
      const place = node * tables.length + table;
      const wanted = this.#wanted[place];
      this.#wanted[place] = 0;
      if (wanted === WANTED.all) this.begin(node, table);
      else if (wanted === WANTED.level) this.#beginLevel(node, table);
    }
  }

  isUnderWay(node: number, table: number): boolean {
    const place = node * this.#o.tables.length + table;
    return this.#active.some((active) => active.place === place);
  }

  /** One file at most, no deletions, nothing in memory, nothing under way: only then is there a digest (influxdb.6.3). */
  isIdle(node: number, table: number): boolean {
    const { runs, memtable, flushes } = this.#o.storage.of(node, table);
    return (
      memtable.count === 0 &&
      flushes.length === 0 &&
      runs.length <= 1 &&
      !runs.some(({ purgeable }) => purgeable) &&
      !this.isUnderWay(node, table)
    );
  }

  nodeEnded(node: number): void {
    const { tables, devices } = this.#o;
    for (const active of this.#active) {
      if (Math.floor(active.place / tables.length) !== node) continue;
      devices.cancel(active.job);
      this.#over(active);
    }
    this.#wanted.fill(0, node * tables.length, (node + 1) * tables.length);
  }

  nodeStarted(node: number): void {
    for (const { index } of this.#o.tables) this.consider(node, index);
  }

  save(): ShardCompactionState {
    return {
      active: this.#active.map((active) => ({ ...active, runs: [...active.runs] })),
      due: this.#due.slice(),
      wanted: this.#wanted.slice(),
      bursts: this.#bursts.save(),
      nextId: this.#nextId,
      counts: { ...this.counts },
    };
  }

  load(state: ShardCompactionState): void {
    this.#active = state.active.map((active) => ({ ...active, runs: [...active.runs] }));
    this.#due = state.due.slice();
    this.#wanted = state.wanted.slice();
    this.#bursts.load(state.bursts);
    this.#nextId = state.nextId;
    Object.assign(this.counts, state.counts);
  }

  #isWanted(node: number, table: number): boolean {
    const { runs } = this.#o.storage.of(node, table);
    if (this.#o.ends.isGone(table)) return false;
    return (runs.length > 1 || runs.some(({ purgeable }) => purgeable)) && !this.isUnderWay(node, table);
  }

  #coldAt(node: number, table: number): number {
    return this.#o.caches.writtenMicros(node, table) + this.#o.coldMicros;
  }

  /** The deletions are gone, and what they hid. */
  #tellPurged(
    node: number,
    table: TableLayout,
    { slots, versions }: { readonly slots: Int32Array; readonly versions: Int32Array },
  ): void {
    const { storage, trace, kernel } = this.#o;
    const copy = table.replicas.indexOf(node);
    const held = storage.heldVersions(node, table.index, slots);
    slots.forEach((slot, index) => {
      trace.record(kernel.now, RECORD.purged, node, copy, versions[index], slot, held[index]);
    });
  }

  #tell(kind: number, { node, run, table, count }: { node: number; run: number; table: number; count: number }): void {
    const { trace, kernel } = this.#o;
    trace.record(kernel.now, kind, node, 0, run, table, count);
  }
}
