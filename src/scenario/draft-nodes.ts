/** Nodes: from the scenario's numbers or names, or from the operator's own outputs. */
import type { ImportedFile, ImportedShard } from './dialect-rules.ts';
import { draftNodeSettings } from './draft-settings.ts';
import { withTokens } from './draft-tokens.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanNode, SettingValue } from './plan.ts';
import type { Scenario } from './schema/scenario.ts';

/** A node's number is 16 bits in a trace record. */
const MAX_NODES = 10_000;

export interface DraftedNodes {
  nodes: PlanNode[];
  /** Of an imported cluster that stores points. */
  shards: readonly ImportedShard[];
}

const NONE: DraftedNodes = { nodes: [], shards: [] };

export function draftNodes(drafting: Drafting, settings: Record<string, SettingValue>): DraftedNodes {
  const { cluster } = drafting.scenario;
  const { list, rules } = drafting;
  const inRing = rules.points === undefined;
  const key = inRing ? 'nodes' : 'data_nodes';
  if (cluster.from !== undefined && cluster[key] !== undefined) {
    list.add(['cluster', key], {
      code: 'S119',
      message: `cluster.from and cluster.${key} exclude each other`,
      expected: `one of from, ${key}`,
      part: 'key',
    });
    return NONE;
  }
  if (cluster.from === undefined && cluster[key] === undefined) {
    list.add(['cluster'], {
      code: 'S111',
      message: `missing key "${key}" in cluster`,
      expected: inRing
        ? 'nodes: 3, or nodes: { dc1: { r1: 3 } }, or from: a file'
        : 'data_nodes: 4, or their ids, or from: files',
    });
    return NONE;
  }
  const { nodes: bare, shards } =
    cluster.from === undefined
      ? { nodes: inRing ? namedNodes(drafting, cluster.nodes ?? 0) : dataNodes(drafting), shards: [] }
      : importedNodes(drafting, cluster.from);
  if (!hasUniqueIds(drafting, bare, key)) return NONE;
  const own = draftNodeSettings(drafting, bare);
  const nodes = bare.map((node) => (!Object.hasOwn(own, node.id) ? node : { ...node, settings: own[node.id] }));
  return { nodes: inRing ? withTokens(drafting, nodes, settings) : nodes, shards };
}

/** Of a database without a ring: all in one place. */
function dataNodes({ scenario, list }: Drafting): PlanNode[] {
  const { meta_nodes: metas = 1 } = scenario.cluster;
  if (metas < 1 || metas > MAX_NODES) {
    const expected = `1 to ${MAX_NODES} meta nodes`;
    list.add(['cluster', 'meta_nodes'], { code: 'S117', message: `${metas} meta nodes are out of range`, expected });
  }
  const given = scenario.cluster.data_nodes ?? 0;
  const ids = typeof given === 'number' ? given : given.length;
  if (ids < 1 || ids > MAX_NODES) {
    const expected = `1 to ${MAX_NODES} data nodes`;
    list.add(['cluster', 'data_nodes'], { code: 'S117', message: `${ids} data nodes are out of range`, expected });
    return [];
  }
  return Array.from({ length: ids }, (_, index) => ({
    ...{ id: typeof given === 'number' ? `n${index + 1}` : given[index], dc: 'dc1', rack: 'r1', tokens: [] },
  }));
}

function importedNodes({ rules, imports, list, assumptions }: Drafting, from: readonly string[]): DraftedNodes {
  const files = from.map((path, index) =>
    imports.file(path, from.length === 1 ? ['cluster', 'from'] : ['cluster', 'from', index], list),
  );
  const read = files.filter((file): file is ImportedFile => file !== null);
  if (read.length < files.length) return NONE;
  const topology = rules.readTopology(read);
  list.all.push(...topology.mistakes);
  assumptions.push(...topology.assumptions);
  return { nodes: topology.nodes, shards: topology.shards ?? [] };
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

function hasUniqueIds({ list }: Drafting, nodes: readonly PlanNode[], key: string): boolean {
  const seen = new Set<string>();
  for (const { id } of nodes) {
    if (seen.has(id)) {
      list.add(['cluster', key], {
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
