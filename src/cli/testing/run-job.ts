/** Does one job of `test`: reads the scenario, runs its plan, and keeps of the answer what is judged. Errors come back as data. */
import { MistakeError } from '../../base/mistake.ts';
import type { Result, RunOutput } from '../../observe/result.ts';
import { editWords } from '../edit-words.ts';
import { executePlan } from '../execute.ts';
import { BugWithReplay, InputError, replayCommand } from '../failure.ts';
import { readInput, tryReadText } from '../input.ts';
import type { Input } from '../input.ts';
import type { Work } from '../pool/work.ts';
import type { Terminal } from '../terminal.ts';
import { isRegression } from './regressions.ts';
import { cacheKey, loadedModelHash, readCached, writeCached } from './cache.ts';
import type { TestFacts, TestJob, TestOutcome, TestRun } from './job.ts';

export const testWork: Work<TestJob, TestOutcome> = { name: 'test', run: runJob, died };

async function runJob(job: TestJob, terminal: Terminal, options: { quiet: boolean }): Promise<TestOutcome> {
  const started = terminal.now();
  try {
    const input = readInput(job.file, terminal, {
      seed: job.seed,
      ...(job.variant === null ? {} : { variant: job.variant.id }),
      typed: job.edits,
      readText: (absolute) => {
        const text = job.overlay?.[absolute];
        return text === undefined ? tryReadText(absolute) : { text };
      },
    });
    const facts = factsOf(input);
    const secondsNow = (): number => (terminal.now() - started) / 1000;
    const key = job.cache === null ? '' : cacheKey(input.plan, loadedModelHash());
    const cached = job.cache === null ? null : readCached(job.cache, key);
    if (cached !== null)
      return { kind: 'done', facts, run: placed(cached, facts), fromCache: true, seconds: secondsNow() };
    const replay = replayOfJob(job, { file: input.path, seed: input.plan.seed });
    const { output } = await executePlan(input.plan, terminal, { mode: 'batched', twice: false, ...options, replay });
    const run = testRun(output);
    if (job.cache !== null) writeCached(job.cache, key, run);
    return { kind: 'done', facts, run, fromCache: false, seconds: secondsNow() };
  } catch (error) {
    return failed(error, job);
  }
}

/** A kept plan is run as it is, not drawn again. */
export function replayOf(file: string, seed: string, edits: readonly string[] = []): string {
  return replayCommand(['run', file, ...(isRegression(file) ? [] : ['--seed', seed]), ...edits]);
}

/** How to run what the job runs; its overlay, texts of another revision, has no words. */
export function replayOfJob({ variant, edits }: TestJob, { file, seed }: Pick<TestJob, 'file' | 'seed'>): string {
  const words = [...(variant === null ? [] : editWords(variant.edit)), ...edits];
  return replayCommand(['run', file, ...(seed === null ? [] : ['--seed', seed]), ...words]);
}

function factsOf({ plan, sources }: Input): TestFacts {
  const { name, seed, database, expect, source } = plan;
  return { name, seed, database, expect, variants: source.variants, files: [...sources.keys()] };
}

/** The expectations may stand elsewhere than when the run was kept. */
function placed(run: TestRun, { expect }: TestFacts): TestRun {
  const verdicts = Object.entries(run.expectations).map(([id, { file: _file, ...verdict }]) => {
    const { line, column, file } = expect[id];
    return [id, { ...verdict, line, column, ...(file === undefined ? {} : { file }) }] as const;
  });
  return { ...run, expectations: Object.fromEntries(verdicts) };
}

function testRun({ result, series }: RunOutput): TestRun {
  return {
    fingerprint: result.fingerprint,
    planHash: result.plan_hash,
    expectations: result.expectations,
    repairs: Object.values(result.repairs).map(({ id, outcome }) => ({ id, outcome })),
    rules: result.rules_exercised,
    summary: summaryOf(result),
    shape: shapeOf(series.columns['divergent_copies'] ?? []),
    born: Object.fromEntries(Object.entries(result.final.by_cause).map(([cause, { born }]) => [cause, born])),
  };
}

function summaryOf({ peak, final, totals, writes, repairs }: Result): Record<string, number> {
  const ledgers = Object.values(repairs);
  const sum = (of: (ledger: Result['repairs'][string]) => number): number =>
    ledgers.reduce((total, ledger) => total + of(ledger), 0);
  return {
    'peak divergent_copies': peak.divergent_copies,
    'divergent_copies at end': final.divergent_copies,
    'latent_copies at end': final.latent_copies,
    'wrong_copies at end': final.wrong_copies,
    'zombie_copies at end': final.zombie_copies,
    lost_acknowledged: final.lost_acknowledged,
    divergent_row_hours: totals.divergent_row_hours,
    wrong_row_hours: totals.wrong_row_hours,
    'acknowledged writes': writes.acknowledged,
    ...(ledgers.length === 0
      ? {}
      : {
          'repair healed_copies': sum((ledger) => ledger.healed_copies),
          'repair read_bytes': sum((ledger) => ledger.read_bytes),
          'repair sent_bytes': sum((ledger) => ledger.sent_bytes),
        }),
  };
}

const SHAPE_COLUMNS = 32;

/** The highest of each stretch, in eighths of the highest of all. */
function shapeOf(values: readonly number[]): number[] {
  const columns = Math.min(SHAPE_COLUMNS, values.length);
  const most = Math.max(
    1,
    values.reduce((highest, value) => Math.max(highest, value), 0),
  );
  return Array.from({ length: columns }, (_, column) => {
    const [from, to] = [column, column + 1].map((edge) => Math.floor((edge * values.length) / columns));
    return Math.round((Math.max(...values.slice(from, to)) / most) * 7);
  });
}

function failed(error: unknown, job: TestJob): TestOutcome {
  if (error instanceof MistakeError) {
    const sources = error instanceof InputError ? error.sources : new Map<string, string>();
    return { kind: 'mistake', mistakes: error.mistakes, sources };
  }
  const cause = error instanceof BugWithReplay ? error.cause : error;
  // Elsewhere than in the run: only `test` comes there.
  const words = [...(job.seed === null ? [] : ['--seeds', job.seed]), ...(job.variant === null ? [] : ['--prove'])];
  const replay = error instanceof BugWithReplay ? error.replay : replayCommand(['test', job.file, ...words]);
  const isError = cause instanceof Error;
  return {
    kind: 'bug',
    message: isError ? cause.message : String(cause),
    stack: (isError && cause.stack) || null,
    replay,
  };
}

/** The thread that ran it. */
function died(job: TestJob, reason: string): TestOutcome {
  const { seed, variant } = job;
  const what = [variant === null ? '' : `variant "${variant.id}"`, seed === null ? '' : `seed ${seed}`].filter(Boolean);
  return {
    kind: 'bug',
    message: `the worker thread died: ${reason}${what.length === 0 ? '' : ` (${what.join(', ')})`}`,
    stack: null,
    replay: replayOfJob(job, job),
  };
}
