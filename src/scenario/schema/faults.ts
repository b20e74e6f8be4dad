/** Schema of `faults:` and `repairs:`, by the discriminators `fault` and `repair`. Shapes only. */
import { z } from 'zod';
import { byteRate, count, duration, schedule, selector, share, signedDuration } from './leaves.ts';
import { size, span, text, time } from './leaves.ts';

const target = { node: selector.optional(), nodes: selector.optional() };
const lasting = { for: span.optional(), until: time.optional() };
const mode = z.enum(['process', 'power-loss', 'disk-lost']).optional();
const between = z.tuple([selector, selector]).describe('two sides: data centres, nodes or selectors').optional();
const way = z.string().describe('both, or from one side to the other such as dc1-to-dc2').optional();

const crash = z.strictObject({ fault: z.literal('crash'), ...target, mode, at: time, ...lasting });
const stop = z.strictObject({ fault: z.literal('stop'), ...target, at: time, ...lasting });
const pause = z.strictObject({ fault: z.literal('pause'), ...target, at: time, ...lasting });
const partition = z.strictObject({ fault: z.literal('partition'), ...target, between, way, at: time, ...lasting });
const loss = z.strictObject({ fault: z.literal('loss'), ...target, between, way, share, at: time, ...lasting });
const skew = z.strictObject({ fault: z.literal('skew'), ...target, by: signedDuration, at: time, ...lasting });
const batchCut = z.strictObject({
  fault: z.literal('batch-cut'),
  after: z.strictObject({
    batch: text,
    index: count.optional(),
    mutations: count.optional(),
    copies: count.optional(),
  }),
  mode,
  ...lasting,
});
const slowDisk = z.strictObject({
  fault: z.literal('slow-disk'),
  ...target,
  speed: share.describe('what is left of its read and write speed').optional(),
  fsync: duration.describe('how long one fsync takes').optional(),
  at: time,
  ...lasting,
});
const slowLink = z.strictObject({
  fault: z.literal('slow-link'),
  ...target,
  between,
  way,
  latency: z.number().describe('how many times as long a small message takes').optional(),
  rate: byteRate.describe('what all transfers one way have together').optional(),
  at: time,
  ...lasting,
});
const hintStoreLost = z.strictObject({ fault: z.literal('hint-store-lost'), ...target, at: time });
const panic = z.strictObject({
  fault: z.literal('panic'),
  ...target,
  before: z.literal('remote-write').optional(),
  at: time,
  ...lasting,
});
const fullDisk = z.strictObject({ fault: z.literal('full-disk'), ...target, at: time, ...lasting });
const ackBeforeFsync = z.strictObject({
  fault: z.literal('ack-before-fsync'),
  ...target,
  lag: duration.describe('how often the cache of the disk is written out').optional(),
  at: time,
  ...lasting,
});
const queues = { ...target, target: selector.describe('for whom the queues are; all where it is left out').optional() };
const queueTorn = z.strictObject({ fault: z.literal('queue-torn'), ...queues, at: time });
const queueLost = z.strictObject({ fault: z.literal('queue-lost'), ...queues, at: time });
const keyNumber = z.union([count, z.array(count).min(1)]);
const damage = z.strictObject({
  fault: z.literal('damage'),
  ...target,
  table: text,
  what: z.enum(['missing', 'corrupt', 'lost-sstable', 'old-snapshot']),
  key: keyNumber.describe('a key number').optional(),
  keys: keyNumber.describe('key numbers').optional(),
  partitions: count.describe('how many, drawn from the seed').optional(),
  sstables: count.describe('how many').optional(),
  which: z.enum(['drawn', 'oldest', 'newest', 'largest']).optional(),
  taken: time.describe('when the snapshot was taken').optional(),
  at: time,
});

export const fault = z.discriminatedUnion('fault', [
  crash,
  stop,
  pause,
  partition,
  loss,
  slowLink,
  slowDisk,
  skew,
  batchCut,
  damage,
  hintStoreLost,
  panic,
  fullDisk,
  ackBeforeFsync,
  queueTorn,
  queueLost,
]);

