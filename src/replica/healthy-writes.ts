/**
 * The life of a write while nothing is wrong: all nodes up, all links open, no write remembered by a coordinator. Says
 * exactly what write-path.ts would, record by record, but for many writes in one go: the batched drive hands over whatever
 * stretch is free of other events, and this stops at the first thing that is not plain (a mutation of several rows, a late
 * message, an answer of a coordinator that has restarted). The twin laws hold the two together.
 *
 * The one place of the write path where speed comes before looks: everything is in locals, nothing is called but rarely.
 */
import { OUTCOME, VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { OPERATION } from '../data/versions.ts';
import { EVENT_CLASS, type EventClass } from '../kernel/kernel.ts';
import { TRACE_STRIDE } from '../kernel/trace.ts';
import { NOT_ENOUGH } from './consistency.ts';
import type { ClientAnswers } from './client-answers.ts';
import { CODE, COPY_MASK, type Messages, type WritePathOptions } from './messages.ts';
import { NO_ENTRY } from './pending-writes.ts';
import { WayDraws } from './way-draws.ts';
import type { Workload } from './workload.ts';

const CODE_BITS = 8;
const CODE_MASK = 255;
/** log2 of TICKS_PER_MICRO. */
const TICK_SHIFT = 2;
const HIGH_MICROS = 1 << 20;
const LOW_MASK = HIGH_MICROS - 1;
const KIND_SHIFT = 20;
/** Writes that are sent in one go: few enough for their records to stay in the nearest cache. */
const AHEAD = 128;
/** Beyond every tick of a bucket. */
export const NEVER = 0x7fffffff;

/** How far the opened window has been taken. */
export interface WindowCursor {
  /** Versions issued ahead and not yet taken: [nextIssue, issueEnd), in order of time. */
  nextIssue: number;
  issueEnd: number;
  /** Index of the next sorted record of the calendar. */
  nextRecord: number;
}

/** Writes of one workload with consecutive versions, filled and not yet sent. */
export interface FilledStretch {
  readonly workload: Workload;
  readonly first: number;
  readonly count: number;
}

/** The way of single writes, for what is not plain (write-path.ts). */
export interface CarefulWay {
  readonly messages: Messages;
  readonly client: ClientAnswers;
  send(
    workload: Workload,
    version: number,
    attempt: number,
    coordinator: number,
    micros: number,
    batch: number,
  ): boolean;
  watch(workload: Workload, version: number, coordinator: number, micros: number): void;
}

export class HealthyWrites {
  readonly draws: WayDraws;
  /** What has been filled since the last `sendFilled` or `forgetFilled`, in order. */
  readonly filled: FilledStretch[] = [];
  readonly #o: WritePathOptions;
  readonly #careful: CarefulWay;
  /** Delays of one write's acknowledgements, ascending. */
  readonly #delays: Int32Array;
  /** Messages and answers on their way into the calendar: when, from the first write's time on; what; of which version. */
  readonly #offsets: Int32Array;
  readonly #codes: Uint8Array;
  readonly #sent: Int32Array;

  constructor(options: WritePathOptions, careful: CarefulWay) {
    this.#o = options;
    this.#careful = careful;
    this.draws = new WayDraws(options.links);
    const { copies } = options.pending;
    this.#delays = new Int32Array(copies);
    this.#offsets = new Int32Array(AHEAD * (copies + 1));
    this.#codes = new Uint8Array(AHEAD * (copies + 1));
    this.#sent = new Int32Array(AHEAD * (copies + 1));
  }

  /** Gives versions to the arrivals of the workload before `untilMicros`. Nothing is sent yet. */
  fill(workload: Workload, untilMicros: number): void {
    const { versions } = this.#o;
    const first = versions.count;
    const count = workload.fillAhead(versions, first, untilMicros);
    versions.count = first + count;
    this.#stamp(first, count);
    this.filled.push({ workload, first, count });
  }

  /** Issues what has been filled, in order; all is recorded later. */
  sendFilled(): void {
    const { versions, calendar } = this.#o;
    for (const { workload, first, count } of this.filled) {
      for (let part = 0; part < count; part += AHEAD) {
        const records = this.#send(workload, first + part, Math.min(AHEAD, count - part));
        if (records === 0) continue;
        const origin = versions.arrays.issuedAt[first + part];
        calendar.pushMany(origin, this.#offsets, this.#codes, this.#sent, records);
      }
    }
    this.forgetFilled();
  }

  forgetFilled(): void {
    this.filled.length = 0;
  }

  /** The messages and the answer of one write that has been filled and stamped. */
  sendOne(workload: Workload, version: number): void {
    const records = this.#send(workload, version, 1);
    const origin = this.#o.versions.arrays.issuedAt[version];
    for (let record = 0; record < records; record += 1)
      this.#careful.messages.push(origin + this.#offsets[record], this.#codes[record], version);
  }

  #stamp(first: number, count: number): void {
    const { issuedAt, timestamp, coordinator } = this.#o.versions.arrays;
    if (timestamp === issuedAt) return;
    const { skewMicros } = this.#o.cluster;
    for (let version = first; version < first + count; version += 1)
      timestamp[version] = issuedAt[version] + skewMicros[coordinator[version]];
  }

  /** Where each message of these writes goes and when it is there, and when the client is told: so many records in the
   * scratch arrays. What is beyond the calendar's reach goes its own way. */
  // eslint-disable-next-line max-lines-per-function, complexity
  #send(workload: Workload, first: number, count: number): number {
    const { versions, cluster, calendar, writeTimeoutMicros } = this.#o;
    const { consistency, table } = workload;
    const { copies, replicas } = table;
    const { issuedAt, replicaBase, coordinator: coordinatorOf } = versions.arrays;
    if (!this.draws.draw(workload, versions, { first, count, from: 0 })) {
      for (let version = first; version < first + count; version += 1)
        this.#careful.send(workload, version, 0, coordinatorOf[version], issuedAt[version], NO_ENTRY);
      return 0;
    }
    const { ways, rounds } = this.draws;
    const { dcOf } = cluster;
    const delays = this.#delays;
    const offsets = this.#offsets;
    const codes = this.#codes;
    const sent = this.#sent;
    const isOneDc = cluster.dcCount === 1;
    const ANSWER = CODE.answer;
    const origin = issuedAt[first];
    const reach = Math.min(calendar.reachMicros - origin, NEVER);
    let records = 0;
    let place = 0;
    let dc = -1;
    let required = 0;
    for (let version = first; version < first + count; version += 1) {
      const coordinator = coordinatorOf[version];
      const at = (issuedAt[version] - origin) | 0;
      if (dc !== dcOf[coordinator]) {
        dc = dcOf[coordinator];
        required = consistency.isPlain(dc) ? consistency.required(dc) : NOT_ENOUGH;
      }
      if (required === NOT_ENOUGH) {
        this.#careful.send(workload, version, 0, coordinator, issuedAt[version], NO_ENTRY);
        place += copies;
        continue;
      }
      const base = replicaBase[version];
      let counted = 0;
      let slowest = 0;
      for (let copy = 0; copy < copies; copy += 1) {
        const way = ways[place];
        let delay = rounds[place];
        place += 1;
        if (at + way < reach) {
          offsets[records] = at + way;
          codes[records] = copy;
          sent[records] = version;
          records += 1;
        } else this.#careful.messages.push(origin + at + way, CODE.delivery | copy, version);
        if (delay > slowest) slowest = delay;
        if (!isOneDc && !consistency.counts(dcOf[replicas[base + copy]], dc)) continue;
        // Into its rank among the delays so far, without a branch: the smaller stays, the larger goes on.
        for (let rank = 0; rank < counted; rank += 1) {
          const other = delays[rank];
          const less = (delay - other) & ((delay - other) >> 31);
          delays[rank] = other + less;
          delay -= less;
        }
        delays[counted] = delay;
        counted += 1;
      }
      if (slowest > writeTimeoutMicros) this.#careful.watch(workload, version, coordinator, issuedAt[version]);
      if (required > counted) continue;
      const delay = delays[required - 1];
      if (delay > writeTimeoutMicros) continue;
      if (at + delay < reach) {
        offsets[records] = at + delay;
        codes[records] = ANSWER;
        sent[records] = version;
        records += 1;
      } else this.#careful.messages.push(origin + at + delay, CODE.answer, version);
    }
    return records;
  }

  /**
   * Takes issues and records before `stop` (ticks from the start of the calendar's open bucket) up to the first that is
   * not plain, such as one that fills a memtable. Puts nothing into the kernel's queue.
   */
  // eslint-disable-next-line max-lines-per-function, complexity
  take(cursor: WindowCursor, stop: number): void {
    const { kernel, trace, versions, tables, cluster, storage, calendar, pending, writeTimeoutMicros } = this.#o;
    const { issuedAt, firstSlot, rowCount, replicaBase, table: tableOf, coordinator, outcome } = versions.arrays;
    const { operation, groups } = versions.arrays;
    const { sortedKeys: keys, sortedVersions, sortedCount: recordEnd, sortedBase: base } = calendar;
    const { startedAt } = cluster;
    const remembers = pending.size > 0;
    const { nodeTables } = storage;
    const tableCount = tables.length;
    const ISSUED = RECORD.issued << KIND_SHIFT;
    const APPLIED = RECORD.applied << KIND_SHIFT;
    const ANSWERED = RECORD.answered << KIND_SHIFT;
    const DELIVERED = VIA.delivery;
    const OPEN = OUTCOME.open;
    const SUCCESS = OUTCOME.success;
    const WRITE = OPERATION.write;
    const ISSUE_CLASS = EVENT_CLASS.issue;
    const MESSAGE_CLASS = EVENT_CLASS.message;
    const FIRST_ANSWER = CODE.answer;
    const END_OF_ANSWERS = CODE.expiry;
    const END_OF_DELIVERIES = CODE.hintAtIssue;
    // A bucket lies within one high part of the time.
    const high = Math.floor(base / HIGH_MICROS);
    const baseLow = base & LOW_MASK;
    const { block, blockEnd } = trace;
    let out = trace.at;
    let { nextIssue, nextRecord } = cursor;
    const { issueEnd } = cursor;
    let offset = -1;
    let lastClass: EventClass = MESSAGE_CLASS;
    let acknowledged = 0;
    let issue = nextIssue < issueEnd ? ((issuedAt[nextIssue] - base) << TICK_SHIFT) + ISSUE_CLASS : NEVER;
    for (;;) {
      const key = nextRecord < recordEnd ? keys[nextRecord] : NEVER;
      const record = key === NEVER ? NEVER : ((key >>> CODE_BITS) << TICK_SHIFT) + MESSAGE_CLASS;
      if (issue < record) {
        if (issue >= stop) break;
        const version = nextIssue;
        if (outcome[version] !== OPEN || rowCount[version] !== 1) break;
        offset = issue >>> TICK_SHIFT;
        lastClass = ISSUE_CLASS;
        block[out] = high;
        block[out + 1] = (baseLow + offset) | ISSUED;
        block[out + 2] = coordinator[version];
        block[out + 3] = version;
        block[out + 4] = firstSlot[version];
        block[out + 5] = 0;
        nextIssue += 1;
        issue = nextIssue < issueEnd ? ((issuedAt[nextIssue] - base) << TICK_SHIFT) + ISSUE_CLASS : NEVER;
      } else {
        if (record >= stop) break;
        const version = sortedVersions[nextRecord];
        const code = key & CODE_MASK;
        if (rowCount[version] !== 1) break;
        const at = key >>> CODE_BITS;
        if (code < END_OF_DELIVERIES) {
          const table = tables[tableOf[version]];
          const copy = code & COPY_MASK;
          // Where a row has more slots, a write of the first column group alone is as plain.
          if (table.slotsPerRow !== 1 && (operation[version] !== WRITE || groups[version] !== 1)) break;
          if (base + at - issuedAt[version] > writeTimeoutMicros) break;
          const target = table.replicas[replicaBase[version] + copy];
          const place = nodeTables[target * tableCount + table.index];
          const { memtable } = place;
          const slot = firstSlot[version];
          const { count } = memtable;
          if (count + 1 >= place.flushAt || count === memtable.slots.length) break;
          if (base + at >= memtable.log.nextEdge) memtable.log.settle(base + at, count);
          memtable.slots[count] = slot;
          memtable.versions[count] = version;
          memtable.count = count + 1;
          block[out + 1] = (baseLow + at) | APPLIED;
          block[out + 2] = target | (copy << 16);
          block[out + 4] = slot;
          block[out + 5] = DELIVERED;
        } else {
          if (code < FIRST_ANSWER || code >= END_OF_ANSWERS) break;
          const node = coordinator[version];
          if (startedAt[node] > issuedAt[version] || outcome[version] !== OPEN) break;
          if (remembers && pending.find(version, 0) !== NO_ENTRY) break;
          outcome[version] = SUCCESS;
          acknowledged += 1;
          block[out + 1] = (baseLow + at) | ANSWERED;
          block[out + 2] = node;
          block[out + 4] = firstSlot[version];
          block[out + 5] = SUCCESS;
        }
        block[out] = high;
        block[out + 3] = version;
        offset = at;
        lastClass = MESSAGE_CLASS;
        nextRecord += 1;
      }
      out += TRACE_STRIDE;
      if (out === blockEnd) {
        trace.at = out;
        trace.flush();
        out = trace.at;
      }
    }
    trace.at = out;
    cursor.nextIssue = nextIssue;
    cursor.nextRecord = nextRecord;
    this.#careful.client.counts.acknowledged += acknowledged;
    if (offset >= 0) kernel.advance(base + offset, lastClass);
  }
}
