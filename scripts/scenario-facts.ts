/**
 * What the reference of the scenario file says of each key: type, default (`–`: none, the key is needed or simply absent) and
 * one sentence. The page is made only if these are exactly the keys of the schema.
 */

import { CAUSES } from '../src/data/causes.ts';
import { CAUSES_TO_COME } from '../src/scenario/impossible-causes.ts';
import { lawNames } from '../src/observe/expect-laws.ts';

export type Fact = readonly [type: string, default_: string, text: string];
export type Facts = Readonly<Record<string, Fact>>;

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

const NODE: Fact = ['nodes', '–', 'which nodes; both keys are the same, one of them is given'];
const AT: Fact = ['time', 'needed', 'when it begins'];
const LASTING: Facts = {
  for: ['span', 'to the end of the run', 'how long it lasts; excludes `until`'],
  until: ['time', 'to the end of the run', 'when it ends; excludes `for`'],
};
const TARGET: Facts = { node: NODE, nodes: NODE };
const MODE: Fact = [
  '`process` \\| `power-loss` \\| `disk-lost`',
  '`process`, assumed',
  'what survives: the page cache, only what was synced, or nothing of the node’s data, log and hints: it comes back empty, under its old tokens',
];
const LINK: Facts = {
  ...TARGET,
  between: [
    'two `nodes`',
    '–',
    'two sides: data centres, nodes or selectors; instead of `node`, which is cut off from all others',
  ],
  way: ['text', '`both`', '`both`, or from one side to the other such as `dc1-to-dc2`, `first-to-second`'],
};

export const TOP: Facts = {
  format: ['`1`', 'needed', 'the format of the file'],
  name: ['text', 'the name of the file', 'the title of the report'],
  story: ['text', 'none', 'what happened and why it matters; Markdown'],
  tags: ['list of text', 'none', 'words to find it by'],
  extends: ['file', 'none', 'a scenario that this one changes: below'],
  database: [
    'text',
    'needed',
    'database and version, such as `cassandra@4.1`; the patch that it resolves to is printed',
  ],
  seed: ['text or number', '`1`', 'all that is drawn follows from it'],
  seeds: [
    'map',
    'none',
    'a seed of its own for `faults`, `workload`, `tokens`, `network` or `rest`, instead of `seed`: [sweep.md](sweep.md)',
  ],
  start: ['instant', 'none', 'the clock time of time 0; needed where the file uses instants'],
  duration: ['duration', 'needed', 'how long clients write'],
  settle: ['duration', '`1m`', 'afterwards, while messages in flight land; then `end`'],
  cluster: ['map', 'needed', 'nodes, settings, devices, links: below'],
  data: ['map', 'needed', 'keyspaces and tables: below'],
  workload: ['map by id', 'none', 'who writes: below'],
  faults: ['map by id', 'none', 'what breaks: below'],
  operations: ['map by id', 'none', 'what operators do, when: below'],
  repairs: ['map by id', 'none', 'what is repaired, when: below'],
  probes: ['map by id', 'none', 'readers that look on: below'],
  observe: ['map', '–', 'what is sampled: below'],
  expect: ['map by id', 'none', 'what must hold: below'],
  variants: ['map by id', 'none', 'edits that must break expectations: below'],
  model: ['map', '–', 'rules that are turned off: below'],
};

export const CLUSTER: Facts = {
  from: [
    'file or list',
    '–',
    'outputs of `nodetool ring` and `nodetool status`, or of `influxd-ctl show` and `influxd-ctl show-shards`, relative to the scenario; instead of `nodes` or `data_nodes`',
  ],
  nodes: [
    'count or map',
    '–',
    '`3`, `{ dc1: 3, dc2: 3 }` or `{ dc1: { r1: 2, r2: [a, b] } }`: numbers of nodes (n1, n2, …) or their ids',
  ],
  data_nodes: [
    'count or list',
    '–',
    'of InfluxDB: a number of data nodes (n1, n2, …) or their ids; instead of `nodes`',
  ],
  meta_nodes: ['count', '–', 'of InfluxDB: told only; meta nodes never fail'],
  tokens: [
    '`even` \\| `drawn` \\| map',
    'even with one token a node, else drawn',
    'or the tokens of each node: `{ n1: [-9, 7] }`',
  ],
  settings: [
    'map',
    "the version's",
    'settings of the database by their real names; `from: cassandra.yaml` or `from: influxdb.conf` reads a file, other keys win over it; those of InfluxDB stand in their sections, `hinted-handoff: { max-age: 24h }`',
  ],
  node_settings: ['map by node', 'none', 'settings of single nodes'],
  devices: [
    'map',
    '400 MB/s, 300 MB/s, 2 ms, 1 Gbit/s',
    '`{ disk: { read: 400MB/s, write: 300MB/s, fsync: 2ms }, link: 1Gbit/s }`, of each node; `processor: 1600MB/s` limits what a node hashes and merges, which else is only measured against that',
  ],
  latencies: [
    'map',
    "the dialect's",
    'distributions by class of link, `local`, `rack`, `dc`, `wan`; each one for all messages or `{ write, ack, read, response }`',
  ],
  between: ['map', 'none', '`{ dc1-dc2: { delay: 38ms } }`: the distribution between two data centres'],
};

