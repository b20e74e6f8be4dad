/**
 * A real browser for the tests of the page: Chromium where there is one. It gets no network, and every request that is not for
 * the page itself, every message of its console and every error is kept, to be asked for at the end.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { templatePath } from '../../src/cli/report-page.ts';
import { embedPage } from '../../src/report/page/embed-page.ts';
import type { PageData, PageKind } from '../../src/report/page/page-data.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];
const WORDS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

export const CHROMIUM = [process.env['RECONVERGE_CHROMIUM'] ?? '', ...PLACES].find(
  (path) => path !== '' && existsSync(path),
);

if (CHROMIUM === undefined) {
  console.warn('browser tests SKIPPED: no Chromium here (apt-get install chromium, or RECONVERGE_CHROMIUM=PATH)');
}

/** Builds the template if it is not there or older than what it is made of. */
export function builtTemplate(kind: PageKind): string {
  const path = templatePath(kind);
  // The whole core is in the page; the command line is not.
  const folders = readdirSync(join(ROOT, 'src')).filter((name) => name !== 'cli' && !name.includes('.'));
  const sources = folders.flatMap((folder) =>
    readdirSync(join(ROOT, 'src', folder), { recursive: true }).map((name) => join(ROOT, 'src', folder, String(name))),
  );
  const newest = sources.reduce((most, source) => Math.max(most, statSync(source).mtimeMs), 0);
  if (!existsSync(path) || statSync(path).mtimeMs < newest) {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build-page.mjs'], { cwd: ROOT, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the page cannot be built: ${stderr}`);
  }
  return readFileSync(path, 'utf8');
}

export interface Opened {
  page: Page;
  /** Messages of the console, errors, and requests that left the file. */
  complaints: string[];
  /** From asking for the page until something is drawn. */
  openMillis: number;
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: WORDS });
}

export function fileOf(data: PageData): string {
  const path = join(mkdtempSync(join(tmpdir(), 'reconverge-page-')), 'report.html');
  writeFileSync(path, embedPage(builtTemplate(data.kind), data));
  return path;
}

export async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith(`${address}#`) && !/^(blob|data):/.test(url))
      complaints.push(`request: ${url}`);
  });
  const started = performance.now();
  await page.goto(address);
  await page.waitForSelector('.key-number, .problem, [role=tabpanel], table');
  return { page, complaints, openMillis: performance.now() - started };
}
