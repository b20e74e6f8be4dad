/** What the options of `nodetool repair` change (table d, cassandra.b2, b9, b11, b18-b21, c14), on copies made by hand. */
import { describe, expect, test } from 'vitest';
import type { PlanRepairOptions } from '../../src/scenario/plan.ts';
import { FakeHost } from '../support/fake-host.ts';
import type { FakeOptions } from '../support/fake-host.ts';
import { begin, ledgerOf, repair, startRepairs } from '../support/repair-bench.ts';
import type { RepairBench, RepairOptions } from '../support/repair-bench.ts';

/** Six nodes, every other one in dc2, all of them with a copy of everything. */
function twoDcs(given: Partial<FakeOptions> = {}): RepairBench {
  return startRepairs(
    new FakeHost({
      nodes: 6,
      replicas: 6,
      partitions: [200],
      loaded: 'equal',
      dcs: [0, 1, 0, 1, 0, 1],
      diskBytesPerSecond: 1e6,
      ...given,
    }),
  );
}

const full = (options: Partial<RepairOptions> = {}): RepairOptions => ({
  strategy: 'full-parallel',
  node: 0,
  ...options,
});
const intervals = (bench: RepairBench, entry: number) =>
  ledgerOf(bench, entry).phases.filter(({ phase }) => phase === 'validate');

describe('-dcpar', () => {
  const most = (strategy: string, nodes: (name: string | null) => boolean): number => {
    const bench = twoDcs();
    repair(bench, full({ strategy }));
    const all = intervals(bench, 0).filter(({ node }) => nodes(node));
    return Math.max(
      ...all.map(({ start_micros: at }) => all.filter((v) => v.start_micros <= at && at < v.end_micros).length),
    );
  };
  const isOfFirst = (name: string | null): boolean => ['n1', 'n3', 'n5'].includes(name ?? '');

  test('b9: one replica of each data centre validates at a time', () => {
    expect(most('full-dc-parallel', () => true)).toBe(2);
    expect(most('full-dc-parallel', isOfFirst)).toBe(1);
    expect(most('full-sequential', () => true)).toBe(1);
    expect(most('full-parallel', isOfFirst)).toBe(3);
  });

  test('b8: it takes snapshots', () => {
    const bench = twoDcs();
    repair(bench, full({ strategy: 'full-dc-parallel' }));
    expect(ledgerOf(bench, 0)).toMatchObject({ outcome: 'finished', snapshots_taken: 6, snapshots_removed: 6 });
  });

  test('b9: a slow data centre does not hold up the other', () => {
    const bench = twoDcs();
    begin(bench, full({ strategy: 'full-dc-parallel' }));
    // Prepared and snapshotted: two messages each, there and back.
    bench.host.run(2200);
    // n2's tree never comes; the three of dc1 do.
    bench.host.cuts.add('1|0');
    bench.host.run(60e6);
    expect(intervals(bench, 0).map(({ node }) => node)).toEqual(expect.arrayContaining(['n1', 'n3', 'n5']));
    expect(intervals(bench, 0).map(({ node }) => node)).not.toContain('n4');
  });
});

describe('-local, -dc and -hosts', () => {
  /** n2 and n3 miss a write each. */
  function damaged(off: string[] = []): RepairBench {
    const bench = twoDcs({ off });
    bench.host.write(0, 10, [0, 2, 3, 4, 5]);
    bench.host.write(0, 20, [0, 1, 3, 4, 5]);
    return bench;
  }

  test('b19: -local heals its own data centre only; nothing crosses', () => {
    const bench = damaged();
    const ledger = repair(bench, full({ more: { local_dc: true } }));
    expect(ledger).toMatchObject({ outcome: 'finished', trees: 3 * 6, cross_dc_bytes: 0, healed_copies: 1 });
    expect(bench.host.divergentSlots()).toBe(1);
  });

  test('b19: -dc with both data centres is a repair of all; off, so is -local', () => {
    const both = damaged();
    expect(repair(both, full({ more: { data_centers: ['dc1', 'dc2'] } }))).toMatchObject({ healed_copies: 2 });
    const off = damaged(['cassandra.b19']);
    expect(repair(off, full({ more: { local_dc: true } }))).toMatchObject({ healed_copies: 2 });
  });

  test('b19: refusals', () => {
    const failures = (names: string[]) => repair(twoDcs(), full({ more: { data_centers: names } })).failures;
    expect(failures(['dc2'])).toEqual([
      'the local data center must be part of the repair; requested [dc2] but DC is dc1',
    ]);
    expect(failures(['dc1', 'dc7'])).toEqual(['data center(s) [dc7] not found']);
  });

  test('b20: -hosts heals those only; off, all', () => {
    const bench = damaged();
    expect(repair(bench, full({ more: { hosts: ['n1', 'n2'] } }))).toMatchObject({ healed_copies: 1, trees: 2 * 6 });
    expect(bench.host.divergentSlots()).toBe(1);
    const off = damaged(['cassandra.b20']);
    expect(repair(off, full({ more: { hosts: ['n1', 'n2'] } })).healed_copies).toBe(2);
  });

  test('b20: refusals', () => {
    const bench = startRepairs(new FakeHost({ nodes: 4, replicas: 2, loaded: 'equal' }));
    const failures = (hosts: string[]) => repair(bench, full({ more: { hosts } })).failures;
    expect(failures(['n2', 'n3'])).toEqual(['The current host must be part of the repair']);
    expect(failures(['n1'])[0]).toMatch(
      /^Specified hosts \[n1\] do not share range \(.*\] needed for repair\. Either restrict repair ranges with -st\/-et options, or specify one of the neighbors that share this range with this node: \[n[24]\]\.$/,
    );
  });

  test('b21: without another replica in the data centre there is nothing to repair; -iuk leaves that out', () => {
    const bench = startRepairs(new FakeHost({ nodes: 4, replicas: 2, loaded: 'equal', dcs: [0, 1, 0, 1] }));
    expect(repair(bench, full({ more: { local_dc: true } })).failures[0]).toMatch(
      /^Nothing to repair for \(.*\] in ks - aborting$/,
    );
    expect(repair(bench, full({ more: { local_dc: true, ignore_unreplicated: true } }))).toMatchObject({
      outcome: 'finished',
      sessions: 0,
    });
  });

  test('b2: -pr -local takes the first replica of the data centre', () => {
    const ranges = (more: Partial<PlanRepairOptions>) =>
      [0, 2, 4].map((node) => repair(twoDcs(), full({ node, primaryRange: true, more })).ranges);
    expect(ranges({})).toEqual([1, 1, 1]);
    expect(ranges({ local_dc: true })).toEqual([2, 2, 2]);
  });
});

