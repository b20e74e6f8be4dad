/**
 * Healthy writes that nobody observes, taken in no order. As long as no node fails, no log is synced and no memtable fills,
 * the moment of a message within a stretch of time decides nothing but its hash: whatever arrives before the end of the
 * stretch is applied as it is drawn, without a calendar, a sort or a record. What is left behind is what
 * `healthy-writes.ts` leaves, and the same fingerprint; the twin laws hold them together.
 *
 * Only for plain writes of one slot to stores that merge by timestamp; whatever may be different in a stretch is looked for
 * before anything is done, and then the ordered way takes it.
 */
import { OUTCOME, VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { EVENT_CLASS, TICKS_PER_MICRO } from '../kernel/kernel.ts';
import { HASH, mixWord } from '../kernel/trace.ts';
import type { ConsistencyRule } from './consistency.ts';
import type { CarefulWay, FilledStretch, HealthyWrites } from './healthy-writes.ts';
import { CODE, COPY_MASK, type WritePathOptions } from './messages.ts';

const CODE_BITS = 8;
const CODE_MASK = 255;
const HIGH_MICROS = 1 << 20;
const LOW_MASK = HIGH_MICROS - 1;
const KIND_SHIFT = 20;
/** A stretch shorter than this is not worth its own preparations. */
const SHORTEST_MICROS = 500;

// Constants of the module, which the engine's compiler knows; taken apart in the loop they would fill its registers.
const [MIX_HIGH, MIX_TIME, MIX_NODE, MIX_VERSION, MIX_SLOT, MIX_DETAIL] = HASH.mix;
const [WEIGH_HIGH, WEIGH_TIME, WEIGH_NODE, WEIGH_VERSION, WEIGH_SLOT, WEIGH_DETAIL] = HASH.weight;
const { stirLow: STIR_LOW, stirHigh: STIR_HIGH } = HASH;

export class UnorderedWrites {
  readonly #o: WritePathOptions;
  readonly #careful: CarefulWay;
  readonly #healthy: HealthyWrites;
  /** Can the run have such stretches at all? */
  readonly #isFit: boolean;
  /** Memtables by place (node * tables + table) during a stretch: their arrays, and how many entries they have. */
  readonly #slots: Int32Array[] = [];
  readonly #versions: Int32Array[] = [];
  readonly #counts: Int32Array;
  readonly #delays: Int32Array;
  /** By data centre of the coordinator: answers needed; and by that of the copy too: 1 if its answer counts. */
  readonly #required: Int32Array;
  readonly #isCounted: Uint8Array;
  /** By copy, then node: the part of a delivery's hash that says where it was, and by what; once more, weighed. */
  readonly #nodeCount: number;
  readonly #mixedNodes: Int32Array;
  readonly #weighedNodes: Int32Array;
  /** What happens after the stretch: when, from the start of the bucket on; what; to which version. */
  #lateAt = new Int32Array(1024);
  #lateCodes = new Uint8Array(1024);
  #lateVersions = new Int32Array(1024);

  constructor(options: WritePathOptions, { careful, healthy }: { careful: CarefulWay; healthy: HealthyWrites }) {
    this.#o = options;
    this.#careful = careful;
    this.#healthy = healthy;
    const { versions, tables, storage } = options;
    const isByTime = storage.order.kind === 'timestamp';
    this.#isFit = isByTime && versions.plain && tables.every(({ slotsPerRow }) => slotsPerRow === 1);
    this.#counts = new Int32Array(storage.nodeTables.length);
    const { copies } = options.pending;
    const { dcCount, count: nodeCount } = options.cluster;
    this.#delays = new Int32Array(copies);
    this.#required = new Int32Array(dcCount);
    this.#isCounted = new Uint8Array(dcCount * dcCount);
    this.#nodeCount = nodeCount;
    const mixed = Int32Array.from({ length: copies * nodeCount }, (_, place) =>
      mixWord((place % nodeCount) | (Math.floor(place / nodeCount) << 16), MIX_NODE),
    );
    const delivered = mixWord(VIA.delivery, MIX_DETAIL);
    this.#mixedNodes = mixed.map((node) => node + delivered);
    this.#weighedNodes = mixed.map((node) => Math.imul(node, WEIGH_NODE) + Math.imul(delivered, WEIGH_DETAIL));
  }

  /** Until when, exclusive, everything could be taken in no order; `from` if nothing can. Accounts for what logs did. */
  untilMicros(from: number): number {
    const { cluster, trace, pending, calendar, storage } = this.#o;
    if (!this.#isFit || !cluster.healthy || !trace.isUnobserved || pending.size > 0) return from;
    let until = calendar.bucketEnd(from);
    for (const { memtable } of storage.nodeTables) {
      if (from >= memtable.log.nextEdge) memtable.log.settle(from, memtable.count);
      if (memtable.log.nextEdge < until) until = memtable.log.nextEdge;
    }
    return until - from >= SHORTEST_MICROS ? until : from;
  }

  /**
   * Takes the filled writes and the records of the calendar before `limitTick`, which is in the bucket of `from`, at which
   * the calendar starts. False, and nothing done, if something among them is not plain.
   */
  take(from: number, limitTick: number): boolean {
    const { calendar } = this.#o;
    const limit = Math.ceil((limitTick - EVENT_CLASS.message) / TICKS_PER_MICRO);
    if (!this.#drawAll()) return false;
    calendar.gather(from);
    const offsetLimit = limit - calendar.sortedBase;
    if (!this.#arePlain(offsetLimit) || !this.#reserve()) {
      calendar.putBack(0);
      return false;
    }
    this.#takeRecords(offsetLimit);
    let place = 0;
    for (const stretch of this.#healthy.filled) {
      this.#takeStretch(stretch, place, offsetLimit);
      place += stretch.count * stretch.workload.table.copies;
    }
    this.#giveBack();
    this.#healthy.forgetFilled();
    return true;
  }

  /** All ways of the filled writes; false if one is so long that its coordinator must remember it. */
  #drawAll(): boolean {
    const { versions, cluster, writeTimeoutMicros } = this.#o;
    const { draws, filled } = this.#healthy;
    let from = 0;
    for (const { workload, first, count } of filled) {
      for (let dc = 0; dc < cluster.dcCount; dc += 1) if (!workload.consistency.isPlain(dc)) return false;
      if (!draws.draw(workload, versions, { first, count, from })) return false;
      if (draws.slowest > writeTimeoutMicros) return false;
      from += count * workload.table.copies;
    }
    return true;
  }

  /** Is every gathered record before the limit a delivery in time or the answer of a coordinator that knows of it? */
  #arePlain(offsetLimit: number): boolean {
    const { calendar, versions, cluster, writeTimeoutMicros } = this.#o;
    const { issuedAt, outcome, coordinator } = versions.arrays;
    const { sortedKeys: keys, sortedVersions, sortedCount, sortedBase } = calendar;
    for (let record = 0; record < sortedCount; record += 1) {
      const key = keys[record];
      const at = key >>> CODE_BITS;
      if (at >= offsetLimit) continue;
      const version = sortedVersions[record];
      const code = key & CODE_MASK;
      if (code < CODE.hintAtIssue) {
        if (sortedBase + at - issuedAt[version] > writeTimeoutMicros) return false;
      } else if (code < CODE.answer || code >= CODE.expiry) return false;
      else if (cluster.startedAt[coordinator[version]] > issuedAt[version] || outcome[version] !== OUTCOME.open)
        return false;
    }
    return true;
  }

  /** Room in every memtable for all that may arrive; false if one could fill. */
  #reserve(): boolean {
    const { storage, calendar } = this.#o;
    let most = calendar.sortedCount;
    for (const { count } of this.#healthy.filled) most += count;
    const { nodeTables } = storage;
    for (let place = 0; place < nodeTables.length; place += 1) {
      const { memtable, flushAt } = nodeTables[place];
      if (memtable.count + most >= flushAt) return false;
      memtable.reserve(memtable.count + most);
      this.#slots[place] = memtable.slots;
      this.#versions[place] = memtable.versions;
      this.#counts[place] = memtable.count;
    }
    return true;
  }

  #giveBack(): void {
    const { nodeTables } = this.#o.storage;
    for (let place = 0; place < nodeTables.length; place += 1) nodeTables[place].memtable.count = this.#counts[place];
  }

  #takeRecords(offsetLimit: number): void {
    const { calendar, trace, versions, tables } = this.#o;
    const { firstSlot, table: tableOf, replicaBase, coordinator, outcome } = versions.arrays;
    const { sortedKeys: keys, sortedVersions, sortedCount, sortedBase } = calendar;
    let kept = 0;
    for (let record = 0; record < sortedCount; record += 1) {
      const key = keys[record];
      const version = sortedVersions[record];
      const at = key >>> CODE_BITS;
      if (at >= offsetLimit) {
        keys[kept] = key;
        sortedVersions[kept] = version;
        kept += 1;
        continue;
      }
      const code = key & CODE_MASK;
      const slot = firstSlot[version];
      if (code < CODE.hintAtIssue) {
        const table = tables[tableOf[version]];
        const copy = code & COPY_MASK;
        const target = table.replicas[replicaBase[version] + copy];
        this.#append(target * tables.length + table.index, slot, version);
        trace.record(sortedBase + at, RECORD.applied, target, copy, version, slot, VIA.delivery);
      } else {
        outcome[version] = OUTCOME.success;
        this.#careful.client.counts.acknowledged += 1;
        trace.record(sortedBase + at, RECORD.answered, coordinator[version], 0, version, slot, OUTCOME.success);
      }
    }
    calendar.sortedCount = kept;
    calendar.putBack(0);
  }

  #append(place: number, slot: number, version: number): void {
    const count = this.#counts[place];
    this.#slots[place][count] = slot;
    this.#versions[place][count] = version;
    this.#counts[place] = count + 1;
  }

  /** The one loop in which speed comes before looks: hashes of records are written out, see `HASH` of kernel/trace.ts. */
  // eslint-disable-next-line max-lines-per-function
  #takeStretch({ workload, first, count }: FilledStretch, from: number, offsetLimit: number): void {
    const { trace, versions, cluster, calendar, tables } = this.#o;
    const { consistency, table } = workload;
    const { copies, replicas } = table;
    const { issuedAt, firstSlot, replicaBase, coordinator: coordinatorOf, outcome } = versions.arrays;
    const { ways, rounds } = this.#healthy.draws;
    const { dcOf } = cluster;
    const delays = this.#delays;
    const slotsOf = this.#slots;
    const versionsOf = this.#versions;
    const counts = this.#counts;
    const tableCount = tables.length;
    const tableIndex = table.index;
    const base = calendar.sortedBase;
    // A bucket lies within one high part of the time.
    const high = mixWord(Math.floor(base / HIGH_MICROS), MIX_HIGH);
    const highWeighed = Math.imul(high, WEIGH_HIGH);
    const ISSUED = (base & LOW_MASK) | (RECORD.issued << KIND_SHIFT);
    const APPLIED = (base & LOW_MASK) | (RECORD.applied << KIND_SHIFT);
    const ANSWERED = (base & LOW_MASK) | (RECORD.answered << KIND_SHIFT);
    const success = mixWord(OUTCOME.success, MIX_DETAIL);
    const successWeighed = Math.imul(success, WEIGH_DETAIL);
    const SUCCESS = OUTCOME.success;
    const ANSWER = CODE.answer;
    const nodeCount = this.#nodeCount;
    const mixedNodes = this.#mixedNodes;
    const weighedNodes = this.#weighedNodes;
    const required = this.#required;
    const isCounted = this.#isCounted;
    const dcCount = this.#lookUpLevel(consistency);
    this.#reserveLate(count * (copies + 1));
    const lateAt = this.#lateAt;
    const lateCodes = this.#lateCodes;
    const lateVersions = this.#lateVersions;
    let late = 0;
    let low = 0;
    let top = 0;
    let hashed = 0;
    let acknowledged = 0;
    let draw = from;
    for (let version = first; version < first + count; version += 1) {
      const coordinator = coordinatorOf[version];
      const at = (issuedAt[version] - base) | 0;
      const slot = firstSlot[version];
      const replica = replicaBase[version];
      const dc = dcOf[coordinator];
      // What the hashes of all its records have in common.
      const mixedVersion = mixWord(version, MIX_VERSION);
      const mixedSlot = mixWord(slot, MIX_SLOT);
      const common = (high + mixedVersion + mixedSlot) | 0;
      const weighed = (highWeighed + Math.imul(mixedVersion, WEIGH_VERSION) + Math.imul(mixedSlot, WEIGH_SLOT)) | 0;
      const issuer = mixWord(coordinator, MIX_NODE);
      const issuerWeighed = Math.imul(issuer, WEIGH_NODE);
      let time = mixWord(ISSUED + at, MIX_TIME);
      let one = (common + time + issuer) | 0;
      let two = (weighed + Math.imul(time, WEIGH_TIME) + issuerWeighed) | 0;
      one = Math.imul(one ^ (one >>> 16), STIR_LOW);
      two = Math.imul(two ^ (two >>> 15), STIR_HIGH);
      low = (low + (one ^ (one >>> 15))) | 0;
      top = (top + (two ^ (two >>> 16))) | 0;
      hashed += 1;
      let counted = 0;
      for (let copy = 0; copy < copies; copy += 1) {
        const arrival = at + ways[draw];
        let delay = rounds[draw];
        draw += 1;
        const target = replicas[replica + copy];
        if (arrival < offsetLimit) {
          const place = target * tableCount + tableIndex;
          const entry = counts[place];
          slotsOf[place][entry] = slot;
          versionsOf[place][entry] = version;
          counts[place] = entry + 1;
          time = mixWord(APPLIED + arrival, MIX_TIME);
          const delivery = copy * nodeCount + target;
          one = (common + time + mixedNodes[delivery]) | 0;
          two = (weighed + Math.imul(time, WEIGH_TIME) + weighedNodes[delivery]) | 0;
          one = Math.imul(one ^ (one >>> 16), STIR_LOW);
          two = Math.imul(two ^ (two >>> 15), STIR_HIGH);
          low = (low + (one ^ (one >>> 15))) | 0;
          top = (top + (two ^ (two >>> 16))) | 0;
          hashed += 1;
        } else {
          lateAt[late] = arrival;
          lateCodes[late] = copy;
          lateVersions[late] = version;
          late += 1;
        }
        if (isCounted[dc * dcCount + dcOf[target]] === 0) continue;
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
      const needed = required[dc];
      if (needed > counted) continue;
      const answer = at + delays[needed - 1];
      if (answer >= offsetLimit) {
        lateAt[late] = answer;
        lateCodes[late] = ANSWER;
        lateVersions[late] = version;
        late += 1;
        continue;
      }
      outcome[version] = SUCCESS;
      acknowledged += 1;
      time = mixWord(ANSWERED + answer, MIX_TIME);
      one = (common + time + issuer + success) | 0;
      two = (weighed + Math.imul(time, WEIGH_TIME) + issuerWeighed + successWeighed) | 0;
      one = Math.imul(one ^ (one >>> 16), STIR_LOW);
      two = Math.imul(two ^ (two >>> 15), STIR_HIGH);
      low = (low + (one ^ (one >>> 15))) | 0;
      top = (top + (two ^ (two >>> 16))) | 0;
      hashed += 1;
    }
    const { messages, client } = this.#careful;
    for (let record = 0; record < late; record += 1)
      messages.push(base + lateAt[record], lateCodes[record], lateVersions[record]);
    client.counts.acknowledged += acknowledged;
    trace.addHashed(low, top, hashed);
  }

  /** What a level asks for, by data centres, where the loop can read it without a call; returns how many there are. */
  #lookUpLevel(consistency: ConsistencyRule): number {
    const { dcCount } = this.#o.cluster;
    for (let dc = 0; dc < dcCount; dc += 1) {
      this.#required[dc] = consistency.required(dc);
      for (let copyDc = 0; copyDc < dcCount; copyDc += 1)
        this.#isCounted[dc * dcCount + copyDc] = consistency.counts(copyDc, dc) ? 1 : 0;
    }
    return dcCount;
  }

  #reserveLate(records: number): void {
    if (this.#lateAt.length >= records) return;
    this.#lateAt = new Int32Array(records * 2);
    this.#lateCodes = new Uint8Array(records * 2);
    this.#lateVersions = new Int32Array(records * 2);
  }
}
