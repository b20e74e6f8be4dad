import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSE, OUTCOME, STATE, VIA } from '../../src/data/causes.ts';
import { RECORD } from '../../src/data/records.ts';
import type { RowRecord, SessionRecord } from '../../src/observe/view/row-record.ts';
import { layoutSpaceTime } from '../../src/viewer/space-time/layout.ts';
import { marksAsText, rowSpaceTime, sessionSpaceTime } from '../../src/viewer/space-time/space-time.ts';
import type { SpaceTime } from '../../src/viewer/space-time/space-time.ts';

const NAMES = { nodes: ['n1', 'n2', 'n3'], tables: ['ks.t'], origins: ['workload', 'faults.away', 'repairs.by-hand'] };

const row = (at: number, kind: number, more: Partial<RowRecord>): RowRecord => ({
  ...{ at, kind, node: 0, copy: 0, version: 7, slot: 4, detail: 0 },
  ...more,
});

const HINTED = CAUSE.nodeDown | (STATE.hintPending << 6) | (1 << 8);

describe('a row in space and time', () => {
  const marks = rowSpaceTime(
    [
      row(100, RECORD.issued, {}),
      row(350, RECORD.applied, { node: 1 }),
      row(400, RECORD.missed, { node: 2, detail: HINTED }),
      row(600, RECORD.answered, { detail: OUTCOME.success }),
      row(9_000_000, RECORD.applied, { node: 2, detail: VIA.hint }),
      row(9_500_000, RECORD.applied, { node: 1, detail: VIA.repair | (2 << 8) }),
    ],
    NAMES,
  );

  it('has an arrow for each message, one that is lost, and the hint that waits', () => {
    expect(marks.arrows).toEqual([
      expect.objectContaining({ from: 0, to: 1, fromMicros: 100, toMicros: 350, kind: 'write', isLost: false }),
      expect.objectContaining({ from: 0, to: 2, fromMicros: 100, toMicros: 400, kind: 'hint', isLost: true }),
      expect.objectContaining({ from: 0, to: 2, fromMicros: 9e6, toMicros: 9e6, kind: 'hint', isLost: false }),
    ]);
    expect(marks.bars).toEqual([expect.objectContaining({ node: 0, fromMicros: 400, toMicros: 9e6, kind: 'hint' })]);
    expect(marks.nodes).toEqual([0, 1, 2]);
  });

  it('invents no sender: what a repair brings is a mark where it arrives', () => {
    expect(marks.dots.at(-1)).toMatchObject({ node: 1, kind: 'repair', label: 'v1 by repairs.by-hand' });
  });

  it('is told in words too, in order of time', () => {
    expect(marksAsText(marks).map(({ text }) => text)).toEqual([
      'v1 written through n1',
      'v1 reaches n2 from n1 by late delivery',
      'v1 misses n3: node down (faults.away), a hint is kept',
      'n1: client: success',
      'v1 reaches n3 from n1 by hint',
      'n2: v1 by repairs.by-hand',
    ]);
  });

  it('is folded where nothing happens', () => {
    const { folds, dots, height } = layoutSpaceTime(marks);
    expect(folds.map(({ micros }) => micros)).toEqual([9e6 - 600]);
    expect(dots.every(({ y }) => y > 0 && y < height)).toBe(true);
  });
});

describe('a repair session in space and time', () => {
  const told = (at: number, kind: number, node: number, more: Partial<SessionRecord> = {}): SessionRecord => ({
    ...{ at, kind, node, other: 0, session: 5, origin: 2, detail: 0 },
    ...more,
  });

  it('asks, hashes, compares, streams', () => {
    const marks = sessionSpaceTime(
      [
        told(10, RECORD.validationRequested, 1),
        told(20, RECORD.validationStarted, 1),
        told(50, RECORD.validationFinished, 1, { detail: 99 }),
        told(60, RECORD.treeReceived, 1),
        told(70, RECORD.treesCompared, 1, { other: 2, detail: 3 }),
        told(80, RECORD.streamStarted, 1, { other: 2 }),
        told(90, RECORD.streamFinished, 1, { other: 2, detail: 12 }),
        told(95, RECORD.sessionFinished, 0),
      ],
      NAMES,
    );
    expect(marks.arrows.map(({ from, to, fromMicros, toMicros }) => [from, to, fromMicros, toMicros])).toEqual([
      [0, 1, 10, 20],
      [1, 0, 50, 60],
      [1, 2, 80, 90],
    ]);
    expect(marks.bars).toMatchObject([{ node: 1, fromMicros: 20, toMicros: 50 }]);
    expect(marks.dots.map(({ node, label }) => [node, label])).toEqual([
      [0, 'n2|n3: 3'],
      [0, 'session finished'],
    ]);
  });
});

describe('the layout', () => {
  const many = fc
    .array(fc.record({ from: fc.nat(4), to: fc.nat(4), at: fc.nat(1e9), takes: fc.nat(1e6) }), { maxLength: 80 })
    .map((list): SpaceTime => ({
      nodes: [0, 1, 2, 3, 4],
      dots: list.map(({ from, at }) => ({ node: from, micros: at, kind: 'write', label: '', text: '' })),
      arrows: list.map(({ from, to, at, takes }) => ({
        ...{ from, to, fromMicros: at, toMicros: at + takes },
        ...{ kind: 'write', isLost: false, text: '' },
      })),
      bars: [],
    }));

  it('keeps within its budget, around the focus, and counts what it leaves out', () => {
    fc.assert(
      fc.property(many, fc.integer({ min: 1, max: 60 }), fc.nat(1e9), (marks, budget, focusMicros) => {
        const { dots, arrows, bars, before, after } = layoutSpaceTime(marks, { budget, focusMicros });
        const shown = dots.length + arrows.length + bars.length;
        expect(shown).toBeLessThanOrEqual(budget);
        expect(before).toBeGreaterThanOrEqual(0);
        expect(after).toBeGreaterThanOrEqual(0);
        expect(shown + before + after).toBe(marks.dots.length + marks.arrows.length);
      }),
    );
  });

  it('never turns time round', () => {
    fc.assert(
      fc.property(many, (marks) => {
        const { dots, arrows } = layoutSpaceTime(marks);
        const places = [
          ...dots.map(({ micros, y }) => [micros, y] as const),
          ...arrows.flatMap(({ fromMicros, toMicros, y1, y2 }) => [[fromMicros, y1] as const, [toMicros, y2] as const]),
        ].sort((left, right) => left[0] - right[0]);
        for (let at = 1; at < places.length; at += 1) {
          if (places[at][0] === places[at - 1][0]) expect(places[at][1]).toBe(places[at - 1][1]);
          else expect(places[at][1]).toBeGreaterThan(places[at - 1][1]);
        }
      }),
    );
  });

  it('of a hundred thousand marks draws six hundred, at once', () => {
    const dots = Array.from({ length: 100_000 }, (_, micros) => ({
      ...{ node: micros % 3, micros, kind: 'write' as const, label: 'x', text: 'x' },
    }));
    const started = performance.now();
    const layout = layoutSpaceTime({ nodes: [0, 1, 2], dots, arrows: [], bars: [] }, { focusMicros: 50_000 });
    expect(layout.dots).toHaveLength(600);
    expect(layout.before + layout.after).toBe(99_400);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
