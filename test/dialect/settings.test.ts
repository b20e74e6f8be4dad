import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnownUnmodelledSetting } from '../../src/dialect/cassandra/known-settings.ts';
import { inUnits, outOfRange } from '../../src/dialect/cassandra/settings-notation.ts';
import { readSettingsFile } from '../../src/dialect/cassandra/settings-reader.ts';
import { settingsOf } from '../../src/dialect/cassandra/settings-table.ts';
import { CASSANDRA_LINES } from '../../src/dialect/cassandra/versions.ts';
import type { CassandraLine } from '../../src/dialect/cassandra/versions.ts';

const read = (text: string, line: CassandraLine = '4.1') => readSettingsFile(line, { path: 'cassandra.yaml', text });

const SHIPPED = new URL('../../../shared/data/', import.meta.url);
const shipped = (name: string): string | null =>
  existsSync(new URL(name, SHIPPED)) ? readFileSync(new URL(name, SHIPPED), 'utf8') : null;

describe('shipped cassandra.yaml files', () => {
  it.each([
    ['4.1', 'cassandra-4.1.7.yaml'],
    ['5.0', 'cassandra-5.0.1.yaml'],
    ['3.11', 'cassandra-3.11.17.yaml'],
  ] as const)('of %s is read without a mistake', (line, name) => {
    const text = shipped(name);
    if (text === null) return console.warn(`skipped: ${name} is not beside this working copy`);
    const { values, mistakes, notModelled } = read(text, line);
    expect(mistakes).toEqual([]);
    const specs = settingsOf(line);
    expect(Object.keys(values).length).toBeGreaterThan(12);
    // The shipped file writes its defaults out: what it says is what the table says.
    for (const [setting, value] of Object.entries(values))
      expect([setting, value]).toEqual([setting, specs[setting]?.fallback]);
    expect(notModelled).toContain('authenticator');
    expect(notModelled.filter((setting) => Object.hasOwn(specs, setting))).toEqual([]);
  });

  it('hold the settings that incidents turn on', () => {
    const text = shipped('cassandra-4.1.7.yaml');
    if (text === null) return console.warn('skipped: cassandra-4.1.7.yaml is not beside this working copy');
    const { values, notModelled } = read(text);
    expect(values).toMatchObject({
      max_hint_window: 10_800_000_000,
      hinted_handoff_throttle: 1_048_576,
      hints_flush_period: 10_000_000,
      commitlog_sync: 'periodic',
      compaction_throughput: 67_108_864,
      num_tokens: 16,
    });
    for (const setting of notModelled)
      expect([setting, isKnownUnmodelledSetting('4.1', setting)]).toEqual([setting, true]);
  });
});

