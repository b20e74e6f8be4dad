import * as fc from 'fast-check';
import { applyPatches } from 'immer';
import { describe, expect, it } from 'vitest';
import { RECORD, RECORD_STRIDE } from '../../../src/data/records.ts';
import { decodeView, encodeView } from '../../../src/observe/view/encoded-view.ts';
import type { EncodedView } from '../../../src/observe/view/encoded-view.ts';
import { packNumbers, unpackNumbers } from '../../../src/observe/view/packed-numbers.ts';
import { TimeTravel } from '../../../src/observe/view/time-travel.ts';
import { ViewRecorder } from '../../../src/observe/view/view-recorder.ts';
import type { ViewHistory } from '../../../src/observe/view/view-recorder.ts';
import { coarser } from '../../../src/observe/view/view-steps.ts';
import { smallPlan } from '../small-plan.ts';

const NODES = 3;
const END = 1000;

interface Told {
  at: number;
  kind: number;
  node: number;
  other: number;
  a: number;
  b: number;
  c: number;
}

const plan = smallPlan({
  duration_micros: END,
  entries: [
    ...smallPlan().entries,
    {
      id: 'faults.cut',
      kind: 'cutLink',
      from: ['n1'],
      to: ['n2', 'n3'],
      two_way: true,
      at_micros: 200,
      for_micros: 50,
    },
  ],
});

function words(told: readonly Told[]): Int32Array {
  const block = new Int32Array(told.length * RECORD_STRIDE);
  told.forEach(({ at, kind, node, other, a, b, c }, index) =>
    block.set([0, at | (kind << 20), node | (other << 16), a, b, c], index * RECORD_STRIDE),
  );
  return block;
}

function historyOf(told: readonly Told[], stepsMax?: number): ViewHistory {
  const recorder = new ViewRecorder(plan, stepsMax === undefined ? {} : { stepsMax });
  // In two blocks: an instant may lie in both.
  const half = Math.floor(told.length / 2);
  recorder.fold(words(told.slice(0, half)), half);
  recorder.fold(words(told.slice(half)), told.length - half);
  return recorder.finish();
}

const KINDS = [
  ...[
    RECORD.nodeCrashed,
    RECORD.nodeStarted,
    RECORD.nodePaused,
    RECORD.nodeResumed,
    RECORD.markedDown,
    RECORD.markedUp,
  ],
  ...[RECORD.flushStarted, RECORD.flushFinished, RECORD.compactionStarted, RECORD.compactionFinished, RECORD.linkCut],
  ...[RECORD.linkRestored, RECORD.repairStarted, RECORD.repairFinished, RECORD.validationStarted],
  ...[RECORD.validationFinished, RECORD.treesCompared, RECORD.treesVisited, RECORD.rangeDiffered],
  ...[RECORD.streamStarted, RECORD.streamFinished, RECORD.sessionFinished, RECORD.clockSkewed, RECORD.diskSlowed],
];

const records = fc
  .array(
    fc.record({
      at: fc.nat(END - 1),
      kind: fc.constantFrom(...KINDS),
      node: fc.nat(NODES - 1),
      other: fc.nat(NODES - 1),
      a: fc.nat(12),
      b: fc.nat(NODES - 1),
      c: fc.nat(500),
    }),
    { maxLength: 60 },
  )
  .map((list) => list.sort((left, right) => left.at - right.at));

