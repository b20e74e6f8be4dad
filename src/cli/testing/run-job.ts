/** Does one job of `test`: reads the scenario, runs its plan, and keeps of the answer what is judged. Errors come back as data. */
import { MistakeError } from '../../base/mistake.ts';
import type { RunOutput } from '../../observe/result.ts';
import { executePlan } from '../execute.ts';
import { BugWithReplay, InputError, replayCommand } from '../failure.ts';
import { readInput } from '../input.ts';
import type { Input } from '../input.ts';
import type { Terminal } from '../terminal.ts';
import type { TestFacts, TestJob, TestOutcome, TestRun } from './job.ts';

export interface JobOptions {
  quiet: boolean;
}

export async function runJob(job: TestJob, terminal: Terminal, options: JobOptions): Promise<TestOutcome> {
  const started = terminal.now();
  try {
    const input = readInput(job.file, terminal, {
      seed: job.seed,
      ...(job.variant === null ? {} : { variant: job.variant }),
    });
    const replay = replayOf(input.path, input.plan.seed);
    const { output } = await executePlan(input.plan, terminal, { mode: 'batched', twice: false, ...options, replay });
    const seconds = (terminal.now() - started) / 1000;
    return { kind: 'done', facts: factsOf(input), run: testRun(output), fromCache: false, seconds };
  } catch (error) {
    return failed(error, job);
  }
}

export function replayOf(file: string, seed: string, edits: readonly string[] = []): string {
  return replayCommand(['run', file, '--seed', seed, ...edits]);
}

function factsOf({ plan, sources }: Input): TestFacts {
  const { name, seed, database, expect, source } = plan;
  return { name, seed, database, expect, variants: source.variants, files: [...sources.keys()] };
}

function testRun({ result }: RunOutput): TestRun {
  return {
    fingerprint: result.fingerprint,
    planHash: result.plan_hash,
    expectations: result.expectations,
    repairs: Object.values(result.repairs).map(({ id, outcome }) => ({ id, outcome })),
    rules: result.rules_exercised,
  };
}

function failed(error: unknown, job: TestJob): TestOutcome {
  if (error instanceof MistakeError) {
    const sources = error instanceof InputError ? error.sources : new Map<string, string>();
    return { kind: 'mistake', mistakes: error.mistakes, sources };
  }
  const cause = error instanceof BugWithReplay ? error.cause : error;
  const replay = error instanceof BugWithReplay ? error.replay : replayCommand(['test', job.file]);
  const isError = cause instanceof Error;
  return {
    kind: 'bug',
    message: isError ? cause.message : String(cause),
    stack: (isError && cause.stack) || null,
    replay,
  };
}
