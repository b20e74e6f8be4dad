import { describe, expect, it } from 'vitest';
import { dialects } from '../../src/dialect/index.ts';
import { cassandra } from '../../src/dialect/cassandra/dialect.ts';
import { CASSANDRA_LINES, CASSANDRA_VERSIONS, versionOf } from '../../src/dialect/cassandra/versions.ts';
import { RING_SAMPLE } from '../import/samples.ts';

const resolve = (requested: string) => cassandra.resolve(requested);
const mistakeOf = (requested: string) => {
  const result = resolve(requested);
  if (!('mistake' in result)) throw new Error(`${requested} was resolved`);
  return result.mistake;
};

describe('versions', () => {
  it('resolve a line to its patch', () => {
    expect(resolve('cassandra@4.1')).toEqual({ database: 'cassandra@4.1.7' });
    expect(resolve('cassandra@4.1.7')).toEqual({ database: 'cassandra@4.1.7' });
    expect(CASSANDRA_LINES.map((line) => versionOf(line)?.patch)).toEqual([
      '2.0.17',
      '2.1.22',
      '2.2.19',
      '3.0.30',
      '3.11.17',
      '4.0.14',
      '4.1.7',
      '5.0.1',
    ]);
  });

  it.each([
    ['cassandra@4.2', 'there is no cassandra 4.2', 'database: cassandra@4.1'],
    ['cassandra@6.0', 'there is no cassandra 6.0', 'database: cassandra@5.0'],
    ['cassandra@4.1.3', 'of cassandra 4.1 the patch 4.1.7 is known, not 4.1.3', 'database: cassandra@4.1'],
    ['cassandra', 'the database needs a version, because facts turn on it', 'database: cassandra@4.1'],
    ['casandra@4.1', 'there is no database "casandra"', 'database: cassandra@4.1'],
    ['cassandra@', 'the database needs a version, because facts turn on it', 'database: cassandra@4.1'],
    ['4.1', 'there is no database "4.1"', 'database: cassandra@4.1'],
  ])('%s is a mistake', (requested, message, suggestion) => {
    expect(mistakeOf(requested)).toMatchObject({ code: 'D110', message, found: requested, suggestion });
  });

  it('differ in what repair does by default (table d)', () => {
    const kinds = CASSANDRA_LINES.map((line) => CASSANDRA_VERSIONS[line].repair);
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'full',
      'full',
      'incremental',
      'incremental',
      'incremental',
      'incremental',
      'incremental',
      'incremental',
    ]);
    expect(kinds.slice(0, 3).map(({ parallelism }) => parallelism)).toEqual(['sequential', 'sequential', 'parallel']);
  });
});

describe('the assembled dialect', () => {
  it('is registered and whole', () => {
    expect(dialects.map(({ name }) => name)).toEqual(['cassandra', 'influxdb']);
    expect(Object.keys(cassandra.settings('cassandra@4.1.7')).length).toBeGreaterThan(20);
    expect(cassandra.isKnownUnmodelled('cassandra@4.1.7', 'endpoint_snitch')).toBe(true);
    expect(cassandra.isKnownUnmodelled('cassandra@4.1.7', 'endpoint_snicth')).toBe(false);
    for (const name of ['read_request_timeout_in_ms', 'repair_session_space_in_mb', 'heap_dump_path', 'num_tokens'])
      expect([name, cassandra.isOfAnyVersion(name)]).toEqual([name, true]);
    expect(cassandra.isOfAnyVersion('read_request_timeot')).toBe(false);
    expect(cassandra.readTopology([{ path: 'ring.txt', text: RING_SAMPLE }]).nodes).toHaveLength(2);
    expect(cassandra.consistencyLevels('cassandra@4.1.7')).toContain('EACH_QUORUM');
    expect(cassandra.notModelled('cassandra@4.1.7').every((sentence) => sentence.endsWith('.'))).toBe(true);
  });

  it('has latencies that rise with distance', () => {
    const { local, rack, dc, wan } = cassandra.defaultLatencies();
    const least = [local, rack, dc, wan].map(({ write }) =>
      write.kind === 'uniform' ? write.min : write.kind === 'exponential' ? write.offset : NaN,
    );
    expect(least).toEqual([...least].sort((left, right) => left - right));
    expect(least[0]).toBeGreaterThan(0);
  });
});
