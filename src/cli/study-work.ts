/**
 * The jobs of `compare`, `advise` and `explain` for lanes: all strategies of one seed, candidates of one future from a common
 * past, one look at a run. Answers do not depend on how many lanes there are. Errors come back as data; here they become
 * what a command throws.
 */
import type { Plan } from '../scenario/plan.ts';
import { runFuture } from '../studies/advise/advise.ts';
import type { FutureJob } from '../studies/advise/advise.ts';
import type { FutureRun } from '../studies/advise/advice.ts';
import { situationOf } from '../studies/advise/situation.ts';
import type { Situation } from '../studies/advise/situation.ts';
import { runSeed } from '../studies/compare/compare.ts';
import type { SeedLooks, StrategyRun } from '../studies/compare/compare.ts';
import type { DrawnStrategy } from '../studies/compare/union-plan.ts';
import { runExplainJob } from './explain-job.ts';
import type { ExplainAnswer, ExplainJob } from './explain-job.ts';
import { Interrupt } from './interrupt.ts';
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
  looks?: SeedLooks;
}

export interface SituationJob {
  kind: 'situation';
  plan: Plan;
  untilMicros: number;
}

/** Several strategies one after the other; or one look, which tells how far it is as a share. */
type SeveralJob = SeedJob | ({ kind: 'future' } & FutureJob);
type LookJob = SituationJob | ExplainJob;
export type StudyJob = SeveralJob | LookJob;

interface Answers {
  seed: StrategyRun[];
  future: FutureRun[];
  situation: Situation;
  explain: ExplainAnswer;
}

type StudyAnswer = { kind: 'done'; value: unknown } | { kind: 'bug'; message: string; stack: string | null };

export const studyWork: Work<StudyJob, StudyAnswer> = {
  name: 'study',
  run: async (job, terminal, { onStep = () => undefined }) => {
    try {
      if (job.kind === 'situation') {
        return { kind: 'done', value: situationOf(job.plan, job.untilMicros, onStep) };
      }
      if (job.kind === 'explain') return { kind: 'done', value: runExplainJob(job, terminal, onStep) };
      return { kind: 'done', value: await runSeveral(job, () => onStep(1)) };
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
    message: `the worker thread died: ${reason} (${nameOf(job)})`,
    stack: null,
  }),
};

async function runSeveral(job: SeveralJob, onStep: () => void): Promise<unknown> {
  const steps: Iterator<string, unknown> =
    job.kind === 'seed' ? runSeed(job.seed, job.strategies, job.looks) : runFuture(job);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    onStep();
    // Lets others have the process between strategies.
    await new Promise((resume) => setImmediate(resume));
  }
}

function nameOf(job: StudyJob): string {
  if (job.kind === 'seed') return `seed ${job.seed}`;
  return job.kind === 'future' ? `future ${job.future}` : job.kind;
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
  /** The share of everything that has ended. */
  onProgress: (share: number) => void;
}

const strategiesOf = (job: SeveralJob): number => (job.kind === 'seed' ? job.strategies.length : job.offered.length);

export interface Studied<Answer> {
  /** In the order of the jobs; null: given up before it ended. */
  answers: (Answer | null)[];
  /** Ctrl-C was heard. */
  isInterrupted: boolean;
}

/** Throws where an answer is a bug. */
export async function runStudy<Job extends SeveralJob>(
  jobs: readonly Job[],
  terminal: Terminal,
  { workers, onProgress }: StudyProgress,
): Promise<Studied<Answers[Job['kind']]>> {
  const all = jobs.reduce((sum, job) => sum + strategiesOf(job), 0);
  let ended = 0;
  const onStep = (count: number): void => onProgress((ended += count) / Math.max(1, all));
  return runJobs(jobs, terminal, { workers, onStep, hears: true });
}

/** One look. Null: Ctrl-C was heard before it ended. */
export async function runLook<Job extends LookJob>(
  job: Job,
  terminal: Terminal,
  onProgress: (share: number) => void,
): Promise<Answers[Job['kind']] | null> {
  // Without threads it holds this one: Ctrl-C, which nobody would hear, ends the process.
  const { answers } = await runJobs([job], terminal, { workers: 1, onStep: onProgress, hears: HAS_THREADS });
  return answers[0];
}

interface Running {
  workers: number;
  onStep: (amount: number) => void;
  hears: boolean;
}

async function runJobs<Job extends StudyJob>(
  jobs: readonly Job[],
  terminal: Terminal,
  { workers, onStep, hears }: Running,
): Promise<Studied<Answers[Job['kind']]>> {
  const lanes = lanesOf(studyWork, terminal, { workers, quiet: true, keepsFree: true, onStep });
  const runner = new Runner({ lanes, now: () => terminal.now(), deadlineMillis: Infinity });
  const interrupt = hears ? new Interrupt(terminal, () => void runner.close()) : null;
  try {
    const answers = await Promise.all(
      jobs.map(async (job, order) => {
        const answer = await runner.run(job, order);
        if (answer.kind === 'bug') throw bugOf(answer);
        return answer.kind === 'done' ? (answer.value as Answers[Job['kind']]) : null;
      }),
    );
    return { answers, isInterrupted: interrupt?.isHeard === true };
  } finally {
    interrupt?.end();
    await runner.close();
  }
}

function bugOf({ message, stack }: { message: string; stack: string | null }): Error {
  const error = new Error(message);
  if (stack !== null) error.stack = stack;
  return error;
}
