/** Nodes with their tokens, devices and links: from the scenario's numbers or from the operator's own outputs. */
import { draftNodeSettings } from './draft-settings.ts';
import { drawTokens } from './draw.ts';
import { addUnknown, distinct } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { ImportedFile } from './dialect-rules.ts';
import type { Path } from './places.ts';
import type { Plan, PlanDevices, PlanDistribution, PlanLatencies, PlanNode, SettingValue } from './plan.ts';
import type { Scenario } from './schema/scenario.ts';

/** A node's number is 16 bits in a trace record. */
const MAX_NODES = 10_000;
const MAX_TOKENS_PER_NODE = 4096;
const RING = 1n << 64n;
const MIN_TOKEN = -(1n << 63n);
const MAX_TOKEN = (1n << 63n) - 1n;

export function draftNodes(drafting: Drafting, settings: Record<string, SettingValue>): PlanNode[] {
  const { cluster } = drafting.scenario;
  const { list } = drafting;
  if (cluster.from !== undefined && cluster.nodes !== undefined) {
    list.add(['cluster', 'nodes'], {
      code: 'S119',
      message: 'cluster.from and cluster.nodes exclude each other',
      expected: 'one of from, nodes',
      part: 'key',
    });
    return [];
  }
  if (cluster.from === undefined && cluster.nodes === undefined) {
    list.add(['cluster'], {
      code: 'S111',
      message: 'missing key "nodes" in cluster',
      expected: 'nodes: 3, or nodes: { dc1: { r1: 3 } }, or from: a file',
    });
    return [];
  }
  const bare =
    cluster.from === undefined ? namedNodes(drafting, cluster.nodes ?? 0) : importedNodes(drafting, cluster.from);
  if (!hasUniqueIds(drafting, bare)) return [];
  const own = draftNodeSettings(
    drafting,
    bare.map(({ id }) => id),
  );
  const nodes = bare.map((node) => (own[node.id] === undefined ? node : { ...node, settings: own[node.id] }));
  return withTokens(drafting, nodes, settings);
}

function importedNodes({ rules, imports, list, assumptions }: Drafting, from: readonly string[]): PlanNode[] {
  const files = from.map((path, index) =>
    imports.file(path, from.length === 1 ? ['cluster', 'from'] : ['cluster', 'from', index], list),
  );
  const read = files.filter((file): file is ImportedFile => file !== null);
  if (read.length < files.length) return [];
  const topology = rules.readTopology(read);
  list.all.push(...topology.mistakes);
  assumptions.push(...topology.assumptions);
  return topology.nodes;
}

function namedNodes({ list }: Drafting, given: NonNullable<Scenario['cluster']['nodes']>): PlanNode[] {
  const nodes: PlanNode[] = [];
  const add = (dc: string, rack: string, members: number | readonly string[], path: Path): void => {
    const size = typeof members === 'number' ? members : members.length;
    if (size < 1 || nodes.length + size > MAX_NODES)
      list.add(path, {
        code: 'S117',
        message: `${size} nodes are out of range`,
        expected: `1 to ${MAX_NODES} nodes in all`,
      });
    else
      for (let index = 0; index < size; index++)
        nodes.push({ id: typeof members === 'number' ? `n${nodes.length + 1}` : members[index], dc, rack, tokens: [] });
  };
  if (typeof given === 'number') {
    add('dc1', 'r1', given, ['cluster', 'nodes']);
    return nodes;
  }
  for (const [dc, racks] of Object.entries(given)) {
    if (typeof racks === 'number') add(dc, 'r1', racks, ['cluster', 'nodes', dc]);
    else for (const [rack, members] of Object.entries(racks)) add(dc, rack, members, ['cluster', 'nodes', dc, rack]);
  }
  if (nodes.length === 0)
    list.add(['cluster', 'nodes'], {
      code: 'S117',
      message: 'the cluster has no nodes',
      expected: 'at least one node',
    });
  return nodes;
}

function hasUniqueIds({ list }: Drafting, nodes: readonly PlanNode[]): boolean {
  const seen = new Set<string>();
  for (const { id } of nodes) {
    if (seen.has(id)) {
      list.add(['cluster', 'nodes'], {
        code: 'S118',
        message: `two nodes are called "${id}"`,
        expected: 'each id once',
      });
      return false;
    }
    seen.add(id);
  }
  return nodes.length > 0;
}

