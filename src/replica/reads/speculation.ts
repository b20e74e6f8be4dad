/**
 * Speculative retry: when a read asks one more replica because those asked are slow. By table and coordinator, each with its
 * own recent latencies. Whom it asks is decided in `read-path.ts`.
 */
import { LatencyHistogram, type LatencyHistogramState } from './latency-histogram.ts';
import type { Speculation as Option } from './read-types.ts';

export const NEVER = -1;

export type SpeculationState = [place: number, state: LatencyHistogramState][];

export class Speculation {
  readonly #options: readonly Option[];
  readonly #readTimeoutMicros: number;
  /** By coordinator * tables + table. */
  readonly #histograms = new Map<number, LatencyHistogram>();

  constructor(options: readonly Option[], readTimeoutMicros: number) {
    this.#options = options;
    this.#readTimeoutMicros = readTimeoutMicros;
  }

  /** Are two replicas asked for data at once? */
  isAlways(table: number): boolean {
    return this.#options[table].kind === 'always';
  }

  /** May a read ask one more replica when it has waited for a while? */
  mayAskLater(table: number): boolean {
    const { kind } = this.#options[table];
    return kind === 'after' || kind === 'percentile';
  }

  /** After how long a read that begins now asks one more replica; NEVER where it does not. */
  patienceMicros(coordinator: number, table: number, nowMicros: number): number {
    const option = this.#options[table];
    if (option.kind === 'never' || option.kind === 'always') return NEVER;
    const micros =
      option.kind === 'after'
        ? option.micros
        : this.#histogram(coordinator, table, option.share).thresholdMicros(nowMicros);
    return micros < this.#readTimeoutMicros ? micros : NEVER;
  }

  /** A read of the table was over after so long. */
  note(coordinator: number, table: number, latencyMicros: number, nowMicros: number): void {
    const option = this.#options[table];
    if (option.kind === 'percentile') this.#histogram(coordinator, table, option.share).add(latencyMicros, nowMicros);
  }

  /** The process ended, and what it remembered. */
  nodeEnded(node: number): void {
    for (let table = 0; table < this.#options.length; table += 1)
      this.#histograms.get(node * this.#options.length + table)?.clear();
  }

  save(): SpeculationState {
    const places = [...this.#histograms].sort(([left], [right]) => left - right);
    return places.map(([place, histogram]) => [place, histogram.save()]);
  }

  load(state: SpeculationState): void {
    this.#histograms.clear();
    for (const [place, histogram] of state) {
      const option = this.#options[place % this.#options.length];
      const made = new LatencyHistogram(option.kind === 'percentile' ? option.share : 1, this.#readTimeoutMicros);
      made.load(histogram);
      this.#histograms.set(place, made);
    }
  }

  #histogram(coordinator: number, table: number, share: number): LatencyHistogram {
    const place = coordinator * this.#options.length + table;
    const known = this.#histograms.get(place);
    if (known !== undefined) return known;
    const made = new LatencyHistogram(share, this.#readTimeoutMicros);
    this.#histograms.set(place, made);
    return made;
  }
}
