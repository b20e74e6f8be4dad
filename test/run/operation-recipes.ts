/**
 * Generated operations of `plans.ts`: what operators change on running nodes, statements, restarts, whole files that are
 * gone or go back, a load that differs from the start; also where they mean nothing, as at a node that is down.
 */
import fc from 'fast-check';
import type {
  PlanEntry,
  PlanNode,
  PlanStatementOperation,
  PlanWorkload,
  SettingValue,
  SstableChoice,
} from '../../src/scenario/plan.ts';
import { KEYSPACE, plainWorkload, seconds } from './plain-plan.ts';
import { GRID, pick, someNodes, times } from './repair-recipes.ts';

const lasting = fc.oneof(times(GRID, seconds(40)), fc.constant(null));
const rate = pick(0, 400, 100_000);

/** Some of what the model can change while a node runs. */
const changes = fc
  .uniqueArray(
    fc.oneof(
      pick(0, seconds(3), seconds(15)).map((value): [string, SettingValue] => ['max_hint_window', value]),
      rate.map((value): [string, SettingValue] => ['hinted_handoff_throttle', value]),
      pick(1e6, 1e9, 0).map((value): [string, SettingValue] => ['compaction_throughput', value]),
      pick(1e6, 0).map((value): [string, SettingValue] => ['stream_throughput_outbound', value]),
      pick(1e6, 0).map((value): [string, SettingValue] => ['inter_dc_stream_throughput_outbound', value]),
      fc.boolean().map((value): [string, SettingValue] => ['hinted_handoff_enabled', value]),
    ),
    { maxLength: 3, selector: ([name]) => name },
  )
  .map((entries): Record<string, SettingValue> => Object.fromEntries(entries));

const what = fc.oneof(
  fc.record({
    kind: fc.constant('settings' as const),
    nodes: someNodes,
    settings: changes,
    dcHints: fc.oneof(fc.constant(null), fc.record({ dc: fc.nat(1), stored: fc.boolean() })),
    for: lasting,
  }),
  fc.record({ kind: fc.constant('handoff' as const), nodes: someNodes, pauses: pick(true, true, false), for: lasting }),
  fc.record({
    kind: fc.constant('truncate' as const),
    nodes: someNodes,
    targets: fc.oneof(fc.constant([]), someNodes),
  }),
  fc.record({ kind: fc.constant('autocompaction' as const), nodes: someNodes, enabled: fc.boolean(), for: lasting }),
  fc.record({
    kind: fc.constant('statement' as const),
    node: fc.nat(5),
    table: fc.nat(1),
    operation: pick<PlanStatementOperation>('insert', 'update', 'delete', 'delete_cell', 'delete_partition'),
    key: fc.nat(19),
    row: fc.nat(3),
    level: pick<PlanWorkload['consistency']>('ONE', 'ALL', 'LOCAL_QUORUM'),
    ttl: pick(0, 0, 5),
    every: pick(null, seconds(4)),
  }),
  fc.record({
    kind: fc.constant('alter' as const),
    node: fc.nat(5),
    table: fc.nat(1),
    micros: pick(0, seconds(5), seconds(20), seconds(864_000)),
  }),
  fc.record({
    kind: fc.constant('restart' as const),
    nodes: someNodes,
    settings: changes,
    for: times(GRID, seconds(20)),
  }),
  fc.record({
    kind: fc.constant('lost-sstable' as const),
    node: fc.nat(5),
    table: fc.nat(1),
    count: pick(1, 2, 100),
    which: pick<SstableChoice>('drawn', 'oldest', 'newest', 'largest'),
  }),
  fc.record({ kind: fc.constant('snapshot' as const), node: fc.nat(5), table: fc.nat(1), age: times(1, seconds(40)) }),
  fc.record({
    kind: fc.constant('diverged' as const),
    table: fc.nat(1),
    nodes: fc.oneof(fc.constant(null), someNodes),
    share: pick(0.1, 0.5, 1),
    copy: pick('missing' as const, 'older' as const),
  }),
);

export const operation = fc.record({ at: times(0, seconds(62)), what });

export type OperationRecipe = typeof operation extends fc.Arbitrary<infer R> ? R : never;

interface Given {
  readonly nodes: readonly PlanNode[];
  readonly tables: readonly {
    readonly partitions: number;
    readonly rows: number;
    readonly groups: number;
    readonly loaded: 'empty' | 'equal';
  }[];
  /** Which settings the version has. */
  readonly knows: (name: string) => boolean;
}

export interface DrawnOperation {
  entry: PlanEntry;
  /** Of a statement: the workload with its id. */
  workload: PlanWorkload | null;
}

