/**
 * A read from the client's call to the coordinator's last word: the data of one replica, digests of as many more as the level
 * needs; where they differ the full data of all that were asked (cassandra.i-read-repair), and what that repairs
 * (`read-repair.ts`). Fates of messages are decided at sending and at arrival (ADR 0003). Every step is an event of the
 * queue; its operands are the read's number, and candidate | round << 6.
 *
 * Other parts may read too (probes): `start` begins a read for any reader, `listen` tells of its answers.
 */
import { OUTCOME } from '../../data/causes.ts';
import { copyIndexOf, ordinalOfSlot } from '../../data/build-layout.ts';
import { RECORD } from '../../data/records.ts';
import type { Versions } from '../../data/versions.ts';
import type { Rules } from '../../base/rules.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Cluster } from '../cluster.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION, DIRECTIONS, type Links } from '../links.ts';
import type { Storage } from '../storage.ts';
import { NO_HANDLE, NO_READ, OpenReads, PHASE, type OpenReadsState } from './open-reads.ts';
import { ReadRepair } from './read-repair.ts';
import type { ReadBehaviour, ReadListener, ReadRequest, ReadTable } from './read-types.ts';
import type { Reader } from './reader.ts';
import { ReplicaChoice } from './replica-choice.ts';
import { RowContent } from './row-content.ts';

export const ROUND_SHIFT = 6;
const CANDIDATE_MASK = 63;
/** Of a message's operand: it has waited in a paused node. */
const WAITED = 1 << 12;
/** Attempts of the draws, by round: a message of each round has a latency of its own. */
const OUTCOME_BITS = 3;

export interface ReadPathOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  cluster: Cluster;
  links: Links;
  storage: Storage;
  tables: readonly ReadTable[];
  behaviour: ReadBehaviour;
  readTimeoutMicros: number;
  writeTimeoutMicros: number;
}

export interface ReadPathState {
  open: OpenReadsState;
  nextId: number;
  counts: ReadCounts;
}

export interface ReadCounts {
  answered: number;
  timedOut: number;
  unavailable: number;
  unknown: number;
}

export class ReadPath {
  readonly open: OpenReads;
  readonly choice: ReplicaChoice;
  readonly content: RowContent;
  readonly repair: ReadRepair;
  readonly counts: ReadCounts = { answered: 0, timedOut: 0, unavailable: 0, unknown: 0 };
  readonly options: ReadPathOptions;
  /** Some reads ask more replicas than they need (before 4.0). */
  readonly #hasChances: boolean;
  readonly #readers: Reader[] = [];
  readonly #listeners: (ReadListener | null)[] = [];
  #nextId = 1;

  constructor(options: ReadPathOptions) {
    this.options = options;
    const copies = options.tables.reduce((most, { layout }) => Math.max(most, layout.copies), 1);
    const slots = options.tables.reduce((most, { layout }) => Math.max(most, layout.slotsPerRow), 1);
    this.open = new OpenReads(copies, slots);
    this.choice = new ReplicaChoice(options.cluster, copies);
    this.content = new RowContent(options.versions, options.storage, options.rules);
    this.repair = new ReadRepair(this);
    this.#hasChances = options.behaviour.hasChances && !options.rules.isOff('cassandra.i-read-repair-chance');
  }

  /** Takes a reader in; its index is its place. Before the run begins. */
  addReader(reader: Reader, listener: ReadListener | null = null): void {
    this.#readers[reader.index] = reader;
    this.#listeners[reader.index] = listener;
  }

  // ---------------------------------------------------------------- the coordinator begins