describe('a name in cassandra.yaml', () => {
  it.each([
    ['max_hint_windw: 3h', 'max_hint_window'],
    ['maxHintWindow: 3h', 'max_hint_window'],
    ['hinted_handof_enabled: false', 'hinted_handoff_enabled'],
    ['max_hint_windw_in_ms: 3', 'max_hint_window_in_ms'],
  ])('%s that is misspelt is a warning', (text, suggestion) => {
    const { mistakes, notModelled } = read(`num_tokens: 16\n${text}`);
    const [key] = text.split(':');
    expect(mistakes).toMatchObject([
      { code: 'D107', severity: 'warning', line: 2, column: 1, length: key.length, suggestion },
    ]);
    expect(notModelled).toEqual([key]);
  });

  it.each(['read_request_timeout_in_ms: 5000', 'read_request_timeout: 5s', 'cdc_enabled: false', 'somebodys_own: 1'])(
    '%s that is another setting is none',
    (text) => {
      for (const line of CASSANDRA_LINES) expect(read(text, line).mistakes).toEqual([]);
    },
  );

  it('of a shipped file is never taken for another, whatever the version', () => {
    for (const name of ['cassandra-3.11.17.yaml', 'cassandra-4.1.7.yaml', 'cassandra-5.0.1.yaml']) {
      const text = shipped(name);
      if (text === null) return console.warn(`skipped: ${name} is not beside this working copy`);
      // Also the settings that are there as a comment.
      const open = text.replaceAll(/^# ?([a-z_]+:)/gm, '$1');
      for (const line of CASSANDRA_LINES)
        for (const each of [text, open])
          expect(read(each, line).mistakes.filter(({ code }) => code === 'D107')).toEqual([]);
    }
  });
});

describe('a file that is no cassandra.yaml', () => {
  it.each([
    ['a\nb: \u0000x', 2, 4, 'not a text file: it holds control characters'],
    ['\ufffdPNG', 1, 1, 'not a text file: it is not UTF-8'],
    ['['.repeat(9000), 1, 65, 'nested more than 64 levels deep'],
    [`# ${'x'.repeat(1024 * 1024)}`, 1, 1, 'the file has 1048578 characters'],
    ['a: [}', 1, 5, 'not YAML: flow'],
    ['- 1', 1, 1, 'cassandra.yaml is not a map of settings'],
  ])('%# is refused in words of ours', (text, line, column, message) => {
    const { values, mistakes } = read(text);
    expect(values).toEqual({});
    expect(mistakes).toMatchObject([{ code: 'D101', line, column, message: expect.stringContaining(message) }]);
  });
});

describe('notation', () => {
  it.each([
    ['max_hint_window: 3h', 'max_hint_window', 10_800_000_000],
    ['max_hint_window: 10800000ms', 'max_hint_window', 10_800_000_000],
    ['max_hint_window_in_ms: 10800000', 'max_hint_window', 10_800_000_000],
    ['hinted_handoff_throttle: 1024KiB', 'hinted_handoff_throttle', 1_048_576],
    ['hinted_handoff_throttle_in_kb: 1024', 'hinted_handoff_throttle', 1_048_576],
    ['stream_throughput_outbound: 24MiB/s', 'stream_throughput_outbound', 25_165_824],
    ['stream_throughput_outbound_megabits_per_sec: 200', 'stream_throughput_outbound', 25_000_000],
    ['compaction_throughput_mb_per_sec: 64', 'compaction_throughput', 67_108_864],
    ['hinted_handoff_enabled: no', 'hinted_handoff_enabled', false],
    ['hinted_handoff_disabled_datacenters:\n  - dc1\n  - dc2', 'hinted_handoff_disabled_datacenters', ['dc1', 'dc2']],
    ['hinted_handoff_disabled_datacenters: dc1, dc2', 'hinted_handoff_disabled_datacenters', ['dc1', 'dc2']],
    ['phi_convict_threshold: 12', 'phi_convict_threshold', 12],
    ['x: &w 1h\nmax_hint_window: *w', 'max_hint_window', 3_600_000_000],
    ["max_hint_window: '1d'", 'max_hint_window', 86_400_000_000],
  ])('%s', (text, name, value) => {
    const { values, mistakes } = read(text);
    expect(mistakes).toEqual([]);
    expect(values[name]).toEqual(value);
  });

  it('leaves a setting without a value at its default', () => {
    expect(read('repair_session_space:\nmax_hint_window: ~\n')).toEqual({ values: {}, notModelled: [], mistakes: [] });
  });

  it('takes the 0 that stands for a default as no value', () => {
    expect(read('concurrent_validations: 0')).toEqual({ values: {}, notModelled: [], mistakes: [] });
    expect(read('concurrent_compactors: 0').mistakes).toMatchObject([{ code: 'D104', expected: 'at least 1' }]);
  });

  it('finds every setting again in its own notation', () => {
    for (const line of ['4.1', '5.0'] as const) {
      for (const [name, spec] of Object.entries(settingsOf(line))) {
        const { fallback, type } = spec;
        if (fallback === null || Array.isArray(fallback)) continue;
        const { values, mistakes } = read(
          `${name}: ${typeof fallback === 'number' ? inUnits(type, fallback) : String(fallback)}`,
          line,
        );
        expect([name, mistakes, values[name]]).toEqual([name, [], fallback]);
      }
    }
  });
});

describe('mistakes', () => {
  it.each([
    [
      'max_hint_window: 10800000',
      'D103',
      1,
      18,
      'a whole number with a unit: d, h, m, s, ms, us (such as 3h or 10000ms)',
    ],
    [
      '# a comment\n\nmax_hint_window: 3H',
      'D103',
      3,
      18,
      'a whole number with a unit: d, h, m, s, ms, us (such as 3h or 10000ms)',
    ],
    ['max_hint_window_in_ms: 3h', 'D103', 1, 24, 'a whole number without a unit'],
    ['hinted_handoff_throttle: 1MB', 'D103', 1, 26, 'a whole number with a unit: B, KiB, MiB, GiB (such as 1024KiB)'],
    [
      'stream_throughput_outbound: 24MiB',
      'D103',
      1,
      29,
      'a whole number with a unit: B/s, KiB/s, MiB/s (such as 24MiB/s)',
    ],
    ['num_tokens: many', 'D103', 1, 13, 'a whole number'],
    ['num_tokens: [16]', 'D103', 1, 13, 'a whole number'],
    ['hinted_handoff_enabled: 1', 'D103', 1, 25, 'true or false'],
    ['phi_convict_threshold: 4', 'D104', 1, 24, 'at least 5'],
    ['phi_convict_threshold: 17', 'D104', 1, 24, 'at most 16'],
    ['commitlog_sync: perodic', 'D104', 1, 17, 'periodic | batch | group'],
    [
      'partitioner: org.apache.cassandra.dht.RandomPartitioner',
      'D104',
      1,
      14,
      'org.apache.cassandra.dht.Murmur3Partitioner | Murmur3Partitioner',
    ],
    ['max_hint_window: 3h\nmax_hint_window_in_ms: 1', 'D105', 2, 1, 'only max_hint_window'],
    ['- a\n- b', 'D101', 1, 1, 'lines such as max_hint_window: 3h'],
  ])('%j', (text, code, line, column, expected) => {
    const { mistakes } = read(text);
    expect(mistakes).toMatchObject([{ code, line, column, expected, file: 'cassandra.yaml', severity: 'mistake' }]);
  });

  it('name the near word of a closed list', () => {
    expect(read('commitlog_sync: perodic').mistakes[0]?.suggestion).toBe('commitlog_sync: periodic');
  });

  it('are warnings where the database itself takes the last of two', () => {
    const { values, mistakes } = read('max_hint_window: 1h\nmax_hint_window: 2h');
    expect(values.max_hint_window).toBe(7_200_000_000);
    expect(mistakes).toMatchObject([{ code: 'D106', severity: 'warning', line: 1, column: 1 }]);
  });

  it('are never made of unknown settings, nested ones neither', () => {
    const text =
      'no_such_setting: 1\nmemtable:\n  configurations:\n    skiplist: { class_name: X }\nmax_hint_window: 1h\n';
    expect(read(text, '5.0')).toEqual({
      values: { max_hint_window: 3_600_000_000 },
      notModelled: ['no_such_setting', 'memtable'],
      mistakes: [],
    });
  });

  it('in the YAML itself have a place', () => {
    expect(read('max_hint_window: 3h\nbad: {\n').mistakes[0]).toMatchObject({ code: 'D101', line: 3 });
  });

  it('come with any text whatever, never a throw', () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('[', '{a: 1}', '*x', '&x', '-1h', '99999999999999999999d', '1e3', '!!binary x', '? y'),
    );
    const key = fc.oneof(fc.constantFrom(...Object.keys(settingsOf('4.1'))), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 5 }), (pairs) => {
        const { values, mistakes } = read(pairs.map(([name, text]) => `${name}: ${text}`).join('\n'));
        for (const mistake of mistakes) expect(mistake.line).toBeGreaterThan(0);
        for (const [name, read_] of Object.entries(values))
          expect(outOfRange(settingsOf('4.1')[name], read_)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe('the table', () => {
  it('gives defaults by version', () => {
    const fallbacks = (name: string) => CASSANDRA_LINES.map((line) => settingsOf(line)[name]?.fallback);
    expect(fallbacks('num_tokens')).toEqual([256, 256, 256, 256, 256, 16, 16, 16]);
    expect(fallbacks('hint_window_persistent_enabled')).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      true,
      true,
    ]);
    expect(fallbacks('repair_request_timeout').slice(4)).toEqual([undefined, 60e6, 120e6, 120e6]);
    expect(fallbacks('stream_throughput_outbound').slice(4)).toEqual([25e6, 25e6, 25_165_824, 25_165_824]);
  });

  it('keeps modelled and unmodelled names apart', () => {
    for (const name of Object.keys(settingsOf('4.1')))
      expect([name, isKnownUnmodelledSetting('4.1', name)]).toEqual([name, false]);
  });
});