function withTokens(
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
    const own = given.get(node.id) ?? drawTokens(drafting.seed, node.id, count, taken);
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
  for (const [node, value] of Object.entries(written)) {
    const path = ['cluster', 'tokens', node];
    const ids = nodes.map(({ id }) => id);
    if (!ids.includes(node)) addUnknown(list, path, { code: 'S130', kind: 'node', name: node, names: ids });
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
      sound &&= problem === null && ids.includes(node);
      owner.set(token, node);
    }
    given.set(
      node,
      tokens.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)),
    );
  }
  return sound ? given : null;
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

/** What stands for a machine that nothing is said about. */
const DEFAULT_DEVICES: PlanDevices = {
  disk_read_bytes_per_second: 400_000_000,
  disk_write_bytes_per_second: 300_000_000,
  fsync_micros: 2000,
  link_bytes_per_second: 125_000_000,
};

export function draftDevices({ scenario, list, assumptions }: Drafting): PlanDevices {
  const { disk, link } = scenario.cluster.devices ?? {};
  if (disk?.read === undefined || disk.write === undefined || link === undefined) {
    assumptions.push(
      'devices not given in full: disks read 400 MB/s, write 300 MB/s and sync in 2 ms, links carry 1 Gbit/s',
    );
  }
  const devices = {
    disk_read_bytes_per_second: disk?.read ?? DEFAULT_DEVICES.disk_read_bytes_per_second,
    disk_write_bytes_per_second: disk?.write ?? DEFAULT_DEVICES.disk_write_bytes_per_second,
    fsync_micros: disk?.fsync ?? DEFAULT_DEVICES.fsync_micros,
    link_bytes_per_second: link ?? DEFAULT_DEVICES.link_bytes_per_second,
  };
  const zero =
    devices.disk_read_bytes_per_second === 0 ||
    devices.disk_write_bytes_per_second === 0 ||
    devices.link_bytes_per_second === 0;
  if (zero)
    list.add(['cluster', 'devices'], {
      code: 'S117',
      message: 'a device cannot have a rate of 0',
      expected: 'rates above 0',
    });
  return devices;
}

export function draftLinks(drafting: Drafting): Plan['links'] {
  const { scenario, rules } = drafting;
  const defaults = rules.defaultLatencies();
  const given = scenario.cluster.latencies ?? {};
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  const links: Plan['links'] = {
    local: mergeLatencies(defaults.local, given.local),
    rack: mergeLatencies(defaults.rack, given.rack),
    dc: mergeLatencies(defaults.dc, given.dc),
    wan: mergeLatencies(defaults.wan, given.wan),
    between: {},
  };
  for (const [pair, { delay }] of Object.entries(scenario.cluster.between ?? {})) {
    const ends = pairOfDcs(pair, dcs);
    if (ends !== null) links.between[ends] = { write: delay, ack: delay, read: delay, response: delay };
    else
      addUnknown(drafting.list, ['cluster', 'between', pair], {
        code: 'S133',
        kind: 'pair of data centres',
        name: pair,
        names: pairs(dcs),
      });
  }
  return links;
}

type GivenLatencies = NonNullable<NonNullable<Scenario['cluster']['latencies']>['wan']>;

function mergeLatencies(defaults: PlanLatencies, given: GivenLatencies | undefined): PlanLatencies {
  if (given === undefined) return defaults;
  if (isDistribution(given)) return { write: given, ack: given, read: given, response: given };
  return {
    write: given.write ?? defaults.write,
    ack: given.ack ?? defaults.ack,
    read: given.read ?? defaults.read,
    response: given.response ?? defaults.response,
  };
}

function isDistribution(given: GivenLatencies): given is PlanDistribution {
  return 'kind' in given;
}

/** `dc2-dc1` → `dc1-dc2` (names ascending); names may hold dashes. Null where it is no pair. */
function pairOfDcs(pair: string, dcs: readonly string[]): string | null {
  return pairs(dcs).find((known) => known === pair || reversed(known, dcs) === pair) ?? null;
}

function reversed(pair: string, dcs: readonly string[]): string {
  const first = dcs.find((dc) => pair.startsWith(`${dc}-`) && dcs.includes(pair.slice(dc.length + 1)));
  return first === undefined ? pair : `${pair.slice(first.length + 1)}-${first}`;
}

function pairs(dcs: readonly string[]): string[] {
  const sorted = [...dcs].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return sorted.flatMap((left, index) => sorted.slice(index + 1).map((right) => `${left}-${right}`));
}
