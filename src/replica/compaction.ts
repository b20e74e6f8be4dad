/**
 * Compaction and the purge of tombstones. A compaction is a job of the node's disk and its compaction throttle, on one of
 * its compactors; what it merges and purges is decided at its end, on the runs that it read (cassandra.h1). Which runs are
 * merged is the choice of the table's strategy (compaction/strategy.ts); repaired, unrepaired and pending runs are never
 * mixed (cassandra.c1). An operator's major compaction takes all runs of a table, silo by silo.
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
import { bytesOfRuns } from './compaction/buckets.ts';
import { COMPACTION_STRATEGIES } from './compaction/registry.ts';
import { estimatedTasks, nextTask, silosOf } from './compaction/silos.ts';
import type { CompactionSettings, CompactionStrategy, CompactionTask, SiloView } from './compaction/strategy.ts';
import { EVENT } from './event-kinds.ts';
import type { RunWriter } from './run-writer.ts';
import type { NodeTable } from './node-table.ts';
import type { Storage } from './storage.ts';

/** Work that time alone makes is looked for this often. */
const TICK_MICROS = 60_000_000;
/** cassandra.g: what has expired whole is looked for this often, and not again before. */
const EXPIRED_CHECK_MICROS = 600_000_000;
/** Rule of each strategy in the ledger. */
const RULE_OF_CLASS: ReadonlyMap<string, string> = new Map([
  ['SizeTieredCompactionStrategy', 'cassandra.g-compaction'],
  ['LeveledCompactionStrategy', 'cassandra.g-lcs'],
  ['TimeWindowCompactionStrategy', 'cassandra.g-twcs'],
  ['DateTieredCompactionStrategy', 'cassandra.g-dtcs'],
  ['UnifiedCompactionStrategy', 'cassandra.g-ucs'],
]);

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
  settings: readonly CompactionSettings[];
  /** Resources by node. */
  diskRead: readonly number[];
  diskWrite: readonly number[];
  throttle: readonly number[];
  processor: readonly number[];
  concurrentCompactors: number;
  isRunning: (node: number) => boolean;
  isPaused: (node: number) => boolean;
}

interface Compaction extends CompactionTask {
  id: number;
  place: number;
  runs: Run[];
  /** 0 = waits for a compactor. */
  job: number;
  /** What it reads, charged when it has finished. */
  bytes: number;
}

/** A compaction that runs now. */
export interface CompactionView {
  id: number;
  table: number;
  /** Job of the devices. */
  job: number;
  bytes: number;
}

interface SilosAsked {
  looksForExpired?: boolean;
  but?: Compaction | null;
}

export interface CompactionState {
  active: Compaction[];
  nextId: number;
  /** By (node, table): when what has expired whole was last looked for. */
  expiredCheckedAt: number[];
  antiCompactions: AntiCompactionState;
  manual: number[];
  counts: CompactionCounts;
}

export interface CompactionCounts {
  compactions: number;
  compacted_bytes: number;
  purged_tombstones: number;
  /** Dropped whole because all in them had expired (cassandra.h2). */
  expired_sstables: number;
}

export class CompactionManager {
  readonly counts: CompactionCounts = { compactions: 0, compacted_bytes: 0, purged_tombstones: 0, expired_sstables: 0 };
  /** What the runs of an incremental session of a node are by now: null while it is open, else their repairedAt. */
  outcomeOf: ((node: number, session: number) => number | null) | null = null;
  readonly antiCompactions: AntiCompactions;
  readonly #o: CompactionOptions;
  /** By table index. */
  readonly #strategies: readonly CompactionStrategy[];
  #active: Compaction[] = [];
  #nextId = 1;
  readonly #expiredCheckedAt: number[];
  /** Places of which nothing is compacted by itself. */
  #manual = new Set<number>();

  constructor(options: CompactionOptions) {
    this.#o = options;
    this.#strategies = options.settings.map(strategyOf);
    this.#expiredCheckedAt = options.storage.nodeTables.map(() => -EXPIRED_CHECK_MICROS);
    this.antiCompactions = new AntiCompactions(options, {
      mayPurge: (place, runs, slot, version) => this.#mayPurge(place, runs, slot, version),
      tellPurged: (place, { slots, versions }) => this.#tellPurged(place, slots, versions),
    });
  }

