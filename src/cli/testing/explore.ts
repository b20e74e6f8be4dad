/**
 * `--explore`: runs scenarios with seeds that nobody declared, one scenario after the other, seed by seed from the first on, until
 * the time is over. What breaks an expectation that no seed before it broke is told at once, and kept if that is wanted. An
 * expectation of a share of seeds is not judged: a single seed may break it.
 */
import type { Plan } from '../../scenario/plan.ts';
import { MistakeError } from '../../base/mistake.ts';
import { escapeControls } from '../../report/width.ts';
import type { FoundFile } from '../discover.ts';
import { readInput } from '../input.ts';
import { emptyJudgement, placeIn, refuse, refused } from '../judge.ts';
import type { Complaint, Judgement } from '../judge.ts';
import { brokenAt, explainAt } from '../next-step.ts';
import { LAST } from '../run-argument.ts';
import type { Terminal } from '../terminal.ts';
import type { CacheFolder, TestJob, TestOutcome, TestRun } from './job.ts';
import { keepRegression } from './regressions.ts';
import { replayOf } from './run-job.ts';
import type { Exploring } from './test-options.ts';

export interface ExploreOptions extends Exploring {
  /** As typed: where kept plans lie. */
  asked: readonly string[];
  /** Runs that wait at once. */
  ahead: number;
  cache: CacheFolder | null;
  run: (job: TestJob) => Promise<TestOutcome>;
  /** A plan that could not be kept: what was found is reported first. */
  onUnwritten: (mistake: MistakeError) => void;
}

/** What is known of one scenario while it is explored. */
interface Explored {
  file: string;
  judgement: Judgement;
  /** The scenario's own and those that its expectations declare. */
  declared: ReadonlySet<string>;
  /** Expectations that a single seed can break. */
  judged: readonly string[];
  seeds: number;
  /** Seeds that broke it, by expectation. */
  broke: Map<string, number>;
  first: TestRun | null;
  /** Nothing more is to be learnt of it. */
  isOver: boolean;
}

/** A judgement for each scenario; of those that were never run none. */
export async function explore(
  files: readonly FoundFile[],
  terminal: Terminal,
  options: ExploreOptions,
): Promise<Judgement[]> {
  terminal.err.write(`exploring from seed ${options.from} (the same again: --from ${options.from})\n`);
  const found = files.map((file) => begin(file, terminal));
  const waiting: { explored: Explored; seed: string; outcome: Promise<TestOutcome> }[] = [];
  const jobs = jobsOf(found, options.from);
  for (;;) {
    while (waiting.length < options.ahead) {
      const next = jobs.next();
      if (next.done === true) break;
      const { explored, seed } = next.value;
      const { file } = explored;
      const job = { file, seed, variant: null, edits: [], overlay: null, cache: options.cache };
      waiting.push({ explored, seed, outcome: options.run(job) });
    }
    const oldest = waiting.shift();
    if (oldest === undefined) break;
    const outcome = await oldest.outcome;
    if (outcome.kind === 'not_run') break;
    if (!oldest.explored.isOver) take(oldest.explored, { seed: oldest.seed, outcome }, terminal, options);
  }
  return found.filter(({ seeds, isOver }) => seeds > 0 || isOver).map(ended);
}

/** By seed, then by scenario; ends when nothing is left to explore. */
function* jobsOf(found: readonly Explored[], from: number): Generator<{ explored: Explored; seed: string }, void> {
  for (let seed = from; found.some(({ isOver }) => !isOver); seed++) {
    for (const explored of found) {
      const name = String(seed);
      if (!explored.isOver && !explored.declared.has(name)) yield { explored, seed: name };
    }
  }
}

