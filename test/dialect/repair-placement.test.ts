/** Commands that the coordinator would refuse because of who holds which range are mistakes of the scenario (b18-b21). */
import { describe, expect, test } from 'vitest';
import { load, MistakeError } from '../../src/index.ts';

/** Four nodes, two in each data centre; `ks` has two copies in dc1 and one in dc2, `one` a single copy each. */
function mistakesOf(command: string, given: { nodes?: string; replication?: string } = {}) {
  const { nodes = 'node: a1', replication = '{ dc1: 2, dc2: 1 }' } = given;
  const kind = nodes.startsWith('nodes') ? 'rounds' : 'nodetool';
  const text = `
format: 1
database: cassandra@4.1
seed: 1
duration: 1h
cluster:
  nodes: { dc1: { r1: [a1, a2, a3] }, dc2: { r1: [b1, b2] } }
  tokens: { a1: -6000, b1: -3000, a2: 0, b2: 3000, a3: 6000 }
data:
  keyspaces: { ks: { replication: ${replication} } }
  tables: { ks.t: { partitions: 100, row: 100B } }
repairs:
  it:
    repair: ${kind}
    ${nodes}
    run: "nodetool repair -full ${command} ks"
    at: 1m
`;
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    return error.mistakes.map(({ code, notes, line, column, found }) => ({
      code,
      says: notes?.[0]?.replace('nodetool says  ', ''),
      at: text
        .split('\n')
        [(line ?? 1) - 1].slice((column ?? 1) - 1)
        .split(' ')[0],
      found,
    }));
  }
}

describe('refused', () => {
  test.each([
    ['-dc dc2', 'D213', '-dc', 'the local data center must be part of the repair; requested [dc2] but DC is dc1'],
    ['-dc dc1 -dc dc9', 'D213', '-dc', 'data center(s) [dc9] not found'],
    ['-hosts a2,b1', 'D214', '-hosts', 'The current host must be part of the repair'],
    ['-hosts a1,zz', 'D214', '-hosts', 'Unknown host specified zz'],
    [
      '-hosts a1,b1 -st 1000 -et 2000',
      'D214',
      '-hosts',
      'Specified hosts [a1, b1] do not share range (1000,2000] needed for repair. Either restrict repair ranges with -st/-et options, or specify one of the neighbors that share this range with this node: [b2, a3].',
    ],
    [
      '-st -7000 -et -5500',
      'D212',
      '-st',
      'Requested range (-7000,-5500] intersects a local range ((6000,-6000]) but is not fully contained in one; this would lead to imprecise repair. keyspace: ks',
    ],
    ['-st -2000 -et -1000', 'D212', '-st', 'Nothing to repair for (-2000,-1000] in ks - aborting'],
  ])('%s', (command, code, at, says) => {
    expect(mistakesOf(command)).toEqual([expect.objectContaining({ code, at, says })]);
  });

  test('-local where the data centre has one copy; -iuk leaves that out', () => {
    const found = mistakesOf('-local', { nodes: 'node: b1' });
    expect(found).toMatchObject([{ code: 'D215', at: '-local', found: '-local' }]);
    expect(found[0].says).toMatch(/^Nothing to repair for \(.*\] in ks - aborting$/);
    expect(mistakesOf('-local -iuk', { nodes: 'node: b1' })).toEqual([]);
  });

  test('on any of the nodes of a round, once', () => {
    expect(mistakesOf('-dc dc1', { nodes: 'nodes: all' })).toMatchObject([{ code: 'D213' }]);
    expect(mistakesOf('-local', { nodes: 'nodes: [a1, a2, a3]' })).toEqual([]);
    expect(mistakesOf('-local', { nodes: 'nodes: all' })).toMatchObject([{ code: 'D215' }]);
  });
});

describe('accepted', () => {
  test.each([
    '-local',
    '-dc dc1,dc2',
    '-hosts a1,a2,a3,b1,b2',
    '-st 6000 -et -6000',
    '-pl -hosts a1,a3 -st 1000 -et 2000',
  ])('%s', (command) => {
    expect(mistakesOf(command)).toEqual([]);
  });

  test('whatever it asks for, where there is one copy: nothing is done (b2)', () => {
    expect(mistakesOf('-local', { replication: '{ dc1: 1 }' })).toEqual([]);
  });
});
