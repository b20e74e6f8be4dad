/** `what-if`: a run and the same world with an edit, side by side. Writes no files: the commands it prints do. */
import type { Plan } from '../scenario/plan.ts';
import { jsonText } from '../report/json.ts';
import { renderWhatIf } from '../report/what-if.ts';
import { BlockHashes } from '../studies/first-difference.ts';
import type { Renumbering } from '../studies/first-difference.ts';
import { renumberings, whatIf } from '../studies/what-if.ts';
import type { WorldRun } from '../studies/what-if.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { executePlan } from './execute.ts';
import { EXIT } from './exit-codes.ts';
import { replayCommand, showWarnings } from './failure.ts';
import { EDIT_OPTIONS, readInput } from './input.ts';
import { refuseMemory } from './memory.ts';
import { runArgument } from './run-argument.ts';
import { columnsOf, wantsColor } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { flag, inOrder, wholeOption } from './words.ts';

export const whatIfCommand: Command = async (words, terminal, typed) => {
  const columns = wholeOption(words, 'columns', 40, 400);
  const noColor = flag(words, 'no-color');
  const edits = inOrder(typed, EDIT_OPTIONS);
  if (edits.length === 0) throw noEdit();
  const path = runArgument(words, terminal);
  const base = readInput(path, terminal);
  const edited = readInput(path, terminal, { typed });
  await showWarnings(edited, terminal, noColor);
  for (const { plan } of [base, edited]) refuseMemory(plan, terminal);
  const by = renumberings(base.plan, edited.plan);
  const editWords = edits.flatMap(([option, value]) => [`--${option}`, value]);
  const study = whatIf(
    await worldOf(base.plan, { terminal, renumbering: by.base, replay: replayCommand(['run', path]) }),
    await worldOf(edited.plan, {
      terminal,
      renumbering: by.edited,
      replay: replayCommand(['run', path, ...editWords]),
    }),
  );
  if (flag(words, 'json')) terminal.out.write(jsonText(study));
  else {
    const color = wantsColor(terminal, terminal.out, noColor);
    terminal.out.write(renderWhatIf(study, { columns: columnsOf(terminal.out, columns), color }));
  }
  return EXIT.held;
};

function noEdit(): unknown {
  return commandMistake('C132', 'what-if needs an edit: what is to be otherwise', {
    expected: '--set PATH=VALUE, --remove PATH, --shift PATH=+30m or --add ID={…}',
    suggestion: 'reconverge what-if last --set cluster.settings.max_hint_window=6h',
  });
}

interface Running {
  terminal: Terminal;
  renumbering: Renumbering;
  replay: string;
}

async function worldOf(plan: Plan, { terminal, renumbering, replay }: Running): Promise<WorldRun> {
  const hashes = new BlockHashes(renumbering);
  const options = { mode: 'batched', twice: false, quiet: false, replay, observers: [hashes] } as const;
  const { output } = await executePlan(plan, terminal, options);
  return { plan, output, hashes, replay };
}
