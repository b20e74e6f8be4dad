/** Repairs of shards by hand: what each command does to copies, what it costs, and what it loses. */
import { describe, expect, it } from 'vitest';
import type { CauseName } from '../../src/data/causes.ts';
import type { Result } from '../../src/observe/result.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { PlanShardStep } from '../../src/scenario/plan-shards.ts';
import { assertHeldEqualsStorage, oracleOf } from './held.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

const SETTINGS: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'hinted-handoff.enabled': false,
};
const POINTS = { agents: { until_micros: seconds(150) } };

function planOf(entries: PlanEntry[], points: Record<string, Partial<PlanPoints>> = POINTS, link?: number): Plan {
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings: SETTINGS, model: { off: [] } },
    points,
  );
  return link === undefined ? plan : { ...plan, devices: { ...plan.devices, link_bytes_per_second: link } };
}

const tell = (entries: PlanEntry[], points?: Record<string, Partial<PlanPoints>>, link?: number): Result =>
  run(planOf(entries, points, link)).result;
const left = (result: Result, name: CauseName): number => result.final.by_cause[name]?.left ?? 0;

const away: PlanEntry = {
  ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
  ...{ at_micros: seconds(100), for_micros: seconds(60) },
};
const byHand = (at: number, ...steps: PlanShardStep[]): PlanEntry => ({
  ...{ id: 'repairs.by-hand', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(at), steps },
  command: 'influxd-ctl',
});
// s2 is owned by n3 and n1, s3 by n2 and n3.
const copyBoth: PlanShardStep[] = [
  { do: 'copyShard', from: 'n1', to: 'n3', table: 'shop.s2' },
  { do: 'copyShard', from: 'n2', to: 'n3', table: 'shop.s3' },
];

describe('copy-shard', () => {
  it('makes the copies of a node that was away equal, for the bytes of the whole shards', () => {
    const before = tell([away]);
    const result = tell([away, byHand(400, ...copyBoth)]);
    expect(before.final.latent_copies).toBeGreaterThan(0);
    expect(result.final).toMatchObject({ divergent_copies: 0, wrong_copies: 0 });
    const {
      outcome,
      healed_copies: healed,
      sent_bytes: bytes,
      sent_for_nothing_rows: rest,
      sent_rows: rows,
    } = result.repairs['repairs.by-hand'];
    expect(outcome).toBe('finished');
    expect(healed).toBe(before.final.latent_copies);
    expect(rows).toBe(healed + rest);
    expect(bytes).toBe(rows * 50);
    expect(result.rules_exercised).toContain('influxdb.7-copy');
  });

  it('loses what only the destination had', () => {
    const wrongWay: PlanShardStep[] = [{ do: 'copyShard', from: 'n3', to: 'n1', table: 'shop.s2' }];
    const result = tell([away, byHand(400, ...wrongWay)]);
    expect(left(result, 'old_data_restored')).toBe(0);
    // Nobody has them any more.
    expect(result.final.lost_acknowledged).toBeGreaterThan(0);
    // And its ledger says so, not that it has healed anything.
    const lost = result.final.lost_acknowledged;
    expect(result.repairs['repairs.by-hand']).toMatchObject({ healed_copies: 0, reverted_copies: lost });
  });

  it('heals nothing where it brings deleted points back', () => {
    const drop: PlanEntry = {
      ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(200) },
      ...{ series: [{ writer: 'agents', from: 0, to: 30 }], from_micros: null, until_micros: null, command: 'DROP' },
    };
    const missed = { ...away, at_micros: seconds(190), for_micros: seconds(60) } as PlanEntry;
    const back: PlanShardStep = { do: 'copyShard', from: 'n3', to: 'n1', table: 'shop.s2' };
    const result = tell([missed, drop, byHand(400, back)]);
    const { healed_copies: healed, reverted_copies: reverted } = result.repairs['repairs.by-hand'];
    expect(healed).toBe(0);
    expect(reverted).toBe(result.final.zombie_copies - tell([missed, drop]).final.zombie_copies);
    expect(reverted).toBeGreaterThan(0);
  });

  it('keeps what the destination has in memory, which is newer', () => {
    const points = { agents: { until_micros: seconds(600) } };
    const result = tell([away, byHand(300, ...copyBoth)], points);
    expect(result.repairs['repairs.by-hand'].outcome).toBe('finished');
    expect(result.final.divergent_copies).toBeLessThan(tell([away], points).final.divergent_copies);
  });

  it('fails where the source does not answer, and the steps after it are not taken', () => {
    const down: PlanEntry = { ...away, id: 'faults.down', nodes: ['n1'], at_micros: seconds(390) } as PlanEntry;
    const { repairs } = tell([away, down, byHand(400, ...copyBoth)]);
    expect(repairs['repairs.by-hand']).toMatchObject({ outcome: 'failed', sessions: 1, sent_bytes: 0 });
    expect(repairs['repairs.by-hand'].failures[0]).toMatch(/^copy-shard: node 1 does not answer/);
  });

  it('is not resumed where it was killed or interrupted', () => {
    const kill: PlanEntry = {
      ...{ id: 'operations.kill', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(401) },
      ...{ steps: [{ do: 'killCopyShard', from: 'n1', to: 'n3', table: 'shop.s2' }], command: 'kill-copy-shard' },
    };
    const slow = 1000;
    const killed = tell([away, byHand(400, ...copyBoth), kill], POINTS, slow);
    expect(killed.repairs['repairs.by-hand']).toMatchObject({ outcome: 'failed', failures: ['copy-shard: killed'] });
    expect(killed.repairs).not.toHaveProperty('operations.kill');
    const down: PlanEntry = { ...away, id: 'faults.down', nodes: ['n3'], at_micros: seconds(402) } as PlanEntry;
    const cut = tell([away, byHand(400, ...copyBoth), down], POINTS, slow);
    expect(cut.repairs['repairs.by-hand'].failures[0]).toMatch(/went away during the copy/);
  });
});

