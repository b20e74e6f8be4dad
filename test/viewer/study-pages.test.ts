/** The pages of comparisons, studies and tests in a real browser. */
import { statSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { comparePage, withoutSketches } from '../../src/report/page/compare-page.ts';
import { PAGE_FORMAT } from '../../src/report/page/page-data.ts';
import type { ComparePage, SweepPage, TestPage } from '../../src/report/page/page-data.ts';
import { gridOf, positionsOf } from '../../src/report/page/sweep-model.ts';
import { judge, runSeed } from '../../src/studies/compare/compare.ts';
import type { StrategyRun } from '../../src/studies/compare/compare.ts';
import { CHROMIUM, fileOf, launch, open } from './browser.ts';

const SCENARIO = `
format: 1
name: two <b>strategies</b>
database: cassandra@4.1
seed: 7
duration: 30m
cluster: { nodes: { dc1: { r1: 1, r2: 1, r3: 1 } }, settings: { max_hint_window: 2m } }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables: { shop.orders: { partitions: 3_000, row: 1kB, loaded: equal } }
workload: { checkout: { table: shop.orders, rate: { poisson: 3/s }, keys: uniform, consistency: QUORUM } }
faults: { n3-away: { fault: crash, node: n3, mode: process, at: 2m, for: 8m } }
repairs: { by-hand: { repair: nodetool, node: n3, run: "nodetool repair -full shop orders", at: 15m } }
`;

function ended(seed: string): StrategyRun[] {
  const plan = load(SCENARIO.replace('seed: 7', `seed: ${seed}`));
  const bare = { ...plan, entries: plan.entries.filter(({ kind }) => kind !== 'repair') };
  const steps = runSeed(
    seed,
    [
      { id: 'by-hand', plan },
      { id: 'none', plan: bare },
    ],
    { sketches: seed === '1', rows: seed === '1' },
  );
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function comparison(): ComparePage {
  const found = judge(['by-hand', 'none'], ['1', '2', '3', '4', '5'].map(ended));
  return comparePage(found, {
    plan: load(SCENARIO),
    replays: { 'by-hand': 'npx reconverge run x', none: 'npx reconverge run y' },
  });
}

/** Two factors, of which one is a quantity, and a third that is none. */
const STUDY: SweepPage = {
  format: PAGE_FORMAT,
  kind: 'sweep',
  version: '0',
  title: 'a study',
  database: 'cassandra@4.1.7',
  summary: {
    name: 'a study',
    seeds: ['1', '2'],
    seedsUsed: 2,
    done: 16,
    failed: [],
    missing: 0,
    factors: ['repairs', 'for', 'window'],
    measures: [
      { title: 'divergent_row_hours', unit: 'row_hours' },
      { title: 'sent_bytes', unit: 'bytes' },
    ],
    cells: ['evening', 'none'].flatMap((repairs) =>
      ['2h', '90m'].flatMap((away) =>
        ['1h', '4h'].map((window, index) => ({
          values: [repairs, away, window],
          runs: 2,
          means: [
            { runs: 2, mean: index * 100 + away.length, deviation: 1, halfWidth: 5 },
            { runs: 2, mean: 1e6, deviation: 0, halfWidth: null },
          ],
          without: [0, 0],
        })),
      ),
    ),
    looks: [],
    stopMetric: null,
  },
  scales: [
    null,
    [7.2e9, 7.2e9, 5.4e9, 5.4e9, 7.2e9, 7.2e9, 5.4e9, 5.4e9],
    [3.6e9, 14.4e9, 3.6e9, 14.4e9, 3.6e9, 14.4e9, 3.6e9, 14.4e9],
  ],
  replays: Array.from({ length: 8 }, (_, cell) => `npx reconverge run cell-${cell}`),
  replay: 'npx reconverge sweep study.json',
  notModelled: ['nothing'],
};

const TEST: TestPage = {
  format: PAGE_FORMAT,
  kind: 'test',
  version: '0',
  title: '2 scenarios tested',
  scenarios: [
    { ...scenario('a.yaml', 'held'), complaints: [] },
    {
      ...scenario('b.yaml', 'violated'),
      complaints: [{ expectation: 'no-zombies', said: '<i>broke</i>', replay: 'npx reconverge run b.yaml' }],
    },
  ],
  runs: 2,
  runsFromCache: 0,
  seconds: 3,
  outcome: 'VIOLATED 1 (exit code 1)',
};

function scenario(file: string, status: string) {
  const counts = { held: 1, undecided: 0, expectations: 2, variants: 0, seconds: 1.5 };
  return { file, name: `of ${file}`, status, ...counts, fingerprint: '0123456789abcdef', notes: [] };
}

describe('the model of a study', () => {
  it('puts values in the order of their size, and means over what is not chosen', () => {
    const grid = gridOf(STUDY, { measure: 0, across: 1, down: 2, filters: [null, null, null] });
    expect([grid.columns, grid.rows]).toEqual([
      ['90m', '2h'],
      ['1h', '4h'],
    ]);
    expect(grid.places[1][0]).toEqual({ mean: 103, halfWidth: null, cells: [3, 7] });
    const chosen = gridOf(STUDY, { measure: 0, across: 1, down: 2, filters: ['none', null, null] });
    expect(chosen.places[1][0]).toEqual({ mean: 103, halfWidth: 5, cells: [7] });
    expect([positionsOf(STUDY, 1), positionsOf(STUDY, 0)]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

describe('a comparison without its sketches', () => {
  it('is the same document as without any', () => {
    const seeds = [ended('1')];
    const bare = seeds.map((runs) => runs.map(({ sketch, ...run }) => (expect(sketch).toBeDefined(), run)));
    expect(judge(['by-hand', 'none'], seeds).rows?.strategies).toEqual(['by-hand', 'none']);
    expect(withoutSketches(judge(['by-hand', 'none'], seeds))).toEqual(
      JSON.parse(JSON.stringify(judge(['by-hand', 'none'], bare))),
    );
  });
});

describe.skipIf(CHROMIUM === undefined)('pages of studies', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('compare: costs, differences, courses with one zoom, what one healed and another did not', async () => {
    const { page, complaints } = await open(browser, `file://${fileOf(comparison())}`);
    expect(await page.locator('h1').textContent()).toBe('two <b>strategies</b>');
    const text = await page.locator('body').innerText();
    for (const said of [
      'the least possible',
      'regret',
      'paired by seed',
      'what one healed and another left',
      'npx reconverge run y',
    ])
      expect(text).toContain(said);
    expect(await page.locator('.side-by-side canvas').count()).toBe(2);
    expect(statSync(new URL(page.url()).pathname).size).toBeLessThan(250_000);
    const box = await page.locator('.side-by-side .u-over').first().boundingBox();
    const { x, y, width } = box ?? { x: 0, y: 0, width: 0 };
    const before = await page.locator('.side-by-side canvas').last().screenshot();
    await page.mouse.move(x + width * 0.1, y + 40);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.4, y + 40, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'show all', exact: true }).waitFor();
    expect((await page.locator('.side-by-side canvas').last().screenshot()).equals(before)).toBe(false);
    await page.locator('.choice').getByText('none', { exact: true }).click();
    expect(await page.locator('.side-by-side canvas').count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('compare: rows that one healed and another left, by combination, with the command that explains one', async () => {
    const data = comparison();
    const { rows } = data.comparison;
    const { page, complaints } = await open(browser, `file://${fileOf(data)}`);
    const text = await page.locator('.rows-healed').innerText();
    expect(text).toContain(`${rows?.differing} rows were healed by some`);
    const left = await page.locator('.rows-left tbody tr').count();
    expect(left).toBe(Math.min(12, rows?.rows.length ?? 0));
    await page.getByLabel('Show only rows left by none').focus();
    await page.keyboard.press('Enter');
    expect(await page.getByLabel('Show only rows left by none').getAttribute('aria-pressed')).toBe('true');
    const first = page.locator('.rows-left tbody button').first();
    await first.focus();
    await page.keyboard.press('Enter');
    const why = await page.locator('.rows-left .why').innerText();
    expect(why).toContain('n3: the node was away longer than hints are kept');
    expect(why).toContain('from faults.n3-away');
    expect(why).toContain(`npx reconverge run y && npx reconverge explain last --key shop.orders:${rows?.rows[0].key}`);
    // One alone differs from nobody.
    await page.locator('.choice').getByText('none', { exact: true }).click();
    expect(await page.locator('.rows-healed').innerText()).toContain('Show two strategies');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('compare: marks a strategy with another history, and tells nothing of rows of other tables', async () => {
    const data = comparison();
    const [base, other] = data.comparison.strategies;
    const strategies = [base, { ...other, otherHistory: true as const }];
    const { rows } = data.comparison;
    if (rows === undefined) throw new Error('no rows');
    const told = { ...rows, strategies: ['by-hand'] };
    const marked = { ...data, comparison: { ...data.comparison, strategies, rows: told } };
    const { page, complaints } = await open(browser, `file://${fileOf(marked)}`);
    expect(await page.locator('.other-history').count()).toBe(2);
    expect(await page.locator('.warning').innerText()).toContain('with other faults, clients or settings than by-hand');
    expect(await page.locator('.rows-healed').innerText()).toContain('none: has other tables');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('sweep: a map that filters, a point with its command, curves that are saved', async () => {
    const { page, complaints } = await open(browser, `file://${fileOf(STUDY)}`);
    expect(await page.locator('.heat-cell').count()).toBe(4);
    await page.getByLabel('window', { exact: true }).selectOption('4h');
    await page.locator('.heat-cell').first().click();
    expect(await page.locator('.chosen code').textContent()).toMatch(/^npx reconverge run cell-\d$/);
    expect(await page.locator('#chart-curves polyline').count()).toBe(2);
    for (const kind of ['SVG', 'PNG', 'CSV']) {
      const waiting = page.waitForEvent('download');
      await page.locator('#chart-curves').getByText(kind, { exact: true }).click();
      expect((await waiting).suggestedFilename()).toBe(`curves.${kind.toLowerCase()}`);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('sweep: says how many of its seeds were run, where it may stop before the last', async () => {
    const stopped = { ...STUDY, summary: { ...STUDY.summary, seeds: ['1', '2', '3'] } };
    const { page } = await open(browser, `file://${fileOf(stopped)}`);
    expect(await page.locator('.facts').textContent()).toContain('8 cells × 2 of 3 seeds · 16 runs done');
    await page.context().close();
  });

  it.each(['run', 'compare', 'study'])('the sample %s.html opens without a complaint', async (name) => {
    const path = new URL(`../../reports/samples/${name}.html`, import.meta.url).pathname;
    expect(statSync(path).size).toBeLessThan(name === 'run' ? 1_300_000 : 260_000);
    const { page, complaints } = await open(browser, `file://${path}`);
    expect(await page.locator('.problem').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('test: verdicts, and what did not hold as text', async () => {
    const { page, complaints } = await open(browser, `file://${fileOf(TEST)}`);
    expect(await page.locator('.complaint').innerText()).toContain('<i>broke</i>');
    await page.getByLabel('only those that did not hold').check();
    expect(await page.locator('tbody tr').count()).toBe(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
