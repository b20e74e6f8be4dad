/** Which values of a scenario were edited before it was run, for the lines under the title. */
import type { Plan, PlanEdit } from '../scenario/plan.ts';
import { span } from './lines.ts';
import type { Line } from './lines.ts';
import { escapeControls, wrap } from './width.ts';

const LABEL = 'edited  ';

/** `edited  faults.away.for 30m → 10m`, one for each edit, wrapped under itself. */
export function editedLines(plan: Plan, columns: number): Line[] {
  return editLines(plan.source.edits ?? [], columns);
}

export function editLines(edits: readonly PlanEdit[], columns: number): Line[] {
  return edits.flatMap(({ path, before, after }, index) => {
    const change = after === null ? 'removed' : before === null ? `added: ${after}` : `${before} → ${after}`;
    const lines = wrap(escapeControls(`${path} ${change}`), columns - LABEL.length);
    return lines.map((text, line): Line => [
      span(index === 0 && line === 0 ? LABEL : ' '.repeat(LABEL.length), 'dim'),
      span(text, 'yellow'),
    ]);
  });
}
