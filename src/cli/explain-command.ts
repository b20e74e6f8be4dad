/** `explain`: why copies differ or are wrong at a moment of a run, in stories, or for one row. Writes no files. */
import { MistakeError } from '../base/mistake.ts';
import { dialects } from '../dialect/index.ts';
import { jsonText } from '../report/json.ts';
import { renderExplanation } from '../report/explain.ts';
import type { Plan } from '../scenario/plan.ts';
import { renderRow } from '../report/explain-row.ts';
import { explainRow } from '../studies/explain/explain-row.ts';
import { explain, explainStory } from '../studies/explain/explain.ts';
import type { ExplainOptions } from '../studies/explain/explain.ts';
import type { NotThere, RowWanted } from '../studies/explain/find-row.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import { mistakeOrBug, showWarnings } from './failure.ts';
import { readInput } from './input.ts';
import { refuseMemory } from './memory.ts';
import { momentOption } from './moment-option.ts';
import { Progress } from './progress.ts';
import { rowWanted } from './row-option.ts';
import { LAST, runArgument } from './run-argument.ts';
import { columnsOf, shellWord, wantsColor } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { flag, wholeOption } from './words.ts';
import type { Words } from './words.ts';

const GROUPS_MAX = 999_999_999;

export const explainCommand: Command = async (words, terminal, typed) => {
  const path = runArgument(words, terminal);
  const input = readInput(path, terminal);
  const { plan } = input;
  await showWarnings(input, terminal, flag(words, 'no-color'));
  refuseMemory(plan, terminal);
  const group = wholeOption(words, 'group', 1, GROUPS_MAX);
  const progress = new Progress(terminal, { quiet: false });
  progress.label(plan.name);
  const options = explainOptions(words, plan, { path, terminal, typed, progress });
  const isJson = flag(words, 'json');
  const look = {
    columns: columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400)),
    color: wantsColor(terminal, terminal.out, flag(words, 'no-color')),
  };
  const storiesText = (): string => {
    const explanation = group === null ? explain(plan, options) : explainStory(plan, group, options);
    if ('problem' in explanation) throw notThere(explanation, String(group));
    const run = shellWord(typeof words['run'] === 'string' ? words['run'] : LAST);
    return isJson ? jsonText(explanation) : renderExplanation(explanation, { ...look, group, run });
  };
  const rowText = (wanted: RowWanted): string => {
    const row = explainRow(plan, wanted, options);
    if ('problem' in row) throw notThere(row);
    return isJson ? jsonText(row) : renderRow(row, look);
  };
  const wanted = rowWanted(words, group);
  try {
    const text = wanted === null ? storiesText() : rowText(wanted);
    progress.clear();
    terminal.out.write(text);
    return EXIT.held;
  } catch (error) {
    progress.clear();
    throw mistakeOrBug(error, typed);
  }
};

interface Context {
  path: string;
  terminal: Terminal;
  typed: readonly string[];
  progress: Progress;
}

function explainOptions(words: Words, plan: Plan, { path, terminal, typed, progress }: Context): ExplainOptions {
  const rules = dialects.find(({ name }) => name === plan.database.split('@')[0]);
  return {
    atMicros: momentOption(words, plan, typed),
    rulesOf: (cause) => rules?.rulesOfCause?.(cause) ?? [],
    draw: flag(words, 'no-what-if') ? null : ([option, value]) => drawn(path, terminal, [`--${option}`, value]),
    onProgress: (share) => progress.show(share),
  };
}

/** The plan with an edit; null where the scenario does not allow it. */
function drawn(path: string, terminal: Terminal, typed: readonly string[]): Plan | null {
  try {
    return readInput(path, terminal, { typed }).plan;
  } catch (error) {
    if (error instanceof MistakeError) return null;
    throw error;
  }
}

function notThere({ problem, expected }: NotThere, found?: string): MistakeError {
  return commandMistake('C134', problem, { expected, ...(found === undefined ? {} : { found }) });
}
