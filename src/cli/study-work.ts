/**
 * The jobs of `compare` and `advise` for lanes: all strategies of one seed, or candidates of one future, from a common past.
 * Answers do not depend on how many lanes there are. Errors come back as data; here they become what a command throws.
 */
import type { Plan } from '../scenario/plan.ts';
import { runFuture } from '../studies/advise/advise.ts';
import type { FutureJob } from '../studies/advise/advise.ts';
import type { FutureRun } from '../studies/advise/advice.ts';
import { runSeed } from '../studies/compare/compare.ts';
import type { StrategyRun } from '../studies/compare/compare.ts';
import type { DrawnStrategy } from '../studies/compare/union-plan.ts';
import { refuseMemory, threadsThatFit } from './memory.ts';
import { HAS_THREADS } from './pool/start-thread.ts';
import { lanesOf } from './pool/lanes.ts';
import { Runner } from './pool/runner.ts';
import type { Work } from './pool/work.ts';
import type { Terminal } from './terminal.ts';
import { workersOption } from './testing/test-options.ts';
import type { Words } from './words.ts';

export interface SeedJob {
  kind: 'seed';
  seed: string;
  strategies: readonly DrawnStrategy[];
  /** Also the course of each run. */
  sketches?: boolean;
}

export type StudyJob = SeedJob | ({ kind: 'future' } & FutureJob);
type StudyRuns<Job extends StudyJob> = Job extends SeedJob ? StrategyRun[] : FutureRun[];

type StudyAnswer = { kind: 'done'; runs: unknown } | { kind: 'bug'; message: string; stack: string | null };

/** `onStep`: one strategy of a job has ended; not told by threads. */
export function studyWork(onStep: () => void = () => undefined): Work<StudyJob, StudyAnswer> {
  return {
    name: 'study',
    run: async (job) => {
      try {
        const steps: Iterator<string, unknown> =
          job.kind === 'seed' ? runSeed(job.seed, job.strategies, { sketches: job.sketches === true }) : runFuture(job);
        for (;;) {
          const step = steps.next();
          if (step.done === true) return { kind: 'done', runs: step.value };
          onStep();
          // Lets others have the process between strategies.
          await new Promise((resume) => setImmediate(resume));
        }
      } catch (error) {
        const isError = error instanceof Error;
        return {
          kind: 'bug',
          message: isError ? error.message : String(error),
          stack: (isError && error.stack) || null,
        };
      }
    },
    died: (job, reason) => ({
      kind: 'bug',
      message: `the worker thread died: ${reason} (${job.kind} ${job.kind === 'seed' ? job.seed : job.future})`,
      stack: null,
    }),
  };
}

/** As many as asked for, or as there are processors and memory; more than jobs never. */
export function studyWorkers(words: Words, terminal: Terminal, { plan, jobs }: { plan: Plan; jobs: number }): number {
  const most = HAS_THREADS ? Math.min(workersOption(words, terminal), jobs) : 1;
  if (words['workers'] === undefined) return Math.max(1, Math.min(most, threadsThatFit(plan, terminal)));
  refuseMemory(plan, terminal, most);
  return Math.max(1, most);
}

export interface StudyProgress {
  workers: number;
  /** The share of all strategies that have ended. */
  onProgress: (share: number) => void;
}

const strategiesOf = (job: StudyJob): number => (job.kind === 'seed' ? job.strategies.length : job.offered.length);

/** The answers in the order of the jobs. Throws where one of them is a bug. */
export async function runStudy<Job extends StudyJob>(
  jobs: readonly Job[],
  terminal: Terminal,
  { workers, onProgress }: StudyProgress,
): Promise<StudyRuns<Job>[]> {
  const all = jobs.reduce((sum, job) => sum + strategiesOf(job), 0);
  let ended = 0;
  const step = (count: number): void => onProgress((ended += count) / Math.max(1, all));
  const isHere = workers === 1 || !HAS_THREADS;
  const lanes = lanesOf(
    studyWork(() => step(1)),
    terminal,
    { workers, quiet: true },
  );
  const runner = new Runner({ lanes, now: () => terminal.now(), deadlineMillis: Infinity });
  try {
    return await Promise.all(
      jobs.map(async (job, order) => {
        const answer = await runner.run(job, order);
        if (!isHere) step(strategiesOf(job));
        if (answer.kind === 'done') return answer.runs as StudyRuns<Job>;
        throw answer.kind === 'bug' ? bugOf(answer) : new Error('the study was given up');
      }),
    );
  } finally {
    await runner.close();
  }
}

function bugOf({ message, stack }: { message: string; stack: string | null }): Error {
  const error = new Error(message);
  if (stack !== null) error.stack = stack;
  return error;
}
