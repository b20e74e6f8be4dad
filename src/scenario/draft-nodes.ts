/** Nodes: from the scenario's numbers or names, or from the operator's own outputs. */
import type { ImportedFile } from './dialect-rules.ts';
import { draftNodeSettings } from './draft-settings.ts';
import { withTokens } from './draft-tokens.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanNode, SettingValue } from './plan.ts';
import type { Scenario } from './schema/scenario.ts';

/** A node's number is 16 bits in a trace record. */
const MAX_NODES = 10_000;

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
  const own = draftNodeSettings(drafting, bare);
  const nodes = bare.map((node) => (!Object.hasOwn(own, node.id) ? node : { ...node, settings: own[node.id] }));
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
