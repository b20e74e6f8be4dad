/**
 * Foreign algorithms where something is not as it should be: a node that stands still or answers too late, a disk that is
 * slow, tombstones that become purgeable, an entry whose trees nobody looks at. What they count and charge then.
 */
import { describe, expect, test } from 'vitest';
import type { AlgorithmCosts, RepairLedger } from '../../src/observe/result.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanAlgorithm, PlanEntry } from '../../src/scenario/plan.ts';
import { plainTable, plainWorkload, seconds, traceArrivals } from '../run/plain-plan.ts';
import { runLogged } from '../run/twins.ts';
import { DYNAMO, foreign, ledgerOf, missedBy, resultOf, RIAK, TABLE, TICTAC, world } from './algorithm-worlds.ts';

const ALL = [DYNAMO, RIAK, TICTAC];
const many = Array.from({ length: 12 }, (_unset, key) => key);

function pause(node: string, at: number, forSeconds: number): PlanEntry {
  const times = { at_micros: seconds(at), for_micros: seconds(forSeconds) };
  return { id: 'faults.pause', kind: 'pauseNode', nodes: [node], ...times };
}

function slowDisk(node: string, share: number): PlanEntry {
  const times = { at_micros: seconds(55), for_micros: null, fsync_micros: null };
  return { id: `faults.slow-${node}`, kind: 'slowDisk', nodes: [node], speed_share: share, ...times };
}

/** The times and operands of a record. */
function recordsOf(plan: Plan, name: string): { at: number; c: number }[] {
  const { lines } = runLogged(plan, true);
  return lines
    .filter((line) => line.split(' ')[1] === name)
    .map((line) => ({ at: Number(line.split(' ')[0]), c: Number(/ c=(\d+)/.exec(line)?.[1]) }));
}

describe('what writes cost in trees', () => {
  /** 10 writes a second from 60 s, to the end or shorter, of which each reaches three copies. */
  function busy(how: PlanAlgorithm, given: { until?: number; writesUntil?: number } = {}): number {
    const { until = 600, writesUntil = 600 } = given;
    const arrivals = { kind: 'fixed', per_second: 10 } as const;
    const workload = {
      w: plainWorkload({ arrivals, from_micros: seconds(60), until_micros: seconds(writesUntil) }),
    };
    const entry = foreign({ ...how, until_micros: seconds(until) }, 60);
    return ledgerOf(world([], [entry], { workload })).algorithm.index_write_bytes;
  }
  const PER_WRITE = { dynamo: 3 * 16, 'riak-aae': 12 + 20, tictac: 12 + 4 + 2 * 4 };

  test('each of them, however seldom a tree is looked at', () => {
    for (const how of ALL) {
      const often = busy(how);
      expect(often, how.name).toBe(3 * 5400 * PER_WRITE[how.name]);
      expect(busy({ ...how, tick_micros: seconds(200) }), how.name).toBe(often);
      expect(busy({ ...how, tick_micros: seconds(10_000) }), how.name).toBe(often);
    }
  });

  test('nothing after the entry is over', () => {
    for (const how of ALL) {
      const short = busy(how, { until: 300 });
      expect(short, how.name).toBeGreaterThan(0);
      expect(short, how.name).toBeLessThanOrEqual(3 * 2410 * PER_WRITE[how.name]);
      expect(busy({ ...how, tick_micros: seconds(10_000) }, { until: 300 }), how.name).toBe(short);
    }
  });
});

