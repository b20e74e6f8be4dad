/** Tokens of the nodes: given, spread evenly, or drawn from the seed node by node. */
import { drawTokens } from './draw.ts';
import { addUnknownNode, distinct, nodeNamed } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { PlanNode, SettingValue } from './plan.ts';
import { seedFor } from './seed-purposes.ts';

const MAX_TOKENS_PER_NODE = 4096;

const RING = 1n << 64n;

const MIN_TOKEN = -(1n << 63n);

const MAX_TOKEN = (1n << 63n) - 1n;

export function withTokens(
  drafting: Drafting,
  nodes: readonly PlanNode[],
  settings: Record<string, SettingValue>,
): PlanNode[] {
  const tokensPerNode = (node: PlanNode): number =>
    Number(node.settings?.['num_tokens'] ?? settings['num_tokens'] ?? 1);
  const { tokens } = drafting.scenario.cluster;
  const given = givenTokens(drafting, nodes, typeof tokens === 'object' ? tokens : {});
  if (given === null) return [];
  const even = tokens === 'even' || (tokens === undefined && nodes.every((node) => tokensPerNode(node) === 1));
  const open = nodes.filter(({ id }) => !given.has(id));
  if (even && open.length === nodes.length) return evenTokens(nodes, tokensPerNode);
  const taken = new Set([...given.values()].flat());
  return nodes.map((node) => {
    const count = Math.min(MAX_TOKENS_PER_NODE, Math.max(1, tokensPerNode(node)));
    const own = given.get(node.id) ?? drawTokens(seedFor(drafting, 'tokens'), node.id, count, taken);
    return { ...node, tokens: own.map(String) };
  });
}

/** Tokens written in the scenario, else those that the operator's output gave. Null after a mistake. */
function givenTokens(
  { list }: Drafting,
  nodes: readonly PlanNode[],
  written: Record<string, string | number | (string | number)[]>,
): Map<string, bigint[]> | null {
  const given = new Map(
    nodes.filter(({ tokens }) => tokens.length > 0).map(({ id, tokens }) => [id, tokens.map(BigInt)]),
  );
  const owner = new Map<bigint, string>();
  let sound = true;
  for (const [name, value] of Object.entries(written)) {
    const path = ['cluster', 'tokens', name];
    const node = nodeNamed(nodes, name);
    if (node === null) addUnknownNode(list, nodes, { name, path });
    const tokens = (Array.isArray(value) ? value : [value]).map(BigInt);
    for (const token of tokens) {
      const problem =
        token < MIN_TOKEN || token > MAX_TOKEN
          ? `${token} is not a token: it lies outside 64 bits`
          : owner.has(token)
            ? `the token ${token} is also that of ${owner.get(token)}`
            : null;
      if (problem !== null)
        list.add(path, {
          code: 'S180',
          message: problem,
          expected: `each token once, from ${MIN_TOKEN} to ${MAX_TOKEN}`,
        });
      sound &&= problem === null && node !== null;
      owner.set(token, name);
    }
    if (node !== null) given.set(node, ascending(tokens));
  }
  return sound ? given : null;
}

function ascending(tokens: readonly bigint[]): bigint[] {
  return [...tokens].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}

/** Each data centre has a ring of equal slices, its nodes taken rack by rack in turn; rings are 100 apart. */
function evenTokens(nodes: readonly PlanNode[], tokensPerNode: (node: PlanNode) => number): PlanNode[] {
  const owned = new Map<string, bigint[]>(nodes.map(({ id }) => [id, []]));
  for (const [offset, dc] of distinct(nodes.map((node) => node.dc)).entries()) {
    const order = rackByRack(nodes.filter((node) => node.dc === dc));
    const rounds = Math.max(...order.map(tokensPerNode));
    const owners: string[] = [];
    for (let round = 0; round < rounds; round++)
      owners.push(...order.filter((node) => tokensPerNode(node) > round).map(({ id }) => id));
    for (const [index, id] of owners.entries()) {
      const middle = ((2n * BigInt(index) + 1n) * RING) / (2n * BigInt(owners.length));
      owned.get(id)?.push(BigInt.asIntN(64, middle + MIN_TOKEN + BigInt(100 * offset)));
    }
  }
  return nodes.map((node) => ({ ...node, tokens: (owned.get(node.id) ?? []).map(String) }));
}

function rackByRack(nodes: readonly PlanNode[]): PlanNode[] {
  const racks = distinct(nodes.map(({ rack }) => rack)).map((rack) => nodes.filter((node) => node.rack === rack));
  const longest = Math.max(...racks.map(({ length }) => length));
  const order: PlanNode[] = [];
  for (let round = 0; round < longest; round++) order.push(...racks.flatMap((rack) => rack.slice(round, round + 1)));
  return order;
}