  /** Begins a read now; returns its number. */
  start({ reader, address, slot, coordinator }: ReadRequest): number {
    const { kernel, tables, rules } = this.options;
    const { layout } = tables[reader.table];
    rules.mark('cassandra.i-read');
    const id = this.#nextId;
    this.#nextId += 1;
    const base = layout.rangeOfOrdinal[ordinalOfSlot(layout, slot)] * layout.copies;
    const hasEnough = this.choice.choose(layout, base, coordinator, reader.rule);
    const isEnough = reader.needs === null ? hasEnough : this.choice.counting >= reader.needs;
    const isAvailable = isEnough && this.options.cluster.answers(coordinator);
    const entry = this.open.create(id);
    this.#fill(entry, { reader, address, slot, coordinator });
    if (!isAvailable) {
      this.#recordStart(entry, 0);
      this.tell(entry, OUTCOME.unavailable, null);
      this.release(entry);
      return id;
    }
    const asked = this.#howMany(reader, address, coordinator);
    this.#placeCandidates(entry);
    this.open.asked[entry] = asked;
    this.open.dataMask[entry] = reader.merges ? -1 : this.#asksTwice(reader, asked) ? 3 : 1;
    this.#recordStart(entry, asked);
    for (let candidate = 0; candidate < asked; candidate += 1) this.#ask(entry, candidate, PHASE.digest);
    const expiresAt = kernel.now + this.options.readTimeoutMicros;
    this.open.expiry[entry] = this.#scheduleAt(entry, expiresAt, EVENT.readExpires, 0);
    return id;
  }

