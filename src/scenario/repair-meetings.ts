/** Warns of schedules that begin at the same moment on the same tables: one of them waits for the other, or both compete. */
import type { Drafting } from './drafting.ts';
import type { PlanEntry } from './plan.ts';
import { durationText } from './units.ts';

type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

/** Times of each that are compared. */
const TIMES_MAX = 1000;

export function warnOfMeetings({ list, scenario }: Drafting, entries: readonly PlanEntry[]): void {
  const repairs = entries.filter((entry): entry is RepairEntry => entry.kind === 'repair');
  for (const [index, later] of repairs.entries()) {
    if (!isScheduled(later)) continue;
    const times = new Set(timesOf(later, scenario.duration));
    for (const earlier of repairs.slice(0, index).filter(isScheduled)) {
      const table = later.options.tables.find((name) => earlier.options.tables.includes(name));
      const at = timesOf(earlier, scenario.duration).find((time) => times.has(time));
      if (table === undefined || at === undefined) continue;
      const id = later.id.slice('repairs.'.length);
      list.warn(['repairs', id], {
        code: 'S208',
        message: `${later.id} and ${earlier.id} both begin at ${durationText(at)} and both repair ${table}`,
        expected: 'times that differ, or other tables',
      });
      break;
    }
  }
}

/** Does a calendar or a scheduler begin it? Two commands of an operator at one moment are meant. */
function isScheduled(entry: RepairEntry): boolean {
  return entry.again_micros !== undefined || entry.segments !== undefined;
}

function timesOf(
  { at_micros: at, every_micros: every, again_micros: again = [] }: RepairEntry,
  until: number,
): number[] {
  const times = [at, ...again.slice(0, TIMES_MAX)];
  if (every === null || every <= 0) return times.filter((time) => time < until);
  for (let time = at + every; time < until && times.length < TIMES_MAX; time += every) times.push(time);
  return times.filter((time) => time < until);
}
