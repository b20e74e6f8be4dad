/**
 * The leaves of the scenario's schema: values with units, times, draws, node selectors, distributions. Each reads text
 * into its meaning and says what it expected; `describe` is that sentence, shown in mistakes and in the JSON Schema.
 */
import { z } from 'zod';
import { CRON_EXPECTED, parseCron } from '../cron.ts';
import type { PlanDistribution } from '../plan.ts';
import { SEEDS_EXPECTED, parseSeeds } from '../seeds.ts';
import { TIME_EXPECTED, parseTime, parseWindow } from '../time-text.ts';
import type { Draw, TimeExpression } from '../time-text.ts';
import * as units from '../units.ts';
import { isUnitProblem } from '../units.ts';
import type { UnitProblem } from '../units.ts';

/** A scalar that `read` turns into its meaning. */
function scalar<T>(
  description: string,
  read: (value: string | number) => T | UnitProblem,
): z.ZodType<T, string | number> {
  const parsed = z.union([z.string(), z.number()]).transform((value, context): T => {
    const result = read(value);
    if (!isUnitProblem(result)) return result;
    const { code, message, expected, suggestion } = result;
    context.issues.push({ code: 'custom', input: value, message, params: { code, expected, suggestion } });
    return z.NEVER;
  });
  return parsed.describe(description);
}

export const ID_PATTERN = /^[a-z][a-z0-9-]*$/;
/** As in the outputs of the database's tools: no blank, no comma, nothing that moves a cursor. */
export const nodeName = z
  .string()
  .regex(/^(?!all$)[A-Za-z0-9][A-Za-z0-9._:-]*$/)
  .describe('a name of letters, digits, dots and dashes, but not "all"');
export const id = z.string().regex(ID_PATTERN).describe('an id: a small letter, then small letters, digits and dashes');
export const text = z.string().describe('text');
/** Numbers are taken as the text that they are; seeds are text. */
export const seedText = z.union([z.string(), z.number()]).transform(String).describe('text or a number');

export const duration = scalar(units.DURATION_EXPECTED, units.parseDuration);
export const signedDuration = scalar('a duration with a sign, such as 5s or -200ms', units.parseSignedDuration);
export const size = scalar(units.SIZE_EXPECTED, units.parseSize);
export const byteRate = scalar(units.BYTE_RATE_EXPECTED, units.parseByteRate);
export const eventRate = scalar(units.EVENT_RATE_EXPECTED, units.parseEventRate);
export const pointRate = scalar('a rate of points, such as 20k points/s', (value) => {
  const bare = typeof value === 'string' ? value.replace(/\s*points?(?=\s*\/)/, '') : value;
  const what = typeof bare === 'string' ? /\s([a-z]+)\s*\//.exec(bare)?.[1] : undefined;
  if (what === undefined) return units.parseEventRate(bare);
  const message = `agents write points, not ${what}`;
  return {
    code: 'S122',
    message,
    expected: 'a rate of points, such as 20k points/s',
    suggestion: String(bare).replace(what, 'points'),
  };
});
export const count = scalar(units.COUNT_EXPECTED, units.parseCount);
export const share = scalar(units.SHARE_EXPECTED, units.parseShare);
export const seeds = z.union([scalar(SEEDS_EXPECTED, parseSeeds), z.array(seedText).min(1)]).describe(SEEDS_EXPECTED);
export const quantity = scalar('a number, count, size, duration or percentage', units.parseQuantity);
export const schedule = scalar(CRON_EXPECTED, parseCron);
export const timeText = scalar(TIME_EXPECTED, parseTime);
export const timeWindow = scalar('two times with .. between them, such as 1h .. faults.a.end', parseWindow);
/** `within` is a deadline for `eventually` and a tolerance beside `near`. */
export const durationOrShare = scalar('a duration such as 12h, or a percentage such as 5%', readDurationOrShare);

/** A moment: text or a draw. */
const uniformDraw = z
  .strictObject({ uniform: z.tuple([duration, duration]).describe('[least, most]'), after: timeText.optional() })
  .transform(({ uniform: [min, max], after }): TimeExpression => drawn({ kind: 'uniform', min, max }, after));
const exponentialDraw = z
  .strictObject({ exponential: duration, after: timeText.optional() })
  .transform(({ exponential, after }): TimeExpression => drawn({ kind: 'exponential', mean: exponential }, after));
export const time = z
  .union([timeText, uniformDraw, exponentialDraw])
  .describe(`${TIME_EXPECTED}, or a draw such as { uniform: [1h, 6h] }`);