  #fill(entry: number, { reader, address, slot, coordinator }: ReadRequest): void {
    const { open, choice } = this;
    open.reader[entry] = reader.index;
    open.address[entry] = address;
    open.slot[entry] = slot;
    open.coordinator[entry] = coordinator;
    open.startedAt[entry] = this.options.kernel.now;
    open.needed[entry] = reader.needs ?? choice.needed;
    open.candidates[entry] = choice.candidates;
    open.counting[entry] = choice.counting;
  }

  #placeCandidates(entry: number): void {
    const { open, choice } = this;
    for (let candidate = 0; candidate < choice.candidates; candidate += 1)
      open.target[entry * open.copies + candidate] = choice.nodes[candidate];
  }

  /** Replicas that are asked at once: those that the level needs, or more by the table's chances (before 4.0). */
  #howMany(reader: Reader, address: number, coordinator: number): number {
    const { tables, rules } = this.options;
    const { choice } = this;
    if (reader.asksAll) return choice.counting;
    const needed = Math.min(reader.needs ?? choice.needed, choice.candidates);
    const { chanceBelow, dcLocalChanceBelow } = tables[reader.table];
    if (!this.#hasChances || reader.rule.each !== null || chanceBelow + dcLocalChanceBelow === 0) return needed;
    const drawn = reader.chanceDraw(address);
    if (drawn < chanceBelow) {
      rules.mark('cassandra.i-read-repair-chance');
      return choice.candidates;
    }
    if (drawn >= dcLocalChanceBelow) return needed;
    rules.mark('cassandra.i-read-repair-chance');
    return Math.max(needed, choice.localsFirst(coordinator));
  }

  /** Where every candidate is asked anyway, 2.1 to 3.11 ask two of them for data. */
  #asksTwice(reader: Reader, asked: number): boolean {
    return this.#hasChances && asked > 1 && asked > (reader.needs ?? this.choice.needed);
  }

  // ---------------------------------------------------------------- requests and answers

  #ask(entry: number, candidate: number, phase: number): void {
    const { open } = this;
    const target = open.target[entry * open.copies + candidate];
    this.send(entry, target, { direction: DIRECTION.read, kind: EVENT.readArrives, candidate, phase });
  }

  /** A message of this read to or from `node`, if its link lets it through. */
  send(
    entry: number,
    node: number,
    message: { direction: number; kind: number; candidate: number; phase: number },
  ): void {
    const { kernel, cluster } = this.options;
    const { direction, kind, candidate, phase } = message;
    const coordinator = this.open.coordinator[entry];
    const goesOut = direction === DIRECTION.read || direction === DIRECTION.write;
    const from = goesOut ? coordinator : node;
    const to = goesOut ? node : coordinator;
    if (this.#isLost(entry, from * cluster.count + to, { direction, phase })) return;
    const at = kernel.now + this.#wayMicros(entry, node, { direction, phase });
    this.#scheduleAt(entry, at, kind, candidate | (phase << ROUND_SHIFT));
  }

  /** Handler: a request is there. The answer is what the replica holds at this moment. */
  arrives(id: number, b: number): void {
    const entry = this.#taken(id);
    const candidate = b & CANDIDATE_MASK;
    const phase = (b >> ROUND_SHIFT) & 3;
    if (this.isHeldUp(entry, EVENT.readArrives, b)) return;
    this.#serve(entry, candidate, phase);
    this.release(entry);
  }

  #serve(entry: number, candidate: number, phase: number): void {
    const { kernel, readTimeoutMicros, tables } = this.options;
    const { open } = this;
    // A request older than its time-out is dropped by the replica.
    if (kernel.now - open.startedAt[entry] > readTimeoutMicros) return;
    const { layout } = tables[this.readerOf(entry).table];
    const node = open.target[entry * open.copies + candidate];
    const row = { layout, slot: open.slot[entry], nowMicros: open.startedAt[entry] };
    this.content.answer(node, row, open.content, open.contentOf(entry, phase, candidate));
    this.send(entry, node, { direction: DIRECTION.response, kind: EVENT.readAnswers, candidate, phase });
  }

  /** Handler: an answer is back at the coordinator. */
  answers(id: number, b: number): void {
    const entry = this.#taken(id);
    if (!this.isCoordinatorHeldUp(entry, EVENT.readAnswers, b)) {
      const phase = (b >> ROUND_SHIFT) & 3;
      const candidate = b & CANDIDATE_MASK;
      this.open.received[this.open.roundOf(entry, phase)] |= 1 << candidate;
      if (phase === this.open.phase[entry]) this.#advance(entry, phase);
      this.release(entry);
    }
  }

  #advance(entry: number, phase: number): void {
    const { open } = this;
    const received = open.received[open.roundOf(entry, phase)];
    const count = bits(received);
    if (phase === PHASE.digest) this.#compare(entry, received, count);
    else if (count >= this.#dataNeeded(entry)) this.repair.resolve(entry, received);
  }

  /** After a mismatch: before 4.0 all that were asked, and so in the background; else as many as the level needs. */
  #dataNeeded(entry: number): number {
    const { open } = this;
    if (open.told[entry] === 1 || this.options.behaviour.dataAwaits === 'all') return open.asked[entry];
    return open.needed[entry];
  }

  /** Answers of the first round: enough for the client, or, where more were asked by chance, all of them. */
  #compare(entry: number, received: number, count: number): void {
    const { open } = this;
    if (open.told[entry] === 1) {
      if (count === open.asked[entry] && !this.#agree(entry, received)) this.#mismatch(entry);
      return;
    }
    const counted = bits(received & lowBits(open.counting[entry]));
    if (counted < open.needed[entry] || (received & open.dataMask[entry]) === 0) return;
    if (this.readerOf(entry).merges) {
      this.repair.merge(entry, received);
      return;
    }
    if (!this.#agree(entry, received)) {
      this.#mismatch(entry);
      return;
    }
    this.tell(entry, OUTCOME.success, open.contentOf(entry, PHASE.digest, lowestBit(received)));
    if (!this.#hasChances || open.asked[entry] === open.needed[entry]) open.phase[entry] = PHASE.repair;
  }

  /** Do all that have answered say the same? */
  #agree(entry: number, received: number): boolean {
    const { open } = this;
    const { layout } = this.options.tables[this.readerOf(entry).table];
    const first = open.contentOf(entry, PHASE.digest, lowestBit(received));
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1) {
      if (((received >> candidate) & 1) === 0) continue;
      const at = open.contentOf(entry, PHASE.digest, candidate);
      if (!this.content.areEqual(open.content, first, at, layout.slotsPerRow)) return false;
    }
    return true;
  }

  /** The full data of all that were asked. */
  #mismatch(entry: number): void {
    const { kernel, trace, rules } = this.options;
    const { open } = this;
    rules.mark(this.options.behaviour.repairAwaits === 'all' ? 'cassandra.i-read-repair-before-4' : 'cassandra.i-read-repair');
    const isBackground = open.told[entry];
    trace.record(
      kernel.now,
      RECORD.digestMismatched,
      open.coordinator[entry],
      open.reader[entry],
      open.id[entry],
      open.slot[entry],
      isBackground,
    );
    open.phase[entry] = PHASE.data;
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1) this.#ask(entry, candidate, PHASE.data);
  }

  // ---------------------------------------------------------------- the client is told

  /** `at`: place of the content in `from`; null where there is none. */
  tell(entry: number, outcome: number, at: number | null, from: Int32Array = this.open.content): void {
    const { open } = this;
    if (open.told[entry] === 1) return;
    open.told[entry] = 1;
    const reader = this.readerOf(entry);
    const { layout } = this.options.tables[reader.table];
    const content = at === null ? NO_CONTENT : from.subarray(at, at + layout.slotsPerRow);
    this.#count(outcome);
    this.#recordAnswer(entry, outcome, content);
    this.#listeners[reader.index]?.({
      reader,
      address: open.address[entry],
      slot: open.slot[entry],
      coordinator: open.coordinator[entry],
      outcome,
      startedAt: open.startedAt[entry],
      latencyMicros: this.options.kernel.now - open.startedAt[entry],
      content,
    });
  }

  /** Handler: read_request_timeout has passed. */
  expires(id: number): void {
    const entry = this.#taken(id);
    this.open.expiry[entry] = NO_HANDLE;
    if (this.isCoordinatorHeldUp(entry, EVENT.readExpires, 0)) return;
    if (this.open.closed[entry] === 0) this.tell(entry, OUTCOME.timedOut, null);
    this.open.closed[entry] = 1;
    this.release(entry);
  }

  /** A process ended: its clients hear nothing more, and what waited in it is gone. */
  nodeEnded(node: number): void {
    const { open } = this;
    if (open.size === 0) return;
    for (const entry of open.entries()) {
      this.#forgetWaiting(entry, node);
      if (open.coordinator[entry] !== node || open.closed[entry] === 1) continue;
      this.tell(entry, OUTCOME.unknown, null);
      open.closed[entry] = 1;
    }
  }

  #forgetWaiting(entry: number, node: number): void {
    const { open } = this;
    for (let candidate = 0; candidate < open.candidates[entry]; candidate += 1) {
      if (open.target[entry * open.copies + candidate] !== node) continue;
      for (const phase of Object.values(PHASE)) open.waiting[open.roundOf(entry, phase)] &= ~(1 << candidate);
    }
  }

  // ---------------------------------------------------------------- what the parts of the read path share

  readerOf(entry: number): Reader {
    return this.#readers[this.open.reader[entry]];
  }

  /** The message does not take effect now: its receiver is not running, or stands still; then it waits there. */
  isHeldUp(entry: number, kind: number, b: number): boolean {
    const { cluster } = this.options;
    const { open } = this;
    const candidate = b & CANDIDATE_MASK;
    const round = open.roundOf(entry, (b >> ROUND_SHIFT) & 3);
    const node = open.target[entry * open.copies + candidate];
    const hasWaited = (b & WAITED) !== 0;
    const isGone = cluster.running[node] === 0 || (hasWaited && ((open.waiting[round] >> candidate) & 1) === 0);
    if (isGone) {
      this.release(entry);
      return true;
    }
    if (cluster.paused[node] === 1) {
      open.waiting[round] |= 1 << candidate;
      this.#scheduleAt(entry, cluster.pausedUntil[node], kind, b | WAITED);
      return true;
    }
    open.waiting[round] &= ~(1 << candidate);
    return false;
  }

  /** The coordinator does not look at it now: it has closed the read, or stands still. */
  isCoordinatorHeldUp(entry: number, kind: number, b: number): boolean {
    const { cluster } = this.options;
    const { open } = this;
    const node = open.coordinator[entry];
    if (open.closed[entry] === 1) {
      this.release(entry);
      return true;
    }
    if (cluster.paused[node] === 0) return false;
    this.#scheduleAt(entry, cluster.pausedUntil[node], kind, b);
    return true;
  }

  /** An event of this read that is to come. */
  schedule(entry: number, delayMicros: number, kind: number): void {
    this.#scheduleAt(entry, this.options.kernel.now + delayMicros, kind, 0);
  }

  /** The read that an event is about, which is now out of the queue. */
  take(id: number): number {
    return this.#taken(id);
  }

  /** Forgets the read if nothing of it is to come, or nothing but the time-out of one that is over. */
  release(entry: number): void {
    const { open } = this;
    const isOver = open.told[entry] === 1 && open.outstanding[entry] === 1 && open.expiry[entry] !== NO_HANDLE;
    if (isOver) this.options.kernel.cancel(open.expiry[entry]);
    if (isOver || open.outstanding[entry] === 0) open.remove(entry);
  }

  #taken(id: number): number {
    const entry = this.open.find(id);
    if (entry !== NO_READ) this.open.outstanding[entry] -= 1;
    return entry;
  }

  #scheduleAt(entry: number, micros: number, kind: number, b: number): number {
    this.open.outstanding[entry] += 1;
    return this.options.kernel.schedule(micros, kind, this.open.id[entry], b);
  }

  #isLost(entry: number, pair: number, { direction, phase }: { direction: number; phase: number }): boolean {
    const { cluster } = this.options;
    if (pair % (cluster.count + 1) === 0) return false;
    if (cluster.cut[pair] > 0) return true;
    const threshold = cluster.lossThreshold[pair];
    if (threshold === 0) return false;
    return this.readerOf(entry).lossDraw(pair, direction, phase, this.open.address[entry]) < threshold;
  }

  #wayMicros(entry: number, target: number, { direction, phase }: { direction: number; phase: number }): number {
    const { links } = this.options;
    const pair = this.open.coordinator[entry] * links.count + target;
    const sampler = links.samplers[links.classOf[pair] * DIRECTIONS + direction];
    const address = this.open.address[entry];
    return this.readerOf(entry).latency(sampler, { direction, address, attempt: phase, target });
  }

  #count(outcome: number): void {
    if (outcome === OUTCOME.success) this.counts.answered += 1;
    else if (outcome === OUTCOME.timedOut) this.counts.timedOut += 1;
    else if (outcome === OUTCOME.unavailable) this.counts.unavailable += 1;
    else this.counts.unknown += 1;
  }

  /** c = the copies asked, a bit each, in natural order. */
  #recordStart(entry: number, asked: number): void {
    const { kernel, trace, tables } = this.options;
    const { open } = this;
    const { layout } = tables[this.readerOf(entry).table];
    const slot = open.slot[entry];
    const ordinal = ordinalOfSlot(layout, slot);
    let copies = 0;
    for (let candidate = 0; candidate < asked; candidate += 1) {
      const copy = copyIndexOf(layout, ordinal, open.target[entry * open.copies + candidate]);
      if (copy >= 0) copies |= 1 << copy;
    }
    trace.record(kernel.now, RECORD.readStarted, open.coordinator[entry], open.reader[entry], open.id[entry], slot, copies);
  }

  #recordAnswer(entry: number, outcome: number, content: Int32Array): void {
    const { kernel, trace } = this.options;
    const { open } = this;
    const node = open.coordinator[entry];
    const slot = open.slot[entry];
    const id = open.id[entry];
    for (let index = 0; index < content.length; index += 1)
      trace.record(kernel.now, RECORD.readShown, node, open.reader[entry], content[index], slot + index, id);
    const latency = kernel.now - open.startedAt[entry];
    const detail = outcome | (Math.min(latency, LATENCY_MAX) << OUTCOME_BITS);
    trace.record(kernel.now, RECORD.readAnswered, node, open.reader[entry], id, slot, detail);
  }

  // ---------------------------------------------------------------- snapshots

  save(): ReadPathState {
    return { open: this.open.save(), nextId: this.#nextId, counts: { ...this.counts } };
  }

  load(state: ReadPathState): void {
    this.open.load(state.open);
    this.#nextId = state.nextId;
    Object.assign(this.counts, state.counts);
  }
}

const NO_CONTENT = new Int32Array(0);
/** What fits beside the outcome in a record. */
const LATENCY_MAX = 0x0fffffff;

export function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

export function lowBits(count: number): number {
  return count >= 32 ? -1 : (1 << count) - 1;
}

export function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}