export const DATA: Facts = {
  replication: [
    'count or map',
    '3 in each data centre, assumed',
    '`3` (SimpleStrategy) or `{ dc1: 3, dc2: 2 }` (NetworkTopologyStrategy), for keyspaces without their own',
  ],
  keyspaces: ['map', 'none', '`{ shop: { replication: { dc1: 3 } } }`'],
  tables: ['map by `keyspace.table`', '–', 'at least one: below'],
  databases: ['map', '–', 'of InfluxDB, instead of all others: databases with their retention policies: below'],
};

export const POLICY_TEXT =
  '`databases: { telegraf: { policies: { month: { duration: 30d, replication: 2, default: true } } } }`. Data is cut into shard groups at multiples of the shard duration (by the clock where the scenario has a `start`, else from time 0), a group into shards whose owners go round the data nodes; each shard that the run writes into is a table of the plan, `telegraf.month.3`. At most 255 of them. `influxd-ctl show-shards` under `cluster.from` gives those of a real cluster.';

export const POLICY: Facts = {
  duration: ['duration or `infinite`', '`infinite`', 'how long data is kept; then it goes, shard group by shard group'],
  shard_duration: ['duration', '1 h, 1 d from 2 d on, 7 d from 180 d on', 'length of a shard group, at least an hour'],
  replication: ['count', 'the number of data nodes, assumed', 'copies, at most as many as there are data nodes'],
  default: ['true or false', 'false', 'whether `into: database` means this policy'],
};

export const POINTS_TEXT =
  'Of InfluxDB: every series gets a point once an interval, series divided by rate; agents report one after the other, in requests of `batch` points. Two workloads of a policy may write the same series only where they write the same points, each with values of its own: with the same series and rate, and beginnings that are whole intervals apart. With `late: { share: 100%, by: 2m }` the one corrects what the other wrote two minutes before, as in [An older value lands last](../scenarios/influxdb/an-older-value-lands-last.yaml).';

export const POINTS: Facts = {
  into: ['text', 'needed', '`telegraf.month`, or a database for its default or only policy'],
  rate: ['rate', 'needed', '`20k points/s`, of all series together'],
  series: ['count', 'needed', 'how many'],
  batch: ['count', '5000, assumed', 'points in a request'],
  bytes_per_point: ['count', '50, assumed', 'the same for all workloads of a policy'],
  measurement: ['text', '`cpu`', 'of all series'],
  values: ['`[least, most]`', '`[0, 100]`', 'between these lie the values of its points, for dashboards'],
  value: [
    '`float` \\| `integer` \\| `string` \\| `boolean`',
    '`float`',
    'type of its fields: another one than a copy of the shard knows of the measurement is refused there',
  ],
  late: [
    '`{ share: 1%, by: 6h }`',
    'none',
    'this share of its series, the last ones, send all points so late: into old shards, or beyond what the policy keeps',
  ],
  future: ['`{ share: 1%, by: 6h }`', 'none', 'this share of its series, the first ones, have a clock that is ahead'],
  repeat_after: [
    'duration',
    'none',
    'all of it is sent once more so long after, the same points with the same timestamps, as jobs do that renew a forecast; at least the length of the window',
  ],
  tag: ['text', '`host=web-{n}`', 'tags, several with commas; `{n}` is the number of the series, from 0'],
  from: ['time', '0', 'when they begin'],
  until: ['time', 'the duration', 'when they stop'],
  consistency: [
    '`any` \\| `one` \\| `quorum` \\| `all`',
    '`one`, assumed',
    'owners that must have a point before the agent is told',
  ],
  through: ['map', '`{ balancer: round-robin }`', 'or `{ node: n1 }`: the data node that all requests go to'],
  retry_on: ['list', 'none', 'what an agent tries again after, a second later: `[timeout, error]`'],
  retry_attempts: ['count', '3, assumed', 'how often at most; needs `retry_on`'],
};

