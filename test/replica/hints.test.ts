/**
 * Hinted handoff (cassandra.e1 to e17) in small runs: each node is a data centre of its own, so that all clients use n1; n3
 * goes away; every message takes a millisecond.
 */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanDistribution, PlanEntry, SettingValue } from '../../src/scenario/plan.ts';
import {
  constant,
  constantLinks,
  plainNodes,
  plainPlan,
  plainTable,
  plainWorkload,
  seconds,
} from '../run/plain-plan.ts';
import { fateOf, outcomeOf, tell, viaOf, type Seen, type Story } from '../run/reading.ts';

/** Timers of a node that ran from the start tick at multiples of this. */
const TICK = seconds(10);
/** A row of 100 bytes and what a hint adds. */
const HINT_BYTES = 132;
const N3 = 2;

interface Scene {
  entries: PlanEntry[];
  settings?: Record<string, SettingValue>;
  perSecond?: number;
  until?: number;
  lasts?: number;
  nodes?: number;
  given?: Partial<Plan>;
}

/** Writes at 0.5 s, 1.5 s, … of every key in turn. */
function scene({
  entries,
  settings = {},
  perSecond = 1,
  until = 60,
  lasts = 200,
  nodes = 3,
  given = {},
}: Scene): Story {
  const workload = plainWorkload({
    arrivals: { kind: 'fixed', per_second: perSecond },
    from_micros: seconds(0.5),
    until_micros: seconds(until),
    keys: { kind: 'sequential', from: 0, to: 20 },
  });
  return tell(
    plainPlan({
      nodes: plainNodes(nodes, { dcs: nodes }),
      tables: [plainTable({ factor: nodes })],
      workload: { w: workload },
      duration_micros: seconds(lasts),
      settings,
      entries,
      ...given,
    }),
  );
}

const crash = (
  node: string,
  at: number,
  lasts: number | null,
  mode: 'process' | 'power-loss' = 'process',
): PlanEntry => ({
  id: `faults.${node}`,
  at_micros: seconds(at),
  kind: 'crashNode',
  nodes: [node],
  mode,
  for_micros: lasts === null ? null : seconds(lasts),
});

/** Told to all, so that it is known to be down at once. */
const stop = (node: string, at: number, lasts: number | null): PlanEntry => ({
  id: `faults.${node}`,
  at_micros: seconds(at),
  kind: 'stopNode',
  nodes: [node],
  for_micros: lasts === null ? null : seconds(lasts),
});

const secondsOf = (records: Seen[]): number[] => records.map(({ micros }) => micros / 1e6);
const last = <T>(list: T[]): T => list[list.length - 1];
const withFate = (story: Story, fate: string): Seen[] => story.of('missed').filter((record) => fateOf(record) === fate);

