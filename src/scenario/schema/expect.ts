/** Schema of `expect:`, `variants:`, `observe:` and `model:`. Shapes only. */
import { z } from 'zod';
import { count, duration, durationOrShare, id, quantity, seeds, share, text, time, timeWindow } from './leaves.ts';

const where = z.strictObject({
  cause: text.optional(),
  state: text.optional(),
  node: text.optional(),
  table: text.optional(),
  origin: text.optional(),
  repair: text.optional(),
  healer: text.optional(),
  between: z.tuple([text, text]).describe('two nodes').optional(),
  probe: text.optional(),
  workload: text.optional(),
  t: duration.describe('time after the acknowledgement').optional(),
  k: count.describe('newest versions').optional(),
});

const bounds = {
  above: quantity.optional(),
  below: quantity.optional(),
  is: quantity.optional(),
  not: quantity.optional(),
  between: z.tuple([quantity, quantity]).describe('[least, most]').optional(),
  near: quantity.optional(),
};
const overSeeds = { seeds: seeds.optional(), share: share.optional(), confidence: share.optional() };
const measured = { metric: text, where: where.optional(), ...bounds, within: durationOrShare.optional(), ...overSeeds };
const window = { from: time.optional(), until: time.optional(), during: timeWindow.optional(), after: time.optional() };

const at = z.strictObject({ check: z.literal('at'), ...measured, at: time });
const always = z.strictObject({
  check: z.literal('always'),
  ...measured,
  metric: text.optional(),
  law: text.describe('a named law, instead of a metric').optional(),
  ...window,
});
const never = z.strictObject({ check: z.literal('never'), ...measured, ...window });
const sometimes = z.strictObject({ check: z.literal('sometimes'), ...measured, ...window });
const eventually = z.strictObject({ check: z.literal('eventually'), ...measured, ...window });
const order = z.strictObject({ check: z.literal('order'), events: z.array(text).min(2), ...overSeeds, ...window });

export const expectation = z.discriminatedUnion('check', [at, always, eventually, never, sometimes, order]);

export const variant = z.strictObject({
  edit: z.record(z.string(), z.unknown()).describe('path → new value; null removes'),
  must_break: z.array(id).min(1).describe('the expectations that this variant breaks'),
});

export const observe = z.strictObject({ every: duration.optional(), keys: z.array(text).optional() });
export const model = z.strictObject({ off: z.array(text).optional() });
