/**
 * The anti-entropy service (influxdb.6): every data node compares its idle shards with the next owner's, copies shards that
 * the next owner lacks where it is told to, and flags those that differ. An operator's repair passes a shard round its owners:
 * each sends the next what that one lacks or has otherwise, so that in the end there is the union of all; nothing is
 * ever taken away.
 */
import { bytesOfEntries } from '../../data/entry-bytes.ts';
import { VIA } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { APPLIED_ONE_SLOT, RECORD } from '../../data/records.ts';
import { EVENT } from '../../replica/event-kinds.ts';
import type { Storage } from '../../replica/storage.ts';
import { LedgerBook, type LedgerState } from '../ledger.ts';
import { digestOf, missingIn, RANGE_BYTES } from './digest.ts';
import type { AntiEntropyOptions } from './options.ts';

/** A shard that is passed round its owners. */
interface Task {
  id: number;
  table: number;
  /** Place of the owner whose turn it is, and of how many it has been. */
  turn: number;
  visits: number;
  /** Entry behind it; 0: the service copies a missing shard by itself, to the next owner only. */
  origin: number;
  /** Transfer under way to this copy: entries and their versions; null: waits for its turn. */
  patch: { to: number; slots: Int32Array; versions: Int32Array; bytes: number; job: number } | null;
  /** Anything sent since the first owner's turn. */
  isSent: boolean;
}

/** Of a node's copy with the next owner's: digests that are not at hand are made first. */
interface Comparison {
  id: number;
  node: number;
  place: number;
  table: number;
  /** Digest under way, and of which node; 0: it waits for its turn. */
  job: number;
  of: number;
}

export interface AntiEntropyState {
  tasks: Task[];
  nextId: number;
  flagged: number[];
  seen: [place: number, runs: string][];
  ledger: LedgerState;
  checks: number;
  counts: AntiEntropy['counts'];
  comparisons: Comparison[];
  digests: [place: number, file: number][];
}

/** How often a shard that is not idle, or whose next owner is away, is looked at again. */
const POLL_MICROS = 10_000_000;

export class AntiEntropy {
  readonly ledger: LedgerBook;
  /** Cycles of checks. */
  checks = 0;
  readonly counts = { digests_made: 0, digest_bytes: 0, shards_copied: 0, empty_shards_copied: 0 };
  readonly #o: AntiEntropyOptions;
  #tasks: Task[] = [];
  #nextId = 1;
  #comparisons: Comparison[] = [];
  /** File of which a digest is at hand, by node * tables + table. */
  #digests = new Map<number, number>();
  /** node * tables + table of copies that differ from the next owner's, as the node's last check saw it. */
  #flagged = new Set<number>();
  /** Files of both copies when they were last compared. */
  #seen = new Map<number, string>();

  constructor(options: AntiEntropyOptions) {
    this.#o = options;
    this.ledger = new LedgerBook(options.tables);
  }

  start(node: number): void {
    const { kernel, cluster, settings } = this.#o;
    const { enabled, checkMicros } = settings[node];
    if (enabled) kernel.schedule(kernel.now + checkMicros, EVENT.entropyCheck, node, cluster.incarnation[node]);
  }

