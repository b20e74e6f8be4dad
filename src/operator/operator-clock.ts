/**
 * Wall time of a run as a database writes it: of the scenario's `start:`, else of a fixed epoch (the one that cron schedules
 * assume too), so that the same plan has the same lines. UTC throughout. Time UUIDs are made of it.
 */
import { DAY, HOUR, MINUTE, SECOND, two } from '../base/human.ts';
import { dateOf, parseInstant } from '../base/virtual-clock.ts';
import { ASSUMED_EPOCH_MICROS } from '../scenario/cron.ts';

export class OperatorClock {
  readonly epochMicros: number;
  /** Did the scenario not say when it starts? */
  readonly isAssumed: boolean;

  constructor(start: string | null) {
    const given = start === null ? null : parseInstant(start);
    this.isAssumed = given === null;
    this.epochMicros = given ?? ASSUMED_EPOCH_MICROS;
  }

  /** `2026-03-02 00:30:18,123`, milliseconds rounded down. */
  stamp(micros: number): string {
    const at = this.epochMicros + micros;
    const { year, month, day } = dateOf(Math.floor(at / DAY));
    const inDay = at - Math.floor(at / DAY) * DAY;
    const time = [Math.floor(inDay / HOUR), Math.floor(inDay / MINUTE) % 60, Math.floor(inDay / SECOND) % 60];
    const millis = String(Math.floor(inDay / 1000) % 1000).padStart(3, '0');
    return `${year}-${two(month)}-${two(day)} ${time.map(two).join(':')},${millis}`;
  }

  /** Milliseconds since 1970, rounded down. */
  millis(micros: number): number {
    return Math.floor((this.epochMicros + micros) / 1000);
  }

  /** 100 ns since 1582-10-15, as a time UUID counts. */
  uuidTicks(micros: number): bigint {
    return BigInt(this.epochMicros + micros) * 10n + GREGORIAN_TICKS;
  }
}

const GREGORIAN_TICKS = 0x01b21dd213814000n;
