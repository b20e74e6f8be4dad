/**
 * Keeps how many copies differ in each part of the token ring over time, for the page of a run: counted (`ring-census.ts`) at
 * some of the moments of the series, so many that all counts together go over a bounded number of words. Bounded in parts, in
 * moments, and in time spent; nothing is kept of a run without a ring.
 */
import type { Plan } from '../../scenario/plan.ts';
import type { Oracle } from '../oracle.ts';
import type { RingCensus, RingFold } from '../ring-census.ts';
import { packNumbers } from './packed-numbers.ts';

/** Moments at most and at least. */
const MOMENTS_MAX = 240;
const MOMENTS_MIN = 24;
/** Words of the oracle that all counts go over: less than half a second. */
const WORDS_MAX = 250e6;

export interface RingCoursePart {
  /** Tokens from above `left` up to `right`, as decimal text. */
  left: string;
  right: string;
  /** Ids of the nodes that hold it; empty of an equal part, and where placement changes. */
  nodes: string[];
}

export interface RingCourse {
  fold: RingFold;
  parts: RingCoursePart[];
  /** Ranges of the ring, of the table with most. */
  ranges: number;
  /** Packed (`packed-numbers.ts`): the moments, µs; and by part the divergent copies at each of them. */
  times: string;
  copies: string[];
}

export class RingCourseRecorder {
  readonly #plan: Plan;
  readonly #endMicros: number;
  readonly #times: number[] = [];
  readonly #counts: number[][] = [];
  #census: RingCensus | null = null;
  #ranges = 0;
  #stepMicros = 0;
  #nextMicros = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#endMicros = plan.duration_micros + plan.settle_micros;
  }

  /** As `onSample` of a run. */
  sample(oracle: Oracle, micros: number): void {
    if (this.#plan.points !== undefined) return;
    const census = this.#census ?? this.#begin(oracle);
    if (micros < this.#nextMicros && micros < this.#endMicros) return;
    while (this.#nextMicros <= micros) this.#nextMicros += this.#stepMicros;
    if (this.#times[this.#times.length - 1] === micros) this.#drop();
    this.#times.push(micros);
    this.#counts.push(census.count());
  }

  /** Null where there is no ring. */
  finish(): RingCourse | null {
    const census = this.#census;
    if (census === null) return null;
    return {
      fold: census.fold,
      ranges: this.#ranges,
      parts: census.parts.map(({ left, right, replicas }) => ({
        ...{ left: String(left), right: String(right) },
        nodes: replicas.map((node) => this.#plan.nodes[node].id),
      })),
      times: packNumbers(this.#times),
      copies: census.parts.map((_part, index) => packNumbers(this.#counts.map((counts) => counts[index]))),
    };
  }

  #begin(oracle: Oracle): RingCensus {
    const census = oracle.ringCensus();
    const moments = Math.max(MOMENTS_MIN, Math.min(MOMENTS_MAX, Math.floor(WORDS_MAX / census.words)));
    this.#census = census;
    this.#ranges = census.ranges;
    this.#stepMicros = Math.max(1, Math.ceil(this.#endMicros / (moments - 1)));
    return census;
  }

  /** The last of one moment counts. */
  #drop(): void {
    this.#times.pop();
    this.#counts.pop();
  }
}