export const TABLE: Facts = {
  partitions: ['count', 'needed', 'number of partitions; their keys are 0, 1, 2, …, or the texts that a trace names'],
  rows: ['count', '`1`', 'rows in each partition'],
  column_groups: ['1 to 8', '`1`', 'groups of columns that an update writes one by one'],
  row: ['size', '100 B, assumed', 'bytes of one whole row'],
  loaded: [
    '`empty` \\| `equal` \\| map',
    '`empty`',
    'what the copies hold at time 0: nothing, all the same, or `{ diverged: { share: 1%, node: n3, copy: older } }`: of so many rows one drawn copy, or those of the named nodes, are `missing` (if not given) or `older`; cause `loaded_diverged`, origin `data.tables.ks.table`',
  ],
  gc_grace: ['duration', '`10d`', 'how long tombstones are kept'],
  read_repair: ['`BLOCKING` \\| `NONE`', '`BLOCKING`', 'from 4.0: what a read does when replicas differ'],
  read_repair_chance: ['share', '0', 'to 3.11: reads that ask all replicas'],
  dclocal_read_repair_chance: ['share', '10%', "to 3.11: reads that ask all replicas in the coordinator's data centre"],
  speculative_retry: [
    'text',
    '`99p`',
    '`NEVER`, `ALWAYS`, a percentile of latencies, or a time: when one more replica is asked',
  ],
  default_ttl: ['duration', '`0s`: none', 'life of what is written, whole seconds'],
  compaction: [
    'map',
    'size-tiered, 4, 32, 50 MiB, 0.5, 1.5, on',
    'the options of CQL under their own names, `true` and `false` also quoted. `class`, with or without its package: SizeTieredCompactionStrategy, LeveledCompactionStrategy, TimeWindowCompactionStrategy (from 3.0), DateTieredCompactionStrategy (to 4.1), UnifiedCompactionStrategy (5.0). All: `enabled`, `only_purge_repaired_tombstones`. All but unified: `min_threshold`, `max_threshold`, `min_sstable_size`, `bucket_low`, `bucket_high`. Leveled: `sstable_size_in_mb` (160), `fanout_size` (10). Time window: `compaction_window_unit` (DAYS; HOURS, MINUTES), `compaction_window_size` (1), `unsafe_aggressive_sstable_expiration`. Date tiered: `base_time_seconds` (60), `max_window_size_seconds` (a day), `max_sstable_age_days` (365). Unified: `scaling_parameters` (T4), `base_shard_count` (4), `target_sstable_size` (1 GiB), `min_sstable_size` (100 MiB), `sstable_growth` (0.333), `flush_size_override`. Those for compactions of a single SSTable, such as `tombstone_threshold`, are not modelled and refused',
  ],
};

export const WORKLOAD: Facts = {
  table: ['text', 'needed', 'the table that is written, `keyspace.table`'],
  rate: ['rate', 'needed', '`24k/s` evenly, `{ poisson: 24k/s }` at random, `{ csv: file }` as a trace says: below'],
  from: ['time', '`0s`', 'when it begins'],
  until: ['time', 'end of the duration', 'when it ends, exclusive'],
  count: ['count', 'as many as fit', 'at most this many arrivals'],
  mix: ['map of shares', '`{ insert: 100% }`', 'what the operations are: below; sums to 100 %; not asked with a trace'],
  keys: ['`uniform` \\| `sequential` \\| `{ zipf: 0.99 }`', '`uniform`', 'which partition a write goes to'],
  range: ['two counts', 'all', '`[first, beyond the last]`: key numbers'],
  consistency: [
    'level',
    '`ONE`, assumed',
    '`QUORUM`, or `{ write: QUORUM, read: LOCAL_ONE }`; reads need one, of those the version allows',
  ],
  clients: ['map of shares', 'even', 'by data centre of the coordinator; sums to 100 %'],
  retry: ['map', 'none', '`{ attempts: 2, timeout: 2s }`: clients send again what was not acknowledged'],
  batch: [
    'map',
    'none',
    '`{ size: 10, logged: true }`: each arrival is a batch over so many partitions; `logged` is false if not given',
  ],
  ttl: ['duration', "the table's", 'life of what is written'],
  update_groups: ['count', '`1`', 'column groups that one update writes'],
};

export const MIX: Facts = {
  read: ['share', '0', 'reads of one row; a workload may do nothing else'],
  insert: ['share', '0', 'whole rows'],
  update: ['share', '0', '`update_groups` column groups of a row'],
  delete: ['share', '0', 'the same as `delete_row`'],
  delete_cell: ['share', '0', 'one column group of a row'],
  delete_row: ['share', '0', 'a row'],
  delete_range: ['share', '0', 'rows of a partition that follow one another'],
  delete_partition: ['share', '0', 'a partition'],
};