/** Null where the cluster has nothing for it. */
export function operationOf({ at, what: of }: OperationRecipe, id: string, given: Given): DrawnOperation | null {
  const base = { id, at_micros: at, command: of.kind };
  const nodes = namesOf('nodes' in of && of.nodes !== null ? of.nodes : ['node' in of ? of.node : 0], given);
  const place = 'table' in of ? of.table % given.tables.length : 0;
  const table = `${KEYSPACE}.${place === 0 ? 'orders' : 'carts'}`;
  const alone = (entry: PlanEntry): DrawnOperation => ({ entry, workload: null });
  switch (of.kind) {
    case 'settings': {
      const settings = knownOf(of.settings, given);
      return alone({ ...base, kind: 'changeSettings', nodes, settings, dc_hints: dcOf(of, given), for_micros: of.for });
    }
    case 'handoff':
      if (of.pauses) return alone({ ...base, kind: 'pauseHandoff', nodes, for_micros: of.for });
      return alone({ ...base, kind: 'resumeHandoff', nodes });
    case 'truncate':
      return alone({ ...base, kind: 'truncateHints', nodes, targets: namesOf(of.targets, given) });
    case 'autocompaction':
      return alone({
        ...{ ...base, kind: 'switchCompaction', nodes, tables: [table] },
        ...{ enabled: of.enabled, for_micros: of.for },
      });
    case 'statement':
      if (at >= seconds(60)) return null;
      return {
        entry: { ...base, kind: 'runStatement', nodes, table },
        workload: statementOf(of, { at, node: nodes[0], table, place }, given),
      };
    case 'alter':
      return alone({ ...base, kind: 'alterTable', nodes, table, gc_grace_micros: of.micros });
    case 'restart':
      return alone({
        ...{ id, at_micros: at, kind: 'restartNode', nodes, settings: knownOf(of.settings, given) },
        for_micros: of.for,
      });
    case 'lost-sstable':
      return alone({
        ...{ id, at_micros: at, kind: 'loseSstables', node: nodes[0], table },
        ...{ count: of.count, which: of.which },
      });
    case 'snapshot':
      if (at === 0) return null;
      return alone({
        ...{ id, at_micros: at, kind: 'restoreSnapshot', node: nodes[0], table },
        taken_micros: Math.max(0, at - of.age),
      });
    case 'diverged':
      if (given.tables[place].loaded !== 'equal') return null;
      return alone({
        ...{ id, at_micros: 0, kind: 'divergeLoaded', table, share: of.share, copy: of.copy },
        nodes: of.nodes === null ? null : nodes,
      });
  }
}

function namesOf(numbers: readonly number[], { nodes }: Given): string[] {
  return [...new Set(numbers.map((number) => nodes[number % nodes.length].id))];
}

function knownOf(settings: Readonly<Record<string, SettingValue>>, { knows }: Given): Record<string, SettingValue> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => knows(name)));
}

function dcOf(
  { dcHints }: { dcHints: { dc: number; stored: boolean } | null },
  { nodes }: Given,
): { dc: string; stored: boolean } | null {
  const dcs = [...new Set(nodes.map(({ dc }) => dc))];
  return dcHints === null ? null : { dc: dcs[dcHints.dc % dcs.length], stored: dcHints.stored };
}

type StatementRecipe = Extract<OperationRecipe['what'], { kind: 'statement' }>;

function statementOf(
  of: StatementRecipe,
  { at, node, table, place }: { at: number; node: string; table: string; place: number },
  { nodes, tables }: Given,
): PlanWorkload {
  const { partitions, rows, groups } = tables[place];
  const moments: number[] = [];
  for (let when = at; when < seconds(60); when += of.every ?? Infinity) moments.push(when);
  const each = <T>(value: T): T[] => moments.map(() => value);
  const key = of.key % partitions;
  const isPart = of.operation === 'update' || of.operation === 'delete_cell';
  return plainWorkload({
    table,
    arrivals: {
      ...{ kind: 'trace', times_micros: moments, operations: each(of.operation), keys: each(key), bytes: each(100) },
      ...{ rows: each(of.row % rows), groups: each(isPart ? 1 : (1 << groups) - 1) },
    },
    ...{ from_micros: at, until_micros: moments[moments.length - 1] + 1 },
    keys: { kind: 'sequential', from: key, to: key + 1 },
    ...{ consistency: of.level, ttl_seconds: of.operation.startsWith('delete') ? 0 : of.ttl },
    ...{ clients: { [nodes.find(({ id }) => id === node)?.dc ?? 'dc1']: 1 }, coordinator: node },
  });
}
