/**
 * `report.html`: the template that the build has made, with the data of a page in it. Where the program runs from its sources
 * and nothing was built, there is no template and no page: a run is a run without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embedPage } from '../report/page/embed-page.ts';
import type { PageData } from '../report/page/page-data.ts';
import type { Terminal } from './terminal.ts';

export const PAGE_FILE = 'report.html';

/** Of this package: `dist/viewer` lies beside `dist/cli`, and from the sources in `dist` beside `src`. */
export function templatePath(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, '..', 'viewer', 'template.html');
  return existsSync(beside) ? beside : join(here, '..', '..', 'dist', 'viewer', 'template.html');
}

export function readTemplate(): string | null {
  const path = templatePath();
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** The file of a result folder, or none: the page is only made when it can be written. */
export function pageFile(terminal: Terminal, page: () => PageData): Record<string, string> {
  const template = terminal.pageTemplate?.() ?? null;
  return template === null ? {} : { [PAGE_FILE]: embedPage(template, page()) };
}
