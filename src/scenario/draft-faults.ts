/** Faults: who, when, how long; each becomes a plan entry whose id is its path in the scenario. */
import { addUnknown, findTable, requireTargets, selectSide, selectTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import { Holders } from './holders.ts';
import { PlanRandom } from '../kernel/random.ts';
import type { Path } from './places.ts';
import type { CrashMode, PlanEntry } from './plan.ts';
import type { Selector } from './schema/leaves.ts';
import type { ScenarioFault } from './schema/scenario.ts';

type FaultOf<K extends ScenarioFault['fault']> = Extract<ScenarioFault, { fault: K }>;
type LinkFault = FaultOf<'partition'> | FaultOf<'loss'>;

interface FaultInput<F extends ScenarioFault = ScenarioFault> {
  fault: F;
  id: string;
  path: Path;
  at: number;
  forMicros: number | null;
}

export function draftFaults(drafting: Drafting): PlanEntry[] {
  const entries: PlanEntry[] = [];
  for (const [id, fault] of Object.entries(drafting.scenario.faults ?? {})) {
    const path = ['faults', id];
    const at = drafting.times.edge('faults', id, 'start');
    const forMicros = lasting(drafting, fault, path);
    if (at === null) {
      if (fault.fault === 'batch-cut') checkBatch(drafting, fault, path);
      continue;
    }
    if (at >= drafting.times.endMicros)
      drafting.list.warn([...path, 'at'], {
        code: 'S203',
        message: `the fault begins after the end of the run (${at / 1e6} s)`,
        expected: `before ${drafting.times.endMicros / 1e6} s`,
      });
    entries.push(...draftFault(drafting, { fault, id: `faults.${id}`, path, at, forMicros }));
  }
  return entries;
}

/** How long it lasts, µs; null: to the end of the run, or after a mistake. */
function lasting(drafting: Drafting, fault: ScenarioFault, path: Path): number | null {
  const { list, times } = drafting;
  if (fault.fault === 'damage' || (fault.for === undefined && fault.until === undefined)) return null;
  if (fault.for !== undefined && fault.until !== undefined) {
    list.add([...path, 'until'], {
      code: 'S119',
      message: 'for and until exclude each other',
      expected: 'one of for, until',
      part: 'key',
    });
    return null;
  }
  const id = String(path[1]);
  const start = times.edge('faults', id, 'start');
  const end = times.edge('faults', id, 'end');
  if (start === null || end === null) return null;
  if (end > start) return end - start;
  list.add([...path, fault.for === undefined ? 'until' : 'for'], {
    code: 'S141',
    message: 'the fault ends when it begins, or before',
    expected: 'an end after its start',
  });
  return null;
}

function draftFault(drafting: Drafting, input: FaultInput): PlanEntry[] {
  const { fault } = input;
  switch (fault.fault) {
    case 'crash':
    case 'stop':
    case 'pause':
    case 'skew':
      return draftNodeFault(drafting, { ...input, fault });
    case 'partition':
    case 'loss':
      return draftLinkFault(drafting, { ...input, fault });
    case 'batch-cut':
      return draftBatchCut(drafting, { ...input, fault });
    case 'damage':
      return draftDamage(drafting, { ...input, fault });
  }
}

function draftNodeFault(
  drafting: Drafting,
  input: FaultInput<FaultOf<'crash' | 'stop' | 'pause' | 'skew'>>,
): PlanEntry[] {
  const { fault, path, id, at, forMicros } = input;
  const nodes = requireTargets(drafting, fault, path);
  const base = { id, at_micros: at, nodes };
  if (nodes.length === 0) return [];
  switch (fault.fault) {
    case 'crash':
      return [{ ...base, kind: 'crashNode', mode: crashMode(drafting, fault, id), for_micros: forMicros }];
    case 'stop':
      return [{ ...base, kind: 'stopNode', for_micros: forMicros }];
    case 'skew':
      return [{ ...base, kind: 'skewClock', by_micros: fault.by, for_micros: forMicros }];
    case 'pause':
      if (forMicros === null && fault.for === undefined && fault.until === undefined) {
        drafting.list.add(path, {
          code: 'S111',
          message: 'missing key "for" in a fault of type pause',
          expected: 'for: how long the node stands still',
        });
      }
      return forMicros === null ? [] : [{ ...base, kind: 'pauseNode', for_micros: forMicros }];
  }
}

function crashMode({ assumptions }: Drafting, { mode }: { mode?: CrashMode | undefined }, id: string): CrashMode {
  if (mode === undefined) assumptions.push(`mode of ${id} not given: process`);
  return mode ?? 'process';
}

function draftLinkFault(drafting: Drafting, { fault, path, id, at, forMicros }: FaultInput<LinkFault>): PlanEntry[] {
  const sides = linkSides(drafting, fault, path);
  if (sides === null) return [];
  const base = { id, at_micros: at, ...sides, for_micros: forMicros };
  if (fault.fault === 'loss') return [{ ...base, kind: 'loseMessages', share: fault.share }];
  const both = sides.from.filter((node) => sides.to.includes(node));
  if (both.length === 0) return [{ ...base, kind: 'cutLink' }];
  drafting.list.add(path, {
    code: 'S119',
    message: `both sides of the partition hold ${both.join(', ')}`,
    expected: 'two sides without a node in common',
  });
  return [];
}

interface Sides {
  from: string[];
  to: string[];
  two_way: boolean;
}

function linkSides(drafting: Drafting, fault: LinkFault, path: Path): Sides | null {
  const all = drafting.nodes.map(({ id }) => id);
  const targets = selectTargets(drafting, fault, path);
  if (targets !== null && fault.between !== undefined) {
    drafting.list.add([...path, 'between'], {
      code: 'S119',
      message: 'between and nodes exclude each other',
      expected: 'one of between, nodes',
      part: 'key',
    });
    return null;
  }
  if (fault.between === undefined) return oneSided(drafting, { fault, path, targets, all });
  const [left, right] = fault.between;
  const from = selectSide(drafting, left, [...path, 'between', 0]);
  const to = selectSide(drafting, right, [...path, 'between', 1]);
  const way = readWay(drafting, { way: fault.way, names: [sideName(left, 'first'), sideName(right, 'second')], path });
  if (from.length === 0 || to.length === 0 || way === null) return null;
  return way === 'back' ? { from: to, to: from, two_way: false } : { from, to, two_way: way === 'both' };
}

/** Without `between`: the named nodes against all others; a loss without names is everywhere. */
function oneSided(
  drafting: Drafting,
  { fault, path, targets, all }: { fault: LinkFault; path: Path; targets: string[] | null; all: string[] },
): Sides | null {
  if (targets === null && fault.fault === 'partition') {
    drafting.list.add(path, {
      code: 'S111',
      message: 'missing key "between" in a fault of type partition',
      expected: 'between: [dc1, dc2], or node: a node that is cut off',
    });
    return null;
  }
  const way = readWay(drafting, { way: fault.way, names: ['nodes', 'others'], path });
  const from = targets ?? all;
  const to = targets === null ? all : all.filter((id) => !targets.includes(id));
  if (from.length === 0 || way === null) return null;
  if (to.length === 0) {
    drafting.list.add(path, {
      code: 'S119',
      message: 'the nodes are the whole cluster: there is no other side',
      expected: 'some of the nodes',
    });
    return null;
  }
  return way === 'back' ? { from: to, to: from, two_way: false } : { from, to, two_way: way === 'both' };
}

function sideName(selector: Selector, fallback: string): string {
  return selector.kind === 'names' && selector.names.length === 1 ? selector.names[0] : fallback;
}

function readWay(
  { list }: Drafting,
  { way = 'both', names: [left, right], path }: { way: string | undefined; names: [string, string]; path: Path },
): 'both' | 'forth' | 'back' | null {
  if (way === 'both') return 'both';
  if (way === `${left}-to-${right}` || way === 'first-to-second') return 'forth';
  if (way === `${right}-to-${left}` || way === 'second-to-first') return 'back';
  addUnknown(list, [...path, 'way'], {
    code: 'S112',
    kind: 'way',
    name: way,
    names: ['both', `${left}-to-${right}`, `${right}-to-${left}`],
  });
  return null;
}

function draftBatchCut(
  drafting: Drafting,
  { fault, path, id, at, forMicros }: FaultInput<FaultOf<'batch-cut'>>,
): PlanEntry[] {
  const size = checkBatch(drafting, fault, path);
  if (size === null) return [];
  const { batch, index = 0, mutations = 1, copies = 0 } = fault.after;
  if (mutations > size || (mutations === size && copies > 0)) {
    drafting.list.add([...path, 'after', 'mutations'], {
      code: 'S117',
      message: `a batch of ${batch} has ${size} mutations`,
      expected: `0 to ${size}`,
      found: String(mutations),
    });
    return [];
  }
  return [
    {
      id,
      at_micros: at,
      kind: 'cutBatch',
      workload: batch,
      batch: index,
      mutations,
      copies,
      mode: crashMode(drafting, fault, id),
      for_micros: forMicros,
    },
  ];
}

/** Mutations in each batch of the workload that it names; null after a mistake. */
function checkBatch(drafting: Drafting, fault: FaultOf<'batch-cut'>, path: Path): number | null {
  const { workload = {} } = drafting.scenario;
  const { batch } = fault.after;
  const at = [...path, 'after', 'batch'];
  if (!Object.hasOwn(workload, batch)) {
    addUnknown(drafting.list, at, { code: 'S137', kind: 'workload', name: batch, names: Object.keys(workload) });
    return null;
  }
  const size = workload[batch].batch?.size ?? null;
  if (size === null)
    drafting.list.add(at, {
      code: 'S137',
      message: `the workload ${batch} writes no batches`,
      expected: 'a workload with batch: { size: … }',
    });
  return size;
}

function draftDamage(drafting: Drafting, { fault, path, id, at }: FaultInput<FaultOf<'damage'>>): PlanEntry[] {
  const nodes = requireTargets(drafting, fault, path);
  const table = findTable(drafting, fault.table, [...path, 'table']);
  const ways = (['key', 'keys', 'partitions'] as const).filter((name) => fault[name] !== undefined);
  if (ways.length !== 1)
    drafting.list.add(path, {
      code: 'S119',
      message: 'damage needs exactly one of key, keys, partitions',
      expected: 'key: 7, keys: [7, 8] or partitions: 1',
    });
  if (table === null || ways.length !== 1 || nodes.length === 0) return [];
  const holders = new Holders(drafting.nodes, table);
  const entries: PlanEntry[] = [];
  for (const node of nodes) {
    const keys = damagedKeys(drafting, { fault, path, node, holders, partitions: table.partitions });
    if (keys.length > 0)
      entries.push({ id, at_micros: at, kind: 'damageCopy', node, table: table.id, what: fault.what, keys });
  }
  return entries;
}

function damagedKeys(
  drafting: Drafting,
  input: { fault: FaultOf<'damage'>; path: Path; node: string; holders: Holders; partitions: number },
): number[] {
  const { fault, path, node, holders, partitions } = input;
  if (fault.partitions !== undefined) {
    const keys =
      fault.partitions > partitions
        ? []
        : holders.draw(node, fault.partitions, new PlanRandom(drafting.seed, ...path, 'partitions', node));
    if (keys.length === fault.partitions && keys.length > 0) return keys;
    drafting.list.add([...path, 'partitions'], {
      code: 'S117',
      message: `${node} has no ${fault.partitions} partitions of ${fault.table} to damage`,
      expected: `1 to the partitions that ${node} holds`,
    });
    return [];
  }
  const given = fault.key ?? fault.keys ?? [];
  const keys = [...new Set(typeof given === 'number' ? [given] : given)].sort((left, right) => left - right);
  const wrong = keys.find((key) => key >= partitions || !holders.holds(node, key));
  if (wrong === undefined) return keys;
  const message =
    wrong >= partitions
      ? `${fault.table} has no key ${wrong}`
      : `${node} holds no copy of key ${wrong} of ${fault.table}`;
  drafting.list.add([...path, fault.key === undefined ? 'keys' : 'key'], {
    code: 'S138',
    message,
    expected: `keys from 0 to ${partitions - 1} of which ${node} holds a copy`,
  });
  return [];
}
