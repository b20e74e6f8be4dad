/** The shape of a study's file; what it means is checked where it is read. */
import { z } from 'zod';
import { duration, count, seeds, share, text } from '../../scenario/schema/leaves.ts';

/** Mistakes that only a study's file can make, one line each; the error reference is written from it. */
export const STUDY_MISTAKES = {
  T100: 'a file that holds no study',
  T101: 'a scenario that a study names and that cannot be read',
  T102: 'a grid or range that is not one',
  T103: 'a value, seed or measure that stands twice',
  T104: 'too many cells or runs, or no repairs',
  T105: 'an axis that is none, or two of one name',
  T106: 'a first seed that is not a whole number',
  T107: 'what a study is to vary has a seed of its own in the scenario',
  T108: 'something that seeds cannot vary alone',
  T110: 'an unknown metric in a study',
  T111: 'a part that a measured metric is not known by',
  T112: 'a metric that is only known at the end of a run',
  T113: 'a stop rule about what is not measured',
  T114: 'a half width or confidence that means nothing',
  T115: 'looks that do not rise, are too early or too late',
  T130: 'a study of another format than this version reads',
} as const;

const amount = z.union([z.string(), z.number()]).describe('a number, count, size, duration or percentage');
const whole = z.boolean().describe('only whole numbers').optional();

const grid = z
  .strictObject({
    from: amount,
    to: amount,
    steps: z.number().int().min(2).max(1000).describe('how many values, both ends among them').optional(),
    by: amount.describe('from one value to the next').optional(),
    whole,
  })
  .describe('a grid: { from, to, steps } or { from, to, by }');

const where = z.strictObject({
  ...{ cause: text.optional(), state: text.optional(), node: text.optional(), table: text.optional() },
  ...{ origin: text.optional(), repair: text.optional(), healer: text.optional(), probe: text.optional() },
  ...{ workload: text.optional(), between: z.tuple([text, text]).optional() },
  ...{ t: duration.optional(), k: count.optional() },
});

const take = z.enum(['end', 'highest', 'lowest']).describe('which value of the run; end unless said');

const measure = z.union([
  text,
  z.strictObject({ metric: text, where: where.optional(), take: take.optional() }).describe('a metric'),
]);

export const studyShape = z.strictObject({
  format: z.literal(1).describe('the format of this file: 1'),
  study: text.describe('its name'),
  scenario: text.describe('the scenario, its path relative to this file'),
  axes: z
    .record(z.string(), z.union([z.array(z.unknown()).min(1), grid]))
    .describe('path → its values: a list, or a grid')
    .optional(),
  latin_hypercube: z
    .strictObject({
      points: z.number().int().min(2).max(10_000),
      ranges: z.record(z.string(), z.strictObject({ from: amount, to: amount, whole })),
    })
    .describe('points spread evenly over each range')
    .optional(),
  repairs: z
    .record(z.string(), z.union([z.record(z.string(), z.unknown()), z.null()]))
    .describe('id → repairs that take the place of the scenario’s')
    .optional(),
  seeds: z
    .union([
      seeds,
      z.strictObject({
        from: z.union([z.string(), z.number()]).describe('the first seed, a whole number').optional(),
        count: z.number().int().min(1).max(10_000),
        vary: z.array(text).min(1).describe('what the seeds vary; all unless said').optional(),
      }),
    ])
    .describe('1..20, a list, or { from, count, vary }')
    .optional(),
  measure: z.array(measure).min(1),
  series: z.array(text).describe('metrics whose series are kept').optional(),
  stop: z
    .strictObject({
      metric: text.describe('one of measure'),
      half_width: z.union([z.string(), z.number()]).describe('of the interval of each mean: 5% of it, or a quantity'),
      confidence: share.optional(),
      looks: z.array(z.number().int()).min(1).describe('seeds a cell after which to look'),
    })
    .optional(),
});

export type StudyFile = z.output<typeof studyShape>;

export function studySchema(): object {
  return { title: 'Reconverge study, format 1', ...z.toJSONSchema(studyShape, { target: 'draft-7', io: 'input' }) };
}
