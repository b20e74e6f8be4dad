/** What the parts of the planner share while a scenario becomes a plan, and the small helpers that all of them use. */
import type { DialectRules, ImportedFile } from './dialect-rules.ts';
import { pickNames } from './draw.ts';
import { nearestName } from './nearest.ts';
import type { MistakeList, Path } from './places.ts';
import type { Plan, PlanNode, PlanTable, SettingValue } from './plan.ts';
import type { Selector } from './schema/leaves.ts';
import type { Scenario } from './schema/scenario.ts';
import { purposeOf, seedFor } from './seed-purposes.ts';
import type { Times } from './times.ts';

/** Reads files that the scenario names and keeps their texts: a plan embeds them. */
export class Imports {
  readonly texts: Record<string, string> = {};
  readonly #read: (path: string) => { text: string } | { error: string };

  constructor(read: (path: string) => { text: string } | { error: string }) {
    this.#read = read;
  }

  /** Null where it cannot be read; that is reported at `at`. */
  file(path: string, at: Path, list: MistakeList): ImportedFile | null {
    if (Object.hasOwn(this.texts, path)) return { path, text: this.texts[path] };
    const result = this.#read(path);
    if ('error' in result) {
      list.add(at, {
        code: 'S154',
        message: `${path} cannot be read: ${result.error}`,
        expected: 'a file, its path relative to the scenario',
        found: path,
      });
      return null;
    }
    this.texts[path] = result.text;
    return { path, text: result.text };
  }
}

/** What is listed in a mistake and what else is meant by it. */
interface Unknown {
  code: string;
  kind: string;
  name: string;
  names: readonly string[];
  /** Further names that are valid and not worth a list, such as addresses beside ids. */
  also?: readonly string[];
}

export interface Drafting {
  scenario: Scenario;
  seed: string;
  seeds?: Plan['seeds'];
  rules: DialectRules;
  /** Resolved, such as `cassandra@4.1.7`. */
  database: string;
  list: MistakeList;
  times: Times;
  imports: Imports;
  /** The cluster's settings, resolved. */
  settings: Record<string, SettingValue>;
  nodes: PlanNode[];
  /** Nodes that operations bring into the cluster later; names find them, `all` and places do not. */
  joiners: PlanNode[];
  tables: PlanTable[];
  /** Tables as written, also those that were refused. */
  tableCount: number;
  assumptions: string[];
  notModelled: string[];
}

/** Reports that `name` is none of `names`. */
export function addUnknown(list: MistakeList, path: Path, { code, kind, name, names, also = [] }: Unknown): void {
  if (list.silenced.has(name)) return;
  const better = nearestName(name, [...names, ...also]);
  const some = names.length > 12 ? `${names.slice(0, 12).join(', ')}, … (${names.length})` : names.join(', ');
  const finding = {
    code,
    message: `unknown ${kind} "${name}"`,
    expected: names.length === 0 ? `there is no ${kind}` : `one of ${some}`,
    found: name,
  };
  list.add(path, better === null ? finding : { ...finding, suggestion: better });
}

/** The nodes that a selector names, in the cluster's order. Unknown names are reported; none at all is, too. */
export function selectNodes(drafting: Drafting, selector: Selector, path: Path): string[] {
  const { nodes, list } = drafting;
  // Without a cluster everything would be unknown; what is wrong with it has been said.
  if (nodes.length === 0) return [];
  const ids = nodes.map(({ id }) => id);
  switch (selector.kind) {
    case 'all':
      return ids;
    case 'names':
      return selectNamed(drafting, selector.names, path);
    case 'place':
      return selectPlace(drafting, selector, path);
    case 'pick': {
      const of = selectNodes(drafting, selector.of, [...path, 'of']);
      if (of.length > 0 && (selector.count < 1 || selector.count > of.length)) {
        list.add([...path, 'pick'], {
          code: 'S117',
          message: `cannot pick ${selector.count} of ${of.length} nodes`,
          expected: `1 to ${of.length}`,
        });
        return [];
      }
      return pickNames(seedFor(drafting, purposeOf(String(path[0]))), path.join('.'), of, selector.count);
    }
  }
}

function selectNamed({ nodes: initial, joiners, list }: Drafting, names: readonly string[], path: Path): string[] {
  const nodes = [...initial, ...joiners];
  const ids = nodes.map(({ id }) => id);
  const named = new Set<string>();
  for (const [index, name] of names.entries()) {
    const id = nodeNamed(nodes, name);
    if (id !== null) named.add(id);
    else addUnknownNode(list, nodes, { name, path: names.length === 1 ? path : [...path, index] });
  }
  return ids.filter((id) => named.has(id));
}

/**
 * The id of the node that a person names by its id or by its address, with or without the port; null where there is none
 * or where the address without its port is that of several.
 */
export function nodeNamed(nodes: readonly PlanNode[], name: string): string | null {
  const exact = nodes.find(({ id, address }) => id === name || address === name);
  if (exact !== undefined) return exact.id;
  const [first, ...others] = nodes.filter(({ address }) => address !== undefined && withoutPort(address) === name);
  return first === undefined || others.length > 0 ? null : first.id;
}

/** `10.0.0.1:7000` and `[2001:db8::1]:7000` without what follows the address. */
function withoutPort(address: string): string {
  const [, name = address] = /^([^:[\]]+):\d+$/.exec(address) ?? /^\[([^\]]+)\](?::\d+)?$/.exec(address) ?? [];
  return name;
}

