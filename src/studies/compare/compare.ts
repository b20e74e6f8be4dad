/**
 * Strategies on the identical failure history. Those that differ in their repairs alone go on from one snapshot, taken
 * where the first of them begins; others, such as a changed setting, run whole. Seed by seed everything is compared with
 * the base: what stayed identical, what it cost, and over seeds which differences can be told from chance.
 */
import { assert } from '../../base/assert.ts';
import { runGroup } from './run-group.ts';
import { compareRows, type RowsCompared, type StrategyRows } from './rows-compared.ts';
import { sketchOf, type Sketch } from './sketch.ts';
import type { HistoryDifference, HistoryPrint } from './history-print.ts';
import { MEASURES, leastRowHours, measuresOf, type MeasureName, type Measures } from './measures.ts';
import { calmMicros, shareHistory, shareSnapshot, type DrawnStrategy } from './union-plan.ts';
import { holm, meanOf, pairedDifference, type PairedDifference } from '../statistics/paired.ts';

/** What is asked of the statistics; everything else is described. */
export const TESTED: readonly MeasureName[] = ['divergent_row_hours', 'wrong_row_hours'];
const CONFIDENCE = 0.95;

export interface StrategyRun {
  seed: string;
  measures: Measures;
  /** Against the base of the same seed. */
  difference: HistoryDifference;
  /** `leastRowHours` of this run. */
  least: number;
  /** Went on from the common snapshot at this moment, µs; null: was run whole. */
  forkedMicros: number | null;
  /** Its cluster, clients or faults are not those of the base: what is least possible for the base is not for it. */
  otherHistory?: true;
  /** Where it was asked for. */
  sketch?: Sketch;
  /** The same, of the base: all strategies of this seed row by row. */
  rows?: RowsCompared;
}

export interface StrategyResult {
  id: string;
  runs: StrategyRun[];
  means: Record<MeasureName, number | null>;
  /** 95th percentile over seeds; null where it never happened in more than a twentieth of them. */
  convergeP95Micros: number | null;
  /** Of some seed its history is not that of the base: what is least possible for the base is not for it. */
  otherHistory?: true;
}

export interface TestedDifference extends PairedDifference {
  strategy: string;
  against: string;
  measure: MeasureName;
  /** p after Holm over the family of all strategies for this measure. */
  adjusted: number | null;
  /** Can be told from no difference, at 5 % over the family. */
  isTold: boolean;
}

export interface Comparison {
  base: string;
  seeds: string[];
  strategies: StrategyResult[];
  differences: TestedDifference[];
  /** No strategy does with less (`leastPossible`). */
  least: LeastPossible;
  runs: number;
  /** Of the first seed, where it was asked for. */
  rows?: RowsCompared;
}

export interface LeastPossible {
  /** Mean over seeds: rows that differ because a copy's node is away cannot be healed by anybody. */
  divergent_row_hours: number;
  /** Mean over seeds: each missing version sent once to each copy; null where no strategy healed everything. */
  sent_bytes: number | null;
}

/** What is looked at beside the measures. */
export interface SeedLooks {
  /** The course of each run. */
  sketches?: boolean;
  /** Which rows each left. */
  rows?: boolean;
}

/** The strategies of one seed, one after the other as they end; the base is the first of them. */
export function* runSeed(
  seed: string,
  strategies: readonly DrawnStrategy[],
  { sketches = false, rows = false }: SeedLooks = {},
): Generator<string, StrategyRun[], void> {
  const groups = groupsOf(strategies);
  const ended = new Map<string, { run: Omit<StrategyRun, 'difference'>; print: HistoryPrint }>();
  const left: StrategyRows[] = [];
  for (const group of groups) {
    for (const { id, output, print, forkedMicros, rows: rowsOf } of runGroup(group)) {
      if (rows) left.push({ id, rows: rowsOf() });
      const { plan } = group.find((one) => one.id === id) ?? group[0];
      const least = leastRowHours(output);
      const other = shareHistory(strategies[0].plan, plan) ? {} : { otherHistory: true as const };
      const sketch = sketches ? { sketch: sketchOf(output) } : {};
      const run = { seed, measures: measuresOf(output, calmMicros(plan)), least, forkedMicros, ...sketch, ...other };
      ended.set(id, { print, run });
      yield id;
    }
  }
  const base = ended.get(strategies[0].id);
  const compared = rows && left.length > 1 ? { rows: compareRows(seed, inOrderOf(strategies, left)) } : {};
  return strategies.map(({ id }, index) => {
    const one = ended.get(id);
    assert(one !== undefined && base !== undefined, `strategy ${id} did not run`);
    return { ...one.run, difference: one.print.differenceFrom(base.print), ...(index === 0 ? compared : {}) };
  });
}