describe('travelling in time', () => {
  it('forward to a moment is backward from the end, whatever way was taken before', () => {
    fc.assert(
      fc.property(records, fc.array(fc.nat(END), { maxLength: 12 }), (told, moments) => {
        const { timeline } = historyOf(told);
        const travel = new TimeTravel(timeline);
        for (const micros of moments) {
          const forward = timeline.steps.filter((step) => step.micros <= micros);
          const state = applyPatches(
            timeline.initial,
            forward.flatMap((step) => step.patches),
          );
          const backward = new TimeTravel(timeline);
          backward.seek(END);
          expect(travel.seek(micros)).toEqual(state);
          expect(backward.seek(micros)).toEqual(state);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the fold of the records until then', () => {
    fc.assert(
      fc.property(records, fc.nat(END), (told, micros) => {
        const whole = new TimeTravel(historyOf(told).timeline).seek(micros);
        const part = new TimeTravel(historyOf(told.filter(({ at }) => at <= micros)).timeline).seek(END);
        expect(whole).toEqual(part);
      }),
      { numRuns: 60 },
    );
  });

  it('survives being written and read', () => {
    fc.assert(
      fc.property(records, (told) => {
        const history = historyOf(told);
        const written = JSON.stringify(encodeView(history));
        expect(decodeView(JSON.parse(written) as EncodedView)).toEqual(history);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps far positions near: across hundreds of steps', () => {
    const told = Array.from({ length: 900 }, (_, at) => told1(at, at % 2 ? RECORD.flushFinished : RECORD.flushStarted));
    const { timeline } = historyOf(told);
    expect(timeline.steps).toHaveLength(900);
    const travel = new TimeTravel(timeline);
    for (const micros of [899, 3, 640, 512, 511, 0, 770]) {
      const state = travel.seek(micros);
      expect(state.nodes[0].jobs.flush).toBe(micros % 2 === 0 ? 1 : 0);
      expect(travel.position).toBe(micros + 1);
    }
  });
});

function told1(at: number, kind: number, more: Partial<Told> = {}): Told {
  return { at, kind, node: 0, other: 0, a: 0, b: 0, c: 0, ...more };
}

describe('coarser steps', () => {
  it('say the same at the end of every quantum, and are few', () => {
    fc.assert(
      fc.property(records, fc.integer({ min: 2, max: 200 }), (told, quantum) => {
        const { timeline } = historyOf(told);
        const coarse = coarser(timeline, quantum);
        const [fine, merged] = [new TimeTravel(timeline), new TimeTravel(coarse)];
        for (let end = quantum - 1; end < END; end += quantum) expect(merged.seek(end)).toEqual(fine.seek(end));
        expect(new Set(coarse.steps.map(({ micros }) => Math.floor(micros / quantum))).size).toBe(coarse.steps.length);
        // And back again, by the inverse of what was merged.
        expect(merged.stepTo(0)).toEqual(timeline.initial);
      }),
      { numRuns: 40 },
    );
  });

  it('come by themselves where there are too many, and it is said', () => {
    const told = Array.from({ length: 300 }, (_, at) => told1(at, at % 2 ? RECORD.flushFinished : RECORD.flushStarted));
    const history = historyOf(told, 50);
    expect(history.timeline.steps.length).toBeLessThanOrEqual(50);
    expect(history.timeline.quantumMicros).toBe(1000);
    expect(encodeView(history).notes).toEqual([
      'changes within 1 ms are one step, so what is shown may lag by as much',
    ]);
  });
});

describe('the next change', () => {
  it('of a kind, forward and backward', () => {
    const { timeline } = historyOf([
      told1(10, RECORD.nodeCrashed, { node: 2 }),
      told1(40, RECORD.flushStarted),
      told1(90, RECORD.nodeStarted, { node: 2 }),
    ]);
    const travel = new TimeTravel(timeline);
    expect(travel.next(0, 1)).toBe(10);
    expect(travel.next(10, 1)).toBe(40);
    expect(travel.next(10, 1, new Set([RECORD.nodeStarted]))).toBe(90);
    expect(travel.next(90, -1, new Set([RECORD.nodeCrashed]))).toBe(10);
    expect(travel.next(10, -1)).toBeNull();
    expect(travel.next(90, 1)).toBeNull();
  });
});

describe('what is shown', () => {
  it('a cut in force and after it, a crash that takes its jobs, trees as compared', () => {
    const { timeline } = historyOf([
      told1(150, RECORD.compactionStarted, { node: 2 }),
      told1(160, RECORD.nodeCrashed, { node: 2 }),
      told1(161, RECORD.markedDown, { node: 0, b: 2 }),
      told1(200, RECORD.linkCut, { a: 3 }),
      told1(250, RECORD.linkRestored, { a: 3 }),
      told1(300, RECORD.validationRequested, { node: 1, a: 7, b: 2 }),
      told1(310, RECORD.treesCompared, { node: 0, other: 1, a: 7, b: 2, c: 3 }),
      told1(310, RECORD.treesVisited, { node: 0, other: 1, a: 7, b: 2, c: 9 }),
      ...[100, 101, 163].map((c) => told1(310, RECORD.rangeDiffered, { node: 0, other: 1, a: 7, b: 2, c })),
      told1(320, RECORD.streamStarted, { node: 0, other: 1, a: 7, b: 2, c: 5 }),
    ]);
    const travel = new TimeTravel(timeline);
    expect(travel.seek(155).nodes[2].jobs.compaction).toBe(1);
    expect(travel.seek(170).nodes[2]).toMatchObject({
      state: 'down',
      seenDownBy: { 0: true },
      jobs: { compaction: 0 },
    });
    expect(Object.keys(travel.seek(220).links)).toEqual(['0>1', '1>0', '0>2', '2>0']);
    expect(travel.seek(260).links).toEqual({});
    const session = travel.seek(310).sessions['7'];
    expect(session).toMatchObject({ origin: 2, startedMicros: 300, phase: 'comparing', replicas: { 1: 'asked' } });
    expect(session.comparisons['0|1']).toMatchObject({ differ: 3, visited: 9, from: 100, to: 163 });
    expect(session.comparisons['0|1'].leaves).toBe(`99${'0'.repeat(61)}9`);
    expect(travel.seek(330).nodes.map(({ jobs }) => [jobs.streamOut, jobs.streamIn])).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
  });
});

describe('packed numbers', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e12, max: 1e12 }).map((n) => (n % 3 === 0 ? 0 : n))), (values) => {
        expect(unpackNumbers(packNumbers(values))).toEqual(values);
      }),
    );
    expect(unpackNumbers(packNumbers([0]))).toEqual([0]);
    expect(unpackNumbers(packNumbers([0, 0, 0, 0, 0]))).toEqual([0, 0, 0, 0, 0]);
  });
});
