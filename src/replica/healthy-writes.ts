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
import {
  INNER_CELL_FIRST,
  INNER_CELL_END,
  LATENCY_FRACTION,
  LATENCY_WORD_BITS,
  QUANTILES,
} from '../kernel/latency-table.ts';
import { TRACE_STRIDE } from '../kernel/trace.ts';
import { NOT_ENOUGH } from './consistency.ts';
import { DIRECTIONS } from './links.ts';
import type { ClientAnswers } from './client-answers.ts';
import { CODE, COPY_MASK, type Messages, type WritePathOptions } from './messages.ts';
import { NO_ENTRY } from './pending-writes.ts';
import type { Workload } from './workload.ts';

const CODE_BITS = 8;
const CODE_MASK = 255;
/** log2 of TICKS_PER_MICRO. */
const TICK_SHIFT = 2;
const HIGH_MICROS = 1 << 20;
const LOW_MASK = HIGH_MICROS - 1;
const KIND_SHIFT = 20;
/** Writes that are issued in one go: few enough for their records to stay in the nearest cache. */
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
  readonly #o: WritePathOptions;
  readonly #careful: CarefulWay;
  /** Quantiles of all samplers one after the other, and the first cell of each that may be read (none: beyond them all). */
  readonly #quantiles: Float32Array;
  readonly #firstCells: Int32Array;
  /** Delays of one write's acknowledgements, ascending. */
  readonly #delays: Float64Array;
  /** Messages and answers on their way into the calendar: when, from the first write's time on; what; of which version. */
  readonly #offsets: Int32Array;
  readonly #codes: Uint8Array;
  readonly #sent: Int32Array;

  constructor(options: WritePathOptions, careful: CarefulWay) {
    this.#o = options;
    this.#careful = careful;
    const { samplers } = options.links;
    this.#quantiles = new Float32Array(samplers.length * QUANTILES);
    this.#firstCells = new Int32Array(samplers.length).fill(QUANTILES);
    samplers.forEach(({ quantiles }, sampler) => {
      if (quantiles === null) return;
      this.#quantiles.set(quantiles, sampler * QUANTILES);
      this.#firstCells[sampler] = INNER_CELL_FIRST;
    });
    const { copies } = options.pending;
    this.#delays = new Float64Array(copies);
    this.#offsets = new Int32Array(AHEAD * (copies + 1));
    this.#codes = new Uint8Array(AHEAD * (copies + 1));
    this.#sent = new Int32Array(AHEAD * (copies + 1));
  }

  /** Issues the arrivals of the workload before `untilMicros`, in order; all are recorded later. */
  issue(workload: Workload, untilMicros: number): void {
    const { versions } = this.#o;
    for (;;) {
      const first = versions.count;
      const count = workload.fillAhead(versions, first, { untilMicros, most: AHEAD });
      versions.count = first + count;
      this.#stamp(first, count);
      const records = this.#send(workload, first, count);
      if (records > 0) {
        const origin = versions.arrays.issuedAt[first];
        this.#o.calendar.pushMany(origin, this.#offsets, this.#codes, this.#sent, records);
      }
      if (count < AHEAD) return;
    }
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
    const { versions, cluster, links, calendar, writeTimeoutMicros } = this.#o;
    const { consistency, table, latencyK0, latencyK1 } = workload;
    const { copies, replicas } = table;
    const { issuedAt, index, replicaBase, coordinator: coordinatorOf } = versions.arrays;
    const { classOf, samplers, count: nodeCount } = links;
    const { dcOf } = cluster;
    const delays = this.#delays;
    const quantiles = this.#quantiles;
    const offsets = this.#offsets;
    const codes = this.#codes;
    const sent = this.#sent;
    const isOneDc = cluster.dcCount === 1;
    const firstCells = this.#firstCells;
    const STRIDE = QUANTILES;
    const END_CELL = INNER_CELL_END;
    const ANSWER = CODE.answer;
    const origin = issuedAt[first];
    const reach = Math.min(calendar.reachMicros - origin, NEVER);
    let records = 0;
    let dc = -1;
    let required = 0;
    for (let version = first; version < first + count; version += 1) {
      const coordinator = coordinatorOf[version];
      const address = index[version];
      const at = (issuedAt[version] - origin) | 0;
      if (dc !== dcOf[coordinator]) {
        dc = dcOf[coordinator];
        required = consistency.attainable(dc) ? consistency.required(dc) : NOT_ENOUGH;
      }
      if (required === NOT_ENOUGH) {
        this.#careful.send(workload, version, 0, coordinator, issuedAt[version], NO_ENTRY);
        continue;
      }
      const base = replicaBase[version];
      const row = coordinator * nodeCount;
      let counted = 0;
      let slowest = 0;
      for (let copy = 0; copy < copies; copy += 1) {
        const target = replicas[base + copy];
        const sampler = classOf[row + target] * DIRECTIONS;
        const place = target * DIRECTIONS;
        let delay = 0;
        // Two draws of kernel/random.ts and their quantiles (kernel/latency-table.ts), written out: way (0) and back (1).
        for (let direction = 0; direction < 2; direction += 1) {
          const k1 = latencyK1[place + direction];
          let word = Math.imul(address ^ latencyK0[place + direction], 0x21f0aaad);
          word = Math.imul((word ^ (word >>> 15)) + (k1 ^ (k1 >>> 16)), 0x735a2d97);
          word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
          word ^= word >>> 16;
          const cell = word >>> LATENCY_WORD_BITS;
          if (cell < firstCells[sampler + direction] || cell >= END_CELL) {
            delay += samplers[sampler + direction].at(latencyK0[place + direction], k1, address);
          } else {
            const quantile = (sampler + direction) * STRIDE + cell;
            const below = quantiles[quantile];
            const rest = (word & ((1 << LATENCY_WORD_BITS) - 1)) * LATENCY_FRACTION;
            const micros = (below + rest * (quantiles[quantile + 1] - below) + 0.5) | 0;
            delay += micros < 1 ? 1 : micros;
          }
          if (direction === 0) {
            if (at + delay < reach) {
              offsets[records] = at + delay;
              codes[records] = copy;
              sent[records] = version;
              records += 1;
            } else this.#careful.messages.push(origin + at + delay, CODE.delivery | copy, version);
          }
        }
        if (delay > slowest) slowest = delay;
        if (!isOneDc && !consistency.counts(dcOf[target], dc)) continue;
        let rank = counted;
        for (; rank > 0 && delays[rank - 1] > delay; rank -= 1) delays[rank] = delays[rank - 1];
        delays[rank] = delay;
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
