/** Every mistake that a scenario can hold: its code, the exact place, and for some what was expected and meant. */
import { afterAll, describe, expect, it } from 'vitest';
import { MISTAKE_CODES } from '../../src/base/mistake-codes.ts';
import { load, scenarioText } from './fake-dialect.ts';
import { unmark } from './marked.ts';

interface Case {
  code: string;
  /** Sections of a sound scenario that are replaced; `«…»` marks the place. */
  with: Record<string, string | null>;
  path?: string;
  suggestion?: string;
  files?: Record<string, string>;
  /** Other mistakes follow from it. */
  more?: boolean;
  warning?: boolean;
}

const fault = (text: string): Record<string, string> => ({
  faults: `faults:\n  n3-down: { fault: stop, node: n3, at: 10m, for: 20m }\n  ${text}`,
});
const expectation = (text: string): Record<string, string> => ({
  expect: `expect:\n  seen: { check: sometimes, metric: divergent_copies, above: 0 }\n  x: ${text}`,
  variants: 'variants:\n  quiet: { edit: { faults: null }, must_break: [seen, x] }',
});
const workload = (text: string): Record<string, string> => ({
  workload: `workload:\n  checkout: { table: shop.orders, rate: 10/s, consistency: ONE }\n  w: ${text}`,
});
const cluster = (text: string): Record<string, string> => ({ cluster: `cluster: ${text}` });

const compaction = (text: string): Record<string, string> => ({
  data: `data: { replication: 3, tables: { shop.orders: { partitions: 10, compaction: { ${text} } } } }`,
});

const probe = (text: string): Record<string, string> => ({ probes: `probes:\n  p: ${text}` });
const probed = (metric: string, where: string): Record<string, string> => ({
  ...probe('{ probe: t-visibility, workload: checkout, consistency: ONE, times: [0ms, 5ms] }'),
  ...expectation(`{ check: at, at: end, metric: ${metric}, where: ${where}, above: 0.5 }`),
});

