/** Schema of `cluster:` and `data:`: nodes, tokens, settings, devices, links, keyspaces, tables. Shapes only. */
import { z } from 'zod';
import { compaction } from './compaction.ts';
import { byteRate, count, distribution, duration, nodeName, selector, share, size, text } from './leaves.ts';

const token = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).describe('a Murmur3 token, a whole number');
const files = z.union([text, z.array(text).min(1)]).transform((given) => (typeof given === 'string' ? [given] : given));
const racks = z.record(
  z.string(),
  z
    .union([count, z.array(nodeName).min(1)])
    .describe('a number of nodes, or their ids: letters, digits, dots and dashes'),
);
const nodes = z
  .union([count, z.record(z.string(), z.union([count, racks]))])
  .describe('a number of nodes, or { dc1: { r1: 3, r2: 3 } }');

/** A setting as written: checked against the dialect's table, not here. Those that are not modelled may hold anything. */
const settingValue = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .describe('a value of that setting');
const settings = z.record(z.string(), settingValue);

const latencies = z.union([
  distribution,
  z.strictObject({
    write: distribution.optional(),
    ack: distribution.optional(),
    read: distribution.optional(),
    response: distribution.optional(),
  }),
]);

export const cluster = z.strictObject({
  from: files.describe("a file, or a list of files, that the operator's tools printed").optional(),
  nodes: nodes.optional(),
  data_nodes: z
    .union([count, z.array(nodeName).min(1)])
    .describe('a number of data nodes, or their ids')
    .optional(),
  meta_nodes: count.describe('a number of meta nodes; they never fail').optional(),
  tokens: z
    .union([z.enum(['drawn', 'even']), z.record(z.string(), z.union([token, z.array(token).min(1)]))])
    .describe('drawn, even, or the tokens of each node')
    .optional(),
  settings: settings.describe('settings by their real names; `from` names a settings file').optional(),
  node_settings: z.record(z.string(), settings).optional(),
  devices: z
    .strictObject({
      disk: z
        .strictObject({ read: byteRate.optional(), write: byteRate.optional(), fsync: duration.optional() })
        .optional(),
      link: byteRate.optional(),
      processor: byteRate.describe('what a node hashes and merges at most').optional(),
    })
    .optional(),
  latencies: z
    .strictObject({
      local: latencies.optional(),
      rack: latencies.optional(),
      dc: latencies.optional(),
      wan: latencies.optional(),
    })
    .optional(),
  between: z.record(z.string(), z.strictObject({ delay: distribution })).optional(),
});

export const replication = z
  .union([count, z.record(z.string(), count)])
  .describe('a number (SimpleStrategy), or a number per data centre such as { dc1: 3 } (NetworkTopologyStrategy)');

const diverged = z.strictObject({
  share,
  node: selector.optional(),
  nodes: selector.optional(),
  copy: z.enum(['missing', 'older']).optional(),
});

const table = z.strictObject({
  partitions: count,
  rows: count.describe('rows in each partition').optional(),
  column_groups: count.describe('1 to 8').optional(),
  row: size.describe('bytes of one row, such as 350B').optional(),
  loaded: z
    .union([z.enum(['empty', 'equal']), z.strictObject({ diverged })])
    .describe('empty, equal, or { diverged: { share: 1% } }')
    .optional(),
  gc_grace: duration.optional(),
  default_ttl: duration.optional(),
  compaction: compaction.optional(),
  read_repair: z.enum(['BLOCKING', 'NONE']).optional(),
  read_repair_chance: share.describe('share of reads that ask all replicas').optional(),
  dclocal_read_repair_chance: share
    .describe("share of reads that ask all replicas in the coordinator's data centre")
    .optional(),
  speculative_retry: text.describe('NEVER, ALWAYS, a percentile such as 99p, or a time such as 50ms').optional(),
});

const policy = z.strictObject({
  duration: z
    .union([z.literal('infinite'), duration])
    .describe('how long data is kept, or infinite')
    .optional(),
  shard_duration: duration.describe('the length of a shard group').optional(),
  replication: count.describe('a number of copies').optional(),
  default: z.boolean().optional(),
});

export const data = z.strictObject({
  databases: z
    .record(z.string(), z.strictObject({ policies: z.record(z.string(), policy) }))
    .describe('databases with their retention policies')
    .optional(),
  replication: replication.optional(),
  keyspaces: z.record(z.string(), z.strictObject({ replication })).optional(),
  tables: z
    .record(
      z
        .string()
        .regex(/^\w+\.\w+$/)
        .describe('keyspace.table'),
      table,
    )
    .default({}),
});
