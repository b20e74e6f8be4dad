/**
 * What a page of a run costs: `npx tsx bench/page.ts [report.html | WRITES]`. Opens it in Chromium and prints the size of the file, the
 * time until it is drawn, and what a step of the time-travel slider costs the main thread. Without a file it runs twelve nodes for
 * eight hours with so many writes (1 000 000 unless said otherwise) and takes the page of that.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { load, run } from '../src/index.ts';
import { runPage } from '../src/report/page/run-page.ts';
import { PageWatch } from '../src/studies/page-watch.ts';
import { CHROMIUM, fileOf, launch, open } from '../test/viewer/browser.ts';

const WRITES = 1_000_000;
const HOURS = 8;
const STEPS = 400;

function scenario(writes: number): string {
  return `
format: 1
name: twelve nodes, eight hours
database: cassandra@4.1
seed: 7
start: 2026-03-02T00:00:00Z
duration: ${HOURS}h
cluster: { nodes: { dc1: { r1: 2, r2: 2, r3: 2 }, dc2: { r1: 2, r2: 2, r3: 2 } }, settings: { max_hint_window: 1h } }
data:
  keyspaces: { shop: { replication: { dc1: 3, dc2: 3 } } }
  tables: { shop.orders: { partitions: 200_000, row: 300B, loaded: equal } }
workload:
  checkout: { table: shop.orders, rate: ${(writes / HOURS / 3600).toFixed(3)}/s, keys: uniform, consistency: LOCAL_QUORUM }
faults:
  away: { fault: crash, nodes: { dc: dc1, rack: r1 }, mode: power-loss, at: 1h, for: 3h }
  cut: { fault: partition, between: [dc1, dc2], at: 5h, for: 20m }
repairs:
  full: { repair: nodetool, node: n1, run: "nodetool repair -full shop orders", at: 6h }
`;
}

function pageOfRun(writes: number): string {
  const plan = load(scenario(writes));
  const watch = new PageWatch(plan);
  const started = performance.now();
  const output = run(plan, watch.watching);
  console.log(`the run: ${writes} writes in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return fileOf(runPage(output, plan, { replay: 'npx reconverge run plan.json', view: watch.view() }));
}

/** Runs in the page: sets the slider, lets the page draw, and asks for the layout, which makes the browser do it at once. */
const SCRUB = `(async ({ shares }) => {
  const slider = document.querySelector('.slider');
  const millis = [];
  for (const share of shares) {
    await new Promise((next) => requestAnimationFrame(next));
    const started = performance.now();
    slider.value = String(Number(slider.max) * share);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await Promise.resolve();
    await new Promise((next) => { const channel = new MessageChannel(); channel.port1.onmessage = next; channel.port2.postMessage(0); });
    document.body.getBoundingClientRect();
    millis.push(performance.now() - started);
  }
  return millis;
})`;

async function scrub(page: Page, what: string, shares: readonly number[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  // Processor time of the thread: what else the machine does is not in it.
  await session.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
  await session.send('Performance.enable');
  const busy = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  const before = await busy();
  const millis = (await page.evaluate(`${SCRUB}(${JSON.stringify({ shares })})`)) as number[];
  const perStep = ((await busy()) - before) / shares.length;
  const sorted = millis.toSorted((left, right) => left - right);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  const all = `main thread in all ${perStep.toFixed(1)} ms a step`;
  console.log(`${what}: script and layout median ${at(0.5)} ms, 95th ${at(0.95)} ms, most ${at(1)} ms; ${all}`);
}

async function measure(file: string): Promise<void> {
  console.log(`the file: ${(statSync(file).size / 1e6).toFixed(2)} MB`);
  const browser = await launch();
  try {
    const { page, complaints, openMillis } = await open(browser, `file://${file}`);
    console.log(`opened and drawn in ${openMillis.toFixed(0)} ms`);
    await page.getByRole('tab', { name: 'Time travel' }).click();
    await page.locator('.slider').waitFor();
    await scrub(
      page,
      'dragged from end to end',
      Array.from({ length: STEPS }, (_, step) => step / STEPS),
    );
    await scrub(
      page,
      'jumps to and fro',
      Array.from({ length: STEPS / 2 }, (_, step) => (step % 2 === 0 ? 0.1 : 0.9)),
    );
    if (complaints.length > 0) console.log(complaints.join('\n'));
  } finally {
    await browser.close();
  }
}

const [asked = String(WRITES)] = process.argv.slice(2);
if (CHROMIUM === undefined) console.log('there is no Chromium here');
else await measure(/^[\d_]+$/.test(asked) ? pageOfRun(Number(asked.replaceAll('_', ''))) : resolve(asked));
