/** Large transfers end with the process at either end of them: Merkle trees as well as streams. */
import { describe, expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainPlan, plainTable, plainWorkload, repairEntry, seconds } from './plain-plan.ts';
import { tell, type Story } from './reading.ts';

/** A tree of depth 15 is more than a megabyte; at 100 kB/s it is under way for more than ten seconds. */
const plan = (entries: PlanEntry[] = []): Plan =>
  plainPlan({
    tables: [plainTable({ partitions: 20_000, loaded: 'equal' })],
    workload: { w: plainWorkload({ count: 0 }) },
    devices: {
      disk_read_bytes_per_second: 1e9,
      disk_write_bytes_per_second: 1e9,
      fsync_micros: 2000,
      link_bytes_per_second: 100_000,
    },
    duration_micros: seconds(300),
    entries: [repairEntry({ at: seconds(10), nodes: ['n1'], strategy: 'full-parallel' }), ...entries],
  });

const ended = (kind: 'crashNode' | 'stopNode', at: number, node: string): PlanEntry => ({
  id: 'faults.end',
  at_micros: at,
  nodes: [node],
  for_micros: null,
  ...(kind === 'crashNode' ? { kind, mode: 'process' } : { kind }),
});

const treesFrom = (story: Story, node: number): number =>
  story.of('treeReceived').filter((record) => record.node === node).length;

describe('a tree under way', () => {
  const quiet = tell(plan());
  const built = quiet.of('validationFinished').find(({ node }) => node === 1)?.micros ?? 0;
  const received = quiet.of('treeReceived').find(({ node }) => node === 1)?.micros ?? 0;

  test('takes its time', () => {
    expect(received - built).toBeGreaterThan(seconds(10));
  });

  test.each(['crashNode', 'stopNode'] as const)('does not outlive its sender: %s', (kind) => {
    const story = tell(plan([ended(kind, built + seconds(3), 'n2')]));
    expect(treesFrom(story, 1)).toBe(0);
    expect(treesFrom(story, 2)).toBe(1);
  });

  test('leaves nothing on the links when its receiver is gone', () => {
    const simulation = new Simulation(plan([ended('crashNode', built + seconds(3), 'n1')]), {
      batched: true,
      observers: [],
    });
    simulation.runTo(built + seconds(3) + 1);
    expect(simulation.world.devices.devices.runningCount).toBe(0);
    expect(simulation.replicas.host.save().messages).toEqual([]);
  });
});

describe('a cut link', () => {
  const cut = (at: number, forMicros: number): PlanEntry => ({
    id: 'faults.cut',
    at_micros: at,
    kind: 'cutLink',
    from: ['n1'],
    to: ['n2'],
    two_way: true,
    for_micros: forMicros,
  });
  const whole = plan();
  const quiet = tell(whole);
  const built = quiet.of('validationFinished').find(({ node }) => node === 1)?.micros ?? 0;
  const outcome = (entries: PlanEntry[], durationMicros = seconds(300)): string => {
    const simulation = new Simulation({ ...plan(entries), duration_micros: durationMicros }, { batched: true });
    simulation.runTo(simulation.world.endMicros);
    return Object.values(simulation.finish().result.repairs)[0].outcome;
  };

  test.each([
    ['when the tree is sent', built - 1000],
    ['while the tree is under way', built + seconds(1)],
  ])('of ten seconds only delays the repair: %s', (_when, at) => {
    expect(outcome([cut(at, seconds(10))])).toBe('finished');
    expect(outcome([cut(at, seconds(30))])).toBe('finished');
  });

  test('that outlives the patience for a tree leaves the repair waiting (cassandra.b26)', () => {
    expect(outcome([cut(built - 1000, seconds(290))], seconds(400))).toBe('finished');
    expect(outcome([cut(built - 1000, seconds(310))], seconds(700))).toBe('running');
  });
});
