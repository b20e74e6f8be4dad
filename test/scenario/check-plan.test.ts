/** Plans edited by hand: each slip is a mistake with its path in the plan and its place in the file, never a bug. */
import { describe, expect, it } from 'vitest';
import { MistakeError, check, load, run } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';

const SCENARIO = `format: 1
database: cassandra@4.1
duration: 1h
cluster: { nodes: { dc1: { r1: 3 }, dc2: { r1: 3 } } }
data:
  keyspaces: { shop: { replication: { dc1: 3, dc2: 3 } }, log: { replication: { dc1: 3 } } }
  tables: { shop.orders: { partitions: 1000, loaded: equal }, log.lines: { partitions: 10 } }
workload:
  orders: { table: shop.orders, rate: 1/s, consistency: QUORUM }
  batches: { table: log.lines, rate: 1/s, batch: { size: 3, logged: true } }
faults:
  away: { fault: crash, node: n3, at: 10m, for: 5m }
  cut: { fault: partition, between: [dc1, dc2], at: 20m, for: 5m }
  broken: { fault: batch-cut, after: { batch: batches, index: 2, mutations: 1 }, for: 1m }
  rot: { fault: damage, nodes: [n1, n2], table: shop.orders, what: missing, partitions: 3, at: 5m }
repairs:
  by-hand: { repair: nodetool, node: n3, run: nodetool repair -full shop, at: 40m }
probes:
  reads: { probe: read, table: shop.orders, consistency: ONE, every: 1m, reads: 5 }
observe: { keys: ["shop.orders:7"] }
expect:
  few: { check: always, metric: divergent_copies, where: { node: n3 }, below: 500 }
  order: { check: order, events: [faults.away.start, "divergent_copies > 5"] }
  law: { check: always, law: acknowledged_writes_survive }
`;

const plan = load(SCENARIO.replace(/\n {2}law: .*/, ''));

