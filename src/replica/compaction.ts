/**
 * Size-tiered compaction and the purge of tombstones. A compaction is a job of the node's disk and its compaction
 * throttle; what it merges and purges is decided at its end, on the runs that it read (cassandra.h1). Repaired,
 * unrepaired and pending runs are never mixed (cassandra.c1).
 */
import type { Rules } from '../base/rules.ts';
import { copyIndexOf, ordinalOfSlot } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import { mergeRuns } from '../data/merge-runs.ts';
import { RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import type { Versions } from '../data/versions.ts';
import type { FluidDevices, JobCompletion } from '../device/fluid.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import { AntiCompactions, type AntiCompactionState, type AntiCompactionWork } from './anticompaction.ts';
import { EVENT } from './event-kinds.ts';
import type { RunWriter } from './run-writer.ts';
import type { NodeTable, Storage } from './storage.ts';

export interface SizeTieredSettings {
  enabled: boolean;
  minThreshold: number;
  maxThreshold: number;
  minSstableBytes: number;
  bucketLow: number;
  bucketHigh: number;
}

export interface CompactionOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  storage: Storage;
  devices: FluidDevices;
  runs: RunWriter;
  tableCount: number;
  /** By table index. */
  settings: readonly SizeTieredSettings[];
  /** Resources by node. */
  diskRead: readonly number[];
  diskWrite: readonly number[];
  throttle: readonly number[];
  concurrentCompactors: number;
  isRunning: (node: number) => boolean;
}

interface Compaction {
  id: number;
  place: number;
  runs: Run[];
  job: number;
  /** What it reads, charged when it has finished. */
  bytes: number;
}

export interface CompactionState {
  active: Compaction[];
  nextId: number;
  antiCompactions: AntiCompactionState;
  counts: { compactions: number; compacted_bytes: number; purged_tombstones: number };
}

export class CompactionManager {
  readonly counts = { compactions: 0, compacted_bytes: 0, purged_tombstones: 0 };
  /** What the runs of an incremental session of a node are by now: null while it is open, else their repairedAt. */
  outcomeOf: ((node: number, session: number) => number | null) | null = null;
  readonly #o: CompactionOptions;
  readonly antiCompactions: AntiCompactions;
  #active: Compaction[] = [];
  #nextId = 1;

  constructor(options: CompactionOptions) {
    this.#o = options;
    this.antiCompactions = new AntiCompactions(options, {
      mayPurge: (place, runs, slot, version) => this.#mayPurge(place, runs, slot, version),
      tellPurged: (place, { slots, versions }) => this.#tellPurged(place, slots, versions),
    });
  }

