/** One advice for files of other formats: a newer one is in order, an older one is made again. */
import { expect, it } from 'vitest';
import { otherFormat } from '../../src/base/other-format.ts';
import { loadPlan } from '../../src/scenario/load.ts';
import { OPTIONS } from './fake-dialect.ts';

it('is said of plans and all others alike', () => {
  const { plan, mistakes } = loadPlan('plan.json', '{"format": 2}', OPTIONS);
  expect(plan).toBe(null);
  expect(mistakes).toMatchObject([
    {
      code: 'P103',
      message: 'a plan of format 2',
      expected: 'format 1, which this version reads',
      notes: ['a newer Reconverge wrote it: use that one; the file is in order'],
    },
  ]);
  const renew = 'draw it again';
  for (const format of [0, '0', 'x', null])
    expect(otherFormat({ what: 'a golden', format, known: 1, renew }).notes).toEqual([renew]);
  expect(otherFormat({ what: 'a golden', format: '12', known: 1, renew }).notes[0]).toMatch(/newer/);
});
