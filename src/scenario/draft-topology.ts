/**
 * Operations that change who replicates what, as entries of the plan. What is certain to be refused is a mistake here: a node
 * that is up replaced or removed, one that is down decommissioned, a node that is not there, a cluster left too small for its
 * keyspaces. What only the run can tell (is another change still under way?) the run refuses, as the database would.
 */
import { addUnknown, addUnknownNode, distinct, nodeNamed } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { TopologyCommand } from './dialect-rules.ts';
import { draftReplicationOf, type GivenReplication } from './draft-tables.ts';
import type { Path } from './places.ts';
import { isTopologyEntry, type TopologyEntry } from './entry-kinds.ts';
import type { PlanEntry, PlanNode, PlanReplication } from './plan.ts';
import type { ScenarioOperation } from './schema/scenario.ts';
import { durationText } from './units.ts';

/** Each multiplies the placements that a run may come to. */
export const CHANGES_MAX = 6;

type TopologyOperation = Extract<ScenarioOperation, { do: 'alter' | 'add' | 'replace' | 'remove' }>;

interface Asked {
  id: string;
  at: number;
}

export function draftTopologyOperation(
  drafting: Drafting,
  operation: TopologyOperation,
  { id, at }: Asked,
): PlanEntry | null {
  const path = ['operations', id];
  const common = { id: `operations.${id}`, at_micros: at };
  switch (operation.do) {
    case 'alter': {
      const change = alterKeyspace(drafting, operation, path);
      return change === null ? null : { ...common, ...change };
    }
    case 'add':
      if (!isJoiner(drafting, operation.node, id)) return null;
      return { ...common, kind: 'addNode', node: operation.node, command: `add ${operation.node}` };
    case 'replace': {
      const node = nodeOf(drafting, operation.node, [...path, 'node']);
      if (node === null || !isJoiner(drafting, operation.with, id)) return null;
      const command = `replace ${node} with ${operation.with}`;
      return { ...common, kind: 'replaceNode', node, with: operation.with, command };
    }
    case 'remove': {
      const node = nodeOf(drafting, operation.node, [...path, 'node']);
      const command = `nodetool removenode ${operation.node}`;
      return node === null ? null : { ...common, kind: 'removeNode', node, assassinate: false, command };
    }
  }
}

/** What `nodetool` changes when it runs on `runsOn`. */
export function draftTopologyCommand(
  drafting: Drafting,
  command: TopologyCommand,
  { id, at, runsOn, text }: Asked & { runsOn: readonly string[]; text: string },
): PlanEntry | null {
  const path = ['operations', id];
  const common = { id: `operations.${id}`, at_micros: at, command: text };
  const [node] = runsOn;
  if (runsOn.length !== 1) {
    drafting.list.add([...path, 'nodes'], {
      code: 'S117',
      message: `${runsOn.length} nodes run ${text}: only one change of topology may be under way`,
      expected: 'one node',
    });
    return null;
  }
  if (command.kind === 'decommissionNode') return { ...common, kind: 'decommissionNode', node };
  const removed = nodeOf(drafting, command.name, [...path, 'run']);
  if (removed === null) return null;
  return { ...common, kind: 'removeNode', node: removed, assassinate: command.assassinate };
}

/** ALTER KEYSPACE … WITH replication, from wherever it was written; `path` is where `given` stands. */
export function alterKeyspace(
  drafting: Drafting,
  { keyspace, replication }: { keyspace: string; replication: GivenReplication },
  path: Path,
): { kind: 'alterKeyspace'; keyspace: string; replication: PlanReplication; command: string } | null {
  const keyspaces = distinct(drafting.tables.map((table) => table.keyspace));
  if (!keyspaces.includes(keyspace)) {
    if (drafting.tables.length === drafting.tableCount)
      addUnknown(drafting.list, [...path, 'keyspace'], {
        code: 'S132',
        kind: 'keyspace',
        name: keyspace,
        names: keyspaces,
      });
    return null;
  }
  const drafted = draftReplicationOf(drafting, replication, [...path, 'replication']);
  if (drafted === null) return null;
  const command = `ALTER KEYSPACE ${keyspace} WITH replication = ${replicationText(drafted)}`;
  return { kind: 'alterKeyspace', keyspace, replication: drafted, command };
}

