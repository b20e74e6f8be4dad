/**
 * How a keyspace's ring is cut into segments that are repaired one by one, as Reaper does it: a segment lies in one token
 * range, cut in equal parts where there are fewer ranges than segments; where there are more, ranges with the same
 * replicas are put together until they span as much as a segment should. Every token lies in exactly one segment.
 * Placement only; who repairs a segment when: `src/repair/schedules/`.
 */
import type { RangeHolders } from './layout.ts';
import type { TokenRange } from './tokens.ts';

export interface Segment {
  /** Ranges that the same nodes hold, ascending. */
  readonly ranges: readonly TokenRange[];
  /** Those nodes, the first replica of the first range first. */
  readonly replicas: readonly number[];
}

const RING = 1n << 64n;
const TOKEN_MIN = -(1n << 63n);

/** `wanted`: about how many segments there should be of the whole ring. */
export function segmentsOf(holders: RangeHolders, wanted: number): Segment[] {
  const { ranges } = holders;
  return wanted >= ranges.length ? cutRanges(holders, wanted) : gatherRanges(holders, wanted);
}

/** Each range in equal parts: its share of the ring, of all segments, rounded up. */
function cutRanges(holders: RangeHolders, wanted: number): Segment[] {
  return holders.ranges.flatMap((range, index) => {
    const replicas = replicasOfRange(holders, index);
    return equalParts(range, partsOf(range, wanted)).map((part) => ({ ranges: [part], replicas }));
  });
}

function partsOf(range: TokenRange, wanted: number): bigint {
  const span = spanOf(range);
  const parts = (span * BigInt(wanted) + RING - 1n) / RING;
  return parts < 1n ? 1n : parts > span ? span : parts;
}

function equalParts({ left, right }: TokenRange, count: bigint): TokenRange[] {
  const span = spanOf({ left, right });
  const parts: TokenRange[] = [];
  let from = left;
  for (let part = 1n; part <= count; part += 1n) {
    const to = part === count ? right : wrapped(left + (span * part) / count);
    parts.push({ left: from, right: to });
    from = to;
  }
  return parts;
}

/** Ranges of the same replicas together, until they span the part of the ring that a segment should. */
function gatherRanges(holders: RangeHolders, wanted: number): Segment[] {
  const target = RING / BigInt(Math.max(1, wanted));
  const segments: Segment[] = [];
  const open = new Map<string, { ranges: TokenRange[]; replicas: readonly number[]; span: bigint }>();
  for (const [index, range] of holders.ranges.entries()) {
    const replicas = replicasOfRange(holders, index);
    const key = [...replicas].sort((left, right) => left - right).join(' ');
    const gathered = open.get(key) ?? { ranges: [], replicas, span: 0n };
    gathered.ranges.push(range);
    gathered.span += spanOf(range);
    if (gathered.span >= target) {
      segments.push({ ranges: gathered.ranges, replicas: gathered.replicas });
      open.delete(key);
    } else open.set(key, gathered);
  }
  for (const { ranges, replicas } of open.values()) segments.push({ ranges, replicas });
  return segments;
}

export function replicasOfRange({ replicas, copies }: RangeHolders, index: number): number[] {
  return [...replicas.subarray(index * copies, (index + 1) * copies)];
}

/** Tokens in (left, right]; all of them where the two are the same. */
function spanOf({ left, right }: TokenRange): bigint {
  const span = (right - left + RING) % RING;
  return span === 0n ? RING : span;
}

function wrapped(token: bigint): bigint {
  return ((token - TOKEN_MIN + RING) % RING) + TOKEN_MIN;
}
