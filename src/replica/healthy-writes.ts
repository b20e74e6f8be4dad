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
import { INNER_CELL_FIRST, INNER_CELL_END, LATENCY_FRACTION, LATENCY_WORD_BITS } from '../kernel/latency-table.ts';
import { TRACE_STRIDE } from '../kernel/trace.ts';
import { NOT_ENOUGH } from './consistency.ts';
import { DIRECTION, DIRECTIONS } from './links.ts';
import { CODE, COPY_MASK, type WritePathOptions } from './messages.ts';
import { NO_ENTRY } from './pending-writes.ts';
import type { Workload } from './workload.ts';
import type { WritePath } from './write-path.ts';

const CODE_BITS = 8;
const CODE_MASK = 255;
/** log2 of TICKS_PER_MICRO. */
const TICK_SHIFT = 2;
const HIGH_MICROS = 1 << 20;
const LOW_MASK = HIGH_MICROS - 1;
const KIND_SHIFT = 20;
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

export class HealthyWrites {
  readonly #o: WritePathOptions;
  readonly #writePath: WritePath;
  /** Quantiles by sampler; null where a sampler has none. */
  readonly #quantiles: readonly (Float32Array | null)[];
  /** Delays of one write's acknowledgements, ascending. */
  readonly #delays: Float64Array;

  constructor(options: WritePathOptions, writePath: WritePath) {
    this.#o = options;
    this.#writePath = writePath;
    this.#quantiles = options.links.samplers.map((sampler) => sampler.quantiles);
    this.#delays = new Float64Array(options.pending.copies);
  }

  /** Issues the arrivals of the workload before `untilMicros`, in order; all are recorded later. */
  // eslint-disable-next-line max-lines-per-function, complexity
  issue(workload: Workload, untilMicros: number): void {
    const { versions, cluster, links, calendar, writeTimeoutMicros } = this.#o;
    const { arrivals, consistency, table, latencyK0, latencyK1 } = workload;
    const { copies, replicas } = table;
    const { issuedAt, timestamp, replicaBase, coordinator: coordinatorOf } = versions.arrays;
    const { classOf, samplers, count: nodeCount } = links;
    const { dcOf, skewMicros } = cluster;
    const delays = this.#delays;
    const quantiles = this.#quantiles;
    const isSkewed = timestamp !== issuedAt;
    const isOneDc = cluster.dcCount === 1;
    const K1 = 0x21f0aaad;
    const K2 = 0x735a2d97;
    const K3 = 0x2c1b3c6d;
    let dc = -1;
    let required = 0;
    for (let at = arrivals.peek(); at < untilMicros; at = arrivals.peek()) {
      const address = arrivals.index;
      arrivals.advance();
      const version = versions.count;
      versions.count = version + 1;
      workload.fill(versions, version, address);
      const coordinator = workload.coordinator(address, 0);
      issuedAt[version] = at;
      coordinatorOf[version] = coordinator;
      if (isSkewed) timestamp[version] = at + skewMicros[coordinator];
      if (dc !== dcOf[coordinator]) {
        dc = dcOf[coordinator];
        required = consistency.attainable(dc) ? consistency.required(dc) : NOT_ENOUGH;
      }
      if (required === NOT_ENOUGH) {
        this.#writePath.send(workload, version, 0, coordinator, at, NO_ENTRY);
        continue;
      }
      const base = replicaBase[version];
      const row = coordinator * nodeCount;
      let counted = 0;
      let slowest = 0;
      for (let copy = 0; copy < copies; copy += 1) {
        const target = replicas[base + copy];
        const place = target * DIRECTIONS;
        let sampler = classOf[row + target] * DIRECTIONS + DIRECTION.write;
        // Two draws of kernel/random.ts and their quantiles (kernel/latency-table.ts), written out: way and back.
        let k0 = latencyK0[place];
        let k1 = latencyK1[place];
        let word = Math.imul(address ^ k0, K1);
        word = Math.imul((word ^ (word >>> 15)) + (k1 ^ (k1 >>> 16)), K2);
        word = Math.imul(word ^ (word >>> 15), K3);
        word ^= word >>> 16;
        let cell = word >>> LATENCY_WORD_BITS;
        let table32 = quantiles[sampler];
        let way = 0;
        if (table32 === null || cell < INNER_CELL_FIRST || cell >= INNER_CELL_END) {
          way = samplers[sampler].at(k0, k1, address);
        } else {
          const below = table32[cell];
          const rest = (word & ((1 << LATENCY_WORD_BITS) - 1)) * LATENCY_FRACTION;
          way = (below + rest * (table32[cell + 1] - below) + 0.5) | 0;
          if (way < 1) way = 1;
        }
        sampler += DIRECTION.ack - DIRECTION.write;
        k0 = latencyK0[place + DIRECTION.ack];
        k1 = latencyK1[place + DIRECTION.ack];
        word = Math.imul(address ^ k0, K1);
        word = Math.imul((word ^ (word >>> 15)) + (k1 ^ (k1 >>> 16)), K2);
        word = Math.imul(word ^ (word >>> 15), K3);
        word ^= word >>> 16;
        cell = word >>> LATENCY_WORD_BITS;
        table32 = quantiles[sampler];
        let delay = way;
        if (table32 === null || cell < INNER_CELL_FIRST || cell >= INNER_CELL_END) {
          delay += samplers[sampler].at(k0, k1, address);
        } else {
          const below = table32[cell];
          const rest = (word & ((1 << LATENCY_WORD_BITS) - 1)) * LATENCY_FRACTION;
          const back = (below + rest * (table32[cell + 1] - below) + 0.5) | 0;
          delay += back < 1 ? 1 : back;
        }
        if (delay > slowest) slowest = delay;
        if (calendar.reaches(at + way)) calendar.push(at + way, CODE.delivery | copy, version);
        else this.#writePath.messages.push(at + way, CODE.delivery | copy, version);
        if (!isOneDc && !consistency.counts(dcOf[target], dc)) continue;
        let rank = counted;
        for (; rank > 0 && delays[rank - 1] > delay; rank -= 1) delays[rank] = delays[rank - 1];
        delays[rank] = delay;
        counted += 1;
      }
      if (slowest > writeTimeoutMicros) this.#writePath.watch(workload, version, coordinator, at);
      if (required > counted) continue;
      const delay = delays[required - 1];
      if (delay <= writeTimeoutMicros) this.#writePath.messages.push(at + delay, CODE.answer, version);
    }
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
    this.#writePath.client.counts.acknowledged += acknowledged;
    if (offset >= 0) kernel.advance(base + offset, lastClass);
  }
}
