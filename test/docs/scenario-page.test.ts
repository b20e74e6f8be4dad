/** The reference of the scenario file, whose writing already fails where it names other keys than the schema. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scenarioPage } from '../../scripts/scenario-page.ts';
import { ROOT, readPage } from './doc-text.ts';

it('docs/scenario.md is what npm run generate writes, and leads where it says', () => {
  const page = readPage('docs/scenario.md');
  expect(page).toBe(scenarioPage());
  expect(page.split('\n').length).toBeLessThan(900);
  const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((path) => !existsSync(join(ROOT, 'docs', path)))).toEqual([]);
});
