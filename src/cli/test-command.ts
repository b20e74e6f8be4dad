/**
 * `test`: scenarios on several threads, a line each in their order as they end, then what did not hold, then the totals. With
 * `--watch` again whenever one of their files changes.
 */
import { resolve } from 'node:path';
import type { Command } from './command.ts';
import { scenarioFiles } from './discover.ts';
import type { FoundFile } from './discover.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { escapeControls } from '../report/width.ts';
import { bugFoundText, mistakeText } from './failure.ts';
import type { Judgement, Status } from './judge.ts';
import type { Terminal } from './terminal.ts';
import { wantsColor } from './terminal.ts';
import { lineOf } from './test-report.ts';
import { report, reportersOption, showsLines } from './reporters/reporters.ts';
import type { Reporter } from './reporters/reporters.ts';
import { judgeFiles } from './testing/judge-files.ts';
import { Revision } from './testing/git.ts';
import type { JudgingOptions } from './testing/judge-files.ts';
import { filesOfPart, maxTimeOption, partOption, seedsOption, workersOption } from './testing/test-options.ts';
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
  noColor: boolean;
  debug: boolean;
}

export const testCommand: Command = async (words, terminal) => {
  const options = testOptions(words, terminal);
  const part = partOption(words);
  const filesNow = (): FoundFile[] => filesOfPart(scenarioFiles(terminal, positionals(words, 'files')), part);
  const once = async (): Promise<{ code: ExitCode; files: string[] }> => {
    const files = filesNow();
    const against = revisionOf(words, files, terminal);
    const { judgements, code } = await testFiles(files, terminal, { ...options, against });
    return { code, files: [...files.map(({ path }) => path), ...judgements.flatMap((each) => each.files)] };
  };
  if (flag(words, 'watch')) return watchFiles(once, terminal);
  return (await once()).code;
};

/** @throws MistakeError where there is no such revision */
function revisionOf(words: Words, files: readonly FoundFile[], terminal: Terminal): Revision | null {
  const name = textOption(words, 'against');
  if (name === null) return null;
  const revision = new Revision(name, terminal.folder);
  const dirty = revision.dirtyAmong(files.map(({ path }) => resolve(terminal.folder, path)));
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
    cached: !flag(words, 'no-cache'),
    quiet: !showsLines(reporters),
    reporters,
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
  try {
    for await (const judgement of judging.judgements) {
      judgements.push(judgement);
      if (showsLines(options.reporters)) terminal.out.write(lineOf(judgement, color));
      await reportInputs(judgement, terminal, options);
      if (judgements.filter(isFailure).length >= options.failuresMax) break;
    }
  } finally {
    await judging.close();
  }
  const code = exitOf(judgements, files.length);
  const names = files.map(({ path }) => path);
  const tested = { judgements, names, runs: judging.runs, seconds: (terminal.now() - started) / 1000 };
  report(tested, options.reporters, terminal, { code, color });
  return { judgements, code };
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
  if (status === 'mistake') terminal.err.write(await mistakeText(mistakes, sources, terminal, options.noColor));
  if (bug !== null) terminal.err.write(bugFoundText(bug, options.debug));
}
