/**
 * Which candidate is advised, by one rule that can be said in a sentence: of those whose repairs end well and that leave the
 * fewest copies amiss, those that are ready before the first deadline; of these, those whose wrong row-hours are near the least; of these, the one that
 * reads and sends the fewest bytes, and of equal ones the one with the least to do.
 */
import type { Candidate, CandidateMeans, Deadline, FutureRun, Recommendation } from './advice.ts';

/** Of the copies that are amiss at the moment: so many more count as the same. */
export const LEFT_SHARE = 0.001;
/** Wrong row-hours above the least by this share are as good. */
export const AS_GOOD_SHARE = 0.1;

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

export interface Rated {
  id: string;
  figures: Figures;
}

interface Situation {
  fromMicros: number;
  amissCopies: number;
  deadlines: readonly Deadline[];
}

export function recommend(candidates: readonly Candidate[], situation: Situation): Recommendation | null {
  const rated = candidates.map(({ id, means }) => ({ id, figures: means }));
  const chosen = choose(rated, situation);
  if (chosen === null) return null;
  const futures = candidates[0].runs.map(({ future }) => future);
  const agreed = futures.filter((future) => {
    const alone = candidates.map(({ id, runs }) => ({
      id,
      figures: runs.find((run) => run.future === future) ?? runs[0],
    }));
    return choose(alone, situation)?.id === chosen.id;
  });
  return { ...chosen, futures_agreed: agreed.length };
}

/** In the order of the candidates, which is by what there is to do. */
export function choose(
  candidates: readonly Rated[],
  { fromMicros, amissCopies, deadlines }: Situation,
): Omit<Recommendation, 'futures_agreed'> | null {
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
    id: (good.find(({ figures }) => bytesOf(figures) === bytes) ?? good[0]).id,
    leave_least: ids(leave),
    in_time: ids(timely),
    as_good: ids(good),
  };
}

export function amissOf({
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
