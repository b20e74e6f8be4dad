/**
 * What an exchange does with the keys that differ. Riak: one after the other, each a read at all replicas and a write to
 * those that lack something, with a forced rehash at the two who compared (strategies.2a-get). Dynamo: all at once, between
 * the two alone (strategies.1-swap). Either way the newest timestamp of each cell wins, as in the database, and what a
 * replica lacks goes through its log and memtable as a write does.
 */
import { copyIndexOf, ordinalOfSlot } from '../../data/build-layout.ts';
import { VIA } from '../../data/causes.ts';
import { APPLIED_ONE_SLOT, RECORD } from '../../data/records.ts';
import { NOTHING } from '../../data/versions.ts';
import type { AlgorithmContext, AlgorithmRun } from './algorithm-context.ts';
import type { TreeUnit } from './algorithm-entry.ts';
import type { Exchange, KeyAnswer, KeyWrites } from './algorithm-state.ts';
import { endRead, readAt } from './device-work.ts';
import { ALGORITHM_EVENT, packed, STEP } from './event-kinds.ts';
import type { Exchanges } from './exchanges.ts';

/** cassandra.h5: read_request_timeout, where it is unset. */
const READ_TIMEOUT_MICROS = 5_000_000;

/** Entries of one replica's content: slots that ascend, and what it should have in them. */
interface Entries {
  slots: Int32Array;
  versions: Int32Array;
}

interface Size {
  bytes: number;
  rows: number;
}

export class KeyRepairs {
  readonly #context: AlgorithmContext;
  readonly #exchanges: Exchanges;

  constructor(context: AlgorithmContext, exchanges: Exchanges) {
    this.#context = context;
    this.#exchanges = exchanges;
  }

  begin(exchange: Exchange): void {
    this.nextKey(exchange);
  }

  /** The next key, or all at once. Who compares with a node that is gone by now gives up. */
  nextKey(exchange: Exchange): void {
    const context = this.#context;
    const { keys, done, local, remote } = exchange;
    if (done >= keys.length) {
      this.#exchanges.repaired(exchange);
      return;
    }
    if (!context.host.sees(local, remote)) {
      this.#exchanges.close(exchange, 'exchanges_failed');
      return;
    }
    const swaps = this.#swaps(exchange);
    context.mark(swaps ? 'strategies.1-swap' : 'strategies.2a-get');
    const { holders } = this.#unitOf(exchange);
    const others = holders.filter((node) => node !== local && context.host.sees(local, node));
    exchange.batch = swaps ? keys : [keys[done]];
    exchange.asked = swaps ? [remote] : others;
    exchange.contents = exchange.asked.map(() => null);
    exchange.hasArrived = exchange.asked.map(() => false);
    exchange.isReady = [!swaps, true];
    context.ledger(exchange.entry).rounds += 1;
    if (swaps) this.#exchanges.awaits(exchange);
    else this.#exchanges.awaits(exchange, context.host.setting(local, 'read_request_timeout') ?? READ_TIMEOUT_MICROS);
    for (const [place, node] of exchange.asked.entries())
      context.post(exchange, { from: local, to: node }, { code: STEP.contentAsked, place });
    if (swaps) this.#read(exchange, local, { code: STEP.contentReadHere, place: 0, content: this.#ours(exchange) });
  }

