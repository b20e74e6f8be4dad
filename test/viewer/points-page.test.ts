/** The page of a run of InfluxDB: the operator's lines beside the truth, and anti-entropy in the space-time diagram. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { load, run } from '../../src/index.ts';
import { namesOf } from '../../src/observe/counters-reader.ts';
import type { DigestStep, SendStep } from '../../src/data/entropy-step.ts';
import { faultBands } from '../../src/report/bands.ts';
import { watchEntropy } from '../../src/studies/entropy-watch.ts';
import { answerOf } from '../../src/viewer/core/answer.ts';
import { entropySpaceTime } from '../../src/viewer/space-time/entropy-marks.ts';
import { CHROMIUM, fileOf, launch, open } from './browser.ts';
import { watchedPage } from './small-scenario.ts';

const SCENARIO = `
format: 1
name: two owners that each lack something
database: influxdb@1.8
start: 2026-03-02T00:00:00Z
seed: 221
duration: 50m
cluster:
  data_nodes: 3
  meta_nodes: 3
  settings:
    data: { cache-snapshot-write-cold-duration: 1m, compact-full-write-cold-duration: 10m }
    anti-entropy: { enabled: true, check-interval: 1m }
    hinted-handoff: { enabled: false }
data:
  databases: { telegraf: { policies: { month: { duration: 30d, shard_duration: 1d, replication: 2, default: true } } } }
workload:
  agents: { into: telegraf.month, rate: 10 points/s, series: 100, batch: 25, bytes_per_point: 50, consistency: one, until: 10m }
faults:
  n2-away: { fault: crash, node: n2, mode: power-loss, at: 3m, for: 2m }
  n3-away: { fault: crash, node: n3, mode: power-loss, at: 6m, for: 2m }
repairs:
  ae: { repair: entropy, shards: { status: diff }, node: n1, at: 40m }
`;
const MINUTE = 60e6;
const plan = load(SCENARIO);
const nothing = (): void => undefined;
const whole = watchEntropy(plan, { table: null, atMicros: 40 * MINUTE, onShare: nothing });

describe('anti-entropy, watched', () => {
  const { steps } = whole;
  const sends = steps.filter((step): step is SendStep & typeof step => step.kind === 'sendEnded');

  it('tells digests, comparisons that differ before the repair, and what it sends', () => {
    const { result } = run(plan);
    expect(sends.reduce((sum, { rows }) => sum + rows, 0)).toBe(result.repairs['repairs.ae'].sent_rows);
    expect(sends.every(({ micros }) => micros >= 40 * MINUTE)).toBe(true);
    const made = steps.filter((step): step is DigestStep & typeof step => step.kind === 'digestMade');
    expect(made.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(0);
    expect(steps.filter(({ kind }) => kind === 'digestStarted').length).toBeGreaterThanOrEqual(made.length);
    const compared = steps.flatMap((step) => (step.kind === 'compared' ? [step] : []));
    expect(compared.some(({ micros, here, there }) => micros < 40 * MINUTE && here + there > 0)).toBe(true);
    expect(steps.every(({ micros }, at) => at === 0 || micros >= steps[at - 1].micros)).toBe(true);
    expect(whole.leftOut).toBe(0);
  });

  it('keeps what is nearest to the moment, counts the rest, and can be of one shard', () => {
    const few = watchEntropy(plan, { table: null, atMicros: 40 * MINUTE, onShare: nothing, stepsMax: 2 });
    const next = steps.findIndex(({ micros }) => micros > 40 * MINUTE);
    expect(few.steps).toEqual(steps.slice(next - 2, next + 2));
    expect(few.leftOut).toBe(steps.length - 4);
    const { table } = sends[0];
    const one = answerOf({ ask: 'entropy', plan, table, atMicros: 0 }, nothing);
    expect(one.steps).toEqual(steps.filter((step) => step.table === table));
  });

  it('is drawn: bars of digests, arrows of patches from their beginning to their end', () => {
    const marks = entropySpaceTime(steps, plan, namesOf(plan));
    const patches = marks.arrows.filter(({ kind }) => kind === 'repair');
    expect(patches).toHaveLength(sends.filter(({ rows }) => rows > 0).length);
    expect(patches.every(({ fromMicros, toMicros }) => fromMicros < toMicros)).toBe(true);
    expect(patches[0].text).toMatch(/^n\d sends n\d of shard \d what its digest lacks, [\d ]+ points in /);
    expect(marks.bars.every(({ text }) => /^n\d makes the digest of shard \d, which reads /.test(text))).toBe(true);
    expect(marks.bars.length).toBeGreaterThan(0);
  });
});

describe('bands of a run of points', () => {
  it('have its repairs among repairs, as they ran, and not among faults too', () => {
    const page = watchedPage(plan);
    expect(page.faults.map(({ id }) => id)).toEqual(['faults.n2-away', 'faults.n3-away']);
    expect(page.repairs.map(({ id }) => id)).toEqual(['repairs.ae']);
    const clock = new VirtualClock(plan.start, 50 * MINUTE);
    const labels = faultBands(plan, { endMicros: 50 * MINUTE, clock, timeline: page.timeline }).map(
      ({ label }) => label,
    );
    expect(labels).toEqual(['n2-away to 00:05', 'n3-away to 00:08']);
  });
});

describe.skipIf(CHROMIUM === undefined)('the page of a run of points', () => {
  const SLOW = { timeout: 60_000 };
  let browser: Browser;
  let address = '';
  beforeAll(async () => {
    address = `file://${fileOf(watchedPage(plan))}`;
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const opened = async () => {
    const told = await open(browser, address);
    await told.page.getByRole('tab', { name: 'Time travel' }).click();
    await told.page.locator('.slider').evaluate((slider) => {
      const input = slider as unknown as { value: string; max: string; dispatchEvent(event: unknown): void };
      input.value = String(Number(input.max) * 0.78);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    return told;
  };

  it('sets what influxd-ctl and SHOW STATS print beside the truth, and says for how long it has been another', async () => {
    const { page, complaints } = await opened();
    await page.getByText('Show the operator’s lines').focus();
    await page.keyboard.press('Enter');
    const beside = page.locator('.beside pre');
    await beside.first().waitFor(SLOW);
    const seen = await beside.nth(0).textContent();
    expect(seen).toContain('$ influxd-ctl entropy show');
    expect(seen).toMatch(/telegraf +month .* diff$/m);
    expect(seen).toContain("$ SHOW STATS FOR 'hh_processor'");
    expect(seen).toContain('lvl=');
    expect(await beside.nth(1).textContent()).toMatch(/divergent copies +\d/);
    expect(await page.locator('.truths .differs').textContent()).toMatch(/copies have differed for \d+ ?m/);
    await page.locator('.operator select').selectOption('influxd-ctl copy-shard-status');
    await page.getByText('Show the operator’s lines').click();
    await page.locator('.beside pre', { hasText: 'CurrentSize' }).waitFor(SLOW);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('tells around the moment what a person can follow: once what happens many times, nothing of single batches', async () => {
    const data = watchedPage(plan);
    const at = { at_micros: 39 * MINUTE, node: 'n1', entry: null, detail: '' };
    const many = [
      ...Array.from({ length: 5 }, () => ({ ...at, name: 'hintsPurged' })),
      { ...at, name: 'partTroubled' },
    ];
    const timeline = [...data.timeline, ...many].sort((left, right) => left.at_micros - right.at_micros);
    const { page, complaints } = await open(browser, `file://${fileOf({ ...data, timeline })}`);
    await page.getByRole('tab', { name: 'Time travel' }).click();
    await page.locator('.slider').evaluate((slider) => {
      const input = slider as unknown as { value: string; max: string; dispatchEvent(event: unknown): void };
      input.value = String(Number(input.max) * 0.78);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    const purged = page.locator('.events li', { hasText: 'hints purged' });
    await purged.waitFor(SLOW);
    expect(await purged.innerText()).toBe('00:39 n1: hints purged × 5');
    expect(await page.locator('.events').innerText()).not.toContain('part troubled');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('fits a narrow window whatever shards are called', async () => {
    const name = 'telemetry_of_every_host_and_all_that_runs_on_it';
    const many = load(
      SCENARIO.replaceAll('telegraf', name)
        .replace('shard_duration: 1d', 'shard_duration: 1h')
        .replace('2026-03-02T00:00', '2026-03-02T00:55'),
    );
    const { page } = await open(browser, `file://${fileOf(watchedPage(many))}`, {
      viewport: { width: 400, height: 800 },
    });
    expect(await page.locator('.small-chart .chart-title', { hasText: name }).count()).toBeGreaterThan(1);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await page.context().close();
  });

  it('draws the messages of anti-entropy, of all shards or of one', async () => {
    const { page, complaints } = await opened();
    await page.getByText('Show its messages around the moment').focus();
    await page.keyboard.press('Enter');
    await page.locator('.entropy .space-time svg').waitFor(SLOW);
    const all = await page.locator('.entropy .space-time .arrow').count();
    expect(await page.locator('.entropy .space-time .arrow.repair').count()).toBeGreaterThan(0);
    await page.locator('.entropy select').selectOption({ index: 1 });
    await page.getByText('Show its messages around the moment').click();
    await page.waitForFunction(`document.querySelectorAll('.entropy .space-time .arrow').length < ${all}`, null, SLOW);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
