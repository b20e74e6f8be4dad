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

/** Reads a row from the left: every field but the rack, which is last, is one word or a size in two. */
function rowOf(text: string, fields: readonly Field[]): Row | RowFailure {
  let next = 0;
  const fail = (expected: string): RowFailure => {
    const field = fields[next];
    return field === undefined
      ? { column: text.trimEnd().length + 1, expected, found: 'the end of the line' }
      : { column: field.column, expected, found: field.text };
  };
  const word = (): string => fields[next]?.text ?? '';
  const state = /^([UD?])([NLJM?])$/.exec(word());
  if (state === null) return fail('a state such as UN, UJ or DN');
  next += 1;
  if (fields[next] === undefined) return fail('an address');
  const address = word();
  next += 1;
  if (isSizeNumber(word()) && isSizeUnit(fields[next + 1]?.text ?? '')) next += 2;
  else if (isOneWordSize(word())) next += 1;
  else return fail('a load such as 4.69 GiB, or ?');
  const counted = /^\d{1,6}$/.test(word()) && isOwnership(fields[next + 1]?.text ?? '');
  const tokenCount = counted ? Number(word()) : null;
  if (counted) next += 1;
  if (!isOwnership(word()))
    return fail(counted ? 'a share such as 33.3%, or ?' : 'a number of tokens, or a share such as 33.3%, or ?');
  next += 1;
  if (!HOST_ID.test(word())) return fail('a host id (a UUID)');
  const hostId = word().includes('-') ? word().toLowerCase() : null;
  next += 1;
  // A rack may be a number too: a token is only what stands before another field.
  const token = counted || fields[next + 1] === undefined ? null : tokenOf(word());
  if (token !== null) next += 1;
  if (fields[next] === undefined) return fail('a rack');
  const rack = text.slice(fields[next].column - 1).trim();
  const up = state[1] === '?' ? null : state[1] === 'U';
  return {
    address,
    rack,
    up,
    state: STATES[state[2] as keyof typeof STATES],
    tokenCount: token === null ? tokenCount : 1,
    token,
    hostId,
  };
}
