/**
 * After a write to another node has failed, what comes next for that node goes straight to its queue for a while, which is
 * longer after each further failure, and over with the first success (influxdb.2-throttle). Only when; the queue is
 * `handoff.ts`.
 */
export interface ThrottleSettings {
  /** 0: the version does not do it. */
  firstMicros: number;
  mostMicros: number;
}

export interface ThrottleState {
  until: Float64Array;
  period: Float64Array;
  fate: Int32Array;
}

export class Throttle {
  readonly #settings: readonly ThrottleSettings[];
  /** By node * nodes + target: when the period ends, how long it is, and the fate of the write that began it. */
  #until: Float64Array;
  #period: Float64Array;
  #fate: Int32Array;

  constructor(settings: readonly ThrottleSettings[]) {
    const pairs = settings.length * settings.length;
    this.#settings = settings;
    this.#until = new Float64Array(pairs);
    this.#period = new Float64Array(pairs);
    this.#fate = new Int32Array(pairs);
  }

  /** The fate of the write that began the period; 0: the target may be tried. */
  fateOf(node: number, target: number, micros: number): number {
    const pair = node * this.#settings.length + target;
    return micros < this.#until[pair] ? this.#fate[pair] : 0;
  }

  failed(node: number, target: number, { fate, micros }: { fate: number; micros: number }): void {
    const { firstMicros, mostMicros } = this.#settings[node];
    const pair = node * this.#settings.length + target;
    // What was under way when the period began says nothing new.
    if (firstMicros === 0 || micros < this.#until[pair]) return;
    const last = this.#period[pair];
    this.#period[pair] = last === 0 ? firstMicros : Math.min(2 * last, Math.max(firstMicros, mostMicros));
    this.#until[pair] = micros + this.#period[pair];
    this.#fate[pair] = fate;
  }

  succeeded(node: number, target: number): void {
    const pair = node * this.#settings.length + target;
    this.#until[pair] = 0;
    this.#period[pair] = 0;
  }

  /** It was known to the process only. */
  nodeEnded(node: number): void {
    for (let target = 0; target < this.#settings.length; target += 1) this.succeeded(node, target);
  }

  save(): ThrottleState {
    return { until: this.#until.slice(), period: this.#period.slice(), fate: this.#fate.slice() };
  }

  load({ until, period, fate }: ThrottleState): void {
    this.#until = until.slice();
    this.#period = period.slice();
    this.#fate = fate.slice();
  }
}
