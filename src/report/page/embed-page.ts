/**
 * Puts the data of a page into the built template. The data is JSON in a script element that no browser runs, with every `<`
 * escaped: whatever a scenario is called, it cannot end the element. The title is text, escaped as such.
 */
import { PAGE_FORMAT } from './page-data.ts';
import type { PageData, PageKind } from './page-data.ts';

/** What the template holds in place of the data and of the title. */
export const DATA_PLACE = '"@@page-data@@"';
export const TITLE_PLACE = '@@page-title@@';
/** `id` of the element with the data. */
export const DATA_ELEMENT = 'page-data';
const DATA_START = `<script type="application/json" id="${DATA_ELEMENT}">`;

/** Runs go on in the page of a run, so the core is in it, which weighs six times as much as all else; in the others nothing runs. */
export function templateOf(kind: PageKind): 'run' | 'study' {
  return kind === 'run' ? 'run' : 'study';
}

export function embedPage(template: string, data: PageData): string {
  const [before, after, ...more] = template.split(DATA_PLACE);
  if (after === undefined || more.length > 0) throw new Error('the template of the page has no single place for data');
  return `${before.replaceAll(TITLE_PLACE, () => markupText(data.title))}${dataText(data)}${after}`;
}

/** The data of a page that was written; null where a file holds none that can be read. */
export function readEmbedded(html: string): PageData | null {
  const start = html.indexOf(DATA_START);
  const end = html.indexOf('</script>', start);
  if (start < 0 || end < 0) return null;
  try {
    const data = JSON.parse(html.slice(start + DATA_START.length, end)) as PageData | null;
    return data !== null && typeof data === 'object' && data.format === PAGE_FORMAT ? data : null;
  } catch {
    return null;
  }
}

/** U+2028 and U+2029 end lines in old JavaScript; numbers that are none become null, as JSON has no others. */
function dataText(data: PageData): string {
  return JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

export function markupText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