const CASES: Record<string, Case> = {
  'an option of compaction that is not modelled': { code: 'S116', with: compaction('«tombstone_threshold»: 0.3') },
  'a level of writes for reads': {
    code: 'S112',
    with: workload('{ table: shop.orders, rate: 1/s, mix: { read: 100% }, consistency: { read: «ANY» } }'),
    suggestion: 'ONE',
  },
  'reads without a level': {
    code: 'S111',
    with: workload('{ table: shop.orders, rate: 1/s, mix: { «read»: 50%, insert: 50% }, consistency: { write: ONE } }'),
    suggestion: 'consistency: { read: ONE }',
  },
  'a level for reads that there are none of': {
    code: 'S119',
    with: workload('{ table: shop.orders, rate: 1/s, consistency: { write: ONE, «read»: ONE } }'),
  },
  'an option of reads that the version does not have': {
    code: 'S114',
    with: {
      data: 'data: { replication: 3, tables: { shop.orders: { partitions: 10, «read_repair_chance»: 10% } } }',
    },
  },
  'a speculative retry that is none': {
    code: 'S112',
    with: {
      data: 'data: { replication: 3, tables: { shop.orders: { partitions: 10, speculative_retry: «sometimes» } } }',
    },
  },
  'buckets that hold nothing': { code: 'S117', with: compaction('bucket_low: 2, bucket_high: «1»') },
  'an age of nothing': {
    code: 'S117',
    with: compaction('class: DateTieredCompactionStrategy, max_sstable_age_days: «0»'),
    more: true,
  },
  'a wrong option beside another': {
    code: 'D142',
    with: compaction('class: LeveledCompactionStrategy, fanout_size: x, scaling_parameters: «T4»'),
    more: true,
  },
  'a misspelt class': {
    code: 'S112',
    with: compaction('class: «LeveledCompaction»'),
    suggestion: 'class: LeveledCompactionStrategy',
    more: true,
  },
  'YAML that breaks off': { code: 'S103', with: { cluster: 'cluster: { nodes: 3\n«d»ata: {}' }, more: true },
  'a tab as indentation': { code: 'S103', with: { expect: 'expect:\n«\t»seen: 1' }, more: true },
  'two documents': { code: 'S103', with: { variants: '«---»\nformat: 1' }, more: true },
  'a key that stands twice': { code: 'S104', with: { duration: 'duration: 1h\n«duration»: 2h' } },
  'a key that is a list': { code: 'S107', with: { name: '? «[a, b]»\n: 1' } },
  'a key that would be a prototype': { code: 'S107', with: { name: '«__proto__»: 1' } },
  'a tag of somebody else': { code: 'S107', with: { name: 'name: «!foo» x' } },
  'a tag that would run code': { code: 'S107', with: { name: 'name: «!!js/function» "x"' } },
  'a tag at a key': { code: 'S107', with: { name: '«!foo» name: x' } },
  'a tag at a list': { code: 'S107', with: { tags: 'tags: «!foo» [a]' } },
  'a tag of binary data': { code: 'S107', with: { name: 'name: !!binary «aGk=»' }, more: true },
  'a set': { code: 'S107', with: { tags: 'tags: !!set «{ a, b }»' }, more: true },
  'a number that says it is one and is not': { code: 'S107', with: { seed: 'seed: «!!int» x' } },
  'a directive': { code: 'S107', with: { format: '«%FOO bar»\n---\nformat: 1' } },
  'an alias that names nothing': { code: 'S103', with: { name: 'name: «*nothing»' } },
  'an unknown key at the top': { code: 'S114', with: { name: '«titel»: Outage' }, path: 'titel' },
  'an unknown key with a known value': {
    code: 'S114',
    with: fault('x: { fault: crash, node: n1, «kind»: power-loss, at: 1m }'),
    path: 'faults.x.kind',
    suggestion: 'mode: power-loss',
  },
  'a misspelt key': {
    code: 'S114',
    with: fault('x: { fault: stop, «nodez»: n1, node: n2, at: 1m }'),
    suggestion: 'nodes',
  },
  'a misspelt key in a draw': {
    code: 'S114',
    with: fault('x: { fault: stop, node: n1, at: { «unifrom»: [1m, 2m] } }'),
    suggestion: 'uniform',
  },
  'a missing key': { code: 'S111', with: fault('x: «{ fault: stop, node: n1 }»'), path: 'faults.x.at' },
  'a missing discriminator': { code: 'S111', with: fault('x: «{ node: n1, at: 1m }»'), path: 'faults.x.fault' },
  'no duration': { code: 'S111', with: { format: '«format: 1»', duration: null }, path: 'duration' },
  'an unknown fault': {
    code: 'S112',
    with: fault('x: { fault: «crsh», node: n1, at: 1m }'),
    suggestion: 'fault: crash',
  },
  'an unknown mode': { code: 'S112', with: fault('x: { fault: crash, mode: «power», node: n1, at: 1m }') },
  'another format': { code: 'S112', with: { format: 'format: «2»' } },
  'a list where a map must stand': { code: 'S110', with: { cluster: 'cluster: «[n1, n2]»' } },
  'an entry that is a number': { code: 'S110', with: fault('x: «3»') },
  'a map where a duration must stand': { code: 'S110', with: { duration: 'duration: «{ hours: 1 }»' } },
  'an id with capitals': {
    code: 'S115',
    with: fault('«BigOne»: { fault: stop, node: n1, at: 1m }'),
    suggestion: 'bigone',
  },
  'a table without keyspace': {
    code: 'S115',
    with: { data: 'data: { tables: { shop.orders: { partitions: 10 }, «orders»: { partitions: 10 } } }' },
  },
  'a fault of another database': { code: 'S119', with: fault('x: { fault: «full-disk», node: n1, at: 1m }') },
  'shares of a mixture that do not sum to one': {
    code: 'S156',
    with: cluster(
      '{ nodes: 3, latencies: { wan: { read: { mixture: «[{ share: 90%, of: 1ms }, { share: 9%, of: 2ms }]» } } } }',
    ),
  },
  'a share of a mixture that is none': {
    code: 'S124',
    with: cluster('{ nodes: 3, latencies: { wan: { mixture: [{ share: «150%», of: 1ms }] } } }'),
    more: true,
  },
  'a probe of an unknown workload': {
    code: 'S137',
    with: probe('{ probe: t-visibility, workload: «checkuot» }'),
    suggestion: 'checkout',
  },
  'a probe at a level for writes': {
    code: 'S112',
    with: probe('{ probe: t-visibility, workload: checkout, consistency: «ANY» }'),
  },
  'times of a probe that do not rise': {
    code: 'S157',
    with: probe('{ probe: t-visibility, workload: checkout, times: [0ms, 5ms, «5ms»] }'),
  },
  'a time of a probe after the end': {
    code: 'S141',
    with: probe('{ probe: t-visibility, workload: checkout, times: [0ms, «5h»] }'),
  },
  'a probe of no time': {
    code: 'S117',
    with: probe('{ probe: t-visibility, workload: checkout, times: «[]» }'),
  },
  'a probe of no write': {
    code: 'S117',
    with: probe('{ probe: t-visibility, workload: checkout, share: «0%» }'),
  },
  'a probe of batches': {
    code: 'S158',
    with: {
      ...probe('{ probe: k-staleness, workload: «checkout» }'),
      workload: 'workload: { checkout: { table: shop.orders, rate: 10/s, consistency: ONE, batch: { size: 2 } } }',
    },
  },
  'a probe of no versions': {
    code: 'S117',
    with: probe('{ probe: k-staleness, workload: checkout, versions: «0» }'),
  },
  'a metric of another probe': {
    code: 'S159',
    with: probed('p_within_k', '{ probe: «p», k: 1 }'),
  },
  'a metric of a probe that is not named': { code: 'S159', with: probed('p_current', '«{ t: 5ms }»') },
  'a metric of a probe without its time': { code: 'S159', with: probed('p_current', '«{ probe: p }»') },
  'a time that the probe does not read at': { code: 'S159', with: probed('p_current', '{ probe: p, t: «7ms» }') },
  'a key of a later version': { code: 'S116', with: { sample: '«sample»: 1/200' }, path: 'sample' },
  'a consistency of a later version': {
    code: 'S116',
    with: workload('{ table: shop.orders, rate: 1/s, consistency: «SERIAL» }'),
  },
  'a duration without unit': { code: 'S120', with: { duration: 'duration: «24»' }, suggestion: '24s' },
  'a negative duration': { code: 'S120', with: fault('x: { fault: stop, node: n1, at: 1m, for: «-5m» }') },
  'a size without unit': {
    code: 'S121',
    with: { data: 'data: { tables: { shop.orders: { partitions: 10, row: «350» } } }' },
    suggestion: '350B',
  },
  'a rate without unit': { code: 'S122', with: workload('{ table: shop.orders, rate: «24k», consistency: ONE }') },
  'a count with a fraction': {
    code: 'S123',
    with: { data: 'data: { tables: { shop.orders: { partitions: «1.5» } } }' },
  },
  'seeds that end before they begin': {
    code: 'S190',
    with: expectation('{ check: always, metric: divergent_copies, below: 5, seeds: «9..1» }'),
  },
  'a share without seeds': {
    code: 'S191',
    with: expectation('{ check: always, metric: divergent_copies, below: 5, share: «95%» }'),
  },
  'a share of all': {
    code: 'S191',
    with: expectation('{ check: always, metric: divergent_copies, below: 5, seeds: 1..9, share: «100%» }'),
  },
  'a seed twice': {
    code: 'S191',
    with: expectation('{ check: always, metric: divergent_copies, below: 5, seeds: «[1, 2, 1]» }'),
  },
  'a confidence like a coin': {
    code: 'S191',
    with: expectation(
      '{ check: always, metric: divergent_copies, below: 5, seeds: 1..9, share: 50%, confidence: «20%» }',
    ),
  },
  'seeds that can show nothing': {
    code: 'S192',
    warning: true,
    with: expectation(
      '{ check: always, metric: divergent_copies, below: 5, seeds: «1..20», share: 95%, confidence: 99% }',
    ),
  },
  'a share above 1': { code: 'S124', with: fault('x: { fault: loss, share: «120%», at: 1m }') },
  'a time that is none': { code: 'S125', with: fault('x: { fault: stop, node: n1, at: «tomorrow» }') },
  'a reference to what has no times': {
    code: 'S125',
    with: fault('x: { fault: stop, node: n1, at: «expect.seen.start» }'),
  },
  NaN: { code: 'S126', with: { duration: 'duration: «.nan»' } },
  'an infinite bound': { code: 'S126', with: expectation('{ check: never, metric: divergent_copies, above: «.inf» }') },
  'a bound in another unit': {
    code: 'S127',
    with: expectation('{ check: always, metric: divergent_copies, below: «12h» }'),
  },
  'an operator in a bound': {
    code: 'S127',
    with: expectation('{ check: always, metric: divergent_copies, below: «"> 0"» }'),
  },
  'a clock time': { code: 'S128', with: { start: 'start: «2026-11-21»' } },
  'an instant without start': { code: 'S129', with: fault('x: { fault: stop, node: n1, at: «2026-11-21T02:00:00Z» }') },
  'an unknown node': { code: 'S130', with: fault('x: { fault: stop, node: «n33», at: 1m }'), suggestion: 'n3' },
  'an unknown node in a list': { code: 'S130', with: fault('x: { fault: stop, nodes: [n1, «n9»], at: 1m }') },
  'settings of an unknown node': {
    code: 'S130',
    with: cluster('{ nodes: 3, node_settings: { n7: «{ num_tokens: 1 }» } }'),
  },
  'an unknown table': {
    code: 'S131',
    with: workload('{ table: «shop.order», rate: 1/s, consistency: ONE }'),
    suggestion: 'shop.orders',
  },
  'an unknown keyspace': {
    code: 'S132',
    with: {
      data: 'data: { keyspaces: { shp: «{ replication: 3 }» }, replication: 3, tables: { shop.orders: { partitions: 10 } } }',
    },
    suggestion: 'shop',
  },
  'an unknown data centre': {
    code: 'S133',
    with: fault('x: { fault: stop, nodes: { dc: «dc2» }, at: 1m }'),
    suggestion: 'dc1',
  },
  'replication in an unknown data centre': {
    code: 'S133',
    with: { data: 'data: { replication: { dc9: «3» }, tables: { shop.orders: { partitions: 10 } } }' },
  },
  'a reference to no entry': {
    code: 'S134',
    with: fault('x: { fault: stop, node: n1, at: «faults.n4-down.end + 1m» }'),
    suggestion: 'faults.n3-down.end',
  },
  'times in a circle': {
    code: 'S135',
    with: fault(
      'a: «{ fault: stop, node: n1, at: faults.b.start }»\n  b: { fault: stop, node: n2, at: faults.a.start }',
    ),
  },
  'the end of what does not end': {
    code: 'S136',
    with: fault('x: { fault: stop, node: n1, at: 1m }\n  y: { fault: stop, node: n2, at: «faults.x.end» }'),
  },
  'the end of a repair': {
    code: 'S136',
    with: expectation('{ check: never, metric: divergent_copies, above: 9, after: «repairs.by-hand.end» }'),
  },
  'a batch of no workload': {
    code: 'S137',
    with: fault('x: { fault: batch-cut, after: { batch: «chekout» } }'),
    suggestion: 'checkout',
  },
  'a batch of a workload without batches': {
    code: 'S137',
    with: fault('x: { fault: batch-cut, after: { batch: «checkout» } }'),
  },
  'a key beyond the table': {
    code: 'S138',
    with: fault('x: { fault: damage, node: n1, table: shop.orders, what: missing, key: «1000», at: 1m }'),
  },
  'an unknown cause': {
    code: 'S139',
    with: expectation('{ check: always, metric: divergent_copies, where: { cause: «hint_expird» }, is: 0 }'),
    suggestion: 'hint_expired',
  },
  'a time before the run': {
    code: 'S140',
    with: fault('x: { fault: stop, node: n1, at: «faults.n3-down.start - 1h» }'),
  },
  'a window outside the run': {
    code: 'S141',
    with: expectation('{ check: never, metric: divergent_copies, above: 9, from: «2h» }'),
  },
  'a window of no length': {
    code: 'S141',
    with: expectation('{ check: never, metric: divergent_copies, above: 9, during: «10m .. faults.n3-down.start» }'),
  },
  'a window that runs backwards': {
    code: 'S141',
    with: expectation('{ check: never, metric: divergent_copies, above: 9, from: 30m, until: «20m» }'),
  },
  'a deadline of 0': {
    code: 'S141',
    with: expectation('{ check: eventually, metric: divergent_copies, is: 0, within: «0s» }'),
  },
  'a workload after the duration': {
    code: 'S141',
    with: workload('{ table: shop.orders, rate: 1/s, consistency: ONE, until: «2h» }'),
  },
  'an expectation that cannot fail': {
    code: 'S142',
    with: expectation('{ check: always, metric: divergent_copies, above: «-1» }'),
  },
  'a never that cannot fail': {
    code: 'S142',
    with: expectation('{ check: never, metric: zombie_copies, below: «0» }'),
  },
  'a bound above all copies that there are': {
    code: 'S142',
    with: {
      expect: 'expect:\n  x: { check: always, metric: divergent_copies, below: «1M» }',
      variants: null,
    },
    more: true,
  },
  'a variant that cannot break what it names': {
    code: 'S142',
    with: {
      expect: 'expect:\n  x: { check: always, metric: divergent_copies, below: 1M }',
      variants: 'variants:\n  quiet: { edit: { faults: null }, must_break: [«x»] }',
    },
  },
  'bounds that exclude each other': {
    code: 'S143',
    with: expectation('{ check: sometimes, metric: divergent_copies, above: «3», below: 2 }'),
  },
  'events in an order in which they cannot happen': {
    code: 'S143',
    with: expectation('{ check: order, events: [faults.n3-down.end, «faults.n3-down.start»] }'),
  },
  'events that nothing can put in another order': {
    code: 'S142',
    with: {
      repairs: null,
      expect: 'expect:\n  x: { check: order, events: «[faults.n3-down, faults.n3-down.end]» }',
      variants: null,
    },
    more: true,
  },
  'an expectation that cannot hold': {
    code: 'S143',
    with: expectation('{ check: eventually, metric: divergent_copies, is: «-5» }'),
  },
  'an expectation without bound': { code: 'S144', with: expectation('«{ check: always, metric: divergent_copies }»') },
  'near without tolerance': {
    code: 'S144',
    with: expectation('«{ check: always, metric: divergent_copies, near: 10 }»'),
  },
  'an unknown metric': {
    code: 'S145',
    with: expectation('{ check: always, metric: «zombies_copies», is: 0 }'),
    suggestion: 'zombie_copies',
  },
  'an unknown law': { code: 'S145', with: expectation('{ check: always, law: «born = healed» }') },
  'an unknown event': {
    code: 'S145',
    with: expectation('{ check: order, events: [nodeCrashed, «nodeStartd»] }'),
    suggestion: 'nodeStarted',
  },
  'a where that the metric has not': {
    code: 'S114',
    with: expectation('{ check: always, metric: zombie_copies, where: { «cause»: timeout }, is: 0 }'),
  },
  'an unknown expectation': {
    code: 'S146',
    with: { variants: 'variants:\n  quiet: { edit: { faults: null }, must_break: [«sean»] }' },
    suggestion: 'seen',
  },
  'a variant that edits nothing': {
    code: 'E102',
    with: { variants: 'variants:\n  quiet: { edit: { «faults.n2-down»: null }, must_break: [seen] }' },
    suggestion: 'faults.n3-down',
  },
  'a variant of a misspelt setting': {
    code: 'S172',
    with: { variants: 'variants:\n  quiet: { edit: { «cluster.settings.max_hint_windo»: 6h }, must_break: [seen] }' },
    suggestion: 'max_hint_window',
  },
  'a variant of an unknown setting': {
    code: 'S205',
    with: { variants: 'variants:\n  quiet: { edit: { «cluster.settings.row_cache_size»: 6 }, must_break: [seen] }' },
  },
  'a variant with a bad value': {
    code: 'S120',
    with: { variants: 'variants:\n  quiet: { edit: { «faults.n3-down.for»: 6 }, must_break: [seen] }' },
  },
  'too many writes': { code: 'S150', with: workload('{ table: shop.orders, rate: «1M/s», consistency: ONE }') },
  'too many rows': {
    code: 'S151',
    with: { data: 'data: { replication: 3, tables: { shop.orders: «{ partitions: 1G, rows: 3 }» } }' },
  },
  'a file that is not there': {
    code: 'S154',
    with: workload('{ table: shop.orders, rate: { csv: «trace.csv» }, consistency: ONE }'),
  },
  'shares that do not sum to 1': {
    code: 'S156',
    with: workload('{ table: shop.orders, rate: 1/s, consistency: ONE, mix: «{ insert: 97%, delete: 4% }» }'),
  },
  'an unknown rule': { code: 'S160', with: { model: 'model: { off: [«fakedb.e5»] }' }, suggestion: 'fakedb.e4' },
  'a rule that cannot be turned off': { code: 'S161', with: { model: 'model: { off: [«fakedb.e13»] }' } },
  'an unknown database': { code: 'S162', with: { database: 'database: «fakdb@1»' }, suggestion: 'fakedb' },
  'an unknown version': { code: 'D110', with: { database: 'database: «fakedb@9»' } },
  'a setting of the wrong type': {
    code: 'S171',
    with: cluster('{ nodes: 3, settings: { hinted_handoff_enabled: «maybe» } }'),
  },
  'a setting without unit': {
    code: 'S171',
    with: cluster('{ nodes: 3, settings: { max_hint_window: «3» } }'),
    suggestion: '3s',
  },
  'a setting out of its range': { code: 'S171', with: cluster('{ nodes: 3, settings: { num_tokens: «0» } }') },
  'a token of two nodes': { code: 'S180', with: cluster('{ nodes: 3, tokens: { n1: 5, n2: «5» } }') },
  'a token beyond 64 bits': { code: 'S180', with: cluster('{ nodes: 3, tokens: { n1: «9223372036854775808» } }') },
  'two ways to name nodes': { code: 'S119', with: fault('x: { fault: stop, node: n1, «nodes»: [n2], at: 1m }') },
  'two ways to end': { code: 'S119', with: fault('x: { fault: stop, node: n1, at: 1m, for: 5m, «until»: 7m }') },
  'a partition with itself': {
    code: 'S119',
    with: fault('x: «{ fault: partition, between: [n1, [n1, n2]], at: 1m }»'),
  },
  'nodes and an import': { code: 'S119', with: cluster('{ from: ring.txt, «nodes»: 3 }'), more: true },
  'no nodes': { code: 'S111', with: cluster('«{}»') },
  'too many groups': {
    code: 'S117',
    with: { data: 'data: { replication: 3, tables: { shop.orders: { partitions: 10, column_groups: «9» } } }' },
  },
  'a rate of 0': { code: 'S117', with: workload('{ table: shop.orders, rate: «0/s», consistency: ONE }') },
  'a client that gives up before the coordinator': {
    code: 'S117',
    with: workload('{ table: shop.orders, rate: 1/s, consistency: ONE, retry: { attempts: 1, timeout: «1999ms» } }'),
    path: 'workload.w.retry.timeout',
  },
  'a client that gives up before a coordinator that was told to take longer': {
    code: 'S117',
    with: {
      ...cluster('{ nodes: 3, settings: { write_request_timeout: 5s } }'),
      ...workload('{ table: shop.orders, rate: 1/s, consistency: ONE, retry: { attempts: 1, timeout: «4s» } }'),
    },
  },
  'a range beyond the table': {
    code: 'S117',
    with: workload('{ table: shop.orders, rate: 1/s, consistency: ONE, range: «[0, 2k]» }'),
  },
  'more picks than nodes': { code: 'S117', with: fault('x: { fault: stop, nodes: { pick: «4», of: all }, at: 1m }') },
  'two nodes of one name': { code: 'S118', with: cluster('{ nodes: «{ dc1: { r1: [a], r2: [a] } }» }'), more: true },
  'a watched key without table': { code: 'S118', with: { observe: 'observe: { keys: [«orders»] }' } },
  'a command that is none': {
    code: 'D201',
    with: { repairs: 'repairs:\n  by-hand: { repair: nodetool, node: n1, run: «nodetool repairr», at: 1m }' },
  },
  'replication factor 1': {
    code: 'S201',
    warning: true,
    with: { data: 'data: { replication: «1», tables: { shop.orders: { partitions: 10 } } }' },
  },
  'replication above the nodes': {
    code: 'S202',
    warning: true,
    with: { data: 'data: { replication: { dc1: «4» }, tables: { shop.orders: { partitions: 10 } } }' },
  },
  'more copies than can be followed': {
    code: 'S166',
    with: {
      cluster: 'cluster: { nodes: 31 }',
      data: 'data: { replication: «31», tables: { shop.orders: { partitions: 10 } } }',
    },
  },
  'a fault after the run': { code: 'S203', warning: true, with: fault('x: { fault: stop, node: n1, at: «3h» }') },
  'an expectation that nothing breaks': {
    code: 'S204',
    warning: true,
    with: {
      expect:
        'expect:\n  seen: { check: sometimes, metric: divergent_copies, above: 0 }\n  «x»: { check: never, metric: divergent_copies, above: 9 }',
    },
  },
  'a flag in a quoted command': {
    code: 'D202',
    with: { repairs: 'repairs:\n  x: { repair: rounds, at: 1m, run: "nodetool repair «-odd» shop" }' },
    path: 'repairs.x.run',
  },
  'a flag in a plain command': {
    code: 'D202',
    with: { repairs: 'repairs:\n  x: { repair: rounds, at: 1m, run: nodetool repair «-odd» shop }' },
  },
  'a flag in a command of several lines': {
    code: 'D202',
    with: {
      repairs: 'repairs:\n  x:\n    repair: rounds\n    at: 1m\n    run: «>-»\n      nodetool repair\n      -odd shop',
    },
  },
  'a misspelt setting': {
    code: 'S172',
    with: cluster('{ nodes: 3, settings: { «max_hint_windw»: 3h } }'),
    suggestion: 'max_hint_window',
  },
  'a setting in another notation': {
    code: 'S172',
    with: cluster('{ nodes: 3, settings: { «maxHintWindow»: 3h } }'),
    suggestion: 'max_hint_window',
  },
  'an old name of a setting, misspelt': {
    code: 'S172',
    with: cluster('{ nodes: 3, settings: { «max_hint_windw_in_ms»: 3000 } }'),
    suggestion: 'max_hint_window_in_ms',
  },
  'a misspelt setting of one node': {
    code: 'S172',
    with: cluster('{ nodes: 3, node_settings: { n1: { «num_token»: 3 } } }'),
    suggestion: 'num_tokens',
  },
  'a setting that the database has not': {
    code: 'S205',
    warning: true,
    with: cluster('{ nodes: 3, settings: { «row_cache_size»: 3 } }'),
  },
  'a setting of another version, however near its name': {
    code: 'S205',
    warning: true,
    with: cluster('{ nodes: 3, settings: { «max_hint_windows»: 3h } }'),
  },
  'a map where a modelled setting has one value': {
    code: 'S171',
    with: cluster('{ nodes: 3, settings: { commitlog_sync: «{ mode: batch }» } }'),
  },
  'a setting under its old and its new name': {
    code: 'S119',
    with: cluster('{ nodes: 3, settings: { max_hint_window: 3h, «max_hint_window_in_ms»: 5000 } }'),
  },
  'a file of settings that is no path': {
    code: 'S110',
    with: cluster('{ nodes: 3, settings: { from: «[a.yaml]» } }'),
  },
  'a deadline after the run': {
    code: 'S206',
    warning: true,
    with: expectation('{ check: eventually, metric: divergent_copies, is: 0, within: «2h» }'),
  },
};

