/** Files of a real cluster: influxdb.conf, and what influxd-ctl prints. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readTopology } from '../../src/dialect/influxdb/influxd-ctl/topology.ts';
import { readSettingsFile } from '../../src/dialect/influxdb/settings-reader.ts';
import { dialects } from '../../src/dialect/index.ts';
import { loadScenario } from '../../src/scenario/load.ts';

const read = (text: string) => readSettingsFile('influxdb@1.8.10', { path: 'influxdb.conf', text });

describe('influxdb.conf', () => {
  it('has max-writes-pending by the name that it has in documents of 1.8 and 1.9, too', () => {
    const { values, notModelled } = read('[hinted-handoff]\n  max-pending-writes = 1\n');
    expect(values).toEqual({ 'hinted-handoff.max-writes-pending': 1 });
    expect(notModelled).toEqual([]);
  });

  it('gives modelled settings in base units, and lists the others', () => {
    const { values, notModelled, mistakes } = read(
      'bind-address = ":8088"\n[hinted-handoff]\n  max-size = 1073741824 # bytes\n  max-age = "24h0m0s"\n[data]\n  cache-snapshot-memory-size = "25m"\n[http]\n  auth-enabled = true\n[[graphite]]\n  enabled = false\n',
    );
    expect(mistakes).toEqual([]);
    expect(values).toEqual({
      'hinted-handoff.max-size': 1073741824,
      'hinted-handoff.max-age': 86_400e6,
      'data.cache-snapshot-memory-size': 26_214_400,
    });
    expect(notModelled).toEqual(['bind-address', 'http.auth-enabled', 'graphite']);
  });

  it.each<[string, string, code: string, line: number, column: number]>([
    ['a bare number for a time', '[hinted-handoff]\n  max-age = 24\n', 'D303', 2, 13],
    ['a size for a time', '[hinted-handoff]\nmax-age = "10g"\n', 'D303', 2, 11],
    ['days', '[hinted-handoff]\nmax-age = "7d"\n', 'D303', 2, 11],
    ['a value out of range', '[hinted-handoff]\nretry-concurrency = 0\n', 'D304', 2, 21],
    ['a cut file', '[hinted-handoff]\nmax-age = "24h\n', 'D301', 2, 15],
    ['a slip', '[hinted-handoff]\nmax-agee = "24h"\n', 'D307', 2, 1],
  ])('says where %s stands', (_name, text, code, line, column) => {
    const { mistakes } = read(text);
    expect(mistakes.map((mistake) => [mistake.code, mistake.line, mistake.column])).toEqual([[code, line, column]]);
  });

  it('of a whole sample is read without a mistake', () => {
    const sample = new URL('../../../shared/data/influxdb-cluster-sample.toml', import.meta.url);
    if (!existsSync(sample))
      return console.warn('skipped: influxdb-cluster-sample.toml is not beside this working copy');
    const { values, notModelled, mistakes } = read(readFileSync(sample, 'utf8'));
    expect(mistakes).toEqual([]);
    // All that matters to the model is commented out in it.
    expect(values).toEqual({});
    expect(notModelled).toEqual([
      ...['meta.dir', 'data.dir', 'data.wal-dir', 'data.series-id-set-cache-size'],
      ...['graphite', 'collectd', 'opentsdb', 'udp', 'hinted-handoff.dir'],
    ]);
  });
});

const SHOW = `Data Nodes
==========
ID      TCP Address    HTTP Address   Version   Labels             Passive
26      data1:8088     data1:8086     v1.12.4   {"az":"us-west"}   false
33      data3:8088     data3:8086     v1.12.4   {"az":"us-west"}   false
5       data2:8088     data2:8086     v1.12.4   {}                 false

Meta Nodes
==========
ID      Raft Address   HTTP Address   Version   Labels
1       meta1:8089     meta1:8091     v1.12.4   {"az":"us-west"}
`;
const OLD_SHOW = `Data Nodes
==========
ID   TCP Address                 Version
4    enterprise-data-01:8088     1.7.10-c1.7.10
`;
const HEAD = `Shards
==========
ID  Database    Retention Policy  Desired Replicas  Shard Group  Start                 End                   Expires               Owners
`;
const SHARDS = `${HEAD}51  telegraf    autogen           2                 37           2023-01-01T00:00:00Z  2023-01-08T00:00:00Z  2023-07-08T00:00:00Z  [{26 data1:8088} {33 data3:8088}]
52  telegraf    autogen           2                 37           2023-01-01T00:00:00Z  2023-01-08T00:00:00Z  2023-07-08T00:00:00Z  [{ID:5 TCPAddr:data2:8088 State:cold LastModified:2023-01-02 00:00:00 Size:1 Err:<nil>} {ID:26 TCPAddr:data1:8088 State:hot}]
22  telegraf    forever           2                 3            2017-01-26T00:00:00Z  2017-01-26T18:05:36.418734949Z*              [{26 data1:8088} {5 data2:8088}]
`;
const topology = (...texts: string[]) => readTopology(texts.map((text, index) => ({ path: `${index}.txt`, text })));

describe('outputs of influxd-ctl', () => {
  it('give nodes by number and shards with owners in both spellings', () => {
    const { nodes, shards = [], mistakes } = topology(SHOW, SHARDS);
    expect(mistakes).toEqual([]);
    expect(nodes.map(({ id, address }) => [id, address])).toEqual([
      ['data2', 'data2:8088'],
      ['data1', 'data1:8088'],
      ['data3', 'data3:8088'],
    ]);
    expect(shards.map(({ number, owners }) => [number, ...owners])).toEqual([
      [51, 'data1', 'data3'],
      [52, 'data2', 'data1'],
      [22, 'data1', 'data2'],
    ]);
    expect(shards.map(({ isTruncated, expiresMicros }) => [isTruncated, expiresMicros === null])).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ]);
    expect(topology(OLD_SHOW).nodes.map(({ id }) => id)).toEqual(['enterprise-data-01']);
  });

  it.each<[string, string, code: string, line: number, column: number]>([
    ['an unknown owner', SHARDS.replace('{33 data3:8088}', '{34 data4:8088}'), 'I303', 4, 169],
    ['a line without owners', `${HEAD}51  telegraf  autogen  2  37\n`, 'I302', 4, 1],
    [
      'a time that is none',
      SHARDS.replace('2023-01-08T00:00:00Z', '2023-13-08T00:00:00Z'),
      'I302',
      4,
      SHARDS.split('\n')[3].indexOf('2023-01-08') + 1,
    ],
    ['a shard twice', SHARDS.replace('\n52', '\n51'), 'I304', 5, 1],
    ['another output', 'ID  Name\n', 'I301', 1, 1],
  ])('say where %s stands', (_name, text, code, line, column) => {
    const { mistakes } = topology(SHOW, text);
    const [first] = mistakes;
    expect([first.file, first.code, first.line]).toEqual(['1.txt', code, line]);
    if (code === 'I303') expect(text.split('\n')[first.line - 1].slice(first.column - 1)).toMatch(/^\{34 data4:8088\}/);
    else expect(first.column).toBe(column);
  });

  it('become the shards of a plan, and new groups where they leave room', () => {
    const text = `format: 1\ndatabase: influxdb@1.8\nstart: 2023-01-07T23:00:00Z\nduration: 2h\ncluster: { from: [show.txt, shards.txt] }\ndata: {}\nworkload: { a: { into: telegraf.autogen, rate: 1/s, series: 10, consistency: one } }\n`;
    const files: Record<string, string> = { 'show.txt': SHOW, 'shards.txt': SHARDS };
    const input = { file: 'x.yaml', text, readFile: (path: string) => ({ text: files[path] }) };
    const { plan, mistakes } = loadScenario(input, { dialects, version: '0.1.0' });
    expect(mistakes).toEqual([]);
    const tables = plan?.tables ?? [];
    expect(tables.slice(0, 2).map(({ id, owners }) => [id, ...(owners ?? [])])).toEqual([
      ['telegraf.autogen.51', 'data1', 'data3'],
      ['telegraf.autogen.52', 'data2', 'data1'],
    ]);
    expect(tables.slice(2).map(({ id }) => id)).toEqual([53, 54, 55].map((number) => `telegraf.autogen.${number}`));
    expect(tables[2].shard?.from_micros).toBe(3600e6);
  });
});
