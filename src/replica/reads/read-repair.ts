/**
 * Read repair: after a mismatch the answers are merged, and each replica that answered with less gets what it lacks, with the
 * old timestamps. The client waits for as many acknowledgements as its level lacks, or before 4.0 for all; nothing is hinted.
 * Where nobody acknowledges in time, what is not acknowledged goes to replicas that were not asked (4.0 on).
 */
import { OUTCOME, VIA } from '../../data/causes.ts';
import { copyIndexOf, ordinalOfSlot } from '../../data/build-layout.ts';
import { APPLIED_ONE_SLOT, RECORD } from '../../data/records.ts';
import { NOTHING } from '../../data/versions.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import { PHASE } from './open-reads.ts';
import type { ReadAnswers } from './read-answers.ts';
import { bits, candidateOf, lowBits, type ReadMessages } from './read-messages.ts';
import type { RowContent } from './row-content.ts';

export class ReadRepair {
  readonly #messages: ReadMessages;
  readonly #answers: ReadAnswers;
  readonly #content: RowContent;

  constructor(messages: ReadMessages, answers: ReadAnswers, content: RowContent) {
    this.#messages = messages;
    this.#answers = answers;
    this.#content = content;
  }

  /** The full data of the replicas in `received` is there. */
  resolve(entry: number, received: number): void {
    const { open, options } = this.#messages;
    open.phase[entry] = PHASE.repair;
    open.mergedMask[entry] = received;
    this.#merge(entry, received, PHASE.data);
    this.#compare(entry, received);
    const { repairs } = options.tables[this.#messages.readerOf(entry).table];
    if (!repairs || open.lackingMask[entry] === 0) {
      this.#succeed(entry);
      return;
    }
    open.awaited[entry] = this.#acknowledgementsNeeded(entry);
    if (open.awaited[entry] <= 0) this.#succeed(entry);
    open.repairedAt[entry] = options.kernel.now;
    this.#write(entry, open.lackingMask[entry]);
    const { repairAwaits } = options.behaviour;
    if (repairAwaits === 'all') this.#messages.expireAfter(entry, options.writeTimeoutMicros);
    if (options.behaviour.widensRepair) this.#messages.schedule(entry, this.#patienceMicros(), EVENT.readRepairWidens);
  }

  /** The newest of the first answers is what the client gets, and that is all. */
  merge(entry: number, received: number): void {
    this.#messages.open.phase[entry] = PHASE.repair;
    this.#merge(entry, received, PHASE.digest);
    this.#succeed(entry);
  }

  /** What the answers of a round come to. */
  #merge(entry: number, received: number, phase: number): void {
    const { open, options } = this.#messages;
    const content = this.#content;
    const { layout } = options.tables[this.#messages.readerOf(entry).table];
    const at = entry * open.slots;
    open.merged.fill(NOTHING, at, at + open.slots);
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1)
      if ((received >> candidate) & 1)
        content.take(layout, open.merged, at, {
          content: open.content,
          at: open.contentOf(entry, phase, candidate),
        });
    content.settle(layout, open.merged, at);
  }

