import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRepairCommand } from '../../src/dialect/cassandra/repair-command.ts';
import { REPAIR_FLAGS } from '../../src/dialect/cassandra/repair-flags.ts';
import { checkTokenRange } from '../../src/dialect/cassandra/token-range.ts';

const SHOP = [
  { id: 'shop.orders', keyspace: 'shop', name: 'orders' },
  { id: 'shop.carts', keyspace: 'shop', name: 'carts' },
];
const AUDIT = { id: 'audit.log', keyspace: 'audit', name: 'log' };

const NODES = ['n01', 'n02', 'n03'].map((id, index) => ({
  id,
  dc: 'dc1',
  rack: 'r1',
  tokens: [String(index)],
  address: `10.0.0.${index + 1}`,
}));

function read(command: string, tables = SHOP, database = 'cassandra@4.1.7') {
  return readRepairCommand(command, { database, node: 'n01', nodes: NODES, tables });
}

function mistakesOf(command: string, tables = SHOP) {
  const result = read(command, tables);
  if (!('mistakes' in result)) throw new Error(`${command} was accepted`);
  return result.mistakes;
}

const PLAIN = {
  keyspace: 'shop',
  tables: ['shop.orders', 'shop.carts'],
  strategy: 'full-parallel',
  primary_range: false,
  start_token: null,
  end_token: null,
  local_dc: false,
  data_centers: [],
  hosts: [],
  force: false,
  pull: false,
  optimise_streams: false,
  preview: 'none',
  ignore_unreplicated: false,
  further_keyspaces: [],
};

describe('commands that are read', () => {
  it.each([
    ['nodetool repair -full shop', {}],
    ['nodetool repair --full shop orders', { tables: ['shop.orders'] }],
    [
      'nodetool repair shop carts orders -full -seq',
      { tables: ['shop.carts', 'shop.orders'], strategy: 'full-sequential' },
    ],
    ['nodetool repair -full --sequential -pr shop', { strategy: 'full-sequential', primary_range: true }],
    ['nodetool repair -full --partitioner-range -- shop "orders"', { primary_range: true, tables: ['shop.orders'] }],
    [
      `nodetool  repair -full -st -6148914691236517206 -et '-6148914691236517000' shop orders`,
      { tables: ['shop.orders'], start_token: '-6148914691236517206', end_token: '-6148914691236517000' },
    ],
    [
      'nodetool repair -full --start-token=-5 --end-token=0010 shop orders',
      { tables: ['shop.orders'], start_token: '-5', end_token: '10' },
    ],
    ['/opt/cassandra/bin/nodetool -h 10.0.0.1 -p 7199 -u me -pw "a b" repair -full shop', {}],
    ['sudo nodetool repair -full shop orders orders', { tables: ['shop.orders'] }],
  ])('%s', (command, options) => {
    expect(read(command)).toEqual({ options: { ...PLAIN, ...options }, assumptions: [] });
  });

  it.each([
    ['nodetool repair -pr -full', { primary_range: true }, 'no keyspace was named: the only one, shop, is repaired'],
    [
      'nodetool repair -full -pr -st 1 -et 2 shop',
      { start_token: '1', end_token: '2' },
      '-st and -et override -pr, as in nodetool',
    ],
    ['nodetool repair -full -tr shop', {}, '-tr is read and changes nothing: tracing costs nothing in the model'],
  ])('%s, with an assumption', (command, options, assumption) => {
    expect(read(command)).toEqual({ options: { ...PLAIN, ...options }, assumptions: [assumption] });
  });

  it.each([
    ['-full -dcpar', { strategy: 'full-dc-parallel' }],
    ['--dc-parallel', { strategy: 'incremental-dc-parallel' }],
    ['-full -pr -local', { primary_range: true, local_dc: true }],
    ['-full -dc dc1 --in-dc dc2,dc1', { data_centers: ['dc1', 'dc2'] }],
    ['-full -hosts n02,10.0.0.1', { hosts: ['n02', 'n01'] }],
    ['-full --force', { force: true }],
    ['-full -pl -hosts n01,n02 -st 1 -et 2', { pull: true, hosts: ['n01', 'n02'], start_token: '1', end_token: '2' }],
    ['-full -os', { optimise_streams: true }],
    ['--preview', { preview: 'unrepaired' }],
    ['-prv -full -seq', { preview: 'all', strategy: 'full-sequential' }],
    ['-vd', { preview: 'repaired' }],
    ['-full -iuk', { ignore_unreplicated: true }],
  ])('with the option %s', (flags, options) => {
    expect(read(`nodetool repair ${flags} shop`)).toEqual({ options: { ...PLAIN, ...options }, assumptions: [] });
  });

  it.each([
    ['-full -local -dc dc9', { local_dc: true }, '-local overrides -dc, as in nodetool'],
    ['-full -dcpar -seq', { strategy: 'full-sequential' }, '-seq overrides -dcpar, as in nodetool'],
    ['-prv -vd', { preview: 'repaired' }, '--validate overrides --preview, as in nodetool'],
    ['-full -j 4', {}, '-j is read and changes nothing: all tables are requested at once, whatever it says'],
  ])('with %s, of which one counts', (flags, options, assumption) => {
    expect(read(`nodetool repair ${flags} shop`)).toEqual({
      options: { ...PLAIN, ...options },
      assumptions: [assumption],
    });
  });

  it('repair all keyspaces in turn where none is named (b1)', () => {
    expect(read('nodetool repair -full', [...SHOP, AUDIT])).toEqual({
      options: { ...PLAIN, further_keyspaces: [{ keyspace: 'audit', tables: ['audit.log'] }] },
      assumptions: ['no keyspace was named: shop, audit are repaired one after the other'],
    });
  });

  it('repair incrementally by default where the version does', () => {
    expect(read('nodetool repair -pr shop')).toMatchObject({
      options: { strategy: 'incremental-parallel', primary_range: true },
    });
    expect(read('nodetool repair -seq shop')).toMatchObject({ options: { strategy: 'incremental-sequential' } });
  });

  it('repair fully and sequentially by default where the version does', () => {
    expect(read('nodetool repair shop', SHOP, 'cassandra@2.1.22')).toMatchObject({
      options: { strategy: 'full-sequential' },
    });
    expect(read('nodetool repair -par shop', SHOP, 'cassandra@2.1.22')).toMatchObject({
      options: { strategy: 'full-parallel' },
    });
  });
});

