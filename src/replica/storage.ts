/**
 * What each node has on disk and in memory: per (node, table) a memtable with its log, memtables being flushed, and the
 * live runs. Truth of a copy = sealed runs + memtables; nothing else says what a copy holds. Flushes take time on the
 * disk; a crash keeps the durable prefix of the log (ARCHITECTURE 3.4). Compaction (`compaction.ts`) and repair change
 * the list of runs through `replaceRuns` and `addRun` only.
 */
import { assert } from '../base/assert.ts';
import { slotsOn } from '../data/build-layout.ts';
import { bytesOfEntry } from '../data/entry-bytes.ts';
import { tableOfSlot } from '../data/layout.ts';
import type { TableLayout } from '../data/layout.ts';
import type { MergeOrder } from '../data/merge-order.ts';
import { RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import { expiringNow } from '../data/run-summary.ts';
import { BASE, NOTHING, OPERATION, type Versions } from '../data/versions.ts';
import type { FluidDevices, JobCompletion } from '../device/fluid.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Durability } from './durability.ts';
import { EVENT } from './event-kinds.ts';
import { HeldContent } from './held-content.ts';
import { Memtable, type MemtableState } from './memtable.ts';
import type { MemoryFollower, MemtableFlush as Flush, NodeTable } from './node-table.ts';
import type { RunWriter } from './run-writer.ts';
import { entriesIn, holdsAny, joined } from './stored-entries.ts';

export interface StorageOptions {
  kernel: Kernel;
  trace: Trace;
  versions: Versions;
  tables: readonly TableLayout[];
  nodeCount: number;
  devices: FluidDevices;
  /** Resource numbers by node. */
  diskWrite: readonly number[];
  /** Bytes that a memtable may hold: it is flushed when one more full entry would not fit. */
  flushBytes: number;
  newLog: (node: number) => Durability;
  runs: RunWriter;
}

export interface StorageState {
  tables: {
    memtable: MemtableState;
    flushes: { id: number; memtable: MemtableState; job: number; waiting: JobCompletion[] }[];
    runs: Run[];
  }[];
  nextFlush: number;
  snapshots: [number, Run[]][];
  nextSnapshot: number;
}

export class Storage {
  /** Told when the live runs of a (node, table) changed: compaction looks for work. */
  onRunsChanged: ((node: number, table: number) => void) | null = null;
  /** Told when damage has put another run in the place of a live one: whoever reads that run goes on with the other. */
  onRunRewritten: ((run: Run, by: Run) => void) | null = null;
  /** Null where nobody follows: then it costs nothing. */
  follower: MemoryFollower | null = null;
  readonly nodeTables: NodeTable[] = [];
  readonly #o: StorageOptions;
  readonly #tableCount: number;
  readonly #content: HeldContent;
  #nextFlush = 1;
  #snapshots = new Map<number, Run[]>();
  #nextSnapshot = 1;

  constructor(options: StorageOptions) {
    this.#o = options;
    this.#tableCount = options.tables.length;
    this.#content = new HeldContent(options.runs.order);
    for (let node = 0; node < options.nodeCount; node += 1) {
      for (const table of options.tables) this.nodeTables.push(this.#newNodeTable(node, table));
    }
  }

  of(node: number, table: number): NodeTable {
    return this.nodeTables[node * this.#tableCount + table];
  }

  append(node: number, table: number, slot: number, version: number): void {
    const place = this.nodeTables[node * this.#tableCount + table];
    place.memtable.append(this.#o.kernel.now, slot, version);
    if (place.memtable.count >= place.flushAt) this.#flushWhenFull(place);
  }

  /** All slots of one row that the version touches. */
  appendRow(node: number, table: TableLayout, row: number, version: number): void {
    const { arrays } = this.#o.versions;
    const groups = arrays.groups[version];
    for (let group = 0; group < table.groups; group += 1) {
      if ((groups >> group) & 1) this.append(node, table.index, row + group, version);
    }
    const deletesRow =
      arrays.operation[version] >= OPERATION.deleteRow && arrays.operation[version] <= OPERATION.deletePartition;
    if (deletesRow && table.slotsPerRow > table.groups) this.append(node, table.index, row + table.groups, version);
  }

  bytesOfEntry(slot: number, version: number): number {
    return bytesOfEntry(this.tableOf(slot), this.#o.versions, slot, version);
  }

  tableOf(slot: number): TableLayout {
    return tableOfSlot(this.#o.tables, slot);
  }

  /** Which of two versions of a slot a copy shows. */
  get order(): MergeOrder {
    return this.#o.runs.order;
  }

  // ---------------------------------------------------------------- memtables

  /** Fires when all that is in memory now lies in runs. */
  flush(node: number, table: number, completion: JobCompletion): void {
    const place = this.of(node, table);
    if (place.memtable.count > 0) this.#startFlush(place, [completion]);
    else if (place.flushes.length > 0) place.flushes[place.flushes.length - 1].waiting.push(completion);
    else this.#o.kernel.schedule(this.#o.kernel.now, completion.kind, completion.a, completion.b);
  }

  /** What is in memory goes to disk, and nobody waits for it. */
  flushNow(node: number, table: number): void {
    const place = this.of(node, table);
    if (place.memtable.count > 0) this.#startFlush(place, []);
  }

  /** Handler: the memtable is on disk. Flushes of one table end in their order (each waits for the ones before it). */
  flushFinished(placeIndex: number, id: number): void {
    const place = this.nodeTables[placeIndex];
    const flush = place.flushes.find((candidate) => candidate.id === id);
    if (flush === undefined) return;
    flush.job = 0;
    while (place.flushes.length > 0 && place.flushes[0].job === 0) {
      const done = place.flushes[0];
      place.flushes.shift();
      this.#seal(place, done);
    }
  }

  /** Tombstones weigh less than rows, so the bytes are counted; they are looked at again when they can have become enough. */
  #flushWhenFull(place: NodeTable): void {
    const { memtable } = place;
    if (this.#o.versions.plain && place.table.slotsPerRow === 1) {
      // Every entry has the size for which the memtable was measured.
      this.#startFlush(place, []);
      return;
    }
    for (; place.weighed < memtable.count; place.weighed += 1)
      place.weighedBytes += this.bytesOfEntry(memtable.slots[place.weighed], memtable.versions[place.weighed]);
    const entries = entriesIn(this.#o.flushBytes - place.weighedBytes, place.table);
    if (entries > 0) place.flushAt = memtable.count + entries;
    else this.#startFlush(place, []);
  }

  /** An empty or replayed memtable: nothing of it is weighed. */
  #beginMemtable(place: NodeTable, memtable: Memtable): void {
    place.memtable = memtable;
    place.flushAt = Math.max(1, entriesIn(this.#o.flushBytes, place.table));
    place.weighed = 0;
    place.weighedBytes = 0;
  }

  #startFlush(place: NodeTable, waiting: JobCompletion[]): void {
    const { kernel, trace, devices, diskWrite, newLog } = this.#o;
    const { memtable, table, node } = place;
    this.follower?.beforeChange(place, false);
    const id = this.#nextFlush;
    this.#nextFlush += 1;
    const bytes = this.#bytesOf(memtable);
    trace.record(kernel.now, RECORD.flushStarted, node, 0, id, table.index, memtable.count);
    const job = devices.start({
      resources: [diskWrite[node]],
      bytes,
      completion: { kind: EVENT.flushFinished, a: node * this.#tableCount + table.index, b: id },
    });
    // What is in the index stays right: it covers all memtables.
    if (place.index !== null) this.#content.catchUp(place);
    place.flushes.push({ id, memtable, job, waiting });
    this.#beginMemtable(place, new Memtable(newLog(node)));
    place.indexed = 0;
    this.follower?.afterChange(place);
  }

  #seal(place: NodeTable, flush: Flush): void {
    const { kernel, trace, runs } = this.#o;
    const run = runs.fromEntries(place.node, place.table, flush.memtable);
    place.runs = [...place.runs, run];
    // The index is of memory only: what is sealed may be compacted away.
    this.#content.forget(place);
    trace.record(kernel.now, RECORD.flushFinished, place.node, 0, run.id, place.table.index, run.slots.length);
    for (const { kind, a, b } of flush.waiting) kernel.schedule(kernel.now, kind, a, b);
    this.onRunsChanged?.(place.node, place.table.index);
  }

  #bytesOf(memtable: Memtable): number {
    if (this.#o.versions.plain && memtable.count > 0) {
      const table = this.tableOf(memtable.slots[0]);
      if (table.slotsPerRow === 1)
        return memtable.count * bytesOfEntry(table, this.#o.versions, memtable.slots[0], memtable.versions[0]);
    }
    let bytes = 0;
    for (let index = 0; index < memtable.count; index += 1)
      bytes += this.bytesOfEntry(memtable.slots[index], memtable.versions[index]);
    return bytes;
  }

  // ---------------------------------------------------------------- SSTables and their snapshots

  addRun(node: number, table: number, run: Run): void {
    const place = this.of(node, table);
    place.runs = [...place.runs, run];
    this.follower?.runAdded(place, run);
    this.onRunsChanged?.(node, table);
  }

  /** Runs that say something else of their repair or level; their content and place stay. */
  markRuns(
    node: number,
    table: number,
    runs: readonly Run[],
    marks: Partial<Pick<Run, 'repairedAt' | 'pendingRepair' | 'level'>>,
  ): void {
    const place = this.of(node, table);
    const chosen = new Set(runs);
    place.runs = place.runs.map((run) => (chosen.has(run) ? { ...run, ...marks } : run));
    this.onRunsChanged?.(node, table);
  }

  /** Compaction or damage: `added` takes the place of the first of `removed`. */
  replaceRuns(node: number, table: number, removed: readonly Run[], added: readonly Run[]): void {
    const place = this.of(node, table);
    const at = place.runs.findIndex((run) => removed.includes(run));
    assert(at >= 0, 'the runs to replace are live');
    const kept = place.runs.filter((run) => !removed.includes(run));
    kept.splice(at, 0, ...added);
    place.runs = kept;
  }

  /** These runs instead of all that are live; without what is in memory its flushes end, and who waits for them is told. */
  putInPlace(node: number, table: number, runs: readonly Run[], keepsMemory: boolean): void {
    const place = this.of(node, table);
    // What was set aside has missed changes of gc_grace since.
    place.runs = runs.map((run) => expiringNow(place.table, this.#o.versions, run));
    if (!keepsMemory) {
      this.follower?.beforeChange(place, false);
      const { kernel, devices, newLog } = this.#o;
      for (const { job, waiting } of place.flushes) {
        if (job !== 0) devices.cancel(job);
        for (const { kind, a, b } of waiting) kernel.schedule(kernel.now, kind, a, b);
      }
      place.flushes = [];
      this.#beginMemtable(place, new Memtable(newLog(node)));
    }
    this.#content.forget(place);
    if (!keepsMemory) this.follower?.afterChange(place);
    this.onRunsChanged?.(node, table);
  }

  /** Runs say until when all in them may be purged: anew, after another gc_grace. */
  gcGraceChanged(table: TableLayout): void {
    for (const place of this.nodeTables) {
      if (place.table !== table) continue;
      place.runs = place.runs.map((run) => {
        const by = expiringNow(table, this.#o.versions, run);
        if (by !== run) this.onRunRewritten?.(run, by);
        return by;
      });
    }
  }

  snapshot(runs: readonly Run[]): number {
    const id = this.#nextSnapshot;
    this.#nextSnapshot += 1;
    this.#snapshots.set(id, [...runs]);
    return id;
  }

  release(snapshot: number): void {
    this.#snapshots.delete(snapshot);
  }

  /** Bytes of one table that only snapshots of the node still have; `snapshots` are their numbers. */
  snapshotBytes(node: number, table: number, snapshots: readonly number[]): number {
    const runs = new Map<number, number>();
    for (const snapshot of snapshots)
      for (const run of this.#snapshots.get(snapshot) ?? []) if (run.table === table) runs.set(run.id, run.bytes);
    for (const { id } of this.of(node, table).runs) runs.delete(id);
    let bytes = 0;
    for (const size of runs.values()) bytes += size;
    return bytes;
  }

  /** Bytes of the snapshot's runs that are not live any more. */
  snapshotOnlyBytes(node: number, snapshot: number): number {
    let bytes = 0;
    for (const run of this.#snapshots.get(snapshot) ?? []) {
      if (!this.of(node, run.table).runs.some(({ id }) => id === run.id)) bytes += run.bytes;
    }
    return bytes;
  }

  // ---------------------------------------------------------------- what a copy holds

  /** The winner over memtables and runs. */
  heldVersion(node: number, slot: number): number {
    return this.#content.heldVersion(this.of(node, this.tableOf(slot).index), slot);
  }

  /** The same for many slots of a table, which ascend. */
  heldVersions(node: number, table: number, slots: Int32Array): Int32Array {
    return this.#content.heldVersions(this.of(node, table), slots);
  }

  /** Has a memtable, or a run but these, anything of this partition, and anything at all that is not newer than `timestamp`? */
  overlapsOlder(place: NodeTable, slot: number, timestamp: number, except: readonly Run[]): boolean {
    const { slotsPerPartition, slotBase } = place.table;
    const first = slot - ((slot - slotBase) % slotsPerPartition);
    for (const run of place.runs) {
      if (except.includes(run) || run.minTimestamp > timestamp) continue;
      if (run.base || holdsAny(run, first, first + slotsPerPartition)) return true;
    }
    const { timestamp: timestamps } = this.#o.versions.arrays;
    for (const { memtable } of [...place.flushes, place])
      if (memtable.overlapsOlder(place.table, slot, timestamp, timestamps)) return true;
    return false;
  }

  // ---------------------------------------------------------------- crash and damage

  /**
   * The process ended: memory is gone but for what the log replays. Calls `reverted(slot, version held now)` for every
   * slot of the node whose content went back, in ascending order of slot. Flush jobs end. `actedUntil`: when the process
   * last did anything: one that stood still has synced nothing since.
   */
  crash(
    node: number,
    how: { powerLoss: boolean; actedUntil: number },
    reverted: (slot: number, version: number) => void,
  ): void {
    for (let table = 0; table < this.#tableCount; table += 1) this.#crashTable(this.of(node, table), how, reverted);
  }

  /** All that the node has on disk and in memory is gone. Returns the slots that held anything, ascending within a table. */
  loseDisk(node: number): number[] {
    return this.#o.tables.flatMap((table) => {
      const place = this.of(node, table.index);
      const slots = slotsOn(table, node);
      const held = this.#content.heldVersions(place, slots);
      for (const flush of place.flushes) if (flush.job !== 0) this.#o.devices.cancel(flush.job);
      this.#replay(place, [], []);
      place.runs = [];
      this.follower?.afterChange(place);
      this.follower?.diskLost(place);
      return [...slots.filter((_slot, index) => held[index] !== NOTHING)];
    });
  }

  /** A graceful stop drains: what is in memory lies in runs at once, and nobody waits for it any more. */
  stop(node: number): void {
    for (let table = 0; table < this.#tableCount; table += 1) {
      const place = this.of(node, table);
      if (place.memtable.count > 0) this.#startFlush(place, []);
      const { flushes } = place;
      place.flushes = [];
      for (const flush of flushes) {
        if (flush.job !== 0) this.#o.devices.cancel(flush.job);
        this.#seal(place, { ...flush, waiting: [] });
      }
    }
  }

  #crashTable(
    place: NodeTable,
    { powerLoss, actedUntil }: { powerLoss: boolean; actedUntil: number },
    reverted: (slot: number, version: number) => void,
  ): void {
    const { devices } = this.#o;
    this.follower?.beforeChange(place, true);
    const memtables = [...place.flushes.map((flush) => flush.memtable), place.memtable];
    for (const flush of place.flushes) if (flush.job !== 0) devices.cancel(flush.job);
    const durable = memtables.map((memtable) => memtable.durableCount(actedUntil, powerLoss));
    const lost = new Map<number, number>();
    memtables.forEach((memtable, order) => this.#collect(lost, memtable, durable[order], memtable.count));
    this.#replay(place, memtables, durable);
    this.follower?.afterChange(place);
    const slots = [...lost.keys()].sort((left, right) => left - right);
    for (const slot of slots) {
      const now = this.heldVersion(place.node, slot);
      if (this.#content.newer(lost.get(slot) ?? NOTHING, now) !== now) reverted(slot, now);
    }
  }

  /** The oldest entries of each memtable, as the log gives them back. */
  #replay(place: NodeTable, memtables: readonly Memtable[], counts: readonly number[]): void {
    const survivors = joined(memtables, counts);
    place.flushes = [];
    this.#beginMemtable(place, new Memtable(this.#o.newLog(place.node)));
    place.memtable.replaceWith(survivors.slots, survivors.versions, survivors.slots.length);
    this.#content.forget(place);
  }

  #collect(winners: Map<number, number>, memtable: Memtable, from: number, to: number): void {
    for (let entry = from; entry < to; entry += 1) {
      const slot = memtable.slots[entry];
      winners.set(slot, this.#content.newer(memtable.versions[entry], winners.get(slot) ?? NOTHING));
    }
  }

  /** Take slots, which ascend, out of everything the node holds of a table, and put these versions in their place (none
   * for NOTHING). */
  damage(node: number, table: number, slots: Int32Array, versions: Int32Array): void {
    const place = this.of(node, table);
    const { runs } = this.#o;
    this.follower?.beforeChange(place, false);
    place.runs = place.runs.map((run) => {
      const rest = runs.without(node, place.table, run, slots);
      if (rest !== run) this.onRunRewritten?.(run, rest);
      return rest;
    });
    for (const { memtable } of [...place.flushes, place]) memtable.remove(slots);
    this.#beginMemtable(place, place.memtable);
    this.#content.forget(place);
    this.follower?.afterChange(place);
    const put = slots.filter((_slot, index) => versions[index] !== NOTHING);
    if (put.length === 0) return;
    const entries = { slots: put, versions: versions.filter((version) => version !== NOTHING), count: put.length };
    place.runs = [...place.runs, runs.fromEntries(node, place.table, entries)];
  }

  // ---------------------------------------------------------------- state

  save(): StorageState {
    return {
      tables: this.nodeTables.map((place) => ({
        memtable: place.memtable.save(),
        flushes: place.flushes.map((flush) => ({
          id: flush.id,
          memtable: flush.memtable.save(),
          job: flush.job,
          waiting: [...flush.waiting],
        })),
        runs: [...place.runs],
      })),
      nextFlush: this.#nextFlush,
      snapshots: [...this.#snapshots].map(([id, runs]) => [id, [...runs]]),
      nextSnapshot: this.#nextSnapshot,
    };
  }

  load(state: StorageState): void {
    state.tables.forEach((saved, index) => {
      const place = this.nodeTables[index];
      this.#beginMemtable(place, this.#loadMemtable(place.node, saved.memtable));
      place.flushes = saved.flushes.map((flush) => ({
        ...flush,
        waiting: [...flush.waiting],
        memtable: this.#loadMemtable(place.node, flush.memtable),
      }));
      place.runs = [...saved.runs];
      this.#content.forget(place);
    });
    this.#nextFlush = state.nextFlush;
    this.#snapshots = new Map(state.snapshots.map(([id, runs]) => [id, [...runs]]));
    this.#nextSnapshot = state.nextSnapshot;
  }

  #loadMemtable(node: number, state: MemtableState): Memtable {
    const memtable = new Memtable(this.#o.newLog(node));
    memtable.load(state);
    return memtable;
  }

  #newNodeTable(node: number, table: TableLayout): NodeTable {
    const runs = table.initialVersion === BASE ? [this.#o.runs.baseRun(node, table)] : [];
    return {
      node,
      table,
      memtable: new Memtable(this.#o.newLog(node)),
      flushAt: Math.max(1, entriesIn(this.#o.flushBytes, table)),
      weighed: 0,
      weighedBytes: 0,
      flushes: [],
      runs: runs.filter((run) => run.partitions > 0),
      index: null,
      indexed: 0,
    };
  }
}
