/**
 * `report.html`: a template that the build has made, with the data of a page in it. Where the program runs from its sources
 * and nothing was built, there is no template and no page: a run is a run without it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embedPage, templateOf } from '../report/page/embed-page.ts';
import type { PageData, PageKind } from '../report/page/page-data.ts';
import type { Terminal } from './terminal.ts';

export const PAGE_FILE = 'report.html';

/** Of this package: `dist/viewer` lies beside `dist/cli`, and from the sources in `dist` beside `src`. */
export function templatePath(kind: PageKind): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const name = `${templateOf(kind)}.html`;
  const beside = join(here, '..', 'viewer', name);
  return existsSync(beside) ? beside : join(here, '..', '..', 'dist', 'viewer', name);
}

export function readTemplate(kind: PageKind): string | null {
  const path = templatePath(kind);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** The file of a result folder, or none: the page is only made when it can be written. */
export function pageFile(terminal: Terminal, kind: PageKind, page: () => PageData): Record<string, string> {
  const template = terminal.pageTemplate?.(kind) ?? null;
  return template === null ? {} : { [PAGE_FILE]: embedPage(template, page()) };
}
