/**
 * Queries of points (influxdb.8): each shard is read from one owner, the coordinator itself where it is one, else one that is
 * drawn; nothing is compared and nothing repaired, so answers follow whoever was asked. Indicators of operators are such
 * queries: dashboards, counts on every owner, sizes of shards. They look on: they take part in nothing and load nothing; how
 * long one takes follows from the files that it reads and what background work leaves of the disk.
 */
import type { Rules } from '../../base/rules.ts';
import type { TableLayout } from '../../data/layout.ts';
import { includesSlot } from '../../data/runs.ts';
import { RECORD } from '../../data/records.ts';
import { FIRST_VERSION, type Versions } from '../../data/versions.ts';
import type { FluidDevices } from '../../device/fluid.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { derive, draw32, drawBelow, type StreamKey } from '../../kernel/random.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Cluster } from '../cluster.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import type { Storage } from '../storage.ts';
import type { PointWriter, ShardGroup } from './point-writer.ts';
import type { Ownership } from './ownership.ts';
import { shardBytes } from './shard-bytes.ts';
import type { ShardEnds } from './shard-ends.ts';
import type { PartWays } from './ways.ts';

export type Aggregate = 'count' | 'sum' | 'mean' | 'min' | 'max';

export interface Query {
  aggregate: Aggregate;
  series: readonly { writer: number; from: number; to: number }[];
  fromMicros: number;
  untilMicros: number;
  /** Are both counted from the moment of the query? */
  fromNow: boolean;
}

export type Probe = { id: string; number: number; everyMicros: number } & (
  | { kind: 'dashboard'; query: Query; through: number | null; key: StreamKey }
  | { kind: 'count'; query: Query }
  | { kind: 'size' }
);

export interface QueriesOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  storage: Storage;
  ends: ShardEnds;
  ownership: Ownership;
  ways: PartWays;
  writers: readonly PointWriter[];
  /** By writer: where the values of its points are drawn from, and between what they lie. */
  values: readonly { key: StreamKey; least: number; most: number }[];
  devices: FluidDevices;
  diskRead: readonly number[];
  dialMicros: number;
  probes: readonly Probe[];
  untilMicros: number;
}

/** Of some points. */
interface Sums {
  count: number;
  sum: number;
  least: number;
  most: number;
}

/** What a query found in one shard of one owner: what was read, how far the memtable was in it. */
interface Known {
  part: Part;
  runs: readonly object[];
  flushes: readonly object[];
  /** Of the memtable: its array, and how many of it were read. */
  entries: Int32Array;
  count: number;
  sums: Sums;
}

/** One shard that a query reads: the slots of its series and times, ascending. */
interface Part {
  table: TableLayout;
  slots: Int32Array;
}

export interface QueriesState {
  samples: number[];
  told: [place: number, value: number][][];
}

const MEGA = 1 << 20;
/** Told in the place of a number where a node is an owner no more. */
const NO_OWNER = -1;
/** What background work always leaves of a disk. */
const LEAST_SHARE = 0.05;

export class Queries {
  readonly #o: QueriesOptions;
  #samples: number[];
  /** By probe: what was last told of node * tables + table. */
  #told: Map<number, number>[];
  /** What the same files and the same slots gave, by probe, and then by owner * tables + table. */
  readonly #known: Map<number, Known>[];
  /** What a query read last, by probe: the same where its rows are. */
  readonly #parts = new Map<number, { stamp: string; parts: readonly Part[] }>();

  constructor(options: QueriesOptions) {
    this.#o = options;
    this.#samples = options.probes.map(() => 0);
    this.#told = options.probes.map(() => new Map());
    this.#known = options.probes.map(() => new Map());
  }

