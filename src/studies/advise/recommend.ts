/**
 * Which candidate is advised, by one rule that can be said in a sentence: of those whose repairs end well and that leave the
 * fewest copies amiss, those that are ready before the first deadline; of these, those whose wrong row-hours are near the least; of these, those that
 * read and send about the fewest bytes; of these, the one with the least to do.
 */
import type { Candidate, CandidateMeans, Deadline, FutureRun, Recommendation } from './advice.ts';

/** Of the copies that are amiss at the moment: so many more count as the same. */
const LEFT_SHARE = 0.001;
const AS_GOOD_SHARE = 0.1;

/** So many candidates are run in more than one future. */
const CONTENDERS = 4;

type Figures = Pick<
  CandidateMeans,
  | 'latent_copies'
  | 'wrong_copies'
  | 'wrong_row_hours'
  | 'ready_micros'
  | 'read_bytes'
  | 'sent_bytes'
  | 'failed'
  | 'running'
>;

type Choice = Pick<Recommendation, 'id' | 'leave_least' | 'in_time' | 'as_good'>;

export interface Rated {
  id: string;
  figures: Figures;
}

interface Situation {
  fromMicros: number;
  amissCopies: number;
  deadlines: readonly Deadline[];
}

/** `candidates`: those that were run in all futures, and others that were run in the first and fell behind there. */
export function recommend(candidates: readonly Candidate[], situation: Situation): Recommendation | null {
  const most = candidates.reduce((largest, { runs }) => Math.max(largest, runs.length), 0);
  const whole = candidates.filter(({ runs }) => runs.length === most);
  const chosen = choose(
    ratedBy(whole, ({ means }) => means),
    situation,
  );
  if (chosen === null) return null;
  const agreed = whole[0].runs.filter((_, future) => {
    const alone = ratedBy(whole, ({ runs }) => runs[future]);
    return choose(alone, situation)?.id === chosen.id;
  });
  const left = whole.filter(({ id }) => chosen.leave_least.includes(id)).map(({ means }) => amissOf(means));
  const leftAtMost = left.reduce((most, copies) => Math.max(most, copies), 0);
  const noMore = candidates.filter(({ means }) => amissOf(means) <= leftAtMost && means.failed + means.running === 0);
  return {
    ...chosen,
    compared: whole.map(({ id }) => id),
    left_at_most: leftAtMost,
    leave_no_more: noMore.map(({ id }) => id),
    as_good_share: AS_GOOD_SHARE,
    futures_agreed: agreed.length,
  };
}

function ratedBy(candidates: readonly Candidate[], figuresOf: (candidate: Candidate) => Figures): Rated[] {
  return candidates.map((candidate) => ({ id: candidate.id, figures: figuresOf(candidate) }));
}

/** Those that the other futures may still advise, in the given order: that of one future, and who comes next to it. */
export function contenders(candidates: readonly Rated[], situation: Situation): string[] {
  const chosen = choose(candidates, situation);
  const more = situation.amissCopies * LEFT_SHARE;
  const rank = ({ id, figures }: Rated): number[] => {
    const isGood = chosen?.as_good.includes(id) === true;
    return [
      id === chosen?.id ? 0 : 1,
      figures.failed + figures.running > 0 ? 1 : 0,
      Math.floor(amissOf(figures) / Math.max(1, more)),
      isGood ? 0 : 1,
      isGood ? bytesOf(figures) : figures.wrong_row_hours,
    ];
  };
  const ranked = candidates.map((one) => ({ id: one.id, rank: rank(one) }));
  ranked.sort((left, right) => {
    const at = left.rank.findIndex((value, place) => value !== right.rank[place]);
    return at < 0 ? 0 : left.rank[at] - right.rank[at];
  });
  const first = new Set(ranked.slice(0, CONTENDERS).map(({ id }) => id));
  return candidates.flatMap(({ id }) => (first.has(id) ? [id] : []));
}

/** In the order of the candidates, which is by what there is to do. */
export function choose(candidates: readonly Rated[], { fromMicros, amissCopies, deadlines }: Situation): Choice | null {
  const done = candidates.filter(({ figures }) => figures.failed + figures.running === 0);
  const tried = done.length > 0 ? done : candidates;
  if (tried.length === 0) return null;
  const leave = within(tried, amissOf, amissCopies * LEFT_SHARE);
  const first = deadlines.reduce((least, { at_micros: at }) => Math.min(least, at), Infinity) - fromMicros;
  const timely = leave.filter(({ figures: { ready_micros: ready } }) => ready !== null && ready <= first);
  const kept = timely.length > 0 ? timely : leave;
  const least = leastOf(kept, ({ wrong_row_hours: hours }) => hours);
  const good = within(kept, ({ wrong_row_hours: hours }) => hours, least * AS_GOOD_SHARE);
  const bytes = leastOf(good, bytesOf);
  const ids = (list: readonly Rated[]): string[] => list.map(({ id }) => id);
  return {
    id: (good.find(({ figures }) => bytesOf(figures) <= bytes * (1 + AS_GOOD_SHARE)) ?? good[0]).id,
    leave_least: ids(leave),
    in_time: ids(timely),
    as_good: ids(good),
  };
}

function amissOf({
  latent_copies: latent,
  wrong_copies: wrong,
}: Pick<Figures, 'latent_copies' | 'wrong_copies'>): number {
  return Math.max(latent, wrong);
}

function bytesOf({ read_bytes: read, sent_bytes: sent }: Figures): number {
  return read + sent;
}

function leastOf(candidates: readonly Rated[], of: (figures: Figures) => number): number {
  return candidates.reduce((least, { figures }) => Math.min(least, of(figures)), Infinity);
}

function within(candidates: readonly Rated[], of: (figures: Figures) => number, more: number): Rated[] {
  const most = leastOf(candidates, of) + more;
  return candidates.filter(({ figures }) => of(figures) <= most);
}

/** Means; of `ready_micros` the latest. */
export function meansOf(runs: readonly FutureRun[]): CandidateMeans {
  const mean = (read: (run: FutureRun) => number): number =>
    runs.reduce((sum, run) => sum + read(run), 0) / runs.length;
  const latest = (values: readonly (number | null)[]): number | null =>
    values.reduce((most, value) => (most === null || value === null ? null : Math.max(most, value)), 0);
  return {
    wrong_row_hours: mean((run) => run.wrong_row_hours),
    divergent_row_hours: mean((run) => run.divergent_row_hours),
    latent_copies: mean((run) => run.latent_copies),
    wrong_copies: mean((run) => run.wrong_copies),
    zombie_copies: mean((run) => run.zombie_copies),
    lost_acknowledged: mean((run) => run.lost_acknowledged),
    ready_micros: latest(runs.map((run) => run.ready_micros)),
    read_bytes: mean((run) => run.read_bytes),
    sent_bytes: mean((run) => run.sent_bytes),
    read_p99_micros: runs.some((run) => run.read_p99_micros === null) ? null : mean((run) => run.read_p99_micros ?? 0),
    failed: mean((run) => run.failed),
    running: mean((run) => run.running),
  };
}