export const FAULTS: Readonly<Record<string, { text: string; facts: Facts }>> = {
  crash: {
    text: 'A node dies and comes back: by a crash of its process, or by a loss of power that also takes what was not synced.',
    facts: { ...TARGET, mode: MODE, at: AT, ...LASTING },
  },
  stop: { text: 'A node is shut down in good order and started again.', facts: { ...TARGET, at: AT, ...LASTING } },
  pause: {
    text: 'A node stands still, as in a long collection of garbage, and goes on. One of `for`, `until` is needed.',
    facts: { ...TARGET, at: AT, ...LASTING },
  },
  partition: { text: 'Messages between two sides are lost.', facts: { ...LINK, at: AT, ...LASTING } },
  loss: {
    text: 'A share of the messages is lost; without `node` and `between` everywhere.',
    facts: { ...LINK, share: ['share', 'needed', 'of the messages'], at: AT, ...LASTING },
  },
  'slow-link': {
    text: 'Messages between two sides take long, or transfers have little room; without `node` and `between` everywhere. One of `latency`, `rate` is needed, or both.',
    facts: {
      ...LINK,
      latency: ['number', '1', 'how many times as long a small message takes'],
      rate: [
        'byte rate',
        'no limit',
        'what repair’s transfers from one side to the other have together, and hints for one target',
      ],
      at: AT,
      ...LASTING,
    },
  },
  'slow-disk': {
    text: 'The disk of a node is slow. One of `speed`, `fsync` is needed, or both.',
    facts: {
      ...TARGET,
      speed: ['share', '100 %', 'of the speed at which it reads and writes'],
      fsync: ['duration', 'as ever', 'how long one fsync of the commit log takes'],
      at: AT,
      ...LASTING,
    },
  },
  'hint-store-lost': {
    text: 'All hints that lie on the disk of a node, for whomever, are gone; those that are still in memory are not.',
    facts: { ...TARGET, at: AT },
  },
  skew: {
    text: 'The clock of a node is wrong.',
    facts: { ...TARGET, by: ['duration with sign', 'needed', 'fast (`5s`) or slow (`-200ms`)'], at: AT, ...LASTING },
  },
  'batch-cut': {
    text: 'The coordinator of a batch crashes in the middle of sending it.',
    facts: {
      after: [
        'map',
        'needed',
        '`{ batch: workload, index: 0, mutations: 1, copies: 0 }`: which batch, after how many of its mutations, and the next one to how many of its replicas; of points: which request, after how many of its parts by shard',
      ],
      mode: MODE,
      ...LASTING,
    },
  },
  panic: {
    text: 'The process of a data node ends in the next request that it coordinates: after its own write, before those to other owners.',
    facts: {
      ...TARGET,
      before: ['`remote-write`', '`remote-write`', 'where it ends'],
      at: ['time', 'needed', 'its next request from then on'],
      ...LASTING,
    },
  },
  'full-disk': {
    text: 'No room is left on the disk of a data node: it takes no writes and no queues.',
    facts: { ...TARGET, at: AT, ...LASTING },
  },
  'ack-before-fsync': {
    text: 'The disk of a data node says that data is written before it is: a power loss takes what lay in its cache, of shards’ logs and of queues.',
    facts: {
      ...TARGET,
      lag: ['duration', '5 s', 'how often its cache is written out'],
      at: AT,
      ...LASTING,
    },
  },
  'queue-torn': {
    text: 'The last append to queues of hinted handoff was cut short: what is lost depends on the version.',
    facts: { ...TARGET, target: ['selector', 'all', 'for whom the queues are'], at: AT },
  },
  'queue-lost': {
    text: 'Queues of hinted handoff are gone from the disk of the node that keeps them.',
    facts: { ...TARGET, target: ['selector', 'all', 'for whom the queues are'], at: AT },
  },
  damage: {
    text: 'Copies of a node lose or change partitions without a write. Of `missing` and `corrupt` exactly one of `key`, `keys`, `partitions`; `lost-sstable` takes `sstables` and `which`, `old-snapshot` needs `taken`.',
    facts: {
      ...TARGET,
      table: ['text', 'needed', '`keyspace.table`'],
      what: [
        '`missing` \\| `corrupt` \\| `lost-sstable` \\| `old-snapshot`',
        'needed',
        'the partition is gone, or holds another value; files are gone, with all that lay nowhere else on the node; the table of the node goes back to a snapshot',
      ],
      key: ['count', '–', 'a key number of which the node holds a copy'],
      keys: ['list of counts', '–', 'several of them'],
      partitions: ['count', '–', 'so many, drawn from the seed'],
      sstables: ['count', '`1`', 'how many SSTables are lost'],
      which: ['`drawn` \\| `oldest` \\| `newest` \\| `largest`', '`drawn`', 'which of them'],
      taken: ['time', '–', 'when the snapshot was taken, before `at`; needed with `old-snapshot`'],
      at: AT,
    },
  },
};

const RUN: Fact = ['text', 'needed', 'the command as it is typed, such as `nodetool repair -full shop orders`'];

const SCHEDULE: Fact = [
  'calendar',
  'none',
  'when it begins, in UTC: five cron fields such as `30 2 * * 0`, a day and a time such as `Sun 02:30`, or `@weekly`; excludes `at`, `every`',
];
const EVERY: Fact = ['duration', 'once', 'again and again, so often'];
const WHOLE: Facts = {
  keyspace: ['text', 'the only one', 'what is repaired'],
  tables: ['list of text', 'all', 'only these of its tables'],
};

const CHANGED_BACK: Facts = {
  for: ['span', 'for good', 'how long it holds; excludes `until`; not of what does its work at once'],
  until: ['time', 'for good', 'when it is changed back; excludes `for`'],
};