const seen = new Set<string>();

describe('mistakes', () => {
  it.each(Object.entries(CASES))('%s', (_name, { code, with: sections, path, suggestion, files, more, warning }) => {
    const { text, line, column, length } = unmark(scenarioText(sections));
    const { plan, mistakes, warnings } = load(text, {}, files);
    const all = warning === true ? warnings : mistakes;
    const found = all.find((mistake) => mistake.code === code && mistake.line === line && mistake.column === column);
    expect(found, JSON.stringify([...mistakes, ...warnings], null, 1)).toBeDefined();
    expect(found).toMatchObject({
      length,
      file: 'test.yaml',
      ...(path === undefined ? {} : { path }),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    if (more !== true) expect(all.map((mistake) => mistake.code)).toEqual([code]);
    expect(plan === null).toBe(warning !== true);
    seen.add(code);
    if (warning !== true) return;
    expect(mistakes).toEqual([]);
    expect(load(text, { strict: true }).plan).toBeNull();
  });

  afterAll(() => {
    for (const code of seen) if (!code.startsWith('D')) expect(MISTAKE_CODES).toHaveProperty(code);
  });
});

const codesOf = (sections: Record<string, string | null>): string[] =>
  load(scenarioText(sections)).mistakes.map(({ code, path }) => `${code} ${path}`);

describe('all mistakes at once', () => {
  it('a misspelt key hides nothing that is wrong elsewhere', () => {
    const { mistakes } = load(
      scenarioText({
        ...fault('x: { fault: crash, nod: n1, at: 1m }\n  y: { fault: stop, node: n9, at: 1m }'),
        model: 'model: { off: [nothing] }',
      }),
    );
    expect(mistakes.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'S114 faults.x.nod',
      'S130 faults.y.node',
      'S160 model.off.0',
    ]);
  });

  it('a misspelt key is read as what was meant, so what stands beside it is checked too', () => {
    expect(codesOf(fault('x: { fault: crash, nodes: n9, mod: power-loss, at: 1m }'))).toEqual([
      'S130 faults.x.nodes',
      'S114 faults.x.mod',
    ]);
    expect(codesOf(fault('x: { fault: crsh, node: n9, mode: power-los, at: 1m }'))).toEqual([
      'S112 faults.x.fault',
      'S130 faults.x.node',
      'S112 faults.x.mode',
    ]);
  });

  it('a value that cannot be read hides nothing beside it', () => {
    const bad = '{ table: shop.nope, rate: 10/s, consistency: MANY, mix: { insert: lots } }';
    expect(codesOf(workload(bad))).toEqual([
      'S131 workload.w.table',
      'S112 workload.w.consistency',
      'S124 workload.w.mix.insert',
    ]);
    // Without its bound the expectation would also be one without a bound.
    const unbounded = expectation('{ check: always, metric: nope, below: lots }');
    expect(codesOf(unbounded)).toEqual(['S145 expect.x.metric', 'S127 expect.x.below']);
  });

  it('what nothing can do without hides nothing either', () => {
    const wrong = { ...fault('x: { fault: stop, node: n9, at: 2h }') };
    const unknown = 'S130 faults.x.node';
    expect(codesOf({ ...wrong, duration: 'duration: long' })).toEqual(['S120 duration', unknown]);
    expect(codesOf({ ...wrong, duration: null })).toEqual(['S111 duration', unknown]);
    expect(codesOf({ ...wrong, format: 'format: 2' })).toEqual(['S112 format', unknown]);
    expect(codesOf({ ...wrong, ...cluster('{ nodes: 3, devices: { link: fast } }') })).toEqual([
      'S122 cluster.devices.link',
      unknown,
    ]);
    const expects = expectation('{ check: always, metric: nope, is: 0 }');
    expect(codesOf({ ...expects, ...cluster('{ nodes: some }') })).toEqual([
      'S123 cluster.nodes',
      'S145 expect.x.metric',
    ]);
  });

  it('a misspelt key is not missing too, and a refused table not unknown', () => {
    const wrong = fault('x: { fault: stop, node: n9, at: 1m }');
    expect(codesOf({ ...wrong, database: 'databse: fakedb@1' })).toEqual(['S114 databse', 'S130 faults.x.node']);
    const data = 'data: { replication: 3, tables: { orders: { partitions: 1k } } }';
    expect(codesOf({ ...wrong, data })).toEqual(['S115 data.tables.orders', 'S130 faults.x.node']);
  });

  it('a key that stands twice hides nothing', () => {
    expect(
      codesOf({ ...fault('x: { fault: stop, node: n9, at: 1m }'), duration: 'duration: 1h\nduration: 1h' }),
    ).toEqual(['S104 ', 'S130 faults.x.node']);
  });

  it('a variant that removes an entry whose time cannot be read is not blamed for it', () => {
    const sections = {
      faults: 'faults:\n  x: { fault: stop, node: n1, at: 1m, for: 8 }',
      repairs: 'repairs:\n  r: { repair: nodetool, node: n1, run: nodetool repair -full shop, at: faults.x.end }',
      expect: 'expect:\n  e: { check: sometimes, metric: divergent_copies, above: 1, after: repairs.r.start }',
      variants: 'variants:\n  gone: { edit: { repairs.r: null }, must_break: [e] }',
    };
    expect(codesOf(sections)).toEqual(['S120 faults.x.for']);
    const unknown = { ...sections, expect: sections.expect.replace('r.start', 'r.end') };
    expect(codesOf({ ...unknown, faults: sections.faults.replace('8 }', '8m }') })).toEqual(['S136 expect.e.after']);
  });

  it('variants are tried whatever else is wrong, and say nothing twice', () => {
    const variants = 'variants:\n  quiet: { edit: { faults: null, duration: long }, must_break: [sean] }';
    expect(codesOf({ ...fault('x: { fault: stop, node: n9, at: 1m }'), variants })).toEqual([
      'S130 faults.x.node',
      'S120 duration',
      'S146 variants.quiet.must_break.0',
    ]);
  });

  it('of YAML are counted where there are too many to show', () => {
    const { mistakes } = load(`${scenarioText()}${'a: [}\n'.repeat(30)}`);
    expect(mistakes.length).toBe(21);
    const { code, message } = mistakes[mistakes.length - 1] ?? {};
    expect(code).toBe('S103');
    expect(message).toMatch(/^\d+ more places from here on that cannot be read as YAML$/);
  });

  it('what refers to a refused entry says nothing more', () => {
    const { mistakes } = load(
      scenarioText({ faults: 'faults:\n  n3-down: { fault: crash, node: n3, mode: process, at: 10m, fore: 20m }' }),
    );
    expect(mistakes.map(({ code, path }) => `${code} ${path}`)).toEqual(['S114 faults.n3-down.fore']);
  });

  it('they come in the order of the text', () => {
    const { mistakes } = load(
      scenarioText({
        ...cluster('{ nodes: 3, settings: { num_tokens: x } }'),
        ...expectation('{ check: always, metric: nope, is: 0 }'),
        duration: 'duration: 1h\nsettle: -1s',
      }),
    );
    expect(mistakes.map(({ line }) => line)).toEqual(
      [...mistakes.map(({ line }) => line)].sort((left, right) => left - right),
    );
    expect(mistakes.map(({ code }) => code)).toEqual(['S120', 'S171', 'S145']);
  });
});

describe('hostile files', () => {
  const bomb = (levels: number): string => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level <= levels; level++)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    return lines.join('\n');
  };

  it.each([
    ['a large file', `# ${'x'.repeat(1024 * 1024)}`, 'S101'],
    ['a binary file', 'format: 1\n\u0000\u0001', 'S102'],
    ['a file in UTF-16', '\ufeff\0f\0o\0r', 'S102'],
    ['a file that is not UTF-8', 'format: \ufffd', 'S102'],
    ['an alias bomb', bomb(9), 'S105'],
    ['an alias within itself', 'a: &a [*a]', 'S105'],
    ['deep nesting', `a: ${'['.repeat(5000)}`, 'S105'],
    ['deep nesting, closed', `a: ${'['.repeat(200)}${']'.repeat(200)}`, 'S105'],
    ['the same key without end', 'a: 1\n'.repeat(180_000), 'S105'],
    ['values without end', `a: [${'1,'.repeat(100_000)}]`, 'S105'],
    ['an empty file', '', 'S106'],
    ['a list', '- 1', 'S106'],
    ['plain text', 'hello', 'S106'],
    ['an older YAML', '%YAML 1.1\n---\nformat: 1', 'S107'],
  ])('%s', (_name, text, code) => {
    const { plan, mistakes } = load(text);
    expect(plan).toBeNull();
    expect(mistakes.map((mistake) => mistake.code)).toContain(code);
    expect(mistakes[0].line).toBeGreaterThan(0);
  });

  it('says the first of many keys that stand twice, and how many more there are', () => {
    const { mistakes } = load(scenarioText({ name: 'name: x\n'.repeat(20_000) }));
    const twice = mistakes.filter(({ code }) => code === 'S104');
    expect(twice).toHaveLength(21);
    expect(twice[20].message).toBe('the key name stands twice in this map, and 19978 more from here on');
  });

  it('says the limit', () => {
    expect(load('x'.repeat(1024 * 1024 + 1)).mistakes[0].message).toContain('1 MiB');
  });
});
