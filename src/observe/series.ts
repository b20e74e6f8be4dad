/**
 * The recorder: takes the blocks of trace records of a run, lets the oracle fold them, in stretches as long as nobody asks
 * for anything in between, and between instants samples its counters: every `observe.every_micros`, and before and after every change of regime (a node
 * crashes, stops or starts, a fault begins or ends, a peer is marked down, a repair starts or finishes). It also keeps
 * the exact peak and the watches of expectations. An instant is all records of one microsecond: nothing is read in the
 * middle of one, so neither the size of blocks nor the order within a microsecond shows in a series.
 */
import { CAUSES, STATES } from '../data/causes.ts';
import { FAULT_RECORDS, RECORD, RECORD_STRIDE } from '../data/records.ts';
import type { Plan, PlanEntry, PlanWhere } from '../scenario/plan.ts';
import { ATTENTION, type Attention } from './attention.ts';
import { ANY } from './counters.ts';
import { liveReader, namesOf, tablesWithRemovals } from './counters-reader.ts';
import type { OtherCounters, PlanNames, Reader } from './counters-reader.ts';
import type { LiveCounters, RecordFold } from './counters.ts';
import type { Watch, WatchState } from './expect-watch.ts';
import { endOfInstant, endOfQuiet, microsOf, startOfInstant } from './instants.ts';
import { gaugeReader, isGauge, type Gauges, type GaugesState } from './gauges.ts';
import { METRICS } from './metrics.ts';
import { isQueryMetric } from './query-metrics.ts';
import type { QueryLog, QueryLogState } from './query-log.ts';
import type { ReadLog, ReadLogState } from './read-log.ts';
import { isReadMetric, readMetricReader } from './read-metrics.ts';
import type { Series } from './result.ts';
import { SeriesTable, seriesInterval } from './series-table.ts';
import type { SeriesTableState } from './series-table.ts';
import { CONTROL_KIND_MIN, NOTED_KIND_MIN, Timeline } from './timeline.ts';
import type { TimelineState } from './timeline.ts';

const KIND_SHIFT = 20;
/** With more nodes than this the columns by node are left out; the final state by node is always in the result. */
const NODE_COLUMNS_MAX = 100;
/** The same of tables and shards; of a single table the columns of the whole cluster are its own. */
const TABLE_COLUMNS_MAX = 60;

const REGIME_KINDS: ReadonlySet<number> = new Set([
  ...FAULT_RECORDS,
  ...[RECORD.markedDown, RECORD.repairStarted, RECORD.repairFinished, RECORD.repairFailed],
]);

/** A read probe, sampled at its own interval. */
export interface SampledProbe {
  id: string;
  everyMicros: number;
  sample(micros: number): void;
  /** Of the last sample; NaN before the first. */
  staleShare(): number;
  /** Every control record, so that it knows which nodes answer. */
  control(words: Int32Array, at: number): void;
  save(): unknown;
  load(state: unknown): void;
}

/** Plain data; belongs to a recorder of the same plan with the same watches and probes. */
export interface RecorderState {
  numbers: number[];
  nextProbe: number[];
  carry: Int32Array;
  table: SeriesTableState;
  timeline: TimelineState;
  watches: WatchState[];
  probes: unknown[];
  gauges: GaugesState | null;
  reads: ReadLogState | null;
  queries: QueryLogState | null;
}

export interface RecorderOptions {
  plan: Plan;
  live: LiveCounters;
  fold: RecordFold;
  probes?: readonly SampledProbe[];
  /** Absent: utilisation has no value. */
  gauges?: Gauges;
  /** Absent: nothing reads. */
  reads?: ReadLog;
  /** Absent: nobody queries points. */
  queries?: QueryLog;
  /** Called after each row that is due by its interval, and after the last; must not influence anything. */
  onSample?: (micros: number) => void;
}

interface Sampled {
  column: string;
  read: Reader;
}

