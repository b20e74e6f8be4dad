/**
 * What clients got from their reads, folded from the trace: outcomes, latencies, which replicas were asked, mismatches and
 * repairs; and whether each answer kept what clients had been promised before the read began. The oracle says what was
 * promised; a read that a write overtakes may answer either. `read-metrics.ts` gives the numbers names.
 */
import { OUTCOME } from '../data/causes.ts';
import { tableOfSlot } from '../data/layout.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import { NOTHING } from '../data/versions.ts';
import { ANY } from './counters.ts';
import type { Content } from './content.ts';
import { ReadHistory, type ReadHistoryState } from './read-history.ts';
import { ReadLatencies, type ReadLatenciesState } from './read-latencies.ts';

const KIND_SHIFT = 20;
const NODE_MASK = 0xffff;
const COPY_SHIFT = 16;
const OUTCOME_BITS = 3;
const OUTCOME_MASK = 7;
const MICROS_PER_SECOND = 1e6;

/** What is counted for each reader. */
export const READ_COUNTS = [
  'answered',
  'timed_out',
  'unavailable',
  'unknown',
  'digest_mismatches',
  'background_mismatches',
  'read_repairs',
  'read_repair_writes',
  'speculative_retries',
  'stale',
  'missing',
  'zombie',
  'backward',
] as const;
export type ReadCount = (typeof READ_COUNTS)[number];
const COUNT = Object.fromEntries(READ_COUNTS.map((name, index) => [name, index])) as Record<ReadCount, number>;
const COUNTS = READ_COUNTS.length;

export interface ReadLogOptions {
  /** Ids of the readers, by their number. */
  readers: readonly string[];
  tables: readonly TableLayout[];
  nodeCount: number;
  content: Content;
  /** The newest version of a slot whose client was told success. */
  promisedVersion: (slot: number) => number;
  /** The newest that can still spread. */
  expectedVersion: (slot: number) => number;
  /** Length of the intervals over which latencies and shares are told. */
  windowMicros: number;
}

interface OpenRead {
  slot: number;
  startedAt: number;
  /** By column group of the row, when it began. */
  promised: number[];
  /** A deletion that replicas may leave out of their answers by now, so that an answer of nothing shows it; else NOTHING. */
  hidden: number[];
  shownBefore: number[];
  shown: number[];
}

export interface ReadLogState {
  gcGraceMicros: number[];
  counts: Float64Array;
  repairWrites: Float64Array;
  requests: Float64Array;
  windowRequests: Float64Array;
  lastRequests: Float64Array;
  repaired: number[];
  open: [number, OpenRead][];
  history: ReadHistoryState;
  latencies: ReadLatenciesState;
  times: [window: number, changes: number];
}

export class ReadLog {
  /** Rises with every read record. */
  changes = 0;
  readonly #o: ReadLogOptions;
  /** By reader * COUNTS + count. */
  readonly #counts: Float64Array;
  /** By node: writes of read repair, requests of the first round; those of the open window and of the last whole one. */
  readonly #repairWrites: Float64Array;
  readonly #requests: Float64Array;
  readonly #windowRequests: Float64Array;
  readonly #lastRequests: Float64Array;
  /** Reads that have sent repairs and are open. */
  #repaired = new Set<number>();
  #open = new Map<number, OpenRead>();
  readonly #history = new ReadHistory();
  readonly #latencies: ReadLatencies;
  #window = 0;
  /** By table, as of the records taken so far: the layouts may be ahead of them. */
  #gcGraceMicros: number[];

  constructor(options: ReadLogOptions) {
    this.#o = options;
    this.#counts = new Float64Array(Math.max(1, options.readers.length) * COUNTS);
    this.#repairWrites = new Float64Array(options.nodeCount);
    this.#requests = new Float64Array(options.nodeCount);
    this.#windowRequests = new Float64Array(options.nodeCount);
    this.#lastRequests = new Float64Array(options.nodeCount);
    this.#latencies = new ReadLatencies(options.readers.length);
    this.#gcGraceMicros = options.tables.map(({ gcGraceMicros }) => gcGraceMicros);
  }

  get readers(): readonly string[] {
    return this.#o.readers;
  }

  /** A control record, at its moment, before the oracle has folded it. True for one that is about reads. */
  record(words: Int32Array, at: number, micros: number): boolean {
    const kind = words[at + 1] >>> KIND_SHIFT;
    if (kind === RECORD.gcGraceChanged) this.#gcGraceMicros[words[at + 3]] = words[at + 5] * MICROS_PER_SECOND;
    if (kind < RECORD.readStarted || kind > RECORD.readSpeculated) return false;
    // What probes read is counted by them.
    if (words[at + 2] >>> COPY_SHIFT >= this.#o.readers.length) return true;
    this.passTo(micros);
    this.changes += 1;
    this.#take(kind, words, at, micros);
    return true;
  }

