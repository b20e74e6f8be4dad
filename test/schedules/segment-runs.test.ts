/** Who repairs which segment when: Reaper's and auto-repair's rules on a cluster in memory. */
import { describe, expect, test } from 'vitest';
import { RepairManager } from '../../src/repair/manager.ts';
import { REPAIR_STRATEGIES } from '../../src/repair/registry.ts';
import { RepairRounds } from '../../src/repair/rounds.ts';
import { scheduledSegments } from '../../src/repair/schedules/scheduled-segments.ts';
import type { PlanSegments } from '../../src/scenario/plan.ts';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { planOptions } from '../support/repair-bench.ts';

const SECOND = 1e6;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const REAPER: PlanSegments = {
  by: 'reaper',
  cut: 'ring',
  per_node: 2,
  intensity: 1,
  poll_micros: 10 * SECOND,
  timeout_micros: 30 * MINUTE,
  timeout_grows: true,
  retry_micros: 10 * SECOND,
  attempts_max: null,
  pending_compactions_max: 20,
  segments_max: 15,
  runs_max: 2,
  due_again_micros: null,
};

const AUTO: PlanSegments = {
  ...REAPER,
  by: 'auto_repair',
  cut: 'primary_ranges',
  per_node: null,
  poll_micros: 5 * MINUTE,
  timeout_micros: 3 * HOUR,
  timeout_grows: false,
  retry_micros: 30 * SECOND,
  attempts_max: 4,
  pending_compactions_max: null,
  segments_max: 3,
  runs_max: 1,
  due_again_micros: 24 * HOUR,
};

interface Bench {
  host: FakeHost;
  manager: RepairManager;
  rounds: RepairRounds;
  entry: number;
  /** [time, node] of each command that began. */
  started(): [number, number][];
  run(): NonNullable<NonNullable<ReturnType<RepairManager['ledger']>>['runs']>[number];
}

function benchOf(how: Partial<PlanSegments> & { base?: PlanSegments }, options: Partial<FakeOptions> = {}): Bench {
  const { base = REAPER, ...changes } = how;
  const settings = { request_timeout: 2 * SECOND };
  const host = new FakeHost({ nodes: 6, replicas: 3, loaded: 'equal', settings, ...options });
  const manager = new RepairManager(host, REPAIR_STRATEGIES);
  const segmentation = { ...base, ...changes };
  const asked = {
    id: 'repairs.r',
    options: planOptions({ strategy: 'full-parallel', node: 0, primaryRange: base === AUTO }),
    command: 'nodetool repair -full ks t0',
  };
  const entry = 5;
  const rounds = new RepairRounds({
    host,
    manager,
    entries: new Map([[entry, { ...asked, nodes: [0], oneAfterAnother: true, everyMicros: null }]]),
    segmented: new Map([
      [entry, { ...asked, how: segmentation, segments: scheduledSegments(host.tables[0], segmentation, 6) }],
    ]),
    untilMicros: 100 * HOUR,
  });
  const started = (): [number, number][] => host.recordsOf('repairStarted').map(({ time, node }) => [time, node]);
  const run = () => {
    const last = manager.ledger(entry)?.runs?.at(-1);
    if (last === undefined) throw new Error('no run has begun');
    return last;
  };
  return { host, manager, rounds, entry, started, run };
}