describe('deletions that become purgeable', () => {
  test('are in no tree from then on: one that was made anew is like the others', () => {
    const deleted = many.map((key) => ({ at: seconds(70) + key, key, operation: 'delete' as const }));
    const tables = [plainTable({ loaded: 'equal', deletes_rows: true, gc_grace_micros: seconds(100) })];
    const workload = { w: plainWorkload({ arrivals: traceArrivals(deleted), until_micros: seconds(600) }) };
    const crash: PlanEntry = {
      ...{ id: 'faults.crash', kind: 'crashNode', nodes: ['n2'], mode: 'process' },
      ...{ at_micros: seconds(250), for_micros: seconds(20) },
    };
    for (const how of ALL) {
      const late = { ...how, tick_micros: seconds(20) };
      const result = resultOf(world([], [crash, foreign(late)], { tables, workload }));
      const { algorithm, trees } = result.repairs['repairs.x'];
      expect(trees, how.name).toBe(how.name === 'riak-aae' ? 0 : 3);
      expect(algorithm?.keys_differing, how.name).toBe(0);
      expect(result.final.divergent_copies, how.name).toBe(0);
    }
  });

  test('so are those of an ALTER TABLE that shortens gc_grace', () => {
    const deleted = many.map((key) => ({ at: seconds(70) + key, key, operation: 'delete' as const }));
    const tables = [plainTable({ loaded: 'equal', deletes_rows: true, gc_grace_micros: seconds(864_000) })];
    const workload = { w: plainWorkload({ arrivals: traceArrivals(deleted), until_micros: seconds(600) }) };
    const alter: PlanEntry = {
      ...{ id: 'operations.alter', kind: 'alterTable', nodes: ['n1'], table: TABLE, command: 'ALTER TABLE' },
      ...{ at_micros: seconds(200), gc_grace_micros: seconds(50) },
    };
    const crash: PlanEntry = {
      ...{ id: 'faults.crash', kind: 'crashNode', nodes: ['n2'], mode: 'process' },
      ...{ at_micros: seconds(250), for_micros: seconds(20) },
    };
    const { algorithm } = ledgerOf(
      world([], [alter, crash, foreign({ ...DYNAMO, tick_micros: seconds(20) })], { tables, workload }),
    );
    expect(algorithm.keys_differing).toBe(0);
  });
});

describe('who gives no answer', () => {
  /** n3 begins at 60 s, with n1. */
  function halted(how: PlanAlgorithm, ...entries: PlanEntry[]): AlgorithmCosts {
    const workload = { w: plainWorkload({ arrivals: firstAndAgain(), until_micros: seconds(60) }) };
    return ledgerOf(world([], [missedBy('n3'), ...entries, foreign(how)], { workload })).algorithm;
  }
  function firstAndAgain(): ReturnType<typeof traceArrivals> {
    const first = many.map((key) => ({ at: seconds(5) + key, key }));
    return traceArrivals([...first, ...many.map((key) => ({ at: seconds(30) + key, key }))]);
  }
  const slowly = { ...RIAK, key_pause_micros: seconds(4), tick_micros: seconds(3) };

  test('is not alike', () => {
    // Nothing is written after 31 s: a key whose hashes differ does differ.
    const asked = halted(slowly, pause('n1', 65, 14));
    expect(asked.keys_unanswered).toBeGreaterThan(0);
    expect(asked.keys_alike).toBe(0);
  });

  test('a Riak whose partner is held for dead gives up, and has failed', () => {
    const asked = halted(slowly, pause('n1', 65, 200));
    expect(asked.exchanges_failed).toBeGreaterThan(0);
    expect(asked.keys_unanswered).toBeLessThan(10);
  });

  test('a swap that nobody answers has failed, and its keys are no alike ones', () => {
    // Who is asked reads for some 10 s; before it answers n3 cannot reach it any more.
    const cut: PlanEntry = {
      ...{ id: 'faults.cut', kind: 'cutLink', from: ['n3'], to: ['n1', 'n2'], two_way: true },
      ...{ at_micros: seconds(62), for_micros: seconds(300) },
    };
    const how = { ...DYNAMO, answer_timeout_micros: seconds(20), tick_micros: seconds(3) };
    const asked = halted(how, slowDisk('n1', 0.0000002), slowDisk('n2', 0.0000002), cut);
    expect(asked.keys_unanswered).toBeGreaterThan(0);
    expect(asked.keys_alike).toBe(0);
    expect(asked.exchanges_failed).toBeGreaterThan(0);
  });
});

