/**
 * The ring: every token with the node that owns it, in ascending order. Entry i stands for the range (token i − 1,
 * token i]; the first one wraps around (cassandra.a3). Which nodes hold copies of a range: `placement.ts`.
 */
import type { TokenRange } from './tokens.ts';

/** What the ring needs to know of a node; its index in the list is its number everywhere. */
export interface RingNode {
  readonly dc: number | string;
  readonly rack: number | string;
  readonly tokens: readonly bigint[];
}

export interface Ring {
  readonly nodes: readonly RingNode[];
  /** Ascending. */
  readonly tokens: readonly bigint[];
  /** Node index of each token's owner. */
  readonly owners: Uint16Array;
  /** Range i ends at token i. */
  readonly ranges: readonly TokenRange[];
}

/** A token that more than one node claims: a real cluster refuses the second one, so there is no ring. */
export interface DuplicateToken {
  readonly token: bigint;
  /** Node indices, ascending; the same node twice where it lists the token twice. */
  readonly nodes: readonly number[];
}

export type RingResult =
  { readonly ok: true; readonly ring: Ring } | { readonly ok: false; readonly duplicates: readonly DuplicateToken[] };

interface Entry {
  readonly token: bigint;
  readonly node: number;
}

/** The sorted ring of these nodes, or all tokens that are claimed twice. */
export function buildRing(nodes: readonly RingNode[]): RingResult {
  const entries = nodes.flatMap(({ tokens }, node) => tokens.map((token): Entry => ({ token, node })));
  entries.sort(compareEntries);
  const duplicates = findDuplicates(entries);
  if (duplicates.length > 0) return { ok: false, duplicates };
  const tokens = entries.map(({ token }) => token);
  const ranges = tokens.map((right, index) => ({ left: tokens[index === 0 ? tokens.length - 1 : index - 1], right }));
  return { ok: true, ring: { nodes, tokens, owners: Uint16Array.from(entries, ({ node }) => node), ranges } };
}

/** Index of the range that holds the token. */
export function ringIndexOf(ring: Ring, token: bigint): number {
  let low = 0;
  let high = ring.tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ring.tokens[middle] < token) low = middle + 1;
    else high = middle;
  }
  return low === ring.tokens.length ? 0 : low;
}

function compareEntries(a: Entry, b: Entry): number {
  if (a.token !== b.token) return a.token < b.token ? -1 : 1;
  return a.node - b.node;
}

function findDuplicates(sorted: readonly Entry[]): DuplicateToken[] {
  const duplicates: { token: bigint; nodes: number[] }[] = [];
  for (let index = 1; index < sorted.length; index += 1) {
    const { token, node } = sorted[index];
    const previous = sorted[index - 1];
    if (token !== previous.token) continue;
    const last = duplicates.at(-1);
    if (last?.token === token) last.nodes.push(node);
    else duplicates.push({ token, nodes: [previous.node, node] });
  }
  return duplicates;
}
