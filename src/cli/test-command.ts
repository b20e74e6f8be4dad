/**
 * `test`: scenarios on several threads, a line each in their order as they end, then what did not hold, then the totals. With
 * `--watch` again whenever one of their files changes.
 */
import { resolve } from 'node:path';
import type { MistakeError } from '../base/mistake.ts';
import type { Command } from './command.ts';
import { scenarioFiles } from './discover.ts';
import type { FoundFile } from './discover.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { plural } from '../base/human.ts';
import { escapeControls } from '../report/width.ts';
import { bugFoundText, mistakeText } from './failure.ts';
import { Interrupt } from './interrupt.ts';
import type { Judgement, Status } from './judge.ts';
import type { Terminal } from './terminal.ts';
import { columnsOf, wantsColor } from './terminal.ts';
import { lineOf } from './test-report.ts';
import type { Tested } from './test-report.ts';
import { report, reportersOption, showsLines } from './reporters/reporters.ts';
import type { Reporter } from './reporters/reporters.ts';
import { explore } from './testing/explore.ts';
import type { TestJob, TestOutcome } from './testing/job.ts';
import { cacheOf, judgeFiles, judgeRegression, runnerOf } from './testing/judge-files.ts';
import { revisions } from './testing/git.ts';
import type { Revision, RevisionOf } from './testing/git.ts';
import type { JudgingOptions } from './testing/judge-files.ts';
import { isRegression, regressionsOf } from './testing/regressions.ts';
import {
  exploreOption,
  filesOfPart,
  maxTimeOption,
  partOption,
  seedsOption,
  workersOption,
} from './testing/test-options.ts';
import type { Exploring } from './testing/test-options.ts';
import { watchFiles } from './testing/watch.ts';
import { flag, positionals, textOption, wholeOption } from './words.ts';
import type { Words } from './words.ts';

/** An expectation that its variant does not break is a promise of the file that does not hold. */
const EXIT_OF: Record<Status, ExitCode> = {
  held: EXIT.held,
  violated: EXIT.violated,
  unproven: EXIT.violated,
  moved: EXIT.violated,
  undecided: EXIT.undecided,
  mistake: EXIT.mistake,
  bug: EXIT.bug,
};

interface TestOptions extends JudgingOptions {
  failuresMax: number;
  reporters: readonly Reporter[];
  columns: number;
  noColor: boolean;
  debug: boolean;
}

export const testCommand: Command = async (words, terminal) => {
  const options = testOptions(words, terminal);
  const part = partOption(words);
  const exploring = exploreOption(words);
  const asked = positionals(words, 'files');
  const filesNow = (): FoundFile[] => {
    const scenarios = scenarioFiles(terminal, asked);
    return filesOfPart([...regressionsOf(scenarios, asked, terminal), ...scenarios], part);
  };
  const once = async (): Promise<{ code: ExitCode; files: string[] }> => {
    const files = filesNow();
    const against = revisionOf(words, files, terminal);
    const { judgements, code } = await testFiles(files, terminal, { ...options, against });
    return { code, files: [...files.map(({ path }) => path), ...judgements.flatMap((each) => each.files)] };
  };
  if (exploring !== null) return exploreFiles(filesNow(), terminal, { ...options, ...exploring, asked });
  if (flag(words, 'watch')) return watchFiles(once, terminal);
  return (await once()).code;
};

/** @throws MistakeError where there is no such revision */
function revisionOf(words: Words, files: readonly FoundFile[], terminal: Terminal): RevisionOf | null {
  const name = textOption(words, 'against');
  if (name === null) return null;
  const revision = revisions(name);
  const there = files.flatMap(({ path, mistake }) => (mistake === null ? [resolve(terminal.folder, path)] : []));
  const byRevision = new Map<Revision, string[]>();
  for (const path of there) byRevision.set(revision(path), [...(byRevision.get(revision(path)) ?? []), path]);
  const dirty = [...byRevision].flatMap(([each, paths]) => each.dirtyAmong(paths));
  if (dirty.length > 0)
    terminal.err.write(
      escapeControls(`not committed, compared with ${name} as they lie here: ${dirty.join(', ')}`) + '\n',
    );
  return revision;
}

function testOptions(words: Words, terminal: Terminal): TestOptions {
  const reporters = reportersOption(words);
  return {
    prove: flag(words, 'prove'),
    seeds: seedsOption(words),
    workers: workersOption(words, terminal),
    failuresMax: wholeOption(words, 'max-failures', 1, 1_000_000) ?? Infinity,
    maxMillis: maxTimeOption(words) ?? Infinity,
    accepts: false,
    against: null,
    keepsFree: true,
    cached: !flag(words, 'no-cache'),
    quiet: !showsLines(reporters),
    reporters,
    columns: columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400)),
    noColor: flag(words, 'no-color'),
    debug: flag(words, 'debug'),
  };
}

