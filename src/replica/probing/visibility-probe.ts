/**
 * t-visibility (Bailis et al., "Probabilistically Bounded Staleness for Practical Partial Quorums", VLDB 2012): of a write
 * that was acknowledged, the chance that a read which begins t later shows it or something newer. Reads go to all replicas
 * and take the first answers that their level needs; they repair nothing. Only writes of one row are sampled, no deletes.
 */
import { OUTCOME } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { OPERATION } from '../../data/versions.ts';
import type { ReadAnswer } from '../reads/read-types.ts';
import { LatencySamples, type Percentiles } from './latency-samples.ts';
import type { ProbeReads, WriteProbe } from './probe-reads.ts';
import { VisibilityTimes, type VisibilityTimesState } from './visibility-times.ts';

/** A sampled write of which reads are under way or to come. */
interface Sample {
  version: number;
  ackedAt: number;
  stage: number;
  /** Number of the next read, and the handle of its timer; -1: there is none. */
  next: number;
  timer: number;
  underWay: number;
  isShown: boolean;
}

export interface VisibilityTotals {
  samples: number;
  reads: number;
  failed_reads: number;
}

export interface VisibilityFinding extends VisibilityTotals {
  current: { t_micros: number; reads: number; share: number | null }[];
  t_visible_p999_micros: number | null;
  read_latency_micros: Percentiles | null;
  write_latency_micros: Percentiles | null;
}

interface VisibilityState {
  samples: [address: number, sample: Sample][];
  times: VisibilityTimesState;
  readLatency: Float64Array;
  writeLatency: Float64Array;
  totals: VisibilityTotals;
}

export class VisibilityProbe implements WriteProbe {
  readonly reads: ProbeReads;
  readonly #layout: TableLayout;
  readonly #times: VisibilityTimes;
  readonly #samples = new Map<number, Sample>();
  readonly #readLatency = new LatencySamples();
  readonly #writeLatency = new LatencySamples();
  readonly #totals: VisibilityTotals = { samples: 0, reads: 0, failed_reads: 0 };

  constructor(reads: ProbeReads, { layout, timesMicros }: { layout: TableLayout; timesMicros: readonly number[] }) {
    this.reads = reads;
    this.#layout = layout;
    this.#times = new VisibilityTimes(timesMicros);
  }

  acknowledged(version: number): void {
    const { kernel, versions } = this.reads.options;
    const { arrays } = versions;
    const address = arrays.index[version];
    if (arrays.operation[version] !== OPERATION.write || arrays.rowCount[version] !== 1) return;
    if (!this.reads.isSampled(address)) return;
    this.#totals.samples += 1;
    this.#writeLatency.push(kernel.now - arrays.issuedAt[version]);
    const stage = this.#times.begin();
    const sample = { version, ackedAt: kernel.now, stage, next: 0, timer: -1, underWay: 0, isShown: false };
    this.#samples.set(address, sample);
    this.#scheduleNext(address, sample);
  }

  due(address: number): void {
    const sample = this.#samples.get(address);
    if (sample === undefined) return;
    sample.timer = -1;
    sample.next += 1;
    sample.underWay += 1;
    this.#scheduleNext(address, sample);
    this.#totals.reads += 1;
    this.reads.begin(address, this.reads.options.versions.arrays.firstSlot[sample.version]);
  }

  answered(answer: ReadAnswer): void {
    const sample = this.#samples.get(answer.address);
    if (sample === undefined) return;
    sample.underWay -= 1;
    const afterMicros = answer.startedAt - sample.ackedAt;
    if (answer.outcome === OUTCOME.success) this.#count(sample, answer, afterMicros);
    else this.#totals.failed_reads += 1;
    if (sample.underWay === 0 && sample.timer < 0) this.#samples.delete(answer.address);
  }

  #count(sample: Sample, answer: ReadAnswer, afterMicros: number): void {
    const { stage } = sample;
    // The later reads of a write take as long as its first.
    if (afterMicros === this.#times.timeOf(stage, 0)) this.#readLatency.push(answer.latencyMicros);
    const isCurrent = this.#shows(answer.content, sample.version);
    this.#times.count(stage, afterMicros, isCurrent);
    if (!isCurrent || sample.isShown) return;
    sample.isShown = true;
    this.#times.shown(stage, sample.next);
    if (sample.timer >= 0) this.reads.options.kernel.cancel(sample.timer);
    sample.timer = -1;
  }

  #scheduleNext(address: number, sample: Sample): void {
    const after = this.#times.timeOf(sample.stage, sample.next);
    if (after !== Infinity) sample.timer = this.reads.scheduleAt(sample.ackedAt + after, address);
  }

  /** Is the row as this write left it, or as something newer did? */
  #shows(content: Int32Array, version: number): boolean {
    const { versions } = this.reads.options;
    const { groups, slotsPerRow } = this.#layout;
    if (slotsPerRow > groups && isAsNew(content[groups])) return true;
    const mask = versions.arrays.groups[version];
    for (let group = 0; group < groups; group += 1)
      if (((mask >> group) & 1) === 1 && !isAsNew(content[group])) return false;
    return true;

    function isAsNew(shown: number): boolean {
      return shown === version || versions.wins(shown, version);
    }
  }

  finding(): VisibilityFinding {
    const current = this.#times.listed().map(({ micros, current: shown, stale }) => ({
      t_micros: micros,
      reads: shown + stale,
      share: shown + stale === 0 ? null : shown / (shown + stale),
    }));
    return {
      ...this.#totals,
      current,
      t_visible_p999_micros: this.#times.visibleMicros(),
      read_latency_micros: this.#readLatency.percentiles(),
      write_latency_micros: this.#writeLatency.percentiles(),
    };
  }

  save(): VisibilityState {
    return {
      samples: [...this.#samples].map(([address, sample]) => [address, { ...sample }]),
      times: this.#times.save(),
      readLatency: this.#readLatency.save(),
      writeLatency: this.#writeLatency.save(),
      totals: { ...this.#totals },
    };
  }

  load(given: unknown): void {
    const state = given as VisibilityState;
    this.#samples.clear();
    for (const [address, sample] of state.samples) this.#samples.set(address, { ...sample });
    this.#times.load(state.times);
    this.#readLatency.load(state.readLatency);
    this.#writeLatency.load(state.writeLatency);
    Object.assign(this.#totals, state.totals);
  }
}