describe('when a hint is made (cassandra.e2, e4, e5)', () => {
  test('two seconds after the write while the target is believed up, at once when it is known down', () => {
    const story = scene({ entries: [crash('n3', 10, null)] });
    const down = story.of('markedDown').find(({ node }) => node === 0)?.micros ?? 0;
    for (const { micros, a } of withFate(story, 'node_down hint_pending')) {
      const issued = story.of('issued').find((record) => record.a === a)?.micros ?? 0;
      expect(micros - issued).toBe(issued > down ? 0 : seconds(2));
    }
    expect(withFate(story, 'node_down hint_pending')).toHaveLength(50);
  });

  test('the window counts from when this coordinator marked the target down', () => {
    const settings = { max_hint_window: seconds(20), hint_window_persistent_enabled: false };
    const story = scene({ entries: [crash('n3', 10, null)], settings });
    const down = (story.of('markedDown').find(({ node }) => node === 0)?.micros ?? 0) / 1e6;
    expect(last(secondsOf(withFate(story, 'node_down hint_pending')))).toBeGreaterThan(down + 19);
    expect(last(secondsOf(withFate(story, 'node_down hint_pending')))).toBeLessThanOrEqual(down + 20);
    expect(secondsOf(withFate(story, 'hint_window_passed latent'))[0]).toBeGreaterThan(down + 20);
    expect(story.result.hints.refused_window).toBe(withFate(story, 'hint_window_passed latent').length);
  });

  test('the persistent window counts from the oldest hint that is stored', () => {
    const story = scene({ entries: [crash('n3', 10, null)], settings: { max_hint_window: seconds(20) } });
    const [oldest] = secondsOf(withFate(story, 'node_down hint_pending'));
    expect(oldest).toBe(12.5);
    expect(last(secondsOf(withFate(story, 'node_down hint_pending')))).toBe(oldest + 20);
  });

  test('hints that are older than the window are kept, only no new ones are made (cassandra.e7)', () => {
    const story = scene({ entries: [stop('n3', 10, 60)], settings: { max_hint_window: seconds(20) } });
    // Those of 10.5 to 29.5 s.
    expect(story.result.hints.delivered).toBe(20);
    expect(story.result.final.by_cause.hint_window_passed?.left).toBeGreaterThan(0);
  });

  test('a restarted coordinator begins a new window', () => {
    const settings = { max_hint_window: seconds(20), hint_window_persistent_enabled: false };
    const story = scene({ entries: [crash('n3', 10, null), crash('n1', 55, 2)], settings, until: 70 });
    expect(last(secondsOf(withFate(story, 'node_down hint_pending')))).toBeGreaterThan(57);
  });

  test('the cap counts files, not the buffer', () => {
    const story = scene({ entries: [stop('n3', 12, null)], settings: { max_hints_size_per_host: HINT_BYTES * 3 } });
    // Hints from 12.5 s on lie in the buffer until the flush at 20 s; then eight of them are on disk.
    expect(secondsOf(withFate(story, 'node_down hint_pending'))).toEqual([
      12.5, 13.5, 14.5, 15.5, 16.5, 17.5, 18.5, 19.5,
    ]);
    expect(story.result.hints.refused_size).toBe(withFate(story, 'hint_queue_full latent').length);
    expect(withFate(story, 'hint_queue_full latent')).toHaveLength(40);
  });

  test('handoff off, or off for the data centre: no hint', () => {
    for (const settings of [{ hinted_handoff_enabled: false }, { hinted_handoff_disabled_datacenters: ['dc3'] }]) {
      const story = scene({ entries: [crash('n3', 10, null)], settings });
      expect(story.result.hints.enqueued).toBe(0);
      expect(withFate(story, 'hints_off latent')).toHaveLength(50);
    }
  });

  test('a stored hint is an answer at ANY only (cassandra.e3)', () => {
    const told = (consistency: 'ANY' | 'ONE'): string[] => {
      const workload = plainWorkload({
        arrivals: { kind: 'fixed', per_second: 1 },
        from_micros: seconds(40),
        until_micros: seconds(45),
        consistency,
      });
      const entries = [crash('n2', 1, null), crash('n3', 1, null), crash('n1', 1, 3)];
      const story = tell(
        plainPlan({
          nodes: plainNodes(3, { dcs: 3 }),
          tables: [plainTable({ replication: { strategy: 'NetworkTopologyStrategy', factors: { dc2: 1, dc3: 1 } } })],
          workload: { w: workload },
          entries,
        }),
      );
      return [...new Set(story.of('answered', 'rejected').map(outcomeOf))];
    };
    expect(told('ANY')).toEqual(['success']);
    expect(told('ONE')).toEqual(['unavailable']);
  });
});

describe('consistency ANY (cassandra.e3)', () => {
  /** Writes through n1, which is no replica; n2 and n3 are. */
  const any = (entries: PlanEntry[], settings: Record<string, SettingValue> = {}): Story =>
    tell(
      plainPlan({
        nodes: plainNodes(3, { dcs: 3 }),
        tables: [plainTable({ replication: { strategy: 'NetworkTopologyStrategy', factors: { dc2: 1, dc3: 1 } } })],
        workload: {
          w: plainWorkload({
            arrivals: { kind: 'fixed', per_second: 1 },
            from_micros: seconds(40),
            until_micros: seconds(45),
            consistency: 'ANY',
          }),
        },
        entries,
        settings,
        links: constantLinks(1000),
      }),
    );
  const delays = (story: Story): Set<number> => {
    const issued = new Map(story.of('issued').map(({ a, micros }) => [a, micros]));
    return new Set(story.of('answered').map(({ a, micros }) => micros - (issued.get(a) ?? 0)));
  };

  test('a hint for one replica is enough, before the other has answered', () => {
    expect(delays(any([]))).toEqual(new Set([2000]));
    expect(delays(any([stop('n3', 1, null)]))).toEqual(new Set([0]));
  });

  test('a time-out is a success, with a hint and without: then nobody has the write', () => {
    const entries = [crash('n2', 39, null), crash('n3', 39, null)];
    for (const enabled of [true, false]) {
      const story = any(entries, { hinted_handoff_enabled: enabled });
      expect(new Set(story.of('answered').map(outcomeOf))).toEqual(new Set(['success']));
      expect(delays(story)).toEqual(new Set([seconds(2)]));
      expect(story.result.hints.enqueued).toBe(enabled ? 10 : 0);
      expect(story.result.final.lost_acknowledged).toBe(enabled ? 0 : 5);
    }
  });
});

