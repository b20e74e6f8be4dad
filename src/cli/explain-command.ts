/** `explain`: why copies differ or are wrong at a moment of a run, in stories, or for one row. Writes no files. */
import type { MistakeError } from '../base/mistake.ts';
import { jsonText } from '../report/json.ts';
import { renderExplanation } from '../report/explain.ts';
import type { TextOptions } from '../report/lines.ts';
import { renderRow } from '../report/explain-row.ts';
import type { NotThere } from '../studies/explain/find-row.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import type { ExplainAnswer } from './explain-job.ts';
import { mistakeOrBug, showWarnings } from './failure.ts';
import { readInput } from './input.ts';
import { InterruptedError } from './interrupt.ts';
import { refuseMemory } from './memory.ts';
import { momentOption } from './moment-option.ts';
import { explainAt } from './next-step.ts';
import { Progress } from './progress.ts';
import { rowWanted } from './row-option.ts';
import { LAST, runArgument } from './run-argument.ts';
import { runLook } from './study-work.ts';
import { columnsOf, shellWord, wantsColor } from './terminal.ts';
import { flag, wholeOption } from './words.ts';

const GROUPS_MAX = 999_999_999;

export const explainCommand: Command = async (words, terminal, typed) => {
  const path = runArgument(words, terminal);
  const input = readInput(path, terminal);
  const { plan } = input;
  await showWarnings(input, terminal, flag(words, 'no-color'));
  refuseMemory(plan, terminal);
  const group = wholeOption(words, 'group', 1, GROUPS_MAX);
  const wanted = rowWanted(words, group);
  const atMicros = momentOption(words, plan, typed);
  const look = {
    columns: columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400)),
    color: wantsColor(terminal, terminal.out, flag(words, 'no-color')),
    run: shellWord(typeof words['run'] === 'string' ? words['run'] : LAST),
    group,
  };
  const progress = new Progress(terminal, { quiet: false });
  progress.label(plan.name);
  try {
    const job = { kind: 'explain', plan, path, atMicros, tries: !flag(words, 'no-what-if'), group, wanted } as const;
    const answer = await runLook(job, terminal, (share) => progress.show(share));
    progress.clear();
    if (answer === null) throw new InterruptedError('interrupted before anything was explained; nothing was written');
    terminal.out.write(textOf(answer, flag(words, 'json') ? null : look));
    return EXIT.held;
  } catch (error) {
    progress.clear();
    throw mistakeOrBug(error, typed);
  }
};

/** `look` of the text; null: the document. */
function textOf(answer: ExplainAnswer, look: (TextOptions & { run: string; group: number | null }) | null): string {
  if (answer.of === 'stories') {
    const { told } = answer;
    if ('problem' in told) throw notThere(told, answer.group === null ? undefined : String(answer.group));
    if (look === null) return jsonText(told);
    const { peak } = answer;
    const healed = peak === null ? null : { ...peak, command: explainAt(look.run, peak.at_micros) };
    return renderExplanation(told, { ...look, healed });
  }
  if ('problem' in answer.told) throw notThere(answer.told);
  return look === null ? jsonText(answer.told) : renderRow(answer.told, look);
}

function notThere({ problem, expected }: NotThere, found?: string): MistakeError {
  return commandMistake('C134', problem, { expected, ...(found === undefined ? {} : { found }) });
}
