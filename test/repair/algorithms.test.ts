/**
 * Foreign algorithms on worlds of few rows, whose figures can be told by hand: what is compared, read and sent; what a kept
 * tree sees and what not; limits, throttles and locks; a node that ends in the middle of an exchange or a build.
 */
import { describe, expect, test } from 'vitest';
import { Simulation } from '../../src/run/simulation.ts';
import type { AlgorithmCosts } from '../../src/observe/result.ts';
import type { PlanAlgorithm, Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { constantLinks, plainNodes, plainTable, plainWorkload, repairEntry, seconds } from '../run/plain-plan.ts';
import { runLogged } from '../run/twins.ts';
import { DYNAMO, foreign, ledgerOf, missedBy, off, resultOf, RIAK, TABLE, TICTAC, world } from './algorithm-worlds.ts';

describe('one row that one copy lacks', () => {
  test('Dynamo: the row goes once, and the levels are those of the tree', () => {
    const { algorithm, ...ledger } = ledgerOf(world([7], [missedBy('n3'), foreign(DYNAMO)]));
    expect(algorithm.keys_differing).toBe(1);
    expect(algorithm.exchanges - algorithm.exchanges_in_sync).toBe(1);
    expect(ledger.healed_copies).toBe(1);
    expect(ledger.floor_bytes).toBe(100);
    // n3 has the row of 5 s: that comes for nothing where another asks it; where it asks itself nothing does.
    expect([100, 200]).toContain(ledger.sent_bytes);
    expect(ledger.sent_bytes - ledger.sent_for_nothing_bytes).toBe(100);
    // Roots of all; of one the 4 children of the root, 4 of one of them, and the keys of a segment with 12 + 16 bytes each.
    const below = ledger.tree_bytes - 16 * algorithm.exchanges - 2 * 4 * 16;
    expect(below % 28).toBe(0);
    expect(below).toBeGreaterThanOrEqual(28);
    expect(ledger.outcome).toBe('finished');
  });

  test('Riak: a read at all replicas: both others answer, one of them for nothing', () => {
    const { algorithm, ...ledger } = ledgerOf(world([7], [missedBy('n3'), foreign(RIAK)]));
    expect(algorithm.keys_differing).toBe(1);
    expect(ledger.healed_copies).toBe(1);
    expect(ledger.floor_bytes).toBe(100);
    // Two answers, and a write where n3 is not the one who asks.
    expect([200, 300]).toContain(ledger.sent_bytes);
    expect(ledger.sent_bytes - ledger.sent_for_nothing_bytes).toBe(100);
  });

  test('tictac: the root and a branch twice, then the keys', () => {
    const { algorithm, ...ledger } = ledgerOf(world([7], [missedBy('n3'), foreign(TICTAC)]));
    expect(algorithm.keys_differing).toBe(1);
    expect(ledger.healed_copies).toBe(1);
    const passes = 2 * 16 * 4 + 2 * 16 * 4;
    const keys = ledger.tree_bytes - passes - algorithm.exchanges_in_sync * 16 * 4;
    expect(keys % 16).toBe(0);
    expect(keys).toBeGreaterThanOrEqual(16);
    expect(keys).toBeLessThan(20 * 16);
  });

  test('who is in sync sends roots and nothing else', () => {
    for (const how of [DYNAMO, RIAK, TICTAC]) {
      const { algorithm, ...ledger } = ledgerOf(world([7], [foreign(how)]));
      expect(algorithm.exchanges_in_sync).toBe(algorithm.exchanges);
      expect(ledger.tree_bytes).toBe(algorithm.exchanges * how.levels[0] * how.hash_bytes);
      expect(ledger.sent_bytes).toBe(0);
    }
  });
});

describe('what a kept tree sees', () => {
  const damage: PlanEntry = {
    ...{ id: 'faults.disk', at_micros: seconds(100), kind: 'damageCopy' },
    ...{ node: 'n2', table: TABLE, what: 'missing', keys: [3, 4] },
  };

  test('not what goes missing without a write; a tree that expires finds it', () => {
    for (const how of [DYNAMO, RIAK, TICTAC]) {
      expect(resultOf(world([], [damage, foreign(how)])).final.divergent_copies, how.name).toBe(2);
      const expiring = { ...how, expiry_micros: seconds(150) };
      const after = resultOf(world([], [damage, foreign(expiring)]));
      expect(after.final.divergent_copies, how.name).toBe(0);
      expect(after.repairs['repairs.x'].trees).toBeGreaterThan(0);
    }
  });

  test('what was damaged before it was made', () => {
    expect(resultOf(world([], [damage, foreign(RIAK, 120)])).final.divergent_copies).toBe(0);
  });

  test('what the stream of another repair brings', () => {
    const own = repairEntry({ id: 'repairs.own', at: seconds(100), nodes: ['n1'], tables: [TABLE] });
    const later = { ...DYNAMO, tick_micros: seconds(100) };
    const of = (entries: PlanEntry[]) => resultOf(world([7, 8], [missedBy('n3', 10, 60), foreign(later), ...entries]));
    // The trees are made at 60 s, while n3 is away: without the stream exchanges find both keys.
    expect(of([]).repairs['repairs.x'].algorithm?.keys_differing).toBeGreaterThan(0);
    const both = of([own]);
    expect(both.repairs['repairs.own'].healed_copies + both.repairs['repairs.x'].healed_copies).toBe(2);
    expect(both.final.divergent_copies).toBe(0);
    expect(both.repairs['repairs.x'].algorithm?.exchanges_in_sync).toBeGreaterThan(3);
  });

  test('a write marks its segment, and only that is scanned', () => {
    const { algorithm } = ledgerOf(world([7], [missedBy('n3'), foreign(RIAK)]));
    // After the beginning nothing is written but what the repair itself writes, to one copy.
    expect(algorithm.segments_rescanned).toBe(1);
    expect(
      ledgerOf(world([7], [missedBy('n3'), foreign(RIAK)], off('strategies.2a-dirty'))).read_bytes,
    ).toBeGreaterThan(100 * 4096);
  });
});

describe('writes under way', () => {
  /** 20 writes a second to 20 keys over links of 300 ms. */
  function busy(how: PlanAlgorithm, given: Partial<Plan> = {}): AlgorithmCosts {
    const workload = { w: plainWorkload({ arrivals: { kind: 'fixed', per_second: 20 }, until_micros: seconds(600) }) };
    const latencies = constantLinks(1000);
    const slow = constantLinks(300_000);
    const links = { ...slow, local: latencies.local };
    return ledgerOf(world([], [foreign({ ...how, tick_micros: seconds(2) }, 30)], { workload, links, ...given }))
      .algorithm;
  }

  test('make keys differ that do not; tictac compares again and sees that', () => {
    const riak = busy(RIAK);
    expect(riak.keys_differing).toBeGreaterThan(50);
    expect(riak.keys_alike).toBeGreaterThan(0);
    const once = busy(TICTAC, off('strategies.2b-confirm'));
    const twice = busy(TICTAC);
    expect(twice.keys_differing / twice.exchanges).toBeLessThan((once.keys_differing / once.exchanges) * 0.6);
  });
});

describe('limits', () => {
  const many = Array.from({ length: 12 }, (_unset, key) => key);

  /** The greatest number of exchanges and builds that a node was in, looked at every tenth of a second. */
  function mostAtOnce(plan: Plan): number {
    const simulation = new Simulation(plan, { batched: true });
    let most = 0;
    for (let at = seconds(60); at < seconds(300); at += seconds(0.1)) {
      simulation.runTo(at);
      const { exchanges = [], builds = [] } = simulation.replicas.rounds.algorithms?.save() ?? {};
      for (let node = 0; node < 3; node += 1) {
        const inExchanges = exchanges.filter(([, one]) => one.local === node || (one.isGranted && one.remote === node));
        most = Math.max(most, inExchanges.length + builds.filter(([, one]) => one.node === node).length);
      }
    }
    return most;
  }

  test('a node is in so many exchanges as it may, and in more where nothing holds it', () => {
    const throttled = { ...RIAK, key_pause_micros: seconds(5), tick_micros: seconds(1) };
    const of = (how: PlanAlgorithm, given: Partial<Plan> = {}) =>
      mostAtOnce(world(many, [missedBy('n3'), foreign(how)], given));
    expect(of({ ...throttled, concurrency: 1 })).toBe(1);
    expect(of(throttled)).toBe(2);
    expect(of(throttled, off('strategies.2a-limits'))).toBeGreaterThan(2);
  });

  test('a throttle of five seconds a key makes twelve keys take a minute', () => {
    const healedBy = (pause: number, at: number): number => {
      const simulation = new Simulation(
        world(many, [missedBy('n3'), foreign({ ...RIAK, key_pause_micros: pause, concurrency: 1 })]),
        { batched: true },
      );
      simulation.runTo(at);
      return (
        simulation.replicas.repairs.ledger(simulation.replicas.numbers.originOf.get('repairs.x') ?? 0)?.healed_copies ??
        0
      );
    };
    expect(healedBy(0, seconds(80))).toBe(12);
    expect(healedBy(seconds(5), seconds(80))).toBeLessThan(12);
    expect(healedBy(seconds(5), seconds(580))).toBe(12);
  });

  test('tictac repairs few segments at a time, and twice as many in each further round', () => {
    const firstHealed = (how: Partial<PlanAlgorithm>, given: Partial<Plan> = {}): number => {
      const few = { ...TICTAC, levels: [16, 1024], results_max: 1, loops_max: 0, tick_micros: seconds(500), ...how };
      const { lines } = runLogged(world(many, [missedBy('n3'), foreign(few)], given), true);
      const ended = lines.filter((line) => line.includes(' exchangeEnded '));
      return ended.reduce((sum, line) => sum + Number(/ c=(\d+)/.exec(line)?.[1]), 0);
    };
    const bound = firstHealed({});
    expect(bound).toBeGreaterThan(0);
    expect(firstHealed({}, off('strategies.2b-bound'))).toBeGreaterThan(bound);
    const rounds = ledgerOf(world(many, [missedBy('n3'), foreign({ ...TICTAC, results_max: 1, loops_max: 2 })]));
    const single = ledgerOf(world(many, [missedBy('n3'), foreign({ ...TICTAC, results_max: 1, loops_max: 0 })]));
    expect(rounds.healed_copies).toBe(12);
    expect(rounds.comparisons - rounds.algorithm.exchanges_in_sync).toBeLessThan(
      single.comparisons - single.algorithm.exchanges_in_sync,
    );
  });

  test('one build of a node in a time, and no exchange before both trees are there', () => {
    const nodes = plainNodes(3).map((node, index) => ({
      ...node,
      tokens: [...node.tokens, String(BigInt(node.tokens[0]) + 10n ** 18n + BigInt(index))],
    }));
    const unbuilt = { ...RIAK, built: false, build_every_micros: seconds(100) };
    const { lines } = runLogged(world(many, [missedBy('n3'), foreign(unbuilt)], { nodes }), true);
    const timesOf = (name: string): number[] =>
      lines.filter((line) => line.split(' ')[1] === name).map((line) => Number(line.split(' ')[0]));
    const ofFirst = lines
      .filter((line) => / hashTreesBuilt node=0 /.test(line))
      .map((line) => Number(line.split(' ')[0]));
    expect(ofFirst).toHaveLength(2);
    expect(ofFirst[1] - ofFirst[0]).toBeGreaterThanOrEqual(seconds(99));
    expect(Math.min(...timesOf('exchangeEnded'))).toBeGreaterThan(Math.min(...timesOf('hashTreesBuilt')));
    const free = runLogged(
      world(many, [missedBy('n3'), foreign(unbuilt)], { nodes, ...off('strategies.2a-build') }),
      true,
    );
    const freely = free.lines
      .filter((line) => / hashTreesBuilt node=0 /.test(line))
      .map((line) => Number(line.split(' ')[0]));
    expect(freely[1] - freely[0]).toBeLessThan(seconds(10));
  });
});

describe('a process that ends', () => {
  const many = Array.from({ length: 12 }, (_unset, key) => key);

  function crash(node: string, at: number, mode: 'process' | 'power-loss' | 'disk-lost' = 'process'): PlanEntry {
    return {
      id: 'faults.crash',
      at_micros: seconds(at),
      kind: 'crashNode',
      nodes: [node],
      mode,
      for_micros: seconds(30),
    };
  }

  test('in the middle of an exchange: it fails, its locks are free, and later ones heal the rest', () => {
    const slow = { ...RIAK, key_pause_micros: seconds(4), tick_micros: seconds(3) };
    // n1 has begun an exchange with n3.
    for (const node of ['n1', 'n3']) {
      const result = resultOf(world(many, [missedBy('n3'), crash(node, 75), foreign(slow)]));
      const { algorithm, outcome } = result.repairs['repairs.x'];
      expect(algorithm?.exchanges_failed, node).toBeGreaterThan(0);
      expect(outcome).toBe('finished');
      expect(result.final.divergent_copies).toBe(0);
    }
  });

  test('in the middle of a build: it is begun again', () => {
    const slow = { ...RIAK, built: false, build_pause_micros: seconds(20) };
    // A table of 12 MB takes twelve parts and eleven rests.
    const tables = [plainTable({ partitions: 20, row_bytes: 600_000, loaded: 'equal' })];
    const { lines, output } = runLogged(
      world([7], [missedBy('n3'), crash('n2', 150), foreign(slow)], { tables }),
      true,
    );
    const built = lines
      .filter((line) => / hashTreesBuilt node=1 /.test(line))
      .map((line) => Number(line.split(' ')[0]));
    expect(built).toHaveLength(1);
    expect(built[0]).toBeGreaterThan(seconds(180 + 200));
    expect(output.result.repairs['repairs.x'].outcome).toBe('finished');
  });

  test('trees in memory go with it and are read anew; a lost disk takes those on disk', () => {
    const builds = (how: PlanAlgorithm, mode: 'process' | 'disk-lost'): number =>
      resultOf(world(many, [crash('n2', 100, mode), foreign(how)])).repairs['repairs.x'].trees;
    expect(builds(DYNAMO, 'process')).toBe(3);
    expect(builds(TICTAC, 'process')).toBe(3);
    expect(builds(RIAK, 'process')).toBe(0);
    expect(builds(RIAK, 'disk-lost')).toBe(3);
  });

  test('a lost disk is filled again', () => {
    for (const how of [DYNAMO, RIAK, TICTAC]) {
      const { final } = resultOf(world(many, [crash('n2', 100, 'disk-lost'), foreign(how)]));
      expect(final.divergent_copies, how.name).toBe(0);
    }
  });
});
