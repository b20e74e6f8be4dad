/** What an operator of shards sees: tables of influxd-ctl, statistics of queues, log lines, at moments of one story. */
import { describe, expect, it } from 'vitest';
import { load, operatorView } from '../../src/index.ts';

const STORY = `
format: 1
name: small
database: influxdb@1.8
seed: 5
start: 2026-03-02T00:00:00Z
duration: 30m
cluster:
  data_nodes: 3
  meta_nodes: 3
  settings:
    anti-entropy: { enabled: true, check-interval: 1m }
    data: { cache-snapshot-write-cold-duration: 30s, compact-full-write-cold-duration: 1m }
    hinted-handoff: { max-size: 20k }
  devices: { link: 100kbit/s }
data:
  databases: { telegraf: { policies: { day: { duration: 30d, shard_duration: 1d, replication: 2 } } } }
workload:
  agents: { into: telegraf.day, rate: 10/s, series: 100, batch: 20, bytes_per_point: 50, consistency: one, until: 12m }
faults:
  away: { fault: crash, node: n3, mode: process, at: 2m, for: 8m }
repairs:
  by-hand: { repair: manual, at: 25m, steps: ["remove-shard n3:8088 2", "copy-shard n1:8088 n3:8088 2"] }
`;
const plan = load({ text: STORY });
const ask = (at: string, command: string, node = 'n1'): string[] => operatorView(plan, { at, command, node }).lines;

describe('influxd-ctl', () => {
  it('shows as many meta nodes as the scenario has, and numbers data nodes after them', () => {
    const five = load({ text: STORY.replace('meta_nodes: 3', 'meta_nodes: 5') });
    const lines = (of: typeof plan): string[] =>
      operatorView(of, { at: '1m', command: 'influxd-ctl show', node: 'n1' }).lines;
    expect(lines(plan).filter((line) => line.startsWith('meta'))).toHaveLength(3);
    expect(lines(five).filter((line) => line.startsWith('meta'))).toHaveLength(5);
    expect(
      [lines(plan), lines(five)].map((all) => all.find((line) => line.includes('n1:8088'))?.split(' ')[0]),
    ).toEqual(['4', '6']);
  });

  it('tells a machine that says nothing from one that refuses', () => {
    const silent = load({ text: STORY.replace('mode: process', 'mode: power-loss') });
    const view = operatorView(silent, { at: '5m', command: 'show-shards -v', node: 'n1' }).lines.join('\n');
    expect(view).toContain('{ID:6 TCPAddr:n3:8088 Err:i/o timeout}');
  });

  it('shows shards with their owners, sizes and states', () => {
    const [title, line, head, first] = ask('5m', 'influxd-ctl show-shards');
    expect([title, line]).toEqual(['Shards', '==========']);
    expect(head).toMatch(/^ID {2}Database {2}Retention Policy {2}Desired Replicas {2}Shard Group/);
    expect(first).toMatch(/2026-03-02T00:00:00Z {2}2026-03-03T00:00:00Z .*\[\{4 n1:8088\} \{5 n2:8088\}\]$/);
    const verbose = ask('5m', 'show-shards -v').join('\n');
    expect(verbose).toMatch(/TCPAddr:n1:8088 State:hot Size:[1-9]/);
    expect(verbose).toContain('{ID:6 TCPAddr:n3:8088 Err:connection refused}');
  });

  it('shows what differs, and the copies that are made', () => {
    expect(ask('1m', 'entropy show')).toEqual([
      'Entropy',
      '==========',
      expect.stringMatching(/^ID /),
      '',
      'Queued Shards: []',
    ]);
    expect(ask('24m', 'entropy show').join('\n')).toMatch(/^2 +telegraf +day .* diff$/m);
    const copying = ask('25m3s', 'copy-shard-status');
    expect(copying[1]).toMatch(/^n1:8088 +n3:8088 +telegraf +day +2 +[1-9]/);
    expect(ask('25m3s', 'show-shards').join('\n')).toContain('[{4 n1:8088}]');
    expect(ask('repairs.by-hand.end', 'copy-shard-status')).toHaveLength(1);
  });

  it('shows what differs only as far as the asked node hears of it', () => {
    const cutOff = (id: string, other: string): string =>
      `  ${id}: { fault: partition, at: 20m, for: 10m, between: [n1, ${other}] }\n`;
    const cut = load({ text: STORY.replace('repairs:', `${cutOff('one', 'n2')}${cutOff('two', 'n3')}repairs:`) });
    const shown = (node: string): number =>
      operatorView(cut, { at: '24m', command: 'entropy show', node }).lines.filter((line) => / diff$/.test(line))
        .length;
    expect(shown('n1')).toBeLessThan(shown('n2'));
    expect(shown('n3')).toBe(shown('n2'));
  });

  it('shows a shard of a later time from the first point that is written into it', () => {
    const hours = STORY.replace('shard_duration: 1d', 'shard_duration: 1h');
    const ahead = load({ text: hours.replace('until: 12m }', 'until: 12m, future: { share: 10%, by: 2h } }') });
    const shown = (at: string): string =>
      operatorView(ahead, { at, command: 'show-shards', node: 'n1' }).lines.join('\n');
    expect(shown('5m')).toContain('2026-03-02T02:00:00Z');
    expect(shown('0s')).not.toContain('2026-03-02T02:00:00Z');
  });

  it('shows a new owner when its copy is whole, and the old one until it is taken away', () => {
    const moved = load({
      text: STORY.replace(/steps:.*$/m, 'steps: ["copy-shard n1:8088 n3:8088 1", "remove-shard n1:8088 1"] }'),
    });
    const owners = (at: string): string =>
      operatorView(moved, { at, command: 'show-shards', node: 'n2' })
        .lines.find((line) => /^1 /.test(line))
        ?.replace(/^.*Z +/, '') ?? '';
    expect(owners('25m')).toBe('[{4 n1:8088} {5 n2:8088}]');
    expect(operatorView(moved, { at: '25m1s', command: 'copy-shard-status', node: 'n2' }).lines[1]).toMatch(/n3:8088/);
    expect(owners('25m1s')).toBe('[{4 n1:8088} {5 n2:8088}]');
    expect(owners('repairs.by-hand.end')).toBe('[{5 n2:8088} {6 n3:8088}]');
  });

  it('lists nodes in the columns of the version', () => {
    const lines = ask('1m', 'show');
    expect(lines[3]).toMatch(/^4 +n1:8088 +1\.8\.10-c1\.8\.10$/);
    expect(lines.slice(-4)).toEqual([
      expect.stringMatching(/^TCP Address +Version$/),
      ...['meta1', 'meta2', 'meta3'].map((name) => `${name}:8091   1.8.10-c1.8.10`),
    ]);
  });

  it('lists no node that was removed, nor logs what that one does not get', () => {
    const removed = load({ text: STORY.replace(/at: 25m, steps:.*$/m, 'at: 4m, steps: ["remove-data n3:8088"] }') });
    const lines = (at: string, command: string): string =>
      operatorView(removed, { at, command, node: 'n1' }).lines.join('\n');
    expect(lines('3m', 'show')).toContain('n3:8088');
    expect(lines('5m', 'show')).not.toContain('n3:8088');
    expect(lines('12m', 'log')).not.toContain('disabled');
    expect(lines('12m', 'log')).not.toContain('T00:05');
  });
});