  /** Before the first event: initial content gets its level, and what time alone makes due is looked for from now on. */
  start(): void {
    const { storage, kernel, tableCount } = this.#o;
    storage.nodeTables.forEach((place, index) => {
      const strategy = this.#strategies[index % tableCount];
      for (const run of place.runs) {
        const level = strategy.levelOfLoaded(run.bytes);
        if (level > 0) storage.markRuns(place.node, place.table.index, [run], { level });
      }
      if (strategy.isTimed) kernel.schedule(kernel.now + TICK_MICROS, EVENT.compactionTick, index, 0);
      this.consider(place.node, place.table.index);
    });
  }

  /** Handler. */
  tick(placeIndex: number): void {
    const { kernel, tableCount, isPaused } = this.#o;
    const node = Math.floor(placeIndex / tableCount);
    kernel.schedule(kernel.now + TICK_MICROS, EVENT.compactionTick, placeIndex, 0);
    if (!isPaused(node)) this.consider(node, placeIndex % tableCount);
  }

  /** The runs of a (node, table) changed: start what is due, as far as there are compactors. */
  consider(node: number, table: number): void {
    if (!this.#o.isRunning(node)) return;
    while (this.#hasCompactor(node) && this.#startOne(node, table));
  }

  /** nodetool compact: what runs now on the table ends, and all of it is merged, each silo for itself. */
  major(node: number, table: number, splitsOutput: boolean): void {
    const { isRunning, tableCount } = this.#o;
    if (!isRunning(node)) return;
    const placeIndex = node * tableCount + table;
    this.#o.rules.mark('cassandra.g-major');
    this.#stop(this.#active.filter(({ place }) => place === placeIndex));
    for (const silo of this.#silos(placeIndex))
      for (const task of this.#strategies[table].major(silo, splitsOutput)) this.#enqueue(placeIndex, task);
    this.#considerAll(node);
  }

  /** nodetool disableautocompaction and back: what the strategy chooses waits; what an operator or a repair asks for does not. */
  setAutomatic(node: number, table: number, automatic: boolean): void {
    const place = node * this.#o.tableCount + table;
    if (automatic === !this.#manual.has(place)) return;
    if (automatic) this.#manual.delete(place);
    else this.#manual.add(place);
    if (automatic) this.consider(node, table);
  }

  /** Compactions that read any of these runs end. */
  stopReading(node: number, table: number, runs: readonly Run[]): void {
    const place = node * this.#o.tableCount + table;
    this.#stop(
      this.#active.filter((active) => active.place === place && active.runs.some((run) => runs.includes(run))),
    );
  }

  /** Compactions that the node has ahead of it by its strategies' own choice, and those under way. */
  pendingTasks(node: number): number {
    let pending = 0;
    for (let table = 0; table < this.#o.tableCount; table += 1) pending += this.pendingTasksOf(node, table);
    return pending;
  }

  /** The same of one table. */
  pendingTasksOf(node: number, table: number): number {
    const { settings, tableCount } = this.#o;
    const placeIndex = node * tableCount + table;
    let pending = this.antiCompactions.runningIn(placeIndex);
    for (const { place } of this.#active) if (place === placeIndex) pending += 1;
    if (!settings[table].enabled) return pending;
    for (const silo of this.#silos(placeIndex)) pending += estimatedTasks(this.#strategies[table], silo);
    return pending;
  }

  /** Compactions of the node that have a compactor now: to look at, never to change. */
  underWay(node: number): readonly CompactionView[] {
    const running = this.#active.filter(({ place, job }) => job !== 0 && this.#nodeOf(place) === node);
    return running.map(({ id, place, job, bytes }) => ({ id, table: place % this.#o.tableCount, job, bytes }));
  }

  // ---------------------------------------------------------------- incremental repair

  /** Compactions of these runs stop, and the runs are the session's (cassandra.c5). */
  hold(node: number, table: number, runs: readonly Run[], session: number): void {
    const place = node * this.#o.tableCount + table;
    const chosen = new Set(runs);
    const stopped = this.#active.filter(
      (active) => active.place === place && active.runs.some((run) => chosen.has(run)),
    );
    this.#stop(stopped);
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

  /** The groups are of runs by their first key; how many go together is the strategy's choice (cassandra.c7), if any do (c16). */
  setApart(node: number, table: number, work: AntiCompactionWork, completion: JobCompletion): void {
    const groups = work.oneByOne ? work.groups : this.#strategies[table].groups(work.groups.flat());
    this.antiCompactions.setApart(node * this.#o.tableCount + table, { ...work, groups }, completion);
    this.consider(node, table);
  }

  /** Handler. */
  groupDone(id: number): void {
    const node = this.antiCompactions.groupDone(id);
    if (node >= 0) this.#considerAll(node);
  }

  // ---------------------------------------------------------------- compaction

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
    const [{ pendingRepair }] = compaction.runs;
    const repairedAt = compaction.runs.reduce((least, run) => Math.min(least, run.repairedAt), Infinity);
    const marks = { repairedAt, pendingRepair, level: compaction.level };
    const outputs = runs.outputs(node, place.table, merged, compaction.cut, marks);
    storage.replaceRuns(node, place.table.index, compaction.runs, outputs);
    this.#tellPurged(place, merged.purged.slots, merged.purged.versions);
    this.#tellFinished(node, place.table, outputs);
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
    this.#stop(this.#active.filter(({ place }) => this.#nodeOf(place) === node));
    this.antiCompactions.nodeEnded(node);
  }

  save(): CompactionState {
    return {
      active: this.#active.map((compaction) => ({ ...compaction, runs: [...compaction.runs] })),
      nextId: this.#nextId,
      expiredCheckedAt: [...this.#expiredCheckedAt],
      antiCompactions: this.antiCompactions.save(),
      manual: [...this.#manual],
      counts: { ...this.counts },
    };
  }

  load(state: CompactionState): void {
    this.#active = state.active.map((compaction) => ({ ...compaction, runs: [...compaction.runs] }));
    this.#nextId = state.nextId;
    state.expiredCheckedAt.forEach((micros, place) => (this.#expiredCheckedAt[place] = micros));
    this.antiCompactions.load(state.antiCompactions);
    this.#manual = new Set(state.manual);
    Object.assign(this.counts, state.counts);
  }

  // ---------------------------------------------------------------- what starts

  #considerAll(node: number): void {
    for (let table = 0; table < this.#o.tableCount; table += 1) this.consider(node, table);
  }

  #nodeOf(place: number): number {
    return Math.floor(place / this.#o.tableCount);
  }

  #hasCompactor(node: number): boolean {
    const busy = this.#active.filter(({ place, job }) => job !== 0 && this.#nodeOf(place) === node).length;
    return busy + this.antiCompactions.running(node) < this.#o.concurrentCompactors;
  }

  /** Starts or changes one thing, on a free compactor; false where there is nothing to do. */
  #startOne(node: number, table: number): boolean {
    if (this.antiCompactions.startNext(node)) return true;
    const waiting = this.#active.find(({ place, job }) => job === 0 && this.#nodeOf(place) === node);
    if (waiting !== undefined) {
      this.#start(waiting);
      return true;
    }
    const { settings, storage, tableCount } = this.#o;
    const placeIndex = node * tableCount + table;
    if (!settings[table].enabled || this.#manual.has(placeIndex)) return false;
    if (this.#markEnded(storage.of(node, table)) || this.#sendBack(placeIndex)) return true;
    const task = nextTask(
      this.#strategies[table],
      this.#silos(placeIndex, { looksForExpired: this.#looksForExpiredNow(placeIndex) }),
    );
    if (task === null) return false;
    const [first] = task.runs;
    if (task.runs.length === 1 && task.level > first.level)
      storage.markRuns(node, table, [first], { level: task.level });
    else this.#start(this.#enqueue(placeIndex, task));
    return true;
  }

  /** Is what has expired looked for with this task? If so, it counts as looked for from now on. */
  #looksForExpiredNow(placeIndex: number): boolean {
    const { now } = this.#o.kernel;
    const last = this.#expiredCheckedAt[placeIndex];
    if (last !== now && now - last < EXPIRED_CHECK_MICROS) return false;
    this.#expiredCheckedAt[placeIndex] = now;
    return true;
  }

  /** `but`: a task under way that is looked at as if it were not. */
  #silos(placeIndex: number, { looksForExpired = false, but = null }: SilosAsked = {}): SiloView[] {
    const { storage, versions, kernel, settings, rules, tableCount } = this.#o;
    const working = this.#active.filter((active) => active.place === placeIndex && active !== but);
    const { expiresBlindly, onlyPurgeRepaired } = settings[placeIndex % tableCount];
    return silosOf({
      place: storage.nodeTables[placeIndex],
      versions,
      nowMicros: kernel.now,
      held: new Set(this.antiCompactions.heldIn(placeIndex)),
      busy: new Set(working.flatMap(({ runs }) => runs)),
      expires: rules.isOff('cassandra.h1') || !looksForExpired ? 'never' : expiresBlindly ? 'blindly' : 'safely',
      onlyRepaired: onlyPurgeRepaired,
    });
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

  /** Runs that have come into a silo and cannot stay in their level begin in level 0 again. */
  #sendBack(placeIndex: number): boolean {
    const { storage, tableCount } = this.#o;
    const { node, table } = storage.nodeTables[placeIndex];
    const strategy = this.#strategies[placeIndex % tableCount];
    const misplaced = this.#silos(placeIndex).flatMap((silo) => strategy.misplaced(silo));
    if (misplaced.length > 0) storage.markRuns(node, table.index, misplaced, { level: 0 });
    return misplaced.length > 0;
  }

  /** The runs are taken from now on. */
  #enqueue(place: number, task: CompactionTask): Compaction {
    const { storage } = this.#o;
    const chosen = new Set(task.runs);
    // In the order in which they are live: their position is their generation.
    const runs = storage.nodeTables[place].runs.filter((run) => chosen.has(run));
    const compaction = { ...task, id: this.#nextId, place, runs, job: 0, bytes: 0 };
    this.#nextId += 1;
    this.#active.push(compaction);
    return compaction;
  }

  #start(compaction: Compaction): void {
    const { kernel, trace, rules, devices, diskRead, diskWrite, throttle, processor, settings, tableCount } = this.#o;
    const { id, place, runs } = compaction;
    const node = this.#nodeOf(place);
    const { className } = settings[place % tableCount];
    rules.mark(RULE_OF_CLASS.get(className) ?? 'cassandra.g-compaction');
    compaction.bytes = bytesOfRuns(runs) - this.#expiredBytes(compaction);
    trace.record(kernel.now, RECORD.compactionStarted, node, 0, id, place % tableCount, runs.length);
    compaction.job = devices.start({
      resources: [diskRead[node], diskWrite[node], throttle[node], processor[node]],
      bytes: compaction.bytes,
      completion: { kind: EVENT.compactionFinished, a: place, b: id },
    });
  }

  /** cassandra.h2: what has expired as a whole is not read. */
  #expiredBytes(compaction: Compaction): number {
    const { kernel, rules } = this.#o;
    if (!compaction.runs.some(({ expiresAt }) => expiresAt < kernel.now)) return 0;
    const expired = this.#silos(compaction.place, { looksForExpired: true, but: compaction }).flatMap((silo) =>
      silo.expired(),
    );
    const dropped = compaction.runs.filter((run) => expired.includes(run));
    if (dropped.length > 0) rules.mark('cassandra.h2');
    this.counts.expired_sstables += dropped.length;
    return bytesOfRuns(dropped);
  }

  #stop(stopped: readonly Compaction[]): void {
    for (const { job } of stopped) if (job !== 0) this.#o.devices.cancel(job);
    this.#active = this.#active.filter((active) => !stopped.includes(active));
  }

  // ---------------------------------------------------------------- purge

  /** cassandra.h1: older than gc_grace, and nothing older of its partition outside this compaction. */
  #mayPurge(place: NodeTable, runs: readonly Run[], slot: number, version: number): boolean {
    const { versions, kernel, rules, storage, settings } = this.#o;
    const { onlyPurgeRepaired, expiresBlindly } = settings[place.table.index];
    if (rules.isOff('cassandra.h1')) return false;
    if (versions.purgeableAt(version, place.table.gcGraceMicros) >= kernel.now) return false;
    if (onlyPurgeRepaired && runs.some(({ repairedAt }) => repairedAt === 0)) {
      rules.mark('cassandra.h8');
      return false;
    }
    rules.mark('cassandra.h1');
    if (expiresBlindly && runs.every(({ expiresAt }) => expiresAt < kernel.now)) return true;
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

  #tellFinished(node: number, table: TableLayout, outputs: readonly Run[]): void {
    const { kernel, trace } = this.#o;
    this.counts.compactions += 1;
    const entries = outputs.reduce((sum, { slots }) => sum + slots.length, 0);
    trace.record(kernel.now, RECORD.compactionFinished, node, 0, outputs[0]?.id ?? 0, table.index, entries);
  }
}

function strategyOf(settings: CompactionSettings): CompactionStrategy {
  const make = COMPACTION_STRATEGIES.get(settings.className);
  if (make === undefined) throw new RangeError(`there is no compaction strategy ${settings.className}`);
  return make(settings);
}
