/**
 * A read from the client's call to the coordinator's last word: the data of one replica, digests of as many more as the level
 * needs; where they differ the full data of all that were asked (cassandra.i-read-repair), and what that repairs
 * (`read-repair.ts`). Fates of messages are decided at sending and at arrival (ADR 0003). Every step is an event of the
 * queue; its operands are the read's number, and candidate | round << 6.
 *
 * Other parts may read too (probes): `start` begins a read for any reader, whoever adds a reader (`addReader`) is told of its answers.
 */
import { OUTCOME } from '../../data/causes.ts';
import { ordinalOfSlot } from '../../data/build-layout.ts';
import { RECORD } from '../../data/records.ts';
import { quorumOf } from '../consistency.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import { DynamicSnitch, type DynamicSnitchState } from './dynamic-snitch.ts';
import { NO_HANDLE, PHASE, type OpenReads, type OpenReadsState } from './open-reads.ts';
import { ReadAnswers } from './read-answers.ts';
import { bits, candidateOf, lowBits, lowestBit, ReadMessages, roundOf, type ReadPathOptions } from './read-messages.ts';
import { ReadLoad } from './read-load.ts';
import { ReadRepair } from './read-repair.ts';
import type { ReadListener, ReadRequest } from './read-types.ts';
import type { Reader } from './reader.ts';
import { ReplicaChoice } from './replica-choice.ts';
import { RowContent } from './row-content.ts';
import { NEVER, Speculation, type SpeculationState } from './speculation.ts';

export interface ReadPathState {
  open: OpenReadsState;
  nextId: number;
  speculation: SpeculationState;
  snitch: DynamicSnitchState | null;
}

export class ReadPath {
  readonly choice: ReplicaChoice;
  readonly repair: ReadRepair;
  readonly answered: ReadAnswers;
  readonly messages: ReadMessages;
  readonly open: OpenReads;
  readonly options: ReadPathOptions;
  readonly speculation: Speculation;
  /** Null where it is off. */
  readonly snitch: DynamicSnitch | null;
  readonly #content: RowContent;
  readonly #load: ReadLoad;
  /** Some reads ask more replicas than they need (before 4.0). */
  readonly #hasChances: boolean;
  #nextId = 1;

