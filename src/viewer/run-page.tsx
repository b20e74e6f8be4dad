/** The page of a run, with the core in it. To add a section: its file in sections/, and its name in this list. */
import { overviewSection } from './sections/overview.tsx';
import { timeTravelSection } from './sections/time-travel.tsx';
import { whatIfSection } from './sections/what-if.tsx';
import { startPage } from './start-page.tsx';

startPage([overviewSection, timeTravelSection, whatIfSection]);
