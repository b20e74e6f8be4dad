/**
 * Writes every page that is made from a registry of the program, so that the page cannot say something else than the code:
 * `npm run generate`. With `--check` it writes nothing and fails if a page is not what it would write.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fidelityPage } from '../src/dialect/cassandra/fidelity-page.ts';
import { fidelityPage as influxdbFidelityPage } from '../src/dialect/influxdb/fidelity-page.ts';
import { metricsPage, mistakesPage } from './pages.ts';
import { scenarioPage } from './scenario-page.ts';

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/fidelity.md': fidelityPage,
  'docs/fidelity-influxdb.md': influxdbFidelityPage,
  'docs/metrics.md': metricsPage,
  'docs/mistakes.md': mistakesPage,
  'docs/scenario.md': scenarioPage,
};

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, page] of Object.entries(PAGES)) {
  const url = new URL(`../${path}`, import.meta.url);
  const text = page();
  if (existsSync(url) && readFileSync(url, 'utf8') === text) continue;
  stale.push(path);
  if (!check) writeFileSync(url, text);
}

for (const path of stale) console.log(check ? `${path} is not what npm run generate writes` : `wrote ${path}`);
if (check && stale.length > 0) process.exitCode = 1;
