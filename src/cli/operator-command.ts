/**
 * `operator`: what an operator would have seen at a moment of a run: lines of nodetool, of system.log, of a repair command; or a
 * page with the truth beside them. Runs the plan up to that moment and writes no file.
 */
import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';
import { operatorView } from '../operator/operator-view.ts';
import type { OperatorView } from '../operator/operator-view.ts';
import { jsonText } from '../report/json.ts';
import { escapeControls } from '../report/width.ts';
import type { Command } from './command.ts';
import { COMMAND_LINE } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import { InputError, mistakeOrBug, showWarnings } from './failure.ts';
import { readInput } from './input.ts';
import { refuseMemory } from './memory.ts';
import { runArgument } from './run-argument.ts';
import { shellWord } from './terminal.ts';
import { flag, textOption } from './words.ts';
import type { Words } from './words.ts';

export const operatorCommand: Command = async (words, terminal, typed) => {
  const input = readInput(runArgument(words, terminal), terminal, { seed: textOption(words, 'seed'), typed });
  await showWarnings(input, terminal, flag(words, 'no-color'));
  refuseMemory(input.plan, terminal);
  const node = textOption(words, 'node');
  const since = textOption(words, 'since');
  const question = {
    at: textOption(words, 'at') ?? 'end',
    ...(node === null ? {} : { node }),
    ...(since === null ? {} : { since }),
    command: commandWords(words),
  };
  const view = await viewOf(() => operatorView(input.plan, question), typed);
  const { atMicros, lines } = view;
  const answer = { format: 1, at_micros: atMicros, node: view.node, command: question.command.join(' '), lines };
  terminal.out.write(flag(words, 'json') ? jsonText(answer) : `${lines.map(shownLine).join('\n')}\n`);
  return EXIT.held;
};

/** Names of a scenario stand in it; tools set their columns with tabs. */
function shownLine(line: string): string {
  return line.split('\t').map(escapeControls).join('\t');
}

function commandWords(words: Words): string[] {
  return Array.isArray(words.command) ? words.command.map(String) : [];
}

/** Mistakes get their place in what was typed. */
async function viewOf(view: () => OperatorView, typed: readonly string[]): Promise<OperatorView> {
  try {
    return await Promise.resolve(view());
  } catch (error) {
    if (!(error instanceof MistakeError)) throw mistakeOrBug(error, typed);
    const line = `reconverge ${typed.map(shellWord).join(' ')}`;
    throw new InputError(
      error.mistakes.map((mistake) => placed(mistake, line)),
      new Map([[COMMAND_LINE, line]]),
    );
  }
}

function placed(mistake: Mistake, line: string): Mistake {
  const { found = '' } = mistake;
  const at = found === '' ? -1 : line.lastIndexOf(found);
  if (at < 0) return { ...mistake, file: COMMAND_LINE };
  return { ...mistake, file: COMMAND_LINE, line: 1, column: at + 1, length: found.length };
}
