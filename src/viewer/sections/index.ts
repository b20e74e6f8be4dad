/** All sections of the page. To add one: its file here, and its name in this list. */
import type { PageData } from '../../report/page/page-data.ts';
import type { Section } from '../section.ts';
import { overviewSection } from './overview.tsx';

const SECTIONS: readonly Section[] = [overviewSection];

export function sectionsOf(page: PageData): Section[] {
  const shown = SECTIONS.filter(({ kinds, isIn }) => kinds.includes(page.kind) && isIn?.(page) !== false);
  return shown.sort((left, right) => left.rank - right.rank);
}
