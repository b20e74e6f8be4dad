/**
 * Judges scenarios on several threads and gives the judgements in the order of the files, whatever ends first. Used by
 * `test` and `accept`.
 */
import { join, resolve } from 'node:path';
import type { FoundFile } from '../discover.ts';
import { judge, refused } from '../judge.ts';
import type { JudgeOptions, Judgement } from '../judge.ts';
import { lanesOf } from '../pool/lanes.ts';
import { Runner } from '../pool/runner.ts';
import { projectFolder } from '../result-folder.ts';
import { shellWord } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { loadedModelHash, pruneCacheOnce } from './cache.ts';
import { judgeAgainst } from './against.ts';
import type { RevisionOf } from './git.ts';
import { goldenBeside } from './golden-file.ts';
import type { CacheFolder, TestJob, TestOutcome } from './job.ts';
import { isRegression } from './regressions.ts';
import { testWork } from './run-job.ts';

export type TestRunner = Runner<TestJob, TestOutcome>;

export interface JudgingOptions {
  prove: boolean;
  seeds: readonly string[] | null;
  accepts: boolean;
  workers: number;
  maxMillis: number;
  /** Nothing is shown while it runs. */
  quiet: boolean;
  cached: boolean;
  against: RevisionOf | null;
  /** Ctrl-C is to be heard while something runs. */
  keepsFree?: boolean;
}

/** Begun here; whoever asks for no more judgements closes it. */
export interface Judging {
  /** In the order of the files; those that were not run to their end are left out. */
  judgements: AsyncGenerator<Judgement, void, void>;
  runs: TestRunner['counts'];
  close: () => Promise<void>;
}

export function judgeFiles(files: readonly FoundFile[], terminal: Terminal, options: JudgingOptions): Judging {
  const runner = runnerOf(terminal, options);
  const cache = options.cached ? cacheOf(terminal) : null;
  const close = async (): Promise<void> => {
    await runner.close();
    if (cache !== null) pruneCacheOnce(cache);
  };
  return { judgements: judgeAll(files, runner, { terminal, options, cache }), runs: runner.counts, close };
}

export function cacheOf({ folder }: Terminal): CacheFolder {
  // Before anything is run: the files may change under a command that watches them.
  loadedModelHash();
  return { folder: join(projectFolder(folder), '.reconverge', 'cache') };
}

export function runnerOf(
  terminal: Terminal,
  {
    workers,
    quiet,
    maxMillis,
    keepsFree = false,
  }: Pick<JudgingOptions, 'workers' | 'quiet' | 'maxMillis' | 'keepsFree'>,
): TestRunner {
  const lanes = lanesOf(testWork, terminal, { workers, quiet, keepsFree });
  return new Runner({ lanes, now: () => terminal.now(), deadlineMillis: terminal.now() + maxMillis });
}

/** As it was kept: with its own seed, and nothing beside it. When it holds again, says so. */
export async function judgeRegression(
  path: string,
  { run, cache }: Pick<JudgeOptions, 'run' | 'cache'>,
): Promise<Judgement | null> {
  const alone = { prove: false, seeds: null, accepts: false, further: null, goldenOf: () => null };
  const judgement = await judge(path, { ...alone, run, cache });
  if (judgement?.status === 'held') judgement.notes.push(`it holds again; no longer wanted: rm ${shellWord(path)}`);
  return judgement;
}

interface Given {
  terminal: Terminal;
  options: JudgingOptions;
  cache: CacheFolder | null;
}

async function* judgeAll(
  files: readonly FoundFile[],
  runner: TestRunner,
  { terminal, options, cache }: Given,
): AsyncGenerator<Judgement, void, void> {
  const { prove, seeds, accepts, against } = options;
  const waiting = files.map(({ path, mistake }, order) => {
    if (mistake !== null) return Promise.resolve(refused(path, mistake));
    const run = (job: TestJob): Promise<TestOutcome> => runner.run(job, order);
    if (isRegression(path)) return judgeRegression(path, { run, cache });
    return judge(path, {
      ...{ prove, seeds, accepts, cache },
      run,
      further:
        against === null
          ? null
          : (judgement, judged) =>
              judgeAgainst(judgement, judged, {
                revision: against(resolve(terminal.folder, path)),
                terminal,
                run: (job) => runner.run({ ...job, variant: null, cache }, order),
              }),
      goldenOf: (file) => goldenBeside(file, terminal),
    });
  });
  for (const each of waiting) {
    const judgement = await each;
    if (judgement !== null) yield judgement;
  }
}