  constructor(options: ReadPathOptions) {
    this.options = options;
    this.messages = new ReadMessages(options);
    this.open = this.messages.open;
    this.answered = new ReadAnswers(this.messages);
    this.answered.onOver = (entry, micros) => this.#noteRead(entry, micros);
    this.choice = new ReplicaChoice(options.cluster, this.open.copies, options.placements ?? null);
    this.#content = new RowContent(options.versions, options.storage, options.rules);
    this.#load = new ReadLoad(options.load);
    this.speculation = new Speculation(
      options.tables.map(({ speculation }) => speculation),
      options.readTimeoutMicros,
    );
    this.snitch = snitchOf(options);
    this.choice.order = this.snitch;
    this.repair = new ReadRepair(this.messages, this.answered, this.#content);
    this.#hasChances = options.behaviour.hasChances && !options.rules.isOff('cassandra.i-read-repair-chance');
  }

  /** Takes a reader in; its index is its place. Before the run begins. */
  addReader(reader: Reader, listener: ReadListener | null = null): void {
    this.messages.readers[reader.index] = reader;
    this.answered.listeners[reader.index] = listener;
  }

  /** A read was over after so long, one way or the other. */
  #noteRead(entry: number, latencyMicros: number): void {
    const { table } = this.messages.readerOf(entry);
    this.speculation.note(this.open.coordinator[entry], table, latencyMicros, this.options.kernel.now);
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
    const isEnough = this.choice.choose(layout, base, coordinator, reader.rule);
    const isAvailable = isEnough && this.options.cluster.answers(coordinator);
    const entry = this.open.create(id);
    this.#fill(entry, { reader, address, slot, coordinator });
    if (!isAvailable) {
      this.answered.recordStart(entry, 0);
      this.answered.tell(entry, OUTCOME.unavailable, null);
      this.messages.release(entry);
      return id;
    }
    const asked = this.#howMany(reader, address, coordinator);
    this.#placeCandidates(entry);
    this.open.asked[entry] = asked;
    this.open.compared[entry] = asked + (this.#keepsOneMore(reader, asked) ? 1 : 0);
    this.open.dataMask[entry] = reader.merges ? -1 : this.#asksTwice(reader, asked) ? 3 : 1;
    this.answered.recordStart(entry, asked);
    for (let candidate = 0; candidate < asked; candidate += 1) this.#ask(entry, candidate, PHASE.digest);
    const expiresAt = kernel.now + this.options.readTimeoutMicros;
    this.open.expiry[entry] = this.messages.scheduleAt(entry, expiresAt, EVENT.readExpires, 0);
    this.#scheduleSpeculation(entry, reader);
    return id;
  }

  #fill(entry: number, { reader, address, slot, coordinator }: ReadRequest): void {
    const { open, choice } = this;
    open.reader[entry] = reader.index;
    open.address[entry] = address;
    open.slot[entry] = slot;
    open.coordinator[entry] = coordinator;
    open.startedAt[entry] = this.options.kernel.now;
    open.needed[entry] = choice.needed;
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
    const least = Math.min(choice.needed, choice.candidates);
    const isDoubled = this.#speculates(reader) && this.speculation.isAlways(reader.table) && least < choice.counting;
    const needed = least + (isDoubled ? 1 : 0);
    const { chanceBelow, dcLocalChanceBelow } = tables[reader.table];
    if (!this.#hasChances || chanceBelow + dcLocalChanceBelow === 0) return needed;
    const drawn = reader.chanceDraw(address);
    if (drawn < chanceBelow) {
      rules.mark('cassandra.i-read-repair-chance');
      return choice.candidates;
    }
    // Where each data centre gives its own quorum, there is none that more are asked of.
    if (drawn >= dcLocalChanceBelow || reader.rule.each !== null) return needed;
    rules.mark('cassandra.i-read-repair-chance');
    return Math.max(needed, choice.localsFirst(coordinator));
  }

  /** Where more are asked than needed, two of them are asked for data. */
  #asksTwice(reader: Reader, asked: number): boolean {
    const isMore = asked > this.choice.needed;
    return isMore && (this.#hasChances || this.speculation.isAlways(reader.table));
  }

  /** cassandra.i-read-repair-chance: who a read might still ask is counted among those that must have answered before all
   * are compared. */
  #keepsOneMore(reader: Reader, asked: number): boolean {
    return this.#speculates(reader) && this.speculation.mayAskLater(reader.table) && asked < this.choice.candidates;
  }