  start(): void {
    for (const { number } of this.#o.probes) this.#o.kernel.schedule(0, EVENT.queryDue, number, 0);
  }

  /** Handler. */
  due(number: number): void {
    const { kernel, probes, untilMicros } = this.#o;
    const index = probes.findIndex((probe) => probe.number === number);
    const probe = probes[index];
    const sample = this.#samples[index];
    this.#samples[index] += 1;
    const next = kernel.now + probe.everyMicros;
    if (next < untilMicros) kernel.schedule(next, EVENT.queryDue, number, 0);
    if (probe.kind === 'dashboard') this.#ask(probe, index, sample);
    else if (probe.kind === 'count') this.#countOn(probe, index);
    else this.#sizeOn(probe, index);
  }

  save(): QueriesState {
    return { samples: [...this.#samples], told: this.#told.map((told) => [...told]) };
  }

  load({ samples, told }: QueriesState): void {
    this.#samples = [...samples];
    this.#told = told.map((each) => new Map(each));
  }

  // ---------------------------------------------------------------- dashboards

  #ask(probe: Extract<Probe, { kind: 'dashboard' }>, index: number, sample: number): void {
    const { kernel, trace, rules } = this.#o;
    const coordinator = this.#coordinatorOf(probe.through, sample);
    if (coordinator < 0) {
      trace.record(kernel.now, RECORD.queryFailed, 0, probe.number, 0, 0, 0);
      return;
    }
    rules.mark('influxdb.8-one-owner');
    const total: Sums = { count: 0, sum: 0, least: Infinity, most: -Infinity };
    let longest = 0;
    for (const part of this.#partsOf(probe)) {
      const asked = this.#ownerFor(part.table, coordinator, { probe, sample });
      if (asked === null) {
        trace.record(kernel.now, RECORD.queryFailed, coordinator, probe.number, 0, 0, 0);
        return;
      }
      add(total, this.#sumsOn(asked.owner, part, index));
      longest = Math.max(longest, asked.micros + this.#readingMicros(asked.owner, part));
    }
    const value = answerOf(probe.query.aggregate, total);
    const whole = Math.floor(value);
    const rest = Math.floor((value - whole) * 1e6);
    trace.record(kernel.now, RECORD.queryAnswered, coordinator, probe.number, whole, rest, Math.round(longest));
  }

  #coordinatorOf(through: number | null, sample: number): number {
    const { cluster } = this.#o;
    if (through !== null) return cluster.coordinates(through) ? through : -1;
    for (let step = 0; step < cluster.count; step += 1) {
      const node = (sample + step) % cluster.count;
      if (cluster.coordinates(node)) return node;
    }
    return -1;
  }

  /** Itself where it can, else one that is drawn, and the next where that does not answer. */
  #ownerFor(
    table: TableLayout,
    coordinator: number,
    { probe, sample }: { probe: Extract<Probe, { kind: 'dashboard' }>; sample: number },
  ): { owner: number; micros: number } | null {
    const { cluster, ways, kernel, dialMicros, ownership } = this.#o;
    const owners = ownership.ownersOf(table.index).map((copy) => table.replicas[copy]);
    if (owners.includes(coordinator)) return { owner: coordinator, micros: 0 };
    const key = derive(probe.key, table.index);
    const first = drawBelow(key.k0, key.k1, sample, owners.length);
    let waited = 0;
    for (let step = 0; step < owners.length; step += 1) {
      const owner = owners[(first + step) % owners.length];
      const isCut =
        cluster.cut[coordinator * cluster.count + owner] > 0 || cluster.cut[owner * cluster.count + coordinator] > 0;
      if (!cluster.answers(owner) || isCut) {
        waited += dialMicros;
        continue;
      }
      const way = { coordinator, target: owner, address: sample * 64 + probe.number, attempt: 61 };
      const there = ways.micros(way, DIRECTION.read, kernel.now);
      return { owner, micros: waited + there + ways.micros(way, DIRECTION.response, kernel.now) };
    }
    return null;
  }

  /** Every file that overlaps is read and merged, by what background work leaves of the disk (influxdb.8-latency). */
  #readingMicros(owner: number, { table, slots }: Part): number {
    const { storage, devices, diskRead, rules } = this.#o;
    const files = storage.of(owner, table.index).runs.length;
    if (files > 1) rules.mark('influxdb.8-latency');
    const capacity = devices.capacityOf(diskRead[owner]);
    const left = Math.max(LEAST_SHARE, 1 - devices.utilisation(diskRead[owner]));
    return (slots.length * table.rowBytes * files * 1e6) / (capacity * left);
  }

  // ---------------------------------------------------------------- counts and sizes

  #countOn(probe: Extract<Probe, { kind: 'count' }>, index: number): void {
    const { kernel, trace, cluster } = this.#o;
    for (const part of this.#partsOf(probe)) {
      for (const owner of this.#askedOf(part.table, index)) {
        if (!cluster.answers(owner)) continue;
        const isOwner = this.#owns(owner, part.table);
        const count = isOwner ? this.#sumsOn(owner, part, index).count : NO_OWNER;
        if (!this.#isNews(index, owner, part.table.index, count)) continue;
        trace.record(kernel.now, RECORD.ownerCounted, owner, probe.number, count, part.table.index, 0);
      }
    }
  }

  #sizeOn(probe: Probe, index: number): void {
    const { kernel, trace, cluster, tables, ends } = this.#o;
    for (const table of tables) {
      for (const owner of this.#askedOf(table, index)) {
        if (!cluster.answers(owner)) continue;
        const there = ends.isGone(table.index) ? 0 : shardBytes(this.#o.storage, this.#o.versions, owner, table.index);
        const bytes = this.#owns(owner, table) ? there : NO_OWNER;
        if (!this.#isNews(index, owner, table.index, bytes)) continue;
        const high = Math.floor(bytes / MEGA);
        const low = bytes === NO_OWNER ? 0 : bytes % MEGA;
        trace.record(kernel.now, RECORD.shardSized, owner, probe.number, high, low, table.index);
      }
    }
  }

  /** Who is an owner, or was one when it was last asked. */
  #askedOf(table: TableLayout, index: number): number[] {
    const place = (node: number): number => node * this.#o.tables.length + table.index;
    const isKnown = (node: number): boolean => (this.#told[index].get(place(node)) ?? NO_OWNER) !== NO_OWNER;
    return [...table.replicas].filter((node) => this.#owns(node, table) || isKnown(node));
  }

  #owns(node: number, { index, replicas }: TableLayout): boolean {
    return this.#o.ownership.owns(index, replicas.indexOf(node));
  }

  #isNews(index: number, node: number, table: number, value: number): boolean {
    const place = node * this.#o.tables.length + table;
    if (this.#told[index].get(place) === value) return false;
    this.#told[index].set(place, value);
    return true;
  }

  // ---------------------------------------------------------------- what a query reads

  #partsOf({ number, query }: { number: number; query: Query }): readonly Part[] {
    const { kernel, writers, tables, ends } = this.#o;
    const base = query.fromNow ? kernel.now : 0;
    const pieces = query.series.flatMap(({ writer: index, from, to }) => {
      const writer = writers[index];
      return writer.o.groups.flatMap((group) => {
        const rows = writer.rowsBetween(group, base + query.fromMicros, base + query.untilMicros);
        const isThere = rows.count > 0 && !group.tables.some((table) => ends.isGone(table));
        return isThere ? [{ group, rows, from, to, tables }] : [];
      });
    });
    const stamp = pieces
      .map(({ rows, from, group }) => `${group.tables[0]} ${from} ${rows.first} ${rows.count}`)
      .join();
    const known = this.#parts.get(number);
    if (known?.stamp === stamp) return known.parts;
    const slots = new Map<number, number[]>();
    for (const piece of pieces) collect(slots, piece);
    const parts = [...slots].map(([table, own]) => ({
      table: tables[table],
      slots: Int32Array.from(own.sort((left, right) => left - right)),
    }));
    this.#parts.set(number, { stamp, parts });
    return parts;
  }

  #sumsOn(owner: number, part: Part, index: number): Sums {
    const { storage, tables } = this.#o;
    const { table, slots } = part;
    const { runs, memtable, flushes } = storage.of(owner, table.index);
    const place = owner * tables.length + table.index;
    const known = this.#known[index].get(place);
    if (known?.part === part && known.runs === runs && known.entries === memtable.slots) {
      const isSame = known.flushes.length === flushes.length && known.flushes.every((each, at) => each === flushes[at]);
      if (isSame && isUntouched(slots, memtable, known.count)) {
        known.count = memtable.count;
        return known.sums;
      }
    }
    const sums = this.#readOn(owner, part);
    const now = { part, runs, flushes: [...flushes], entries: memtable.slots, count: memtable.count, sums };
    this.#known[index].set(place, now);
    return sums;
  }

