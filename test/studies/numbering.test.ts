/** Records name the plan's entries by number; where only the numbers differ, two worlds are the same. */
import { expect, test } from 'vitest';
import { ORIGIN_PLACE, originPlaceOf, RECORD } from '../../src/data/records.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { HistoryPrint } from '../../src/studies/compare/history-print.ts';
import { BlockHashes, firstDifference, sharedOrigins } from '../../src/studies/first-difference.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds } from '../run/plain-plan.ts';

const entry = (id: string, at: number, of: object): PlanEntry =>
  ({ id, at_micros: seconds(at), for_micros: null, command: '', ...of }) as PlanEntry;

const TOKEN = String(2n ** 61n);
const nodes = [...plainNodes(4), { id: 'n5', dc: 'dc1', rack: 'r1', tokens: [TOKEN], joins: 'operations.joins' }];

/** Something of each family that records tell with the entry behind it. */
const plan: Plan = plainPlan({
  nodes,
  tables: [plainTable({ loaded: 'equal', partitions: 50 })],
  workload: { writes: plainWorkload({ until_micros: seconds(100) }) },
  duration_micros: seconds(150),
  settle_micros: seconds(50),
  entries: [
    entry('faults.disk', 5, {
      kind: 'slowDisk',
      nodes: ['n1'],
      speed_share: 0.5,
      fsync_micros: null,
      for_micros: seconds(5),
    }),
    entry('faults.away', 6, { kind: 'crashNode', nodes: ['n2'], mode: 'disk-lost', for_micros: seconds(10) }),
    entry('faults.hints', 12, { kind: 'loseHints', nodes: ['n1'] }),
    entry('faults.sstables', 20, { kind: 'loseSstables', node: 'n1', table: 'shop.orders', count: 1, which: 'oldest' }),
    entry('operations.pauses', 22, { kind: 'pauseHandoff', nodes: ['n1'], for_micros: seconds(5) }),
    entry('operations.joins', 30, { kind: 'addNode', node: 'n5' }),
    repairEntry({ id: 'repairs.all', at: seconds(90), nodes: ['n1'] }),
  ],
});
/** The same, with an entry ahead of all that begins when the run is over. */
const shifted: Plan = {
  ...plan,
  entries: [entry('faults.never', 10_000, { kind: 'stopNode', nodes: ['n4'] }), ...plan.entries],
};

function watched<T extends BlockHashes | HistoryPrint>(of: Plan, observer: T): T {
  const simulation = new Simulation(of, { batched: true, observers: [observer] });
  simulation.runTo(simulation.world.endMicros);
  simulation.finish();
  return observer;
}

test('the records of both are the same, told by the ids of entries', () => {
  const [left, right] = sharedOrigins(plan, shifted);
  const [one, other] = [watched(plan, new BlockHashes(left)), watched(shifted, new BlockHashes(right))];
  expect(one.finished().length).toBeGreaterThan(0);
  expect(other.finished()).toEqual(one.finished());
  // By number they part at once: the numbering is what is tested.
  const [raw, moved] = [watched(plan, new BlockHashes()), watched(shifted, new BlockHashes())];
  expect(firstDifference(raw.finished(), moved.finished())).toBe(0);
});

test('a comparison does not look at the numbers of entries', () => {
  const print = (of: Plan): HistoryPrint => watched(of, new HistoryPrint(seconds(200), 16));
  const same = { identicalMicros: null, writes: 0, faults: 0, answersShare: 0 };
  expect(print(shifted).differenceFrom(print(plan))).toEqual(same);
});

test('a slow disk and lost hints are faults of a history', () => {
  const without: Plan = { ...plan, entries: plan.entries.filter(({ id }) => id !== 'faults.disk') };
  const print = (of: Plan): HistoryPrint => watched(of, new HistoryPrint(seconds(200), 16));
  // Slow, and fast again.
  expect(print(without).differenceFrom(print(plan)).faults).toBe(2);
});

test('every kind of the families that plan entries are behind says where the entry stands', () => {
  const families: [number, number][] = [
    [RECORD.nodeCrashed, RECORD.logReplayed],
    [RECORD.diskSlowed, RECORD.diskLost],
    [RECORD.repairStarted, RECORD.rangeDiffered],
    [RECORD.placementChanged, RECORD.loadDiverged],
  ];
  const silent = Object.entries(RECORD).filter(
    ([, kind]) =>
      families.some(([first, last]) => kind >= first && kind <= last) && originPlaceOf(kind) === ORIGIN_PLACE.none,
  );
  expect(silent).toEqual([]);
});
