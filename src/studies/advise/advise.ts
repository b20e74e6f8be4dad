/**
 * `advise`: what to do about the copies that are amiss at a moment. The past is what the run has made it; from one snapshot
 * at the moment every candidate repair goes on into the same futures, in which clients do other things but no more and no
 * less than planned. A run is a black box, a fork of `compare`; nothing is guessed of what a repair would do.
 */
import type { Plan } from '../../scenario/plan.ts';
import { measuresOf } from '../compare/measures.ts';
import type { Measures } from '../compare/measures.ts';
import { runForked } from '../compare/run-group.ts';
import type { GroupRun } from '../compare/run-group.ts';
import { explained } from '../explain/explain.ts';
import { momentAsked } from '../explain/watched-run.ts';
import type { Advice, Candidate, Deadline, FutureRun, NotOffered } from './advice.ts';
import { candidatesAt } from './candidates.ts';
import type { CommandReader, Offered } from './candidates.ts';
import { algorithmsAt, dividedRepairs, fixedWorkloads, futurePlan, isOfFuture } from './futures.ts';
import { contenders, meansOf, recommend } from './recommend.ts';
import type { Situation } from './situation.ts';

export interface AdviseOptions {
  /** Where it stands, with what happens at that microsecond; and what it is called. */
  atMicros: number;
  moment: string | null;
  /** How far ahead is looked; null: to the end of the plan, and at least a quarter of its length. */
  aheadMicros: number | null;
  /** Seeds of the futures. */
  futures: readonly string[];
  /** Ids of the candidates; null: all that can be. */
  only: readonly string[] | null;
  reader: CommandReader;
}

/** What is known before any candidate is run. */
export interface Prepared {
  advice: Advice;
  offered: readonly Offered[];
  /** Clients go on so long. */
  clientsUntilMicros: number;
  fromMicros: number;
}

const LOOKS_AHEAD_SHARE = 0.25;
/** Nobody types a command in the very moment, and until then nodes that come back have been seen to be up. */
const REACTION_MICROS = 60_000_000;

/** `situation`: of the microsecond after the moment (`momentAsked`). */
export function prepareAdvice(plan: Plan, situation: Situation, options: AdviseOptions): Prepared {
  const { at, until: fromMicros } = momentAsked(plan, options.atMicros);
  const clientsUntilMicros = clientsUntil(plan, fromMicros, options.aheadMicros);
  const { ahead } = dividedRepairs(plan, fromMicros);
  const hasSchedule = ahead.length > 0 || algorithmsAt(plan, fromMicros).length > 0;
  const { offered, notOffered } = candidatesHere(
    { plan, situation, beginsMicros: at + REACTION_MICROS, hasSchedule },
    options,
  );
  const advice: Advice = {
    ...explained(plan, at, situation.seenUntilMicros),
    moment: options.moment,
    until_micros: clientsUntilMicros + plan.settle_micros,
    final: situation.final,
    amiss_copies: situation.amissCopies,
    amiss_nodes: situation.nodes,
    amiss_tables: situation.tables,
    amiss_ranges: situation.ranges?.length ?? 0,
    afterwards: situation.afterwards,
    // Of points no tombstone lasts that might go.
    deadlines: plan.points === undefined ? deadlinesOf(situation, at) : [],
    begins_micros: at + REACTION_MICROS,
    futures: canDiffer(plan, fromMicros) ? [...options.futures] : options.futures.slice(0, 1),
    fixed_workloads: fixedWorkloads(plan),
    ahead: plan.entries.flatMap(({ id, kind, at_micros: begins }) =>
      kind !== 'repair' && !id.startsWith('repairs.') && begins > at ? [id] : [],
    ),
    candidates: [],
    not_offered: notOffered,
    advised: null,
  };
  return { advice, offered: situation.amissCopies === 0 ? [] : offered, clientsUntilMicros, fromMicros };
}

/** Does a workload go on that can be drawn anew? */
function canDiffer(plan: Plan, fromMicros: number): boolean {
  const fixed = fixedWorkloads(plan);
  return Object.entries(plan.workload).some(
    ([id, { until_micros: until }]) => !fixed.includes(id) && (until > fromMicros || until === plan.duration_micros),
  );
}

type Here = { plan: Plan; situation: Situation; beginsMicros: number; hasSchedule: boolean };

function candidatesHere(here: Here, { reader, only }: AdviseOptions): { offered: Offered[]; notOffered: NotOffered[] } {
  const { offered, notOffered } = candidatesAt({ ...here, reader });
  const isWanted = ({ id }: { id: string }): boolean => only === null || only.includes(id);
  return { offered: offered.filter(isWanted), notOffered: notOffered.filter(isWanted) };
}

function clientsUntil(plan: Plan, fromMicros: number, aheadMicros: number | null): number {
  const { duration_micros: duration } = plan;
  const least = Math.max(Math.floor(duration * LOOKS_AHEAD_SHARE), 2 * REACTION_MICROS);
  return Math.max(duration, fromMicros + (aheadMicros ?? least));
}