  /** What each answer lacks. */
  #compare(entry: number, received: number): void {
    const { open, options } = this.#messages;
    const content = this.#content;
    const { layout } = options.tables[this.#messages.readerOf(entry).table];
    const at = entry * open.slots;
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1) {
      if (((received >> candidate) & 1) === 0) continue;
      const answer = { content: open.content, at: open.contentOf(entry, PHASE.data, candidate) };
      const lacking = content.lacking(layout, open.merged, at, answer);
      open.lacking[entry * open.copies + candidate] = lacking;
      if (lacking !== 0) open.lackingMask[entry] |= 1 << candidate;
    }
  }

  /** Replicas that have answered and lacked nothing count as acknowledged, who was asked and is silent does not; before 4.0
   * every write counts. */
  #acknowledgementsNeeded(entry: number): number {
    const { open, options } = this.#messages;
    const lacking = bits(open.lackingMask[entry]);
    if (options.behaviour.repairAwaits === 'all') return lacking;
    return open.needed[entry] - (bits(open.mergedMask[entry]) - lacking);
  }

  #write(entry: number, mask: number): void {
    const { open, options } = this.#messages;
    const { kernel, trace } = options;
    for (let candidate = 0; candidate < open.candidates[entry]; candidate += 1) {
      if (((mask >> candidate) & 1) === 0) continue;
      const node = open.target[entry * open.copies + candidate];
      trace.record(
        kernel.now,
        RECORD.readRepairSent,
        node,
        open.reader[entry],
        open.id[entry],
        open.slot[entry],
        open.lacking[entry * open.copies + candidate],
      );
      this.#messages.send(entry, node, {
        direction: DIRECTION.write,
        kind: EVENT.readRepairArrives,
        candidate,
        phase: PHASE.repair,
      });
    }
  }

  /** Handler: what a replica lacked is there. */
  arrives(id: number, b: number): void {
    const entry = this.#messages.take(id);
    if (this.#messages.isHeldUp(entry, EVENT.readRepairArrives, b)) return;
    const { kernel, writeTimeoutMicros } = this.#messages.options;
    // A mutation older than its time-out is dropped by the replica, as one of a client is.
    if (kernel.now - this.#messages.open.repairedAt[entry] <= writeTimeoutMicros) this.#apply(entry, candidateOf(b));
    this.#messages.release(entry);
  }

  #apply(entry: number, candidate: number): void {
    const { open, options } = this.#messages;
    const { kernel, trace, storage, tables } = options;
    const { layout } = tables[this.#messages.readerOf(entry).table];
    const node = open.target[entry * open.copies + candidate];
    const slot = open.slot[entry];
    const copy = copyIndexOf(layout, ordinalOfSlot(layout, slot), node);
    if (copy < 0) return;
    const lacking = open.lacking[entry * open.copies + candidate];
    for (let index = layout.slotsPerRow - 1; index >= 0; index -= 1) {
      if (((lacking >> index) & 1) === 0) continue;
      const version = open.merged[entry * open.slots + index];
      // A deletion of the row is written to all its slots, as the delete itself was.
      const isWhole = layout.slotsPerRow === 1 || index >= layout.groups;
      if (isWhole) storage.appendRow(node, layout, slot, version);
      else storage.append(node, layout.index, slot + index, version);
      const detail = VIA.readRepair | (isWhole ? 0 : APPLIED_ONE_SLOT);
      trace.record(kernel.now, RECORD.applied, node, copy, version, isWhole ? slot : slot + index, detail);
    }
    this.#messages.send(entry, node, {
      direction: DIRECTION.ack,
      kind: EVENT.readRepairAcknowledges,
      candidate,
      phase: PHASE.repair,
    });
  }

  /** Handler: an acknowledgement is back. */
  acknowledges(id: number, b: number): void {
    const entry = this.#messages.take(id);
    if (this.#messages.isCoordinatorHeldUp(entry, EVENT.readRepairAcknowledges, b)) return;
    const { open } = this.#messages;
    open.ackedMask[entry] |= 1 << candidateOf(b);
    if (open.told[entry] === 0 && bits(open.ackedMask[entry]) >= open.awaited[entry]) this.#succeed(entry);
    this.#messages.release(entry);
  }

  /** Handler: too few acknowledgements so far. */
  widens(id: number): void {
    const entry = this.#messages.take(id);
    if (this.#messages.isCoordinatorHeldUp(entry, EVENT.readRepairWidens, 0)) return;
    if (this.#messages.open.told[entry] === 0) this.#widen(entry);
    this.#messages.release(entry);
  }

  /** All live replicas that did not answer, asked or not, get what no acknowledgement has come for. */
  #widen(entry: number): void {
    const { open } = this.#messages;
    const unacknowledged = open.lackingMask[entry] & ~open.ackedMask[entry];
    let lacking = 0;
    for (let candidate = 0; candidate < open.asked[entry]; candidate += 1)
      if ((unacknowledged >> candidate) & 1) lacking |= open.lacking[entry * open.copies + candidate];
    const others = lowBits(open.counting[entry]) & ~open.mergedMask[entry];
    for (let candidate = 0; candidate < open.counting[entry]; candidate += 1)
      if ((others >> candidate) & 1) open.lacking[entry * open.copies + candidate] = lacking;
    this.#write(entry, others);
  }

  #succeed(entry: number): void {
    const { open } = this.#messages;
    this.#answers.tell(entry, OUTCOME.success, entry * open.slots, open.merged);
  }

  /** The 99th percentile of write latencies, which starts at half of write_request_timeout; here it stays there, since the
   * latencies of writes are not gathered. */
  #patienceMicros(): number {
    return Math.floor(this.#messages.options.writeTimeoutMicros / 2);
  }
}
