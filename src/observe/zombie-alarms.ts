/** The oracle's alarms with names instead of numbers: for the result document and for the time line. */
import type { PlanNames } from './counters-reader.ts';
import type { TimelineEvent, ZombieAlarm, ZombiesSpread } from './result.ts';
import { bringerName, causeNameOf, originNameOf, type SpreadAlarm } from './spreads.ts';

export const ALARM_EVENT = 'zombieSpread';

export function zombiesSpread(
  { by, alarms }: { by: Record<string, number>; alarms: readonly SpreadAlarm[] },
  names: PlanNames,
): ZombiesSpread {
  return {
    copies: Object.values(by).reduce((sum, copies) => sum + copies, 0),
    by: { ...by },
    alarms: alarms.map((alarm) => named(alarm, names)),
  };
}

function named(alarm: SpreadAlarm, names: PlanNames): ZombieAlarm {
  return {
    at_micros: alarm.micros,
    table: names.tables[alarm.table],
    key: alarm.key,
    row: alarm.row,
    node: names.nodes[alarm.node],
    from: alarm.from.map((node) => names.nodes[node]),
    by: bringerName(alarm.via, alarm.origin, names.origins),
    wrong: alarm.isZombie ? 'zombie' : 'lost',
    cause: causeNameOf(alarm.fate),
    origin: originNameOf(alarm.fate, names.origins),
    written_micros: alarm.writtenMicros,
    promised_micros: alarm.promisedMicros,
  };
}

/** The time line with the alarms at their moments, after all else of that microsecond. */
export function withAlarms(events: readonly TimelineEvent[], { copies, alarms }: ZombiesSpread): TimelineEvent[] {
  if (alarms.length === 0) return [...events];
  const last = events.at(-1)?.at_micros ?? 0;
  const more = copies - alarms.length;
  const omitted: TimelineEvent = {
    at_micros: Math.max(last, alarms[alarms.length - 1].at_micros),
    name: 'omitted',
    node: null,
    entry: null,
    detail: `${more} more ${ALARM_EVENT}`,
  };
  const all = [...events, ...alarms.map(eventOf), ...(more > 0 ? [omitted] : [])];
  return all
    .map((event, index) => ({ event, index }))
    .sort((left, right) => left.event.at_micros - right.event.at_micros || left.index - right.index)
    .map(({ event }) => event);
}

function eventOf(alarm: ZombieAlarm): TimelineEvent {
  return {
    at_micros: alarm.at_micros,
    name: ALARM_EVENT,
    node: alarm.node,
    entry: alarm.by.includes('.') ? alarm.by : null,
    detail: alarmText(alarm),
  };
}

/** `ks.docs key 17 from n3 by repairs.late: deleted, and purged elsewhere; n3 had missed it (hint_window_passed, faults.n3-down)`. */
export function alarmText({ table, key, from, by, wrong, cause, origin }: ZombieAlarm): string {
  const source = from.length === 0 ? '' : ` from ${from.join(', ')}`;
  const what = wrong === 'zombie' ? 'deleted data' : 'data older than what was promised';
  const why = [cause, origin].filter((part) => part !== null).join(', ');
  return `${table} key ${key}: ${what}${source} by ${by}${why === '' ? '' : ` (${why})`}`;
}
