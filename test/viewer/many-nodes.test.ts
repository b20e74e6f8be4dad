/** A cluster of more nodes than links can be drawn for: they are drawn between racks, and that is said. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { decodeView } from '../../src/observe/view/encoded-view.ts';
import { CHROMIUM, fileOf, launch, open } from './browser.ts';
import { watchedPage } from './small-scenario.ts';

function pageOf(nodes: string) {
  return watchedPage(
    load(`
format: 1
name: many nodes
database: cassandra@4.1
seed: 3
duration: 10m
cluster: { nodes: ${nodes} }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables: { shop.orders: { partitions: 1_000, row: 1kB, loaded: equal } }
workload: { checkout: { table: shop.orders, rate: { poisson: 5/s }, keys: uniform, consistency: QUORUM } }
faults: { away: { fault: crash, node: n3, mode: process, at: 2m, for: 3m } }
`),
  );
}

const data = pageOf('{ dc1: { r1: 16, r2: 16, r3: 16 } }');
const sum = (values: Int32Array | null): number => values?.reduce((total, value) => total + value, 0) ?? 0;

describe('links of many nodes', () => {
  it('are counted by rack, and nothing is lost: as many as nodes got', () => {
    const { levels } = decodeView(data.view?.states ?? (undefined as never));
    expect(levels.groups?.names).toEqual(['dc1 r1', 'dc1 r2', 'dc1 r3']);
    expect(levels.groups?.of).toHaveLength(48);
    expect(levels.writes?.length).toBe(levels.stretches * 9);
    const few = decodeView(pageOf('{ dc1: { r1: 12, r2: 12, r3: 12 } }').view?.states ?? (undefined as never)).levels;
    expect(few.groups).toBeNull();
    // The same writes of three copies, whatever the cluster: those to the node that is away are hints, or not sent.
    expect(sum(levels.writes) + sum(levels.hints)).toBeGreaterThan(0.95 * (sum(few.writes) + sum(few.hints)));
    expect(sum(levels.writes)).toBeLessThan(1.05 * (sum(few.writes) + sum(few.hints)));
  });
});

describe.skipIf(CHROMIUM === undefined)('the page of many nodes', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('draws links between racks with their names, and says so', async () => {
    const { page, complaints } = await open(browser, `file://${fileOf(data)}`);
    await page.getByRole('tab', { name: 'Time travel' }).click();
    await page.locator('.slider').focus();
    for (let step = 0; step < 40; step += 1) await page.keyboard.press('ArrowRight');
    await page.locator('.ring .link-writes').first().waitFor({ state: 'attached' });
    expect(await page.locator('.ring .link-writes').count()).toBeLessThanOrEqual(3);
    expect(await page.locator('.ring-group').allTextContents()).toEqual(['dc1 r1', 'dc1 r2', 'dc1 r3']);
    expect(await page.locator('.ring .node').count()).toBe(48);
    expect(await page.locator('.transport .note').textContent()).toContain('links of 48 nodes are drawn between racks');
    expect(complaints).toEqual([]);
    if (process.env['RECONVERGE_SHOTS'] !== undefined)
      await page.locator('.scene .card').first().screenshot({ path: process.env['RECONVERGE_SHOTS'] });
    await page.context().close();
  });
});