async function testFiles(
  files: readonly FoundFile[],
  terminal: Terminal,
  options: TestOptions,
): Promise<{ judgements: Judgement[]; code: ExitCode }> {
  const started = terminal.now();
  const color = wantsColor(terminal, terminal.out, options.noColor);
  const judging = judgeFiles(files, terminal, options);
  const judgements: Judgement[] = [];
  const interrupt = new Interrupt(terminal, () => void judging.close());
  try {
    for await (const judgement of judging.judgements) {
      judgements.push(judgement);
      if (showsLines(options.reporters)) terminal.out.write(lineOf(judgement, color, options.columns));
      await reportInputs(judgement, terminal, options);
      if (judgements.filter(isFailure).length >= options.failuresMax) break;
    }
  } finally {
    interrupt.end();
    await judging.close();
  }
  const names = files.map(({ path }) => path);
  const seconds = (terminal.now() - started) / 1000;
  const tested = { judgements, names, runs: judging.runs, seconds, isInterrupted: interrupt.isHeard };
  return { judgements, code: reported(tested, terminal, options, color) };
}

function reported(tested: Tested, terminal: Terminal, { reporters, columns }: TestOptions, color: boolean): ExitCode {
  if (tested.isInterrupted)
    terminal.err.write(
      `interrupted: ${tested.judgements.length} of ${plural(tested.names.length, 'scenario')} judged\n`,
    );
  const code = tested.isInterrupted ? EXIT.interrupted : exitOf(tested.judgements, tested.names.length);
  report(tested, reporters, terminal, { code, color, columns });
  return code;
}

/** What broke before goes first; the rest of the time is for new seeds. */
async function exploreFiles(
  files: readonly FoundFile[],
  terminal: Terminal,
  options: TestOptions & Exploring & { asked: readonly string[] },
): Promise<ExitCode> {
  const started = terminal.now();
  const color = wantsColor(terminal, terminal.out, options.noColor);
  const runner = runnerOf(terminal, { ...options, quiet: true, maxMillis: options.millis });
  const cache = options.cached ? cacheOf(terminal) : null;
  const run = (job: TestJob): Promise<TestOutcome> => runner.run(job, 0);
  const judgements: Judgement[] = [];
  const unwritten: MistakeError[] = [];
  const interrupt = new Interrupt(terminal, () => void runner.close());
  const onUnwritten = (mistake: MistakeError): void => void unwritten.push(mistake);
  try {
    const kept = files.filter(({ path }) => isRegression(path));
    const again = await Promise.all(kept.map(({ path }) => judgeRegression(path, { run, cache })));
    judgements.push(...again.filter((judgement) => judgement !== null));
    const scenarios = files.filter(({ path }) => !isRegression(path));
    judgements.push(
      ...(await explore(scenarios, terminal, { ...options, cache, run, ahead: 2 * options.workers, onUnwritten })),
    );
  } finally {
    interrupt.end();
    await runner.close();
  }
  for (const judgement of judgements) {
    if (showsLines(options.reporters)) terminal.out.write(lineOf(judgement, color, options.columns));
    await reportInputs(judgement, terminal, options);
  }
  const names = files.map(({ path }) => path);
  const seconds = (terminal.now() - started) / 1000;
  const tested = { judgements, names, runs: runner.counts, seconds, isInterrupted: interrupt.isHeard };
  const code = reported(tested, terminal, options, color);
  if (unwritten.length > 0) throw unwritten[0];
  return code;
}

/** Scenarios that were not run are undecided. */
function exitOf(judgements: readonly Judgement[], files: number): ExitCode {
  const codes = judgements.map(({ status }) => EXIT_OF[status]);
  return worstExit(judgements.length < files ? [...codes, EXIT.undecided] : codes);
}

function isFailure({ status }: Judgement): boolean {
  return status !== 'held' && status !== 'undecided';
}

/** What is wrong with the file, or with us, goes to standard error where it was met. */
export async function reportInputs(
  judgement: Judgement,
  terminal: Terminal,
  options: { debug: boolean; noColor: boolean },
): Promise<void> {
  const { status, mistakes, sources, bug } = judgement;
  if (status === 'mistake')
    terminal.err.write(
      await mistakeText(mistakes, sources, terminal, { ...options, ending: 'this scenario was not run' }),
    );
  if (bug !== null) terminal.err.write(bugFoundText(bug, options.debug));
}
