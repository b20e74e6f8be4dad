/** The standard output of the repair commands of a plan until a moment: of one entry, or of all that one node coordinates. */
import type { Plan } from '../scenario/plan.ts';
import type { OutputLine } from './journal-types.ts';
import type { Moment } from './moment.ts';
import type { OperatorClock } from './operator-clock.ts';

/** Ids of repair entries, each once. */
export function repairIds(plan: Plan): string[] {
  return [...new Set(plan.entries.filter(({ kind }) => kind === 'repair').map(({ id }) => id))];
}

export function repairLines({ journal, clock }: Moment, of: { id: string | null; node: number | null }): string[] {
  const trails = [...journal.repairs.trails.values()].filter(
    ({ command }) =>
      (of.id === null || command.asked.value.entryId === of.id) && (of.node === null || command.node === of.node),
  );
  return trails.flatMap(({ output }) => output.flatMap((line) => outputText(line, clock)));
}

function outputText({ micros, text, isBare }: OutputLine, clock: OperatorClock): string[] {
  const [first, ...rest] = text.split('\n');
  return [isBare ? first : `[${clock.stamp(micros)}] ${first}`, ...rest];
}