  #ours({ entry, unit, local, batch }: Exchange): Int32Array {
    const { trees, units } = this.#context.run(entry);
    return trees.contentOf(local, units[unit].layout, batch);
  }

  /** All keys of a swap are read at once from the disk of either. */
  #read(exchange: Exchange, node: number, what: { code: number; place: number; content: Int32Array }): void {
    const { code, place, content } = what;
    const completion = { kind: ALGORITHM_EVENT.step, a: exchange.id, b: packed(code, place, exchange.serial) };
    readAt(this.#context.host, exchange.jobs, { node, bytes: this.#bytesOf(exchange, content) }, completion);
  }

  /** At a replica that is asked: it reads what it has. */
  contentAsked(exchange: Exchange, place: number): void {
    const context = this.#context;
    const { layout } = this.#unitOf(exchange);
    const node = exchange.asked[place];
    const content = context.run(exchange.entry).trees.contentOf(node, layout, exchange.batch);
    exchange.contents[place] = content;
    if (this.#swaps(exchange)) {
      this.#read(exchange, node, { code: STEP.contentReadThere, place, content });
      return;
    }
    // A read in the foreground: charged, but it waits for no other.
    context.ledger(exchange.entry).read_bytes += this.#bytesOf(exchange, content);
    this.#answer(exchange, place);
  }

  #answer(exchange: Exchange, place: number): void {
    const { answers } = this.#context;
    const { id, entry, unit, local, asked, serial } = exchange;
    const sent = this.#entriesOf(exchange, exchange.contents[place] ?? new Int32Array(0));
    const step = { code: STEP.contentArrives, place, bytes: this.#sizeOf(sent) };
    const message = this.#context.post(exchange, { from: asked[place], to: local }, step);
    if (sent.slots.length === 0) return;
    const { slots, versions } = sent;
    const word = packed(step.code, place, serial);
    answers.set(`${id}/${word}`, { entry, unit, slots, versions, message, missedMicros: null });
  }

  /** An answer is there, be it too late: it has been sent, for nothing unless it is of use now. */
  answerArrives(id: number, word: number): void {
    const { answers } = this.#context;
    const answer = answers.get(`${id}/${word}`);
    if (answer === undefined) return;
    answers.delete(`${id}/${word}`);
    const { layout } = this.#context.run(answer.entry).units[answer.unit];
    this.#charge(answer.entry, layout, answer, { bytes: 0, rows: 0 });
  }

  contentReadThere(exchange: Exchange, place: number): void {
    endRead(exchange.jobs, exchange.asked[place], this.#context.ledger(exchange.entry));
    this.#answer(exchange, place);
  }

  contentReadHere(exchange: Exchange): void {
    endRead(exchange.jobs, exchange.local, this.#context.ledger(exchange.entry));
    exchange.isReady[0] = true;
    this.#settleIfAll(exchange);
  }

  contentArrives(exchange: Exchange, place: number): void {
    exchange.hasArrived[place] = true;
    this.#settleIfAll(exchange);
  }

  #settleIfAll(exchange: Exchange): void {
    if (exchange.isReady[0] && exchange.hasArrived.every((has) => has)) this.#settle(exchange);
  }

  /** Who has not answered a read by now is left out; a swap has no other to ask. */
  timedOut(exchange: Exchange): void {
    if (!this.#swaps(exchange)) {
      this.#settle(exchange);
      return;
    }
    this.#context.counts(exchange.entry).keys_unanswered += exchange.batch.length;
    this.#exchanges.close(exchange, 'exchanges_failed');
  }

  isReading(exchange: Exchange): boolean {
    return exchange.batch.length > 0 && !this.#swaps(exchange);
  }

  isAsking({ batch }: Exchange): boolean {
    return batch.length > 0;
  }

  /** What all who answered come to goes to those who lack some of it. */
  #settle(exchange: Exchange): void {
    const context = this.#context;
    const { entry, local, remote, batch } = exchange;
    const ours = this.#ours(exchange);
    if (!this.#swaps(exchange)) context.ledger(entry).read_bytes += this.#bytesOf(exchange, ours);
    const answers = exchange.asked.flatMap((node, place) => {
      const content = exchange.contents[place];
      return content === null || !exchange.hasArrived[place] ? [] : [{ node, content }];
    });
    const merged = this.#merge([ours, ...answers.map(({ content }) => content)]);
    let isAlike = true;
    for (const { node, content } of [{ node: local, content: ours }, ...answers]) {
      const lacking = this.#lacking(exchange, content, merged);
      if (lacking.slots.length > 0) isAlike = false;
      if (node === local) this.#writeHere(exchange, lacking);
      else this.#send(exchange, { node, lacking, isRehashed: node === remote });
    }
    // What several bring is of use once.
    const had = ours.slice();
    for (const { content } of answers) this.#chargeAnswer(exchange, content, had, merged);
    const counts = context.counts(entry);
    if (!answers.some(({ node }) => node === remote)) counts.keys_unanswered += batch.length;
    else if (isAlike) counts.keys_alike += batch.length;
    this.#done(exchange);
  }

  #done(exchange: Exchange): void {
    const context = this.#context;
    const { how } = context.run(exchange.entry).entry;
    exchange.done += exchange.batch.length;
    exchange.batch = [];
    exchange.asked = [];
    exchange.contents = [];
    exchange.hasArrived = [];
    this.#exchanges.turns(exchange);
    context.later(exchange, STEP.nextKey, exchange.done < exchange.keys.length ? how.key_pause_micros : 0);
  }

  #merge(contents: readonly Int32Array[]): Int32Array {
    const merged = contents[0].slice();
    for (const content of contents.slice(1))
      for (let index = 0; index < merged.length; index += 1)
        if (this.#wins(content[index], merged[index])) merged[index] = content[index];
    return merged;
  }

  #lacking(exchange: Exchange, content: Int32Array, merged: Int32Array): Entries {
    const { layout } = this.#unitOf(exchange);
    const { slotsPerPartition: per, slotBase } = layout;
    const slots: number[] = [];
    const versions: number[] = [];
    for (let index = 0; index < merged.length; index += 1) {
      if (merged[index] === NOTHING || merged[index] === content[index]) continue;
      slots.push(slotBase + exchange.batch[Math.floor(index / per)] * per + (index % per));
      versions.push(merged[index]);
    }
    return { slots: Int32Array.from(slots), versions: Int32Array.from(versions) };
  }

  #wins(later: number, earlier: number): boolean {
    if (later === earlier || later === NOTHING) return false;
    return earlier === NOTHING || this.#context.storage.order.wins(later, 1, earlier, 0);
  }

  // ---------------------------------------------------------------- writes

  #writeHere(exchange: Exchange, { slots, versions }: Entries): void {
    const { entry, local, batch } = exchange;
    const { layout } = this.#unitOf(exchange);
    this.#apply({ entry, node: local, layout, slots, versions });
    if (!this.#swaps(exchange)) this.#context.run(entry).trees.rehash(local, layout, batch);
  }

  #send(exchange: Exchange, to: { node: number; lacking: Entries; isRehashed: boolean }): void {
    const context = this.#context;
    const { entry, unit, local, batch } = exchange;
    const { node, lacking } = to;
    const rehashed = to.isRehashed && !this.#swaps(exchange) ? [...batch] : [];
    if (lacking.slots.length === 0 && rehashed.length === 0) return;
    const bytes = this.#sizeOf(lacking);
    const id = context.newId();
    const { slots, versions } = lacking;
    const message = context.host.send(local, node, { kind: ALGORITHM_EVENT.writesArrive, a: id, b: 0 }, bytes);
    const way = { from: local, node, message, missedMicros: null };
    context.writes.set(id, { entry, unit, ...way, slots, versions, bytes, rehashed });
  }

  writesArrive(id: number): void {
    const context = this.#context;
    const writes = context.writes.get(id);
    if (writes === undefined) return;
    context.writes.delete(id);
    const { entry, unit, node, slots, versions, rehashed } = writes;
    const { units, trees } = context.run(entry);
    const { layout } = units[unit];
    const changed = this.#apply({ entry, node, layout, slots, versions });
    this.#charge(entry, layout, { slots, versions }, changed);
    if (rehashed.length > 0) trees.rehash(node, layout, rehashed);
  }

  /** Messages that were lost are nobody's any more: those that are not there when somebody looks again. */
  forgetLost(): void {
    const { writes, answers, host, now } = this.#context;
    // What arrives in this very moment is not on its way, and not yet there.
    const isLost = (one: KeyWrites | KeyAnswer): boolean => {
      if (host.isOnItsWay(one.message)) return false;
      one.missedMicros ??= now;
      return one.missedMicros < now;
    };
    for (const [id, each] of writes) if (isLost(each)) writes.delete(id);
    for (const [key, each] of answers) if (isLost(each)) answers.delete(key);
  }

  /** Written to log and memtable as by a client; returns how much of it changed anything. */
  #apply(write: { entry: number; node: number; layout: TreeUnit['layout'] } & Entries): Size {
    const { storage, host } = this.#context;
    const { entry, node, layout, slots, versions } = write;
    const held = storage.heldVersions(node, layout.index, slots);
    const detail = VIA.repair | APPLIED_ONE_SLOT | (entry << 8);
    let changedBytes = 0;
    const rows = new Set<number>();
    for (let index = 0; index < slots.length; index += 1) {
      const [slot, version] = [slots[index], versions[index]];
      const copy = copyIndexOf(layout, ordinalOfSlot(layout, slot), node);
      if (copy < 0) continue;
      if (this.#wins(version, held[index])) {
        changedBytes += storage.bytesOfEntry(slot, version);
        rows.add(Math.floor((slot - layout.slotBase) / layout.slotsPerRow));
      }
      storage.append(node, layout.index, slot, version);
      host.trace.record(host.kernel.now, RECORD.applied, node, copy, version, slot, detail);
    }
    const ledger = this.#context.ledger(entry);
    ledger.healed_copies += rows.size;
    ledger.floor_bytes += changedBytes;
    return { bytes: changedBytes, rows: rows.size };
  }

  // ---------------------------------------------------------------- what it cost

  /** Of what a replica answered only that is of use which nobody here had; from then on it is there (`had`). */
  #chargeAnswer(exchange: Exchange, content: Int32Array, had: Int32Array, merged: Int32Array): void {
    const { layout } = this.#unitOf(exchange);
    const useful = content.map((version, index) =>
      version === merged[index] && version !== had[index] ? version : NOTHING,
    );
    for (let index = 0; index < had.length; index += 1) if (useful[index] !== NOTHING) had[index] = useful[index];
    const used = this.#entriesOf(exchange, useful);
    const ledger = this.#context.ledger(exchange.entry);
    ledger.sent_for_nothing_bytes -= this.#sizeOf(used);
    ledger.sent_for_nothing_rows -= rowsIn(layout, used.slots);
  }

  #charge(entry: number, layout: TreeUnit['layout'], sent: Entries, used: Size): void {
    if (sent.slots.length === 0) return;
    const { book } = this.#context;
    const ledger = book.of(entry);
    const bytes = this.#sizeOf(sent);
    const rows = rowsIn(layout, sent.slots);
    ledger.sent_bytes += bytes;
    ledger.sent_rows += rows;
    ledger.sent_for_nothing_bytes += bytes - used.bytes;
    ledger.sent_for_nothing_rows += rows - used.rows;
    book.noteSentSlots(entry, layout.index, sent.slots);
  }

  #entriesOf(exchange: Exchange, content: Int32Array): Entries {
    return this.#lacking(exchange, new Int32Array(content.length), content);
  }

  #bytesOf(exchange: Exchange, content: Int32Array): number {
    return this.#sizeOf(this.#entriesOf(exchange, content));
  }

  #sizeOf({ slots, versions }: Entries): number {
    const { storage } = this.#context;
    let bytes = 0;
    for (let index = 0; index < slots.length; index += 1) bytes += storage.bytesOfEntry(slots[index], versions[index]);
    return bytes;
  }

  #unitOf({ entry, unit }: Exchange): TreeUnit {
    return this.#context.run(entry).units[unit];
  }

  #swaps({ entry }: Exchange): boolean {
    return isSwapping(this.#context.run(entry));
  }
}

function isSwapping({ entry }: AlgorithmRun): boolean {
  return entry.how.name === 'dynamo';
}

/** Rows with an entry among slots that ascend. */
function rowsIn({ slotBase, slotsPerRow }: TreeUnit['layout'], slots: Int32Array): number {
  let rows = 0;
  let last = -1;
  for (const slot of slots) {
    const row = Math.floor((slot - slotBase) / slotsPerRow);
    if (row !== last) rows += 1;
    last = row;
  }
  return rows;
}