/** JSON of the plan with one member changed. */
function edited(path: string, value: unknown): Plan {
  const copy = JSON.parse(JSON.stringify(plan)) as Plan;
  const steps = [...path.matchAll(/\["([^"]+)"\]|([\w-]+)/g)].map((match) => match[1] ?? match[2]);
  let parent = copy as unknown as Record<string, unknown>;
  for (const step of steps.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  parent[steps[steps.length - 1]] = value;
  return copy;
}

const fixed = (perSecond: number) => ({ kind: 'fixed', per_second: perSecond });
const entry = (id: string) => plan.entries.findIndex((each) => each.id === id);
const AWAY = entry('faults.away');
const CUT = entry('faults.cut');
const BROKEN = entry('faults.broken');
const ROT = entry('faults.rot');
const REPAIR = entry('repairs.by-hand');

const SLIPS: readonly [path: string, value: unknown, code: string, at?: string][] = [
  ['database', 'cassandra@9.9', 'D110'],
  ['database', 'mongo@7', 'S162'],
  ['duration_micros', 0, 'S117'],
  ['duration_micros', -5, 'P104'],
  ['duration_micros', 1e6, 'S141', 'workload.orders.until_micros'],
  ['settle_micros', -1, 'P104'],
  ['settings.max_hint_window', -1, 'S171'],
  ['settings.max_hint_window', 'soon', 'S171'],
  ['settings.hinted_handoff_enabled', 1, 'S171'],
  ['settings.num_tokens', 0, 'S171'],
  ['nodes[1].settings', { max_hint_window: -1 }, 'S171', 'nodes[1].settings.max_hint_window'],
  ['nodes[1].id', 'n1', 'P107'],
  ['nodes[1].tokens', plan.nodes[0].tokens, 'S180', 'nodes[1].tokens[0]'],
  ['nodes[1].tokens[0]', '9223372036854775808', 'S180'],
  ['links.local.write', { kind: 'uniform', min: 5, max: 1 }, 'S117', 'links.local.write.max'],
  ['links.local.write', { kind: 'constant', value: -1 }, 'S117', 'links.local.write.value'],
  ['links.local.write', { kind: 'pareto', scale: 1, shape: 0 }, 'S117', 'links.local.write.shape'],
  ['links.local.write', { kind: 'mixture', parts: [] }, 'S156', 'links.local.write.parts'],
  ['links.between.dc1-dc9', plan.links.wan, 'S133'],
  ['tables[1].id', 'shop.orders', 'P107'],
  ['tables[0].keyspace', 'other', 'P107', 'tables[0].id'],
  ['tables[0].partitions', 0, 'S117'],
  ['tables[0].partitions', 3e9, 'S117'],
  ['tables[0].rows_per_partition', 1e7, 'S151', 'tables[0]'],
  ['tables[0].replication.factors', { dc9: 3 }, 'S133', 'tables[0].replication.factors.dc9'],
  ['tables[0].replication.factors', {}, 'S117'],
  ['workload.orders.table', 'shop.order', 'S131'],
  ['workload.orders.arrivals', fixed(1e12), 'S150'],
  ['workload.orders.from_micros', 3600e6, 'S141'],
  ['workload.orders.keys.to', 1001, 'S117'],
  ['workload.orders.keys.from', 1000, 'S117'],
  ['workload.orders.consistency', 'SERIAL', 'P104'],
  ['workload.orders.consistency', 'MANY', 'P104'],
  ['workload.orders.clients', { dc1: 0.5, dc9: 0.5 }, 'S133', 'workload.orders.clients.dc9'],
  ['workload.orders.clients', { dc1: 0.5 }, 'S156'],
  ['workload.orders.mix.insert', 0.5, 'S156', 'workload.orders.mix'],
  [
    'workload.orders.mix',
    { ...plan.workload['orders'].mix, insert: 0, delete_row: 1 },
    'P107',
    'workload.orders.table',
  ],
  ['workload.orders.update_groups', 2, 'S117'],
  ['workload.orders.retry', { attempts: 0, timeout_micros: 5 }, 'S117', 'workload.orders.retry.attempts'],
  ['workload.batches.batch.size', 11, 'S117'],
  [
    'workload.orders.arrivals',
    { kind: 'trace', times_micros: [5, 4], operations: ['insert', 'insert'], keys: [1, 2], bytes: [1, 1] },
    'S153',
    'workload.orders.arrivals.times_micros[1]',
  ],
  [
    'workload.orders.arrivals',
    { kind: 'trace', times_micros: [5], operations: ['insert'], keys: [1, 2], bytes: [1] },
    'P107',
    'workload.orders.arrivals.keys',
  ],
  [`entries[${AWAY}].nodes[0]`, 'n9', 'S130'],
  [`entries[${AWAY}].nodes`, [], 'S118'],
  [`entries[${AWAY}].nodes`, ['n1', 'n1'], 'P107', `entries[${AWAY}].nodes[1]`],
  [`entries[${AWAY}].for_micros`, 0, 'S141'],
  [`entries[${AWAY}].id`, 'faults.cut', 'P107', `entries[${Math.max(AWAY, CUT)}].id`],
  [`entries[${CUT}].to`, ['n1'], 'S119'],
  [`entries[${CUT}].from[0]`, 'nn', 'S130'],
  [`entries[${BROKEN}].workload`, 'orders', 'S137'],
  [`entries[${BROKEN}].workload`, 'none', 'S137'],
  [`entries[${BROKEN}].mutations`, 4, 'S117'],
  [`entries[${ROT}].node`, 'n9', 'S130'],
  [`entries[${ROT}].table`, 'shop.none', 'S131'],
  [`entries[${ROT}].keys`, [1000], 'S138', `entries[${ROT}].keys[0]`],
  [`entries[${REPAIR}].options.keyspace`, 'shopp', 'S132'],
  [`entries[${REPAIR}].options.tables`, ['log.lines'], 'P107', `entries[${REPAIR}].options.tables[0]`],
  [`entries[${REPAIR}].options.tables`, ['shop.none'], 'S131', `entries[${REPAIR}].options.tables[0]`],
  [`entries[${REPAIR}].options.strategy`, 'full', 'S112'],
  [`entries[${REPAIR}].options.start_token`, 'x', 'S180'],
  [`entries[${REPAIR}].every_micros`, 0, 'S117'],
  ['probes.reads.table', 'shop.none', 'S131'],
  ['probes.reads.every_micros', 0, 'S117'],
  ['probes.reads.consistency', 'SERIAL', 'P104'],
  ['observe.every_micros', 0, 'S117'],
  ['observe.keys[0]', 'shop.none:7', 'S131'],
  ['model.off', ['cassandra.zz'], 'S160', 'model.off[0]'],
  ['expect.few.metric', 'divergent_copiez', 'S145'],
  ['expect.few.metric', null, 'S111'],
  ['expect.few.where.node', 'n9', 'S130'],
  ['expect.few.where', { cause: 'bit_rott' }, 'S139', 'expect.few.where.cause'],
  ['expect.few.where', { probe: 'reads' }, 'S114', 'expect.few.where.probe'],
  ['expect.few.bounds', {}, 'S144'],
  ['expect.few.bounds', { below: -1 }, 'S143', 'expect.few.bounds.below'],
  ['expect.few.bounds', { above: -1 }, 'S142', 'expect.few.bounds.above'],
  ['expect.few.bounds', { is: 0, above: 5 }, 'S143', 'expect.few.bounds.above'],
  ['expect.few.to_micros', 9e12, 'S141'],
  ['expect.few.law', 'no_law', 'S145'],
  ['expect.order.events[1]', 'divergent_copiez > 5', 'S145'],
];

describe('a plan edited by hand', () => {
  it('that is nested without end is refused at its place', () => {
    const text = `{"format":1,"name":"[[\\"[","nodes":${'['.repeat(20_000)}1${']'.repeat(20_000)}}`;
    const { mistakes } = check({ text, file: 'plan.json' });
    expect(mistakes).toMatchObject([{ code: 'P101', line: 1, column: text.indexOf('[[[[') + 200 }]);
  });

  it('as it was drawn is sound, also when it goes through JSON', () => {
    const text = JSON.stringify(plan, null, 2);
    expect(check({ text, file: 'plan.json' })).toMatchObject({ mistakes: [], warnings: [] });
  });

  it.each(SLIPS)('%s: %j is %s', (path, value, code, at = path) => {
    const text = JSON.stringify(edited(path, value), null, 2);
    const { plan: none, mistakes } = check({ text, file: 'plan.json' });
    expect(none).toBeNull();
    const mistake = mistakes.find((each) => each.path === at);
    expect(mistake ?? mistakes).toMatchObject({ code, path: at });
    expect(mistake?.message.startsWith(`${at}: `) === true || code.startsWith('D')).toBe(true);
    const key = at.replace(/\[\d+\]$/, '').replace(/^.*[.\]]/, '');
    const line = text.split('\n')[(mistake?.line ?? 0) - 1];
    if (!at.endsWith(']')) expect(line).toContain(`"${key}"`);
    expect(() => run(edited(path, value))).toThrow(MistakeError);
  });

  it('points at the value in a text of one line', () => {
    const text = JSON.stringify(edited(`entries[${AWAY}].nodes[0]`, 'n9'));
    const [mistake] = check({ text, file: 'plan.json' }).mistakes;
    expect(mistake.line).toBe(1);
    expect(text.slice(mistake.column - 1, mistake.column - 1 + mistake.length)).toBe('"n9"');
  });

  it('with a setting that the database does not have is run with a warning', () => {
    const text = JSON.stringify(edited('settings.max_hint_windoww', 5));
    expect(check({ text, file: 'plan.json' }).warnings).toMatchObject([{ code: 'S205' }]);
  });

  it('is not drawn again from its scenario either', () => {
    const text = JSON.stringify(edited(`entries[${AWAY}].nodes[0]`, 'n9'));
    expect(check({ text, file: 'plan.json', edits: [['set', 'settle=5m']] }).mistakes).toMatchObject([
      { code: 'S130' },
    ]);
  });

  it('says the first hundred of very many mistakes', () => {
    const text = JSON.stringify(
      edited(
        'observe.keys',
        Array.from({ length: 150 }, () => 7),
      ),
    );
    const { mistakes } = check({ text, file: 'plan.json' });
    expect(mistakes).toHaveLength(101);
    expect(mistakes.map(({ message }) => message)).toContain('50 more mistakes in this plan');
  });

  it('is not run in a mode that there is not', () => {
    expect(() => run(plan, { mode: 'zzz' as 'events' })).toThrow(MistakeError);
  });
});

describe('latencies that cannot be drawn', () => {
  it.each([
    ['{ uniform: [5ms, 1ms] }', 'the least lies above the most'],
    ['{ mixture: [{ share: 0%, of: 1ms }] }', 'the shares of a mixture sum to 0 %'],
    ['100000h', 'a latency that cannot be'],
  ])('%s are a mistake of the scenario', (given, message) => {
    const text = SCENARIO.replace('cluster: {', `cluster: { latencies: { local: { write: ${given} } },`);
    const { mistakes } = check(text);
    expect(mistakes[0]).toMatchObject({ path: expect.stringMatching(/^cluster.latencies.local.write/) });
    expect(mistakes[0].message).toContain(message);
  });
});
