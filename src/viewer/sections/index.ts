/** All sections of the page. To add one: its file here, and its name in this list. */
import type { PageData } from '../../report/page/page-data.ts';
import type { Section } from '../section.ts';
import { compareSection } from './compare.tsx';
import { overviewSection } from './overview.tsx';
import { sweepSection } from './sweep.tsx';
import { testSection } from './test.tsx';
import { timeTravelSection } from './time-travel.tsx';
import { whatIfSection } from './what-if.tsx';

const SECTIONS: readonly Section[] = [
  overviewSection,
  timeTravelSection,
  whatIfSection,
  compareSection,
  sweepSection,
  testSection,
];

export function sectionsOf(page: PageData): Section[] {
  const shown = SECTIONS.filter(({ kinds, isIn }) => kinds.includes(page.kind) && isIn?.(page) !== false);
  return shown.sort((left, right) => left.rank - right.rank);
}
