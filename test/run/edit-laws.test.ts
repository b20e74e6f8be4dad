/**
 * Edits: what has no effect changes no record, and what begins at a time changes no record before it. Draws are addressed,
 * so the writes, latencies and losses of an edited plan are those of the plan.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plan, PlanWorkload } from '../../src/scenario/plan.ts';
import { extraChoice, extraEntry } from './extra.ts';
import { plainWorkload, seconds } from './plain-plan.ts';
import { plans, runs } from './plans.ts';
import { firstDifference, linesBefore, linesWithout, runLogged } from './twins.ts';

interface Edit {
  name: string;
  edit: (plan: Plan) => Plan;
  /** Records that say no more than that the entry was there. */
  without?: string[];
}

const ids = (plan: Plan): string[] => plan.nodes.map(({ id }) => id);
const between = { at_micros: seconds(10), for_micros: seconds(15) };
const idle = (plan: Plan): PlanWorkload =>
  plainWorkload({ table: plan.tables[0].id, keys: { kind: 'uniform', from: 0, to: 1 }, count: 0 });

const EDITS: Edit[] = [
  {
    name: 'another interval of observation',
    edit: (plan) => ({ ...plan, observe: { ...plan.observe, every_micros: 1_300_000 } }),
  },
  {
    name: 'another expectation',
    edit: (plan) => ({
      ...plan,
      expect: {
        never: {
          check: 'never',
          metric: 'divergent_copies',
          where: {},
          bounds: { above: 1e9 },
          at_micros: null,
          from_micros: 0,
          to_micros: seconds(60),
          within_micros: null,
          events: [],
          law: null,
          line: 1,
          column: 1,
        },
      },
    }),
  },
  {
    name: 'a probe',
    edit: (plan) => ({
      ...plan,
      probes: {
        more: { kind: 'read', table: plan.tables[0].id, consistency: 'ONE', every_micros: seconds(3), reads: 4 },
      },
    }),
  },
  {
    name: 'a fault after the end',
    edit: (plan) => ({
      ...plan,
      entries: [
        ...plan.entries,
        extraEntry(plan, { kind: 1, node: 0, at: plan.duration_micros + plan.settle_micros + 1 }),
      ],
    }),
  },
  {
    name: 'a loss of nothing',
    edit: (plan) => ({
      ...plan,
      entries: [
        ...plan.entries,
        {
          ...between,
          id: 'faults.none',
          kind: 'loseMessages',
          from: ids(plan),
          to: ids(plan),
          two_way: false,
          share: 0,
        },
      ],
    }),
    without: ['lossStarted', 'lossEnded'],
  },
  {
    name: 'a skew of nothing',
    edit: (plan) => ({
      ...plan,
      entries: [...plan.entries, { ...between, id: 'faults.none', kind: 'skewClock', nodes: ids(plan), by_micros: 0 }],
    }),
    without: ['clockSkewed'],
  },
  {
    name: 'a cut of no link',
    edit: (plan) => ({
      ...plan,
      entries: [
        ...plan.entries,
        { ...between, id: 'faults.none', kind: 'cutLink', from: ids(plan), to: [], two_way: true },
      ],
    }),
    without: ['linkCut', 'linkRestored'],
  },
  { name: 'a workload without writes', edit: (plan) => ({ ...plan, workload: { ...plan.workload, zz: idle(plan) } }) },
];

test.each(EDITS)(
  '$name changes no record',
  ({ edit, without = [] }) => {
    fc.assert(
      fc.property(plans, fc.boolean(), (plan, batched) => {
        const plain = linesWithout(runLogged(plan, batched).lines, without);
        expect(firstDifference(plain, linesWithout(runLogged(edit(plan), batched).lines, without))).toBeNull();
      }),
      { numRuns: runs(4) },
    );
  },
  300_000,
);

test('a fault changes no record before it begins', () => {
  fc.assert(
    fc.property(plans, extraChoice, fc.boolean(), (plan, choice, batched) => {
      const more = { ...plan, entries: [...plan.entries, extraEntry(plan, choice)] };
      const before = linesBefore(runLogged(plan, batched).lines, choice.at);
      expect(firstDifference(before, linesBefore(runLogged(more, batched).lines, choice.at))).toBeNull();
    }),
    { numRuns: runs(25) },
  );
}, 300_000);
