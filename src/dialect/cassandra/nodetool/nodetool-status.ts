/**
 * Reads the output of `nodetool status`: one line for each node with its state, address, host id, rack and number of
 * tokens, or the token itself where every node has one. Says nothing about how it fits to the ring
 * (`nodetool-topology.ts`). Source of the format: cassandra.j1 (`tools/nodetool/Status`): the Tokens column is replaced
 * by Token, put before Rack, where every node has a single token; "?" stands in Load and Owns.
 */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile } from '../../../scenario/dialect-rules.ts';
import { fieldsOf, linesOf, mistakeAt, placeOf } from './import-report.ts';
import type { Field, Line, Place } from './import-report.ts';
import {
  dataCentreOf,
  isNoise,
  isOneWordSize,
  isOwnership,
  isSizeNumber,
  isSizeUnit,
  tokenOf,
} from './nodetool-words.ts';

export interface StatusNode {
  address: string;
  dc: string;
  rack: string;
  /** Null where it is not known. */
  up: boolean | null;
  state: 'Normal' | 'Leaving' | 'Joining' | 'Moving';
  /** Null where the output does not say. */
  tokenCount: number | null;
  /** The token, where every node has a single one. */
  token: bigint | null;
  /** Null where it is not known. */
  hostId: string | null;
  place: Place;
}

export interface StatusOutput {
  nodes: StatusNode[];
  mistakes: Mistake[];
}

const STATES = { N: 'Normal', L: 'Leaving', J: 'Joining', M: 'Moving', '?': 'Normal' } as const;
const STATE = /^([UD?])([NLJM?])$/;
const HEADER_WORDS = new Set(['--', 'Address', 'Load', 'Tokens', 'Token', 'Owns', '(effective)', 'Host', 'ID', 'Rack']);
const LEGEND = /^\s*(?:Status=Up\/Down|\|\/ State=\S+)/;
const HOST_ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|null|\?)$/i;

/** Is this the output of `nodetool status`? Judged by its legend or, where that is damaged, by its lines. */
export function isStatus(text: string): boolean {
  return linesOf(text).some(
    (line) =>
      LEGEND.test(line.text) || /^--\s+Address\s/.test(line.text) || /^\s*[UD][NLJM]\s+\S+\s.*-.*-/.test(line.text),
  );
}

/** Reads every line; lines that cannot be read are mistakes I103. */
export function readStatus(file: ImportedFile): StatusOutput {
  const output: StatusOutput = { nodes: [], mistakes: [] };
  let dc: string | null = null;
  for (const line of linesOf(file.text)) {
    if (isNoise(line.text) || LEGEND.test(line.text)) continue;
    const named = dataCentreOf(line.text);
    if (named !== null) {
      dc = named;
      continue;
    }
    const fields = fieldsOf(line.text);
    if (!fields.every((field) => HEADER_WORDS.has(field.text))) readRow(file, line, fields, dc, output);
  }
  return output;
}

function readRow(
  file: ImportedFile,
  line: Line,
  fields: readonly Field[],
  dc: string | null,
  output: StatusOutput,
): void {
  const place = placeOf(file, line);
  const row = rowOf(line.text, fields);
  if ('expected' in row) {
    const at = { ...place, column: row.column, length: Math.max(1, row.found.length) };
    output.mistakes.push(
      mistakeAt(at, 'I103', 'a line of nodetool status that cannot be read', {
        expected: row.expected,
        found: row.found,
      }),
    );
  } else if (dc === null) {
    const expected = 'a line "Datacenter: NAME" before the first node';
    output.mistakes.push(
      mistakeAt(place, 'I103', 'a node outside any data centre', { expected, found: line.text.trim() }),
    );
  } else {
    output.nodes.push({ ...row, dc, place });
  }
}

interface RowFailure {
  column: number;
  expected: string;
  found: string;
}

type Row = Omit<StatusNode, 'dc' | 'place'>;

type ColumnName = 'state' | 'address' | 'load' | 'tokens' | 'owns' | 'hostId' | 'token' | 'rack';

interface Column {
  name: ColumnName;
  expected: string;
  optional?: boolean;
  /** How many words from `at` on are this column; 0 = they are not. `has`: is that column in this row? */
  take: (words: readonly string[], at: number, has: (name: ColumnName) => boolean) => number;
}

const SHARE = 'a share such as 33.3%, or ?';

const COLUMNS: readonly Column[] = [
  { name: 'state', expected: 'a state such as UN, UJ or DN', take: (words, at) => Number(STATE.test(words[at])) },
  { name: 'address', expected: 'an address', take: (words, at) => Number(at < words.length) },
  { name: 'load', expected: 'a load such as 4.69 GiB, or ?', take: takeLoad },
  {
    name: 'tokens',
    expected: `a number of tokens, or ${SHARE}`,
    optional: true,
    take: (words, at) => Number(/^\d{1,6}$/.test(words[at]) && at + 1 < words.length && isOwnership(words[at + 1])),
  },
  { name: 'owns', expected: SHARE, take: (words, at) => Number(at < words.length && isOwnership(words[at])) },
  { name: 'hostId', expected: 'a host id (a UUID)', take: (words, at) => Number(HOST_ID.test(words[at])) },
  {
    // A rack may be a number too: a token is only what stands before another word.
    name: 'token',
    expected: 'a token',
    optional: true,
    take: (words, at, has) => Number(!has('tokens') && at + 1 < words.length && tokenOf(words[at]) !== null),
  },
  { name: 'rack', expected: 'a rack', take: (words, at) => Number(at < words.length) },
];

function takeLoad(words: readonly string[], at: number): number {
  if (at + 1 < words.length && isSizeNumber(words[at]) && isSizeUnit(words[at + 1])) return 2;
  return Number(at < words.length && isOneWordSize(words[at]));
}

/** Reads a row from the left: every column but the rack, which is last, is one word or a size in two. */
function rowOf(text: string, fields: readonly Field[]): Row | RowFailure {
  const words = fields.map((field) => field.text);
  const at = new Map<ColumnName, number>();
  let next = 0;
  let skipped: Column | null = null;
  for (const column of COLUMNS) {
    const taken = column.take(words, next, (name) => at.has(name));
    if (taken > 0) at.set(column.name, next);
    else if (column.optional !== true) return failure(text, fields[next], (skipped ?? column).expected);
    skipped = taken === 0 && column.name === 'tokens' ? column : null;
    next += taken;
  }
  const wordAt = (name: ColumnName): string => words[at.get(name) ?? -1] ?? '';
  return partsOf(wordAt, text.slice(fields[at.get('rack') ?? 0].column - 1).trim());
}

function partsOf(wordAt: (name: ColumnName) => string, rack: string): Row {
  const [, upOrDown, state] = STATE.exec(wordAt('state')) ?? [];
  const token = tokenOf(wordAt('token'));
  const counted = wordAt('tokens');
  const hostId = wordAt('hostId');
  return {
    address: wordAt('address'),
    rack,
    up: upOrDown === '?' ? null : upOrDown === 'U',
    state: STATES[state as keyof typeof STATES],
    tokenCount: token !== null ? 1 : counted === '' ? null : Number(counted),
    token,
    hostId: hostId.includes('-') ? hostId.toLowerCase() : null,
  };
}

function failure(text: string, field: Field | undefined, expected: string): RowFailure {
  if (field === undefined) return { column: text.trimEnd().length + 1, expected, found: 'the end of the line' };
  return { column: field.column, expected, found: field.text };
}