export class Recorder {
  readonly timeline: Timeline;
  /** Planned end: duration plus settling. */
  readonly endMicros: number;
  readonly #live: LiveCounters;
  readonly #fold: RecordFold;
  readonly #names: PlanNames;
  readonly #entries: readonly PlanEntry[];
  readonly #probes: readonly SampledProbe[];
  readonly #gauges: Gauges | null;
  readonly #reads: ReadLog | null;
  readonly #queries: QueryLog | null;
  readonly #onSample: (micros: number) => void;
  readonly #other: OtherCounters;
  readonly #watches: Watch[] = [];
  /** Edges of the windows of watches, ascending. */
  #edges: number[] = [];
  #edge = 0;
  readonly #table = new SeriesTable();
  readonly #everyMicros: number;
  readonly #wantedMicros: number;
  readonly #tablesWithDeletions: readonly string[];
  readonly #columns: Sampled[];
  readonly #pairs: Sampled[];
  #nextSample = 0;
  /** The next moment at which anything is due; −1 makes it be looked up. And how closely watches must be checked until
   * then. */
  #stop = -1;
  #attention: Attention = ATTENTION.always;
  #nextProbe: number[];
  #lastChanges = -1;
  #sampledChanges = -1;
  #sampledMicros = -1;
  /** Words of all records before the present instant: their order. */
  #order = 0;
  /** Records of the instant that was open when the last block ended. */
  #carry: Int32Array = new Int32Array(RECORD_STRIDE * 64);
  #carryWords = 0;

  constructor({ plan, live, fold, probes = [], gauges, reads, queries, onSample = noSample }: RecorderOptions) {
    this.#onSample = onSample;
    this.#gauges = gauges ?? null;
    this.#reads = reads ?? null;
    this.#queries = queries ?? null;
    this.#live = live;
    this.#fold = fold;
    this.#probes = probes;
    this.#names = namesOf(plan);
    this.#entries = plan.entries;
    this.timeline = new Timeline(this.#names);
    this.endMicros = plan.duration_micros + plan.settle_micros;
    this.#wantedMicros = plan.observe.every_micros;
    this.#everyMicros = seriesInterval(this.#wantedMicros, this.endMicros);
    this.#other = {
      partialBatches: () => this.timeline.count('batchCut'),
      staleReadsShare: (id) => this.#probes.find((probe) => id === undefined || probe.id === id)?.staleShare() ?? NaN,
    };
    this.#tablesWithDeletions = tablesWithRemovals(plan);
    this.#columns = this.#plainColumns();
    this.#pairs = this.#splitColumns();
    this.#nextProbe = probes.map(() => 0);
  }