function deadlinesOf({ final, hintDeadlines }: Situation, at: number): Deadline[] {
  const repairs = Object.entries(final.resurrection).map(([table, { margin_micros: margin, rows }]): Deadline => ({
    ...{ kind: 'repair', table, rows },
    at_micros: at + margin,
  }));
  return [...repairs, ...hintDeadlines];
}

/** One plan each candidate, all with the same past and the same future of the clients: ready to be run. */
export interface FutureJob {
  plan: Plan;
  offered: readonly Offered[];
  fromMicros: number;
  clientsUntilMicros: number;
  future: string;
}

/** The candidates of one future, one after the other as they end. */
export function* runFuture(job: FutureJob): Generator<string, FutureRun[], void> {
  const { fromMicros, future: seed } = job;
  const plan = futurePlan(job.plan, { ...job, seed });
  const { past, ahead } = dividedRepairs(plan, fromMicros);
  const goingOn = algorithmsAt(plan, fromMicros);
  const strategies = job.offered.map(({ id, entries, keepsSchedule }) => ({
    id,
    plan: { ...plan, entries: [...past, ...entries, ...(keepsSchedule ? ahead : [])] },
    ends: keepsSchedule ? [] : goingOn,
  }));
  const runs: FutureRun[] = [];
  for (const run of runForked(strategies, fromMicros)) {
    runs.push(futureRun(run, { future: seed, fromMicros, goingOn }));
    yield run.id;
  }
  return runs;
}

/** `goingOn`: repairs that had begun before; what they cost from then on is the candidate's. */
function futureRun(
  { id, output, before }: GroupRun,
  { future, fromMicros, goingOn }: { future: string; fromMicros: number; goingOn: readonly string[] },
): FutureRun {
  const since = (what: 'read_bytes' | 'sent_bytes'): number =>
    goingOn.reduce((sum, one) => sum + output.result.repairs[one][what] - (before.repairs[one]?.[what] ?? 0), 0);
  const isOwn = (entry: string): boolean => entry.endsWith(`/${id}`);
  const measures: Measures = measuresOf(output, fromMicros, { repair: isOwn, reads: isOfFuture });
  const own = Object.values(output.result.repairs).filter((repair) => isOwn(repair.id));
  return {
    future,
    wrong_row_hours: measures.wrong_row_hours - before.wrongRowHours,
    divergent_row_hours: measures.divergent_row_hours - before.divergentRowHours,
    latent_copies: measures.latent_copies,
    wrong_copies: measures.wrong_copies,
    zombie_copies: measures.zombie_copies,
    lost_acknowledged: measures.lost_acknowledged,
    ready_micros: measures.converge_micros,
    read_bytes: measures.read_bytes + since('read_bytes'),
    sent_bytes: measures.sent_bytes + since('sent_bytes'),
    read_p99_micros: measures.read_p99_micros,
    failed: own.filter(({ outcome }) => outcome === 'failed').length,
    running: own.filter(({ outcome }) => outcome === 'running').length,
  };
}

/** Jobs of the first future, with all candidates, in about as many parts as there are lanes. */
export function firstJobs({ advice, offered, ...rest }: Prepared, plan: Plan, parts: number): FutureJob[] {
  const [future] = advice.futures;
  const size = Math.max(1, Math.ceil(offered.length / parts));
  const jobs: FutureJob[] = [];
  for (let from = 0; from < offered.length; from += size) {
    jobs.push({ plan, ...rest, future, offered: offered.slice(from, from + size) });
  }
  return jobs;
}

/** Of the other futures one job each, with the candidates that the first has not decided about. */
export function furtherJobs(
  { advice, offered, ...rest }: Prepared,
  plan: Plan,
  first: readonly FutureRun[],
): FutureJob[] {
  const { amiss_copies: amissCopies, deadlines } = advice;
  const rated = offered.map(({ id }, index) => ({ id, figures: first[index] }));
  const still = contenders(rated, { fromMicros: rest.fromMicros, amissCopies, deadlines });
  const kept = offered.filter(({ id }) => still.includes(id));
  return advice.futures.slice(1).map((future) => ({ plan, ...rest, future, offered: kept }));
}

/** `first`: of all candidates; `further`: of each job of `furtherJobs` the runs of its candidates. */
export function concludeAdvice(
  { advice, offered, fromMicros }: Prepared,
  first: readonly FutureRun[],
  further: readonly { job: FutureJob; runs: readonly FutureRun[] }[],
): Advice {
  const candidates = offered.map(({ id, about, commands }, index): Candidate => {
    const more = further.flatMap(({ job, runs }) => runs.filter((_, own) => job.offered[own].id === id));
    const runs = [first[index], ...more];
    return { id, about, commands, runs, means: meansOf(runs) };
  });
  const { amiss_copies: amissCopies, deadlines } = advice;
  return { ...advice, candidates, advised: recommend(candidates, { fromMicros, amissCopies, deadlines }) };
}