export const OPERATIONS: Readonly<Record<string, { text: string; facts: Facts }>> = {
  nodetool: {
    text: 'A command on one node or, at once, on several; on a node that is down it does nothing.',
    facts: {
      ...TARGET,
      run: [
        'text',
        'needed',
        '`compact [-s] [keyspace [tables]]`: all SSTables of the tables are merged, repaired and unrepaired apart; `flush [keyspace [tables]]`: what is in memory goes to disk. What holds until it is changed back, or the process ends: `disableautocompaction`, `enableautocompaction [keyspace [tables]]`, `pausehandoff`, `resumehandoff`, `disablehandoff`, `enablehandoff`, `disablehintsfordc`, `enablehintsfordc DC` (from 3.0), `sethintedhandoffthrottlekb N`, `setmaxhintwindow MS` (from 4.0), `setcompactionthroughput MIB`, `setstreamthroughput MBIT`, `setinterdcstreamthroughput MBIT` (from 3.0). `truncatehints [nodes]`: hint files that wait for delivery are deleted; `decommission [--force]`: the node leaves; `removenode <node>` and `assassinate <node>`: a node that is down is removed (see `remove`)',
      ],
      at: AT,
      every: ['duration', 'once', 'again and again, to the end of the duration; only of `compact` and `flush`'],
      ...CHANGED_BACK,
    },
  },
  cql: {
    text: 'A statement that goes to one node, as cqlsh sends it.',
    facts: {
      node: ['node', 'needed', 'its coordinator; if that is down the statement is refused'],
      run: [
        'text',
        'needed',
        "`INSERT INTO ks.t (id, v) VALUES (7, 1) [USING TTL 60]`, `UPDATE ks.t [USING TTL 60] SET v = 1 WHERE id = 7`, `DELETE [v] FROM ks.t WHERE id = 7`, `ALTER TABLE ks.t WITH gc_grace_seconds = 3600`, and `ALTER KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}` or with `SimpleStrategy` (see `alter`). The value of the first column is a key number, or a key that a trace names; in a table with several rows a partition `AND row = 3` is the row, and without it a partition is deleted; of a table with several column groups the columns are `g1`, `g2`, …",
      ],
      consistency: ['level', '`ONE`', 'as in cqlsh; not of `ALTER`'],
      at: AT,
      every: ['duration', 'once', 'again and again, to the end of the duration; not of `ALTER`'],
    },
  },
  influxql: {
    text: 'A statement of InfluxQL that takes points away, where the database stores points. The node that is asked tells all others; what does not hear of it keeps its points.',
    facts: {
      node: ['node', 'needed', 'who is asked; if it is down nothing happens'],
      run: [
        'text',
        'needed',
        "`DROP MEASUREMENT cpu`, `DROP SERIES FROM cpu WHERE host = 'web-17'`, `DELETE FROM cpu WHERE host =~ /^web-1/ AND time < now() - 1h`: tags are compared by `=`, `!=`, `=~`, `!~`, joined by `AND`, `OR` and parentheses; times, of `DELETE` only, by `AND`, as `now()`, an instant in quotes or nanoseconds since 1970. Without a time `DELETE` takes what is older than now. `DROP SHARD 7`, `DROP RETENTION POLICY month ON telegraf`, `DROP DATABASE telegraf`: of shards into which nothing is written any more",
      ],
      database: ['text', 'the only one', 'the database that the statement is about'],
      at: AT,
    },
  },
  'influxd-ctl': {
    text: 'A command that changes shards or nodes, where the database stores points.',
    facts: {
      node: ['node', 'the first', 'where it is typed'],
      run: [
        'text',
        'needed',
        '`truncate-shards [-delay 1m]`: groups that are written into end, and the next points go into new ones; `copy-shard SOURCE DESTINATION SHARD`: the files of an owner to any node, which becomes an owner when they are all there; `kill-copy-shard` with the same words; `remove-shard NODE SHARD`: the copy is destroyed and its node no owner any more; `update-data OLD NEW`: a new machine with an empty disk in the place of a node; `remove-data NODE`: it leaves, and what others keep for it is thrown away; `entropy repair SHARD`: into the queues of anti-entropy, and no more is waited for; `entropy kill-repair SHARD`: out of them, unless it has begun; `entropy show`: looks on',
      ],
      at: AT,
    },
  },
  set: {
    text: 'Settings of running nodes, by the command of nodetool or JMX that the version has for each.',
    facts: {
      ...TARGET,
      settings: [
        'map',
        'needed',
        'by their real names: `hinted_handoff_enabled`, `hinted_handoff_disabled_datacenters`, `hinted_handoff_throttle`, `max_hint_window`, `compaction_throughput`, `stream_throughput_outbound`, `inter_dc_stream_throughput_outbound`; forgotten when the process ends',
      ],
      at: AT,
      ...CHANGED_BACK,
    },
  },
  restart: {
    text: 'A node is drained, stopped and started again.',
    facts: {
      ...TARGET,
      settings: ['map', 'none', 'that its cassandra.yaml has from then on; those of `do: set`'],
      at: AT,
      for: ['span', '`1m`, assumed', 'how long it is away; excludes `until`'],
      until: ['time', '–', 'when it is back'],
    },
  },
  alter: {
    text: '`ALTER KEYSPACE … WITH replication`: the new replicas count at once, and what they lack comes by repair only (cause `bootstrap_missed`).',
    facts: {
      keyspace: ['text', 'needed', 'the keyspace'],
      replication: ['count or map', 'needed', 'as under `data`: `3`, or `{ dc1: 3 }`'],
      at: AT,
    },
  },
  add: {
    text: 'A node joins. After 30 s it streams its ranges, each from the replica that will no longer hold it, and counts when all are there; meanwhile it is sent writes, and every level but ANY waits for it too. If such a replica is down the node refuses to join; only one node may join, leave or be replaced at a time.',
    facts: {
      node: ['text', 'needed', 'the id of the new node'],
      dc: ['text', 'the only one', 'its data centre'],
      rack: ['text', 'the smallest one', 'its rack'],
      tokens: ['token or list', 'slices of the largest ranges; drawn before 4.0 with virtual nodes', 'its tokens'],
      at: AT,
    },
  },
  replace: {
    text: 'A new node, at another address, takes the tokens of one that is down, streams its ranges from the closest live replicas, and takes its place when all are there.',
    facts: {
      node: ['text', 'needed', 'the node that is down, by id or address'],
      with: ['text', 'needed', 'the id of the new node'],
      rack: ['text', 'that of the old one', 'its rack'],
      at: AT,
    },
  },
  remove: {
    text: '`nodetool removenode`: a node that is down is dropped. Who takes its ranges over streams them from the closest live replicas; hints for it are dropped.',
    facts: { node: ['text', 'needed', 'the node that is down, by id or address'], at: AT },
  },
};