function inOrderOf(strategies: readonly DrawnStrategy[], left: readonly StrategyRows[]): StrategyRows[] {
  return strategies.flatMap(({ id }) => left.filter((one) => one.id === id));
}

/** `seeds[i]` holds the runs of one seed, in the order of `ids`; the base is the first. */
export function judge(ids: readonly string[], seeds: readonly (readonly StrategyRun[])[]): Comparison {
  const rows = seeds[0]?.[0]?.rows;
  const strategies = ids.map((id, index) =>
    summarized(
      id,
      seeds.map((runs) => withoutRows(runs[index])),
    ),
  );
  return {
    base: ids[0],
    seeds: seeds.map(([{ seed }]) => seed),
    strategies,
    differences: TESTED.flatMap((measure) => tested(measure, strategies)),
    least: leastPossible(strategies),
    runs: strategies.reduce((total, { runs }) => total + runs.length, 0),
    ...(rows === undefined ? {} : { rows }),
  };
}

function withoutRows({ rows, ...run }: StrategyRun): StrategyRun {
  void rows;
  return run;
}

/** Strategies that tell one history to one cluster go together. */
function groupsOf(strategies: readonly DrawnStrategy[]): DrawnStrategy[][] {
  const groups: DrawnStrategy[][] = [];
  for (const strategy of strategies) {
    const group = groups.find(([first]) => shareSnapshot(first.plan, strategy.plan));
    if (group === undefined) groups.push([strategy]);
    else group.push(strategy);
  }
  return groups;
}

function summarized(id: string, runs: StrategyRun[]): StrategyResult {
  const means = Object.fromEntries(
    MEASURES.map((measure) => {
      const values = runs.map(({ measures }) => measures[measure]);
      return [measure, values.includes(null) ? null : meanOf(values.map(Number))];
    }),
  ) as Record<MeasureName, number | null>;
  const convergeP95Micros = p95(runs.map(({ measures }) => measures.converge_micros ?? Infinity));
  const isOther = runs.some(
    ({ otherHistory, difference: { writes, faults } }) => otherHistory === true || writes + faults > 0,
  );
  return { id, runs, means, convergeP95Micros, ...(isOther ? { otherHistory: true } : {}) };
}

/** The least value that at least 95 % do not exceed; null where that is never. */
function p95(values: number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  const value = sorted[Math.ceil(0.95 * sorted.length) - 1];
  return value === Infinity ? null : value;
}

function tested(measure: MeasureName, strategies: readonly StrategyResult[]): TestedDifference[] {
  const [base, ...others] = strategies;
  const valuesOf = ({ runs }: StrategyResult): number[] => runs.map(({ measures }) => Number(measures[measure]));
  const found = others.map((other) => {
    const seed = `${measure} ${other.id}`;
    const difference = pairedDifference(valuesOf(base), valuesOf(other), { confidence: CONFIDENCE, seed });
    return { ...difference, strategy: other.id, against: base.id, measure };
  });
  const adjusted = holm(found.flatMap(({ p }) => (p === null ? [] : [p])));
  let next = 0;
  return found.map((one) => {
    const own = one.p === null ? null : adjusted[next++];
    return { ...one, adjusted: own, isTold: own !== null && own <= 1 - CONFIDENCE };
  });
}

/** Of the history of the base. */
function leastPossible(all: readonly StrategyResult[]): LeastPossible {
  const strategies = all.filter(({ otherHistory }) => otherHistory !== true);
  const leasts = strategies.map(({ runs }) => meanOf(runs.map(({ least }) => least)));
  const healing = strategies
    .filter(({ means }) => means.latent_copies === 0)
    .flatMap(({ means }) => means.floor_bytes ?? []);
  return {
    divergent_row_hours: leasts.reduce((most, value) => Math.max(most, value), 0),
    sent_bytes: healing.length === 0 ? null : healing.reduce((least, value) => Math.min(least, value), Infinity),
  };
}