describe('where hints are, and what a crash of the coordinator takes (cassandra.e9, e11)', () => {
  const lostBy = (entry: PlanEntry): Story => scene({ entries: [stop('n3', 10, null), entry], until: 66 });

  test('a process crash loses the buffer: what came after the flush at 60 s', () => {
    const story = lostBy(crash('n1', 65.1, 5));
    expect(secondsOf(story.of('hintsFlushed').filter(({ node }) => node === 0)).slice(0, 5)).toEqual([
      20, 30, 40, 50, 60,
    ]);
    // Hints of 60.5 to 64.5 s.
    expect(withFate(story, 'hint_lost latent')).toHaveLength(5);
    expect(story.result.hints.lost).toBe(5);
  });

  test('a power loss also loses files that were never closed', () => {
    const story = lostBy(crash('n1', 65.1, 5, 'power-loss'));
    expect(story.result.hints.lost).toBe(story.result.hints.enqueued);
  });

  test('a graceful stop loses nothing', () => {
    const story = lostBy({
      id: 'faults.n1',
      at_micros: seconds(65.1),
      kind: 'stopNode',
      nodes: ['n1'],
      for_micros: seconds(5),
    });
    expect(story.result.hints.lost).toBe(0);
    expect(story.result.hints.pending).toBe(story.result.hints.enqueued);
  });
});