export const REPAIRS: Readonly<Record<string, { text: string; facts: Facts }>> = {
  nodetool: {
    text: 'An operator runs the command on one node or, one after another, on several.',
    facts: {
      ...TARGET,
      run: RUN,
      at: ['time', 'needed, but with `schedule`', 'when it begins'],
      every: EVERY,
      schedule: SCHEDULE,
    },
  },
  rounds: {
    text: 'The command runs on all nodes (or those named), round after round.',
    facts: {
      ...TARGET,
      run: RUN,
      at: [
        'time',
        'after the first `every`',
        'when the first round begins; one of `at`, `every`, `schedule` is needed',
      ],
      every: ['duration', 'one round', 'time from one round to the next'],
      schedule: SCHEDULE,
      one_after_another: ['true \\| false', 'true', 'a node begins when the one before has ended'],
    },
  },
  reaper: {
    text: 'Reaper repairs a keyspace segment by segment, each through one of its replicas; no node is in two segments at once.',
    facts: {
      ...WHOLE,
      at: ['time', 'after the first `every`', 'when the first run begins; one of `at`, `every`, `schedule` is needed'],
      every: [
        'duration',
        'one run',
        'time from the begin of one run to the next; one that is due while another goes on is left out',
      ],
      schedule: SCHEDULE,
      incremental: ['true \\| false', 'false', 'incremental repair, a whole node at a time'],
      parallelism: [
        '`SEQUENTIAL` \\| `PARALLEL` \\| `DATACENTER_AWARE`',
        '`DATACENTER_AWARE`; incremental `PARALLEL`',
        'which replicas of a segment build their trees at once',
      ],
      segments_per_node: ['count', '`64`', 'segments of the ring, times the number of nodes'],
      intensity: ['share', '`0.9`', 'after a segment that took T its nodes rest for T / intensity − T'],
      segment_timeout: ['duration', '`30m`', 'times the number of the attempt; then it is ended and tried again'],
      max_pending_compactions: ['count', '`20`', 'a segment waits while one of its replicas has more'],
      max_parallel_repairs: ['count', '`2`', 'runs that go on at once, the oldest first'],
      poll: ['duration', '`10s`', 'how often it looks for the next segment'],
    },
  },
  algorithm: {
    text: 'An algorithm of another database repairs the tables by trees of its own: `dynamo`, `riak-aae` or `tictac` ([algorithms](algorithms.md)). Of two cells the newer timestamp wins.',
    facts: {
      algorithm: ['`dynamo` \\| `riak-aae` \\| `tictac`', 'needed', 'which one'],
      ...WHOLE,
      at: ['time', '`0s`', 'when exchanges begin'],
      until: ['time', 'the end of `duration`', 'when no exchange begins any more'],
      built: ['true \\| false', 'true', 'its trees are there when it begins; else they are built first'],
      tick: [
        'duration',
        '`15s`, tictac `8m`',
        'how often a node begins an exchange (riak-aae), or one of each vnode (tictac)',
      ],
      period: ['duration', '`10m`', 'dynamo: how often a node begins to exchange all its trees'],
      fan_out: ['count', '`16`', 'dynamo: children of a node of the tree'],
      depth: ['count', '`4`', 'dynamo: levels below the root'],
      hash: ['size', '`16B`', 'dynamo: width of a hash'],
      segments: ['count', '`1048576`', 'riak-aae: leaves of a tree; a power of `width`'],
      width: ['count', '`1024`', 'riak-aae: children of a bucket'],
      tree: [
        '`small` \\| `medium` \\| `large` \\| `xlarge`',
        '`large`',
        'tictac: 256, 512, 1024 or 2048 branches with as many leaves each',
      ],
      concurrency: ['count', '`1`, riak-aae `2`', 'dynamo, riak-aae: exchanges and builds of a node at once'],
      lock_timeout: ['duration', '`1m`', 'riak-aae: how long the tree of the other side is waited for'],
      answer_timeout: [
        'duration',
        '`10m`',
        'how long another answer is waited for, and again while somebody is at work on it',
      ],
      build_every: ['duration', '`1h`, dynamo `0s`', 'from the begin of one build of a node to the next'],
      build_pause: ['duration', '`100ms`, else `0s`', 'rest after every 1 000 000 bytes of a build'],
      expiry: ['duration', '`7d`, tictac `14d`, dynamo never', 'age at which a tree is made anew from the data'],
      expiry_spread: [
        'duration',
        '`0s`; tictac `4d` where `expiry` is not written',
        'a drawn time below this comes upon it',
      ],
      repair_throttle: ['duration', '`0s`', 'riak-aae, tictac: rest after each key'],
      max_results: ['count', '`64`', 'tictac: segments that one exchange repairs'],
      repair_loops: ['count', '`4`', 'tictac: further rounds of an exchange that found more'],
      range_boost: ['count', '`2`', 'tictac: times as many segments in these'],
      pause: ['duration', '`500ms`', 'tictac: rest between two comparisons'],
      passes: ['count', '`2`', 'tictac: how often each level is compared'],
    },
  },
  auto: {
    text: 'The auto-repair of Cassandra 5.0: each node repairs its primary ranges when its turn comes.',
    facts: {
      ...WHOLE,
      type: ['`FULL` \\| `INCREMENTAL` \\| `PREVIEW_REPAIRED`', '`FULL`', 'what it runs'],
      at: ['time', '`5m`', 'first check'],
      check_interval: ['duration', '`5m`', 'time from one check to the next'],
      min_repair_interval: ['duration', '`24h`', 'from the end of a node’s repair to its next'],
      parallel_repair_count: ['count', '`3`', 'nodes that repair at once'],
      parallel_repair_percentage: ['share', '`3%`', 'the same as a share of the nodes; the larger counts'],
      session_timeout: ['duration', '`3h`', 'then a repair is ended'],
      retries: ['count', '`3`', 'after a failed one; then the node waits for its next turn'],
      retry_backoff: ['duration', '`30s`', 'before each of them'],
    },
  },
  manual: {
    text: 'Commands of influxd-ctl, one after the other, as an operator repairs shards by hand; the first that fails is the last. Shards move by `copy-shard` to the new node and `remove-shard` of the old owner. The order that loses nothing: stop writing what is old, `truncate-shards` by a `do: influxd-ctl` before, wait until its delay is over, then copy, then remove (scenarios/influxdb/rebalancing-in-the-right-order.yaml). A copy that is taken away counts as missing until another node has taken its place.',
    facts: {
      node: ['node', 'the first', 'where they are typed'],
      steps: ['list of text', 'needed', 'commands as of `do: influxd-ctl`; `truncate-shards` as the first only'],
      at: AT,
    },
  },
  entropy: {
    text: '`influxd-ctl entropy repair`, where the database stores points: each shard is passed round its owners, and all have the union in the end. Needs `anti-entropy: { enabled: true }`.',
    facts: {
      node: ['node', 'needed', 'the data node that is asked'],
      shards: [
        '`{ status: diff }`, count or list of counts',
        '`{ status: diff }`',
        'the numbers of the shards; or all that are flagged as different then',
      ],
      at: AT,
    },
  },
};

