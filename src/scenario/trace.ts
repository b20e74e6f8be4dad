/**
 * Reads a CSV trace of writes, `time,op,key,bytes`: what is wrong is reported with the file's own line and column.
 * Times are durations (`1.5s`), ISO instants or, under `time_micros`, whole microseconds; they must not descend.
 */
import { formatSpan } from '../base/human.ts';
import type { Mistake } from '../base/mistake.ts';
import type { ImportedFile } from './dialect-rules.ts';
import { nearestName } from './nearest.ts';
import { parseInstant } from './time-text.ts';
import { isUnitProblem, parseDuration, parseSize } from './units.ts';
import type { UnitProblem } from './units.ts';

export type TraceOperation = 'insert' | 'update' | 'delete';

export interface TraceRows {
  times: number[];
  operations: TraceOperation[];
  keys: string[];
  /** -1: the table's row size. */
  bytes: number[];
}

export interface TraceReading {
  rows: TraceRows;
  mistakes: Mistake[];
}

const OPERATIONS: readonly TraceOperation[] = ['insert', 'update', 'delete'];
const COLUMNS = ['time', 'time_micros', 'op', 'key', 'bytes'];
const MAX_MISTAKES = 20;

/** `path` names the workload's trace in mistakes; `epochMicros` is the instant of time 0, if the scenario says it. */
export function readTrace(file: ImportedFile, path: string, epochMicros: number | null): TraceReading {
  const reader = new TraceReader(file, path, epochMicros);
  reader.read();
  return { rows: reader.rows, mistakes: reader.mistakes };
}

class TraceReader {
  readonly rows: TraceRows = { times: [], operations: [], keys: [], bytes: [] };
  readonly mistakes: Mistake[] = [];
  readonly #file: ImportedFile;
  readonly #path: string;
  readonly #epochMicros: number | null;
  #columns: string[] = [];
  #hidden = 0;

  constructor(file: ImportedFile, path: string, epochMicros: number | null) {
    this.#file = file;
    this.#path = path;
    this.#epochMicros = epochMicros;
  }

