import { expect, test } from 'vitest';
import { RepairManager } from '../../src/repair/manager.ts';
import { REPAIR_STRATEGIES } from '../../src/repair/registry.ts';
import { RepairRounds } from '../../src/repair/rounds.ts';
import type { RoundsEntry } from '../../src/repair/rounds.ts';
import { FakeHost } from '../support/fake-host.ts';
import { planOptions } from '../support/repair-bench.ts';

const HOUR = 3600e6;

function rounds(overrides: Partial<RoundsEntry>, prepare: (host: FakeHost) => void = () => undefined) {
  const host = new FakeHost({ nodes: 3, replicas: 3, loaded: 'equal', diskBytesPerSecond: 100_000 });
  prepare(host);
  const manager = new RepairManager(host, REPAIR_STRATEGIES);
  const entry: RoundsEntry = {
    id: 'repairs.round',
    nodes: [2, 0, 1],
    oneAfterAnother: true,
    everyMicros: null,
    options: planOptions({ strategy: 'full-parallel', node: 0 }),
    command: 'nodetool repair -full ks',
    ...overrides,
  };
  const schedule = new RepairRounds({ host, manager, entries: new Map([[4, entry]]), untilMicros: 10 * HOUR });
  schedule.begin(4);
  host.run(10 * HOUR);
  const at = (name: string) => host.recordsOf(name).map(({ node, time }) => ({ node, time }));
  return { host, schedule, started: at('repairStarted'), finished: at('repairFinished'), ledger: manager.ledger(4) };
}

test('one after another: the next node starts when the one before has ended', () => {
  const { started, finished, ledger, schedule } = rounds({});
  expect(started.map(({ node }) => node)).toEqual([2, 0, 1]);
  expect(started.slice(1).map(({ time }) => time)).toEqual(finished.slice(0, 2).map(({ time }) => time));
  expect(ledger).toMatchObject({
    outcome: 'finished',
    command: 'nodetool repair -full ks',
    sessions: 3,
    comparisons: 9,
  });
  expect(ledger?.finished_micros).toBe(finished[2].time);
  expect(schedule.isRunning(4)).toBe(false);
});

test('a command that fails does not stop the round', () => {
  const { started, ledger } = rounds({}, (host) => host.dead.add('0|1'));
  expect(started.map(({ node }) => node)).toEqual([2, 0, 1]);
  expect(ledger).toMatchObject({ outcome: 'failed', failures: ['Endpoint not alive: n2'], sessions: 2 });
});

test('all nodes at once, again every four hours until the end', () => {
  const { started } = rounds({ oneAfterAnother: false, everyMicros: 4 * HOUR });
  expect(started.map(({ time }) => time)).toEqual([0, 0, 0, 4, 4, 4, 8, 8, 8].map((hours) => hours * HOUR));
});

test('a round that is due while the one before runs is left out', () => {
  // One repair of a node takes ten seconds, a round thirty.
  const { started } = rounds({ everyMicros: 20e6 });
  expect(started[3].time).toBe(40e6);
});
