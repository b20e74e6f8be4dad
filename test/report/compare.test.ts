/** A comparison as people read it: what a strategy harmed, and how to see which rows. */
import { expect, it } from 'vitest';
import { renderComparison } from '../../src/report/compare.ts';
import { judge } from '../../src/studies/compare/compare.ts';
import type { StrategyRun } from '../../src/studies/compare/compare.ts';
import { MEASURES } from '../../src/studies/compare/measures.ts';
import type { Measures } from '../../src/studies/compare/measures.ts';

function run(measures: Partial<Measures>): StrategyRun {
  const none = Object.fromEntries(MEASURES.map((name) => [name, 0])) as unknown as Measures;
  const difference = { identicalMicros: null, writes: 0, faults: 0, answersShare: 0 } as StrategyRun['difference'];
  return { seed: '1', measures: { ...none, ...measures }, difference, least: 0, forkedMicros: null };
}

function text(other: Partial<Measures>): string {
  const comparison = judge(['as-written', 'weekly'], [[run({}), run(other)]]);
  const options = { columns: 80, color: false, name: 'x', elapsedSeconds: 1, same: { none: 'weekly' }, replays: [] };
  return renderComparison(comparison, options);
}

it('says what copies agree on wrongly, and where to look', () => {
  const harmed = text({ divergent_row_hours: 10, wrong_row_hours: 40, zombie_copies: 1, unfinished: 1 });
  expect(harmed).toMatch(
    /\n weekly: wrong for 30 row-hours more than divergent:[^]*· 1 zombie copy at the end · 1\n? ?repair failed/,
  );
  expect(harmed).toMatch(/\n which rows: run that strategy as below, then reconverge explain last, or/);
  expect(harmed).toContain('none is the same as weekly: run once');
  expect(text({ divergent_row_hours: 40, wrong_row_hours: 40 })).not.toContain('which rows');
});