const QUERIED: Facts = {
  over: ['duration', '`5m`', 'length of the stretch of time that is asked for'],
  ago: ['duration', '`0s`', 'how long before the query it ends'],
  during: ['window', 'none', '`A .. B`: a stretch that stands still; excludes `over` and `ago`'],
  every: ['duration', '`observe.every`', 'time from one query to the next'],
};

export const PROBES: Readonly<Record<string, { text: string; facts: Facts }>> = {
  read: {
    text: 'Readers sample what clients would see; they repair nothing and load nothing.',
    facts: {
      table: ['text', 'needed', '`keyspace.table`'],
      consistency: ['level', '`ONE`, assumed', 'at which they read'],
      every: ['duration', '`observe.every`', 'time from one sample to the next'],
      reads: ['count', '`100`', 'rows read at each sample'],
    },
  },
  't-visibility': {
    text: 'After each acknowledged write of a workload its row is read, at each of these times: how many show the write, or a newer one? Real reads, sent to all replicas; the first answers that the level needs are merged, nothing is repaired. All reads of one write take the same ways, so one that a read has shown is not read again. Beside `times` it reads as closely as it takes to find from when on 99.9 % show it.',
    facts: {
      workload: ['id', 'needed', 'whose inserts and updates of single rows are sampled; a batch is not, nor a delete'],
      consistency: ['level', '`ONE`, assumed', 'at which they read'],
      times: ['list of durations', '0, 1, 5, 10, 50, 100 ms, assumed', 'after the acknowledgement, rising'],
      share: ['share', '100 %', 'of the writes, drawn'],
    },
  },
  'k-staleness': {
    text: 'After each acknowledged write of a workload its row is read once, in the same way: how many of the versions that had been acknowledged when the read began are newer than what it shows?',
    facts: {
      workload: ['id', 'needed', 'whose inserts and updates of single rows are sampled; a batch is not, nor a delete'],
      consistency: ['level', '`ONE`, assumed', 'at which they read'],
      after: ['duration', '`0ms`', 'after the acknowledgement'],
      versions: ['count', '`10`', 'how many versions of a row are told apart'],
      share: ['share', '100 %', 'of the writes, drawn'],
    },
  },
  dashboard: {
    text: 'Somebody looks at a dashboard, where points are stored: one query again and again. Each shard is read from one owner, so answers follow whoever is asked. It loads nothing.',
    facts: {
      query: [
        'text',
        'needed',
        "`mean usage_idle of cpu where host = 'web-17'`, or as SELECT; `count`, `sum`, `mean`, `min`, `max`. No points: 0",
      ],
      ...QUERIED,
      through: ['`{ balancer: round-robin }` \\| `{ node: n1 }`', 'the balancer', 'who is asked'],
      tolerance: ['share', '`10%`', 'an answer that differs by more, of the larger, from the one before is a flap'],
    },
  },
  count: {
    text: 'The same count on every owner of each shard that answers.',
    facts: { query: ['text', 'needed', '`count of cpu`'], ...QUERIED },
  },
  size: {
    text: 'Bytes of the files of each shard on every owner that answers.',
    facts: { every: ['duration', '`observe.every`', 'time from one look to the next'] },
  },
  alert: {
    text: 'A rule over the answers of a dashboard.',
    facts: {
      on: ['id', 'needed', 'the dashboard'],
      above: ['number', 'this or `below`', 'it fires while answers are above'],
      below: ['number', 'this or `above`', 'it fires while answers are below'],
      for: ['duration', '`0s`', 'how long answers must have been so; the first one that is not clears it'],
    },
  },
};

