/**
 * Reads the output of `nodetool ring`: one line for each token with address, rack, data centre and whether the node
 * is up. Says nothing about how the lines fit together (`nodetool-topology.ts`). Source of the format: cassandra.j2
 * (`tools/nodetool/Ring`): seven columns of fixed width, a rack of twelve or more characters touches the next column,
 * an extra line after the header repeats the data centre's last token, "?" stands in Load and Owns.
 */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';
import { fieldsOf, linesOf, mistakeAt, placeOf } from './import-report.ts';
import type { Field, Line, Place } from './import-report.ts';
import {
  dataCentreOf,
  isMurmur3Token,
  isNoise,
  isOneWordSize,
  isOwnership,
  isSizeNumber,
  isSizeUnit,
  tokenOf,
} from './nodetool-words.ts';

export interface RingToken {
  address: string;
  dc: string;
  rack: string;
  /** Null where the node that was asked does not know ("?"). */
  up: boolean | null;
  state: RingState;
  token: bigint;
  place: Place;
}

export interface RingOutput {
  tokens: RingToken[];
  mistakes: Mistake[];
}

const RING_STATES = ['Normal', 'Leaving', 'Joining', 'Moving'] as const;
export type RingState = (typeof RING_STATES)[number];

const HEADER_WORDS = new Set(['Address', 'Rack', 'DC', 'Status', 'State', 'Load', 'Owns', '(effective)', 'Token']);
const ROW_SHAPE = /\b(?:Up|Down)\s+(?:Normal|Leaving|Joining|Moving)\s/;

/** Is this the output of `nodetool ring`? Judged by its header or, where that is damaged, by its lines. */
export function isRing(text: string): boolean {
  return linesOf(text).some(
    (line) => /^\s*Address\s+Rack\s+Status\s+State\s+Load\s/.test(line.text) || ROW_SHAPE.test(line.text),
  );
}

/** What is known while reading: the data centre, a row whose token was wrapped to the next line, the last token. */
interface Reading {
  file: ImportedFile;
  dc: string | null;
  afterHeader: boolean;
  wrapped: Omit<RingToken, 'token'> | null;
  lastTokens: { dc: string; token: bigint; place: Place }[];
  output: RingOutput;
}

/** Reads every line; lines that cannot be read are mistakes I102, a torn end is I105. */
export function readRing(file: ImportedFile): RingOutput {
  const reading: Reading = {
    file,
    dc: null,
    afterHeader: false,
    wrapped: null,
    lastTokens: [],
    output: { tokens: [], mistakes: [] },
  };
  for (const line of linesOf(file.text)) readLine(reading, line);
  closeWrapped(reading);
  reportTorn(reading);
  return reading.output;
}

function readLine(reading: Reading, line: Line): void {
  if (isNoise(line.text)) return;
  const dc = dataCentreOf(line.text);
  if (dc !== null) {
    closeWrapped(reading);
    reading.dc = dc;
    reading.afterHeader = false;
    return;
  }
  const fields = fieldsOf(line.text);
  if (fields.every((field) => HEADER_WORDS.has(field.text))) reading.afterHeader = true;
  else if (fields.length === 1 && tokenOf(fields[0].text) !== null) readLoneToken(reading, line, fields[0]);
  else readRow(reading, line, fields);
}

function readLoneToken(reading: Reading, line: Line, field: Field): void {
  const place = { file: reading.file.path, line: line.number, column: field.column, length: field.text.length };
  const token = tokenOf(field.text) ?? 0n;
  if (reading.wrapped !== null) {
    keepToken(reading, { ...reading.wrapped, token }, place);
    reading.wrapped = null;
  } else if (reading.afterHeader) {
    if (reading.dc !== null) reading.lastTokens.push({ dc: reading.dc, token, place });
    reading.afterHeader = false;
  } else {
    reading.output.mistakes.push(
      mistakeAt(place, 'I102', 'a number alone on its line', {
        expected: 'address, rack, status, state, load, owns and token on one line',
        found: field.text,
        suggestion: 'make the terminal wider than the output, or write it to a file: nodetool ring > ring.txt',
      }),
    );
  }
}

function readRow(reading: Reading, line: Line, fields: Field[]): void {
  closeWrapped(reading);
  reading.afterHeader = false;
  const result = rowOf(line.text, fields);
  if ('expected' in result) {
    const place = {
      file: reading.file.path,
      line: line.number,
      column: result.column,
      length: Math.max(1, result.found.length),
    };
    reading.output.mistakes.push(
      mistakeAt(place, 'I102', 'a line of nodetool ring that cannot be read', {
        expected: result.expected,
        found: result.found,
      }),
    );
    return;
  }
  const place = placeOf(reading.file, line);
  if (reading.dc === null) {
    const expected = 'a line "Datacenter: NAME" before the first node';
    reading.output.mistakes.push(
      mistakeAt(place, 'I102', 'a node outside any data centre', { expected, found: line.text.trim() }),
    );
    return;
  }
  const { token, tokenColumn, ...row } = result;
  const entry = { ...row, dc: reading.dc, place };
  if (token === null) reading.wrapped = entry;
  else keepToken(reading, { ...entry, token }, { ...place, column: tokenColumn, length: String(token).length });
}