  read(): void {
    const lines = this.#file.text.replace(/^\ufeff/, '').split(/\r\n|\n/);
    this.#columns = splitFields(lines[0]).map(({ text }) => text.trim());
    if (!this.#checkHeader(lines[0])) return;
    for (let index = 1; index < lines.length; index++) {
      if (lines[index].trim() !== '') this.#row(lines[index], index + 1);
    }
    if (this.#hidden > 0)
      this.#add(
        { line: lines.length, column: 1, length: 1 },
        { code: 'S152', message: `${this.#hidden} more lines of the trace are wrong`, expected: '' },
        true,
      );
  }

  #checkHeader(line: string): boolean {
    const unknown = this.#columns.filter((name) => !COLUMNS.includes(name));
    const twice = this.#columns.find((name, index) => this.#columns.indexOf(name) < index);
    const hasTime = this.#columns.includes('time') !== this.#columns.includes('time_micros');
    const complete = hasTime && this.#columns.includes('op') && this.#columns.includes('key');
    if (unknown.length === 0 && complete && twice === undefined) return true;
    const better = unknown.length > 0 && !/[;\t]/.test(unknown[0]) ? nearestName(unknown[0], COLUMNS) : null;
    const problem: UnitProblem = {
      code: 'S152',
      message: headerProblem(unknown, twice),
      expected: 'time,op,key,bytes (bytes may be left out; time_micros instead of time)',
    };
    this.#add(
      { line: 1, column: 1, length: Math.max(1, line.length) },
      better === null ? problem : { ...problem, suggestion: better },
    );
    return false;
  }

  #row(line: string, number: number): void {
    const fields = splitFields(line);
    if (fields.length !== this.#columns.length) {
      this.#add(
        { line: number, column: 1, length: line.length },
        {
          code: 'S152',
          message: `${fields.length} fields instead of ${this.#columns.length}`,
          expected: this.#columns.join(','),
        },
      );
      return;
    }
    const values = fields.map(({ text }, index) => this.#field(this.#columns[index], text));
    const wrong = values.findIndex(isUnitProblem);
    if (wrong >= 0) {
      this.#add(
        { line: number, column: fields[wrong].column, length: Math.max(1, fields[wrong].text.length) },
        values[wrong] as UnitProblem,
        false,
        fields[wrong].text,
      );
      return;
    }
    const time = this.#columns.findIndex((name) => name.startsWith('time'));
    this.#push(values as (string | number)[], number, { column: fields[time].column, found: fields[time].text });
  }

  #push(
    values: readonly (string | number)[],
    line: number,
    { column, found }: { column: number; found: string },
  ): void {
    const value = (name: string): string | number | undefined => values[this.#columns.indexOf(name)];
    const time = Number(value('time') ?? value('time_micros'));
    const { times, operations, keys, bytes } = this.rows;
    if (times.length > 0 && time < times[times.length - 1]) {
      this.#add(
        { line, column, length: Math.max(1, found.length) },
        {
          code: 'S153',
          message: 'the times of a trace must not descend',
          expected: `a time not before ${formatSpan(times[times.length - 1])}, that of the line before`,
        },
        false,
        found,
      );
      return;
    }
    times.push(time);
    operations.push(value('op') as TraceOperation);
    keys.push(String(value('key')));
    bytes.push(Number(value('bytes') ?? -1));
  }

  #field(column: string, text: string): string | number | UnitProblem {
    const trimmed = text.trim();
    switch (column) {
      case 'time':
        return this.#time(trimmed);
      case 'time_micros':
        return /^\d{1,15}$/.test(trimmed)
          ? Number(trimmed)
          : { code: 'S152', message: 'not a whole number of microseconds', expected: 'such as 1500000' };
      case 'op':
        return OPERATIONS.includes(trimmed as TraceOperation)
          ? trimmed
          : { code: 'S152', message: `"${trimmed}" is not an operation`, expected: OPERATIONS.join(' | ') };
      case 'bytes':
        return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : parseSize(trimmed);
      default:
        return text === '' ? { code: 'S152', message: 'the key is empty', expected: 'a key' } : text;
    }
  }

  #time(text: string): number | UnitProblem {
    if (!/^\d{4}-\d\d-/.test(text)) return parseDuration(text);
    const instant = parseInstant(text);
    if (isUnitProblem(instant)) return instant;
    if (this.#epochMicros === null)
      return {
        code: 'S129',
        message: 'an instant needs the start of the run',
        expected: 'start: an ISO instant, at the top of the scenario',
      };
    const micros = instant - this.#epochMicros;
    return micros >= 0
      ? micros
      : { code: 'S140', message: 'before the start of the run', expected: 'a time not before 0' };
  }

  #add(
    at: { line: number; column: number; length: number },
    problem: UnitProblem,
    always = false,
    found?: string,
  ): void {
    if (this.mistakes.length >= MAX_MISTAKES && !always) {
      this.#hidden++;
      return;
    }
    this.mistakes.push({
      severity: 'mistake',
      file: this.#file.path,
      ...at,
      path: this.#path,
      ...problem,
      ...(found === undefined ? {} : { found }),
    });
  }
}

function headerProblem(unknown: readonly string[], twice: string | undefined): string {
  const general = 'the first line of a trace names its columns';
  if (unknown.some((name) => /[;\t]/.test(name))) return `${general}, with commas between them`;
  const [name] = unknown;
  if (name !== undefined && name !== '') return `${general}; "${name}" is none`;
  return twice === undefined ? general : `${general}; "${twice}" stands twice`;
}

/** Comma-separated; a field in double quotes may hold commas, and quotes doubled. */
function splitFields(line: string): { text: string; column: number }[] {
  const fields: { text: string; column: number }[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/gy;
  for (const match of line.matchAll(pattern)) {
    const column = match.index + (match[0].startsWith(',') ? 2 : 1);
    fields.push({ text: match[1]?.replaceAll('""', '"') ?? match[2] ?? '', column });
  }
  return fields;
}
