/** Parameters of foreign algorithms, written and edited by hand: what no run could bear is a mistake, never a bug. */
import { describe, expect, it } from 'vitest';
import { MistakeError, check, load, run } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';

const scenario = (repair: string): string => `format: 1
database: cassandra@4.1
duration: 10m
cluster: { nodes: { dc1: { r1: 3 } } }
data: { keyspaces: { shop: { replication: 3 } }, tables: { shop.orders: { partitions: 100, loaded: equal } } }
workload: { w: { table: shop.orders, rate: 1/s } }
faults: { away: { fault: stop, node: n3, at: 1m, for: 1m } }
repairs: { own: { repair: algorithm, ${repair} } }
`;
const plan = load(scenario('algorithm: tictac, at: 2m'));
const ADD = {
  id: 'operations.add',
  at_micros: 3e8,
  kind: 'decommissionNode',
  node: 'n3',
  command: 'nodetool decommission',
};

type Repair = Extract<Plan['entries'][number], { kind: 'repair' }>;

function edited(edit: (repair: Repair, plan: Plan) => void): Plan {
  const copy = JSON.parse(JSON.stringify(plan)) as Plan;
  const repair = copy.entries.find((entry): entry is Repair => entry.kind === 'repair');
  if (repair !== undefined) edit(repair, copy);
  return copy;
}

const how = (member: string, value: unknown) =>
  edited(({ algorithm }) => Object.assign(algorithm ?? {}, { [member]: value }));

describe('a plan of an algorithm edited by hand', () => {
  it.each([
    ['levels', [4, 6], 'S194'],
    ['levels', [4, 2], 'S194'],
    ['levels', [1, 2 ** 23], 'S194'],
    ['levels', [1], 'P104'],
    ['levels', [0, 0], 'P104'],
    ['hash_bytes', 65, 'S117'],
    ['hash_bytes', 3, 'P104'],
    ['passes', 11, 'S117'],
    ['loops_max', 1e9, 'S117'],
    ['results_max', 0, 'P104'],
    ['concurrency', 0, 'P104'],
    ['tick_micros', 9e15, 'S117'],
    ['expiry_micros', 9e15, 'S117'],
    ['expiry_spread_micros', 9e15, 'S117'],
    ['answer_timeout_micros', 9e15, 'S117'],
    ['answer_timeout_micros', 0, 'P104'],
    ['lock_timeout_micros', 9e15, 'S117'],
    ['build_every_micros', 9e15, 'S117'],
    ['build_pause_micros', 9e15, 'S117'],
    ['key_pause_micros', 9e15, 'S117'],
    ['pause_micros', 9e15, 'S117'],
    ['name', 'dynamo', 'P107'],
    ['name', 'other', 'P104'],
  ])('%s: %j is %s', (member, value, code) => {
    const wrong = how(member, value);
    const { plan: none, mistakes } = check({ text: JSON.stringify(wrong, null, 1), file: 'plan.json' });
    expect(none).toBeNull();
    expect(mistakes[0]).toMatchObject({ code });
    expect(mistakes[0].path).toMatch(
      member === 'name' && code === 'P107' ? /options\.strategy$/ : new RegExp(`algorithm\\.${member}`),
    );
    expect(() => run(wrong)).toThrow(MistakeError);
  });

  it('a strategy without its algorithm, an algorithm with segments, and one beside a change of nodes are refused', () => {
    const codes = (wrong: Plan): string[] =>
      check({ text: JSON.stringify(wrong), file: 'plan.json' }).mistakes.map(({ code }) => code);
    expect(codes(edited((repair) => delete repair.algorithm))).toEqual(['P107']);
    expect(codes(edited((_repair, { entries }) => entries.push(ADD as Plan['entries'][number])))).toContain('S195');
    const segments = {
      ...{ by: 'reaper', cut: 'ring', per_node: 4, intensity: 1, poll_micros: 1e6, timeout_micros: 1e9 },
      ...{ timeout_grows: true, retry_micros: 1e6, attempts_max: null, pending_compactions_max: null },
      ...{ segments_max: 1, runs_max: 1, due_again_micros: null },
    };
    expect(codes(edited((repair) => Object.assign(repair, { segments })))).toEqual(['P107']);
  });

  it('as it was drawn is sound, also without what an older version did not write', () => {
    const older = edited(({ algorithm }) => {
      const { answer_timeout_micros: timeout, expiry_spread_micros: spread, ...rest } = algorithm ?? {};
      expect([timeout, spread]).toEqual([600_000_000, 345_600_000_000]);
      for (const key of Object.keys(algorithm ?? {})) if (!(key in rest)) Reflect.deleteProperty(algorithm ?? {}, key);
    });
    const { plan: read, mistakes } = check({ text: JSON.stringify(older), file: 'plan.json' });
    expect(mistakes).toEqual([]);
    expect(read === null ? null : run(read).result.repairs['repairs.own'].outcome).toBe('finished');
  });
});

describe('a scenario of an algorithm', () => {
  it.each([
    ['algorithm: dynamo, fan_out: 2, depth: 1000000000', 'S194'],
    ['algorithm: dynamo, fan_out: 1, depth: 1000000000', 'S194'],
    ['algorithm: tictac, tick: 80000d', 'S117'],
    ['algorithm: tictac, expiry_spread: 80000d', 'S117'],
    ['algorithm: tictac, answer_timeout: 0s', 'S117'],
    ['algorithm: tictac, repair_loops: 1000000', 'S117'],
    ['algorithm: riak-aae, repair_throttle: 80000d', 'S117'],
  ])('%s is %s', (repair, code) => {
    expect(check({ text: scenario(repair), file: 's.yaml' }).mistakes.map((each) => each.code)).toEqual([code]);
  });

  it('who writes an expiry has no time drawn upon it, unless he says so', () => {
    const of = (repair: string): (number | null | undefined)[] => {
      const { algorithm } =
        load(scenario(repair)).entries.find((entry): entry is Repair => entry.kind === 'repair') ?? {};
      return [algorithm?.expiry_micros, algorithm?.expiry_spread_micros];
    };
    expect(of('algorithm: tictac')).toEqual([14 * 86_400e6, 4 * 86_400e6]);
    expect(of('algorithm: tictac, expiry: 60m')).toEqual([3600e6, 0]);
    expect(of('algorithm: tictac, expiry: 60m, expiry_spread: 5m')).toEqual([3600e6, 300e6]);
    expect(of('algorithm: riak-aae')).toEqual([7 * 86_400e6, 0]);
  });
});