describe('-force', () => {
  function oneDead(off: string[] = []): RepairBench {
    const bench = startRepairs(new FakeHost({ nodes: 3, replicas: 3, partitions: [200], loaded: 'equal', off }));
    bench.host.write(0, 10, [0, 2]);
    bench.host.dead.add('0|2');
    return bench;
  }

  test('d-force: heals those that live', () => {
    expect(repair(oneDead(), full()).failures).toEqual(['Endpoint not alive: n3']);
    expect(repair(oneDead(['cassandra.d-force']), full({ more: { force: true } })).outcome).toBe('failed');
    expect(repair(oneDead(), full({ more: { force: true } }))).toMatchObject({
      outcome: 'finished',
      comparisons: 1,
      healed_copies: 1,
    });
  });

  test('d-force: drops ranges of which no replica is left, and fails without any', () => {
    const bench = startRepairs(new FakeHost({ nodes: 4, replicas: 2, loaded: 'equal' }));
    bench.host.dead.add('0|1');
    expect(repair(bench, full({ more: { force: true } }))).toMatchObject({ outcome: 'finished', sessions: 1 });
    bench.host.dead.add('0|3');
    expect(repair(bench, full({ more: { force: true } })).failures).toEqual(['Not enough live endpoints for a repair']);
  });
});

test('d-pull: data flow to the node that runs it only', () => {
  const pulled = (off: string[]) => {
    const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [200], loaded: 'equal', off });
    host.write(0, 10, [0]);
    host.write(0, 11, [1]);
    const { left, right } = host.tables[0].ranges[host.tables[0].rangeOfOrdinal[10]];
    const more = { pull: true, hosts: ['n1', 'n2'] };
    repair(startRepairs(host), full({ startToken: left, endToken: right, more }));
    return host.streams.map(({ from, to }) => [from, to]);
  };
  expect(pulled([])).toEqual([[1, 0]]);
  expect(pulled(['cassandra.d-pull'])).toHaveLength(2);
});

describe('-os', () => {
  /** Three replicas of which the last misses what the others have. */
  function oneBehind(given: Partial<FakeOptions> = {}): RepairBench {
    const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [400], loaded: 'equal', ...given });
    for (const ordinal of [100, 101, 250]) host.write(0, ordinal, [0, 1]);
    return startRepairs(host);
  }
  const pairs = ({ host }: RepairBench) => host.streams.map(({ from, to }) => `${from}>${to}`);

  test('b11: of two that agree only one sends; it changes the cost, not the outcome', () => {
    const plain = oneBehind();
    repair(plain, full());
    const optimised = oneBehind();
    const ledger = repair(optimised, full({ more: { optimise_streams: true } }));
    expect(pairs(plain)).toEqual(expect.arrayContaining(['0>2', '2>0', '1>2', '2>1']));
    expect(plain.host.streams).toHaveLength(4);
    // n3 fetches once, from the first behind it, around: n1. n1 and n2 each fetch n3's version: two sets of one.
    expect([...pairs(optimised)].sort((a, b) => (a < b ? -1 : 1))).toEqual(['0>2', '2>0', '2>1']);
    expect(ledger.healed_copies).toBe(3);
    expect(optimised.host.divergentSlots()).toBe(0);
    const off = oneBehind({ off: ['cassandra.b11'] });
    repair(off, full({ more: { optimise_streams: true } }));
    expect(off.host.streams).toHaveLength(4);
  });

  test('b11: settings of the coordinator do the same; a pull repair is never optimised', () => {
    const bench = oneBehind({ settings: { auto_optimise_full_repair_streams: 1 } });
    repair(bench, full());
    expect(bench.host.streams).toHaveLength(3);
    const preview = oneBehind({ settings: { auto_optimise_full_repair_streams: 1 } });
    const ledger = repair(preview, full({ more: { preview: 'all' } }));
    expect(ledger.estimated_ranges).toBe(2 * ledger.differing_ranges);
  });

  test('b11: a source in the same data centre comes first', () => {
    // n1 is behind; n2 and n4 of dc2 and n3 of dc1 agree.
    const host = new FakeHost({ nodes: 4, replicas: 4, partitions: [400], loaded: 'equal', dcs: [0, 1, 0, 1] });
    host.write(0, 100, [1, 2, 3]);
    repair(startRepairs(host), full({ more: { optimise_streams: true } }));
    expect(pairs({ host } as RepairBench).filter((pair) => pair.endsWith('>0'))).toEqual(['2>0']);
  });
});

