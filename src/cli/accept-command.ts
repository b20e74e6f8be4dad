/**
 * `accept`: writes the golden beside each scenario from what it gives now. Never touches `expect:`, and refuses where CI runs:
 * what is taken over is for a person to look at.
 */
import { escapeControls } from '../report/width.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { scenarioFiles } from './discover.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Judgement } from './judge.ts';
import { reportInputs } from './test-command.ts';
import { goldenText } from './testing/golden.ts';
import { goldenPath, writeGolden } from './testing/golden-file.ts';
import { judgeFiles } from './testing/judge-files.ts';
import { seedsOption, workersOption } from './testing/test-options.ts';
import type { Terminal } from './terminal.ts';
import { flag, positionals } from './words.ts';

export const acceptCommand: Command = async (words, terminal) => {
  refuseInCi(terminal);
  const files = scenarioFiles(terminal, positionals(words, 'files'));
  const judging = judgeFiles(files, terminal, {
    ...{ prove: false, against: null, accepts: true, quiet: false, maxMillis: Infinity },
    seeds: seedsOption(words),
    workers: workersOption(words, terminal),
    cached: !flag(words, 'no-cache'),
  });
  const codes: ExitCode[] = [];
  try {
    for await (const judgement of judging.judgements) {
      codes.push(accept(judgement, terminal));
      await reportInputs(judgement, terminal, { debug: flag(words, 'debug'), noColor: flag(words, 'no-color') });
    }
  } finally {
    await judging.close();
  }
  return worstExit(codes);
};

function refuseInCi({ environment: { CI } }: Terminal): void {
  if (CI === undefined || ['', '0', 'false'].includes(CI)) return;
  throw commandMistake('C110', 'accept writes goldens, and this is CI', {
    expected: 'that somebody runs it and reviews what changed',
    found: `CI=${CI}`,
    suggestion: 'reconverge test FILES, and accept on your own machine',
  });
}

/** Violated expectations are no reason not to write: the golden says so, and `test` stays red. */
function accept({ file, golden, moved, held, expectations, bug }: Judgement, terminal: Terminal): ExitCode {
  if (golden === null) return bug === null ? EXIT.mistake : EXIT.bug;
  const text = goldenText(golden.now);
  const changed = golden.older === null || goldenText(golden.older) !== text;
  if (changed) writeGolden(file, text, terminal);
  const what =
    golden.older === null ? 'new' : moved !== null ? moved.changes[0] : changed ? 'nothing moved' : 'unchanged';
  const open =
    held < expectations ? `  (${held} of ${expectations} expectations held: expect: is for you to change)` : '';
  terminal.out.write(`${escapeControls(`${changed ? 'wrote' : 'kept '} ${goldenPath(file)}  ${what}${open}`)}\n`);
  for (const change of moved?.changes.slice(1) ?? []) terminal.out.write(`        ${escapeControls(change)}\n`);
  return EXIT.held;
}