describe('a swap that takes long', () => {
  const tables = [plainTable({ row_bytes: 1000 })];
  /** Some 10 kB at 200 MB/s times the share. */
  const crawl = (nodes: string[]): PlanEntry[] => nodes.map((node) => slowDisk(node, 0.0000005));
  const how = { ...DYNAMO, answer_timeout_micros: seconds(10), tick_micros: seconds(20) };
  function slow(nodes: string[]): { ledger: RepairLedger & { algorithm: AlgorithmCosts }; plan: Plan } {
    const plan = world(many, [missedBy('n3'), ...crawl(nodes), foreign(how)], { tables });
    return { ledger: ledgerOf(plan), plan };
  }

  test('is not given up while somebody is at work on it', () => {
    const { ledger } = slow(['n1', 'n2', 'n3']);
    expect(ledger.algorithm.exchanges_failed).toBe(0);
    expect(ledger.healed_copies).toBe(12);
  });

  test('both sides read from their disks', () => {
    // Of each pair the earlier replica begins: n3, on a fast disk, waits for n1 and n2.
    const first = (nodes: string[]): number =>
      recordsOf(slow(nodes).plan, 'exchangeEnded').find(({ c }) => c > 0)?.at ?? 0;
    expect(first(['n1', 'n2']) - first([])).toBeGreaterThan(seconds(9));
  });

  test('what comes too late was sent all the same', () => {
    // A link of 100 B/s: an answer of 1 kB takes 10 s, a read is waited for 5 s.
    const link: PlanEntry = {
      ...{ id: 'faults.link', kind: 'slowLink', from: ['n3'], to: ['n1', 'n2'], two_way: true, latency_times: 1 },
      ...{ bytes_per_second: 100, at_micros: seconds(55), for_micros: null },
    };
    const big = [plainTable({ row_bytes: 5000 })];
    const arrivals = traceArrivals(many.map((key) => ({ at: seconds(5) + key, key })));
    const sized = { ...arrivals, bytes: many.map(() => 5000) } as typeof arrivals;
    const again = plainWorkload({ arrivals: traceArrivals(many.map((key) => ({ at: seconds(30) + key, key }))) });
    const workload = { first: plainWorkload({ arrivals: sized }), w: again };
    const brief = foreign({ ...RIAK, until_micros: seconds(64) });
    const plan = world([], [missedBy('n3'), link, brief], { tables: big, workload });
    const simulation = new Simulation(plan, { batched: true });
    const at = (micros: number): RepairLedger | undefined => {
      simulation.runTo(micros);
      return simulation.repairCosts()['repairs.x'];
    };
    const end = Number(ledgerOf(plan).finished_micros);
    const [over, last] = [at(end + 1), at(seconds(600))];
    expect(over?.algorithm?.keys_unanswered).toBeGreaterThan(0);
    // On their way when the last exchange had ended; on the line of n3 no more than it can bring.
    const late = Number(last?.sent_for_nothing_bytes) - Number(over?.sent_for_nothing_bytes);
    expect(late).toBeGreaterThanOrEqual(5000);
    expect(late).toBeLessThanOrEqual(2 * 100 * 600);
  });
});

describe('a node that stands still', () => {
  test('takes no step of its exchanges and builds', () => {
    const throttled = { ...RIAK, key_pause_micros: seconds(4), tick_micros: seconds(3) };
    const plan = world(many, [missedBy('n3'), pause('n3', 63, 10), foreign(throttled)]);
    const simulation = new Simulation(plan, { batched: true });
    const doneBy = (micros: number): number[][] => {
      simulation.runTo(micros);
      const { exchanges = [] } = simulation.replicas.rounds.algorithms?.save() ?? {};
      return exchanges.filter(([, { local }]) => local === 2).map(([, { id, done, serial }]) => [id, done, serial]);
    };
    const before = doneBy(seconds(63) + 1);
    expect(before).toHaveLength(1);
    expect(doneBy(seconds(73))).toEqual(before);
    expect(doneBy(seconds(74))).not.toEqual(before);
  });

  test('looks at what has come meanwhile before it gives up', () => {
    // n3 has asked n1, whose answer takes 10 s to be read; it stands still until long after its patience has ended.
    const how = { ...DYNAMO, answer_timeout_micros: seconds(12), tick_micros: seconds(3), concurrency: null };
    const entries = [missedBy('n3'), slowDisk('n1', 0.0000002), pause('n3', 62, 14), foreign(how)];
    const { algorithm, ...ledger } = ledgerOf(world(many, entries));
    expect(algorithm.exchanges_failed).toBe(0);
    expect(ledger.healed_copies).toBe(12);
  });
});

