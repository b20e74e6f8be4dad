/**
 * `operator`: what an operator would have seen at a moment of a run: lines of nodetool, of system.log, of a repair command; or a
 * page with the truth beside them. Runs the plan up to that moment and writes no file.
 */
import { operatorView } from '../operator/operator-view.ts';
import type { OperatorQuestion, OperatorView } from '../operator/operator-view.ts';
import { jsonText } from '../report/json.ts';
import { escapeControls } from '../report/width.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { mistakeInLine, showWarnings } from './failure.ts';
import { readInput } from './input.ts';
import { refuseMemory } from './memory.ts';
import { runArgument } from './run-argument.ts';
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
  const view = viewOf(input.plan, question, typed);
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

function viewOf(plan: Plan, question: OperatorQuestion, typed: readonly string[]): OperatorView {
  try {
    return operatorView(plan, question);
  } catch (error) {
    throw mistakeInLine(error, typed);
  }
}
