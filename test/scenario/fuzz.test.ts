/** Whatever is written, the reader answers: a plan, or mistakes with places. It never throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEdit, parseEdit } from '../../src/scenario/load.ts';
import type { LoadResult } from '../../src/scenario/load.ts';
import { load, scenarioText } from './fake-dialect.ts';

const RICH = scenarioText({
  start: 'start: 2026-11-21T02:00:00Z',
  workload:
    'workload:\n  checkout: { table: shop.orders, rate: { poisson: 10/s }, consistency: QUORUM, keys: { zipf: 0.99 }, range: [0, 500], clients: { dc1: 100% }, retry: { attempts: 2, timeout: 2s }, batch: { size: 3, logged: true } }',
  faults:
    'faults:\n  n3-down: { fault: crash, node: n3, mode: process, at: 10m, for: 20m }\n  cut: { fault: partition, between: [n1, n2], way: n1-to-n2, at: { uniform: [1m, 2m] }, for: 1m }\n  lost: { fault: loss, share: 1%, nodes: { pick: 1, of: all }, at: faults.cut.end, until: end - 1m }\n  half: { fault: batch-cut, after: { batch: checkout, index: 5, mutations: 1 } }\n  rot: { fault: damage, node: n1, table: shop.orders, what: corrupt, partitions: 2, at: 2026-11-21T02:30:00Z }',
  probes: 'probes:\n  sight: { probe: read, table: shop.orders, consistency: ONE, every: 1m, reads: 5 }',
  expect:
    'expect:\n  seen: { check: sometimes, metric: divergent_copies, where: { origin: faults.n3-down }, above: 0, during: faults.cut.start .. end }\n  cost: { check: at, at: end, metric: sent_bytes, where: { repair: by-hand }, near: 4GB, within: 5% }',
  variants: 'variants:\n  quiet: { edit: { faults.n3-down: null, model.off: [fakedb.e4] }, must_break: [seen, cost] }',
});

const WORDS = [
  'constructor',
  'toString',
  '__proto__',
  'null',
  '~',
  '{}',
  '[]',
  '-1',
  '0',
  '1e400',
  '.nan',
  '.inf',
  'true',
  '""',
  'n1',
  'all',
  'end',
  'faults.cut.start',
  'faults.constructor.start',
  '{ uniform: [2m, 1m] }',
  '{ pick: 9, of: all }',
  '99999999999999999999',
  '!!binary aGk=',
  '&a 1',
  '*a',
  '? x',
  '- 1',
  '|',
  '1 .. 2',
  '5',
  '5m',
  '-5m',
  '1Q/s',
];

function check({ plan, mistakes }: LoadResult): void {
  expect(plan === null).toBe(mistakes.length > 0);
  for (const mistake of mistakes) {
    expect(mistake.code).toMatch(/^[A-Z]\d{3}$/);
    expect(mistake.message).not.toMatch(/undefined|\[object|function/);
    expect(mistake.length).toBeGreaterThanOrEqual(0);
    if (mistake.file === 'test.yaml') expect(Math.min(mistake.line, mistake.column)).toBeGreaterThan(0);
  }
}

describe('any text', () => {
  it('is sound as it stands', () => {
    expect(load(RICH)).toMatchObject({ mistakes: [], warnings: [] });
  });

  it('with a word replaced', () => {
    const tokens = RICH.split(/([\s,:{}[\]]+)/);
    const words = tokens.map((_, index) => index).filter((index) => index % 2 === 0 && tokens[index] !== '');
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.constantFrom(...WORDS), (index, word) => {
        check(load(tokens.map((token, at) => (at === index ? word : token)).join('')));
      }),
      { numRuns: 120 },
    );
  });

  it('with a piece taken out or repeated', () => {
    const cut = fc.tuple(fc.nat({ max: RICH.length }), fc.nat({ max: 60 }), fc.boolean());
    fc.assert(
      fc.property(cut, ([start, length, twice]) => {
        check(
          load(
            RICH.slice(0, start) +
              (twice ? RICH.slice(start, start + length).repeat(2) : '') +
              RICH.slice(start + length),
          ),
        );
      }),
      { numRuns: 80 },
    );
  });

  it('at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => check(load(text))));
  });
});

describe('any edit', () => {
  const paths = [
    'faults',
    'faults.cut',
    'faults.cut.at',
    'cluster',
    'cluster.nodes',
    'data.tables.shop.orders',
    'workload.checkout.rate',
    'expect.seen',
    'variants.quiet',
    'duration',
    'repairs.by-hand.at',
    'constructor',
    'faults.constructor',
    'a..b',
    '.',
    '"',
  ];

  it('of any place to anything', () => {
    const kinds = fc.constantFrom('set', 'remove', 'shift', 'add' as const);
    fc.assert(
      fc.property(kinds, fc.constantFrom(...paths), fc.constantFrom(...WORDS), (kind, path, word) => {
        const edit = parseEdit(kind, kind === 'remove' ? path : `${path}=${word}`);
        if (isEdit(edit)) check(load(RICH, { edits: [edit] }));
      }),
      { numRuns: 80 },
    );
  });
});
