/** What a section of the page is: one entry of the tab bar, for some kinds of pages. Each stands in a file of its own in sections/. */
import type { ComponentType } from 'preact';
import type { PageData, PageKind } from '../report/page/page-data.ts';
import type { ViewStore } from './view-state.ts';

export interface SectionProps<Page extends PageData = PageData> {
  page: Page;
  view: ViewStore;
}

export interface Section {
  /** In the address: `report.html#overview`. */
  id: string;
  title: string;
  /** The kinds of pages that have it. */
  kinds: readonly PageKind[];
  /** Left to right. */
  rank: number;
  /** False: this page has nothing for it, and its tab is left out. */
  isIn?: (page: PageData) => boolean;
  Body: ComponentType<SectionProps>;
}
