/**
 * How long after its acknowledgement a write is read, and what came of it: the times that the scenario lists, and others that
 * close in on the moment from which 99.9 % of the reads show the write. The first samples are read on a coarse ladder, the
 * next on a finer one around what those found, all others on the finest; so precision costs few reads, and every share is
 * counted, none computed. Few samples find the moment badly: of 30 000 thirty are hidden then, and where a tail is long a
 * sixth more or fewer of them moves it by as much. So each ladder reaches to half and twice of what was found.
 *
 * A write that a read has shown is not read again: each later read of it takes the same ways (its draws have the write's
 * address), so it counts as shown.
 */
import { firstAtLeast } from '../../base/sorting.ts';

/** Shown to all but one of so many. */
const HIDDEN_PART = 1000;

interface Ladder {
  /** Samples of this stage before the next begins. */
  samples: number;
  /** Factor from one time to the next, as a fraction; how many stand below and above the middle. */
  step: [numerator: number, denominator: number];
  below: number;
  above: number;
}

const COARSE_FIRST_MICROS = 100;
/** To an hour and a half. */
const COARSE_COUNT = 44;
const STAGES: readonly Ladder[] = [
  { samples: 3000, step: [150, 100], below: 0, above: COARSE_COUNT },
  { samples: 27_000, step: [115, 100], below: 8, above: 8 },
  { samples: Infinity, step: [103, 100], below: 24, above: 24 },
];
/** Times further apart than this leave the moment between them unknown. */
const WIDEST_GAP = 1.3;

interface Stage {
  times: Float64Array;
  /** Reads by what they showed. */
  current: Float64Array;
  stale: Float64Array;
  /** Samples that count as shown from this time on. */
  shownFrom: Float64Array;
  begun: number;
}

export interface VisibilityTimesState {
  stages: Stage[];
}

/** What was counted at one time. */
export interface VisibilityCount {
  micros: number;
  current: number;
  stale: number;
}

export class VisibilityTimes {
  readonly #listed: readonly number[];
  #stages: Stage[];

  constructor(listed: readonly number[]) {
    this.#listed = listed;
    this.#stages = [stageOf(listed, coarseTimes())];
  }

  /** A new sample: the stage that it belongs to. */
  begin(): number {
    const last = this.#stages.length - 1;
    if (this.#stages[last].begun >= STAGES[last].samples) this.#stages.push(this.#nextStage(last));
    this.#stages[this.#stages.length - 1].begun += 1;
    return this.#stages.length - 1;
  }

  /** µs after the acknowledgement of the read with this number; Infinity after the last. */
  timeOf(stage: number, index: number): number {
    const { times } = this.#stages[stage];
    return index < times.length ? times[index] : Infinity;
  }

  /** A read that began so long after the acknowledgement was answered. */
  count(stage: number, afterMicros: number, isCurrent: boolean): void {
    const { times, current, stale } = this.#stages[stage];
    const index = firstAtLeast(times, afterMicros);
    if (isCurrent) current[index] += 1;
    else stale[index] += 1;
  }

  /** A sample was shown, before the read with this number began. */
  shown(stage: number, index: number): void {
    this.#stages[stage].shownFrom[index] += 1;
  }

  /** At each listed time, over all stages. */
  listed(): VisibilityCount[] {
    return this.#listed.map((micros) => {
      const sum = { micros, current: 0, stale: 0 };
      for (const stage of this.#stages) {
        const counts = countsOf(stage)[firstAtLeast(stage.times, micros)];
        sum.current += counts.current;
        sum.stale += counts.stale;
      }
      return sum;
    });
  }

  /** The least time from which on 99.9 % are shown, between two neighbours in proportion; null if there is none. */
  visibleMicros(): number | null {
    let widest: number | null = null;
    for (let stage = this.#stages.length - 1; stage >= 0; stage -= 1) {
      const found = crossing(countsOf(this.#stages[stage]));
      if (found === null) continue;
      if (found.isNear) return found.micros;
      widest ??= found.micros;
    }
    return widest;
  }

  #nextStage(last: number): Stage {
    const { step, below, above } = STAGES[last + 1];
    const middle = this.visibleMicros();
    if (middle === null || middle <= this.#listed[0]) return stageOf(this.#listed, []);
    const times: number[] = [];
    for (let rung = -below; rung <= above; rung += 1) times.push(stepped(middle, step, rung));
    return stageOf(this.#listed, times);
  }

  save(): VisibilityTimesState {
    return { stages: this.#stages.map(copyOf) };
  }

  load(state: VisibilityTimesState): void {
    this.#stages = state.stages.map(copyOf);
  }
}

function copyOf({ times, current, stale, shownFrom, begun }: Stage): Stage {
  return {
    times: times.slice(),
    current: current.slice(),
    stale: stale.slice(),
    shownFrom: shownFrom.slice(),
    begun,
  };
}

function stageOf(listed: readonly number[], more: readonly number[]): Stage {
  const all = [...new Set([...listed, ...more])].sort((left, right) => left - right);
  const count = all.length;
  return {
    times: Float64Array.from(all),
    current: new Float64Array(count),
    stale: new Float64Array(count),
    shownFrom: new Float64Array(count + 1),
    begun: 0,
  };
}

function coarseTimes(): number[] {
  return Array.from({ length: COARSE_COUNT }, (_, rung) => stepped(COARSE_FIRST_MICROS, STAGES[0].step, rung));
}

/** Whole µs; rounded at each step, so that it is the same everywhere. */
function stepped(micros: number, [numerator, denominator]: [number, number], steps: number): number {
  let at = micros;
  for (let step = 0; step < steps; step += 1) at = Math.ceil((at * numerator) / denominator);
  for (let step = 0; step > steps; step -= 1) at = Math.floor((at * denominator) / numerator);
  return at;
}

function countsOf({ times, current, stale, shownFrom }: Stage): VisibilityCount[] {
  let shown = 0;
  return [...times].map((micros, index) => {
    shown += shownFrom[index];
    return { micros, current: current[index] + shown, stale: stale[index] };
  });
}

function crossing(counts: readonly VisibilityCount[]): { micros: number; isNear: boolean } | null {
  const index = counts.findIndex(({ current, stale }) => stale * HIDDEN_PART <= current + stale && current > 0);
  if (index < 0) return null;
  const { micros } = counts[index];
  if (index === 0) return { micros, isNear: true };
  const before = counts[index - 1];
  const [above, below] = [before, counts[index]].map(({ current, stale }) => (stale * HIDDEN_PART) / (current + stale));
  const share = above - below > 0 ? (above - 1) / (above - below) : 1;
  const at = Math.ceil(before.micros + share * (micros - before.micros));
  return { micros: at, isNear: micros <= before.micros * WIDEST_GAP };
}
