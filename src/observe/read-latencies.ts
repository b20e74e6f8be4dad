/**
 * Latencies of answered reads, by reader: exact means and percentiles of the last whole window and of the run. Every latency
 * is kept, as whole µs; a percentile is the smallest latency that at least that share of the reads did not exceed.
 */
import { ANY } from './counters.ts';

export interface LatencyFigures {
  count: number;
  meanMicros: number;
  p50Micros: number;
  p99Micros: number;
  p999Micros: number;
  maxMicros: number;
}

export interface ReadLatenciesState {
  all: Int32Array[];
  windowFrom: number[];
  lastFrom: number[];
  lastTo: number[];
}

export class ReadLatencies {
  /** Of each reader all latencies in the order of their answers; where the open window begins, and the last whole one. */
  readonly #all: { values: Int32Array; count: number }[];
  readonly #windowFrom: number[];
  readonly #lastFrom: number[];
  readonly #lastTo: number[];
  /** Figures of the last window, made when asked for. */
  #known = new Map<number, LatencyFigures | null>();

  constructor(readers: number) {
    this.#all = Array.from({ length: readers }, () => ({ values: new Int32Array(1024), count: 0 }));
    this.#windowFrom = this.#all.map(() => 0);
    this.#lastFrom = this.#all.map(() => 0);
    this.#lastTo = this.#all.map(() => 0);
  }

  add(reader: number, micros: number): void {
    const all = this.#all[reader];
    if (all.count === all.values.length) {
      const larger = new Int32Array(all.count * 2);
      larger.set(all.values);
      all.values = larger;
    }
    all.values[all.count] = micros;
    all.count += 1;
  }

  /** The open window is whole; `isNext`: the one that follows is open now, else one after it. */
  roll(isNext: boolean): void {
    this.#known.clear();
    this.#all.forEach(({ count }, reader) => {
      this.#lastFrom[reader] = isNext ? this.#windowFrom[reader] : count;
      this.#lastTo[reader] = count;
      this.#windowFrom[reader] = count;
    });
  }

  /** Of the last whole window; null where nothing was answered in it. */
  ofWindow(reader: number): LatencyFigures | null {
    const known = this.#known.get(reader);
    if (known !== undefined) return known;
    const parts = this.#parts(reader, (each) => [this.#lastFrom[each], this.#lastTo[each]]);
    const figures = figuresOf(parts);
    this.#known.set(reader, figures);
    return figures;
  }

  /** Of the run so far. */
  ofRun(reader: number): LatencyFigures | null {
    return figuresOf(this.#parts(reader, (each) => [0, this.#all[each].count]));
  }

  save(): ReadLatenciesState {
    return {
      all: this.#all.map(({ values, count }) => values.slice(0, count)),
      windowFrom: [...this.#windowFrom],
      lastFrom: [...this.#lastFrom],
      lastTo: [...this.#lastTo],
    };
  }

  load(state: ReadLatenciesState): void {
    this.#known.clear();
    this.#all.forEach((all, reader) => {
      const values = state.all[reader];
      all.count = values.length;
      if (all.values.length < values.length) all.values = new Int32Array(values.length * 2);
      all.values.set(values);
      this.#windowFrom[reader] = state.windowFrom[reader];
      this.#lastFrom[reader] = state.lastFrom[reader];
      this.#lastTo[reader] = state.lastTo[reader];
    });
  }

  #parts(reader: number, rangeOf: (reader: number) => [number, number]): Int32Array[] {
    return this.#all.flatMap(({ values }, each) =>
      reader === ANY || reader === each ? [values.subarray(...rangeOf(each))] : [],
    );
  }
}

function figuresOf(parts: readonly Int32Array[]): LatencyFigures | null {
  const count = parts.reduce((total, part) => total + part.length, 0);
  if (count === 0) return null;
  const sorted = new Int32Array(count);
  let at = 0;
  let total = 0;
  for (const part of parts) {
    sorted.set(part, at);
    at += part.length;
    for (let index = 0; index < part.length; index += 1) total += part[index];
  }
  sorted.sort();
  const atShare = (perMille: number): number => sorted[Math.max(0, Math.ceil((count * perMille) / 1000) - 1)];
  return {
    count,
    meanMicros: Math.round(total / count),
    p50Micros: atShare(500),
    p99Micros: atShare(990),
    p999Micros: atShare(999),
    maxMicros: sorted[count - 1],
  };
}
