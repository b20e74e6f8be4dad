/** `plan`: what would happen when, how large it is and what was assumed. Runs nothing and writes no file. */
import { renderPlan } from '../report/plan.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { showWarnings } from './failure.ts';
import { readInput } from './input.ts';
import { memoryWarning } from './memory.ts';
import { planJson } from './plan-json.ts';
import { columnsOf, wantsColor } from './terminal.ts';
import { flag, positional, textOption, wholeOption } from './words.ts';

export const planCommand: Command = async (words, terminal, typed) => {
  const columns = wholeOption(words, 'columns', 40, 400);
  const noColor = flag(words, 'no-color');
  const input = readInput(positional(words, 'scenario'), terminal, { seed: textOption(words, 'seed'), typed });
  const memory = memoryWarning(input.plan, terminal);
  const warnings = memory === null ? input.warnings : [...input.warnings, memory];
  await showWarnings({ ...input, warnings }, terminal, noColor);
  if (flag(words, 'json')) {
    terminal.out.write(planJson(input.plan));
  } else {
    const color = wantsColor(terminal, terminal.out, noColor);
    terminal.out.write(renderPlan(input.plan, { columns: columnsOf(terminal.out, columns), color }));
  }
  return EXIT.held;
};