function keepToken(reading: Reading, entry: RingToken, tokenPlace: Place): void {
  if (isMurmur3Token(entry.token)) {
    reading.output.tokens.push(entry);
    return;
  }
  reading.output.mistakes.push(
    mistakeAt(tokenPlace, 'I110', 'a token outside the range of Murmur3Partitioner', {
      expected: 'an integer from -9223372036854775808 to 9223372036854775807',
      found: String(entry.token),
      suggestion: 'rings of RandomPartitioner and of ordered partitioners are not in this version',
    }),
  );
}

/** A row that ended before its token, and no token followed. */
function closeWrapped(reading: Reading): void {
  if (reading.wrapped === null) return;
  const { address, place } = reading.wrapped;
  const end = { ...place, column: place.column + place.length, length: 1 };
  reading.output.mistakes.push(
    mistakeAt(end, 'I102', `the line of ${address} ends before its token`, {
      expected: 'a token',
      found: 'the end of the line',
    }),
  );
  reading.wrapped = null;
}

/** cassandra.j2: the line after the header repeats the data centre's last token; without it the file was cut. */
function reportTorn(reading: Reading): void {
  for (const { dc, token, place } of reading.lastTokens) {
    const present = reading.output.tokens.some((entry) => entry.dc === dc && entry.token === token);
    if (present || reading.output.mistakes.some((mistake) => mistake.code !== 'I105')) continue;
    reading.output.mistakes.push(
      mistakeAt(place, 'I105', `the ring of ${dc} is cut: its last token is on no line`, {
        expected: `a line with the token ${token}`,
        found: `${reading.output.tokens.filter((entry) => entry.dc === dc).length} lines, none with it`,
      }),
    );
  }
}

type RowParts = Pick<RingToken, 'address' | 'rack' | 'up' | 'state'> & { token: bigint | null; tokenColumn: number };
interface RowFailure {
  column: number;
  expected: string;
  found: string;
}

/** Reads a row from its right end, because only the rack, on the left, may hold spaces or touch its neighbour. */
function rowOf(text: string, fields: readonly Field[]): RowParts | RowFailure {
  let last = fields.length - 1;
  const token = tokenOf(fields[last].text);
  const tokenColumn = fields[last].column;
  if (token !== null) last -= 1;
  else if (!isOwnership(fields[last].text)) return failure(fields, last, 'a token (an integer)');
  if (last < 0 || !isOwnership(fields[last].text)) return failure(fields, last, 'a share such as 12.34%, or ?');
  last -= 1;
  if (last >= 1 && isSizeUnit(fields[last].text) && isSizeNumber(fields[last - 1].text)) last -= 2;
  else if (last >= 0 && isOneWordSize(fields[last].text)) last -= 1;
  else return failure(fields, last, 'a load such as 145.84 KiB, or ?');
  if (last < 0 || !isRingState(fields[last].text)) return failure(fields, last, 'Normal, Leaving, Joining or Moving');
  const state = fields[last].text as RingState;
  last -= 1;
  return headOf(text, fields, last, { state, token, tokenColumn });
}

function headOf(
  text: string,
  fields: readonly Field[],
  last: number,
  tail: Pick<RowParts, 'state' | 'token' | 'tokenColumn'>,
): RowParts | RowFailure {
  const match = last < 1 ? null : /^(.*?)(Up|Down|\?)$/.exec(fields[last].text);
  if (match === null) return failure(fields, last, last < 1 ? 'an address, a rack, and Up or Down' : 'Up or Down');
  const from = fields[0].column - 1 + fields[0].text.length;
  const to = fields[last].column - 1 + (match[1] ?? '').length;
  const rack = text.slice(from, to).trim();
  if (rack === '') return failure(fields, last, 'a rack between the address and Up or Down');
  return { address: fields[0].text, rack, up: match[2] === '?' ? null : match[2] === 'Up', ...tail };
}

function failure(fields: readonly Field[], index: number, expected: string): RowFailure {
  if (index < 0)
    return { column: fields[0].column, expected: `${expected}, and more before it`, found: fields[0].text };
  return { column: fields[index].column, expected, found: fields[index].text };
}

function isRingState(word: string): word is RingState {
  return (RING_STATES as readonly string[]).includes(word);
}
