/** Time travel, rows and what-if in a real browser: the slider, the keys, the core in its worker. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunPage } from '../../src/report/page/page-data.ts';
import { CHROMIUM, fileOf, launch, open } from './browser.ts';
import type { Opened } from './browser.ts';
import { smallRunPlan, watchedPage } from './small-scenario.ts';

const SLOW = { timeout: 60_000 };

describe.skipIf(CHROMIUM === undefined)('time travel in the page', () => {
  let browser: Browser;
  let data: RunPage;
  let address = '';
  beforeAll(async () => {
    data = watchedPage(smallRunPlan());
    address = `file://${fileOf(data)}`;
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const opened = async (section: string, options: Parameters<typeof open>[2] = {}): Promise<Opened> => {
    const told = await open(browser, address, options);
    await told.page.getByRole('tab', { name: section }).click();
    return told;
  };
  const clock = (page: Page): Promise<string | null> => page.locator('.clock b').textContent();
  /** Until what was asked for is drawn. */
  const settle = (page: Page): Promise<unknown> =>
    page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200))))',
    );
  const goTo = async (page: Page, share: number): Promise<void> => {
    await page.locator('.slider').evaluate((slider, to) => {
      const input = slider as unknown as { value: string; max: string; dispatchEvent(event: unknown): void };
      input.value = String(Number(input.max) * to);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }, share);
    await settle(page);
  };
  const press = async (page: Page, key: string): Promise<void> => {
    await page.keyboard.press(key);
    await settle(page);
  };
  const node = (page: Page, id: string) => page.locator(`.ring [role=button][aria-label^="${id}:"]`);

  it('has a small chart for each part of the ring, which add up, and says how it is folded', async () => {
    const { page, complaints } = await opened('Overview');
    const ring = page.locator('section[aria-labelledby=ring-title]');
    expect(await ring.locator('.note').textContent()).toMatch(
      /^Copies that differ, all on one scale\. 32 equal parts of the ring, into which its 48 ranges are folded by token/,
    );
    expect(await ring.locator('figure.chart').count()).toBe(32);
    expect(await ring.locator('.chart-title').first().textContent()).toContain('−9.22 to −8.65');
    await page.evaluate(
      `for (const table of document.querySelectorAll('[aria-labelledby=ring-title] details')) table.open = true`,
    );
    await ring.locator('tbody').nth(31).waitFor({ state: 'attached' });
    const sums = (await page.evaluate(`(() => {
      const cells = [...document.querySelectorAll('[aria-labelledby=ring-title] tbody')].map((body) =>
        [...body.querySelectorAll('td')].map((cell) => Number(cell.textContent.replaceAll(/\\s/g, ''))));
      return cells[0].map((_, row) => cells.reduce((sum, column) => sum + column[row], 0));
    })()`)) as number[];
    expect(Math.max(...sums)).toBeGreaterThan(1000);
    expect(sums.at(-1)).toBe(data.result.final.divergent_copies);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('scrubs forward and backward: what a node is, how far it differs, what waits for it', async () => {
    const { page, complaints } = await opened('Time travel');
    await goTo(page, 0.05);
    expect(await node(page, 'n3').getAttribute('aria-label')).toBe('n3: up, 0 copies differ');
    await goTo(page, 0.4);
    const away = await node(page, 'n3').getAttribute('aria-label');
    expect(away).toMatch(/^n3: down, seen down by n1, n2, .* copies differ, .* hints wait for it$/);
    await goTo(page, 0.64);
    expect(await page.locator('.troubles .cut').textContent()).toMatch(/n1 → n2, n2 → n1/);
    await goTo(page, 0.4);
    expect(await node(page, 'n3').getAttribute('aria-label')).toBe(away);
    expect(await page.locator('.cluster-table tbody tr').count()).toBe(3);
    expect(await page.locator('.truths .differs').textContent()).toMatch(/copies have differed for \d+ ?m/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('obeys the keys: arrows, the next change, play, speed', async () => {
    const { page, complaints } = await opened('Time travel');
    await goTo(page, 0.02);
    const first = await clock(page);
    await page.locator('.slider').focus();
    await press(page, 'ArrowRight');
    expect(await clock(page)).not.toBe(first);
    await press(page, 'ArrowLeft');
    expect(await clock(page)).toBe(first);
    await page.getByLabel('Which changes').selectOption({ label: 'a node goes or comes back' });
    await page.locator('.slider').focus();
    await press(page, 'Shift+ArrowRight');
    expect(await clock(page)).toBe('00:05');
    await press(page, 'Shift+ArrowRight');
    expect(await clock(page)).toBe('00:20');
    await press(page, 'Shift+ArrowLeft');
    expect(await clock(page)).toBe('00:05');
    const speed = page.locator('.speed select');
    const before = await speed.inputValue();
    await press(page, '+');
    expect(Number(await speed.inputValue())).toBeGreaterThan(Number(before));
    await press(page, 'Space');
    await expect.poll(async () => (await clock(page)) ?? '', SLOW).toMatch(/^00:(0[6-9]|[1-4])/);
    await press(page, 'Space');
    expect(await page.locator('.play').getAttribute('aria-pressed')).toBe('false');
    await node(page, 'n3').focus();
    await press(page, 'Enter');
    expect(await node(page, 'n3').getAttribute('aria-pressed')).toBe('true');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows the trees of a repair as compared, and the messages of its session', async () => {
    const { page, complaints } = await opened('Time travel');
    await page.getByLabel('Which changes').selectOption({ label: 'trees are compared' });
    await page.getByLabel(/^On to the next change/).click();
    expect(await page.locator('.tree .leaf.differ-3').count()).toBeGreaterThan(0);
    expect(await page.locator('.tree svg').first().getAttribute('aria-label')).toMatch(/ranges differ/);
    await page.locator('.session').first().getByText('messages').click();
    await page.locator('.space-time svg').waitFor(SLOW);
    expect(await page.locator('.space-time .arrow.repair').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('explains a row, beside its messages, by running again; and shows rows that were kept at once', async () => {
    const { page, complaints } = await opened('Time travel');
    await goTo(page, 0.4);
    await page.locator('.kept button').first().click();
    expect(await page.locator('.space-time .arrow').count()).toBeGreaterThan(0);
    await node(page, 'n3').click();
    await page.getByText('What differs on n3?').click();
    await page.locator('.amiss .chips button').first().click(SLOW);
    await page.locator('.told pre').waitFor(SLOW);
    expect(await page.locator('.told pre').textContent()).toMatch(/n3 .*(stale|missing)/);
    expect(await page.locator('.space-time .arrow.lost').count()).toBeGreaterThan(0);
    await page.getByLabel('key').fill('999999');
    await page.getByText('Explain the row').click();
    expect(await page.locator('.rows .problem').textContent(SLOW)).toMatch(/has no key 999999/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('sets the operator’s lines beside the truth', async () => {
    const { page, complaints } = await opened('Time travel');
    await goTo(page, 0.4);
    await page.getByText('Show the operator’s lines').click();
    const beside = page.locator('.beside pre');
    await beside.first().waitFor(SLOW);
    expect(await beside.nth(0).textContent()).toMatch(/DN .*127\.0\.0\.3/);
    expect(await beside.nth(1).textContent()).toMatch(/divergent copies/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('runs a what-if in place, and the run as it was to the command line’s fingerprint', async () => {
    const { page, complaints } = await opened('What if');
    await page.getByText('drop it').first().click();
    await page.getByLabel('The edit, as on the command line').fill('faults.nonsense.at=1m');
    await page.getByText('Add the edit').click();
    await page.getByText('Run both').click();
    expect(await page.locator('.what-if .problem').textContent(SLOW)).toMatch(/E102/);
    await page.getByLabel('take back set faults.nonsense.at=1m').click();
    await page.getByText('Run both').click();
    await page.locator('.difference').waitFor(SLOW);
    const said = await page.locator('.difference').innerText();
    expect(said).toContain(`fingerprint ${data.result.fingerprint}, as on the command line`);
    expect(said).toMatch(/The same until 00:05/);
    const row = page.locator('.difference tbody tr', { hasText: 'hint window passed' });
    expect(await row.locator('td').nth(0).textContent()).not.toBe('0');
    expect(await row.locator('td').nth(1).textContent()).toBe('0');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('can be stopped, and asked again', async () => {
    const { page, complaints } = await opened('What if');
    await page.getByText('drop it').first().click();
    await page.getByText('Run both').click();
    await page.locator('.asking button').click();
    expect(await page.getByText('Stopped.').count()).toBe(1);
    await page.getByText('Run both').click();
    await page.locator('.difference').waitFor(SLOW);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('says of a run that is too large why, and offers the rows that were kept', async () => {
    const { checkout } = data.plan.workload;
    const arrivals = { kind: 'poisson', per_second: 10_000 } as const;
    const large = { ...data, plan: { ...data.plan, workload: { checkout: { ...checkout, arrivals } } } };
    const { page, complaints } = await open(browser, `file://${fileOf(large)}`);
    await page.getByRole('tab', { name: 'Time travel' }).click();
    expect(await page.locator('.rows .warning').textContent()).toMatch(/too large to be run in a page: .* 24 M writes/);
    await page.locator('.kept button').first().click();
    expect(await page.locator('.space-time .arrow').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('fits a narrow window, in dark colours', async () => {
    const { page, complaints } = await opened('Time travel', {
      viewport: { width: 400, height: 800 },
      colorScheme: 'dark',
    });
    await goTo(page, 0.4);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