  /** At EACH_QUORUM an answer more would stand in for one of another data centre (CASSANDRA-11980). */
  #speculates(reader: Reader): boolean {
    return reader.rule.level !== 'EACH_QUORUM';
  }

  // ---------------------------------------------------------------- requests and answers

  #scheduleSpeculation(entry: number, reader: Reader): void {
    const { open } = this;
    if (reader.asksAll || reader.merges || open.asked[entry] >= open.counting[entry]) return;
    if (!this.#speculates(reader)) return;
    const { now } = this.options.kernel;
    const patience = this.speculation.patienceMicros(open.coordinator[entry], reader.table, now);
    if (patience !== NEVER) this.messages.scheduleAt(entry, now + patience, EVENT.readSpeculates, open.phase[entry]);
  }

  /** Handler: those that were asked in this round are slow; one more is, for the data if that is not there. */
  speculates(id: number, phase: number): void {
    const entry = this.messages.take(id);
    if (this.messages.isCoordinatorHeldUp(entry, EVENT.readSpeculates, phase)) return;
    const { open } = this;
    const isOpen = open.told[entry] === 0 && open.phase[entry] === phase;
    if (isOpen && open.asked[entry] < open.counting[entry]) this.#askOneMore(entry, phase);
    this.messages.release(entry);
  }

  #askOneMore(entry: number, phase: number): void {
    const { kernel, trace, rules } = this.options;
    const { open } = this;
    const candidate = open.asked[entry];
    const node = open.target[entry * open.copies + candidate];
    rules.mark('cassandra.i-speculation');
    open.asked[entry] = candidate + 1;
    if ((open.received[open.roundOf(entry, PHASE.digest)] & open.dataMask[entry]) === 0)
      open.dataMask[entry] |= 1 << candidate;
    trace.record(kernel.now, RECORD.readSpeculated, node, open.reader[entry], open.id[entry], open.slot[entry], 0);
    this.#ask(entry, candidate, phase);
  }

  #ask(entry: number, candidate: number, phase: number): void {
    const { open } = this;
    const target = open.target[entry * open.copies + candidate];
    open.askedAt[entry * open.copies + candidate] = this.options.kernel.now;
    this.messages.send(entry, target, { direction: DIRECTION.read, kind: EVENT.readArrives, candidate, phase });
  }

  /** Handler: a request is there. The answer is what the replica holds at this moment. */
  arrives(id: number, b: number): void {
    const entry = this.messages.take(id);
    const candidate = candidateOf(b);
    const phase = roundOf(b);
    if (this.messages.isHeldUp(entry, EVENT.readArrives, b)) return;
    this.#serve(entry, candidate, phase);
    this.messages.release(entry);
  }

  #serve(entry: number, candidate: number, phase: number): void {
    const { kernel, readTimeoutMicros, tables } = this.options;
    const { open } = this;
    // A request older than its time-out is dropped by the replica.
    if (kernel.now - open.startedAt[entry] > readTimeoutMicros) return;
    const { layout } = tables[this.messages.readerOf(entry).table];
    const node = open.target[entry * open.copies + candidate];
    const row = { layout, slot: open.slot[entry], nowMicros: open.startedAt[entry] };
    this.#content.answer(node, row, open.content, open.contentOf(entry, phase, candidate));
    const extra = this.#load.extraMicros(node, row.slot);
    if (extra === 0) this.#respond(entry, candidate, phase);
    else this.messages.holdUp(entry, kernel.now + extra, { kind: EVENT.readServed, candidate, phase });
  }

  /** Handler: the disk of the replica has given what the read wants. */
  served(id: number, b: number): void {
    const entry = this.messages.take(id);
    if (this.messages.isHeldUp(entry, EVENT.readServed, b)) return;
    this.#respond(entry, candidateOf(b), roundOf(b));
    this.messages.release(entry);
  }

  #respond(entry: number, candidate: number, phase: number): void {
    const { open } = this;
    const node = open.target[entry * open.copies + candidate];
    this.messages.send(entry, node, { direction: DIRECTION.response, kind: EVENT.readAnswers, candidate, phase });
  }

  /** Handler: an answer is back at the coordinator. */
  answers(id: number, b: number): void {
    const entry = this.messages.take(id);
    if (!this.messages.isCoordinatorHeldUp(entry, EVENT.readAnswers, b)) {
      const phase = roundOf(b);
      const candidate = candidateOf(b);
      this.open.received[this.open.roundOf(entry, phase)] |= 1 << candidate;
      this.#noteLatency(entry, candidate, phase);
      if (phase === this.open.phase[entry]) this.#advance(entry, phase);
      this.messages.release(entry);
    }
  }

  #noteLatency(entry: number, candidate: number, phase: number): void {
    const { open, snitch } = this;
    if (snitch === null || (phase === PHASE.digest && open.phase[entry] === PHASE.data)) return;
    // Who asks all has no use for an order, and is no client of the database.
    if (this.messages.readerOf(entry).asksAll) return;
    const place = entry * open.copies + candidate;
    snitch.note(open.coordinator[entry], open.target[place], this.options.kernel.now - open.askedAt[place]);
  }

  #advance(entry: number, phase: number): void {
    const { open } = this;
    const received = open.received[open.roundOf(entry, phase)];
    if (phase === PHASE.digest) this.#compare(entry, received);
    else if (bits(received) >= this.#dataNeeded(entry)) this.repair.resolve(entry, received);
  }

  /** After a mismatch: before 4.0 all that were asked, and so in the background; else as many as the level needs. */
  #dataNeeded(entry: number): number {
    const { open } = this;
    if (open.told[entry] === 1 || this.options.behaviour.dataAwaits === 'all') return open.asked[entry];
    return open.needed[entry];
  }

  /** Answers of the first round: enough for the client, or, where more were asked by chance, all of them. */
  #compare(entry: number, received: number): void {
    const { open } = this;
    const counted = bits(received & lowBits(open.counting[entry]));
    if (open.told[entry] === 1) {
      if (counted === open.compared[entry] && !this.#agree(entry, received)) this.#mismatch(entry);
      return;
    }
    if (counted < open.needed[entry] || (received & open.dataMask[entry]) === 0) return;
    if (this.messages.readerOf(entry).merges) {
      this.repair.merge(entry, received);
      return;
    }
    if (!this.#agree(entry, received)) {
      this.#mismatch(entry);
      return;
    }
    this.answered.tell(entry, OUTCOME.success, open.contentOf(entry, PHASE.digest, lowestBit(received)));
    if (!this.#hasChances || open.asked[entry] === open.needed[entry]) open.phase[entry] = PHASE.repair;
  }

  /** Do all that have answered say the same? */
  #agree(entry: number, received: number): boolean {
    const { open } = this;
    const { layout } = this.options.tables[this.messages.readerOf(entry).table];
    const first = open.contentOf(entry, PHASE.digest, lowestBit(received));
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1) {
      if (((received >> candidate) & 1) === 0) continue;
      const at = open.contentOf(entry, PHASE.digest, candidate);
      if (!this.#content.areEqual(open.content, first, at, layout.slotsPerRow)) return false;
    }
    return true;
  }

  /** The full data of all that were asked. */
  #mismatch(entry: number): void {
    const { kernel, trace, rules, behaviour } = this.options;
    const { open } = this;
    rules.mark(
      this.options.behaviour.repairAwaits === 'all' ? 'cassandra.i-read-repair-before-4' : 'cassandra.i-read-repair',
    );
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
    // From 4.0 on this round may ask one more, too.
    const isWide = behaviour.dataAwaits === 'level' && this.#isQuorum(entry);
    if (isWide) this.#scheduleSpeculation(entry, this.messages.readerOf(entry));
  }

  /** Does the level ask no less than a quorum? Else nobody more is asked for data after a mismatch. */
  #isQuorum(entry: number): boolean {
    const { rule, table } = this.messages.readerOf(entry);
    if (rule.level === 'LOCAL_QUORUM') return true;
    if (rule.level === 'LOCAL_ONE') return false;
    return this.open.needed[entry] >= quorumOf(this.options.tables[table].layout.factor);
  }

  // ---------------------------------------------------------------- the client is told

  /** Handler: read_request_timeout has passed. */
  expires(id: number): void {
    const entry = this.messages.take(id);
    this.open.expiry[entry] = NO_HANDLE;
    if (this.messages.isCoordinatorHeldUp(entry, EVENT.readExpires, 0)) return;
    this.#noteSilence(entry);
    this.answered.tell(entry, OUTCOME.timedOut, null);
    this.open.closed[entry] = 1;
    this.messages.release(entry);
  }

  /** Who has not answered in the round that is open took as long as the time-out. */
  #noteSilence(entry: number): void {
    const { open, snitch } = this;
    const phase = open.phase[entry];
    if (snitch === null || phase === PHASE.repair || this.messages.readerOf(entry).asksAll) return;
    const received = open.received[open.roundOf(entry, phase)];
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1) {
      if ((received >> candidate) & 1) continue;
      const node = open.target[entry * open.copies + candidate];
      snitch.note(open.coordinator[entry], node, this.options.readTimeoutMicros);
    }
  }

  /** A process ended: its clients hear nothing more, and what waited in it is gone. */
  nodeEnded(node: number): void {
    const { open } = this;
    this.snitch?.nodeEnded(node);
    this.speculation.nodeEnded(node);
    for (const entry of open.entries()) {
      this.messages.forgetWaiting(entry, node);
      if (open.coordinator[entry] !== node || open.closed[entry] === 1) continue;
      this.answered.tell(entry, OUTCOME.unknown, null);
      open.closed[entry] = 1;
    }
  }

  // ---------------------------------------------------------------- snapshots

  save(): ReadPathState {
    return {
      open: this.open.save(),
      nextId: this.#nextId,
      speculation: this.speculation.save(),
      snitch: this.snitch?.save() ?? null,
    };
  }

  load(state: ReadPathState): void {
    this.open.load(state.open);
    this.#nextId = state.nextId;
    this.speculation.load(state.speculation);
    if (state.snitch !== null) this.snitch?.load(state.snitch);
  }
}

function snitchOf({ snitch, cluster, kernel }: ReadPathOptions): DynamicSnitch | null {
  return snitch === null ? null : new DynamicSnitch({ ...snitch, cluster, now: () => kernel.now });
}
