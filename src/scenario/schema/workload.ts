/** Schema of `workload:` and `probes:`. Shapes only. */
import { z } from 'zod';
import { MAX_PROBE_TIMES } from './limits.ts';
import { count, duration, eventRate, pointRate, share, text, time, timeWindow } from './leaves.ts';

const rate = z
  .union([
    eventRate.transform((perSecond) => ({ kind: 'fixed' as const, perSecond })),
    z
      .strictObject({ poisson: eventRate })
      .transform(({ poisson }) => ({ kind: 'poisson' as const, perSecond: poisson })),
    z.strictObject({ csv: text }).transform(({ csv }) => ({ kind: 'trace' as const, file: csv })),
  ])
  .describe('a rate such as 24k/s, { poisson: 24k/s }, or { csv: trace.csv }');

const keys = z
  .union([z.enum(['uniform', 'sequential']), z.strictObject({ zipf: z.number().positive() })])
  .describe('uniform, sequential, or { zipf: 0.99 }');

export const mix = z.strictObject({
  read: share.describe('reads of one row').optional(),
  insert: share.optional(),
  update: share.optional(),
  delete: share.describe('the same as delete_row').optional(),
  delete_cell: share.optional(),
  delete_row: share.optional(),
  delete_range: share.optional(),
  delete_partition: share.optional(),
});

const tableWorkload = z.strictObject({
  table: text,
  rate,
  from: time.optional(),
  until: time.optional(),
  count: count.optional(),
  mix: mix.optional(),
  keys: keys.optional(),
  range: z.tuple([count, count]).describe('[first, beyond the last] key number').optional(),
  consistency: z
    .union([
      z.string().transform((level) => ({ write: level, read: level, isOne: true })),
      z
        .strictObject({ write: text.optional(), read: text.optional() })
        .transform((levels) => ({ ...levels, isOne: false })),
    ])
    .describe('a consistency level, or { write: LEVEL, read: LEVEL }')
    .optional(),
  clients: z.record(z.string(), share).describe('share of the clients by data centre').optional(),
  retry: z.strictObject({ attempts: count, timeout: duration }).optional(),
  batch: z.strictObject({ size: count, logged: z.boolean().optional() }).optional(),
  ttl: duration.optional(),
  update_groups: count.optional(),
});

const through = z
  .union([
    z.strictObject({ balancer: z.literal('round-robin') }).transform(() => null),
    z.strictObject({ node: text }).transform(({ node }) => node),
  ])
  .describe('{ balancer: round-robin }, or { node: n1 }');

const shifted = z.strictObject({ share: share.describe('of the series'), by: duration });

const pointWorkload = z.strictObject({
  into: text.describe('database.policy, or a database for its default policy'),
  rate: pointRate,
  series: count,
  batch: count.describe('points in a request').optional(),
  bytes_per_point: count.optional(),
  measurement: text.optional(),
  values: z
    .tuple([z.number(), z.number()])
    .describe('[least, most]: between these lie the values of its points')
    .optional(),
  value: z.enum(['float', 'integer', 'string', 'boolean']).describe('type of its fields').optional(),
  tag: text.describe('a tag such as host=web-{n}; {n} is the number of the series').optional(),
  late: shifted
    .describe('series whose points come so late; all of them: the points of a workload of the same series again')
    .optional(),
  future: shifted.describe('series whose clock is ahead').optional(),
  repeat_after: duration.describe('all of it is sent once more so long after').optional(),
  from: time.optional(),
  until: time.optional(),
  consistency: text.optional(),
  through: through.optional(),
  retry_on: z.array(z.enum(['timeout', 'error'])).optional(),
  retry_attempts: count.optional(),
});

/** Of tables by rows, or of points by series: told apart by `into`. */
export const workload = z.union([tableWorkload, pointWorkload]);
export type TableWorkload = z.output<typeof tableWorkload>;
export type PointWorkload = z.output<typeof pointWorkload>;

const queried = {
  query: text.describe('such as mean usage_idle of cpu, with WHERE and tags behind it'),
  over: duration.describe('the length of the stretch of time that is asked for').optional(),
  ago: duration.describe('how long before the query it ends').optional(),
  during: timeWindow.describe('a stretch that stands still').optional(),
  every: duration.optional(),
};

export const probe = z.discriminatedUnion('probe', [
  z.strictObject({
    probe: z.literal('read'),
    table: text,
    consistency: text.optional(),
    every: duration.optional(),
    reads: count.optional(),
  }),
  z.strictObject({
    probe: z.literal('t-visibility'),
    workload: text,
    consistency: text.optional(),
    times: z.array(duration).min(1).max(MAX_PROBE_TIMES).describe('times after the acknowledgement').optional(),
    share: share.describe('of the writes').optional(),
  }),
  z.strictObject({
    probe: z.literal('k-staleness'),
    workload: text,
    consistency: text.optional(),
    after: duration.describe('the acknowledgement').optional(),
    versions: count.optional(),
    share: share.describe('of the writes').optional(),
  }),
  z.strictObject({
    ...{ probe: z.literal('dashboard'), ...queried, through: through.optional() },
    tolerance: share.describe('a change by more of the larger answer is a flap').optional(),
  }),
  z.strictObject({ probe: z.literal('count'), ...queried }),
  z.strictObject({ probe: z.literal('size'), every: duration.optional() }),
  z.strictObject({
    ...{ probe: z.literal('alert'), on: text.describe('a dashboard'), for: duration.optional() },
    ...{ above: z.number().optional(), below: z.number().optional() },
  }),
]);
