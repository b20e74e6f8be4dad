/** The shape of what a plan of points by shards has beside all plans: shards, writers, entries about them. */
import { z } from 'zod';

const whole = z.number().int().nonnegative();
/** Timestamps of points may lie before the start of the run. */
const stamp = z.number().int();
const texts = z.array(z.string());

export const shard = z.object({
  ...{ number: whole, group: whole, policy: z.string() },
  ...{ from_micros: stamp, until_micros: stamp },
  ...{ keep_micros: whole.min(1).optional(), since_micros: whole.optional() },
  truncated: z.object({ at_micros: whole, until_micros: stamp }).optional(),
});

export const points = z.object({
  policy: z.string(),
  series_key: z.string(),
  series: whole.min(1),
  interval_micros: whole.min(1),
  batch: whole.min(1),
  from_micros: whole,
  until_micros: whole,
  shifted: z.array(z.object({ from: whole, to: whole, by_micros: stamp })).optional(),
  repeat_after_micros: whole.min(1).optional(),
  values: z.tuple([z.number(), z.number()]).optional(),
  consistency: z.enum(['any', 'one', 'quorum', 'all']),
  through: z.string().optional(),
  retry: z.object({ attempts: whole.max(60), on_timeout: z.boolean(), on_error: z.boolean() }).nullable(),
  value: z.enum(['float', 'integer', 'string', 'boolean']).exactOptional(),
});

const entry = { id: z.string(), at_micros: whole, nodes: texts.min(1), command: z.string() };

const series = z.array(z.object({ writer: z.string(), from: whole, to: whole }));
const query = z.object({
  aggregate: z.enum(['count', 'sum', 'mean', 'min', 'max']),
  series,
  window: z.object({ from_micros: stamp, until_micros: stamp, now: z.boolean() }),
});
const every = { every_micros: whole.min(1) };

export const pointProbes = [
  z.object({
    ...{ kind: z.literal('dashboard'), query, ...every },
    ...{ through: z.string().optional(), tolerance: z.number().min(0) },
  }),
  z.object({
    ...{ kind: z.literal('alert'), dashboard: z.string(), for_micros: whole },
    ...{ above: z.number().nullable(), below: z.number().nullable() },
  }),
  z.object({ kind: z.literal('count'), query, ...every }),
  z.object({ kind: z.literal('size'), ...every }),
] as const;

export const pointEntries = [
  z.object({
    ...{ ...entry, kind: z.literal('deletePoints') },
    series,
    from_micros: stamp.nullable(),
    until_micros: stamp.nullable(),
  }),
  z.object({ ...entry, kind: z.literal('dropShard'), shard: z.string() }),
  z.object({ ...entry, kind: z.literal('dropPolicy'), shards: texts }),
  z.object({ ...entry, kind: z.literal('repairShards'), shards: texts.nullable() }),
] as const;

const lasting = whole.nullable();
const fault = { id: z.string(), at_micros: whole, nodes: texts.min(1) };

const step = z.discriminatedUnion('do', [
  z.object({ do: z.literal('truncateShards'), delay_micros: whole }),
  z.object({ do: z.literal('copyShard'), from: z.string(), to: z.string(), table: z.string() }),
  z.object({ do: z.literal('killCopyShard'), from: z.string(), to: z.string(), table: z.string() }),
  z.object({ do: z.literal('removeShard'), node: z.string(), table: z.string() }),
  z.object({ do: z.literal('updateData'), node: z.string() }),
  z.object({ do: z.literal('removeData'), node: z.string() }),
  z.object({ do: z.literal('killRepair'), table: z.string() }),
  z.object({ do: z.literal('entropyRepair'), table: z.string() }),
  z.object({ do: z.literal('entropyShow') }),
]);

export const pointFaults = [
  z.object({ ...fault, kind: z.literal('panicNode'), before: z.literal('remote-write'), for_micros: lasting }),
  z.object({ ...fault, kind: z.literal('fillDisk'), for_micros: lasting }),
  z.object({ ...fault, kind: z.literal('fakeSyncs'), lag_micros: whole.min(1), for_micros: lasting }),
  z.object({ ...fault, kind: z.literal('tearQueues'), targets: texts }),
  z.object({ ...fault, kind: z.literal('repairByHand'), steps: z.array(step), command: z.string() }),
] as const;