describe('--preview', () => {
  function differing(replicas: number): RepairBench {
    const host = new FakeHost({ nodes: replicas, replicas, partitions: [400], loaded: 'equal' });
    for (const ordinal of [100, 101, 250]) host.write(0, ordinal, [0, 1].slice(0, replicas - 1));
    return startRepairs(host);
  }

  test('d-preview: streams nothing and says what a repair would have streamed', () => {
    // Of three, a stream might bring what another one then sends on.
    const bench = differing(2);
    const ledger = repair(bench, full({ more: { preview: 'all' } }));
    expect(bench.host.streams).toEqual([]);
    expect(ledger).toMatchObject({ outcome: 'finished', sent_bytes: 0, healed_copies: 0, sstables_written: 0 });
    expect(bench.host.divergentSlots()).toBe(3);
    const real = repair(bench, full());
    expect(ledger.estimated_bytes).toBe(real.sent_bytes);
    expect(ledger.estimated_sstables).toBe(real.sstables_written);
    expect(ledger.estimated_ranges).toBe(2 * ledger.differing_ranges);
    expect(real.estimated_bytes).toBe(0);
  });

  test('a21: it compares what is unrepaired, repaired, or all', () => {
    const bench = differing(3);
    bench.host.flushAll();
    // The initial content is repaired, what was written since is not.
    for (let node = 0; node < 3; node += 1) bench.host.liveRuns(node, 0)[0].repairedAt = 5;
    const seen = (preview: 'unrepaired' | 'repaired' | 'all') => {
      const { hashed_rows: rows, differing_ranges: ranges } = repair(bench, full({ more: { preview } }));
      return { rows, differ: ranges > 0 };
    };
    expect(seen('unrepaired')).toEqual({ rows: 6, differ: true });
    expect(seen('repaired')).toEqual({ rows: 1200, differ: false });
    expect(seen('all')).toEqual({ rows: 1200, differ: true });
  });

  test('a20: repaired data are purged an hour ahead', () => {
    const host = new FakeHost({ nodes: 2, replicas: 2, partitions: [100], gcGraceMicros: 3000e6 });
    for (let ordinal = 0; ordinal < 100; ordinal += 1) host.write(0, ordinal, [0, 1]);
    host.write(0, 9, [0], { delete: true });
    host.write(0, 9, [1], { delete: true });
    host.flushAll();
    for (let node = 0; node < 2; node += 1) for (const run of host.liveRuns(node, 0)) run.repairedAt = 5;
    const bench = startRepairs(host);
    const rows = (preview: 'repaired' | 'all') => repair(bench, full({ more: { preview } })).hashed_rows;
    expect(rows('all')).toBe(200);
    expect(rows('repaired')).toBe(198);
  });
});

test('b1: keyspaces are repaired one after the other, and the first that fails is the last', () => {
  const run = (dead: boolean) => {
    const host = new FakeHost({ nodes: 3, replicas: 3, partitions: [100, 100], loaded: 'equal' });
    const bench = startRepairs(host);
    if (dead) host.dead.add('0|1');
    const further_keyspaces = [{ keyspace: 'ks2', tables: ['ks.t1'] }];
    const ledger = repair(bench, full({ more: { further_keyspaces } }));
    const started = host.recordsOf('repairStarted').map(({ time }) => time);
    const ended = host.records.filter(({ name }) => name === 'repairFinished' || name === 'repairFailed');
    return { bench, ledger, started, ended };
  };
  const { bench, ledger, started, ended } = run(false);
  expect(ledger).toMatchObject({ outcome: 'finished', hashed_rows: 600, sessions: 2 });
  expect(started).toHaveLength(2);
  expect(started[1]).toBe(ended[0].time);
  expect(bench.ended).toHaveLength(1);
  const failed = run(true);
  expect(failed.started).toHaveLength(1);
  expect(failed.ledger.failures).toEqual(['Endpoint not alive: n2']);
});
