/**
 * Judges one scenario for `test`: runs it with each of its seeds, and with `--prove` each of its variants with the first. A
 * variant must break every expectation it names; an expectation that no variant breaks proves nothing. Everything comes
 * back as data, mistakes and bugs too.
 */
import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';
import { namesEntry } from '../observe/counters-reader.ts';
import { findMetric } from '../observe/metrics.ts';
import type { PlanExpectation } from '../scenario/plan.ts';
import { editWords } from './edit-words.ts';
import { InputError } from './failure.ts';
import type { Sources } from './failure.ts';
import { brokenAt, explainAt } from './next-step.ts';
import { LAST } from './run-argument.ts';
import type { CacheFolder, JobVariant, TestFacts, TestJob, TestOutcome, TestRun } from './testing/job.ts';
import { goldenOf, movedFrom } from './testing/compare-golden.ts';
import type { Moved } from './testing/compare-golden.ts';
import type { Golden } from './testing/golden.ts';
import { verdictOverSeeds } from './testing/over-seeds.ts';
import type { SeedVerdict } from './testing/over-seeds.ts';
import { replayOf } from './testing/run-job.ts';

export type Status = 'held' | 'violated' | 'unproven' | 'moved' | 'undecided' | 'mistake' | 'bug';

/** One reason for not holding, and how to see it again. */
export interface Complaint {
  kind: 'violated' | 'undecided' | 'not_broken' | 'unproven';
  expectation: string;
  line: number;
  /** Where that is another file than the scenario. */
  file?: string;
  /** What was expected. */
  expected: string;
  detail: string;
  /** How many seeds broke it, or what the test of its share counted; empty for a single seed. */
  seeds: string;
  variant: string | null;
  /** Of the run that shows it; null: the scenario's own. */
  seed: string | null;
  replay: string;
  /** Looks at it, once that is run. */
  next?: string;
  /** What another revision gave, and which changed key did it. */
  against?: string[];
}

export interface BugFound {
  message: string;
  stack: string | null;
  replay: string;
}

export interface Judgement {
  file: string;
  name: string;
  status: Status;
  held: number;
  /** Expectations that were never decided, such as the cost of a repair that did not run. */
  undecided: number;
  expectations: number;
  /** Variants that were run. */
  variants: number;
  /** Of the first seed. */
  fingerprint: string | null;
  seconds: number;
  complaints: Complaint[];
  /** What is to be known of expectations that held, and of variants that did break what they must. */
  notes: string[];
  mistakes: readonly Mistake[];
  sources: Sources;
  bug: BugFound | null;
  /** Against the golden beside it; null where nothing moved or there is none. */
  moved: (Moved & { replay: string }) | null;
  /** What it would be taken over as; null where nothing was run. */
  golden: { older: Golden | null; now: Golden } | null;
  /** Files that were read for it. */
  files: readonly string[];
}

export interface JudgeOptions {
  prove: boolean;
  /** Instead of the scenario's own. */
  seeds: readonly string[] | null;
  cache: CacheFolder | null;
  run: (job: TestJob) => Promise<TestOutcome>;
  /** The golden beside the scenario. @throws MistakeError */
  goldenOf: (file: string) => Golden | null;
  /** A new golden is of the asked seeds; else its own are run again. */
  accepts: boolean;
  /** Compares with another revision, at the end. */
  further: ((judgement: Judgement, judged: JudgedRuns) => Promise<void>) | null;
}

/** What was run of the scenario as it is. */
export interface JudgedRuns {
  /** The first; what holds for all is shown with it. */
  seed: string;
  /** By seed. */
  runs: ReadonlyMap<string, TestRun>;
}

type Done = Extract<TestOutcome, { kind: 'done' }>;

/** A job that gave no run ends the judging of its scenario. */
class NoRun extends Error {
  readonly outcome: Exclude<TestOutcome, Done>;

