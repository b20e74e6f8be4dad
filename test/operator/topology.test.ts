/** What nodetool says of the ring while nodes come and go: who joins or leaves, whose tokens, which replicas, what is streamed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { askMoment } from '../../src/operator/ask.ts';
import { momentOf } from '../../src/operator/moment.ts';
import type { Moment } from '../../src/operator/moment.ts';

const STORY = `
format: 1
name: comings and goings
database: cassandra@4.1
seed: 5
duration: 12m
cluster:
  nodes: { dc1: { r1: 2, r2: 1, r3: 1 } }
  settings: { num_tokens: 1 }
  devices: { link: 20kB/s }
data:
  keyspaces: { ks: { replication: { dc1: 3 } } }
  tables: { ks.t: { partitions: 2_000, row: 1kB, loaded: equal } }
faults:
  dead: { fault: crash, node: n3, at: 4m }
operations:
  join: { do: add, node: n5, at: 10s }
  other: { do: replace, node: n3, with: n6, at: 5m }
  fewer: { do: alter, keyspace: ks, replication: { dc1: 2 }, at: 8m }
  leave: { do: nodetool, node: n2, run: nodetool decommission, at: 9m }
`;

const ask = (moment: Moment, command: string): string => {
  const lines = askMoment(moment, { node: 0, words: [command], sinceMicros: 0 });
  return Array.isArray(lines) ? lines.join('\n') : lines.message;
};
const states = (text: string): string[] =>
  [...text.matchAll(/^([UD][NJL]) +127\.0\.0\.(\d)/gm)].map(([, state, host]) => `n${host} ${state}`);
const endpoints = (text: string): Set<string> => new Set(text.match(/127\.0\.0\.\d/g));

describe('nodetool while the ring changes', () => {
  const moments = new Map<number, Moment>();
  const at = (seconds: number): Moment => {
    const moment = moments.get(seconds);
    if (moment === undefined) throw new Error('no moment');
    return moment;
  };
  beforeAll(() => {
    const plan = load({ text: STORY });
    for (const seconds of [5, 45, 240, 335, 470, 545, 572, 720]) moments.set(seconds, momentOf(plan, seconds * 1e6));
  }, 120_000);

  it('status has who is part of the ring, J and L of who joins and leaves', () => {
    expect(states(ask(at(5), 'status'))).toEqual(['n1 UN', 'n2 UN', 'n3 UN', 'n4 UN']);
    expect(states(ask(at(45), 'status'))).toEqual(['n1 UN', 'n2 UN', 'n3 UN', 'n4 UN', 'n5 UJ']);
    expect(states(ask(at(335), 'status'))).toEqual(['n1 UN', 'n2 UN', 'n3 DN', 'n4 UN', 'n5 UN']);
    expect(states(ask(at(470), 'status'))).toEqual(['n1 UN', 'n2 UN', 'n4 UN', 'n5 UN', 'n6 UN']);
    expect(states(ask(at(545), 'status'))).toEqual(['n1 UN', 'n2 UL', 'n4 UN', 'n5 UN', 'n6 UN']);
    expect(states(ask(at(720), 'status'))).toEqual(['n1 UN', 'n4 UN', 'n5 UN', 'n6 UN']);
    expect(ask(at(335), 'status')).toContain('Token ');
    expect(ask(at(335), 'status')).not.toContain('NaN');
  });

  it('describering has a line for each range there is, with its replicas and no others', () => {
    expect(ask(at(45), 'describering ks').match(/TokenRange\(/g)).toHaveLength(4);
    expect([...endpoints(ask(at(720), 'describering ks'))].sort((one, two) => (one < two ? -1 : 1))).toEqual([
      '127.0.0.1',
      '127.0.0.4',
      '127.0.0.5',
      '127.0.0.6',
    ]);
    const [line] = ask(at(720), 'describering ks').match(/ endpoints:\[[^\]]*\]/) ?? [''];
    expect(line.split(',')).toHaveLength(2);
    const versionOf = (moment: Moment): string => ask(moment, 'describering ks').split('\n')[0];
    expect(versionOf(at(470))).toBe(versionOf(at(5)));
    expect(versionOf(at(545))).not.toBe(versionOf(at(5)));
  });

  it('ring has the tokens and states of the moment', () => {
    expect(ask(at(45), 'ring')).toMatch(/127\.0\.0\.5 +\S+ +Up +Joining/);
    expect(ask(at(545), 'ring')).toMatch(/127\.0\.0\.2 +\S+ +Up +Leaving/);
    expect(ask(at(720), 'ring')).not.toContain('127.0.0.2 ');
  });

  it('netstats has the streams of a node that joins, and its mode', () => {
    const seen = (node: number, seconds: number): string => {
      const lines = askMoment(at(seconds), { node, words: ['netstats'], sinceMicros: 0 });
      return Array.isArray(lines) ? lines.join('\n') : '';
    };
    expect(seen(4, 45)).toContain('Mode: JOINING');
    expect(seen(4, 45)).toMatch(
      /^Bootstrap [\da-f-]+\n {4}\/127\.0\.0\.\d\n {8}Receiving \d+ files, [1-9]\d* bytes total/m,
    );
    expect(seen(5, 335)).toContain('Mode: JOINING');
    expect(seen(1, 572)).toMatch(/Mode: LEAVING\nUnbootstrap .*\n.*\n {8}Sending /);
    expect(seen(0, 470)).toContain('Mode: NORMAL');
  });
});
