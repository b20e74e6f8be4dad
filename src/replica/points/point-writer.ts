/**
 * The points that one set of agents sends: every series once an interval, in requests of so many points, and all of that perhaps
 * once more later. What the i-th request holds follows from i alone. A point is a row: its series a partition of the shard that holds it, its place in time
 * the row in it; so writing the same point again touches the same slots (influxdb.1, "Point identity").
 */
import type { TableLayout } from '../../data/layout.ts';
import { OPERATION, type Versions } from '../../data/versions.ts';
import type { StreamKey } from '../../kernel/random.ts';

/** How many owners must have a point before the client is told (influxdb.2, step 3); `any`: or a stored hint. */
export type PointConsistency = 'any' | 'one' | 'quorum' | 'all';

/** One stretch of time in which the same shards take the points. */
export interface ShardGroup {
  fromMicros: number;
  /** Exclusive. */
  untilMicros: number;
  /** It takes points that are sent from here on; −Infinity: always. */
  sinceMicros: number;
  /** From a moment on its end is another (influxdb.1-truncated). */
  truncated: { atMicros: number; untilMicros: number } | null;
  /** Points older than this are refused; Infinity: none (influxdb.4-retention). */
  keepMicros: number;
  /** Table of each of its shards. */
  tables: readonly number[];
  places: SeriesPlaces;
  /** Timestamp of the first row of a series: the first moment of any writer of the same series. */
  firstMicros: number;
}

/** Where the points of each of the writer's series go in one group. */
export interface SeriesPlaces {
  /** By series: index of its shard in the group, and its partition (key number) there. */
  shard: Uint8Array;
  key: Int32Array;
}

export interface PointWriterOptions {
  index: number;
  id: string;
  series: number;
  intervalMicros: number;
  /** Points in a request. */
  batch: number;
  fromMicros: number;
  untilMicros: number;
  consistency: PointConsistency;
  /** Null: a balancer passes requests to the nodes in turn. */
  through: number | null;
  /** Series [from, to) whose timestamps are off by so many intervals. */
  shifts: readonly { from: number; to: number; steps: number }[];
  /** All is sent once more so long after; null: it is not. */
  repeatAfterMicros: number | null;
  retry: { attempts: number; onTimeout: boolean; onError: boolean } | null;
  groups: readonly ShardGroup[];
  /** Of all writers of these series: timestamps end before this, µs, and lie at most so far ahead of their sending. */
  lastMicros: number;
  aheadMicros: number;
  tables: readonly TableLayout[];
  /** Key of all its draws. */
  key: StreamKey;
}

/** Versions [from, to) of one shard. */
export interface ShardPart {
  table: number;
  from: number;
  to: number;
}

export class PointWriter {
  readonly o: PointWriterOptions;
  /** Index of the next request. */
  next = 0;
  readonly #points: number;
  readonly #leastShift: number;

  constructor(options: PointWriterOptions) {
    this.o = options;
    const { fromMicros, untilMicros, intervalMicros, series } = options;
    const steps = Math.max(0, Math.ceil((untilMicros - fromMicros) / intervalMicros));
    let points = steps * series;
    while (points > 0 && this.#timeOf(points - 1) >= untilMicros) points -= 1;
    this.#points = points;
    this.#leastShift = options.shifts.reduce((least, { steps: by }) => Math.min(least, by), 0);
  }

  /** Points that it sends in all. */
  get points(): number {
    return this.#points * this.#times;
  }

  /** How often it sends each. */
  get #times(): number {
    return this.o.repeatAfterMicros === null ? 1 : 2;
  }

  get #requests(): number {
    return Math.ceil(this.#points / this.o.batch);
  }

  /** When the next request is sent: with its last point; Infinity when there are no more. */
  peek(): number {
    const requests = this.#requests;
    if (this.next >= requests * this.#times) return Infinity;
    const last = Math.min(((this.next % requests) + 1) * this.o.batch, this.#points) - 1;
    return this.#timeOf(last) + (this.next < requests ? 0 : (this.o.repeatAfterMicros ?? 0));
  }

  /** Agents report one after the other through the interval. */
  #timeOf(point: number): number {
    const { fromMicros, intervalMicros, series } = this.o;
    const step = Math.floor(point / series);
    return fromMicros + step * intervalMicros + Math.floor(((point % series) * intervalMicros) / series);
  }

  /** Timestamp of the points of a step. */
  #stampOf(step: number): number {
    return this.o.fromMicros + step * this.o.intervalMicros;
  }