  /** The runs of a (node, table) changed: start what is due, as far as there are compactors. */
  consider(node: number, table: number): void {
    const { settings, isRunning, storage, tableCount } = this.#o;
    if (!isRunning(node) || !this.#hasCompactor(node)) return;
    if (this.antiCompactions.startNext(node)) {
      this.consider(node, table);
      return;
    }
    if (!settings[table].enabled) return;
    const placeIndex = node * tableCount + table;
    if (this.#markEnded(storage.of(node, table))) return;
    const taken = new Set(this.#active.filter(({ place }) => place === placeIndex).flatMap(({ runs }) => runs));
    for (const run of this.antiCompactions.heldIn(placeIndex)) taken.add(run);
    const free = storage.of(node, table).runs.filter((run) => !taken.has(run));
    const chosen = chooseBucket(free, settings[table]);
    if (chosen.length > 0) this.#start(node, placeIndex, chosen);
  }

  // ---------------------------------------------------------------- incremental repair

  /** Compactions of these runs stop, and the runs are the session's (cassandra.c5). */
  hold(node: number, table: number, runs: readonly Run[], session: number): void {
    const place = node * this.#o.tableCount + table;
    const chosen = new Set(runs);
    const stopped = this.#active.filter(
      (active) => active.place === place && active.runs.some((run) => chosen.has(run)),
    );
    for (const { job } of stopped) this.#o.devices.cancel(job);
    this.#active = this.#active.filter((active) => !stopped.includes(active));
    this.antiCompactions.hold(place, session, runs);
    if (stopped.length > 0) this.#considerAll(node);
  }

  release(node: number, session: number): void {
    this.antiCompactions.release(node, session);
    this.#considerAll(node);
  }

  heldBy(node: number, table: number, run: Run): number {
    return this.antiCompactions.heldBy(node * this.#o.tableCount + table, run);
  }

  /** Does a compaction read the run now? */
  isCompacting(node: number, table: number, run: Run): boolean {
    const place = node * this.#o.tableCount + table;
    return this.#active.some((active) => active.place === place && active.runs.includes(run));
  }

  setApart(node: number, table: number, work: AntiCompactionWork, completion: JobCompletion): void {
    this.antiCompactions.setApart(node * this.#o.tableCount + table, work, completion);
    this.consider(node, table);
  }

  /** Handler. */
  groupDone(id: number): void {
    const node = this.antiCompactions.groupDone(id);
    if (node >= 0) this.#considerAll(node);
  }

  // ---------------------------------------------------------------- compaction

  /** Compactions that the node has ahead of it by its strategy's own estimate, and those under way. */
  pendingTasks(node: number): number {
    const { settings, storage, tableCount } = this.#o;
    let pending = this.antiCompactions.running(node);
    for (const { place } of this.#active) if (Math.floor(place / tableCount) === node) pending += 1;
    for (let table = 0; table < tableCount; table += 1)
      if (settings[table].enabled) pending += estimatedTasks(storage.of(node, table).runs, settings[table]);
    return pending;
  }

  /** Handler. */
  finished(placeIndex: number, id: number): void {
    const { storage, runs, versions, tableCount } = this.#o;
    const compaction = this.#active.find((candidate) => candidate.id === id);
    if (compaction === undefined) return;
    this.#active = this.#active.filter((candidate) => candidate !== compaction);
    this.counts.compacted_bytes += compaction.bytes;
    const node = Math.floor(placeIndex / tableCount);
    const place = storage.of(node, placeIndex % tableCount);
    const merged = mergeRuns({
      versions,
      order: runs.order,
      runs: compaction.runs,
      mayPurge: (slot, version) => this.#mayPurge(place, compaction.runs, slot, version),
    });
    const first = compaction.runs[0];
    const output = runs.fromContent(node, place.table, merged, first);
    const isEmpty = output.slots.length === 0 && !output.base;
    storage.replaceRuns(node, place.table.index, compaction.runs, isEmpty ? [] : [output]);
    this.#tellPurged(place, merged.purged.slots, merged.purged.versions);
    this.#tellFinished(node, place.table, output);
    // Other tables may have waited for a compactor.
    this.#considerAll(node);
  }

  /** A run under compaction was damaged: what is left of it is what gets merged. */
  runRewritten(run: Run, by: Run): void {
    for (const { runs } of this.#active) {
      const at = runs.indexOf(run);
      if (at >= 0) runs[at] = by;
    }
    this.antiCompactions.runRewritten(run, by);
  }

  nodeEnded(node: number): void {
    const { devices, tableCount } = this.#o;
    for (const { place, job } of this.#active) if (Math.floor(place / tableCount) === node) devices.cancel(job);
    this.#active = this.#active.filter(({ place }) => Math.floor(place / tableCount) !== node);
    this.antiCompactions.nodeEnded(node);
  }

  save(): CompactionState {
    return {
      active: this.#active.map((compaction) => ({ ...compaction, runs: [...compaction.runs] })),
      nextId: this.#nextId,
      antiCompactions: this.antiCompactions.save(),
      counts: { ...this.counts },
    };
  }

  load(state: CompactionState): void {
    this.#active = state.active.map((compaction) => ({ ...compaction, runs: [...compaction.runs] }));
    this.#nextId = state.nextId;
    this.antiCompactions.load(state.antiCompactions);
    Object.assign(this.counts, state.counts);
  }

  #considerAll(node: number): void {
    for (let table = 0; table < this.#o.tableCount; table += 1) this.consider(node, table);
  }

  #hasCompactor(node: number): boolean {
    const { tableCount, concurrentCompactors } = this.#o;
    const busy = this.#active.filter(({ place }) => Math.floor(place / tableCount) === node).length;
    return busy + this.antiCompactions.running(node) < concurrentCompactors;
  }

  /** cassandra.c4: runs of sessions that have ended are marked, one session at a time; true if there was one. */
  #markEnded(place: NodeTable): boolean {
    if (this.#o.rules.isOff('cassandra.c4')) return false;
    for (const { pendingRepair } of place.runs) {
      if (pendingRepair === 0) continue;
      const repairedAt = this.outcomeOf?.(place.node, pendingRepair) ?? null;
      if (repairedAt === null) continue;
      const busy = new Set(this.#active.flatMap(({ runs }) => runs));
      const ended = place.runs.filter((run) => run.pendingRepair === pendingRepair && !busy.has(run));
      if (ended.length === 0) continue;
      this.#o.rules.mark('cassandra.c4');
      this.antiCompactions.mark(place, ended, { repairedAt, pendingRepair: 0 });
      return true;
    }
    return false;
  }

  #start(node: number, place: number, chosen: Run[]): void {
    const { kernel, trace, devices, diskRead, diskWrite, throttle, tableCount } = this.#o;
    const id = this.#nextId;
    this.#nextId += 1;
    const bytes = chosen.reduce((sum, run) => sum + run.bytes, 0);
    trace.record(kernel.now, RECORD.compactionStarted, node, 0, id, place % tableCount, chosen.length);
    const job = devices.start({
      resources: [diskRead[node], diskWrite[node], throttle[node]],
      bytes,
      completion: { kind: EVENT.compactionFinished, a: place, b: id },
    });
    this.#active.push({ id, place, runs: chosen, job, bytes });
  }

  /** cassandra.h1: older than gc_grace, and nothing older of its partition outside this compaction. */
  #mayPurge(place: NodeTable, runs: readonly Run[], slot: number, version: number): boolean {
    const { versions, kernel, rules, storage } = this.#o;
    if (rules.isOff('cassandra.h1')) return false;
    if (versions.purgeableAt(version, place.table.gcGraceMicros) >= kernel.now) return false;
    rules.mark('cassandra.h1');
    return !storage.overlapsOlder(place, slot, versions.arrays.timestamp[version], runs);
  }

  #tellPurged(place: NodeTable, slots: Int32Array, purged: Int32Array): void {
    const { kernel, trace, storage } = this.#o;
    this.counts.purged_tombstones += slots.length;
    for (let index = 0; index < slots.length; index += 1) {
      const copy = copyIndexOf(place.table, ordinalOfSlot(place.table, slots[index]), place.node);
      const held = storage.heldVersion(place.node, slots[index]);
      trace.record(kernel.now, RECORD.purged, place.node, copy, purged[index], slots[index], held);
    }
  }

  #tellFinished(node: number, table: TableLayout, output: Run): void {
    const { kernel, trace } = this.#o;
    this.counts.compactions += 1;
    trace.record(kernel.now, RECORD.compactionFinished, node, 0, output.id, table.index, output.slots.length);
  }
}

/** The bucket to compact: of similar size, of one silo, at least the minimum; the one of the smallest runs first. */
export function chooseBucket(runs: readonly Run[], settings: SizeTieredSettings): Run[] {
  let best: Run[] = [];
  for (const silo of silosOf(runs)) {
    for (const bucket of bucketsOf(silo, settings)) {
      if (bucket.length < settings.minThreshold) continue;
      if (best.length === 0 || averageBytes(bucket) < averageBytes(best)) best = bucket;
    }
  }
  const chosen = new Set(best.slice(0, settings.maxThreshold));
  // In the order in which they are live: their position is their generation.
  return runs.filter((run) => chosen.has(run));
}

/** Compactions that size-tiered buckets of these runs would take. */
function estimatedTasks(runs: readonly Run[], settings: SizeTieredSettings): number {
  let tasks = 0;
  for (const silo of silosOf(runs))
    for (const { length } of bucketsOf(silo, settings))
      if (length >= settings.minThreshold) tasks += Math.ceil(length / settings.maxThreshold);
  return tasks;
}

function silosOf(runs: readonly Run[]): Run[][] {
  const silos = new Map<number, Run[]>();
  for (const run of runs) {
    const silo = run.pendingRepair > 0 ? run.pendingRepair + 1 : run.repairedAt > 0 ? 1 : 0;
    silos.set(silo, [...(silos.get(silo) ?? []), run]);
  }
  return [...silos.values()];
}

function bucketsOf(runs: readonly Run[], settings: SizeTieredSettings): Run[][] {
  const buckets: Run[][] = [];
  const ascending = [...runs].sort((left, right) => left.bytes - right.bytes || left.id - right.id);
  for (const run of ascending) {
    const home = buckets.find((bucket) => belongs(run.bytes, averageBytes(bucket), settings));
    if (home === undefined) buckets.push([run]);
    else home.push(run);
  }
  return buckets;
}

function belongs(bytes: number, average: number, settings: SizeTieredSettings): boolean {
  const { minSstableBytes, bucketLow, bucketHigh } = settings;
  return (
    (bytes > average * bucketLow && bytes < average * bucketHigh) ||
    (bytes < minSstableBytes && average < minSstableBytes)
  );
}

function averageBytes(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.bytes, 0) / runs.length;
}