  #readOn(owner: number, { table, slots }: Part): Sums {
    const { storage, versions, values } = this.#o;
    const sums: Sums = { count: 0, sum: 0, least: Infinity, most: -Infinity };
    const held = storage.heldVersions(owner, table.index, slots);
    const { workload, index } = versions.arrays;
    for (const version of held) {
      if (version < FIRST_VERSION || versions.isTombstone(version)) continue;
      const { key, least, most } = values[workload[version]];
      const value = least + ((most - least) * draw32(key.k0, key.k1, index[version])) / 4_294_967_296;
      sums.count += 1;
      sums.sum += value;
      sums.least = Math.min(sums.least, value);
      sums.most = Math.max(sums.most, value);
    }
    return sums;
  }
}

/** Is nothing that came since then in one of these slots, which ascend? */
function isUntouched(slots: Int32Array, memtable: { slots: Int32Array; count: number }, since: number): boolean {
  if (memtable.count < since) return false;
  for (let entry = since; entry < memtable.count; entry += 1)
    if (includesSlot(slots, memtable.slots[entry])) return false;
  return true;
}

/** Slots of these series and rows, by table. */
function collect(
  parts: Map<number, number[]>,
  input: {
    group: ShardGroup;
    rows: { first: number; count: number };
    from: number;
    to: number;
    tables: readonly TableLayout[];
  },
): void {
  const { group, rows, from, to, tables } = input;
  for (let series = from; series < to; series += 1) {
    const table = tables[group.tables[group.places.shard[series]]];
    const slots = parts.get(table.index) ?? [];
    if (slots.length === 0) parts.set(table.index, slots);
    const ordinal = table.ordinalOfKey[group.places.key[series]];
    const first = table.slotBase + ordinal * table.slotsPerPartition + rows.first * table.slotsPerRow;
    for (let row = 0; row < rows.count; row += 1) slots.push(first + row * table.slotsPerRow);
  }
}

function add(total: Sums, { count, sum, least, most }: Sums): void {
  total.count += count;
  total.sum += sum;
  total.least = Math.min(total.least, least);
  total.most = Math.max(total.most, most);
}

/** Of no points 0, as dashboards fill it. */
function answerOf(aggregate: Aggregate, { count, sum, least, most }: Sums): number {
  if (count === 0) return 0;
  switch (aggregate) {
    case 'count':
      return count;
    case 'sum':
      return sum;
    case 'mean':
      return sum / count;
    case 'min':
      return least;
    case 'max':
      return most;
  }
}
