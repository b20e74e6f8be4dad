/** Instants as the database prints and reads them: RFC 3339 in UTC. */

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/** µs since 1970; nanoseconds are cut, the clock of a run has none. Null where it is no instant. */
export function instantMicros(text: string): number | null {
  const [, year, month, day, hour, minute, second, fraction = ''] = INSTANT.exec(text) ?? [];
  const [m, d] = [Number(month), Number(day)];
  if (year === undefined || m < 1 || m > 12 || d < 1 || d > 31) return null;
  const seconds =
    daysSince1970(Number(year), m, d) * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return seconds * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** Years begin in March, so that a leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const since = month > 2 ? year : year - 1;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return since * 365 + Math.floor(since / 4) - Math.floor(since / 100) + Math.floor(since / 400) + ofYear - 719_468;
}