  /** A reader of a metric for this run; null for one that is only known at the end. */
  reader(metric: string, where: PlanWhere): Reader | null {
    return (
      this.#gaugeReader(metric, where, false) ??
      this.#readReader(metric, where) ??
      this.#queryReader(metric, where) ??
      liveReader(metric, where, { live: this.#live, names: this.#names, other: this.#other })
    );
  }

  /** `asMean`: as a column of the series, whose rows speak of the time since the row before. */
  #gaugeReader(metric: string, { node }: PlanWhere, asMean: boolean): Reader | null {
    if (!isGauge(metric)) return null;
    const index = node === undefined ? ANY : this.#names.nodes.indexOf(node);
    if (this.#gauges === null || (node !== undefined && index < 0)) return () => NaN;
    return gaugeReader(metric, index, this.#gauges, asMean);
  }

  /** Of clients' reads; without any, no value. */
  #readReader(metric: string, where: PlanWhere): Reader | null {
    if (!isReadMetric(metric)) return null;
    if (this.#reads === null) return () => NaN;
    return readMetricReader(metric, where, { log: this.#reads, nodes: this.#names.nodes });
  }

  /** Of indicators; without any, no value. */
  #queryReader(metric: string, { probe, node, table }: PlanWhere): Reader | null {
    if (!isQueryMetric(metric)) return null;
    const log = this.#queries;
    const of = {
      node: node === undefined ? ANY : this.#names.nodes.indexOf(node),
      table: table === undefined ? ANY : this.#names.tables.indexOf(table),
    };
    const isUnknown = (node !== undefined && of.node < 0) || (table !== undefined && of.table < 0);
    return log === null || isUnknown ? () => NaN : () => log.value(metric, probe, of);
  }

  /** Before the first block: from now on the value is followed exactly within the window of the watch. */
  watch(watch: Watch): void {
    this.#watches.push(watch);
    this.#edges.push(watch.from, watch.to);
    this.#edges = [...new Set(this.#edges)].sort((left, right) => left - right);
    this.#stop = -1;
  }

  /** Most divergent copies at the end of any instant, and the first such instant. */
  get peak(): { divergent_copies: number; at_micros: number } {
    const { copies, micros } = this.#live.peak();
    return { divergent_copies: copies, at_micros: micros };
  }

  /** Takes a block of records, as an observer of the trace; blocks come in order of time. */
  fold(words: Int32Array, count: number): void {
    const to = count * RECORD_STRIDE;
    let start = this.#continueOpenInstant(words, to);
    if (start === to) return;
    const open = startOfInstant(words, start, to);
    while (start < open) start = this.#closeStretch(words, start, open);
    this.#keepOpen(words, open, to);
  }

  /** After the last block: the rest of the samples, and the end itself. */
  finish(endMicros: number): void {
    this.#closeOpenInstant();
    this.#noteEntryTimes(endMicros);
    this.#stopsUpTo(endMicros);
    this.#fold.advanceTo(endMicros);
    this.#check(endMicros, true);
    if (this.#sampledMicros !== endMicros || this.#sampledChanges !== this.#changes()) this.#sample(endMicros, false);
  }

  series(): Series {
    const notes =
      this.#everyMicros > this.#wantedMicros
        ? [`sampled every ${this.#everyMicros} µs instead of ${this.#wantedMicros} µs to stay below 20 000 rows`]
        : [];
    if (this.#names.nodes.length > NODE_COLUMNS_MAX) notes.push(`no columns by node above ${NODE_COLUMNS_MAX} nodes`);
    return this.#table.finish(this.#everyMicros, notes);
  }

  save(): RecorderState {
    return {
      numbers: [
        this.#edge,
        this.#nextSample,
        this.#lastChanges,
        this.#sampledChanges,
        this.#sampledMicros,
        this.#order,
      ],
      nextProbe: [...this.#nextProbe],
      carry: this.#carry.slice(0, this.#carryWords),
      table: this.#table.save(),
      timeline: this.timeline.save(),
      watches: this.#watches.map((watch) => watch.save()),
      probes: this.#probes.map((probe) => probe.save()),
      gauges: this.#gauges?.save() ?? null,
      reads: this.#reads?.save() ?? null,
      queries: this.#queries?.save() ?? null,
    };
  }

  load(state: RecorderState): void {
    [this.#edge, this.#nextSample, this.#lastChanges, this.#sampledChanges, this.#sampledMicros, this.#order] =
      state.numbers;
    this.#nextProbe = [...state.nextProbe];
    this.#stop = -1;
    this.#carryWords = 0;
    this.#keepOpen(state.carry, 0, state.carry.length);
    this.#table.load(state.table);
    this.timeline.load(state.timeline);
    this.#watches.forEach((watch, index) => watch.load(state.watches[index]));
    this.#probes.forEach((probe, index) => probe.load(state.probes[index]));
    if (state.gauges !== null) this.#gauges?.load(state.gauges);
    if (state.reads !== null) this.#reads?.load(state.reads);
    if (state.queries !== null) this.#queries?.load(state.queries);
  }

  /** Faults whose start or end no record told, so that an expectation of order may name them. */
  #noteEntryTimes(endMicros: number): void {
    for (const entry of this.#entries) {
      if (entry.kind === 'repair' || entry.kind === 'cutBatch') continue;
      const end = 'for_micros' in entry && entry.for_micros !== null ? entry.at_micros + entry.for_micros : Infinity;
      if (entry.at_micros <= endMicros)
        this.timeline.noteEntryTime(`${entry.id}.start`, { micros: entry.at_micros, order: 0 });
      if (end <= endMicros) this.timeline.noteEntryTime(`${entry.id}.end`, { micros: end, order: 0 });
    }
  }

  /** If the last block ended within an instant, what this block adds to it; gives where the next instant starts. */
  #continueOpenInstant(words: Int32Array, to: number): number {
    if (this.#carryWords === 0 || to === 0) return 0;
    const isContinued = microsOf(words, 0) === microsOf(this.#carry, 0);
    const end = isContinued ? endOfInstant(words, 0, to) : 0;
    this.#keepOpen(words, 0, end);
    if (end < to) this.#closeOpenInstant();
    return end;
  }

  #keepOpen(words: Int32Array, from: number, to: number): void {
    const needed = this.#carryWords + to - from;
    if (needed > this.#carry.length) {
      const larger = new Int32Array(needed * 2);
      larger.set(this.#carry.subarray(0, this.#carryWords));
      this.#carry = larger;
    }
    this.#carry.set(words.subarray(from, to), this.#carryWords);
    this.#carryWords = needed;
  }

  #closeOpenInstant(): void {
    const length = this.#carryWords;
    if (length === 0) return;
    this.#carryWords = 0;
    this.#closeInstant(this.#carry, 0, length);
  }

  /** Folds whole instants from `from` on, as many as go together; gives where the next one starts. */
  #closeStretch(words: Int32Array, from: number, to: number): number {
    const micros = microsOf(words, from);
    if (micros > this.#stop) this.#stopsUpTo(micros - 1);
    const quiet =
      this.#attention === ATTENTION.always ? from : endOfQuiet(words, [from, to], NOTED_KIND_MIN, this.#stop);
    if (quiet === from) {
      const end = endOfInstant(words, from, to);
      this.#closeInstant(words, from, end);
      return end;
    }
    for (let at = from; at < quiet;) {
      at = this.#fold.fold(words, at, quiet, this.#attention === ATTENTION.rare);
      this.#check(microsOf(words, at - RECORD_STRIDE), false);
    }
    this.#order += quiet - from;
    return quiet;
  }

  #closeInstant(words: Int32Array, from: number, to: number): void {
    const micros = microsOf(words, from);
    if (micros > this.#stop) this.#stopsUpTo(micros - 1);
    const regime = this.#control(words, from, to, micros) && this.#table.wantsRegime();
    if (regime) this.#sample(micros, true);
    this.#fold.fold(words, from, to, false);
    this.#order += to - from;
    this.#check(micros, false);
    if (regime) this.#sample(micros, true);
  }

  /** Shows control records to the time line and the probes, notes rare ones; was one of them a change of regime? */
  #control(words: Int32Array, from: number, to: number, micros: number): boolean {
    let regime = false;
    for (let at = from; at < to; at += RECORD_STRIDE) {
      const kind = words[at + 1] >>> KIND_SHIFT;
      if (kind < NOTED_KIND_MIN) continue;
      if (this.#reads?.record(words, at, micros) === true) continue;
      if (this.#queries?.record(words, at, micros) === true) continue;
      if (kind >= RECORD.readStarted && kind <= RECORD.readSpeculated) continue;
      const moment = { micros, order: this.#order + at - from };
      if (kind < CONTROL_KIND_MIN) {
        this.timeline.note(kind, moment);
        continue;
      }
      if (this.#gauges?.record(words, at, micros) === true || kind === RECORD.deviceRate || kind === RECORD.treeMemory)
        continue;
      this.timeline.record(words, at, moment);
      for (const probe of this.#probes) probe.control(words, at);
      if (REGIME_KINDS.has(kind)) regime = true;
    }
    return regime;
  }

  /** Everything that is due at or before `micros`: samples, probes, edges of windows. */
  #stopsUpTo(micros: number): void {
    const last = Math.min(micros, this.endMicros);
    for (let stop = this.#nextStop(); stop <= last; stop = this.#nextStop()) {
      this.#fold.advanceTo(stop);
      this.#reads?.passTo(stop);
      this.#runProbes(stop);
      this.#check(stop, true);
      while (this.#edges[this.#edge] <= stop) this.#edge++;
      if (this.#nextSample <= stop) {
        this.#sample(stop, false);
        this.#nextSample += this.#everyMicros;
      }
    }
    this.#stop = this.#nextStop();
    this.#attention = this.#attentionAfter(micros);
  }

  /** What the watches need that are open after `micros`; windows begin and end at stops. */
  #attentionAfter(micros: number): Attention {
    let attention: Attention = ATTENTION.atStops;
    for (const watch of this.#watches) {
      if (watch.from <= micros + 1 && watch.to > micros && watch.attention > attention) attention = watch.attention;
    }
    return attention;
  }

  #nextStop(): number {
    let stop = this.#nextSample;
    if (this.#edge < this.#edges.length && this.#edges[this.#edge] < stop) stop = this.#edges[this.#edge];
    for (const due of this.#nextProbe) if (due < stop) stop = due;
    return stop;
  }

  #runProbes(micros: number): void {
    for (let index = 0; index < this.#probes.length; index++) {
      if (this.#nextProbe[index] > micros) continue;
      this.#probes[index].sample(micros);
      this.#nextProbe[index] += Math.max(1, this.#probes[index].everyMicros);
    }
  }

  #changes(): number {
    return (
      this.#live.changes() + (this.#gauges?.changes ?? 0) + (this.#reads?.changes ?? 0) + (this.#queries?.changes ?? 0)
    );
  }

  #check(micros: number, forced: boolean): void {
    const changes = this.#changes();
    if (!forced && changes === this.#lastChanges) return;
    this.#lastChanges = changes;
    const watches = this.#watches;
    for (let index = 0; index < watches.length; index++) watches[index].check(micros);
  }

  /** A row; at a change of regime none where the newest row says the same already. */
  #sample(micros: number, regime: boolean): void {
    const changes = this.#changes();
    if (regime && changes === this.#sampledChanges) return;
    this.#sampledChanges = changes;
    this.#sampledMicros = micros;
    this.#gauges?.sample(micros);
    this.#table.addRow(micros, regime);
    for (const { column, read } of this.#columns) this.#table.set(column, read());
    for (const { column, read } of this.#pairs) this.#table.set(column, read());
    if (!regime) this.#onSample(micros);
  }

  /** Levels and totals of the whole cluster, present in every series. */
  #plainColumns(): Sampled[] {
    const columns: Sampled[] = [];
    for (const { name, kind, where } of METRICS) {
      if (kind === 'final' || name === 'left_copies' || where.includes('probe') || isQueryMetric(name)) continue;
      if (isGauge(name) || (this.#reads === null && isReadMetric(name))) continue;
      if (name === 'resurrection_margin' || name === 'zombies_spread') continue;
      const read = this.reader(name, {});
      if (read !== null) columns.push({ column: name, read });
    }
    for (const probe of this.#probes)
      columns.push({ column: `stale_reads_share{probe=${probe.id}}`, read: () => probe.staleShare() });
    for (const { column } of columns) this.#table.declare(column);
    return columns;
  }

  /** Devices and trees: of the cluster, and by node. */
  #gaugeColumns(): Sampled[] {
    if (this.#gauges === null) return [];
    const columns: Sampled[] = [];
    for (const { name } of METRICS) {
      if (!isGauge(name)) continue;
      const nodes = this.#names.nodes.length <= NODE_COLUMNS_MAX ? this.#names.nodes : [];
      for (const where of [{}, ...nodes.map((node) => ({ node }))]) {
        const read = this.#gaugeReader(name, where, true);
        if (read !== null) columns.push({ column: columnName(name, where), read });
      }
    }
    return columns;
  }

  /** By cause, by cause and state, by node and by table: each stands in the series once it was not 0. */
  #splitColumns(): Sampled[] {
    const columns: Sampled[] = [];
    const add = (metric: string, where: PlanWhere): void => {
      const read = this.reader(metric, where);
      if (read !== null) columns.push({ column: columnName(metric, where), read });
    };
    for (const cause of CAUSES.slice(1)) {
      add('divergent_copies', { cause });
      add('entropy_bits', { cause });
      for (const state of STATES.slice(1)) add('divergent_copies', { cause, state });
    }
    if (this.#names.nodes.length <= NODE_COLUMNS_MAX)
      for (const node of this.#names.nodes) {
        add('divergent_copies', { node });
        add('hints_pending', { node });
      }
    if (this.#reads !== null && this.#names.nodes.length <= NODE_COLUMNS_MAX)
      for (const node of this.#names.nodes) add('read_share', { node });
    if (this.#names.tables.length > 1 && this.#names.tables.length <= TABLE_COLUMNS_MAX)
      for (const table of this.#names.tables) add('divergent_copies', { table });
    for (const table of this.#tablesWithDeletions) add('resurrection_margin', { table });
    if (this.#tablesWithDeletions.length > 0) add('zombies_spread', {});
    for (const { column, read } of this.#gaugeColumns()) columns.push({ column, read });
    return columns;
  }
}

function noSample(): void {}

/** `divergent_copies{cause=node_down,state=latent}`: members in the order given. */
export function columnName(metric: string, where: PlanWhere): string {
  const parts = Object.entries(where).map(([name, value]) => `${name}=${String(value)}`);
  return parts.length === 0 ? metric : `${metric}{${parts.join(',')}}`;
}
