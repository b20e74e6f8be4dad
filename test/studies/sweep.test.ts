/** A study as data: what its file means, its cells, its looks; and that chance can be varied one purpose at a time. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownNames } from '../../src/cli/input.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { run } from '../../src/run/run.ts';
import { cellsOf, cellsToTry } from '../../src/studies/sweep/cells.ts';
import { looksOf, addressOf, runsUpTo } from '../../src/studies/sweep/progress-of-study.ts';
import type { RunRecord } from '../../src/studies/sweep/progress-of-study.ts';
import { readStudy } from '../../src/studies/sweep/read-study.ts';
import { STUDY_MISTAKES } from '../../src/studies/sweep/study-shape.ts';
import type { Study } from '../../src/studies/sweep/study.ts';
import { summarize } from '../../src/studies/sweep/summary.ts';

const HEAD = 'format: 1\nstudy: one\nscenario: away.yaml\nmeasure: [divergent_row_hours]\n';

function study(text: string, head = HEAD): Study {
  const { read, mistakes } = readStudy('one.study.yaml', head + text);
  if (read === null) throw new Error(JSON.stringify(mistakes));
  return { ...read.study, cells: cellsOf(read, ['repairs', 'expect']).cells };
}

function found(text: string, head = HEAD): string[] {
  const { mistakes } = readStudy('one.study.yaml', head + text);
  return mistakes.map(({ code, line, column, suggestion }) => `${code} ${line}:${column} ${suggestion ?? ''}`.trim());
}

describe('a study of another format', () => {
  it('a newer one is in order: another program reads it', () => {
    const { mistakes } = readStudy('s.yaml', 'format: 2\nstudy: S\nscenario: a.yaml\nmeasure: [sent_bytes]\nnew: 1\n');
    expect(mistakes).toMatchObject([
      { code: 'T130', line: 1, notes: [expect.stringContaining('a newer Reconverge wrote it')] },
    ]);
  });
});

describe('axes', () => {
  it('are lists and grids, in the unit in which they were written', () => {
    const { axes } = study(
      'axes:\n  a: [1h, 90m]\n  b: { from: 1h, to: 2h, steps: 3 }\n  c: { from: 0.1, to: 0.4, by: 0.1 }\n  d: [yes, null]\n  e: { from: 1MB, to: 3MB, by: 1MB }\n',
    );
    expect(axes.map(({ values }) => values)).toEqual([
      ['1h', '90m'],
      ['1h', '1h30m', '2h'],
      [0.1, 0.2, 0.3, 0.4],
      ['yes', null],
      ['1000000B', '2000000B', '3000000B'],
    ]);
    expect(axes.map(({ type, unit }) => [type, unit])).toEqual([
      ['micros', 'us'],
      ['micros', 'us'],
      ['double', null],
      ['text', null],
      ['whole', 'bytes'],
    ]);
  });

  it('of a Latin hypercube have one value in each part of their range, in an order of their own', () => {
    const text = 'latin_hypercube: { points: 8, ranges: { a: { from: 0, to: 8 }, b: { from: 0, to: 8 } } }\n';
    const [a, b] = study(text).axes.map(({ values }) => values.map(Number));
    for (const values of [a, b])
      expect(values.map(Math.floor).toSorted((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(a.map(Math.floor)).not.toEqual(b.map(Math.floor));
    expect(study(text).axes).toEqual(study(text).axes);
  });

  it('may be rates, of which both ends are of the same thing in the same time', () => {
    const { axes } = study(
      'axes:\n  a: { from: 1k/s, to: 3k/s, steps: 3 }\n  b: { from: 10 points/s, to: 30 points/s, by: 10 points/s }\n  c: { from: 16MB/s, to: 24MB/s, steps: 2 }\n  d: [1/s, 60/min]\n' +
        'latin_hypercube: { points: 2, ranges: { e: { from: 10/s, to: 20/s, whole: true } } }\n',
    );
    expect(axes.slice(0, 4).map(({ values }) => values)).toEqual([
      ['1000/s', '2000/s', '3000/s'],
      ['10 points/s', '20 points/s', '30 points/s'],
      ['16000000B/s', '24000000B/s'],
      ['1/s', '60/min'],
    ]);
    for (const value of axes[4].values) expect(String(value)).toMatch(/^1\d\/s$|^20\/s$/);
    expect(axes.map(({ type, unit }) => [type, unit])).toEqual([
      ['double', '/s'],
      ['double', 'points/s'],
      ['double', 'bytes/s'],
      ['text', null],
      ['double', '/s'],
    ]);
    expect(found('axes:\n  a: { from: 1/s, to: 90/min, steps: 2 }\n')).toEqual(['T102 6:23']);
  });

  it('cross each other, the repairs and the points', () => {
    const text =
      'axes: { a: [1, 2], b: [3, 4] }\nrepairs: { x: { r: {} }, none: {} }\nlatin_hypercube: { points: 3, ranges: { c: { from: 0, to: 1 } } }\n';
    const { cells } = study(text);
    expect(cells).toHaveLength(2 * 2 * 2 * 3);
    expect(new Set(cells.map((cell) => JSON.stringify([cell.repairs, cell.values]))).size).toBe(24);
    // What is expected goes; no repairs at all removes the section that there is.
    expect(cells[0].edits.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'remove expect',
      'set repairs',
      'set a',
      'set b',
      'set c',
    ]);
    expect(cells.at(-1)?.edits[1]).toMatchObject({ kind: 'remove', path: 'repairs' });
    // Each value of each factor is in one of the cells that are tried.
    const tried = cellsToTry(cells);
    expect(tried.length).toBeLessThan(cells.length);
    for (const own of [0, 1, 2])
      expect(new Set(tried.map(({ values }) => values[own]))).toEqual(new Set(cells.map(({ values }) => values[own])));
  });
});

describe('mistakes of a study', () => {
  it('have their place and the nearest word', () => {
    expect(found('seedz: 1..3\n')).toEqual(['S114 5:1 seeds']);
    expect(found('axes:\n  a: { from: 2h, to: 1h, steps: 2 }\n')).toEqual(['T102 6:22']);
    expect(found('axes:\n  a: { from: 1h, to: 5MB, steps: 2 }\n')).toEqual(['T102 6:22']);
    expect(found('axes:\n  a: { from: 1h, to: 5h, steps: 2, by: 1h }\n')).toEqual(['T102 6:40']);
    expect(found('axes:\n  a: [1h, 2h, 1h]\n')).toEqual(['T103 6:15']);
    expect(found('axes:\n  seed: [1, 2]\n')).toEqual(['T105 6:3']);
    expect(found('axes:\n  a.b: [1, 2]\n  a_b: [3]\n')).toEqual(['T105 7:3']);
    expect(found('seeds: { from: x, count: 3 }\n')).toEqual(['T106 5:16']);
    expect(found('seeds: { count: 3, vary: [fault] }\n')[0]).toBe('T108 5:27 faults');
    expect(found('', HEAD.replace('divergent_row_hours', 'divergent_row_hour'))).toEqual([
      'T110 4:11 divergent_row_hours',
    ]);
    expect(found('', HEAD.replace('divergent_row_hours', '{ metric: wrong_rows, where: { node: n1 } }'))).toEqual([
      'T111 4:42',
    ]);
    expect(found('', HEAD.replace('divergent_row_hours', '{ metric: sent_bytes, take: highest }'))).toEqual([
      'T112 4:39',
    ]);
    expect(found('seeds: { count: 9 }\nstop: { metric: divergent_row_hour, half_width: 5%, looks: [5] }\n')).toEqual([
      'T113 6:17 divergent_row_hours',
    ]);
    expect(found('seeds: { count: 9 }\nstop: { metric: divergent_row_hours, half_width: 0, looks: [5] }\n')).toEqual([
      'T114 6:50',
    ]);
    for (const looks of ['[4]', '[10]', '[7, 6]'])
      expect(
        found(`seeds: { count: 9 }\nstop: { metric: divergent_row_hours, half_width: 1, looks: ${looks} }\n`)[0],
      ).toMatch(/^T115/);
    expect(found('', 'format: 1\ndatabase: cassandra@4.1\n')).toEqual(['T100 2:1']);
    expect(found('', '- 1\n')).toEqual(['T100 1:1']);
  });

  it('are all in their registry, and no other', () => {
    const folders = ['../../src/studies/sweep/', '../../src/cli/sweeping/'].map(
      (name) => new URL(name, import.meta.url),
    );
    const texts = folders.flatMap((folder) =>
      readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8')),
    );
    const used = new Set([...texts.join('').matchAll(/'(T\d{3})'/g)].map((match) => match[1]));
    expect([...used].toSorted()).toEqual(Object.keys(STUDY_MISTAKES));
  });

  it('are too many cells', () => {
    const { read } = readStudy(
      'x',
      `${HEAD}axes: { a: { from: 1, to: 200, by: 1 }, b: { from: 1, to: 200, by: 1 } }\n`,
    );
    expect(read !== null && cellsOf(read, []).mistakes.map(({ code }) => code)).toEqual(['T104']);
  });
});

describe('looks', () => {
  const stopped = study(
    'axes: { a: [1, 2] }\nseeds: 1..20\nstop: { metric: divergent_row_hours, half_width: 1, looks: [5, 10] }\n',
  );
  const records = (seeds: number, value: (seed: number) => number | null): Map<string, RunRecord> =>
    new Map(
      runsUpTo(stopped, seeds).map(({ cell, seed }) => [
        addressOf({ cell, seed }),
        { run_id: '', cell, seed, outcome: 'done', plan_hash: '', fingerprint: '', values: [value(Number(seed))] },
      ]),
    );

  it('say when it is enough, at a confidence that they share', () => {
    expect(
      looksOf(
        stopped,
        records(4, () => 1),
      ).due,
    ).toBe(5);
    const narrow = looksOf(
      stopped,
      records(5, (seed) => 100 + (seed % 2) / 10),
    );
    expect(narrow).toMatchObject({ due: null, looks: [{ seeds: 5, isEnough: true, wide: 0 }] });
    // Three looks: 5 and 10 as written, and all 20.
    expect(narrow.looks[0].confidence).toBeCloseTo(1 - 0.05 / 3, 12);
    const wide = looksOf(
      stopped,
      records(5, (seed) => 100 * seed),
    );
    expect(wide).toMatchObject({ due: 10, looks: [{ seeds: 5, isEnough: false, wide: 2 }] });
    expect(
      looksOf(
        stopped,
        records(20, (seed) => 100 * seed),
      ),
    ).toMatchObject({ due: null, looks: [{}, {}, { seeds: 20, wide: 2 }] });
  });

  it('are not satisfied by cells without values', () => {
    expect(
      looksOf(
        stopped,
        records(5, () => null),
      ).looks,
    ).toMatchObject([{ isEnough: false, wide: 2 }]);
  });

  it('leave no interval below five seeds', () => {
    const few = summarize(
      stopped,
      records(4, (seed) => seed),
    );
    expect(few.cells[0].means[0]).toMatchObject({ mean: 2.5, halfWidth: null });
    // 1..5: mean 3, deviation 1.5811, t(0.975, 4) = 2.7764.
    expect(
      summarize(
        stopped,
        records(5, (seed) => seed),
      ).cells[0].means[0]?.halfWidth,
    ).toBeCloseTo(1.9632, 3);
  });
});

const SCENARIO = `format: 1
database: cassandra@4.1
duration: 10m
cluster: { nodes: { dc1: { r1: 4 } }, settings: { num_tokens: 4 } }
data:
  keyspaces: { shop: { replication: 3 } }
  tables: { shop.orders: { partitions: 2000, row: 1kB, loaded: equal } }
workload: { orders: { table: shop.orders, rate: 2/s, keys: uniform, consistency: QUORUM } }
faults:
  away: { fault: stop, node: { pick: 1, of: all }, at: { uniform: [1m, 5m] }, for: 2m }
  lossy: { fault: loss, between: [n1, n2], share: 5%, at: 1m, for: 1m }
probes: { look: { probe: read, table: shop.orders, consistency: ONE, every: 1m, reads: 20 } }
`;

describe('seeds by purpose', () => {
  const planOf = (seeds: string, seed = '2'): Plan => {
    const input = { file: 'x.yaml', text: `${SCENARIO}${seeds}`, readFile: () => ({ error: 'none' }) };
    const { plan, mistakes } = loadScenario(input, { ...knownNames(), seed });
    if (plan === null) throw new Error(JSON.stringify(mistakes));
    return plan;
  };
  const parts = (plan: Plan): Record<string, unknown> => ({
    tokens: plan.nodes.map(({ tokens }) => tokens),
    faults: plan.entries.filter(({ id }) => id.startsWith('faults.')),
  });

  it('vary what they name and hold all else', () => {
    const first = parts(planOf('', '1'));
    const held = parts(planOf('seeds: { faults: 1, tokens: 1, network: 1, rest: 1 }\n'));
    expect(held).toEqual(first);
    expect(parts(planOf('seeds: { tokens: 1 }\n'))).toMatchObject({ tokens: first['tokens'] });
    expect(parts(planOf('seeds: { tokens: 1 }\n'))['faults']).not.toEqual(first['faults']);
    expect(parts(planOf('seeds: { faults: 1 }\n'))['tokens']).not.toEqual(first['tokens']);
    expect(parts(planOf('seeds: { faults: 1 }\n'))).toMatchObject({ faults: first['faults'] });
  });

  it('each reach the run by themselves, and all of them together are the seed', () => {
    const fingerprint = (plan: Plan): string => run(plan, { mode: 'batched' }).result.fingerprint;
    const all = ['faults', 'workload', 'tokens', 'network', 'rest'];
    const holding = (purposes: readonly string[]): string =>
      `seeds: { ${purposes.map((each) => `${each}: 1`).join(', ')} }\n`;
    const one = fingerprint(planOf('', '1'));
    expect(fingerprint(planOf(holding(all)))).toBe(one);
    const varied = ['faults', 'workload', 'tokens', 'network'].map((purpose) =>
      fingerprint(planOf(holding(all.filter((each) => each !== purpose)))),
    );
    expect(new Set([one, ...varied]).size).toBe(5);
  });
});