  constructor(outcome: Exclude<TestOutcome, Done>) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** Null where a run that it needs was not begun. */
export async function judge(file: string, options: JudgeOptions): Promise<Judgement | null> {
  const judgement = emptyJudgement(file);
  try {
    await judgeRuns(judgement, options);
  } catch (error) {
    if (error instanceof MistakeError) {
      refuseMistake(judgement, error);
      return judgement;
    }
    if (!(error instanceof NoRun)) throw error;
    if (error.outcome.kind === 'not_run') return null;
    refuse(judgement, error.outcome);
  }
  return judgement;
}

export function emptyJudgement(file: string): Judgement {
  const counts = { held: 0, undecided: 0, expectations: 0, variants: 0, seconds: 0 };
  const nothing = {
    complaints: [],
    notes: [],
    mistakes: [],
    sources: new Map<string, string>(),
    bug: null,
    moved: null,
    golden: null,
    files: [file],
    fingerprint: null,
  };
  return { file, name: file, status: 'undecided', ...counts, ...nothing };
}

/** What is known of a scenario while it is judged. */
interface Case {
  judgement: Judgement;
  facts: TestFacts;
  /** The first seed's, with which variants run. */
  seed: string | null;
  run: (seed: string | null, variant?: JobVariant) => Promise<Done>;
}

async function judgeRuns(judgement: Judgement, options: JudgeOptions): Promise<void> {
  const run = async (seed: string | null, variant: JobVariant | null = null): Promise<Done> => {
    const outcome = await options.run({
      file: judgement.file,
      seed,
      variant,
      edits: [],
      overlay: null,
      cache: options.cache,
    });
    if (outcome.kind !== 'done') throw new NoRun(outcome);
    judgement.seconds += outcome.seconds;
    return outcome;
  };
  const older = options.goldenOf(judgement.file);
  const seed = options.seeds?.[0] ?? null;
  const { facts, run: first } = await run(seed);
  Object.assign(judgement, { name: facts.name, fingerprint: first.fingerprint, files: facts.files });
  const known: Case = { judgement, facts, seed, run };
  const proving = options.prove ? runVariants(known) : Promise.resolve(null);
  const own = options.seeds ?? [facts.seed];
  const goldenSeeds = options.accepts ? (options.seeds ?? older?.seeds ?? own) : (older?.seeds ?? own);
  const [runs, broken] = await allOf([runSeeds(known, [...own, ...goldenSeeds], first), proving]);
  judgeExpectations(known, own, runs);
  judgeGolden(known, older, { seeds: goldenSeeds, runs });
  if (broken !== null) judgeProof(known, broken);
  judgement.status = statusOf(judgement);
  await options.further?.(judgement, { seed: own[0], runs });
}

/** Like Promise.all, but waits for those that are under way: their answers are kept for the next time. */
async function allOf<Left, Right>([left, right]: [Promise<Left>, Promise<Right>]): Promise<[Left, Right]> {
  await Promise.allSettled([left, right]);
  return [await left, await right];
}

/** The runs of all seeds that some expectation asks for. */
async function runSeeds({ facts, run }: Case, own: readonly string[], first: TestRun): Promise<Map<string, TestRun>> {
  const asked = Object.values(facts.expect).flatMap(({ over }) => over?.seeds ?? []);
  const seeds = [...new Set([...own, ...asked])];
  const runs = await Promise.all(
    seeds.map(async (seed): Promise<[string, TestRun]> => [seed, seed === own[0] ? first : (await run(seed)).run]),
  );
  return new Map(runs);
}

function judgeExpectations({ judgement, facts }: Case, own: readonly string[], runs: Map<string, TestRun>): void {
  const counts = { held: 0, violated: 0, undecided: 0 };
  for (const [id, expectation] of Object.entries(facts.expect)) {
    const verdicts = verdictsOf(id, expectation.over?.seeds ?? own, runs);
    const { verdict, shown, said } = verdictOverSeeds(verdicts, expectation.over);
    counts[verdict]++;
    if (verdict === 'held') {
      if (said !== '') judgement.notes.push(`"${id}" ${said}`);
      continue;
    }
    const { expected, detail, ...place } = shown.verdict;
    const replay = replayOf(judgement.file, shown.seed);
    const next = verdict === 'violated' ? { next: explainAt(LAST, brokenAt(shown.verdict)) } : {};
    const complaint = { kind: verdict, expectation: id, ...placeIn(place), expected, detail };
    judgement.complaints.push({ ...complaint, seeds: said, variant: null, seed: shown.seed, replay, ...next });
  }
  judgement.expectations = Object.keys(facts.expect).length;
  judgement.held = counts.held;
  judgement.undecided = counts.undecided;
  if (judgement.expectations === 0) judgement.complaints.push(nothingExpected(replayOf(judgement.file, own[0])));
}

/** Verdicts are those of the golden's own seeds. */
function judgeGolden(
  { judgement, facts }: Case,
  older: Golden | null,
  { seeds, runs }: { seeds: readonly string[]; runs: ReadonlyMap<string, TestRun> },
): void {
  const verdicts = Object.entries(facts.expect).map(([id, { over }]) => {
    return [id, verdictOverSeeds(verdictsOf(id, over?.seeds ?? seeds, runs), over).verdict];
  });
  const now = goldenOf({ database: facts.database, seeds, runs, verdicts: Object.fromEntries(verdicts) }, older);
  const moved = older === null ? null : movedFrom(older, now);
  judgement.golden = { older, now };
  judgement.moved = moved === null ? null : { ...moved, replay: replayOf(judgement.file, seeds[0]) };
}

function verdictsOf(id: string, seeds: readonly string[], runs: ReadonlyMap<string, TestRun>): SeedVerdict[] {
  return seeds.flatMap((seed) => {
    const verdict = runs.get(seed)?.expectations[id];
    return verdict === undefined ? [] : [{ seed, verdict }];
  });
}

function nothingExpected(replay: string): Complaint {
  const nowhere = { expectation: '', line: 0, expected: '', seeds: '', variant: null, seed: null };
  return { kind: 'undecided', ...nowhere, detail: 'it has no `expect:`, so there is nothing to decide', replay };
}

async function runVariants({ facts, seed, run }: Case): Promise<Map<string, Done>> {
  const runs = await Promise.all(
    Object.entries(facts.variants).map(async ([id, { edit }]): Promise<[string, Done]> => {
      return [id, await run(seed, { id, edit })];
    }),
  );
  return new Map(runs);
}

function judgeProof({ judgement, facts, seed }: Case, runs: Map<string, Done>): void {
  const broken = new Set<string>();
  const said = new Set<string>();
  const replay = (edits: readonly string[]): string => replayOf(judgement.file, seed ?? facts.seed, edits);
  for (const [variant, { edit, must_break: mustBreak, ...place }] of Object.entries(facts.variants)) {
    const done = runs.get(variant);
    if (done === undefined) continue;
    judgement.variants++;
    for (const expectation of mustBreak) {
      const verdict = done.run.expectations[expectation];
      const unasked = repairMissed(done.facts.expect[expectation], done.run, expectation);
      if (unasked !== null)
        judgement.notes.push(`variant "${variant}" breaks "${expectation}": undecided, because ${unasked}`);
      if (verdict?.verdict === 'violated' || unasked !== null) {
        broken.add(expectation);
        continue;
      }
      said.add(expectation);
      const { expected = '', detail = 'it was not judged' } = verdict ?? {};
      const complaint = { kind: 'not_broken' as const, expectation, ...placeIn(place), expected, detail, variant };
      judgement.complaints.push({ ...complaint, seeds: '', seed, replay: replay(editWords(edit)) });
    }
  }
  for (const [expectation, place] of Object.entries(facts.expect)) {
    if (broken.has(expectation) || said.has(expectation)) continue;
    const complaint = { kind: 'unproven' as const, expectation, ...placeIn(place), expected: '', variant: null };
    judgement.complaints.push({ ...complaint, seeds: '', seed, detail: 'is broken by no variant', replay: replay([]) });
  }
}

export function placeIn({ line, file }: { line: number; file?: string }): { line: number; file?: string } {
  return file === undefined ? { line } : { line, file };
}

/**
 * What a repair did can only be asked where it ran: a variant in which it does not breaks the expectation. In words, or null
 * where that is not what happened.
 */
function repairMissed(
  asked: PlanExpectation | undefined,
  { expectations, repairs }: TestRun,
  id: string,
): string | null {
  if (expectations[id]?.verdict !== 'undecided' || typeof asked?.metric !== 'string') return null;
  const { repair } = asked.where;
  if (repair === undefined && findMetric(asked.metric)?.ofRepair !== true) return null;
  const ran = repairs.filter(({ outcome }) => outcome !== 'not_started');
  if (ran.some((ledger) => repair === undefined || namesEntry(repair, ledger.id))) return null;
  return repair === undefined ? 'no repair ran' : `${repair} did not run`;
}

function statusOf({ complaints, moved, expectations, undecided }: Judgement): Status {
  if (complaints.some(({ kind }) => kind === 'violated')) return 'violated';
  if (complaints.some(({ kind }) => kind !== 'undecided')) return 'unproven';
  if (moved !== null) return 'moved';
  return expectations === 0 || undecided > 0 ? 'undecided' : 'held';
}

/** A name that leads to no scenario. */
export function refused(file: string, error: MistakeError): Judgement {
  const judgement = emptyJudgement(file);
  refuseMistake(judgement, error);
  return judgement;
}

function refuseMistake(judgement: Judgement, error: MistakeError): void {
  const sources = error instanceof InputError ? error.sources : new Map<string, string>();
  refuse(judgement, { kind: 'mistake', mistakes: error.mistakes, sources });
}

export function refuse(judgement: Judgement, outcome: Exclude<TestOutcome, Done | { kind: 'not_run' }>): void {
  judgement.status = outcome.kind;
  if (outcome.kind === 'bug') {
    const { message, stack, replay } = outcome;
    judgement.bug = { message, stack, replay };
    return;
  }
  judgement.mistakes = outcome.mistakes;
  judgement.sources = outcome.sources;
}
