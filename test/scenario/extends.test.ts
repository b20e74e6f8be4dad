/** `extends`: what a scenario takes from its base, where mistakes point, and that a plan needs no file any more. */
import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../../src/scenario/load.ts';
import { loadPlan, parseEdit, planHash } from '../../src/scenario/load.ts';
import type { Edit } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { OPTIONS, load, scenarioText } from './fake-dialect.ts';
import { unmark } from './marked.ts';

const BASE = scenarioText();

function planOf(text: string, files: Record<string, string>): Plan {
  const { plan, mistakes } = load(text, {}, files);
  if (plan === null) throw new Error(JSON.stringify(mistakes, null, 1));
  return plan;
}

function extended(own: string, base = BASE): Plan {
  return planOf(`extends: base/prod.yaml\n${own}`, { 'base/prod.yaml': base });
}

function foundIn({ mistakes }: LoadResult): string[] {
  return mistakes.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`);
}

describe('what a scenario takes from its base', () => {
  it('all of it where it says nothing else', () => {
    expect(planHash(extended('name: other\n'))).toBe(planHash(planOf(BASE, {})));
  });

  it('single keys of an entry, by its id', () => {
    const plan = extended('faults: { n3-down: { at: 15m } }\nworkload: { checkout: { consistency: ALL } }\n');
    expect(plan.entries.find(({ id }) => id === 'faults.n3-down')).toMatchObject({
      kind: 'crashNode',
      at_micros: 900e6,
    });
    expect(plan.workload['checkout']).toMatchObject({ consistency: 'ALL', mix: { insert: 0.97 } });
  });

  it('not what null removes, and what still refers to it is said', () => {
    expect(extended('repairs: { by-hand: null }\n').entries.map(({ id }) => id)).toEqual(['faults.n3-down']);
    const result = load('extends: b.yaml\nfaults: { n3-down: null }\n', {}, { 'b.yaml': BASE });
    expect(foundIn(result)).toContain('S134 b.yaml:11:79');
  });

  it('an entry of another kind replaces the whole', () => {
    const plan = extended('faults: { n3-down: { fault: partition, node: n2, at: 10m, for: 1m } }\n');
    expect(plan.entries.find(({ id }) => id === 'faults.n3-down')).toMatchObject({ kind: 'cutLink' });
  });

  it('a value in another form replaces the whole, one in the same form is merged', () => {
    expect(extended('workload: { checkout: { rate: { poisson: 5/s } } }\n').workload['checkout'].arrivals).toEqual({
      kind: 'poisson',
      per_second: 5,
    });
    const base = scenarioText({ cluster: 'cluster: { nodes: 3, latencies: { rack: { write: 1ms, ack: 2ms } } }' });
    const legs = 'cluster: { latencies: { rack: { ack: { uniform: [1ms, 3ms] } } } }\n';
    expect(extended(legs, base).links.rack).toMatchObject({
      write: { kind: 'constant', value: 1000 },
      ack: { kind: 'uniform', min: 1000, max: 3000 },
    });
    const drawn = 'cluster: { latencies: { rack: { exponential: 5ms } } }\n';
    expect(extended(drawn, base).links.rack.write).toMatchObject({ kind: 'exponential', mean: 5000 });
  });

  it('expectations and variants, with the file in which they stand', () => {
    const plan = extended(
      'expect: { calm: { check: never, metric: divergent_copies, above: 5 } }\nvariants: { quiet: { edit: { repairs: null }, must_break: [seen, calm] } }\n',
    );
    expect(plan.expect['calm']).not.toHaveProperty('file');
    expect(plan.expect['seen']).toMatchObject({ file: 'base/prod.yaml', line: 13 });
    expect(plan.source.variants['quiet']).toMatchObject({
      edit: { faults: null, repairs: null },
      must_break: ['seen', 'calm'],
      line: 3,
    });
  });

  it('what a chain of several says, the nearest first', () => {
    const files = {
      'base/b.yaml': 'extends: ../c.yaml\nduration: 2h\nseed: 5\nfaults: { n3-down: null }\nrepairs: null\n',
      'c.yaml': BASE,
    };
    const plan = planOf('extends: base/b.yaml\nseed: 6\n', files);
    expect(plan).toMatchObject({ seed: '6', duration_micros: 7200e6, entries: [] });
  });
});

describe('files', () => {
  const base = scenarioText({
    workload: 'workload:\n  checkout: { table: shop.orders, rate: { csv: writes.csv }, consistency: ONE }',
    cluster: 'cluster: { from: [ring.txt], settings: { from: ../conf/db.yaml } }',
    faults: null,
    repairs: null,
    variants: null,
  });
  const files = {
    'bases/prod.yaml': base,
    'bases/writes.csv': 'time,op,key\n1s,insert,a\n',
    'bases/ring.txt': 'a b c',
    'conf/db.yaml': 'batch',
  };

  it('that a base names are read beside it', () => {
    const plan = planOf('extends: bases/prod.yaml\n', files);
    expect(Object.keys(plan.source.imports)).toEqual(['conf/db.yaml', 'bases/ring.txt', 'bases/writes.csv']);
    expect(plan.settings['commitlog_sync']).toBe('batch');
  });

  it('are not needed once there is a plan: it is edited and drawn again from itself', () => {
    const text = JSON.stringify(planOf('extends: bases/prod.yaml\nseed: 3\n', files));
    const edit = parseEdit('set', 'workload.checkout.consistency=ALL') as Edit;
    const { plan, mistakes } = loadPlan('plan.json', text, { ...OPTIONS, edits: [edit] });
    expect(mistakes).toEqual([]);
    expect(plan?.workload['checkout'].consistency).toBe('ALL');
    expect(plan?.expect['seen']).toMatchObject({ file: 'bases/prod.yaml' });
  });
});

describe('mistakes', () => {
  it('point into the file where the value stands', () => {
    const { text, line, column, length } = unmark(scenarioText({ duration: 'duration: «1 hour»' }));
    const result = load('extends: base/prod.yaml\nsettle: 5\n', {}, { 'base/prod.yaml': text });
    expect(result.mistakes.map(({ code, file, line, column }) => [code, file, line, column])).toEqual([
      ['S120', 'base/prod.yaml', line, column],
      ['S120', 'test.yaml', 2, 9],
    ]);
    expect(result.mistakes[0].length).toBe(length);
  });

  it('of an entry of both point at the key that is wrong, in its file', () => {
    const result = load(
      'extends: b.yaml\nfaults:\n  n3-down: { att: 5m }\n',
      {},
      { 'b.yaml': BASE.replace('node: n3', 'node: n9') },
    );
    expect(foundIn(result)).toEqual(['S114 test.yaml:3:14', 'S130 b.yaml:9:34']);
  });

  const refused: [string, string, Record<string, string>, string[]][] = [
    ['a file that is not there', 'extends: no.yaml\n', {}, ['S154 test.yaml:1:10']],
    ['no file at all', 'extends: [a]\n', {}, ['S110 test.yaml:1:10']],
    ['a file that holds no map', 'extends: a.yaml\n', { 'a.yaml': '[1]' }, ['S106 test.yaml:1:10']],
    ['a file that is not YAML', 'extends: a.yaml\n', { 'a.yaml': 'a: [' }, ['S103 a.yaml:1:5']],
    ['itself', 'extends: ./test.yaml\n', {}, ['S155 test.yaml:1:10']],
    [
      'a circle',
      'extends: x/a.yaml\n',
      { 'x/a.yaml': 'extends: b.yaml', 'x/b.yaml': 'extends: ../x/a.yaml' },
      ['S155 x/b.yaml:1:10'],
    ],
  ];
  it.each(refused)('%s', (_name, text, files, found) => {
    expect(foundIn(load(text, {}, files))).toEqual(found);
  });

  it('a chain of too many', () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${index}.yaml`, `extends: ${index + 1}.yaml`]),
    );
    expect(foundIn(load('extends: 0.yaml\n', {}, files))).toEqual(['S155 8.yaml:1:10']);
    const enough = { ...files, '8.yaml': BASE };
    expect(load('extends: 0.yaml\n', {}, enough).mistakes).toEqual([]);
  });

  it('an edit of extends', () => {
    const edit = parseEdit('set', 'extends=b.yaml') as Edit;
    expect(load(BASE, { edits: [edit] }).mistakes.map(({ code }) => code)).toEqual(['E107']);
  });
});
