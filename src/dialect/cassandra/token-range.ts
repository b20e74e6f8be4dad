/**
 * The token range of a repair: what -st and -et may hold, and whether the range lies in one local range of the node
 * (cassandra.b18, cassandra.b21: `service/ActiveRepairService#getNeighbors`, `repair/messages/RepairOption#parseRanges`). The local
 * ranges are handed in; nothing here knows a ring.
 */
import { isFullyInside, rangesIntersect, rangeText } from '../../data/tokens.ts';
import type { TokenRange } from '../../data/tokens.ts';
import type { PlacelessMistake } from '../../scenario/dialect-rules.ts';
import { isAtLeast } from './versions.ts';
import type { CassandraLine } from './versions.ts';

const TOKEN_MIN = -9223372036854775808n;
const TOKEN_MAX = 9223372036854775807n;

export interface TokenOptions {
  startToken: string | null;
  endToken: string | null;
  mistakes: PlacelessMistake[];
}

/** Checks the texts of -st and -et; at least one of them is given. */
export function readTokenOptions(start: string | null, end: string | null, line: CassandraLine): TokenOptions {
  const mistakes: PlacelessMistake[] = [];
  const startToken = readToken('-st', start, mistakes);
  const endToken = readToken('-et', end, mistakes);
  // Before 3.0 that is the whole ring, which lies in no local range.
  if (startToken !== null && startToken === endToken && isAtLeast(line, '3.0')) {
    mistakes.push({
      code: 'D207',
      message: 'the start and the end of the range are the same',
      found: startToken,
      notes: ['nodetool says  Start and end tokens must be different.'],
    });
  }
  return { startToken, endToken, mistakes };
}

function readToken(flag: string, text: string | null, mistakes: PlacelessMistake[]): string | null {
  if (text === null) {
    mistakes.push({
      code: 'D203',
      message: `${flag} is missing: a range has a start and an end`,
      expected: `${flag} TOKEN`,
      found: `only ${flag === '-st' ? '-et' : '-st'}`,
    });
    return null;
  }
  const token = /^-?\d{1,20}$/.test(text) ? BigInt(text) : null;
  if (token !== null && token >= TOKEN_MIN && token <= TOKEN_MAX) return String(token);
  mistakes.push({
    code: 'D210',
    message: `${flag} is not a token of Murmur3Partitioner`,
    expected: `an integer from ${TOKEN_MIN} to ${TOKEN_MAX}`,
    found: text,
  });
  return null;
}

/**
 * May a node with these local ranges repair `range` (left exclusive, right inclusive)? Null if it may; else the mistake in
 * the database's words: the range reaches over the end of a local range (b18), or there is none of it here (b21).
 */
export function checkTokenRange(
  range: TokenRange,
  localRanges: readonly TokenRange[],
  keyspace: string,
  node: string,
): PlacelessMistake | null {
  if (localRanges.some((local) => isFullyInside(range, local))) return null;
  const local = localRanges.find((candidate) => rangesIntersect(range, candidate));
  if (local === undefined) {
    return {
      code: 'D212',
      message: `${node} holds no part of the range`,
      found: rangeText(range),
      notes: [`nodetool says  Nothing to repair for ${rangeText(range)} in ${keyspace} - aborting`],
    };
  }
  return {
    code: 'D212',
    message: `the range is not fully inside one local range of ${node}`,
    expected: `a range inside ${rangeText(local)}, or inside another local range`,
    found: rangeText(range),
    notes: [
      `nodetool says  Requested range ${rangeText(range)} intersects a local range (${rangeText(local)}) but is not fully contained in one; this would lead to imprecise repair. keyspace: ${keyspace}`,
    ],
  };
}