describe('a run of Reaper', () => {
  test('every replica of every partition is hashed exactly once, two disjoint segments at a time', () => {
    const { host, manager, rounds, entry, run, started } = benchOf({});
    rounds.begin(entry);
    expect(rounds.isRunning(entry)).toBe(true);
    host.run(HOUR);
    expect(manager.ledger(entry)).toMatchObject({ outcome: 'finished', hashed_rows: 3000, failures: [] });
    expect(run()).toMatchObject({ outcome: 'finished', segments: run().segments_done, segments_retried: 0 });
    expect(run().segments).toBeGreaterThanOrEqual(12);
    // cassandra.r-leases: six nodes, three replicas: two at once; nobody twice in one look.
    const byTime = new Map<number, number>();
    for (const [time] of started()) byTime.set(time, (byTime.get(time) ?? 0) + 1);
    expect(Math.max(...byTime.values())).toBe(2);
    expect([...byTime.keys()].every((time) => time % (10 * SECOND) === 0)).toBe(true);
    expect(rounds.isRunning(entry)).toBe(false);
  });

  test('with the rule of leases off all begin at once, up to the threads', () => {
    const { host, rounds, entry, started } = benchOf(
      { pending_compactions_max: null },
      { off: ['cassandra.r-leases'] },
    );
    rounds.begin(entry);
    host.run(1);
    expect(started().length).toBeGreaterThanOrEqual(12);
    const few = benchOf({ pending_compactions_max: null, segments_max: 5 }, { off: ['cassandra.r-leases'] });
    few.rounds.begin(few.entry);
    few.host.run(1);
    expect(few.started().length).toBe(5);
  });

  test('cassandra.r-intensity: after T its nodes rest until T / intensity', () => {
    const took = (intensity: number, off: string[] = []): number => {
      const slow = benchOf({ intensity, poll_micros: SECOND }, { diskBytesPerSecond: 10_000, off });
      slow.rounds.begin(slow.entry);
      slow.host.run(10 * HOUR);
      return slow.run().finished_micros ?? NaN;
    };
    const ratio = took(0.25) / took(1);
    expect(ratio).toBeGreaterThan(3.3);
    expect(ratio).toBeLessThan(4.1);
    expect(took(0.25, ['cassandra.r-intensity'])).toBe(took(1));
  });

  test('cassandra.r-pressure: pending compactions of a replica hold its segments back', () => {
    const { host, rounds, entry, run, started } = benchOf({});
    host.pending.set(2, 21);
    rounds.begin(entry);
    host.run(10 * MINUTE);
    // Of six ranges three have node 2.
    const before = run();
    expect(before).toMatchObject({ segments: 13, segments_done: 6 });
    expect(before.segments_postponed).toBeGreaterThan(20);
    host.pending.set(2, 20);
    host.run(10 * MINUTE);
    expect(run()).toMatchObject({ outcome: 'finished', segments_done: before.segments });
    const unmoved = benchOf({}, { off: ['cassandra.r-pressure'] });
    unmoved.host.pending.set(2, 21);
    unmoved.rounds.begin(unmoved.entry);
    unmoved.host.run(10 * MINUTE);
    expect(unmoved.run()).toMatchObject({ outcome: 'finished', segments_postponed: 0 });
    expect(started().length).toBe(before.segments);
  });

  test('cassandra.r-pressure: a repair that an operator started holds back the segments of its nodes', () => {
    const { host, manager, rounds, entry, run } = benchOf({}, { diskBytesPerSecond: 1000 });
    manager.start(1, 'repairs.hand', 0, planOptions({ strategy: 'full-parallel', node: 0 }));
    rounds.begin(entry);
    host.run(1);
    expect(run().segments_postponed).toBeGreaterThan(0);
  });

  test('cassandra.r-timeout: a segment that hangs is ended, requeued, and has more time at the next attempt', () => {
    // A validation of a segment of 83 rows takes 83 s.
    const { host, manager, rounds, entry, run } = benchOf(
      { timeout_micros: MINUTE },
      { diskBytesPerSecond: 1000, settings: { concurrent_validations: 10 } },
    );
    rounds.begin(entry);
    host.run(HOUR);
    expect(run()).toMatchObject({ outcome: 'finished', segments_done: run().segments });
    expect(run().segments_timed_out).toBeGreaterThan(0);
    expect(run().segments_retried).toBe(run().segments_timed_out);
    expect(manager.ledger(entry)).toMatchObject({ outcome: 'finished', failures: ['Terminate session is called'] });
  });

  test('a segment whose replica is down fails at once and is tried again until it is back', () => {
    const { host, manager, rounds, entry, run } = benchOf({});
    host.stop(2);
    manager.nodeCrashed(2);
    for (const node of [0, 1, 3, 4, 5]) host.dead.add(`${node}|2`);
    rounds.begin(entry);
    host.run(10 * MINUTE);
    expect(run()).toMatchObject({ segments: 13, segments_done: 6 });
    expect(manager.ledger(entry)).toMatchObject({ outcome: 'running', failures: ['Endpoint not alive: n3'] });
    host.dead.clear();
    host.restart(2);
    manager.nodeStarted(2);
    host.run(10 * MINUTE);
    expect(manager.ledger(entry)).toMatchObject({ outcome: 'finished' });
    expect(run()).toMatchObject({ segments_done: run().segments });
    expect(run().segments_retried).toBeGreaterThan(6);
  });

  test('the coordinator of a segment crashes: another replica is asked', () => {
    const { host, manager, rounds, entry, run, started } = benchOf({}, { diskBytesPerSecond: 5000 });
    rounds.begin(entry);
    host.run(SECOND);
    const [[, first]] = started();
    host.stop(first);
    manager.nodeCrashed(first);
    host.run(HOUR);
    // What it holds cannot be repaired without it, but others ask for that now.
    expect(run().segments_done).toBe(6);
    expect(run().segments_retried).toBeGreaterThan(0);
    expect(
      new Set(
        started()
          .slice(2)
          .map(([, node]) => node),
      ).has(first),
    ).toBe(false);
  });
});

