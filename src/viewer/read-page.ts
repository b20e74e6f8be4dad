/** Reads the page's data out of the document: once, at the start. What cannot be shown is said instead of shown wrongly. */
import { DATA_ELEMENT } from '../report/page/embed-page.ts';
import { PAGE_FORMAT } from '../report/page/page-data.ts';
import type { PageData } from '../report/page/page-data.ts';

export type PageRead = { page: PageData } | { problem: string };

export function readPage(from: Document): PageRead {
  const text = from.getElementById(DATA_ELEMENT)?.textContent ?? '';
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { problem: 'The data in this file is cut short or was changed: it is no JSON.' };
  }
  if (typeof data !== 'object' || data === null || !('format' in data)) {
    return { problem: 'This is the empty template of reports: reconverge puts the data in.' };
  }
  if (data.format !== PAGE_FORMAT) {
    return { problem: `This report has format ${String(data.format)}; the program in it reads format ${PAGE_FORMAT}.` };
  }
  return { page: data as PageData };
}
