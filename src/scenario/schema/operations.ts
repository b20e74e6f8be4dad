/** Schema of `operations:`, by the discriminator `do`: what people do to a running cluster. Shapes only. */
import { z } from 'zod';
import { duration, selector, span, text, time } from './leaves.ts';
import { add, alter, remove, replace } from './topology.ts';

const settings = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.unknown())]))
  .describe('settings by their real names');
const target = { node: selector.optional(), nodes: selector.optional() };
const lasting = { for: span.optional(), until: time.optional() };

const nodetool = z.strictObject({
  do: z.literal('nodetool'),
  ...target,
  run: text.describe('the command as an operator types it, such as compact shop orders'),
  at: time,
  every: duration.optional(),
  ...lasting,
});

const cql = z.strictObject({
  do: z.literal('cql'),
  node: selector,
  run: text.describe('a statement, such as DELETE FROM shop.orders WHERE id = 4711'),
  consistency: text.optional(),
  at: time,
  every: duration.optional(),
});

const influxql = z.strictObject({
  do: z.literal('influxql'),
  node: selector,
  run: text.describe("a statement, such as DROP SERIES FROM cpu WHERE host = 'web-17'"),
  database: text.describe('the database of the statement, where there are several').optional(),
  at: time,
});

const influxdCtl = z.strictObject({
  do: z.literal('influxd-ctl'),
  node: selector.optional(),
  run: text.describe('a command, such as remove-shard n3:8088 22'),
  at: time,
});

const set = z.strictObject({ do: z.literal('set'), ...target, settings, at: time, ...lasting });

const restart = z.strictObject({
  do: z.literal('restart'),
  ...target,
  settings: settings.optional(),
  at: time,
  ...lasting,
});

export const operation = z.discriminatedUnion('do', [
  nodetool,
  cql,
  influxql,
  influxdCtl,
  set,
  restart,
  alter,
  add,
  replace,
  remove,
]);