describe('remove-shard', () => {
  const remove: PlanShardStep = { do: 'removeShard', node: 'n3', table: 'shop.s2' };

  it('destroys the copy', () => {
    const result = tell([byHand(400, remove)]);
    expect(left(result, 'sstable_lost')).toBeGreaterThan(0);
    expect(result.final.by_node['n3'].copies).toBe(left(result, 'sstable_lost'));
  });

  it('takes the node out of the owners: nothing is sent to it, until it gets a copy', () => {
    const points = { agents: { until_micros: seconds(600), consistency: 'all' as const } };
    const result = tell([byHand(300, remove)], points);
    expect(left(result, 'bootstrap_missed')).toBeGreaterThan(0);
    // All owners there are have them.
    expect(result.writes.failed).toBe(0);
    const back = tell([byHand(300, remove, copyBoth[0])], points);
    expect(left(back, 'bootstrap_missed')).toBeLessThan(left(result, 'bootstrap_missed') / 10);
  });

  it('and a copy repair a node whatever was on it, and lose what only it had', () => {
    const result = tell([away, byHand(400, remove, copyBoth[0])]);
    const s2 = tell([away]).final.latent_copies;
    expect(result.final.latent_copies).toBeLessThan(s2);
    expect(result.repairs['repairs.by-hand'].outcome).toBe('finished');
  });
});

