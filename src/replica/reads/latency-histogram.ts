/**
 * How long the reads of one table took lately at one coordinator, in buckets that grow by a fifth, and after which time one
 * more replica is asked: a percentile that is taken anew every read_request_timeout and counts what is a minute old half
 * (cassandra.i-speculation). Moves on when it is asked, so it needs no timer.
 */
import { firstAtLeast } from '../../base/sorting.ts';

const GROWTH = 1.2;
const BUCKETS = 164;
/** 2^(-1/12): five seconds of a half-life of sixty. */
const DECAY_OF_FIVE_SECONDS = 0.9438743126816935;
const FIVE_SECONDS = 5_000_000;
/** Below this share of one read a bucket is empty. */
const FORGOTTEN = 1e-9;

export interface LatencyHistogramState {
  counts: Float64Array;
  period: number;
  threshold: number;
}

export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #share: number;
  readonly #periodMicros: number;
  #period = 0;
  #threshold: number;

  constructor(share: number, periodMicros: number) {
    this.#share = share;
    this.#periodMicros = periodMicros;
    this.#threshold = Math.floor(periodMicros / 2);
  }

  add(latencyMicros: number, nowMicros: number): void {
    this.#passTo(nowMicros);
    this.#counts[firstAtLeast(OFFSETS, latencyMicros)] += 1;
  }

  thresholdMicros(nowMicros: number): number {
    this.#passTo(nowMicros);
    return this.#threshold;
  }

  /** The process ended. */
  clear(): void {
    this.#counts.fill(0);
    this.#threshold = Math.floor(this.#periodMicros / 2);
  }

  save(): LatencyHistogramState {
    return { counts: this.#counts.slice(), period: this.#period, threshold: this.#threshold };
  }

  load(state: LatencyHistogramState): void {
    this.#counts.set(state.counts);
    this.#period = state.period;
    this.#threshold = state.threshold;
  }

  #passTo(micros: number): void {
    const period = Math.floor(micros / this.#periodMicros);
    if (period === this.#period) return;
    this.#threshold = this.#percentile() ?? this.#threshold;
    let steps = Math.floor(((period - this.#period) * this.#periodMicros) / FIVE_SECONDS);
    this.#period = period;
    let factor = 1;
    for (; steps > 0 && factor > FORGOTTEN; steps -= 1) factor *= DECAY_OF_FIVE_SECONDS;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const left = this.#counts[bucket] * factor;
      this.#counts[bucket] = left < FORGOTTEN ? 0 : left;
    }
  }

  /** Upper end of the bucket in which the percentile lies; null where nothing was read. */
  #percentile(): number | null {
    let total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) total += this.#counts[bucket];
    if (total === 0) return null;
    const wanted = total * this.#share;
    let sum = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      sum += this.#counts[bucket];
      if (sum >= wanted && this.#counts[bucket] > 0) return OFFSETS[bucket];
    }
    return OFFSETS[BUCKETS - 1];
  }
}

/** Upper ends, µs: 1, 2, …, then each a fifth larger than the one before. */
const OFFSETS = offsets();

function offsets(): Float64Array {
  const ends = new Float64Array(BUCKETS);
  let last = 1;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    ends[bucket] = last;
    last = Math.max(Math.round(last * GROWTH), last + 1);
  }
  return ends;
}