export const OBSERVE: Facts = {
  every: ['duration', 'the duration / 500, whole seconds', 'time from one row of `series.csv` to the next'],
  keys: ['list of text', 'none', 'rows to watch, such as `shop.orders:4711`'],
};

export const EXPECT: Facts = {
  metric: ['text', 'needed, but with `law`, `order`', 'one of [the metrics](metrics.md)'],
  where: ['map', 'all', 'narrows the metric: below'],
  above: ['quantity', '–', 'the value is greater'],
  below: ['quantity', '–', 'the value is smaller'],
  is: ['quantity', '–', 'the value is this'],
  not: ['quantity', '–', 'the value is another'],
  between: ['two quantities', '–', '`[least, most]`, both included'],
  near: ['quantity', '–', 'the value is this, give or take `within`'],
  within: [
    'duration or share',
    '–',
    'with `eventually` a deadline, such as `12h`; with `near` a tolerance, such as `5%`',
  ],
  at: ['time', 'needed by `at`', 'the moment; only of `at`'],
  law: ['text', '–', `a law instead of a metric, only of \`always\`: ${listed(lawNames())}`],
  events: [
    'list of text',
    'needed by `order`',
    'entries (`faults.a.end`), records or conditions (`zombie_copies > 0`); only of `order`',
  ],
  from: ['time', '`0s`', 'the window in which it is judged begins; not of `at`'],
  after: ['time', '–', 'the same as `from`'],
  until: ['time', 'end of the run', 'the window ends; not of `at`'],
  during: ['window', '–', 'both in one: `1h .. faults.a.end`'],
  seeds: [
    'seeds',
    'the seed of the run',
    '`1..20`, or a list: `test` judges it over these seeds ([testing.md](testing.md)); a single run over its own',
  ],
  share: ['share', 'all', 'of the seeds in which it must hold, such as `95%`; needs `seeds`'],
  confidence: ['share', '`95%`', 'with which the seeds must show the share; needs `share`'],
};

export const CHECKS: Readonly<Record<string, string>> = {
  at: 'the bounds hold at one moment',
  always: 'the bounds hold at every moment of the window, or the law holds',
  eventually: 'the bounds hold at some moment, before the deadline',
  never: 'the bounds hold at no moment of the window',
  sometimes: 'the bounds hold at some moment of the window',
  order: 'the events happen in this order',
};

export const WHERE: Facts = {
  cause: ['text', '–', `why copies differ: ${listed(CAUSES.filter((cause) => !CAUSES_TO_COME.includes(cause)))}`],
  state: ['text', '–', '`in_flight`, `hint_pending` or `latent`'],
  node: ['node', '–', 'copies of this node'],
  table: ['text', '–', '`keyspace.table`'],
  origin: ['text', '–', 'the entry behind it, such as `faults.rack-r2`'],
  repair: ['id', '–', 'what this repair did'],
  healer: ['text', '–', 'what healed: a repair, or a way such as `hint`'],
  between: ['two nodes', '–', 'a pair of replicas'],
  probe: ['id', '–', 'what this probe saw'],
  workload: ['id', '–', 'writes of this workload'],
  t: ['duration', '–', 'reads that began so long after an acknowledgement: one of the `times` of the probe'],
  k: ['count', '–', 'reads that showed one of so many newest versions'],
};

export const VARIANT: Facts = {
  edit: ['map', 'needed', 'path to new value, the paths of `--set`; null removes'],
  must_break: [
    'list of ids',
    'needed',
    'the expectations that do not hold any more; what a repair costs counts as broken where the repair is gone',
  ],
};

export const MODEL: Facts = { off: ['list of rules', 'none', 'rules to turn off, from [the ledger](fidelity.md)'] };
