/**
 * Shards that are passed round their owners (influxdb.6.5): whose turn it is compares digests with the next owner's, and sends
 * what that one lacks or has otherwise; nothing is ever taken away. A shard that the next owner lacks altogether is copied
 * by the service itself, to that one only (influxdb.6.2-missing). What can not go on now is tried again.
 */
import { bytesOfEntries } from '../../data/entry-bytes.ts';
import { VIA } from '../../data/causes.ts';
import { APPLIED_ONE_SLOT, RECORD } from '../../data/records.ts';
import { EVENT } from '../../replica/event-kinds.ts';
import type { RepairLedger } from '../../observe/result.ts';
import { copiesChanged } from '../copies-changed.ts';
import { type LedgerBook, noteReverted } from '../ledger.ts';
import { digestOf, missingIn } from './digest.ts';
import type { DigestExchange, DigestExchanges } from './digest-exchanges.ts';
import type { SendStep } from '../../data/entropy-step.ts';
import type { AntiEntropyOptions } from './options.ts';
import type { ShardFiles } from './shard-files.ts';

/** A shard that is passed round its owners. */
interface Task {
  id: number;
  table: number;
  /** Place of the owner whose turn it is, and of how many it has been. */
  turn: number;
  visits: number;
  /** Entry behind it, or AUTOMATIC: the service copies a missing shard by itself, to the next owner only. */
  origin: number;
  /** Digests that are brought together; 0: none. */
  exchange: number;
  /** Transfer under way to this copy: entries and their versions; null: none. */
  patch: { to: number; slots: Int32Array; versions: Int32Array; bytes: number; job: number } | null;
  /** Anything sent since the first owner's turn. */
  isSent: boolean;
}

export interface ShardRepairsState {
  tasks: Task[];
  nextId: number;
}

/** In the ledger: of what nobody has asked for. */
export const AUTOMATIC = 0;
const AUTOMATIC_START = { id: 'anti-entropy', strategy: 'auto-repair-missing', command: 'auto-repair-missing' };
const BY_HAND = 'manual';
/** How often a shard that is not idle, or whose next owner is away or has no room, is looked at again. */
const POLL_MICROS = 10_000_000;

export class ShardRepairs {
  readonly counts = { shards_copied: 0, empty_shards_copied: 0 };
  readonly #o: AntiEntropyOptions;
  readonly #files: ShardFiles;
  readonly #digests: DigestExchanges;
  readonly #ledger: LedgerBook;
  #tasks: Task[] = [];
  #nextId = 1;

  constructor(
    options: AntiEntropyOptions,
    { files, digests, ledger }: { files: ShardFiles; digests: DigestExchanges; ledger: LedgerBook },
  ) {
    this.#o = options;
    this.#files = files;
    this.#digests = digests;
    this.#ledger = ledger;
  }

  /** An operator asks this node for a repair of these shards. */
  repair(
    origin: number,
    { id, command, node, tables }: { id: string; command: string; node: number; tables: readonly number[] },
  ): void {
    const { kernel, trace } = this.#o;
    trace.record(kernel.now, RECORD.repairStarted, node, 0, 0, origin, 0);
    const ledger = this.#ledger.begin(origin, { id, strategy: 'entropy-repair', command, atMicros: kernel.now });
    const failure = this.#queue(origin, node, tables);
    if (failure !== null) ledger.failures.push(failure);
    this.#endIfDone(origin);
  }

  /** `entropy repair` as a step of a repair by hand: it ends when the shard is queued; of its entry others begin and end. */
  repairStep(
    origin: number,
    { id, command, node, table }: { id: string; command: string; node: number; table: number },
  ): string | null {
    this.#ledger.begin(origin, { id, strategy: BY_HAND, command, atMicros: this.#o.kernel.now });
    return this.#queue(origin, node, [table]);
  }

