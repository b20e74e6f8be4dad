/**
 * Setting runs apart for an incremental repair (cassandra.c5-c8): runs are held for a session so that no compaction takes
 * them; then, on one of the node's compactors, whole runs are marked and the others are rewritten group by group, as a
 * part of the session and a rest. Which runs, and what becomes of the session, is repair's business.
 */
import type { OrdinalInterval } from '../data/build-layout.ts';
import { mergeRuns } from '../data/merge-runs.ts';
import { RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import type { Entries } from '../data/runs.ts';
import type { Versions } from '../data/versions.ts';
import type { FluidDevices, JobCompletion } from '../device/fluid.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import { EVENT } from './event-kinds.ts';
import type { RunMarks, RunWriter } from './run-writer.ts';
import type { NodeTable } from './node-table.ts';
import type { Storage } from './storage.ts';

export interface AntiCompactionOptions {
  kernel: Kernel;
  trace: Trace;
  versions: Versions;
  storage: Storage;
  devices: FluidDevices;
  runs: RunWriter;
  tableCount: number;
  /** Resources by node. */
  diskRead: readonly number[];
  diskWrite: readonly number[];
  throttle: readonly number[];
  processor: readonly number[];
}

export interface AntiCompactionWork {
  session: number;
  whole: readonly Run[];
  groups: readonly (readonly Run[])[];
  /** Partitions of the session's ranges: ascending, without overlap. */
  intervals: readonly OrdinalInterval[];
  /** What runs within the ranges say of themselves afterwards. */
  marks: RunMarks;
  /** Each group as it is, whatever the compaction strategy would put together. */
  oneByOne?: boolean;
}

/** Runs of one table of one node in the hands of one session. */
interface Silo {
  id: number;
  place: number;
  session: number;
  /** Held, not yet set apart; the group that is being rewritten first. */
  whole: Run[];
  groups: Run[][];
  intervals: readonly OrdinalInterval[];
  marks: RunMarks;
  completion: JobCompletion | null;
  isRunning: boolean;
  job: number;
}

export interface AntiCompactionView {
  id: number;
  table: number;
  session: number;
  /** What has yet to be rewritten; the first is under way. */
  groups: readonly (readonly Run[])[];
  /** Job of the devices; 0 = none. */
  job: number;
}

/** What was done for a session: runs that were only marked, or runs rewritten and their bytes. */
export interface SetApart {
  marked: number;
  rewritten: number;
  bytes: number;
}

export interface AntiCompactionState {
  silos: Silo[];
  nextId: number;
}

/** What the rewriting shares with compaction: the rule of purge, and what is said of what was purged. */
export interface PurgeRules {
  mayPurge(place: NodeTable, runs: readonly Run[], slot: number, version: number): boolean;
  tellPurged(place: NodeTable, purged: Entries): void;
}

export class AntiCompactions {
  /** Told of each step as it is done. */
  onSetApart: ((node: number, session: number, done: SetApart) => void) | null = null;
  readonly #o: AntiCompactionOptions;
  readonly #purge: PurgeRules;
  #silos: Silo[] = [];
  #nextId = 1;

  constructor(options: AntiCompactionOptions, purge: PurgeRules) {
    this.#o = options;
    this.#purge = purge;
  }

  /** Runs of a place that no compaction may take. */
  heldIn(place: number): Run[] {
    return this.#silos
      .filter((silo) => silo.place === place)
      .flatMap(({ whole, groups }) => [...whole, ...groups.flat()]);
  }

  heldBy(place: number, run: Run): number {
    for (const silo of this.#silos)
      if (silo.place === place && (silo.whole.includes(run) || silo.groups.some((group) => group.includes(run))))
        return silo.session;
    return 0;
  }

  running(node: number): number {
    return this.#silos.filter((silo) => silo.isRunning && this.#nodeOf(silo) === node).length;
  }

  /** The same of one table. */
  runningIn(place: number): number {
    return this.#silos.filter((silo) => silo.isRunning && silo.place === place).length;
  }

  /** Work of the node that runs now: to look at, never to change. */
  underWay(node: number): readonly AntiCompactionView[] {
    return this.#silos
      .filter((silo) => silo.isRunning && this.#nodeOf(silo) === node)
      .map(({ id, place, session, groups, job }) => ({ id, table: place % this.#o.tableCount, session, groups, job }));
  }

  hold(place: number, session: number, runs: readonly Run[]): void {
    const silo = { place, session, whole: [...runs], groups: [], intervals: [], completion: null };
    const marks = { repairedAt: 0, pendingRepair: session };
    this.#silos.push({ ...silo, marks, id: this.#nextId, isRunning: false, job: 0 });
    this.#nextId += 1;
  }

  setApart(place: number, work: AntiCompactionWork, completion: JobCompletion): void {
    const silo = this.#silos.find((held) => held.place === place && held.session === work.session);
    if (silo === undefined) return;
    silo.whole = [...work.whole];
    silo.groups = work.groups.map((group) => [...group]);
    silo.intervals = work.intervals;
    silo.marks = work.marks;
    silo.completion = completion;
  }

  /** Starts the oldest work of the node that waits for a compactor; false where there is none. */
  startNext(node: number): boolean {
    const silo = this.#silos.find(
      (waiting) => !waiting.isRunning && waiting.completion !== null && this.#nodeOf(waiting) === node,
    );
    if (silo === undefined) return false;
    silo.isRunning = true;
    const place = this.#o.storage.nodeTables[silo.place];
    const { session, whole } = silo;
    silo.whole = [];
    this.mark(place, whole, silo.marks);
    if (whole.length > 0) this.onSetApart?.(node, session, { marked: whole.length, rewritten: 0, bytes: 0 });
    this.#nextGroup(silo);
    return true;
  }

  /** Handler: a group has been read and written. Gives the node, -1 where nothing was. */
  groupDone(id: number): number {
    const silo = this.#silos.find((candidate) => candidate.id === id);
    const group = silo?.groups[0];
    if (silo === undefined || group === undefined) return -1;
    silo.job = 0;
    this.#split(this.#o.storage.nodeTables[silo.place], group, silo);
    silo.groups.shift();
    this.#nextGroup(silo);
    return this.#nodeOf(silo);
  }

  /** Only what a run says of itself changes (cassandra.c4, c6). */
  mark(place: NodeTable, runs: readonly Run[], marks: { repairedAt: number; pendingRepair: number }): void {
    const { storage, kernel, trace } = this.#o;
    if (runs.length === 0) return;
    storage.markRuns(place.node, place.table.index, runs, marks);
    const { pendingRepair, repairedAt } = marks;
    const detail = pendingRepair > 0 ? pendingRepair : repairedAt > 0 ? -1 : 0;
    trace.record(kernel.now, RECORD.runsMarked, place.node, 0, detail, place.table.index, runs.length);
  }

  release(node: number, session: number): void {
    for (const silo of this.#silos)
      if (silo.session === session && this.#nodeOf(silo) === node && silo.job !== 0) this.#o.devices.cancel(silo.job);
    this.#silos = this.#silos.filter((silo) => silo.session !== session || this.#nodeOf(silo) !== node);
  }

  runRewritten(run: Run, by: Run): void {
    for (const { whole, groups } of this.#silos) {
      for (const list of [whole, ...groups]) {
        const at = list.indexOf(run);
        if (at >= 0) list[at] = by;
      }
    }
  }

  nodeEnded(node: number): void {
    for (const silo of this.#silos) if (this.#nodeOf(silo) === node && silo.job !== 0) this.#o.devices.cancel(silo.job);
    this.#silos = this.#silos.filter((silo) => this.#nodeOf(silo) !== node);
  }

  save(): AntiCompactionState {
    return { silos: this.#silos.map(copySilo), nextId: this.#nextId };
  }

  load(state: AntiCompactionState): void {
    this.#silos = state.silos.map(copySilo);
    this.#nextId = state.nextId;
  }

  #nodeOf({ place }: Silo): number {
    return Math.floor(place / this.#o.tableCount);
  }

  #nextGroup(silo: Silo): void {
    const { devices, kernel, diskRead, diskWrite, throttle, processor } = this.#o;
    const [group] = silo.groups;
    if (group === undefined) {
      this.#silos = this.#silos.filter((other) => other !== silo);
      const { completion } = silo;
      if (completion !== null) kernel.schedule(kernel.now, completion.kind, completion.a, completion.b);
      return;
    }
    const node = this.#nodeOf(silo);
    silo.job = devices.start({
      resources: [diskRead[node], diskWrite[node], throttle[node], processor[node]],
      bytes: group.reduce((sum, run) => sum + run.bytes, 0),
      completion: { kind: EVENT.antiCompactionDone, a: silo.id, b: 0 },
    });
  }

  /** The group merged, and what lies in the partitions apart from what does not. */
  #split(place: NodeTable, group: readonly Run[], { session, intervals, marks }: Silo): void {
    const { storage, runs, versions, kernel, trace } = this.#o;
    const { node, table } = place;
    const merged = mergeRuns({
      versions,
      order: runs.order,
      runs: group,
      mayPurge: (slot, version) => this.#purge.mayPurge(place, group, slot, version),
    });
    // Runs of one level stay in it; others would overlap there.
    const level = group.every((run) => run.level === group[0].level) ? group[0].level : 0;
    const added = runs.split(node, table, merged, { intervals, marks, level });
    storage.replaceRuns(node, table.index, group, added);
    this.#purge.tellPurged(place, merged.purged);
    trace.record(kernel.now, RECORD.antiCompacted, node, 0, session, table.index, group.length);
    const bytes = group.reduce((sum, run) => sum + run.bytes, 0);
    this.onSetApart?.(node, session, { marked: 0, rewritten: group.length, bytes });
  }
}

function copySilo(silo: Silo): Silo {
  return { ...silo, whole: [...silo.whole], groups: silo.groups.map((group) => [...group]) };
}
