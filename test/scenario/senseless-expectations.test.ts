/** Expectations that no run of their scenario could break, or none could meet; and beside each its neighbour that could. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAUSE, CAUSES } from '../../src/data/causes.ts';
import { dialects } from '../../src/dialect/index.ts';
import { check } from '../../src/index.ts';
import { METRICS } from '../../src/observe/metrics.ts';
import { isEdit, loadScenario, parseEdit } from '../../src/scenario/load.ts';
import type { Edit } from '../../src/scenario/load.ts';
import { CAUSES_TO_COME } from '../../src/scenario/impossible-causes.ts';

const SECTIONS = {
  cluster: 'cluster: { nodes: { dc1: 3, dc2: 1 } }',
  data: 'data: { replication: { dc1: 3 }, tables: { shop.orders: { partitions: 1000, loaded: equal }, shop.log: { partitions: 10 } } }',
  workload: 'workload: { orders: { table: shop.orders, rate: 1/s, consistency: QUORUM } }',
  faults: 'faults: { away: { fault: crash, node: n3, at: 10m, for: 20m }, late: { fault: stop, node: n2, at: 2h } }',
  repairs:
    'repairs: { by-hand: { repair: nodetool, node: n3, run: nodetool repair -full shop, at: 40m }, late: { repair: nodetool, node: n3, run: nodetool repair -full shop, at: 2h } }',
  model: '',
  probes: '',
};
type Sections = Partial<typeof SECTIONS>;

const text = (expectation: string, sections: Sections = {}, more = ''): string =>
  [
    'format: 1\ndatabase: cassandra@4.1\nduration: 1h',
    ...Object.values({ ...SECTIONS, ...sections }),
    `expect: { x: ${expectation} }`,
    more,
  ].join('\n');

const OPTIONS = { dialects, metrics: METRICS, version: '0.1.0' };
const readFile = (): { error: string } => ({ error: 'no such file' });
function parsed(path: string, value: string): Edit {
  const edit = parseEdit('set', `${path}=${value}`);
  if (!isEdit(edit)) throw new Error(edit.message);
  return edit;
}

const codesOf = (yaml: string): string[] => check({ text: yaml }).mistakes.map(({ code }) => code);

const HINTS_OFF = { cluster: 'cluster: { nodes: { dc1: 3, dc2: 1 }, settings: { hinted_handoff_enabled: false } }' };
const SHORT_WINDOW = { cluster: 'cluster: { nodes: { dc1: 3, dc2: 1 }, settings: { max_hint_window: 10m } }' };
const DELETES = {
  data: 'data: { replication: { dc1: 3 }, tables: { shop.orders: { partitions: 1000, gc_grace: 10m }, shop.log: { partitions: 10 } } }',
  workload:
    'workload: { orders: { table: shop.orders, rate: 1/s, consistency: QUORUM, mix: { insert: 50%, delete: 50% } } }',
};
const BATCHES = {
  workload:
    'workload: { orders: { table: shop.orders, rate: 1/s, consistency: QUORUM, batch: { size: 3, logged: true } } }',
};
const of = (metric: string, where: string, bounds: string, kind = 'sometimes'): string =>
  `{ check: ${kind}, metric: ${metric}, where: { ${where} }, ${bounds} }`;
const latent = (where: string): string => of('latent_copies', where, 'above: 0');
const level = (bounds: string, kind = 'always', metric = 'divergent_copies'): string =>
  `{ check: ${kind}, metric: ${metric}, ${bounds} }`;

type Pair = [name: string, wrong: string, code: string, right: string, wrongIn?: Sections, rightIn?: Sections];

const NO_CRASH_LOSES = { model: 'model: { off: [cassandra.e11] }' };
const HINT_LOST = latent('cause: hint_lost');
const LEAVES = {
  cluster: 'cluster: { nodes: { dc1: 4, dc2: 1 } }',
  repairs: 'operations: { out: { do: nodetool, node: n2, run: nodetool decommission, at: 20m } }',
};
const losing = (how: string): string => `faults: { away: { fault: crash, node: n3, at: 10m, for: 20m }, lost: ${how} }`;
/** The rule of e11 is about crashes: hints are lost otherwise too. */
const HINTS_LOST_OTHERWISE: readonly [name: string, rightIn: Sections][] = [
  ['their files', { faults: losing('{ fault: hint-store-lost, node: n1, at: 20m }') }],
  ['the disk', { faults: losing('{ fault: crash, node: n1, at: 20m, for: 5m, mode: disk-lost }') }],
  [
    'truncatehints',
    { repairs: 'operations: { gone: { do: nodetool, node: n1, run: nodetool truncatehints, at: 20m } }' },
  ],
  ['a node that leaves', LEAVES],
];
const MORE_HINT_PAIRS: readonly Pair[] = [
  ...HINTS_LOST_OTHERWISE.map(([name, rightIn]): Pair => [
    `hints that no crash takes, and ${name}`,
    HINT_LOST,
    'S143',
    HINT_LOST,
    NO_CRASH_LOSES,
    { ...NO_CRASH_LOSES, ...rightIn },
  ]),
  [
    'lost hints that are off',
    HINT_LOST,
    'S143',
    HINT_LOST,
    HINTS_OFF,
    { ...LEAVES, cluster: HINTS_OFF.cluster.replace('dc1: 3', 'dc1: 4') },
  ],
  ...['coordinator_lost', 'node_down'].map((cause): Pair => {
    const alone = { faults: '' };
    const [wrong, right] = [latent(`cause: ${cause}`), latent(`cause: ${cause}`)];
    return [`${cause} where no node goes`, wrong, 'S143', right, alone, { ...alone, ...LEAVES }];
  }),
];

