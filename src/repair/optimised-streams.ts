/**
 * Optimised streams (cassandra.b11): from the differences of all pairs, which node fetches which range from which other one, so
 * that of nodes that hold the same only one sends it. A receiver's ranges are cut where they overlap; for each piece the
 * nodes that differ from it are put into sets of equal ones, and of each set one is asked: of the same data centre if
 * there is one, and of those the first behind the receiver in the order of addresses, around.
 */
import { compareTokens, isFullyInside, rangeContains, rangesIntersect } from '../data/tokens.ts';
import type { TokenRange } from '../data/tokens.ts';

/** Two replicas (indices in the session) and the ranges in which they differ. */
export interface PairDifference {
  readonly first: number;
  readonly second: number;
  readonly ranges: readonly TokenRange[];
}

/** One-way: the receiver fetches the ranges from the source. Indices in the session. */
export interface Fetch {
  readonly receiver: number;
  readonly source: number;
  readonly ranges: TokenRange[];
}

export interface FetchOptions {
  readonly differences: readonly PairDifference[];
  /** Node and data centre of each replica of the session; the number of a node is its place in the order of addresses. */
  readonly replicas: readonly number[];
  readonly dcOfReplica: readonly number[];
}

/** In the order of receivers, then of sources. */
export function planFetches(options: FetchOptions): Fetch[] {
  const fetches: Fetch[] = [];
  options.replicas.forEach((_node, receiver) => {
    const own = fetchesOf(options, receiver);
    fetches.push(...own.sort((one, other) => one.source - other.source));
  });
  return fetches;
}

function fetchesOf(options: FetchOptions, receiver: number): Fetch[] {
  const incoming = options.differences.filter(({ first, second }) => first === receiver || second === receiver);
  const fetches: Fetch[] = [];
  for (const piece of denormalize(incoming.flatMap(({ ranges }) => [...ranges]))) {
    const peers = incoming
      .filter(({ ranges }) => ranges.some((range) => isFullyInside(piece, range)))
      .map(({ first, second }) => (first === receiver ? second : first));
    for (const equals of setsOfEquals(options, piece, peers)) {
      const source = pickSource(options, receiver, equals);
      const same = fetches.find((fetch) => fetch.source === source);
      if (same === undefined) fetches.push({ receiver, source, ranges: [piece] });
      else same.ranges.push(piece);
    }
  }
  return fetches;
}

/** The ranges cut at each other's ends, each piece once, in the order of the ranges. */
function denormalize(ranges: readonly TokenRange[]): TokenRange[] {
  const ends = ranges.flatMap(({ left, right }) => [left, right]);
  const pieces: TokenRange[] = [];
  for (const range of ranges) {
    const cuts = [...new Set(ends)].filter((end) => end !== range.right && rangeContains(range, end));
    const inRing = cuts.sort((one, other) => compareTokens(behind(range, one), behind(range, other)));
    let left = range.left;
    for (const right of [...inRing, range.right]) {
      if (!pieces.some((piece) => piece.left === left && piece.right === right)) pieces.push({ left, right });
      left = right;
    }
  }
  return pieces;
}

/** Distance of a token from the start of the range, in the direction of the ring. */
function behind({ left }: TokenRange, token: bigint): bigint {
  return token > left ? token - left : token - left + (1n << 64n);
}

function setsOfEquals({ differences }: FetchOptions, piece: TokenRange, peers: readonly number[]): number[][] {
  const differ = (one: number, other: number): boolean =>
    differences.some(
      ({ first, second, ranges }) =>
        ((first === one && second === other) || (first === other && second === one)) &&
        ranges.some((range) => rangesIntersect(range, piece)),
    );
  const sets: number[][] = [];
  for (const peer of peers) {
    const equal = sets.find(([representative]) => !differ(representative, peer));
    if (equal === undefined) sets.push([peer]);
    else equal.push(peer);
  }
  return sets;
}

function pickSource({ replicas, dcOfReplica }: FetchOptions, receiver: number, equals: readonly number[]): number {
  const near = equals.filter((peer) => dcOfReplica[peer] === dcOfReplica[receiver]);
  const sorted = [...(near.length > 0 ? near : equals)].sort((one, other) => replicas[one] - replicas[other]);
  return sorted.find((peer) => replicas[peer] > replicas[receiver]) ?? sorted[0];
}
