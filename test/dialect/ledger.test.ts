import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fidelityPage } from '../../src/dialect/cassandra/fidelity-page.ts';
import { LEDGER, RULE_IDS, SWITCHABLE_RULE_IDS } from '../../src/dialect/cassandra/rules.ts';
import { settingsOf } from '../../src/dialect/cassandra/settings-table.ts';
import { fidelityPage as influxdbPage } from '../../src/dialect/influxdb/fidelity-page.ts';
import * as influxdb from '../../src/dialect/influxdb/rules.ts';
import { settingsOf as influxdbSettings } from '../../src/dialect/influxdb/settings-table.ts';

/** Switches that no code asks about yet. */
const PENDING_SWITCHES: readonly string[] = [];

const ROOT = new URL('../../', import.meta.url);

/** Sources of all folders but the dialects'. */
function sourceFiles(): { name: string; text: string }[] {
  return readdirSync(new URL('src/', ROOT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('/dialect'))
    .map((entry) => ({ name: entry.name, text: readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8') }));
}

/** Ids that the code of the model asks for or marks, with the file that does. */
function idsInCode(verbs: string, dialect = '(?:cassandra|strategies)'): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { name, text } of sourceFiles()) {
    for (const match of text.matchAll(new RegExp(`\\b(?:${verbs})\\(\\s*'(${dialect}\\.[^']+)'`, 'g')))
      ids.set(match[1], name);
  }
  return ids;
}

describe('the fidelity ledger', () => {
  it('has each rule once, with a title, a fact and a source', () => {
    expect(new Set(RULE_IDS).size).toBe(RULE_IDS.length);
    for (const rule of LEDGER) {
      expect(rule.id).toMatch(/^(?:cassandra\.[a-imr](?:\d+|-)|strategies\.\d[ab]?-)[a-z0-9-]*$/);
      expect(rule.fact.endsWith('.')).toBe(true);
      expect(rule.title.endsWith('.')).toBe(false);
      expect(rule.source.length).toBeGreaterThan(5);
      expect(rule.off?.endsWith('.') ?? false).toBe(false);
    }
  });

  it('covers the rules that the foundation is built on', () => {
    const wanted =
      'a1 a2 a3 a4 a5 a6 a8 a9 a10 a12 a14 a16 a18 a19 a20 a21 a23 a24 a25 a26 a27 a28 b1 b2 b3 b7 b8 b9 b10 b12 b13 b14 b15 b16 b17 b18 b21 b22 b23 b24 b26 b31 e1 e2 e3 e4 e5 e7 e8 e9 e10 e11 e13 e14 e15 e16 e17 f1 f2 f3 f5 g-defaults g-phi g-placement h1 h2 h3 h4 h5 h6 h7 h10';
    expect(wanted.split(' ').filter((id) => !RULE_IDS.includes(`cassandra.${id}`))).toEqual([]);
  });

  it('holds every rule that the code marks', () => {
    const unknown = [...idsInCode('mark|isOff')].filter(([id]) => !RULE_IDS.includes(id));
    expect(unknown).toEqual([]);
  });

  it('calls exactly those rules switchable that the code asks about', () => {
    const asked = [...idsInCode('isOff').keys()];
    expect(asked.filter((id) => !SWITCHABLE_RULE_IDS.includes(id))).toEqual([]);
    expect(SWITCHABLE_RULE_IDS.filter((id) => !asked.includes(id) && !PENDING_SWITCHES.includes(id))).toEqual([]);
  });

  it('is what settings refer to', () => {
    for (const [name, { rules }] of Object.entries(settingsOf('4.1'))) {
      expect([name, rules.filter((id) => !RULE_IDS.includes(id))]).toEqual([name, []]);
    }
  });

  it('is not promised by settings that no code reads', () => {
    const code = sourceFiles().map(({ text }) => text);
    // Only checked: another partitioner is a mistake.
    const names = Object.keys(settingsOf('4.1')).filter((name) => name !== 'partitioner');
    expect(names.filter((name) => !code.some((text) => text.includes(`'${name}'`)))).toEqual([]);
  });

  it('is written to docs/fidelity.md (npm run generate)', () => {
    expect(readFileSync(new URL('docs/fidelity.md', ROOT), 'utf8')).toBe(fidelityPage());
  });
});

describe('the fidelity ledger of InfluxDB', () => {
  it('has each rule once, with a title, a fact and a source, and those of the code', () => {
    expect(new Set(influxdb.RULE_IDS).size).toBe(influxdb.RULE_IDS.length);
    for (const { id, fact, title, source } of influxdb.LEDGER) {
      expect(id).toMatch(/^influxdb\.\d(?:\.\d)?-[a-z-]+$/);
      expect([fact.endsWith('.'), title.endsWith('.'), source.length > 5]).toEqual([true, false, true]);
    }
    const unknown = [...idsInCode('mark|isOff', 'influxdb').keys()].filter((id) => !influxdb.RULE_IDS.includes(id));
    expect(unknown).toEqual([]);
  });

  it('calls exactly those rules switchable that the code asks about', () => {
    // Where a shared part asks, the dialect tells it which rule to ask about: `truncationRule: 'id'`.
    const dialect = readFileSync(new URL('src/dialect/influxdb/dialect.ts', ROOT), 'utf8');
    const told = [...dialect.matchAll(/\b([a-z]+Rule): '(influxdb[.][^']+)'/g)];
    expect(told.filter(([, key]) => !sourceFiles().some(({ text }) => text.includes(`includes(${key})`)))).toEqual([]);
    const ids = [...idsInCode('isOff', 'influxdb').keys(), ...told.map(([, , id]) => id)];
    const asked = ids.sort((left, right) => (left < right ? -1 : 1));
    const named = [...influxdb.SWITCHABLE_RULE_IDS].sort((left, right) => (left < right ? -1 : 1));
    expect(named).toEqual(asked);
  });

  it('is what settings refer to, and the page is what npm run generate writes', () => {
    for (const [name, { rules }] of Object.entries(influxdbSettings('influxdb@1.9.8')))
      expect([name, rules.filter((id) => !influxdb.RULE_IDS.includes(id))]).toEqual([name, []]);
    expect(readFileSync(new URL('docs/fidelity-influxdb.md', ROOT), 'utf8')).toBe(influxdbPage());
  });
});