  /** Time goes on: a window may be whole. */
  passTo(micros: number): void {
    const window = Math.floor(micros / this.#o.windowMicros);
    if (window === this.#window) return;
    const isNext = window === this.#window + 1;
    this.#window = window;
    this.#latencies.roll(isNext);
    if (isNext) this.#lastRequests.set(this.#windowRequests);
    else this.#lastRequests.fill(0);
    this.#windowRequests.fill(0);
    this.changes += 1;
  }

  /** Of one reader, or of all. */
  count(name: ReadCount, reader: number): number {
    if (reader !== ANY) return this.#counts[reader * COUNTS + COUNT[name]];
    let total = 0;
    for (let each = 0; each < this.#o.readers.length; each += 1) total += this.#counts[each * COUNTS + COUNT[name]];
    return total;
  }

  /** Requests of first rounds that went to the node. */
  requests(node: number): number {
    return node === ANY ? sum(this.#requests) : this.#requests[node];
  }

  /** Of the requests in the last whole window, the share that went to the node; NaN where there were none. */
  requestShare(node: number): number {
    const all = sum(this.#lastRequests);
    if (all === 0) return NaN;
    return node === ANY ? 1 : this.#lastRequests[node] / all;
  }

  repairWrites(node: number): number {
    return node === ANY ? sum(this.#repairWrites) : this.#repairWrites[node];
  }

  get latencies(): ReadLatencies {
    return this.#latencies;
  }

  save(): ReadLogState {
    return {
      gcGraceMicros: [...this.#gcGraceMicros],
      counts: this.#counts.slice(),
      repairWrites: this.#repairWrites.slice(),
      requests: this.#requests.slice(),
      windowRequests: this.#windowRequests.slice(),
      lastRequests: this.#lastRequests.slice(),
      repaired: [...this.#repaired],
      open: [...this.#open].map(([id, read]) => [id, copied(read)]),
      history: this.#history.save(),
      latencies: this.#latencies.save(),
      times: [this.#window, this.changes],
    };
  }

  load(state: ReadLogState): void {
    this.#gcGraceMicros = [...state.gcGraceMicros];
    this.#counts.set(state.counts);
    this.#repairWrites.set(state.repairWrites);
    this.#requests.set(state.requests);
    this.#windowRequests.set(state.windowRequests);
    this.#lastRequests.set(state.lastRequests);
    this.#repaired = new Set(state.repaired);
    this.#open = new Map(state.open.map(([id, read]) => [id, copied(read)]));
    this.#history.load(state.history);
    this.#latencies.load(state.latencies);
    [this.#window, this.changes] = state.times;
  }

  // ---------------------------------------------------------------- records

  #take(kind: number, words: Int32Array, at: number, micros: number): void {
    const node = words[at + 2] & NODE_MASK;
    const reader = words[at + 2] >>> COPY_SHIFT;
    const a = words[at + 3];
    const slot = words[at + 4];
    const c = words[at + 5];
    switch (kind) {
      case RECORD.readStarted:
        return this.#started(a, slot, c, micros);
      case RECORD.readShown:
        return this.#shown(c, slot, a);
      case RECORD.readAnswered:
        return this.#answered(reader, a, c, micros);
      case RECORD.digestMismatched:
        return this.#add(reader, c === 0 ? 'digest_mismatches' : 'background_mismatches');
      case RECORD.readRepairSent:
        return this.#repairSent(reader, a, node);
      default:
        this.#add(reader, 'speculative_retries');
        return this.#asked(node);
    }
  }

  #started(id: number, slot: number, copies: number, micros: number): void {
    const table = tableOfSlot(this.#o.tables, slot);
    const ordinal = Math.floor((slot - table.slotBase) / table.slotsPerPartition);
    const base = table.rangeOfOrdinal[ordinal] * table.copies;
    for (let copy = 0; copy < table.copies; copy += 1)
      if ((copies >> copy) & 1) this.#asked(table.replicas[base + copy]);
    const read: OpenRead = { slot, startedAt: micros, promised: [], hidden: [], shownBefore: [], shown: [] };
    for (let group = 0; group < table.groups; group += 1) {
      const promised = newestOf(this.#o, table, { slot, group, of: this.#o.promisedVersion });
      read.promised.push(promised);
      read.hidden.push(this.#hidden(table, { slot, group, promised }, micros));
      read.shownBefore.push(this.#history.newestBefore(slot + group, micros));
    }
    this.#open.set(id, read);
  }

  /** cassandra.h4: the newest deletion, or expired cell, where it may be left out of answers. */
  #hidden(table: TableLayout, at: { slot: number; group: number; promised: number }, micros: number): number {
    const { content, expectedVersion } = this.#o;
    const expected = newestOf(this.#o, table, { ...at, of: expectedVersion });
    const newest = content.newer(expected, at.promised) ? expected : at.promised;
    return this.#isLeftOut(newest, this.#gcGraceMicros[table.index], micros) ? newest : NOTHING;
  }

  #isLeftOut(version: number, gcGraceMicros: number, micros: number): boolean {
    const { content } = this.#o;
    return content.shown(version, micros) === NOTHING && content.purgeableAt(version, gcGraceMicros) <= micros;
  }

  #asked(node: number): void {
    this.#requests[node] += 1;
    this.#windowRequests[node] += 1;
  }

  #shown(id: number, slot: number, version: number): void {
    const read = this.#open.get(id);
    if (read !== undefined) read.shown[slot - read.slot] = version;
  }

  #answered(reader: number, id: number, detail: number, micros: number): void {
    const read = this.#open.get(id);
    const outcome = detail & OUTCOME_MASK;
    this.#open.delete(id);
    this.#repaired.delete(id);
    if (outcome === OUTCOME.timedOut) this.#add(reader, 'timed_out');
    else if (outcome === OUTCOME.unavailable) this.#add(reader, 'unavailable');
    else if (outcome !== OUTCOME.success) this.#add(reader, 'unknown');
    else {
      this.#add(reader, 'answered');
      this.#latencies.add(reader, detail >>> OUTCOME_BITS);
      if (read !== undefined) this.#judge(reader, read, micros);
    }
  }

  #repairSent(reader: number, id: number, node: number): void {
    if (!this.#repaired.has(id)) this.#add(reader, 'read_repairs');
    this.#repaired.add(id);
    this.#add(reader, 'read_repair_writes');
    this.#repairWrites[node] += 1;
  }

  // ---------------------------------------------------------------- judgement

  /** The worst of a row's column groups counts; going back behind an answer given before counts beside it. */
  #judge(reader: number, read: OpenRead, micros: number): void {
    const table = tableOfSlot(this.#o.tables, read.slot);
    let worst = RIGHT;
    let isBackward = false;
    for (let group = 0; group < table.groups; group += 1) {
      const answer = answerOf(read.shown, table, group);
      worst = Math.max(
        worst,
        this.#wrongness(answer, read.promised[group], read.startedAt, this.#gcGraceMicros[table.index]),
      );
      const seen = answer === NOTHING ? read.hidden[group] : answer;
      if (this.#wrongness(seen, read.shownBefore[group], read.startedAt, Infinity) !== RIGHT) isBackward = true;
      this.#history.note(read.slot + group, micros, seen, this.#o.content);
    }
    if (worst !== RIGHT) this.#add(reader, WRONG_NAMES[worst]);
    if (isBackward) this.#add(reader, 'backward');
  }

  /** Is the answer older than what it must not be older than, so that the client sees it? */
  #wrongness(answer: number, promised: number, now: number, gcGraceMicros: number): number {
    const { content } = this.#o;
    if (answer === promised || !content.newer(promised, answer)) return RIGHT;
    const seen = content.shown(answer, now);
    if (seen === NOTHING) return content.shown(promised, now) === NOTHING ? RIGHT : MISSING;
    return this.#isLeftOut(promised, gcGraceMicros, now) ? ZOMBIE : STALE;
  }

  #add(reader: number, name: ReadCount): void {
    this.#counts[reader * COUNTS + COUNT[name]] += 1;
  }
}

const RIGHT = 0;
const STALE = 1;
const MISSING = 2;
const ZOMBIE = 3;
const WRONG_NAMES: readonly ReadCount[] = ['stale', 'stale', 'missing', 'zombie'];

/** The newest version, of a kind, that a column group has: its own, or the deletion of the row. */
function newestOf(
  { content }: Pick<ReadLogOptions, 'content'>,
  table: TableLayout,
  { slot, group, of }: { slot: number; group: number; of: (slot: number) => number },
): number {
  const own = of(slot + group);
  if (table.slotsPerRow === table.groups) return own;
  const deletion = of(slot + table.groups);
  return content.newer(deletion, own) ? deletion : own;
}

/** What the client sees of a column group: its own version, or the deletion of the row. */
function answerOf(shown: readonly number[], table: TableLayout, group: number): number {
  const own = shown[group] ?? NOTHING;
  if (own !== NOTHING || table.slotsPerRow === table.groups) return own;
  return shown[table.groups] ?? NOTHING;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) total += values[index];
  return total;
}

function copied(read: OpenRead): OpenRead {
  const { promised, hidden, shownBefore, shown } = read;
  return { ...read, promised: [...promised], hidden: [...hidden], shownBefore: [...shownBefore], shown: [...shown] };
}
