/** When a repair begins: at a time, so often, or by a calendar whose firings within the run are listed in the plan. */
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanEntry } from './plan.ts';
import type { Cron } from './cron.ts';
import type { ScenarioRepair } from './schema/scenario.ts';
import { durationText } from './units.ts';

export type RepairTimes = Pick<Extract<PlanEntry, { kind: 'repair' }>, 'at_micros' | 'every_micros' | 'again_micros'>;

/** Nobody means more; a run of so many is not read by anybody. */
const FIRINGS_MAX = 10_000;

/** Null where there is none; that is reported. */
export function repairTimes(drafting: Drafting, id: string, repair: ScenarioRepair): RepairTimes | null {
  const path = ['repairs', id];
  const every = 'every' in repair ? repair.every : undefined;
  const schedule = 'schedule' in repair ? repair.schedule : undefined;
  if (schedule !== undefined) {
    if (repair.at === undefined && every === undefined) return byCalendar(drafting, schedule, [...path, 'schedule']);
    drafting.list.add([...path, 'schedule'], {
      code: 'S119',
      message: `schedule and ${repair.at === undefined ? 'every' : 'at'} exclude each other`,
      expected: 'one of at, every, schedule',
      part: 'key',
    });
    return null;
  }
  if (every === 0)
    drafting.list.add([...path, 'every'], {
      code: 'S117',
      message: 'every is out of range',
      expected: 'a duration above 0',
    });
  const at = start(drafting, id, { repair, every });
  return at === null ? null : { at_micros: at, every_micros: every ?? null };
}

/** What repeats without a first time begins after the first period. */
function start(
  { times, list }: Drafting,
  id: string,
  { repair, every }: { repair: ScenarioRepair; every: number | undefined },
): number | null {
  const path = ['repairs', id];
  const needsAt = repair.repair === 'nodetool' || (every === undefined && repair.repair !== 'auto');
  if (repair.at === undefined && needsAt) {
    list.add(path, {
      code: 'S111',
      message: `missing key "at" in a repair of type ${repair.repair}`,
      expected:
        repair.repair === 'nodetool'
          ? 'at: a time, or schedule: a calendar such as "30 2 * * 0"'
          : 'at: a time, every: a duration, or schedule: a calendar such as "30 2 * * 0"',
    });
    return null;
  }
  const at = times.edge('repairs', id, 'start');
  if (at !== null && at >= times.endMicros) {
    list.warn([...path, repair.at === undefined ? 'every' : 'at'], {
      code: 'S203',
      message: `the repair begins after the end of the run (${durationText(at)})`,
      expected: `before ${durationText(times.endMicros)}`,
    });
  }
  return at;
}

function byCalendar(drafting: Drafting, schedule: Cron, path: Path): RepairTimes | null {
  const { times, list, scenario, assumptions } = drafting;
  if (scenario.start === undefined && !assumptions.includes(NO_START)) assumptions.push(NO_START);
  const [first, ...again] = times.firings(schedule, FIRINGS_MAX + 1);
  if (again.length >= FIRINGS_MAX) {
    list.add(path, {
      code: 'S117',
      message: `the schedule fires more than ${FIRINGS_MAX} times in ${durationText(scenario.duration)}`,
      expected: `at most ${FIRINGS_MAX} times`,
      suggestion: '0 2 * * 0',
    });
    return null;
  }
  if (first !== undefined)
    return { at_micros: first, every_micros: null, ...(again.length > 0 && { again_micros: again }) };
  const next = times.firingAfterRun(schedule);
  list.warn(path, {
    code: 'S207',
    message: `the schedule never fires within the run, which lasts ${durationText(scenario.duration)}`,
    expected:
      next === null ? 'days that there are' : `a duration above ${durationText(next)}, or a schedule that fires before`,
  });
  return { at_micros: next ?? times.endMicros + 1, every_micros: null };
}

const NO_START =
  'for the schedules of repairs, time 0 is taken for midnight of a Monday, 1 January 2001 UTC: there is no start';