describe('nodes', () => {
  const handoff = { ...SETTINGS, 'hinted-handoff.enabled': true };

  it('are replaced by a machine with an empty disk, which gets what waits for it', () => {
    const gone: PlanEntry = { ...away, mode: 'disk-lost', for_micros: null } as PlanEntry;
    const update = byHand(300, { do: 'updateData', node: 'n3' });
    const result = run({ ...planOf([gone, update]), settings: handoff }).result;
    expect(result.hints.delivered).toBe(result.hints.enqueued);
    // What it held before is not there.
    expect(left(result, 'disk_lost')).toBeGreaterThan(0);
    const copied = run({
      ...planOf([gone, byHand(300, { do: 'updateData', node: 'n3' }, ...copyBoth)]),
      settings: handoff,
    });
    expect(copied.result.final.divergent_copies).toBe(0);
  });

  it('that are removed take along what waited for them', () => {
    const gone: PlanEntry = { ...away, for_micros: null } as PlanEntry;
    const remove = byHand(140, { do: 'removeData', node: 'n3' });
    const result = run({ ...planOf([gone, remove]), settings: handoff }).result;
    expect(result.hints.discarded).toBeGreaterThan(0);
    expect(left(result, 'hint_lost')).toBe(result.hints.discarded);
    // What is written from then on is kept for nobody, and that is the operator's doing.
    expect(left(result, 'node_removed')).toBeGreaterThan(0);
    expect(result.final.by_origin['repairs.by-hand'].copies).toBe(result.final.latent_copies);
    expect(left(result, 'hints_off') + result.hints.refused_off).toBe(0);
    const off = { ...planOf([gone, remove]), settings: handoff, model: { off: ['influxdb.3.6-removed'] } };
    expect(run(off).result.hints.discarded).toBe(0);
  });
});

describe('a repair by hand', () => {
  const entries = [
    away,
    byHand(300, { do: 'removeShard', node: 'n3', table: 'shop.s2' }, ...copyBoth, { do: 'updateData', node: 'n2' }),
  ];

  it('stands in the records as storage holds it', () => {
    const simulation = new Simulation(planOf(entries, POINTS, 3000), {
      batched: true,
      observers: [{ fold: (words, count) => oracle.fold(words, count) }],
    });
    if (!(simulation.world instanceof PointWorld)) throw new Error('a world of points is wanted');
    const oracle = oracleOf(simulation.world, 'arrival');
    for (let at = 50; at <= 720; at += 10) {
      simulation.runTo(seconds(at));
      simulation.world.trace.flush();
      assertHeldEqualsStorage(simulation.world, oracle);
    }
  });

  it('goes on from a saved state as if nothing had been', () => {
    const straight = run(planOf(entries, POINTS, 3000)).result;
    for (const at of [300.5, 302, 305]) {
      const first = new Simulation(planOf(entries, POINTS, 3000), { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(planOf(entries, POINTS, 3000), { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });
});

describe('a rule of repairs by hand that is off', () => {
  const told = (off: string[], ...steps: PlanShardStep[]): Result =>
    run({ ...planOf([n1Away, away, byHand(400, ...steps)]), model: { off } }).result;
  /** Later than n3's: it misses what n3 has. */
  const n1Away: PlanEntry = {
    ...{ id: 'faults.n1', kind: 'crashNode', nodes: ['n1'], mode: 'power-loss' },
    ...{ at_micros: seconds(30), for_micros: seconds(30) },
  };

  it('lets copy-shard add only', () => {
    const back: PlanShardStep = { do: 'copyShard', from: 'n1', to: 'n3', table: 'shop.s2' };
    const asItIs = told([], back);
    const off = told(['influxdb.7-copy'], back);
    expect(left(asItIs, 'old_data_restored') + asItIs.final.lost_acknowledged).toBeGreaterThan(0);
    expect(left(off, 'old_data_restored') + off.final.lost_acknowledged).toBe(0);
  });

  it('lets remove-shard take the files alone', () => {
    const late = { agents: { until_micros: seconds(550) } };
    const remove = byHand(400, { do: 'removeShard', node: 'n3', table: 'shop.s2' });
    const of = (off: string[]): Result => run({ ...planOf([remove], late), model: { off } }).result;
    // What is written afterwards is not meant for n3 any more, or still is.
    expect(left(of([]), 'bootstrap_missed')).toBeGreaterThan(0);
    expect(left(of(['influxdb.7-remove']), 'bootstrap_missed')).toBe(0);
  });
});