describe('delivery (cassandra.e13 to e17)', () => {
  const up = (story: Story): number => story.of('markedUp').find(({ node }) => node === 0)?.micros ?? 0;
  const nextTick = (micros: number): number => (Math.floor(micros / TICK) + 1) * TICK;

  test('the tick after gossip is back closes the file, the one after that sends it', () => {
    const story = scene({ entries: [stop('n3', 10, 62)] });
    const closing = nextTick(up(story));
    expect(story.of('hintFileClosed').map(({ micros }) => micros)).toEqual([closing]);
    expect(story.of('hintDispatchStarted').map(({ micros }) => micros)).toEqual([closing + TICK]);
    expect(story.of('applied').filter((record) => viaOf(record) === 'hint')).toHaveLength(story.result.hints.enqueued);
    expect(story.result.final.divergent_copies).toBe(0);
  });

  test.each([3, 5])('the throttle is shared by all nodes but one: of %i', (nodes) => {
    const story = scene({ entries: [stop('n3', 10, 62)], settings: { hinted_handoff_throttle: 1000 }, nodes });
    const bytes = story.result.hints.delivered * HINT_BYTES;
    const [started] = story.of('hintDispatchStarted');
    const [finished] = story.of('hintDispatchFinished');
    expect(finished.micros - started.micros).toBe(Math.ceil((bytes * 1e6) / (1000 / (nodes - 1))) + 1000);
  });

  test('a page that finds the target gone is sent again, those before it are not', () => {
    // 200 kB rows: three to a page. At 300 kB/s a page takes 2 s.
    const table = plainTable({ row_bytes: 200_000 });
    const story = scene({
      entries: [stop('n3', 10, 62), { ...crash('n3', 94.5, 12), id: 'faults.again' }],
      settings: { hinted_handoff_throttle: 600_000 },
      given: { tables: [table] },
    });
    // The page of 96 s, and the one that the tick at 100 s sends to a node that n1 still believes up: each takes two
    // seconds, and two more until nobody waits for its answers any longer.
    expect(story.of('hintPageAborted').map(({ micros }) => Math.floor(micros / 1e6))).toEqual([98, 104]);
    const applied = story.of('applied').filter((record) => viaOf(record) === 'hint');
    const first = applied.filter(({ micros }) => micros < seconds(95));
    expect(first.length).toBeGreaterThan(0);
    expect(first.length % 3).toBe(0);
    expect(new Set(applied.map(({ a }) => a)).size).toBe(applied.length);
    expect(applied).toHaveLength(story.result.hints.enqueued);
    expect(story.result.final.divergent_copies).toBe(0);
  });

  test('a hint is worth nothing after gc_grace_seconds', () => {
    const story = scene({
      entries: [stop('n3', 10, 62)],
      given: { tables: [plainTable({ gc_grace_micros: seconds(50) })] },
    });
    const [delivered] = story.of('hintDispatchFinished');
    // When the hint was made: 2 s after the write for what was under way at 10 s, at once later.
    const issuedAt = new Map(withFate(story, 'node_down hint_pending').map(({ a, micros }) => [a, micros]));
    const expired = story.of('hintExpired');
    expect(expired.length).toBe(story.result.hints.expired);
    expect(expired.length).toBeGreaterThan(10);
    for (const { a } of expired) expect(delivered.micros - (issuedAt.get(a) ?? 0)).toBeGreaterThanOrEqual(seconds(50));
    for (const { a } of story.of('applied').filter((record) => viaOf(record) === 'hint'))
      expect(delivered.micros - (issuedAt.get(a) ?? 0)).toBeLessThan(seconds(50));
  });

  test('the life of a hint counts from its creation, not from the write', () => {
    // Writes of 10.5 s and on to a node that is not yet known to be down: each has its hint two seconds later.
    const given = { tables: [plainTable({ gc_grace_micros: seconds(45) })] };
    const story = scene({ entries: [crash('n3', 10.2, 49)], until: 20, given });
    const delivered = story.of('hintDispatchFinished')[0].micros;
    const [made] = withFate(story, 'node_down hint_pending');
    const expired = story.of('hintExpired').length;
    const young = withFate(story, 'node_down hint_pending').filter(({ micros }) => delivered - micros < seconds(45));
    expect(delivered - made.micros).toBeGreaterThan(seconds(45));
    expect(expired).toBe(withFate(story, 'node_down hint_pending').length - young.length);
    const issued = new Map(story.of('issued').map(({ a, micros }) => [a, micros]));
    const saved = young.filter(({ a }) => delivered - (issued.get(a) ?? 0) >= seconds(45));
    expect(saved).toHaveLength(2);
  });

  test('how far a file was sent is known to the process only: after a restart it comes again from its start', () => {
    const table = plainTable({ row_bytes: 200_000 });
    const again = (entry: PlanEntry): Story =>
      scene({
        entries: [stop('n3', 10, 62), entry],
        settings: { hinted_handoff_throttle: 600_000 },
        given: { tables: [table] },
      });
    for (const entry of [crash('n1', 97.5, 1), { ...stop('n1', 97.5, 1) }]) {
      const { hints, final } = again(entry).result;
      // Three pages of three were through: of 92, 94 and 96 s.
      expect(hints.repeated).toBe(9);
      expect(hints.delivered).toBe(hints.enqueued + 9);
      expect(final.divergent_copies).toBe(0);
    }
  });

  test('further targets wait for a thread, and have it as soon as one is free', () => {
    const story = scene({
      entries: ['n3', 'n4', 'n5'].map((node) => stop(node, 10, 62)),
      settings: { hinted_handoff_throttle: 4000, max_hints_delivery_threads: 2 },
      nodes: 5,
    });
    const started = story.of('hintDispatchStarted');
    const finished = story.of('hintDispatchFinished');
    expect(started).toHaveLength(3);
    expect(started[1].micros).toBe(started[0].micros);
    expect(started[2].micros).toBe(finished[0].micros);
    expect(finished[0].micros % TICK).not.toBe(0);
  });

  test('nothing is sent to a target that the coordinator does not see', () => {
    const story = scene({ entries: [stop('n3', 10, null)] });
    expect(story.of('hintFileClosed', 'hintDispatchStarted')).toEqual([]);
    expect(story.of('applied').filter(({ node, micros }) => node === N3 && micros > seconds(10))).toEqual([]);
  });
});

test('a page whose message is under way for longer than the time-out is aborted, and drawn anew at the next tick', () => {
  // Half of all messages take three seconds.
  const slow: PlanDistribution = {
    kind: 'mixture',
    parts: [
      { share: 0.5, of: constant(1000) },
      { share: 0.5, of: constant(seconds(3)) },
    ],
  };
  const links = { ...constantLinks(1000), wan: { ...constantLinks(1000).wan, write: slow } };
  const story = scene({ entries: [stop('n3', 10, 30)], lasts: 600, given: { links } });
  expect(story.result.hints.aborted_pages).toBeGreaterThan(1);
  expect(story.result.hints.pending).toBe(0);
  expect(story.result.final.divergent_copies).toBe(0);
});
