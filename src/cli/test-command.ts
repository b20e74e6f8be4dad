/** `test`: scenarios one after the other, a line each as it ends, then what did not hold, then the totals. */
import type { Command } from './command.ts';
import { scenarioFiles } from './discover.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { bugText, mistakeText } from './failure.ts';
import { judge, refused } from './judge.ts';
import type { Judgement, Status } from './judge.ts';
import type { Terminal } from './terminal.ts';
import { wantsColor } from './terminal.ts';
import { complaintText, lineOf, testJson, totals } from './test-report.ts';
import { flag, positionals, wholeOption } from './words.ts';

/** An expectation that its variant does not break is a promise of the file that does not hold. */
const EXIT_OF: Record<Status, ExitCode> = {
  held: EXIT.held,
  violated: EXIT.violated,
  unproven: EXIT.violated,
  undecided: EXIT.undecided,
  mistake: EXIT.mistake,
  bug: EXIT.bug,
};

export const testCommand: Command = async (words, terminal) => {
  const files = scenarioFiles(terminal, positionals(words, 'files'));
  const failuresMax = wholeOption(words, 'max-failures', 1, 1_000_000) ?? Infinity;
  const json = flag(words, 'json');
  const noColor = flag(words, 'no-color');
  const color = wantsColor(terminal, terminal.out, noColor);
  const judgements: Judgement[] = [];
  for (const file of files) {
    if (judgements.filter(isFailure).length >= failuresMax) break;
    const judgement =
      file.mistake === null
        ? await judge(file.path, terminal, { prove: flag(words, 'prove'), quiet: json })
        : refused(file.path, file.mistake);
    judgements.push(judgement);
    if (!json) terminal.out.write(lineOf(judgement, color));
    await reportInputs(judgement, terminal, { debug: flag(words, 'debug'), noColor });
  }
  const code = exitOf(judgements, files.length);
  terminal.out.write(
    json
      ? testJson(judgements, files.length)
      : complaintText(judgements, color) + totals(judgements, files.length, code),
  );
  return code;
};

/** Scenarios that were not run are undecided. */
function exitOf(judgements: readonly Judgement[], files: number): ExitCode {
  const codes = judgements.map(({ status }) => EXIT_OF[status]);
  return worstExit(judgements.length < files ? [...codes, EXIT.undecided] : codes);
}

function isFailure({ status }: Judgement): boolean {
  return status !== 'held' && status !== 'undecided';
}

/** What is wrong with the file, or with us, goes to standard error where it was met. */
async function reportInputs(
  judgement: Judgement,
  terminal: Terminal,
  options: { debug: boolean; noColor: boolean },
): Promise<void> {
  const { status, mistakes, sources, bug } = judgement;
  if (status === 'mistake') terminal.err.write(await mistakeText(mistakes, sources, terminal, options.noColor));
  if (status === 'bug') terminal.err.write(bugText(bug, options.debug));
}
