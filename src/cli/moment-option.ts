/** `--at`: a moment of a run, in the words of a scenario: an offset, an instant, `end`, `faults.a.end + 2h`. */
import { formatDuration } from '../base/human.ts';
import { parseInstant } from '../base/virtual-clock.ts';
import type { Plan } from '../scenario/plan.ts';
import { nearestName } from '../scenario/nearest.ts';
import { TIME_EXPECTED, parseTime } from '../scenario/time-text.ts';
import type { TimeBase } from '../scenario/time-text.ts';
import { isUnitProblem } from '../scenario/units.ts';
import { commandMistake } from './command-mistake.ts';
import { textOption } from './words.ts';
import type { Words } from './words.ts';

/** µs from the start of the run; null where it was not given. */
export function momentOption(words: Words, plan: Plan): number | null {
  const text = textOption(words, 'at');
  if (text === null) return null;
  const time = parseTime(text);
  if (isUnitProblem(time)) throw refused(text, time.message, time.expected);
  if (time.kind === 'draw') throw refused(text, 'a moment is not drawn', TIME_EXPECTED);
  const micros = baseMicros(time.base, plan, text) + time.plus;
  const end = plan.duration_micros + plan.settle_micros;
  if (micros >= 0 && micros <= end) return micros;
  throw refused(text, `--at ${text} is not within the run`, `from 0 to ${formatDuration(end)} after the start`);
}

function baseMicros(base: TimeBase, plan: Plan, text: string): number {
  switch (base.kind) {
    case 'offset':
      return base.micros;
    case 'end':
      return plan.duration_micros + plan.settle_micros;
    case 'instant': {
      const start = plan.start === null ? null : parseInstant(plan.start);
      if (start !== null) return base.epochMicros - start;
      throw refused(text, 'an instant needs a run with a start', 'an offset such as 14m7s');
    }
    case 'reference':
      return referenceMicros(base, plan, text);
  }
}

function referenceMicros(base: Extract<TimeBase, { kind: 'reference' }>, plan: Plan, text: string): number {
  const { section, id, edge } = base;
  if (section === 'workload' && Object.hasOwn(plan.workload, id)) {
    const { from_micros: from, until_micros: until } = plan.workload[id];
    return edge === 'start' ? from : until;
  }
  const name = `${section}.${id}`;
  const entries = plan.entries.filter((entry) => entry.id === name);
  if (entries.length === 0) {
    const names = [
      ...plan.entries.map((entry) => entry.id),
      ...Object.keys(plan.workload).map((one) => `workload.${one}`),
    ];
    const nearest = nearestName(name, names);
    const expected = names.length === 0 ? 'an offset such as 14m7s' : `one of ${[...new Set(names)].join(', ')}`;
    throw refused(text, `no ${name} in the run`, expected, nearest === null ? undefined : `${nearest}.${edge}`);
  }
  if (edge === 'start') return Math.min(...entries.map(({ at_micros: at }) => at));
  const ends = entries.map((entry) =>
    'for_micros' in entry && entry.for_micros !== null ? entry.at_micros + entry.for_micros : null,
  );
  if (!ends.includes(null)) return Math.max(...ends.map(Number));
  throw refused(text, `the end of ${name} is not known before the run`, `${name}.start, or another time`);
}

function refused(text: string, message: string, expected: string, suggestion?: string): unknown {
  return commandMistake('C133', message, {
    expected,
    found: text,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
