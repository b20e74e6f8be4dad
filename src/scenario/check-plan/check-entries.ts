/** Entries of a plan: faults and repairs, each about nodes, tables and workloads that there are. */
import { addUnknown, distinct } from '../drafting.ts';
import { Holders } from '../holders.ts';
import type { Path } from '../places.ts';
import { isOperationEntry, isTopologyEntry, type TopologyEntry } from '../entry-kinds.ts';
import type { PlanEntry } from '../plan.ts';
import type { PlanShardStep } from '../plan-shards.ts';
import { checkAlgorithm } from './check-algorithm.ts';
import { checkOperation } from './check-operations.ts';
import { checkPointEntry } from './check-points.ts';
import { MISFIT, areNodes, isNode, isTable, isWithin, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

type EntryOf<K extends PlanEntry['kind']> = Extract<PlanEntry, { kind: K }>;

/** Of these one entry of a scenario may make several, which then share its id. */
const SHARING: readonly PlanEntry['kind'][] = [
  'damageCopy',
  'loseSstables',
  'restoreSnapshot',
  'cutLink',
  'loseMessages',
  'slowLink',
];

/** `canPlace`: a ring can be made and tables have sizes, so that holders of keys are known. */
export function checkEntries(checking: Checking, canPlace: boolean): void {
  const seen = new Map<string, PlanEntry['kind']>();
  for (const [index, entry] of checking.plan.entries.entries()) {
    const path = ['entries', index];
    const other = seen.get(entry.id);
    if (other !== undefined && (other !== entry.kind || !SHARING.includes(entry.kind)))
      refuse(checking, [...path, 'id'], {
        code: MISFIT,
        message: `the entry "${entry.id}" stands twice`,
        expected: 'each once',
        found: entry.id,
      });
    seen.set(entry.id, entry.kind);
    if ('for_micros' in entry && entry.for_micros === 0)
      refuse(checking, [...path, 'for_micros'], {
        code: 'S141',
        message: 'the fault ends when it begins',
        expected: 'a number of microseconds above 0',
      });
    checkEntry(checking, entry, path, canPlace);
  }
}

function checkEntry(checking: Checking, entry: PlanEntry, path: Path, canPlace: boolean): void {
  if (isTopologyEntry(entry)) return checkTopologyEntry(checking, entry, path);
  if (isOperationEntry(entry)) return checkOperation(checking, entry, path);
  switch (entry.kind) {
    case 'cutLink':
    case 'loseMessages':
    case 'slowLink':
      return checkSides(checking, entry, path);
    case 'cutBatch':
      return checkBatch(checking, entry, path);
    case 'repairByHand':
      areNodes(checking, [...path, 'nodes'], entry.nodes);
      entry.steps.forEach((step, index) => checkStep(checking, step, [...path, 'steps', index]));
      return;
    case 'loseHints':
    case 'tearQueues':
      areNodes(checking, [...path, 'nodes'], entry.nodes);
      // Without targets it is about all of them.
      if (entry.targets !== undefined) areNodes(checking, [...path, 'targets'], entry.targets);
      return;
    case 'damageCopy':
      return checkDamage(checking, { entry, path }, canPlace);
    case 'compactTables':
    case 'flushTables':
      areNodes(checking, [...path, 'nodes'], entry.nodes);
      entry.tables.forEach((table, index) => isTable(checking, [...path, 'tables', index], table));
      if (entry.every_micros === 0) isWithin(checking, [...path, 'every_micros'], 0, [1, Infinity]);
      return;
    case 'deletePoints':
    case 'dropShard':
    case 'dropPolicy':
    case 'repairShards':
      return checkPointEntry(checking, entry, path);
    case 'repair':
      areNodes(checking, [...path, 'nodes'], entry.nodes);
      checkAlgorithm(checking, entry, path);
      return checkRepair(checking, entry, path);
    default:
      areNodes(checking, [...path, 'nodes'], entry.nodes);
  }
}

/** Only what the run needs to be safe; that an operator would be refused is said where a scenario is drafted. */
function checkTopologyEntry(checking: Checking, entry: TopologyEntry, path: Path): void {
  const { plan, list } = checking;
  if (entry.kind === 'alterKeyspace') {
    const keyspaces = distinct(plan.tables.map(({ keyspace }) => keyspace));
    if (!keyspaces.includes(entry.keyspace))
      addUnknown(list, [...path, 'keyspace'], {
        code: 'S132',
        kind: 'keyspace',
        name: entry.keyspace,
        names: keyspaces,
      });
    if (entry.through !== undefined) isNode(checking, [...path, 'through'], entry.through);
    return;
  }
  isNode(checking, [...path, 'node'], entry.node);
  if (entry.kind === 'replaceNode') isNode(checking, [...path, 'with'], entry.with);
  const member = entry.kind === 'addNode' ? 'node' : 'with';
  const joiner = entry.kind === 'addNode' ? entry.node : entry.kind === 'replaceNode' ? entry.with : null;
  if (joiner === null || plan.nodes.find(({ id }) => id === joiner)?.joins === entry.id) return;
  refuse(checking, [...path, member], {
    code: MISFIT,
    message: `${joiner} does not join by ${entry.id}`,
    expected: 'a node whose "joins" is this entry',
    found: joiner,
  });
}

function checkSides(checking: Checking, entry: EntryOf<'cutLink' | 'loseMessages' | 'slowLink'>, path: Path): void {
  const from = areNodes(checking, [...path, 'from'], entry.from);
  const to = areNodes(checking, [...path, 'to'], entry.to);
  const both = entry.from.filter((id) => entry.to.includes(id));
  if (entry.kind === 'cutLink' && from && to && both.length > 0)
    refuse(checking, [...path, 'to'], {
      code: 'S119',
      message: `both sides of the partition hold ${both.join(', ')}`,
      expected: 'two sides without a node in common',
    });
}

function checkBatch(checking: Checking, { workload: id, mutations, copies }: EntryOf<'cutBatch'>, path: Path): void {
  const { plan, list } = checking;
  const at = [...path, 'workload'];
  if (plan.points !== undefined) {
    if (!Object.hasOwn(plan.points, id))
      addUnknown(list, at, { code: 'S137', kind: 'workload', name: id, names: Object.keys(plan.points) });
    return;
  }
  if (!Object.hasOwn(plan.workload, id)) {
    addUnknown(list, at, { code: 'S137', kind: 'workload', name: id, names: Object.keys(plan.workload) });
    return;
  }
  const { batch } = plan.workload[id];
  if (batch === null)
    refuse(checking, at, {
      code: 'S137',
      message: `the workload ${id} writes no batches`,
      expected: 'a workload with a batch',
    });
  else if (mutations > batch.size || (mutations === batch.size && copies > 0))
    isWithin(checking, [...path, 'mutations'], mutations, [0, copies > 0 ? batch.size - 1 : batch.size]);
}

function checkStep(checking: Checking, step: PlanShardStep, path: Path): void {
  if ('table' in step) isTable(checking, [...path, 'table'], step.table);
  if ('node' in step) isNode(checking, [...path, 'node'], step.node);
  if (!('from' in step)) return;
  isNode(checking, [...path, 'from'], step.from);
  isNode(checking, [...path, 'to'], step.to);
}

function checkDamage(
  checking: Checking,
  { entry, path }: { entry: EntryOf<'damageCopy'>; path: Path },
  canPlace: boolean,
): void {
  const node = isNode(checking, [...path, 'node'], entry.node);
  const table = checking.plan.tables.find(({ id }) => id === entry.table);
  if (table === undefined) isTable(checking, [...path, 'table'], entry.table);
  if (entry.keys.length === 0)
    refuse(checking, [...path, 'keys'], { code: 'S118', message: 'no key is named', expected: 'at least one key' });
  if (table === undefined || !node || !canPlace) return;
  const holders = new Holders(checking.plan.nodes, table);
  const wrong = entry.keys.findIndex((key) => key >= table.partitions || !holders.holds(entry.node, key));
  if (wrong >= 0)
    refuse(checking, [...path, 'keys', wrong], {
      code: 'S138',
      message: `${entry.node} holds no copy of key ${entry.keys[wrong]} of ${table.id}`,
      expected: `keys from 0 to ${table.partitions - 1} of which ${entry.node} holds a copy`,
    });
}

function checkRepair(checking: Checking, { every_micros: every, options }: EntryOf<'repair'>, path: Path): void {
  const { plan, list, known } = checking;
  const at = [...path, 'options'];
  if (every === 0) isWithin(checking, [...path, 'every_micros'], every, [1, Infinity]);
  const keyspaces = distinct(plan.tables.map(({ keyspace }) => keyspace));
  if (!keyspaces.includes(options.keyspace))
    addUnknown(list, [...at, 'keyspace'], {
      code: 'S132',
      kind: 'keyspace',
      name: options.keyspace,
      names: keyspaces,
    });
  if (options.tables.length === 0)
    refuse(checking, [...at, 'tables'], { code: 'S118', message: 'no table is named', expected: 'at least one table' });
  for (const [index, id] of options.tables.entries()) {
    const table = plan.tables.find((each) => each.id === id);
    if (table === undefined) isTable(checking, [...at, 'tables', index], id);
    else if (table.keyspace !== options.keyspace && keyspaces.includes(options.keyspace))
      refuse(checking, [...at, 'tables', index], {
        code: MISFIT,
        message: `the table ${id} is not in the keyspace ${options.keyspace} that is repaired`,
        expected: `a table of ${options.keyspace}`,
        found: id,
      });
  }
  for (const [place, { tables }] of options.further_keyspaces.entries())
    for (const [index, id] of tables.entries())
      if (!plan.tables.some((each) => each.id === id))
        isTable(checking, [...at, 'further_keyspaces', place, 'tables', index], id);
  const { strategies } = known;
  if (strategies !== null && !strategies.includes(options.strategy))
    addUnknown(list, [...at, 'strategy'], {
      code: 'S112',
      kind: 'strategy',
      name: options.strategy,
      names: strategies,
    });
  for (const name of ['start_token', 'end_token'] as const) {
    const token = options[name];
    if (token !== null && !/^-?\d{1,19}$/.test(token))
      refuse(checking, [...at, name], {
        code: 'S180',
        message: `"${token}" is not a token`,
        expected: 'a whole number',
      });
  }
}