/** Reports that no node is called `name`, neither by its id nor by its address. */
export function addUnknownNode(
  list: MistakeList,
  nodes: readonly PlanNode[],
  { name, path }: { name: string; path: Path },
): void {
  const addresses = nodes.flatMap(({ address }) => address ?? []);
  addUnknown(list, path, { code: 'S130', kind: 'node', name, names: nodes.map(({ id }) => id), also: addresses });
}

function selectPlace(
  { nodes, list }: Drafting,
  { dc, rack }: { dc: string | null; rack: string | null },
  path: Path,
): string[] {
  const dcs = distinct(nodes.map((node) => node.dc));
  if (dc !== null && !dcs.includes(dc)) {
    addUnknown(list, [...path, 'dc'], { code: 'S133', kind: 'data centre', name: dc, names: dcs });
    return [];
  }
  const ofDc = nodes.filter((node) => dc === null || node.dc === dc);
  const racks = distinct(ofDc.map((node) => node.rack));
  if (rack !== null && !racks.includes(rack)) {
    addUnknown(list, [...path, 'rack'], { code: 'S133', kind: 'rack', name: rack, names: racks });
    return [];
  }
  return ofDc.filter((node) => rack === null || node.rack === rack).map(({ id }) => id);
}

/** A side of a partition: a data centre's name means its nodes. */
export function selectSide(drafting: Drafting, selector: Selector, path: Path): string[] {
  if (drafting.nodes.length === 0) return [];
  const isDc =
    selector.kind === 'names' && selector.names.length === 1 && nodeNamed(drafting.nodes, selector.names[0]) === null;
  if (!isDc) return selectNodes(drafting, selector, path);
  const [name] = selector.names;
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  if (dcs.includes(name)) return selectPlace(drafting, { dc: name, rack: null }, path);
  addUnknown(drafting.list, path, {
    code: 'S130',
    kind: 'node or data centre',
    name,
    names: [...dcs, ...drafting.nodes.map(({ id }) => id)],
    also: drafting.nodes.flatMap(({ address }) => address ?? []),
  });
  return [];
}

/** The nodes under `node` or `nodes`; exactly one of them must stand. Null: neither stands and neither need to. */
export function selectTargets(
  drafting: Drafting,
  target: { node?: Selector | undefined; nodes?: Selector | undefined },
  path: Path,
): string[] | null {
  const { node, nodes } = target;
  if (node !== undefined && nodes !== undefined) {
    drafting.list.add([...path, 'nodes'], {
      code: 'S119',
      message: 'node and nodes exclude each other',
      expected: 'one of node, nodes',
      part: 'key',
    });
    return [];
  }
  if (node !== undefined) return selectNodes(drafting, node, [...path, 'node']);
  return nodes === undefined ? null : selectNodes(drafting, nodes, [...path, 'nodes']);
}

/** As `selectTargets`, where one of the two must stand. */
export function requireTargets(
  drafting: Drafting,
  target: { node?: Selector | undefined; nodes?: Selector | undefined },
  path: Path,
): string[] {
  const selected = selectTargets(drafting, target, path);
  if (selected === null)
    drafting.list.add(path, {
      code: 'S111',
      message: `missing key "node" or "nodes"`,
      expected: 'node: a node id, or nodes: a selector',
    });
  return selected ?? [];
}

/** Tables as they are written, also those that were refused; where they follow from the rest, those that there are. */
export function tableNames({ rules, scenario, tables }: Drafting): string[] {
  return rules.points === undefined ? Object.keys(scenario.data.tables) : tables.map(({ id }) => id);
}

export function findTable(drafting: Drafting, name: string, path: Path): PlanTable | null {
  const table = drafting.tables.find(({ id }) => id === name);
  if (table === undefined) {
    // A table that was refused for its own sake is not unknown.
    const names = Object.keys(drafting.scenario.data.tables);
    if (!names.includes(name)) addUnknown(drafting.list, path, { code: 'S131', kind: 'table', name, names });
  }
  return table ?? null;
}

/** The parts, or null where one of them is: its mistake has been reported. */
export function complete<T extends object>(parts: T): { [K in keyof T]: Exclude<T[K], null> } | null {
  const sound = !Object.values(parts).includes(null);
  return sound ? (parts as { [K in keyof T]: Exclude<T[K], null> }) : null;
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** How long an entry of `faults` or `operations` holds, µs; null: nothing is said, or a mistake was. */
export function lastingMicros(
  { list, times }: Drafting,
  given: { for?: unknown; until?: unknown },
  path: readonly [map: 'faults' | 'operations', id: string],
): number | null {
  if (given.for === undefined && given.until === undefined) return null;
  if (given.for !== undefined && given.until !== undefined) {
    list.add([...path, 'until'], {
      code: 'S119',
      message: 'for and until exclude each other',
      expected: 'one of for, until',
      part: 'key',
    });
    return null;
  }
  const [map, id] = path;
  const start = times.edge(map, id, 'start');
  const end = times.edge(map, id, 'end');
  if (start === null || end === null) return null;
  if (end > start) return end - start;
  list.add([...path, given.for === undefined ? 'until' : 'for'], {
    code: 'S141',
    message: `the ${map === 'faults' ? 'fault' : 'operation'} ends when it begins, or before`,
    expected: 'an end after its start',
  });
  return null;
}