/** As CQL writes it. */
export function replicationText(replication: PlanReplication): string {
  if (replication.strategy === 'SimpleStrategy')
    return `{'class': 'SimpleStrategy', 'replication_factor': ${replication.factor}}`;
  const factors = Object.entries(replication.factors).map(([dc, factor]) => `'${dc}': ${factor}`);
  return `{'class': 'NetworkTopologyStrategy', ${factors.join(', ')}}`;
}

/** What of the changes together is certain to be refused; `entries` are all of the plan. */
export function checkTopology(drafting: Drafting, entries: readonly PlanEntry[]): void {
  const changes = entries.filter(isTopologyEntry).sort((left, right) => left.at_micros - right.at_micros);
  if (changes.length > CHANGES_MAX)
    drafting.list.add(['operations'], {
      code: 'S170',
      message: `${changes.length} changes of topology in one run`,
      expected: `at most ${CHANGES_MAX}`,
    });
  const gone = new Map<string, TopologyEntry>();
  for (const change of changes) {
    if (change.kind === 'alterKeyspace' || change.kind === 'addNode') continue;
    checkIsThere(drafting, change, { changes, gone });
    checkIsUpOrDown(drafting, change, entries);
    if (change.kind === 'decommissionNode') checkEnoughLeft(drafting, change, changes);
    gone.set(change.node, change);
  }
  const starts = new Map(changes.map(({ id, at_micros }) => [id, at_micros]));
  for (const entry of entries) warnOfGone(drafting, entry, { gone, starts });
}

/** What is done to one node alone that has left by then, or has not come yet, does nothing. */
function warnOfGone(
  { list, joiners }: Drafting,
  entry: PlanEntry,
  { gone, starts }: { gone: ReadonlyMap<string, TopologyEntry>; starts: ReadonlyMap<string, number> },
): void {
  const named = 'nodes' in entry ? entry.nodes : 'node' in entry ? [entry.node] : null;
  if (isTopologyEntry(entry) || named?.length !== 1) return;
  const [node] = named;
  const left = gone.get(node);
  const comes = joiners.find(({ id }) => id === node)?.joins;
  const isEarly = comes !== undefined && entry.at_micros < (starts.get(comes) ?? 0);
  if (!isEarly && (left === undefined || left.at_micros >= entry.at_micros)) return;
  list.warn(entry.id.split('.'), {
    code: 'S169',
    message: isEarly ? `${node} joins only later, by ${comes}` : `${node} leaves before, by ${left?.id ?? ''}`,
    expected: 'a node that is in the cluster then',
    found: node,
  });
}

function checkIsThere(
  drafting: Drafting,
  change: Exclude<TopologyEntry, { kind: 'alterKeyspace' }>,
  { changes, gone }: { changes: readonly TopologyEntry[]; gone: ReadonlyMap<string, TopologyEntry> },
): void {
  const { list, joiners } = drafting;
  const before = gone.get(change.node);
  const joins = joiners.find(({ id }) => id === change.node)?.joins;
  const joining = changes.find(({ id }) => id === joins);
  const isEarly = joining !== undefined && joining.at_micros >= change.at_micros;
  if (before === undefined && !isEarly) return;
  const why = before === undefined ? `joins only later, by ${joins ?? ''}` : `is gone by then, by ${before.id}`;
  list.add(pathOf(drafting, change), {
    code: 'S169',
    message: `${change.node} ${why}`,
    expected: 'a node that is in the cluster then',
    found: change.node,
  });
}

/** Who replaces or removes a node that is up is refused; so is who decommissions one that is down. */
function checkIsUpOrDown(
  drafting: Drafting,
  change: Exclude<TopologyEntry, { kind: 'alterKeyspace' }>,
  entries: readonly PlanEntry[],
): void {
  const state = stateAt(change.node, change.at_micros, entries);
  const isDown = change.kind === 'decommissionNode';
  if (state === 'unknown' || state === (isDown ? 'up' : 'down')) return;
  const said = {
    replaceNode: `Cannot replace a live node: ${change.node} is up`,
    removeNode: isAssassination(change)
      ? `Endpoint still alive: ${change.node} heartbeat changed while trying to assassinate it`
      : `Node ${change.node} is alive and owns this token. Use decommission command to remove it from the ring`,
    decommissionNode: `nodetool: Failed to connect: ${change.node} is down`,
    addNode: '',
  }[change.kind];
  drafting.list.add(pathOf(drafting, change), {
    code: 'S167',
    message: said,
    expected: isDown ? 'a node that is up then' : `a node that is down at ${durationText(change.at_micros)}`,
    found: change.node,
    suggestion: isDown
      ? `{ do: remove, node: ${change.node} }`
      : change.kind === 'removeNode'
        ? `{ do: nodetool, node: ${change.node}, run: nodetool decommission }`
        : `a fault that stops ${change.node} before, for good`,
  });
}

