/**
 * Nodes that operations bring into the cluster: their places and tokens are settled here, so that a plan knows every
 * placement there can be. Tokens: as written; else slices of the largest ranges of the data centre where the cluster's are
 * even or the version allocates tokens (cassandra.g-defaults), else drawn.
 */
import { MAX_TOKEN, MIN_TOKEN, tokenMidpoint } from '../data/tokens.ts';
import { drawTokens } from './draw.ts';
import { addUnknown, distinct } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanNode } from './plan.ts';
import type { ScenarioOperation } from './schema/scenario.ts';
import { seedFor } from './seed-purposes.ts';

type Joining = Extract<ScenarioOperation, { do: 'add' | 'replace' }>;

const RING = 1n << 64n;

/** In the order of the operations; those that cannot be made out are left out, and said to be wrong. */
export function draftJoiners(drafting: Drafting): PlanNode[] {
  const joiners: PlanNode[] = [];
  if (drafting.nodes.length === 0) return joiners;
  for (const [id, operation] of Object.entries(drafting.scenario.operations ?? {})) {
    if (operation.do !== 'add' && operation.do !== 'replace') continue;
    const known = [...drafting.nodes, ...joiners];
    const joiner = draftJoiner(drafting, { id, operation, known });
    if (joiner !== null) joiners.push({ ...joiner, joins: `operations.${id}` });
  }
  return joiners;
}

function draftJoiner(
  drafting: Drafting,
  { id, operation, known }: { id: string; operation: Joining; known: readonly PlanNode[] },
): PlanNode | null {
  const isNew = operation.do === 'add';
  const name = isNew ? operation.node : operation.with;
  const path = ['operations', id, isNew ? 'node' : 'with'];
  if (known.some((node) => node.id === name || node.address === name)) {
    drafting.list.add(path, {
      code: 'S165',
      message: `there is a node ${name} already`,
      expected: 'the id of a new node',
      found: name,
      suggestion: freeName(known),
    });
    return null;
  }
  if (!isNew) return replacement(known, operation, name);
  const place = placeOf(drafting, operation, ['operations', id]);
  if (place === null) return null;
  const tokens = tokensFor(drafting, { id, name, operation, known, dc: place.dc });
  return tokens === null ? null : { id: name, ...place, tokens: tokens.map(String) };
}

/** It stands where the other one stood, unless a rack is named; it owns the other's tokens once it is there. */
function replacement(
  known: readonly PlanNode[],
  operation: Extract<Joining, { do: 'replace' }>,
  name: string,
): PlanNode | null {
  const old = known.find((node) => node.id === operation.node || node.address === operation.node);
  // Whoever drafts the operation says that nobody is called so.
  return old === undefined ? null : { id: name, dc: old.dc, rack: operation.rack ?? old.rack, tokens: [] };
}

function placeOf(
  drafting: Drafting,
  operation: Extract<Joining, { do: 'add' }>,
  path: Path,
): { dc: string; rack: string } | null {
  const { nodes, list, assumptions } = drafting;
  const dcs = distinct(nodes.map((node) => node.dc));
  if (operation.dc === undefined && dcs.length > 1) {
    list.add(path, {
      code: 'S111',
      message: 'missing key "dc": the cluster has several data centres',
      expected: dcs.join(' | '),
    });
    return null;
  }
  const dc = operation.dc ?? dcs[0];
  if (!dcs.includes(dc)) {
    addUnknown(list, [...path, 'dc'], { code: 'S133', kind: 'data centre', name: dc, names: dcs });
    return null;
  }
  if (operation.rack !== undefined) return { dc, rack: operation.rack };
  const racks = distinct(nodes.filter((node) => node.dc === dc).map((node) => node.rack));
  const sizeOf = (rack: string): number => nodes.filter((node) => node.dc === dc && node.rack === rack).length;
  const rack = racks.reduce((least, each) => (sizeOf(each) < sizeOf(least) ? each : least), racks[0]);
  if (racks.length > 1) assumptions.push(`${operation.node} joins the smallest rack of ${dc}, ${rack}`);
  return { dc, rack };
}

interface TokensOf {
  id: string;
  name: string;
  operation: Extract<Joining, { do: 'add' }>;
  known: readonly PlanNode[];
  dc: string;
}

function tokensFor(drafting: Drafting, { id, name, operation, known, dc }: TokensOf): bigint[] | null {
  const taken = new Map(known.flatMap((node) => node.tokens.map((token) => [BigInt(token), node.id] as const)));
  if (operation.tokens !== undefined) {
    const given = (Array.isArray(operation.tokens) ? operation.tokens : [operation.tokens]).map(BigInt);
    return checkTokens(drafting, given, taken, ['operations', id, 'tokens']) ? ascending(given) : null;
  }
  const count = Math.max(1, Number(drafting.settings['num_tokens'] ?? 1));
  const isEven = drafting.scenario.cluster.tokens === 'even' || known.every(({ tokens }) => tokens.length <= 1);
  if (!isEven && !drafting.rules.allocatesTokens(drafting.database))
    return drawTokens(seedFor(drafting, 'tokens'), name, count, new Set(taken.keys()));
  const ring = known.filter((node) => node.dc === dc).flatMap((node) => node.tokens.map(BigInt));
  return sliceLargest(ascending(ring), isEven ? Math.max(1, known[0].tokens.length) : count, new Set(taken.keys()));
}

/** `count` times the middle of the largest range. */
function sliceLargest(ring: readonly bigint[], count: number, taken: Set<bigint>): bigint[] {
  const all = [...ring];
  const tokens: bigint[] = [];
  while (tokens.length < count) {
    let best = 0;
    let widest = -1n;
    for (const [index, right] of all.entries()) {
      const left = all[(index + all.length - 1) % all.length];
      const width = all.length === 1 ? RING : BigInt.asUintN(64, right - left);
      if (width > widest) {
        widest = width;
        best = index;
      }
    }
    let token = tokenMidpoint(all[(best + all.length - 1) % all.length], all[best]);
    while (taken.has(token)) token = token === MAX_TOKEN ? MIN_TOKEN + 1n : token + 1n;
    taken.add(token);
    tokens.push(token);
    all.splice(best, 0, token);
    all.sort(compare);
  }
  return ascending(tokens);
}

function checkTokens(
  { list }: Drafting,
  given: readonly bigint[],
  taken: ReadonlyMap<bigint, string>,
  path: Path,
): boolean {
  const seen = new Set<bigint>();
  let sound = true;
  for (const token of given) {
    const owner = taken.get(token);
    const problem =
      token < MIN_TOKEN || token > MAX_TOKEN
        ? `${token} is not a token: it lies outside 64 bits`
        : owner !== undefined
          ? `the token ${token} is also that of ${owner}`
          : seen.has(token)
            ? `the token ${token} stands twice`
            : null;
    seen.add(token);
    if (problem === null) continue;
    sound = false;
    list.add(path, {
      code: 'S180',
      message: problem,
      expected: `each token once, from ${MIN_TOKEN} to ${MAX_TOKEN}`,
    });
  }
  return sound;
}

function freeName(known: readonly PlanNode[]): string {
  let number = known.length + 1;
  while (known.some(({ id }) => id === `n${number}`)) number += 1;
  return `n${number}`;
}

function ascending(tokens: readonly bigint[]): bigint[] {
  return [...tokens].sort(compare);
}

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