/** What is wrong with it, and what stands beside it that may be. */
const PAIRS: readonly Pair[] = [
  ['more copies than there are', level('below: 3031'), 'S142', level('below: 3030')],
  ['never more copies', level('above: 3030', 'never'), 'S142', level('above: 3029', 'never')],
  ['sometimes more copies', level('above: 3030', 'sometimes'), 'S143', level('above: 3029', 'sometimes')],
  [
    'more copies of a table',
    of('divergent_copies', 'table: shop.log', 'below: 31', 'always'),
    'S142',
    of('divergent_copies', 'table: shop.log', 'below: 30', 'always'),
  ],
  [
    'more copies of a node',
    of('divergent_copies', 'node: n1', 'below: 1011', 'always'),
    'S142',
    of('divergent_copies', 'node: n1', 'below: 1010', 'always'),
  ],
  [
    'more rows',
    level('below: 1011', 'always', 'divergent_rows'),
    'S142',
    level('below: 1010', 'always', 'divergent_rows'),
  ],
  // 1010 rows of three copies: 1010 · log2 3 = 1600.8 bits.
  ['more bits', level('below: 1601', 'always', 'entropy_bits'), 'S142', level('below: 1600', 'always', 'entropy_bits')],
  // 1010 rows over 61 minutes.
  [
    'more row-hours',
    level('below: 1027', 'always', 'divergent_row_hours'),
    'S142',
    level('below: 1026', 'always', 'divergent_row_hours'),
  ],
  [
    'a share above 100 %',
    level('below: 101%', 'always', 'repaired_share'),
    'S142',
    level('below: 100%', 'always', 'repaired_share'),
  ],
  ['a count below 0', level('above: -1', 'always', 'hints_lost'), 'S142', level('above: 0', 'always', 'hints_lost')],
  [
    'bounds that exclude each other',
    level('is: 0, above: 5', 'sometimes'),
    'S143',
    level('is: 6, above: 5', 'sometimes'),
  ],
  [
    'bounds with nothing between them',
    level('above: 3, below: 2', 'sometimes'),
    'S143',
    level('above: 2, below: 4', 'sometimes'),
  ],
  [
    'no whole number between them',
    level('above: 3, below: 4', 'sometimes'),
    'S143',
    level('above: 3, below: 4', 'sometimes', 'entropy_bits'),
  ],
  ['half a copy', level('is: 1.5', 'sometimes'), 'S143', level('is: 1.5', 'sometimes', 'entropy_bits')],
  ['one value that it must not be', level('is: 5, not: 5', 'sometimes'), 'S143', level('is: 5, not: 6', 'sometimes')],
  ['never what cannot be', level('is: 5, above: 7', 'never'), 'S142', level('is: 5, above: 4', 'never')],
  [
    'near beyond what there is',
    level('near: 9000, within: 10%', 'sometimes'),
    'S143',
    level('near: 3300, within: 10%', 'sometimes'),
  ],
  [
    'damage without damage',
    latent('cause: bit_rot'),
    'S143',
    latent('cause: bit_rot'),
    {},
    {
      faults: 'faults: { rot: { fault: damage, node: n1, table: shop.orders, what: missing, partitions: 1, at: 1m } }',
    },
  ],
  [
    'never damage without damage',
    of('latent_copies', 'cause: bit_rot', 'above: 0', 'never'),
    'S142',
    of('latent_copies', 'cause: node_down', 'above: 0', 'never'),
  ],
  ['a partition without one', latent('cause: partition'), 'S143', latent('cause: node_down')],
  ['lost messages without loss', latent('cause: message_lost'), 'S143', latent('cause: timeout')],
  [
    'lost before fsync without a crash',
    latent('cause: lost_before_fsync'),
    'S143',
    latent('cause: lost_before_fsync'),
    { faults: 'faults: { away: { fault: stop, node: n3, at: 1m } }' },
  ],
  ['a cause that nothing gives yet', latent('cause: disk_lost'), 'S143', latent('cause: old_data_restored')],
  ['a torn batch without batches', latent('cause: partial_batch'), 'S143', latent('cause: partial_batch'), {}, BATCHES],
  [
    'a purge without deletes',
    latent('cause: tombstone_purged'),
    'S143',
    latent('cause: tombstone_purged'),
    {},
    DELETES,
  ],
  [
    'a purge within gc_grace',
    latent('cause: tombstone_purged'),
    'S143',
    latent('cause: tombstone_purged'),
    { ...DELETES, data: SECTIONS.data },
    DELETES,
  ],
  [
    'zombies within gc_grace',
    level('above: 0', 'never', 'zombie_copies'),
    'S142',
    level('above: 0', 'never', 'zombie_copies'),
    { ...DELETES, data: SECTIONS.data },
    DELETES,
  ],
  ['hints that are off', latent('cause: hint_window_passed'), 'S143', latent('cause: hints_off'), HINTS_OFF, HINTS_OFF],
  [
    'refusals of hints that are on',
    latent('cause: hints_off'),
    'S143',
    latent('cause: hint_window_passed'),
    SHORT_WINDOW,
    SHORT_WINDOW,
  ],
  [
    'a window as long as the run',
    latent('cause: hint_window_passed'),
    'S143',
    latent('cause: hint_window_passed'),
    {},
    SHORT_WINDOW,
  ],
  [
    'pending hints that are off',
    level('above: 0', 'sometimes', 'hint_pending_copies'),
    'S143',
    level('above: 0', 'sometimes', 'hint_pending_copies'),
    HINTS_OFF,
    { ...HINTS_OFF, ...BATCHES },
  ],
  [
    'hints enqueued that are off',
    level('is: 0', 'always', 'hints_enqueued'),
    'S142',
    level('is: 0', 'always', 'hints_enqueued'),
    HINTS_OFF,
  ],
  [
    'a full store without a limit',
    latent('cause: hint_queue_full'),
    'S143',
    latent('cause: hint_queue_full'),
    {},
    { cluster: 'cluster: { nodes: { dc1: 3, dc2: 1 }, settings: { max_hints_size_per_host: 1MiB } }' },
  ],
  ['hints that outlive the run', latent('cause: hint_expired'), 'S143', latent('cause: hint_expired'), {}, DELETES],
  [
    'a rule that is off',
    latent('cause: hint_window_passed'),
    'S143',
    latent('cause: hint_window_passed'),
    { ...SHORT_WINDOW, model: 'model: { off: [cassandra.e4] }' },
    { ...SHORT_WINDOW, model: 'model: { off: [cassandra.e17] }' },
  ],
  ...MORE_HINT_PAIRS,
  ['an origin after the end', latent('origin: faults.late'), 'S143', latent('origin: faults.away')],
  ['a node without copies', latent('node: n4'), 'S143', latent('node: n1')],
  [
    'a healer that cannot heal',
    of('healed_copies', 'healer: batchlog', 'above: 0'),
    'S143',
    of('healed_copies', 'healer: hint', 'above: 0'),
  ],
  [
    'healed by a repair after the end',
    of('healed_copies', 'healer: late', 'above: 0'),
    'S143',
    of('healed_copies', 'healer: by-hand', 'above: 0'),
  ],
  [
    'the costs of a repair after the end',
    of('sent_bytes', 'repair: late', 'below: 9', 'always'),
    'S143',
    of('sent_bytes', 'repair: by-hand', 'below: 9', 'always'),
  ],
  [
    'the costs of no repair',
    level('below: 9', 'always', 'sent_bytes'),
    'S143',
    level('below: 9', 'always', 'sent_bytes'),
    { repairs: '' },
  ],
  [
    'repairs that finish where there are none',
    level('above: 0', 'always', 'repairs_finished'),
    'S143',
    level('above: 0', 'always', 'repairs_finished'),
    { repairs: '' },
  ],
  [
    'a probe that is not there',
    level('is: 0%', 'always', 'stale_reads_share'),
    'S143',
    level('is: 0%', 'always', 'stale_reads_share'),
    {},
    { probes: 'probes: { reads: { probe: read, table: shop.orders, consistency: ONE } }' },
  ],
  ['retries without', level('is: 0', 'always', 'writes_retried'), 'S142', level('is: 0', 'always', 'writes_timed_out')],
];