describe('how long things take', () => {
  test('tictac: a cycle of a vnode with six exchanges has seven ticks', () => {
    const often = { ...TICTAC, tick_micros: seconds(10), until_micros: seconds(60 + 7 * 10 * 7) };
    const ends = recordsOf(world([], [foreign(often)]), 'exchangeEnded').length;
    // 49 ticks of three nodes with one vnode each; at the seventh of a cycle nothing begins.
    expect(ends).toBe(3 * 42);
  });

  test('tictac: a tree is made anew a drawn time after its expiry', () => {
    const expiring = { ...TICTAC, expiry_micros: seconds(100), tick_micros: seconds(1), built: false };
    const times = (how: PlanAlgorithm): number[] =>
      recordsOf(world([], [foreign(how, 1)]), 'hashTreesBuilt').map(({ at }) => at);
    const gaps = (how: PlanAlgorithm): number => {
      const built = times(how);
      return Math.max(...built.slice(3, 6)) - Math.min(...built.slice(0, 3));
    };
    expect(gaps(expiring)).toBeLessThan(seconds(103));
    const spread = { ...expiring, expiry_spread_micros: seconds(200) };
    expect(gaps(spread)).toBeGreaterThan(seconds(110));
    expect(gaps(spread)).toBeLessThan(seconds(304));
    expect(times(spread)).toEqual(times(spread));
  });

  test('tictac: a build that the end of its process interrupts is no build', () => {
    const damage: PlanEntry = {
      ...{ id: 'faults.disk', at_micros: seconds(70), kind: 'damageCopy' },
      ...{ node: 'n2', table: TABLE, what: 'missing', keys: [3, 4] },
    };
    const stop: PlanEntry = {
      ...{ id: 'faults.stop', kind: 'stopNode', nodes: ['n2'] },
      ...{ at_micros: seconds(190), for_micros: seconds(10) },
    };
    // 12 MB in twelve parts with rests of 4 s between: a build takes 44 s; the trees are too old at 160 s at the latest.
    const tables = [plainTable({ partitions: 20, row_bytes: 600_000, loaded: 'equal' })];
    const old = { ...TICTAC, expiry_micros: seconds(400), build_pause_micros: seconds(4), tick_micros: seconds(2) };
    const plan = (entries: PlanEntry[]): Plan =>
      world([], [damage, ...entries, foreign(old)], { tables, duration_micros: seconds(600) });
    expect(resultOf(plan([])).final.divergent_copies).toBe(0);
    const built = recordsOf(plan([]), 'hashTreesBuilt');
    expect(built.length).toBeGreaterThan(0);
    // In the middle of the build of n2.
    const middle = { ...stop, at_micros: Math.min(...built.map(({ at }) => at)) - seconds(10) };
    const all = ['n1', 'n2', 'n3'].map((node) => ({ ...middle, id: `faults.stop-${node}`, nodes: [node] }));
    expect(resultOf(plan(all)).final.divergent_copies).toBe(0);
  });

  test('Riak asks for one bucket and one segment after the other', () => {
    const one = ledgerOf(world([7], [missedBy('n3'), foreign({ ...RIAK, levels: [1, 1024, 1024 * 1024] })]));
    const all = ledgerOf(world(many, [missedBy('n3'), foreign({ ...RIAK, levels: [1, 1024, 1024 * 1024] })]));
    // Of each key a bucket of its own, a segment of its own, and a read; locks and roots of every exchange.
    const questions = (ledger: RepairLedger & { algorithm: AlgorithmCosts }): number =>
      ledger.rounds - 2 * ledger.algorithm.exchanges;
    const withKeys = (ledger: RepairLedger & { algorithm: AlgorithmCosts }): number =>
      ledger.algorithm.exchanges - ledger.algorithm.exchanges_in_sync;
    expect(questions(one)).toBe(withKeys(one) + 3);
    expect(questions(all)).toBe(withKeys(all) + 3 * all.algorithm.keys_differing);
  });
});