describe('a data node', () => {
  it('logs what it drops because its shard is gone', () => {
    const gone = load({
      text: STORY.replace('until: 12m', 'until: 9m').replace(
        'repairs:',
        'operations:\n  drop: { do: influxql, node: n1, run: DROP DATABASE telegraf, at: 9m30s }\nrepairs:',
      ),
    });
    const log = operatorView(gone, { at: '20m', command: 'log', node: 'n3' }).lines;
    expect(log.at(-1)).toMatch(
      /lvl=info msg="drop write request: shard=\d\. shard group does not exist or was deleted" log_id=\? service=cluster$/,
    );
    // It is on the shards' list no more.
    expect(operatorView(gone, { at: '20m', command: 'show-shards', node: 'n1' }).lines).toHaveLength(3);
  });

  it('counts its queues by the names of the database', () => {
    const lines = ask('5m', "SHOW STATS FOR 'hh_processor'");
    expect(lines.slice(0, 2)).toEqual([
      'name: hh_processor',
      expect.stringMatching(/^tags: node=6, path=\/var\/lib\/influxdb\/hh\/6\/\d$/),
    ]);
    expect(lines[2]).toContain('queueBytes');
    expect(ask('5m', 'SHOW STATS').join('\n')).toContain('name: write');
    expect(ask('5m', 'SHOW STATS', 'n3')).toEqual(['ERR: unable to connect to n3:8088']);
  });

  it('logs what an owner did not take', () => {
    const log = ask('9m', 'log');
    expect(log[0]).toMatch(
      /^ts=2026-03-02T00:02:\d\d\.\d{6}Z lvl=info msg="Write failed" log_id=\? service=write node_id=6 shard_id=\d error="dial tcp: connection refused"$/,
    );
    expect(log.some((line) => line.includes('error="hinted handoff queue not empty"'))).toBe(true);
    expect(log.at(-1)).toMatch(/lvl=warn msg="Write shard failed with hinted handoff" .* error="queue is full"$/);
  });

  it('stands on a page beside the truth', () => {
    const page = operatorView(plan, { at: '11m' }).lines;
    expect(page).toContain('— what the operator sees '.padEnd(80, '—'));
    expect(page.join('\n')).toMatch(/hint queue full +\d+/);
  });

  it('is asked for nothing else', () => {
    expect(() => ask('5m', 'nodetool status')).toThrow(/unknown command/);
    expect(() => ask('5m', "SHOW STATS FOR 'httpd'")).toThrow(/no statistics/);
    expect(() => ask('5m', "SHOW STATS FOR 'hh_node'")).toThrow(/no statistics/);
  });
});
