/**
 * system.log of one node in the default layout, `LEVEL [thread] date file:line - message` (`conf/logback.xml`; log4j before 2.1
 * has one blank less). Threads and line numbers are not the model's and read "?". A process that has stopped has written nothing more.
 */
import type { LogLine } from './journal-types.ts';
import type { Moment } from './moment.ts';

export function logLines({ journal, clock }: Moment, of: { node: number; sinceMicros: number }): string[] {
  return journal.lines
    .filter(({ node, micros }) => node === of.node && micros >= of.sinceMicros)
    .map((line) => logText(line, clock.stamp(line.micros)));
}

function logText({ level, file, text }: LogLine, stamp: string): string {
  return `${level.padEnd(5)} [?] ${stamp} ${file}:? - ${text}`;
}