  /**
   * Gives the points of request `number`, which is sent now, their versions, shard by shard. Points whose time is in no group
   * are left out; `beyond`: how many because they are older than is kept.
   */
  fill(versions: Versions, number: number, now: number): { parts: ShardPart[]; beyond: number } {
    const { batch, series, groups } = this.o;
    const index = number % this.#requests;
    const end = Math.min((index + 1) * batch, this.#points);
    const pieces: StepPiece[] = [];
    for (let point = index * batch; point < end;) {
      const step = Math.floor(point / series);
      const first = step * series;
      const to = Math.min(end - first, series);
      for (const piece of this.#shifted({ step, from: point - first, to })) pieces.push(piece);
      point = first + to;
    }
    let beyond = 0;
    const parts = groups.flatMap((group) => {
      const within = pieces.filter(({ step }) => takes(group, this.#stampOf(step), now));
      const own = within.filter(({ step }) => this.#stampOf(step) >= now - group.keepMicros);
      for (const { from, to } of within) beyond += to - from;
      for (const { from, to } of own) beyond -= to - from;
      if (own.length === 0) return [];
      return group.tables.flatMap((table, shard) => {
        const from = versions.count;
        for (const piece of own) this.#fillPiece(versions, { group, table: this.o.tables[table], shard }, piece);
        return versions.count > from ? [{ table, from, to: versions.count }] : [];
      });
    });
    return { parts, beyond };
  }

  /** A piece with the steps that its series say: as many pieces as there are shifts in it. */
  #shifted({ step, from, to }: StepPiece): StepPiece[] {
    const pieces: StepPiece[] = [];
    let at = from;
    for (const { from: first, to: last, steps } of this.o.shifts) {
      if (last <= at || first >= to) continue;
      if (first > at) pieces.push({ step, from: at, to: first });
      at = Math.max(at, first);
      pieces.push({ step: step + steps, from: at, to: Math.min(last, to) });
      at = Math.min(last, to);
    }
    if (at < to) pieces.push({ step, from: at, to });
    return pieces;
  }

  #fillPiece(
    versions: Versions,
    { group, table, shard }: { group: ShardGroup; table: TableLayout; shard: number },
    { step, from, to }: StepPiece,
  ): void {
    const { series: count, index: writer } = this.o;
    const { places } = group;
    const { arrays } = versions;
    const row = (this.#stampOf(step) - group.firstMicros) / this.o.intervalMicros;
    for (let series = from; series < to; series += 1) {
      if (places.shard[series] !== shard) continue;
      const ordinal = table.ordinalOfKey[places.key[series]];
      const version = versions.count;
      versions.count = version + 1;
      arrays.operation[version] = OPERATION.write;
      arrays.groups[version] = (1 << table.groups) - 1;
      arrays.firstSlot[version] = table.slotBase + ordinal * table.slotsPerPartition + row * table.slotsPerRow;
      arrays.replicaBase[version] = table.rangeOfOrdinal[ordinal] * table.copies;
      arrays.table[version] = table.index;
      arrays.workload[version] = writer;
      arrays.index[version] = (step - this.#leastShift) * count + series;
    }
  }

  /** Rows of the group whose points have timestamps of that stretch, end exclusive. */
  rowsBetween(group: ShardGroup, fromMicros: number, untilMicros: number): { first: number; count: number } {
    const { intervalMicros, lastMicros } = this.o;
    const rowAt = (micros: number): number => Math.max(0, Math.ceil((micros - group.firstMicros) / intervalMicros));
    const last = rowAt(Math.min(group.untilMicros, lastMicros));
    const first = Math.min(last, rowAt(fromMicros));
    return { first, count: Math.max(0, Math.min(last, rowAt(untilMicros)) - first) };
  }
}

/** Series [from, to) of one step. */
interface StepPiece {
  step: number;
  from: number;
  to: number;
}

/** Does the group take a point with this timestamp that is sent now? */
function takes({ fromMicros, untilMicros, sinceMicros, truncated }: ShardGroup, micros: number, now: number): boolean {
  const end = truncated !== null && now >= truncated.atMicros ? truncated.untilMicros : untilMicros;
  return now >= sinceMicros && micros >= fromMicros && micros < end;
}
