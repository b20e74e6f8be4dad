/**
 * Hint buffers (cassandra.e8) and refused writes (e6), by hand: n1 alone coordinates, n3 is away, rows of a megabyte. A
 * buffer of 32 MiB (33,554,432 bytes) holds 33 hints of 1,000,032 bytes.
 */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { Simulation } from '../../src/run/simulation.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, seconds } from '../run/plain-plan.ts';
import { outcomeOf, tell, type Story } from '../run/reading.ts';
import { firstDifference, runLogged } from '../run/twins.ts';

const ROW = 1_000_000;
const PER_BUFFER = 33;
const N3 = 2;

/** 100 writes a second from 30.005 s on; n3 was stopped at the start. The disk writes 100 kB/s if nothing else is said. */
function scene(count: number, given: { disk?: number; off?: string[]; back?: number; crash?: number } = {}): Plan {
  const { back, crash } = given;
  const lasts = back === undefined ? null : seconds(back);
  const entries: PlanEntry[] = [{ id: 'faults.n3', at_micros: 0, kind: 'stopNode', nodes: ['n3'], for_micros: lasts }];
  if (crash !== undefined)
    entries.push({
      ...{ id: 'faults.n1', at_micros: seconds(crash), kind: 'crashNode', nodes: ['n1'], mode: 'process' },
      for_micros: seconds(5),
    });
  const plan = plainPlan({
    nodes: plainNodes(3, { dcs: 3 }),
    tables: [plainTable({ factor: 3, partitions: 5000, row_bytes: ROW })],
    workload: {
      w: plainWorkload({
        arrivals: { kind: 'fixed', per_second: 100 },
        from_micros: seconds(30) + 5000,
        until_micros: seconds(60),
        count,
        keys: { kind: 'sequential', from: 0, to: 5000 },
        retry: given.crash === undefined ? null : { attempts: 2, timeout_micros: seconds(10) },
      }),
    },
    duration_micros: seconds(100),
    entries,
    model: { off: given.off ?? [] },
  });
  return { ...plan, devices: { ...plan.devices, disk_write_bytes_per_second: given.disk ?? 100_000 } };
}

function flushes(story: Story): { micros: number; hints: number }[] {
  return story
    .of('hintsFlushed')
    .filter(({ node, b }) => node === 0 && b === N3)
    .map(({ micros, a }) => ({ micros, hints: a }));
}

describe('hint buffers', () => {
  test('a full buffer goes to the disk, and is there as soon as that has written it', () => {
    const story = tell(scene(2 * PER_BUFFER, { disk: 10_000_000 }));
    // The 34th hint changes the buffer, at 30.335 s; 33 hints take 3.3001056 s. Then the timer at 40 s flushes the rest.
    expect(flushes(story)).toEqual([
      { micros: seconds(30.335) + 3_300_106, hints: PER_BUFFER },
      { micros: seconds(40), hints: PER_BUFFER },
    ]);
    expect(story.result.hints['in_progress_most']).toBe(0);
  });

  test('what does not fill a buffer waits for the timer', () => {
    expect(flushes(tell(scene(PER_BUFFER)))).toEqual([{ micros: seconds(40), hints: PER_BUFFER }]);
  });
});

describe('too many hints in progress', () => {
  // Three buffers are full after 99 hints; 1024 more may wait, and the one after them makes it too many.
  const ACCEPTED = 3 * PER_BUFFER + 1024 + 1;

  test('the write that comes then is refused, and nothing of it is sent or hinted', () => {
    const story = tell(scene(ACCEPTED + 10));
    expect(story.of('rejected').map(outcomeOf)).toEqual(Array.from({ length: 10 }, () => 'overloaded'));
    expect(story.of('issued')).toHaveLength(ACCEPTED);
    expect(story.result.hints['enqueued']).toBe(ACCEPTED);
    expect(story.result.hints['in_progress_most']).toBe(1025);
    expect(story.result.writes).toMatchObject({ issued: ACCEPTED + 10, acknowledged: ACCEPTED, failed: 10 });
    const refused = new Set(story.of('rejected').map(({ a }) => a));
    expect(story.of('applied', 'missed', 'answered').filter(({ a }) => refused.has(a))).toEqual([]);
  });

  test('one write fewer, a fast disk, no limit of the buffers or no such rule: none is refused', () => {
    for (const plan of [
      scene(ACCEPTED),
      scene(ACCEPTED + 10, { disk: 300e6 }),
      scene(ACCEPTED + 10, { off: ['cassandra.e8'] }),
      scene(ACCEPTED + 10, { off: ['cassandra.e6'] }),
    ])
      expect(tell(plan).result.writes.failed).toBe(0);
  });

  test('a target that is up again counts as long as hints for it wait', () => {
    const story = tell(scene(ACCEPTED + 500, { disk: 5_000_000, back: 42 }));
    const back = story.of('markedUp').find(({ node }) => node === 0)?.micros ?? Infinity;
    expect(story.of('rejected').some(({ micros }) => micros > back)).toBe(true);
  });

  test('a crash of the coordinator takes what waits with what is in the buffers', () => {
    const story = tell(scene(ACCEPTED, { crash: 45 }));
    expect(story.result.hints).toMatchObject({ enqueued: ACCEPTED, lost: ACCEPTED, pending: 0 });
  });

  test.each([
    ['n3 stays away', { disk: 5_000_000 }],
    ['n3 comes back', { disk: 5_000_000, back: 42 }],
    ['n1 crashes', { disk: 3_000_000, back: 50, crash: 44 }],
  ])('batched, event by event and from a snapshot it is the same: %s', (_name, given) => {
    const plan = scene(ACCEPTED + 500, given);
    const batched = runLogged(plan, true);
    expect(batched.output.result.writes.failed).toBeGreaterThan(0);
    expect(firstDifference(batched.lines, runLogged(plan, false).lines)).toBeNull();
    const simulation = new Simulation(plan, { batched: true });
    simulation.runTo(seconds(43));
    const other = new Simulation(plan, { batched: true });
    other.load(simulation.save());
    other.runTo(other.world.endMicros);
    expect(other.world.trace.fingerprint()).toBe(batched.output.result.fingerprint);
  });
});