describe('auto-repair', () => {
  test('each node repairs its primary ranges once a day, never two replicas of a range at once', () => {
    const { host, manager, rounds, entry, started } = benchOf({ base: AUTO });
    rounds.begin(entry);
    host.run(20 * HOUR);
    // Of a ring of six two that share nothing fit: three apart. Three looks, five minutes apart.
    expect(started()).toEqual(
      [
        [0, 0],
        [0, 3],
        [5, 1],
        [5, 4],
        [10, 2],
        [10, 5],
      ].map(([minutes, node]) => [minutes * MINUTE, node]),
    );
    expect(manager.ledger(entry)).toMatchObject({ hashed_rows: 3000 });
    host.run(30 * HOUR);
    expect(started().length).toBe(18);
    const runs = manager.ledger(entry)?.runs ?? [];
    expect(runs.map(({ outcome, hashed_rows: rows }) => [outcome, rows])).toEqual([
      ['finished', 3000],
      ['finished', 3000],
      ['finished', 3000],
      ['running', 0],
    ]);
  });

  test('after three retries a node waits for its next turn', () => {
    const { host, manager, rounds, entry, started } = benchOf({ base: AUTO });
    for (const node of [0, 1, 3, 4, 5]) host.dead.add(`${node}|2`);
    rounds.begin(entry);
    host.run(HOUR);
    const ofNode = (node: number) =>
      started()
        .filter((each) => each[1] === node)
        .map(([time]) => time);
    const alone = [0, 1, 3, 4, 5].filter((node) => ofNode(node).length === 4);
    // Node 2 itself sees all others; two of them need it.
    expect(alone.length).toBe(2);
    const times = ofNode(alone[0]);
    expect(times.slice(1).map((time, index) => time - times[index])).toEqual([30, 30, 30].map((each) => each * SECOND));
    expect(manager.ledger(entry)?.runs?.[0]).toMatchObject({ outcome: 'failed', segments_done: 4 });
  });
});

test('a run is saved in the middle of anything and goes on the same', () => {
  const slow = { diskBytesPerSecond: 5000 };
  const whole = benchOf({ intensity: 0.5 }, slow);
  whole.rounds.begin(whole.entry);
  whole.host.run(2 * HOUR);
  for (const stop of [0, 1, 7, 13, 21, 55, 90]) {
    const first = benchOf({ intensity: 0.5 }, slow);
    first.rounds.begin(first.entry);
    first.host.run(stop * SECOND);
    const saved = { rounds: first.rounds.save(), manager: first.manager.save(), host: first.host.save() };
    first.host.run(HOUR);
    const again = benchOf({ intensity: 0.5 }, slow);
    again.host.load(saved.host);
    again.manager.load(saved.manager);
    again.rounds.load(saved.rounds);
    again.host.run(2 * HOUR - stop * SECOND);
    expect(again.manager.ledger(again.entry)).toEqual(whole.manager.ledger(whole.entry));
  }
});
