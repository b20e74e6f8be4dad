/**
 * The dynamic snitch: what each coordinator knows of how long replicas take to answer its reads, and the order in which it
 * prefers them (cassandra.i-snitch). Of every replica it keeps the last hundred latencies in whole milliseconds and takes
 * their median, in which a latency weighs half of one that is 0.92 s younger; the score is that median over the largest one.
 * Scores are those of the last update, every 100 ms; every ten minutes all is forgotten. Both moments are looked for when a
 * read asks, so no timer runs.
 */
import type { Cluster } from '../cluster.ts';
import type { ProximityOrder } from './replica-choice.ts';

const SAMPLES = 100;
const MICROS_PER_MILLI = 1000;
/** ln 2 / 0.75 s: alpha of the database's sample. */
const HALF_LIFE_MICROS = 924_196;
/** 2^(-n/8). */
const EIGHTHS = [
  1, 0.9170040432046712, 0.8408964152537145, 0.7711054127039704, 0.7071067811865476, 0.6484197773255048,
  0.5946035575013605, 0.5452538663326288,
];

export interface DynamicSnitchOptions {
  cluster: Cluster;
  updateMicros: number;
  /** 0 or more; Infinity: never. */
  resetMicros: number;
  badnessThreshold: number;
  now: () => number;
}

/** The latencies of one replica at one coordinator, the newest over the oldest. */
interface Sample {
  at: Float64Array;
  millis: Int32Array;
  count: number;
  next: number;
}

export interface DynamicSnitchState {
  samples: [pair: number, sample: Sample][];
  scores: [coordinator: number, update: number, scores: Float64Array][];
}

export class DynamicSnitch implements ProximityOrder {
  readonly #o: DynamicSnitchOptions;
  /** By coordinator * nodes + replica. */
  #samples = new Map<number, Sample>();
  /** Scores of a coordinator, and the number of the update that made them. */
  #scores = new Map<number, { update: number; scores: Float64Array }>();
  readonly #sorted: Float64Array;
  readonly #order: Int32Array;
  readonly #weights = new Float64Array(SAMPLES);

  constructor(options: DynamicSnitchOptions) {
    this.#o = options;
    this.#sorted = new Float64Array(options.cluster.count);
    this.#order = new Int32Array(SAMPLES);
  }

  /** A replica answered, or did not within the time-out. */
  note(coordinator: number, replica: number, latencyMicros: number): void {
    const now = this.#o.now();
    this.#update(coordinator, now);
    const sample = this.#sampleOf(coordinator * this.#o.cluster.count + replica);
    sample.at[sample.next] = now;
    sample.millis[sample.next] = Math.floor(latencyMicros / MICROS_PER_MILLI);
    sample.next = (sample.next + 1) % SAMPLES;
    sample.count = Math.min(SAMPLES, sample.count + 1);
  }