describe('commands that are refused', () => {
  it.each([
    ['nodetool repair -inc shop', ['D205']],
    ['nodetool repair -fulll shop', ['D202']],
    ['nodetool repair -full -foo -foo shop', ['D202']],
    ['nodetool repair -full --start-tokn 5 shop', ['D202']],
    ['nodetool repair -full -par shop', ['D205']],
    ['nodetool repair -full -paxos-only shop', ['D204']],
    ['nodetool repair -full -pr -dc dc1 shop', ['D207']],
    ['nodetool repair -full -j 8 shop', ['D207']],
    ['nodetool repair -full -j two shop', ['D203']],
    ['nodetool repair -full --sequentail shop', ['D202']],
    ['nodetool repair -full shop -st', ['D203', 'D203', 'D203'].slice(0, 1)],
    ['nodetool repair -full -st 1 shop', ['D203']],
    ['nodetool repair -full -st 1 -et 1 shop', ['D207']],
    ['nodetool repair -full -st 9223372036854775808 -et x shop', ['D210', 'D210']],
    ['nodetool repair -full shp', ['D208']],
    ['nodetool repair -full shop.orders', ['D208']],
    ['nodetool repair -full shop order cart', ['D209', 'D209']],
    ['nodetool cleanup shop', ['D201']],
    ['repair -full shop', ['D201']],
    ['nodetool repair -full shop; rm -rf /', ['D201']],
    ['nodetool repair -full "shop', ['D201']],
    ['', ['D201']],
  ])('%j: %j', (command, codes) => {
    expect(mistakesOf(command).map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ['nodetool repair -full -pr «-dc» dc1 shop'],
    ['nodetool repair -full -j «two» shop'],
    ['nodetool repair -full «-j» 5 shop'],
    ['nodetool repair -full -hosts «n9» shop'],
    ['nodetool repair -full «--in-hosts=n1,n9» shop'],
    ['nodetool repair -full «--sequentail» shop'],
    ['nodetool repair «-inc» shop'],
    ['nodetool repair -full «-par» shop'],
    ['nodetool repair -full -pr «--in-dc=dc1» shop'],
    ['nodetool repair -full «"shp"» orders'],
    ['nodetool -h 10.0.0.1 repair -full shop «ordrs»'],
    ['nodetool repair -full -st «x» -et 5 shop'],
    ['nodetool repair -full --start-token=5 «--end-token=y» shop'],
    ['nodetool repair -full «-st» 5 shop'],
    ['nodetool repair -full shop «-st»'],
    ['nodetool repair -full shop«;» reboot'],
    ['nodetool repair -full «"»shop'],
  ])('say where: %s', (marked) => {
    const start = marked.indexOf('«');
    const [mistake] = mistakesOf(marked.replace(/[«»]/g, ''));
    expect(mistake?.within).toEqual({ start, length: marked.indexOf('»') - start - 1 });
    expect(mistake).not.toHaveProperty('about');
  });

  it('say what to do', () => {
    expect(mistakesOf('nodetool repair -inc shop')[0]?.suggestion).toMatch(/^leave it out: incremental is the default/);
    expect(mistakesOf('nodetool repair -full --sequentail shop')[0]?.suggestion).toBe('--sequential');
    expect(mistakesOf('nodetool repair -full shp')[0]).toMatchObject({
      message: 'Keyspace [shp] does not exist.',
      suggestion: 'shop',
    });
    expect(mistakesOf('nodetool repair -full shop.orders')[0]?.suggestion).toMatch(/^shop orders /);
    expect(mistakesOf('nodetool repair -full shop order')[0]).toMatchObject({
      suggestion: 'orders',
      expected: 'orders | carts',
    });
  });

  it.each([
    ['-pr -dc dc1', 'Primary range repair should be performed on all nodes in the cluster.'],
    ['-pr -hosts a', 'Primary range repair should be performed on all nodes in the cluster.'],
    ['-dc dc1 -hosts a', 'Cannot combine -dc and -hosts options.'],
    [
      '-pl',
      'Pull repair can only be performed between two hosts. Please specify two hosts, one of which must be this host.',
    ],
    [
      '-pl -hosts a,b',
      'Token ranges must be specified when performing pull repair. Please specify at least one token range which both hosts have in common.',
    ],
    ['-j 5', 'Too many job threads. Max is 4'],
    ['-local -hosts a', 'Cannot combine -dc and -hosts options.'],
    ['-st 7 -et 7', 'Start and end tokens must be different.'],
  ])('%s in the database’s own words', (flags, text) => {
    const refused = mistakesOf(`nodetool repair -full ${flags} shop`).filter(({ code }) => code === 'D207');
    expect(refused.map(({ notes }) => notes)).toEqual([[`nodetool says  ${text}`]]);
  });

  it('never by a throw, whatever was typed', () => {
    const flags = REPAIR_FLAGS.flatMap(({ names }) => names);
    const word = fc.oneof(
      fc.constantFrom(...flags, 'shop', 'orders', '-5', '--', '"', "'", '\\'),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        const result = read(`nodetool repair ${words.join(' ')}`);
        if ('mistakes' in result) expect(result.mistakes.length).toBeGreaterThan(0);
        else expect(result.options.keyspace).toBe('shop');
      }),
      { numRuns: 500 },
    );
  });
});

describe('a token range', () => {
  const local = [
    { left: 0n, right: 100n },
    { left: 500n, right: -500n },
  ];

  it('is accepted inside one local range, also one that wraps', () => {
    for (const [left, right] of [
      [0n, 100n],
      [10n, 20n],
      [600n, 700n],
      [900n, -600n],
      [-700n, -500n],
    ]) {
      expect(checkTokenRange({ left, right }, local, 'shop', 'n1')).toBeNull();
    }
  });

  it('is refused in the database’s words when it reaches over an end (b18)', () => {
    const mistake = checkTokenRange({ left: 50n, right: 150n }, local, 'shop', 'n1');
    expect(mistake).toMatchObject({ code: 'D212', expected: 'a range inside (0,100], or inside another local range' });
    expect(mistake?.notes?.[0]).toBe(
      'nodetool says  Requested range (50,150] intersects a local range ((0,100]) but is not fully contained in one; this would lead to imprecise repair. keyspace: shop',
    );
  });

  it('is refused where the node holds nothing of it (b21)', () => {
    expect(checkTokenRange({ left: 200n, right: 300n }, local, 'shop', 'n1')?.notes?.[0]).toBe(
      'nodetool says  Nothing to repair for (200,300] in shop - aborting',
    );
  });
});