function isAssassination(change: TopologyEntry): boolean {
  return change.kind === 'removeNode' && change.assassinate;
}

/** As far as the plan can tell: faults that may begin at any time, such as a cut batch, leave it open. */
function stateAt(node: string, micros: number, entries: readonly PlanEntry[]): 'up' | 'down' | 'unknown' {
  let state: 'up' | 'down' | 'unknown' = 'up';
  for (const entry of entries) {
    if (entry.kind === 'cutBatch') state = state === 'up' ? 'unknown' : state;
    if (entry.kind !== 'crashNode' && entry.kind !== 'stopNode') continue;
    if (!entry.nodes.includes(node) || entry.at_micros > micros) continue;
    if (entry.for_micros === null || entry.at_micros + entry.for_micros > micros) return 'down';
  }
  return state;
}

function checkEnoughLeft(
  drafting: Drafting,
  change: Extract<TopologyEntry, { kind: 'decommissionNode' }>,
  changes: readonly TopologyEntry[],
): void {
  const { list, nodes, joiners, tables, rules, database } = drafting;
  if (!rules.refusesDecommissionBelowRf(database) || / (-f|--force)\b/.test(change.command)) return;
  const members = new Map<string, PlanNode>(nodes.map((node) => [node.id, node]));
  const replications = new Map(tables.map(({ keyspace, replication }) => [keyspace, replication]));
  for (const other of changes) {
    if (other === change) break;
    applyChange(members, joiners, replications, other);
  }
  const leaving = members.get(change.node);
  if (leaving === undefined) return;
  for (const [keyspace, replication] of replications) {
    const isSimple = replication.strategy === 'SimpleStrategy';
    const factor = isSimple ? replication.factor : (replication.factors[leaving.dc] ?? 0);
    const left = [...members.values()].filter(({ dc }) => isSimple || dc === leaving.dc).length;
    if (factor < left) continue;
    list.add(pathOf(drafting, change), {
      code: 'S168',
      message: `Not enough live nodes to maintain replication factor in keyspace ${keyspace} (RF = ${factor}, N = ${left}). Perform a forceful decommission to ignore.`,
      expected: `more than ${factor} nodes`,
      suggestion: 'nodetool decommission --force',
    });
    return;
  }
}

function applyChange(
  members: Map<string, PlanNode>,
  joiners: readonly PlanNode[],
  replications: Map<string, PlanReplication>,
  change: TopologyEntry,
): void {
  if (change.kind === 'alterKeyspace') replications.set(change.keyspace, change.replication);
  else if (change.kind !== 'addNode') members.delete(change.node);
  const name = change.kind === 'addNode' ? change.node : change.kind === 'replaceNode' ? change.with : null;
  const joiner = joiners.find(({ id }) => id === name);
  if (joiner !== undefined) members.set(joiner.id, joiner);
}

/** Where the node is named: in a command, or under a key of its own. */
function pathOf({ scenario }: Drafting, { id }: TopologyEntry): Path {
  const path = id.split('.');
  return [...path, scenario.operations?.[path[1]]?.do === 'nodetool' ? 'run' : 'node'];
}

/** Was it drafted as a node of this operation? Else what is wrong has been said. */
function isJoiner({ joiners }: Drafting, name: string, id: string): boolean {
  return joiners.some((node) => node.id === name && node.joins === `operations.${id}`);
}

function nodeOf({ nodes, joiners, list }: Drafting, name: string, path: Path): string | null {
  if (nodes.length === 0) return null;
  const known = [...nodes, ...joiners];
  const id = nodeNamed(known, name);
  if (id === null) addUnknownNode(list, known, { name, path });
  return id;
}