const run = text.describe('the command as an operator types it, such as nodetool repair -full shop');
/** When it begins: once, so often, or by a calendar. */
const timing = { at: time.optional(), every: duration.optional(), schedule: schedule.optional() };
const nodetool = z.strictObject({ repair: z.literal('nodetool'), ...target, run, ...timing });
const rounds = z.strictObject({
  repair: z.literal('rounds'),
  ...target,
  run,
  ...timing,
  one_after_another: z.boolean().optional(),
});

/** Of whoever asks for repairs by itself, for one keyspace. */
const whole = { keyspace: text.optional(), tables: z.array(text).min(1).optional() };
/** Many more than anybody runs; each is a repair of its own. */
export const SEGMENTS_PER_NODE_MAX = 1000;
const reaper = z.strictObject({
  repair: z.literal('reaper'),
  ...whole,
  ...timing,
  incremental: z.boolean().optional(),
  parallelism: z.enum(['SEQUENTIAL', 'PARALLEL', 'DATACENTER_AWARE']).optional(),
  segments_per_node: count.optional(),
  intensity: share.optional(),
  segment_timeout: duration.optional(),
  max_pending_compactions: count.optional(),
  max_parallel_repairs: count.optional(),
  poll: duration.optional(),
});
const auto = z.strictObject({
  repair: z.literal('auto'),
  ...whole,
  type: z.enum(['FULL', 'INCREMENTAL', 'PREVIEW_REPAIRED']).optional(),
  at: time.optional(),
  check_interval: duration.optional(),
  min_repair_interval: duration.optional(),
  parallel_repair_count: count.optional(),
  parallel_repair_percentage: share.optional(),
  session_timeout: duration.optional(),
  retries: count.optional(),
  retry_backoff: duration.optional(),
});

const algorithm = z.strictObject({
  repair: z.literal('algorithm'),
  algorithm: z.enum(['dynamo', 'riak-aae', 'tictac']),
  ...whole,
  at: time.optional(),
  until: time.optional(),
  built: z.boolean().describe('are its trees there when it begins?').optional(),
  tick: duration.describe('how often a node begins an exchange').optional(),
  period: duration.describe('how often a node begins to exchange all its trees').optional(),
  fan_out: count.optional(),
  depth: count.optional(),
  hash: size.describe('width of a hash, such as 16B').optional(),
  segments: count.optional(),
  width: count.optional(),
  tree: z.enum(['small', 'medium', 'large', 'xlarge']).optional(),
  concurrency: count.describe('exchanges and builds of one node at once').optional(),
  lock_timeout: duration.optional(),
  answer_timeout: duration.describe('how long an answer is waited for when nobody is at work on it').optional(),
  build_every: duration.describe('from one build of a node to the next').optional(),
  build_pause: duration.describe('rest after a million bytes of a build').optional(),
  expiry: duration.describe('age at which a tree is made anew').optional(),
  expiry_spread: duration.describe('a drawn time below this comes upon it').optional(),
  repair_throttle: duration.describe('rest after each key').optional(),
  max_results: count.optional(),
  repair_loops: count.optional(),
  range_boost: count.optional(),
  pause: duration.optional(),
  passes: count.describe('how often each level is compared').optional(),
});

const entropy = z.strictObject({
  repair: z.literal('entropy'),
  node: selector.describe('the data node that is asked'),
  shards: z
    .union([
      z.strictObject({ status: z.literal('diff') }).transform(() => null),
      count.transform((number) => [number]),
      z.array(count).min(1),
    ])
    .describe('{ status: diff }, the number of a shard, or a list of them')
    .optional(),
  at: time,
});

const manual = z.strictObject({
  repair: z.literal('manual'),
  node: selector.describe('where the commands are typed').optional(),
  steps: z.array(text).min(1).describe('commands of influxd-ctl, such as copy-shard n4:8088 n3:8088 22'),
  at: time,
});

export const repair = z.discriminatedUnion('repair', [nodetool, rounds, reaper, auto, algorithm, entropy, manual]);
