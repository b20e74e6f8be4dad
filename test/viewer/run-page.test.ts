/** The page of a run in a real browser: it opens, it is text whatever a scenario is called, its charts answer, it saves. */
import { readFileSync } from 'node:fs';
import type { Browser, Download, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { templatePath } from '../../src/cli/report-page.ts';
import { load, run } from '../../src/index.ts';
import { runPage } from '../../src/report/page/run-page.ts';
import type { RunPage } from '../../src/report/page/page-data.ts';
import { CHROMIUM, fileOf, launch, open } from './browser.ts';
import type { Opened } from './browser.ts';

const NAME = '</script><script>alert(1)</script><img src=x onerror=alert(2)> $& </title>';
const SCENARIO = `
format: 1
name: '${NAME}'
story: "A <b>story</b> of\\n\\ntwo parts"
database: cassandra@4.1
seed: 7
start: 2026-03-02T00:00:00Z
duration: 40m
cluster: { nodes: { dc1: { r1: 1, r2: 1, r3: 1 } }, settings: { max_hint_window: 5m } }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables: { shop.orders: { partitions: 5_000, row: 1kB, loaded: equal } }
workload:
  checkout: { table: shop.orders, rate: { poisson: 10/s }, mix: { insert: 90%, read: 10% }, keys: uniform, consistency: { write: QUORUM, read: ONE } }
faults:
  n3-away: { fault: crash, node: n3, mode: power-loss, at: 5m, for: 15m }
repairs:
  by-hand: { repair: nodetool, node: n3, run: "nodetool repair -full shop orders", at: 30m }
observe: { every: 10s }
expect:
  nothing-lost: { check: always, metric: lost_acknowledged, is: 0 }
  never-differs: { check: never, metric: latent_copies, above: 10 }
`;

const showAll = (page: Page): Locator => page.getByRole('button', { name: 'show all', exact: true });

function pageData(): RunPage {
  const plan = load(SCENARIO);
  return runPage(run(plan), plan, { replay: "npx reconverge run 'a b'/plan.json" });
}

describe.skipIf(CHROMIUM === undefined)('the page of a run', () => {
  let browser: Browser;
  let data: RunPage;
  let address = '';
  beforeAll(async () => {
    data = pageData();
    address = `file://${fileOf(data)}`;
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const opened = async (options: Parameters<typeof open>[2] = {}): Promise<Opened> => open(browser, address, options);

  it('opens from disk within 2 s, says all, and talks to nobody', async () => {
    const { page, complaints, openMillis } = await opened();
    expect(await page.title()).toBe(NAME);
    expect(await page.locator('h1').textContent()).toBe(NAME);
    expect(await page.locator('.story').allTextContents()).toEqual(['A <b>story</b> of', 'two parts']);
    const text = await page.locator('body').innerText();
    for (const said of [data.result.fingerprint, data.replay, 'seed 7', 'nothing-lost', '✗ never-differs', 'by-hand'])
      expect(text).toContain(said);
    expect(await page.locator('canvas').count()).toBeGreaterThan(4);
    expect(openMillis).toBeLessThan(process.env['CI'] === undefined ? 5000 : 10_000);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('has a policy under which no other script runs', async () => {
    const { page, complaints } = await opened();
    await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.evil = 1';
      document.body.append(script);
      return fetch('http://127.0.0.1:9/').catch(() => undefined);
    })()`);
    expect(await page.evaluate('window.evil')).toBeUndefined();
    expect(complaints.filter((one) => /Content Security Policy/.test(one)).length).toBeGreaterThan(1);
    expect(complaints.filter((one) => one.startsWith('request'))).toEqual([]);
    await page.context().close();
  });

  it('answers the keys: cursor, moment, stretch of time', async () => {
    const { page, complaints } = await opened();
    const plot = page.locator('#chart-entropy-by-cause .plot');
    const when = page.locator('#chart-entropy-by-cause .legend-when');
    await plot.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+ArrowLeft');
    const moved = await when.textContent();
    expect(moved).toMatch(/^at 00:\d\d/);
    await page.keyboard.press('ArrowLeft');
    expect(await when.textContent()).not.toBe(moved);
    await page.keyboard.press('+');
    await showAll(page).click();
    await plot.focus();
    await page.keyboard.press('Enter');
    expect(await showAll(page).count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows a stretch that is dragged, in every chart, and all again', async () => {
    const { page, complaints } = await opened();
    const box = await page.locator('#chart-entropy-by-cause .u-over').boundingBox();
    expect(box).not.toBeNull();
    const { x, y, width } = box ?? { x: 0, y: 0, width: 0 };
    await page.mouse.move(x + width * 0.4, y + 50);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.6, y + 60, { steps: 4 });
    await page.mouse.up();
    await showAll(page).waitFor();
    await page.mouse.dblclick(x + width * 0.5, y + 50);
    await showAll(page).waitFor({ state: 'detached' });
    await page.locator('.fault .bar').click();
    await showAll(page).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('saves a chart as SVG, PNG and CSV', async () => {
    const { page, complaints } = await opened();
    const saved = async (kind: string): Promise<Buffer> => {
      const waiting: Promise<Download> = page.waitForEvent('download');
      await page.locator('#chart-entropy-by-cause .chart-menu').getByText(kind, { exact: true }).click();
      const download = await waiting;
      expect(download.suggestedFilename()).toBe(`entropy-by-cause.${kind.toLowerCase()}`);
      return readFileSync(await download.path());
    };
    const svg = (await saved('SVG')).toString();
    expect(svg).toMatch(/^<svg xmlns[^]*<\/svg>\n$/);
    expect(svg).not.toMatch(/<script|onerror/);
    const png = await saved('PNG');
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(png.readUInt32BE(16)).toBe(1920);
    const [head, ...rows] = (await saved('CSV')).toString().trim().split('\n');
    expect(head).toMatch(/^time_micros,/);
    expect(rows).toHaveLength(data.series.rows);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('has the numbers of each chart as a table, names for every button, and no heading left out', async () => {
    const { page } = await opened();
    const figures = await page.locator('figure.chart').count();
    expect(await page.locator('figure.chart details.chart-table').count()).toBe(figures);
    await page.locator('#chart-entropy-by-cause summary').click();
    expect(await page.locator('#chart-entropy-by-cause tbody tr').count()).toBe(25);
    const nameless = await page.evaluate(
      `[...document.querySelectorAll('button')].filter((one) => (one.getAttribute('aria-label') ?? one.textContent).trim() === '').length`,
    );
    expect(nameless).toBe(0);
    expect(await page.locator('h1').count()).toBe(1);
    await page.context().close();
  });

  it('fits a narrow window and has dark colours', async () => {
    const { page, complaints } = await opened({ viewport: { width: 400, height: 800 }, colorScheme: 'dark' });
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(wide).toBe(0);
    const background = 'getComputedStyle(document.body).backgroundColor';
    const dark = await page.evaluate(background);
    await page.getByRole('button', { name: 'Show in light colours' }).click();
    expect(await page.evaluate(background)).not.toBe(dark);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('prints its charts, in light colours', async () => {
    const { page } = await opened({ colorScheme: 'dark' });
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    const drawn = await page.locator('.print-chart svg').count();
    expect(drawn).toBe(await page.locator('figure.chart').count());
    await page.evaluate("window.dispatchEvent(new Event('afterprint'))");
    expect(await page.locator('.print-chart svg').count()).toBe(0);
    await page.context().close();
  });

  it('says what is wrong with a file that is cut short or of another format', async () => {
    for (const [other, said] of [
      [fileOf({ ...data, format: 99 } as unknown as RunPage), 'format 99'],
      [templatePath('run'), 'empty template'],
    ] as const) {
      const { page } = await open(browser, `file://${other}`);
      expect(await page.locator('.problem').textContent()).toContain(said);
      await page.context().close();
    }
  });
});