  reorder(coordinator: number, nodes: Int32Array, count: number): void {
    if (count < 2) return;
    const scores = this.#update(coordinator, this.#o.now());
    if (this.#isBad(scores, nodes, count)) this.#sortByScore(scores, nodes, count);
  }

  /** The process ended, and what it remembered. */
  nodeEnded(node: number): void {
    this.#scores.delete(node);
    for (const pair of [...this.#samples.keys()])
      if (Math.floor(pair / this.#o.cluster.count) === node) this.#samples.delete(pair);
  }

  save(): DynamicSnitchState {
    return {
      samples: sorted(this.#samples).map(([pair, sample]) => [pair, copied(sample)]),
      scores: sorted(this.#scores).map(([node, { update, scores }]) => [node, update, scores.slice()]),
    };
  }

  load(state: DynamicSnitchState): void {
    this.#samples = new Map(state.samples.map(([pair, sample]) => [pair, copied(sample)]));
    this.#scores = new Map(state.scores.map(([node, update, scores]) => [node, { update, scores: scores.slice() }]));
  }

  // ---------------------------------------------------------------- order

  /** Is one of them, in the order of proximity, worse than the one at its place in the order of scores by more than the
   * threshold? */
  #isBad(scores: Float64Array, nodes: Int32Array, count: number): boolean {
    const { badnessThreshold } = this.#o;
    if (badnessThreshold === 0) return true;
    const best = this.#sorted.subarray(0, count);
    for (let at = 0; at < count; at += 1) best[at] = scores[nodes[at]];
    best.sort();
    for (let at = 0; at < count; at += 1) if (scores[nodes[at]] > best[at] * (1 + badnessThreshold)) return true;
    return false;
  }

  /** Equal ones stay in the order of proximity. */
  #sortByScore(scores: Float64Array, nodes: Int32Array, count: number): void {
    for (let at = 1; at < count; at += 1) {
      const node = nodes[at];
      let place = at;
      while (place > 0 && scores[nodes[place - 1]] > scores[node]) {
        nodes[place] = nodes[place - 1];
        place -= 1;
      }
      nodes[place] = node;
    }
  }

  // ---------------------------------------------------------------- scores

  /** Scores as of the last update; made anew from what is known now if one has passed since they were made: nothing has been
   * added in between. */
  #update(coordinator: number, now: number): Float64Array {
    const { cluster, updateMicros, resetMicros } = this.#o;
    const running = now - cluster.startedAt[coordinator];
    const update = Math.floor(running / updateMicros);
    const known = this.#scores.get(coordinator);
    if (known?.update === update) return known.scores;
    const scores = known?.scores ?? new Float64Array(cluster.count);
    const isReset =
      known !== undefined && resetOf(known.update * updateMicros, resetMicros) < resetOf(running, resetMicros);
    if (isReset) this.#forget(coordinator);
    if (update > 0) this.#score(coordinator, scores);
    this.#scores.set(coordinator, { update, scores });
    return scores;
  }

  #forget(coordinator: number): void {
    const { count } = this.#o.cluster;
    for (let replica = 0; replica < count; replica += 1) this.#samples.delete(coordinator * count + replica);
  }

  #score(coordinator: number, scores: Float64Array): void {
    const { count } = this.#o.cluster;
    let largest = 1;
    for (let replica = 0; replica < count; replica += 1) {
      const sample = this.#samples.get(coordinator * count + replica);
      scores[replica] = sample === undefined ? 0 : this.#median(sample);
      if (scores[replica] > largest) largest = scores[replica];
    }
    for (let replica = 0; replica < count; replica += 1) scores[replica] /= largest;
  }

  /** Weighted by age: the smallest latency at which half of the weight is reached. */
  #median(sample: Sample): number {
    const { at, millis, count } = sample;
    const order = this.#order;
    const newest = at[(sample.next + SAMPLES - 1) % SAMPLES];
    let total = 0;
    for (let index = 0; index < count; index += 1) {
      this.#weights[index] = weightOf(newest - at[index]);
      total += this.#weights[index];
      let place = index;
      while (place > 0 && millis[order[place - 1]] > millis[index]) {
        order[place] = order[place - 1];
        place -= 1;
      }
      order[place] = index;
    }
    let sum = 0;
    for (let index = 0; index < count; index += 1) {
      sum += this.#weights[order[index]];
      if (sum * 2 >= total) return millis[order[index]];
    }
    return 0;
  }

  #sampleOf(pair: number): Sample {
    const known = this.#samples.get(pair);
    if (known !== undefined) return known;
    const made = { at: new Float64Array(SAMPLES), millis: new Int32Array(SAMPLES), count: 0, next: 0 };
    this.#samples.set(pair, made);
    return made;
  }
}

/** Number of the reset before this moment. */
function resetOf(micros: number, resetMicros: number): number {
  return Math.floor(micros / resetMicros);
}

/** 2^(-age / half-life), in steps of an eighth of a half-life. */
function weightOf(ageMicros: number): number {
  const eighths = Math.floor((ageMicros * 8) / HALF_LIFE_MICROS);
  let halves = eighths >> 3;
  let weight = EIGHTHS[eighths & 7];
  for (; halves > 0 && weight > 1e-12; halves -= 1) weight /= 2;
  return weight;
}

function sorted<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort(([left], [right]) => left - right);
}

function copied(sample: Sample): Sample {
  return { ...sample, at: sample.at.slice(), millis: sample.millis.slice() };
}