  /** Tables whose copies a node has flagged as different. */
  flaggedTables(): number[] {
    const { tables, ownership } = this.#o;
    const isOwner = (place: number): boolean => {
      const { index, replicas } = tables[place % tables.length];
      return ownership.owns(index, replicas.indexOf(Math.floor(place / tables.length)));
    };
    const flagged = [...this.#flagged].filter(isOwner).map((place) => place % tables.length);
    return [...new Set(flagged)].sort((left, right) => left - right);
  }

  // ---------------------------------------------------------------- checks

  /** Handler: a node's check is due. */
  check(node: number, incarnation: number): void {
    const { kernel, cluster, tables, settings, rules } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    kernel.schedule(kernel.now + settings[node].checkMicros, EVENT.entropyCheck, node, incarnation);
    if (cluster.paused[node] === 1) return;
    rules.mark('influxdb.6.2-check');
    this.checks += 1;
    for (const table of tables) {
      const place = table.replicas.indexOf(node);
      if (this.#o.ownership.owns(table.index, place) && !this.#o.ends.isGone(table.index)) this.#compare(table, place);
    }
  }

  /** With the next owner of the list; hot shards are skipped. */
  #compare(table: TableLayout, place: number): void {
    const { settings, rules } = this.#o;
    const node = table.replicas[place];
    const next = this.#nextTo(table, place);
    const flag = node * this.#o.tables.length + table.index;
    if (next === node) {
      this.#flagged.delete(flag);
      return;
    }
    if (!this.#reaches(node, next) || !this.#isIdle(node, table.index)) return;
    if (this.#lacks(next, table.index)) {
      if (!this.#has(node, table.index)) return;
      rules.mark('influxdb.6.2-missing');
      const known = this.#tasks.some((task) => task.table === table.index && task.origin === 0);
      if (settings[node].repairsMissing && !known) this.#add({ table: table.index, turn: place, origin: 0 });
      return;
    }
    if (!settings[node].comparesContent || !this.#isIdle(next, table.index)) return;
    const files = `${this.#fileOf(node, table.index)} ${this.#fileOf(next, table.index)}`;
    if (this.#seen.get(flag) === files) return;
    if (this.#comparisons.some((other) => other.node === node && other.table === table.index)) return;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#comparisons.push({ id, node, place, table: table.index, job: 0, of: 0 });
    this.#goOn(node);
  }

  /** As many comparisons of the node as it may have at once. */
  #goOn(node: number): void {
    const own = this.#comparisons.filter((comparison) => comparison.node === node);
    for (const comparison of own.slice(0, this.#o.settings[node].maxSync))
      if (comparison.job === 0) this.#digestOrCompare(comparison);
  }

  /** A digest reads the whole file, and takes the processor as long (influxdb.6.4). */
  #digestOrCompare(comparison: Comparison): void {
    const { tables, devices, diskRead, processor, rules } = this.#o;
    const next = this.#nextTo(tables[comparison.table], comparison.place);
    const wants = [comparison.node, next].find((node) => {
      const file = this.#fileOf(node, comparison.table);
      return file !== 0 && this.#digests.get(node * tables.length + comparison.table) !== file;
    });
    const isMade = this.#comparisons.some(
      ({ table, job, of }) => table === comparison.table && job !== 0 && of === wants,
    );
    // Whoever asked for it first has it made.
    if (isMade) return;
    const isOwner = this.#o.ownership.owns(comparison.table, comparison.place);
    const isVoid = !isOwner || next === comparison.node || !this.#reaches(comparison.node, next);
    if (wants === undefined || isVoid || !this.#isIdle(wants, comparison.table)) {
      this.#comparisons = this.#comparisons.filter((other) => other !== comparison);
      if (wants === undefined && !isVoid && this.#isIdle(next, comparison.table))
        this.#judge(tables[comparison.table], comparison.place);
      this.#goOn(comparison.node);
      return;
    }
    rules.mark('influxdb.6.4-digest');
    const bytes = this.#runOf(wants, comparison.table)?.bytes ?? 0;
    this.counts.digests_made += 1;
    this.counts.digest_bytes += bytes;
    comparison.of = wants;
    const completion = { kind: EVENT.entropyDigest, a: comparison.id, b: this.#fileOf(wants, comparison.table) };
    comparison.job = devices.start({ resources: [diskRead[wants], processor[wants]], bytes, completion });
  }

  /** Handler: a digest is made of this file. */
  digested(id: number, file: number): void {
    const comparison = this.#comparisons.find((other) => other.id === id);
    if (comparison === undefined) return;
    this.#digests.set(comparison.of * this.#o.tables.length + comparison.table, file);
    comparison.job = 0;
    this.#digestOrCompare(comparison);
    this.#goOnAll();
  }

  #goOnAll(): void {
    for (const node of new Set(this.#comparisons.map((comparison) => comparison.node))) this.#goOn(node);
  }

  #judge(table: TableLayout, place: number): void {
    const node = table.replicas[place];
    const next = this.#nextTo(table, place);
    const flag = node * this.#o.tables.length + table.index;
    this.#seen.set(flag, `${this.#fileOf(node, table.index)} ${this.#fileOf(next, table.index)}`);
    const own = digestOf(table, this.#runOf(node, table.index));
    const other = digestOf(table, this.#runOf(next, table.index));
    const differs = missingIn(own, other).length > 0 || missingIn(other, own).length > 0;
    if (differs) this.#flagged.add(flag);
    else this.#flagged.delete(flag);
  }

  // ---------------------------------------------------------------- repairs

  /** An operator asks for a repair of these shards; null: of all that are flagged. */
  repair(
    origin: number,
    { id, command, node, tables }: { id: string; command: string; node: number; tables: readonly number[] | null },
  ): void {
    const { kernel, trace } = this.#o;
    trace.record(kernel.now, RECORD.repairStarted, node, 0, 0, origin, 0);
    const ledger = this.ledger.begin(origin, { id, strategy: 'entropy-repair', command, atMicros: kernel.now });
    const failure = this.#queue(origin, tables ?? this.flaggedTables());
    if (failure !== null) {
      ledger.failures.push(failure);
      this.ledger.end(origin, kernel.now);
      trace.record(kernel.now, RECORD.repairFailed, node, 0, 0, origin, 0);
      return;
    }
    this.#endIfDone(origin);
  }

  /** `entropy repair` as a step of a repair by hand: it has ended when the shard is queued, and who typed it begins and ends the entry. */
  repairStep(origin: number, { id, command, table }: { id: string; command: string; table: number }): string | null {
    this.ledger.begin(origin, { id, strategy: 'manual', command, atMicros: this.#o.kernel.now });
    return this.#queue(origin, [table]);
  }

  /** Why not; null where they wait for their turn. */
  #queue(origin: number, tables: readonly number[]): string | null {
    const { settings, rules, ownership } = this.#o;
    rules.mark('influxdb.6.5-repair');
    if (!settings.some(({ enabled }) => enabled)) return 'anti-entropy is not enabled';
    for (const table of tables) {
      this.ledger.of(origin).sessions += 1;
      this.#add({ table, turn: ownership.ownersOf(table).at(0) ?? 0, origin });
    }
    return null;
  }

  /** kill-repair: takes a shard out of the queues; a repair that is under way goes on. */
  killRepair(table: number): void {
    const gone = this.#tasks.filter((task) => task.table === table && task.patch === null && task.visits === 0);
    this.#tasks = this.#tasks.filter((task) => !gone.includes(task));
    for (const { origin } of gone) this.#endIfDone(origin);
  }

  /** Tables that wait for their repair, or are under it. */
  queuedTables(): readonly { table: number; isUnderWay: boolean }[] {
    return this.#tasks.map(({ table, patch, visits }) => ({ table, isUnderWay: patch !== null || visits > 0 }));
  }

  #add({ table, turn, origin }: Pick<Task, 'table' | 'turn' | 'origin'>): void {
    const { kernel } = this.#o;
    const task: Task = { id: this.#nextId, table, turn, visits: 0, origin, patch: null, isSent: false };
    this.#nextId += 1;
    this.#tasks.push(task);
    kernel.schedule(kernel.now, EVENT.entropyStep, task.id, 0);
  }

  /** Handler: the owner whose turn it is looks whether it can go on. */
  step(id: number): void {
    const { kernel, tables, ownership } = this.#o;
    const task = this.#tasks.find((other) => other.id === id);
    if (task === undefined || task.patch !== null) return;
    if (this.#o.ends.isGone(task.table)) {
      this.#finish(task);
      return;
    }
    const table = tables[task.table];
    // Whoever had the turn may be an owner no more.
    if (!ownership.owns(task.table, task.turn)) task.turn = ownership.nextOwner(task.table, task.turn);
    const node = table.replicas[task.turn];
    const next = this.#nextTo(table, task.turn);
    if (next === node) {
      this.#finish(task);
      return;
    }
    const isReady =
      this.#isFree(task) &&
      this.#reaches(node, next) &&
      this.#isIdle(node, task.table) &&
      (this.#isIdle(next, task.table) || this.#lacks(next, task.table)) &&
      this.#fetching(node) < this.#o.settings[node].maxFetch;
    if (!isReady) {
      kernel.schedule(kernel.now + POLL_MICROS, EVENT.entropyStep, id, 0);
      return;
    }
    this.#send(task, node, next);
  }

  #send(task: Task, node: number, next: number): void {
    const { tables, versions, devices, diskRead, diskWrite, linkOut, linkIn } = this.#o;
    const table = tables[task.table];
    const run = this.#runOf(node, task.table);
    const own = digestOf(table, run);
    const other = digestOf(table, this.#runOf(next, task.table));
    const blocks = missingIn(own, other);
    const entries = blocks.flatMap(({ entries: indices }) => indices).sort((left, right) => left - right);
    const slots = Int32Array.from(entries, (index) => run?.slots[index] ?? 0);
    const sent = Int32Array.from(entries, (index) => run?.versions[index] ?? 0);
    const bytes = bytesOfEntries(table, versions, { slots, versions: sent });
    if (task.origin > 0) {
      const ledger = this.ledger.of(task.origin);
      ledger.comparisons += 1;
      ledger.tree_bytes += other.length * RANGE_BYTES;
      ledger.nodes_visited += own.length + other.length;
      ledger.differing_ranges += blocks.length;
      ledger.read_bytes += bytes;
      ledger.sent_bytes += bytes;
      ledger.sent_rows += slots.length;
      this.ledger.noteSentSlots(task.origin, task.table, slots);
    }
    const resources = [diskRead[node], linkOut[node], linkIn[next], diskWrite[next]];
    const job = devices.start({ resources, bytes, completion: { kind: EVENT.entropySent, a: task.id, b: 0 } });
    task.patch = { to: table.replicas.indexOf(next), slots, versions: sent, bytes, job };
  }

  /** Handler: the next owner has the patch: a new file, newer than all it has (influxdb.6.5). */
  sent(id: number): void {
    const { kernel, trace, tables, storage, runs, compaction } = this.#o;
    const task = this.#tasks.find((other) => other.id === id);
    if (task === undefined || task.patch === null) return;
    const table = tables[task.table];
    const { to: copy, slots, versions, bytes } = task.patch;
    const next = table.replicas[copy];
    task.patch = null;
    if (this.#o.ends.isGone(task.table) || !this.#o.ownership.owns(task.table, copy)) {
      this.#finish(task);
      return;
    }
    task.isSent ||= slots.length > 0;
    if (task.origin === 0) {
      this.counts.shards_copied += 1;
      if (slots.length === 0) this.counts.empty_shards_copied += 1;
      this.#o.caches.copied(next, task.table);
    }
    if (slots.length > 0) {
      const before = storage.heldVersions(next, task.table, slots);
      const content = { slots, versions, base: false, removed: new Int32Array(0) };
      storage.addRun(next, task.table, runs.fromContent(next, table, content));
      const detail = VIA.repair | APPLIED_ONE_SLOT | (task.origin << 8);
      slots.forEach((slot, index) =>
        trace.record(kernel.now, RECORD.applied, next, copy, versions[index], slot, detail),
      );
      if (task.origin > 0) this.#charge(task, { next, slots, before, bytes });
      // One file more: the whole copy is written anew (influxdb.6.5).
      compaction.begin(next, task.table);
    }
    task.visits += 1;
    task.turn = copy;
    if (this.#isRound(task, next)) this.#finish(task);
    else kernel.schedule(kernel.now, EVENT.entropyStep, id, 0);
  }

  /** Have all owners had their turn, and does it not begin anew? */
  #isRound(task: Task, next: number): boolean {
    const { ownership, settings } = this.#o;
    if (task.origin === 0) return true;
    if (task.visits < ownership.ownersOf(task.table).length) return false;
    if (!task.isSent || !settings[next].repairsUntilEqual) return true;
    task.visits = 0;
    task.isSent = false;
    return false;
  }

  #finish(task: Task): void {
    this.#tasks = this.#tasks.filter((other) => other !== task);
    this.#endIfDone(task.origin);
  }

  /** What came of a patch: places that show something else now, and those that do not. */
  #charge(
    { origin, table }: Task,
    { next, slots, before, bytes }: { next: number; slots: Int32Array; before: Int32Array; bytes: number },
  ): void {
    const { storage, tables, versions } = this.#o;
    const ledger = this.ledger.of(origin);
    const after = storage.heldVersions(next, table, slots);
    const same = slots.filter((_slot, index) => after[index] === before[index]);
    const held = after.filter((version, index) => version === before[index]);
    ledger.sstables_written += 1;
    ledger.healed_copies += slots.length - same.length;
    const waste = bytesOfEntries(tables[table], versions, { slots: same, versions: held });
    ledger.floor_bytes += bytes - waste;
    ledger.sent_for_nothing_rows += same.length;
    ledger.sent_for_nothing_bytes += waste;
  }

  #endIfDone(origin: number): void {
    const { kernel, trace } = this.#o;
    if (origin === 0 || this.#tasks.some((task) => task.origin === origin)) return;
    this.ledger.end(origin, kernel.now);
    if (this.ledger.of(origin).strategy !== 'manual')
      trace.record(kernel.now, RECORD.repairFinished, 0, 0, 0, origin, 0);
  }

  /** The process of a node ends: what it sends or takes is void, and tried again when it is back. */
  nodeEnded(node: number): void {
    const { tables, devices, kernel } = this.#o;
    for (const task of this.#tasks) {
      if (task.patch === null) continue;
      const { replicas } = tables[task.table];
      if (replicas[task.turn] !== node && replicas[task.patch.to] !== node) continue;
      devices.cancel(task.patch.job);
      task.patch = null;
      kernel.schedule(kernel.now + POLL_MICROS, EVENT.entropyStep, task.id, 0);
    }
    const over = this.#comparisons.filter(({ node: own, job, of }) => own === node || (job !== 0 && of === node));
    for (const { job } of over) if (job !== 0) devices.cancel(job);
    this.#comparisons = this.#comparisons.filter((comparison) => !over.includes(comparison));
    this.#goOnAll();
    for (const place of [...this.#flagged]) if (Math.floor(place / tables.length) === node) this.#flagged.delete(place);
    for (const place of [...this.#seen.keys()])
      if (Math.floor(place / tables.length) === node) this.#seen.delete(place);
  }

  save(): AntiEntropyState {
    return {
      tasks: this.#tasks.map((task) => ({ ...task, patch: task.patch && { ...task.patch } })),
      nextId: this.#nextId,
      flagged: [...this.#flagged],
      seen: [...this.#seen],
      ledger: this.ledger.save(),
      checks: this.checks,
      counts: { ...this.counts },
      comparisons: this.#comparisons.map((comparison) => ({ ...comparison })),
      digests: [...this.#digests],
    };
  }

  load(state: AntiEntropyState): void {
    this.#tasks = state.tasks.map((task) => ({ ...task, patch: task.patch && { ...task.patch } }));
    this.#nextId = state.nextId;
    this.#flagged = new Set(state.flagged);
    this.#seen = new Map(state.seen);
    this.ledger.load(state.ledger);
    this.checks = state.checks;
    Object.assign(this.counts, state.counts);
    this.#comparisons = state.comparisons.map((comparison) => ({ ...comparison }));
    this.#digests = new Map(state.digests);
  }

  // ---------------------------------------------------------------- helpers

  #reaches(node: number, next: number): boolean {
    const { cluster } = this.#o;
    const pairs = [node * cluster.count + next, next * cluster.count + node];
    return cluster.answers(node) && cluster.answers(next) && pairs.every((pair) => cluster.cut[pair] === 0);
  }

  /** The next owner of the list; the node itself where it is the only one. */
  #nextTo({ index, replicas }: TableLayout, place: number): number {
    return replicas[this.#o.ownership.nextOwner(index, place)];
  }

  #isIdle(node: number, table: number): boolean {
    if (!this.#o.compaction.isIdle(node, table)) return false;
    this.#o.rules.mark('influxdb.6.3-idle');
    return true;
  }

  /** Has the node such a shard, be it empty? */
  #has(node: number, table: number): boolean {
    return this.#o.caches.exists(node, table) || !this.#isMissing(node, table);
  }

  /** Before 1.8.6 a shard without a file was taken for none, also right after it was copied. */
  #lacks(node: number, table: number): boolean {
    return this.#o.settings[node].copiesEmptyAgain ? this.#isMissing(node, table) : !this.#has(node, table);
  }

  /** Nobody else passes the same shard round. */
  #isFree({ id, table }: Task): boolean {
    return !this.#tasks.some((other) => other.table === table && other.id < id && other.patch !== null);
  }

  #isMissing(node: number, table: number): boolean {
    const { runs, memtable, flushes } = this.#o.storage.of(node, table);
    return runs.length === 0 && memtable.count === 0 && flushes.length === 0;
  }

  #runOf(node: number, table: number): ReturnType<Storage['of']>['runs'][number] | undefined {
    return this.#o.storage.of(node, table).runs.at(0);
  }

  #fileOf(node: number, table: number): number {
    return this.#runOf(node, table)?.id ?? 0;
  }

  #fetching(node: number): number {
    const { tables } = this.#o;
    return this.#tasks.filter(({ table, turn, patch }) => patch !== null && tables[table].replicas[turn] === node)
      .length;
  }
}
