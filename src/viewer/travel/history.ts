/**
 * Everything that the time-travel section reads of a page, unpacked once: view states to travel through, levels, and the
 * columns of the series that stand beside them. Answers what holds at a moment; draws nothing.
 */
import { VirtualClock } from '../../base/virtual-clock.ts';
import { namesOf } from '../../observe/counters-reader.ts';
import type { PlanNames } from '../../observe/counters-reader.ts';
import { decodeView } from '../../observe/view/encoded-view.ts';
import type { ViewLevels } from '../../observe/view/levels.ts';
import type { PageView } from '../../observe/view/page-view.ts';
import { TimeTravel } from '../../observe/view/time-travel.ts';
import type { ViewTimeline } from '../../observe/view/view-steps.ts';
import { largestOf, rowAt } from '../../report/page/chart-model.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { SeriesView } from '../../report/page/packed-series.ts';

/** What flows over a pair of nodes, or of groups of nodes, in a stretch, both ways. */
export interface PairFlow {
  one: number;
  other: number;
  writes: number;
  hints: number;
  streamed: number;
}

/** Links drawn at once. */
const FLOWS_MAX = 140;

export class History {
  readonly page: RunPage;
  readonly clock: VirtualClock;
  readonly names: PlanNames;
  readonly endMicros: number;
  readonly series: SeriesView;
  readonly timeline: ViewTimeline;
  readonly travel: TimeTravel;
  /** For what follows the moment a few times a second: its own cursor, so that neither goes to and fro. */
  readonly calmTravel: TimeTravel;
  readonly levels: ViewLevels;
  readonly notes: readonly string[];
  readonly #divergent: (Float64Array | null)[];
  readonly #differs: Int32Array;
  readonly #wrong: Int32Array;
  /** Largest of any node at any moment. */
  readonly divergentMax: number;
  readonly hintsMax: number;
  readonly flowMax: number;

  constructor(page: RunPage, { states }: PageView) {
    const { timeline, levels } = decodeView(states);
    this.page = page;
    this.endMicros = page.result.virtual_micros;
    this.clock = new VirtualClock(page.plan.start, this.endMicros);
    this.names = namesOf(page.plan);
    this.series = new SeriesView(page.series);
    this.timeline = timeline;
    this.travel = new TimeTravel(timeline);
    this.calmTravel = new TimeTravel(timeline);
    this.#differs = this.#firstRows(['hint_pending_copies', 'latent_copies']);
    this.#wrong = this.#firstRows(['wrong_copies']);
    this.levels = levels;
    this.notes = states.notes;
    this.#divergent = this.names.nodes.map((node) => this.series.column(`divergent_copies{node=${node}}`));
    this.divergentMax = this.#divergent.reduce((most, values) => Math.max(most, largestOf(values ?? [])), 0);
    this.hintsMax = Math.max(largestOf(levels.hintsFor), largestOf(levels.hintsAt));
    this.flowMax = largestOf(levels.writes ?? []) * 2;
  }

  divergentOf(node: number, micros: number): number {
    return this.#at(this.#divergent[node], micros);
  }

  /** A column of the whole cluster. */
  total(column: string, micros: number): number {
    return this.#at(this.series.column(column), micros);
  }

  hintsFor(node: number, micros: number): number {
    return this.levels.hintsFor[this.stretchAt(micros) * this.levels.nodeCount + node];
  }

  hintsAt(node: number, micros: number): number {
    return this.levels.hintsAt[this.stretchAt(micros) * this.levels.nodeCount + node];
  }

  /** Pairs over which something went in the stretch of the moment; of groups where links are counted by them. */
  flows(micros: number): PairFlow[] {
    const { writes, hints, streamed, nodeCount, groups } = this.levels;
    const ends = groups?.names.length ?? nodeCount;
    if (writes === null || hints === null || streamed === null) return [];
    const base = this.stretchAt(micros) * ends * ends;
    const flows: PairFlow[] = [];
    for (let one = 0; one < ends; one += 1) {
      for (let other = one + 1; other < ends; other += 1) {
        const [there, back] = [base + one * ends + other, base + other * ends + one];
        const flow = {
          ...{ one, other, writes: writes[there] + writes[back] },
          ...{ hints: hints[there] + hints[back], streamed: streamed[there] + streamed[back] },
        };
        if (flow.writes + flow.hints + flow.streamed > 0) flows.push(flow);
      }
    }
    // In one order at all moments, so that a link stays the same element; the busiest are picked where there are too many.
    if (flows.length <= FLOWS_MAX) return flows;
    const busiest = flows.toSorted((left, right) => right.writes + right.streamed - left.writes - left.streamed);
    const least = busiest[FLOWS_MAX - 1];
    return flows.filter((flow) => flow.writes + flow.streamed >= least.writes + least.streamed).slice(0, FLOWS_MAX);
  }

  /** Since when copies have differed that no message under way will heal; null where none does. */
  differsSince(micros: number): number | null {
    return this.#since(micros, this.#differs);
  }

  /** Since when copies have been other than clients were promised, by samples that follow one another; null where none is. */
  wrongSince(micros: number): number | null {
    return this.#since(micros, this.#wrong);
  }

  #since(micros: number, firstRows: Int32Array): number | null {
    const row = rowAt(this.series.times, micros);
    const first = row < 0 ? -1 : firstRows[row];
    return first < 0 ? null : this.series.times[first];
  }

  /** Of each row of the series the first of the unbroken rows up to it in which one of the columns is above 0; −1: none is in it. */
  #firstRows(names: readonly string[]): Int32Array {
    const columns = names.flatMap((name) => this.series.column(name) ?? []);
    const first = new Int32Array(this.series.times.length);
    for (let row = 0; row < first.length; row += 1) {
      if (!columns.some((values) => values[row] > 0)) first[row] = -1;
      else first[row] = row > 0 && first[row - 1] >= 0 ? first[row - 1] : row;
    }
    return first;
  }

  #at(values: Float64Array | null, micros: number): number {
    const value = values?.[Math.max(0, rowAt(this.series.times, micros))] ?? 0;
    return Number.isNaN(value) ? 0 : value;
  }

  stretchAt(micros: number): number {
    return Math.min(this.levels.stretches - 1, Math.floor(micros / this.levels.stretchMicros));
  }
}