function begin({ path, mistake }: FoundFile, terminal: Terminal): Explored {
  const nothing = { file: path, declared: new Set<string>(), judged: [], seeds: 0, broke: new Map(), first: null };
  if (mistake !== null) return { ...nothing, judgement: refused(path, mistake), isOver: true };
  try {
    const { plan } = readInput(path, terminal);
    const judgement = { ...emptyJudgement(path), name: plan.name, expectations: Object.keys(plan.expect).length };
    const declared = new Set([plan.seed, ...Object.values(plan.expect).flatMap(({ over }) => over?.seeds ?? [])]);
    const judged = singleSeeded(plan);
    const skipped = judgement.expectations - judged.length;
    if (skipped > 0) judgement.notes.push(`${skipped} not explored: of a share of seeds, which one seed cannot break`);
    if (judged.length === 0) judgement.notes.push('nothing is expected that a seed could break');
    return { ...nothing, judgement, declared, judged, isOver: judged.length === 0 };
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    return { ...nothing, judgement: refused(path, error), isOver: true };
  }
}

function singleSeeded({ expect }: Plan): string[] {
  return Object.entries(expect)
    .filter(([, { over }]) => typeof over?.share !== 'number')
    .map(([id]) => id);
}

interface Taken {
  seed: string;
  outcome: Exclude<TestOutcome, { kind: 'not_run' }>;
}

function take(explored: Explored, { seed, outcome }: Taken, terminal: Terminal, options: ExploreOptions): void {
  const { judgement, broke } = explored;
  explored.seeds++;
  if (outcome.kind !== 'done') {
    refuse(judgement, outcome);
    explored.isOver = true;
    const kept = outcome.kind === 'bug' && options.keeps ? keep(explored.file, seed, terminal, options) : null;
    tell(terminal, `${explored.file} seed ${seed}: a ${outcome.kind}${kept === null ? '' : `, kept ${kept}`}`);
    return;
  }
  judgement.seconds += outcome.seconds;
  refuseSameness(explored, outcome.run);
  const broken = explored.judged.filter((id) => outcome.run.expectations[id]?.verdict === 'violated');
  const fresh = broken.filter((id) => !broke.has(id));
  for (const id of broken) broke.set(id, (broke.get(id) ?? 0) + 1);
  if (fresh.length === 0) return;
  const kept = options.keeps ? keep(explored.file, seed, terminal, options) : null;
  judgement.complaints.push(...fresh.map((id) => complaintOf(explored.file, { id, seed, run: outcome.run, kept })));
  tell(terminal, `${explored.file} seed ${seed} breaks ${fresh.join(', ')}${kept === null ? '' : `, kept ${kept}`}`);
}

/** A scenario in which nothing is drawn gives one run, whatever the seed. */
function refuseSameness(explored: Explored, run: TestRun): void {
  explored.first ??= run;
  if (explored.first === run || explored.first.fingerprint !== run.fingerprint) return;
  explored.isOver = true;
  explored.judgement.notes.push('every seed gives the same run: nothing in it is drawn');
}

/** Where it lies; null where the system did not let us. */
function keep(file: string, seed: string, terminal: Terminal, { asked, onUnwritten }: ExploreOptions): string | null {
  try {
    return keepRegression(file, readInput(file, terminal, { seed }).plan, asked, terminal);
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    onUnwritten(error);
    return null;
  }
}

function complaintOf(
  file: string,
  { id, seed, run, kept }: { id: string; seed: string; run: TestRun; kept: string | null },
): Complaint {
  const { expected, detail, ...place } = run.expectations[id];
  return {
    ...{ kind: 'violated', expectation: id, ...placeIn(place), expected, detail, seeds: '', variant: null, seed },
    replay: replayOf(file, seed),
    next: explainAt(LAST, brokenAt(run.expectations[id])),
    ...(kept === null ? {} : { against: [`kept        ${kept}`] }),
  };
}

function tell(terminal: Terminal, text: string): void {
  terminal.err.write(`${escapeControls(text)}\n`);
}

function ended({ judgement, seeds, broke, judged }: Explored): Judgement {
  if (judgement.status === 'mistake' || judgement.status === 'bug') return judgement;
  for (const complaint of judgement.complaints) {
    const times = broke.get(complaint.expectation) ?? 0;
    complaint.seeds = `${times} of ${seeds} new seeds broke it`;
  }
  const status = broke.size > 0 ? 'violated' : judged.length === 0 ? 'undecided' : 'held';
  const notes = [...(seeds > 0 ? [`${seeds} new ${seeds === 1 ? 'seed' : 'seeds'}`] : []), ...judgement.notes];
  return { ...judgement, status, held: judged.length - broke.size, notes };
}