  /** Why not; null where they wait for their turn. */
  #queue(origin: number, node: number, tables: readonly number[]): string | null {
    const { cluster, settings, rules, ownership } = this.#o;
    rules.mark('influxdb.6.5-repair');
    if (!cluster.answers(node)) return `node ${node + 1} does not answer`;
    if (!settings[node].enabled) return notEnabled(node);
    // Only what is missing is copied before contents are compared (influxdb.6.2-check).
    if (!settings[node].comparesContent) return 'this version compares no contents and repairs none';
    for (const table of tables) {
      this.#ledger.of(origin).sessions += 1;
      this.#add({ table, turn: ownership.ownersOf(table).at(0) ?? 0, origin });
    }
    return null;
  }

  /** The next owner lacks the shard of this one. */
  copyMissing(table: number, turn: number): void {
    const { rules, kernel } = this.#o;
    rules.mark('influxdb.6.2-missing');
    if (this.#tasks.some((task) => task.table === table && task.origin === AUTOMATIC)) return;
    this.#ledger.begin(AUTOMATIC, { ...AUTOMATIC_START, atMicros: kernel.now }).sessions += 1;
    const layout = this.#o.tables[table];
    this.#digests.telling.missing(table, layout.replicas[turn], this.#files.nextTo(layout, turn));
    this.#add({ table, turn, origin: AUTOMATIC });
  }

  /** kill-repair: takes a shard out of the queues; a repair that is under way goes on. */
  killRepair(table: number): void {
    const gone = this.#tasks.filter((task) => task.table === table && !isActive(task) && task.visits === 0);
    this.#tasks = this.#tasks.filter((task) => !gone.includes(task));
    for (const task of gone) {
      this.#note(task.origin, `kill-repair took shard ${this.#o.tables[table].id} out of the queue`);
      this.#endIfDone(task.origin);
    }
  }

  /** Tables that wait for their repair, or are under it. */
  queuedTables(): readonly { table: number; isUnderWay: boolean }[] {
    return this.#tasks.map((task) => ({ table: task.table, isUnderWay: isActive(task) || task.visits > 0 }));
  }

  #add({ table, turn, origin }: Pick<Task, 'table' | 'turn' | 'origin'>): void {
    const { kernel } = this.#o;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#tasks.push({ id, table, turn, visits: 0, origin, exchange: 0, patch: null, isSent: false });
    kernel.schedule(kernel.now, EVENT.entropyStep, id, 0);
  }

  /** Handler: the owner whose turn it is looks whether it can go on. */
  step(id: number): void {
    const { tables, ownership, settings, disks } = this.#o;
    const files = this.#files;
    const task = this.#tasks.find((other) => other.id === id);
    if (task === undefined || isActive(task)) return;
    // Whoever had the turn may be an owner no more.
    if (!ownership.owns(task.table, task.turn)) task.turn = ownership.nextOwner(task.table, task.turn);
    const { node, next } = this.#pairOf(task);
    if (next === node) {
      this.#finish(task);
      return;
    }
    if (!settings[node].enabled) {
      this.#fail(task, notEnabled(node));
      return;
    }
    const lacks = files.lacks(next, task.table);
    const isReady =
      this.#isFree(task) &&
      files.reaches(node, next) &&
      !disks.isFull(next) &&
      files.isIdle(node, task.table) &&
      (lacks || files.isIdle(next, task.table)) &&
      this.#fetching(node) < settings[node].maxFetch;
    if (!isReady) {
      this.#tryAgain(task);
      return;
    }
    if (lacks) {
      this.#send(task);
      return;
    }
    task.exchange = this.#digests.begin({ node, next, table: tables[task.table].index, origin: task.origin });
    if (task.exchange === 0) this.#tryAgain(task);
  }

  /** Is it one that a repair waits for? */
  exchanged({ id }: DigestExchange, isVoid: boolean): boolean {
    const task = this.#tasks.find((other) => other.exchange === id);
    if (task === undefined) return false;
    task.exchange = 0;
    if (isVoid) this.#tryAgain(task);
    else this.#send(task);
    return true;
  }

  #send(task: Task): void {
    const { tables, versions, devices, diskRead, diskWrite, linkOut, linkIn, pipes } = this.#o;
    const table = tables[task.table];
    const { node, next } = this.#pairOf(task);
    const run = this.#files.runOf(node, task.table);
    const own = digestOf(table, run);
    const other = digestOf(table, this.#files.runOf(next, task.table));
    const blocks = missingIn(own, other);
    if (blocks.length === 0 && task.origin !== AUTOMATIC && !this.#o.settings[node].forwardsRepairs) {
      this.#finish(task);
      return;
    }
    const entries = blocks.flatMap(({ entries: indices }) => indices).sort((left, right) => left - right);
    const slots = Int32Array.from(entries, (index) => run?.slots[index] ?? 0);
    const sent = Int32Array.from(entries, (index) => run?.versions[index] ?? 0);
    const bytes = bytesOfEntries(table, versions, { slots, versions: sent });
    const ledger = this.#ledger.of(task.origin);
    ledger.comparisons += 1;
    ledger.nodes_visited += own.length + other.length;
    ledger.differing_ranges += blocks.length;
    ledger.read_bytes += bytes;
    ledger.sent_bytes += bytes;
    ledger.sent_rows += slots.length;
    this.#ledger.noteSentSlots(task.origin, task.table, slots);
    const resources = [diskRead[node], linkOut[node], linkIn[next], diskWrite[next], ...pipes(node, next)];
    const job = devices.start({ resources, bytes, completion: { kind: EVENT.entropySent, a: task.id, b: 0 } });
    task.patch = { to: table.replicas.indexOf(next), slots, versions: sent, bytes, job };
    this.#tell('sendStarted', task);
  }

  /** Handler: the next owner has the patch: a new file, newer than all it has (influxdb.6.5). */
  sent(id: number): void {
    const { kernel, tables, ownership } = this.#o;
    const task = this.#tasks.find((other) => other.id === id);
    if (task === undefined || task.patch === null) return;
    const { to: copy, slots, versions, bytes } = task.patch;
    const next = tables[task.table].replicas[copy];
    this.#tell('sendEnded', task);
    task.patch = null;
    if (!ownership.owns(task.table, copy)) {
      this.#finish(task);
      return;
    }
    task.isSent ||= slots.length > 0;
    if (task.origin === AUTOMATIC) {
      this.counts.shards_copied += 1;
      if (slots.length === 0) this.counts.empty_shards_copied += 1;
      this.#o.caches.copied(next, task.table);
    }
    if (slots.length > 0) this.#apply(task, { copy, slots, versions, bytes });
    task.visits += 1;
    task.turn = copy;
    if (this.#isRound(task, next)) this.#finish(task);
    else kernel.schedule(kernel.now, EVENT.entropyStep, id, 0);
  }

  #apply(
    task: Task,
    { copy, slots, versions, bytes }: { copy: number; slots: Int32Array; versions: Int32Array; bytes: number },
  ): void {
    const { kernel, trace, tables, storage, runs, compaction, types } = this.#o;
    const table = tables[task.table];
    const next = table.replicas[copy];
    const before = storage.heldVersions(next, task.table, slots);
    const content = { slots, versions, base: false, removed: new Int32Array(0) };
    storage.addRun(next, task.table, runs.fromContent(next, table, content));
    const detail = VIA.repair | APPLIED_ONE_SLOT | (task.origin << 8);
    slots.forEach((slot, index) => trace.record(kernel.now, RECORD.applied, next, copy, versions[index], slot, detail));
    const { workload } = this.#o.versions.arrays;
    // Whoever had no type yet has that of what came (influxdb.2-field-type).
    for (const version of versions)
      if (!this.#o.versions.isTombstone(version)) types.stored(next, task.table, workload[version]);
    this.#charge(this.#ledger.of(task.origin), { table: task.table, next, slots, before, bytes });
    // One file more: the whole copy is written anew (influxdb.6.5).
    compaction.begin(next, task.table);
  }

  /** What came of a patch: places that show something else now, and those that do not. */
  #charge(
    ledger: RepairLedger,
    {
      table,
      next,
      slots,
      before,
      bytes,
    }: { table: number; next: number; slots: Int32Array; before: Int32Array; bytes: number },
  ): void {
    const { storage, tables, versions } = this.#o;
    const after = storage.heldVersions(next, table, slots);
    const same = slots.filter((_slot, index) => after[index] === before[index]);
    const held = after.filter((version, index) => version === before[index]);
    ledger.sstables_written += 1;
    const changes = copiesChanged(versions, tables[table], { slots, before, after });
    ledger.healed_copies += changes.healed;
    noteReverted(ledger, changes.reverted);
    ledger.sent_for_nothing_rows += same.length;
    const waste = bytesOfEntries(tables[table], versions, { slots: same, versions: held });
    ledger.sent_for_nothing_bytes += waste;
    ledger.floor_bytes += bytes - waste;
  }

  /** Have all owners had their turn, and does it not begin anew? */
  #isRound(task: Task, next: number): boolean {
    const { ownership, settings } = this.#o;
    if (task.origin === AUTOMATIC) return true;
    if (task.visits < ownership.ownersOf(task.table).length) return false;
    if (!task.isSent || !settings[next].repairsUntilEqual) return true;
    task.visits = 0;
    task.isSent = false;
    return false;
  }

  #tryAgain(task: Task): void {
    const { kernel } = this.#o;
    kernel.schedule(kernel.now + POLL_MICROS, EVENT.entropyStep, task.id, 0);
  }

  #fail(task: Task, failure: string): void {
    this.#note(task.origin, failure);
    this.#finish(task);
  }

  #note(origin: number, failure: string): void {
    const { failures } = this.#ledger.of(origin);
    if (!failures.includes(failure)) failures.push(failure);
  }

  #finish(task: Task): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
    this.#endIfDone(task.origin);
  }

  #endIfDone(origin: number): void {
    const { kernel, trace } = this.#o;
    if (this.#tasks.some((task) => task.origin === origin)) return;
    this.#ledger.end(origin, kernel.now);
    if (origin === AUTOMATIC || this.#ledger.of(origin).strategy === BY_HAND) return;
    const hasFailed = this.#ledger.of(origin).failures.length > 0;
    trace.record(kernel.now, hasFailed ? RECORD.repairFailed : RECORD.repairFinished, 0, 0, 0, origin, 0);
  }

  /** The process of a node ends: what it sends or takes is void, and tried again when it is back. */
  nodeEnded(node: number): void {
    this.#endPatches(({ from, to }) => from === node || to === node);
  }

  /** The disk has no room left. */
  diskFilled(node: number): void {
    this.#endPatches(({ to }) => to === node);
  }

  reachChanged(): void {
    this.#endPatches(({ from, to }) => this.#files.isCut(from, to));
  }

  /** The shard is gone, and its repairs with it. */
  shardEnded(table: number): void {
    for (const task of this.#tasks.filter((other) => other.table === table)) {
      if (task.exchange !== 0) this.#digests.cancel(task.exchange);
      if (task.patch !== null) this.#o.devices.cancel(task.patch.job);
      this.#tell('sendLost', task);
      this.#finish(task);
    }
  }

  #endPatches(isOver: (pair: { from: number; to: number }) => boolean): void {
    const { tables, devices } = this.#o;
    for (const task of this.#tasks) {
      if (task.patch === null) continue;
      const { replicas } = tables[task.table];
      if (!isOver({ from: replicas[task.turn], to: replicas[task.patch.to] })) continue;
      devices.cancel(task.patch.job);
      this.#tell('sendLost', task);
      task.patch = null;
      this.#tryAgain(task);
    }
  }

  #tell(kind: SendStep['kind'], task: Task): void {
    this.#digests.telling.send(kind, task, task.origin === AUTOMATIC);
  }

  save(): ShardRepairsState {
    return { tasks: this.#tasks.map(copyOf), nextId: this.#nextId };
  }

  load({ tasks, nextId }: ShardRepairsState): void {
    this.#tasks = tasks.map(copyOf);
    this.#nextId = nextId;
  }

  #pairOf({ table, turn }: Task): { node: number; next: number } {
    const layout = this.#o.tables[table];
    return { node: layout.replicas[turn], next: this.#files.nextTo(layout, turn) };
  }

  /** Nobody else passes the same shard round. */
  #isFree(task: Task): boolean {
    return !this.#tasks.some((other) => other !== task && other.table === task.table && isActive(other));
  }

  #fetching(node: number): number {
    return this.#tasks.filter((task) => isActive(task) && this.#pairOf(task).node === node).length;
  }
}

function isActive({ exchange, patch }: Task): boolean {
  return exchange !== 0 || patch !== null;
}

function copyOf(task: Task): Task {
  return { ...task, patch: task.patch && { ...task.patch } };
}

function notEnabled(node: number): string {
  return `anti-entropy is not enabled on node ${node + 1}`;
}
