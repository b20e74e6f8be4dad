/** Which of the sections that a template can draw its page has, left to right. */
import type { PageData } from '../../report/page/page-data.ts';
import type { Section } from '../section.ts';

export function sectionsOf(page: PageData, all: readonly Section[]): Section[] {
  const shown = all.filter(({ kinds, isIn }) => kinds.includes(page.kind) && isIn?.(page) !== false);
  return shown.sort((left, right) => left.rank - right.rank);
}