/** A length of time: a duration or a draw. */
const fixedSpan = duration
  .transform((micros): Draw => ({ kind: 'uniform', min: micros, max: micros }))
  .describe(units.DURATION_EXPECTED);
const uniformSpan = z
  .strictObject({ uniform: z.tuple([duration, duration]).describe('[least, most]') })
  .transform(({ uniform: [min, max] }): Draw => ({ kind: 'uniform', min, max }));
const exponentialSpan = z
  .strictObject({ exponential: duration })
  .transform(({ exponential }): Draw => ({ kind: 'exponential', mean: exponential }));
export const span = z
  .union([fixedSpan, uniformSpan, exponentialSpan])
  .describe(`${units.DURATION_EXPECTED}, or a draw such as { exponential: 20m }`);

export type Selector =
  | { kind: 'all' }
  | { kind: 'names'; names: string[] }
  | { kind: 'place'; dc: string | null; rack: string | null }
  | { kind: 'pick'; count: number; of: Selector };

const nameSelector = z
  .string()
  .transform((name): Selector => (name === 'all' ? { kind: 'all' } : { kind: 'names', names: [name] }))
  .describe('the id of a node, or all');
const listSelector = z
  .array(z.string())
  .min(1)
  .transform((names): Selector => ({ kind: 'names', names }));
const placeSelector = z
  .strictObject({ dc: z.string().optional(), rack: z.string().optional() })
  .transform(({ dc, rack }): Selector => ({ kind: 'place', dc: dc ?? null, rack: rack ?? null }));
const plainSelector = z.union([nameSelector, listSelector, placeSelector]);
const pickSelector = z
  .strictObject({ pick: count, of: plainSelector })
  .transform((picked): Selector => ({ kind: 'pick', count: picked.pick, of: picked.of }));
export const selector = z
  .union([nameSelector, listSelector, placeSelector, pickSelector])
  .describe('a node id, a list of ids, { dc, rack }, all, or { pick: 1, of: … }');

/** Distributions of a latency. */
const constant = duration
  .transform((value): PlanDistribution => ({ kind: 'constant', value }))
  .describe(units.DURATION_EXPECTED);
const uniform = z
  .strictObject({ uniform: z.tuple([duration, duration]) })
  .transform(({ uniform: [min, max] }): PlanDistribution => ({ kind: 'uniform', min, max }));
const exponential = z
  .strictObject({ exponential: duration, offset: duration.optional() })
  .transform((drawn): PlanDistribution => ({
    kind: 'exponential',
    offset: drawn.offset ?? 0,
    mean: drawn.exponential,
  }));
const pareto = z
  .strictObject({ pareto: z.strictObject({ scale: duration, shape: z.number().positive() }) })
  .transform((drawn): PlanDistribution => ({ kind: 'pareto', ...drawn.pareto }));
const normal = z
  .strictObject({ normal: z.strictObject({ mean: duration, deviation: duration }) })
  .transform((drawn): PlanDistribution => ({ kind: 'normal', ...drawn.normal }));
const empirical = z
  .strictObject({ empirical: z.array(duration).min(1) })
  .transform((drawn): PlanDistribution => ({ kind: 'empirical', values: drawn.empirical }));
const simple = [constant, uniform, exponential, pareto, normal, empirical] as const;
const mixture = z
  .strictObject({
    mixture: z.array(z.strictObject({ share, of: z.union(simple) })).min(1),
    offset: duration.optional(),
  })
  .transform((drawn): PlanDistribution => ({
    kind: 'mixture',
    ...(drawn.offset === undefined ? {} : { offset: drawn.offset }),
    parts: drawn.mixture,
  }));
export const distribution = z
  .union([...simple, mixture])
  .describe(
    'a duration, or a distribution: { uniform: [a, b] }, { exponential: mean, offset }, { pareto: { scale, shape } }, { normal: { mean, deviation } }, { empirical: […] }, { mixture: […], offset }',
  );

function drawn(draw: Draw, after: TimeExpression | undefined): TimeExpression {
  return { kind: 'draw', draw, after: after?.kind === 'sum' ? after : null };
}

function readDurationOrShare(value: string | number): { micros: number } | { share: number } | UnitProblem {
  if (typeof value === 'string' && value.trim().endsWith('%')) {
    const part = units.parseShare(value);
    return isUnitProblem(part) ? part : { share: part };
  }
  const micros = units.parseDuration(value);
  return isUnitProblem(micros)
    ? { ...micros, expected: 'a duration such as 12h, or a percentage such as 5%' }
    : { micros };
}