describe('an expectation that could not fail, or not hold', () => {
  it.each(PAIRS)('%s', (_name, wrong, code, right, wrongIn = {}, rightIn = {}) => {
    expect(codesOf(text(wrong, wrongIn))).toEqual([code]);
    expect(codesOf(text(right, rightIn))).toEqual([]);
  });

  it('says why, at the bound', () => {
    const { mistakes } = check({ text: text(latent('cause: bit_rot')) });
    expect(mistakes[0]).toMatchObject({
      path: 'expect.x.above',
      message: expect.stringContaining('there is no damage in the run'),
    });
    const [many] = check({ text: text(level('below: 1M')) }).mistakes;
    expect(many.message).toBe(
      'this expectation can never fail: divergent_copies is always from 0 to 3030: there are 1010 rows with 3030 copies',
    );
  });

  it('may be about what only a variant brings', () => {
    const variant = (edit: string): string => `variants: { v: { edit: { ${edit} }, must_break: [x] } }`;
    const never = of('latent_copies', 'cause: bit_rot', 'above: 0', 'never');
    const rot = 'faults.rot: { fault: damage, node: n1, table: shop.orders, what: missing, partitions: 1, at: 1m }';
    expect(codesOf(text(never, {}, variant(rot)))).toEqual([]);
    const { mistakes } = check({ text: text(never, {}, variant('settle: 2m')) });
    expect(mistakes).toMatchObject([{ code: 'S142', path: 'variants.v.must_break.0' }]);
    expect(mistakes[0].message).toMatch(/^variant v: this expectation can never fail/);
  });

  it('may lose its sense to an edit or an ablation', () => {
    const yaml = text(
      latent('cause: hint_window_passed'),
      SHORT_WINDOW,
      'variants: { off: { edit: { model.off: [cassandra.e4] }, must_break: [x] } }',
    );
    expect(codesOf(yaml)).toEqual([]);
    const set = (path: string, value: string): string[] =>
      loadScenario({ file: 'x.yaml', text: yaml, readFile }, { ...OPTIONS, edits: [parsed(path, value)] }).mistakes.map(
        ({ code }) => code,
      );
    expect(set('cluster.settings.max_hint_window', '3h')).toEqual([]);
    expect(set('expect.x.below', '0')).toEqual(['S143']);
    expect(loadScenario({ file: 'x.yaml', text: yaml, readFile }, { ...OPTIONS, variant: 'off' }).mistakes).toEqual([]);
  });

  it('is not asked where something is wrong with what happens', () => {
    const yaml = text(latent('cause: bit_rot'), {
      faults: 'faults: { rot: { fault: damage, node: n9, table: shop.orders, what: missing, partitions: 1, at: 1m } }',
    });
    expect(codesOf(yaml)).toEqual(['S130']);
  });
});

describe('causes', () => {
  it('that nothing gives yet are those that no code gives', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const given = new Set(
      sources
        .flatMap((file) => [...readFileSync(`src/${file}`, 'utf8').matchAll(/\bCAUSE\.(\w+)/g)])
        .map(([, name]): string => CAUSES[CAUSE[name as keyof typeof CAUSE]]),
    );
    expect(CAUSES.filter((cause) => cause === 'none' || !given.has(cause))).toEqual([...CAUSES_TO_COME]);
  });
});
