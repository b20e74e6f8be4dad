/** The page of comparisons, sweeps and tests: nothing runs in it, so the core is not in it. Sections as in run-page.tsx. */
import { compareSection } from './sections/compare.tsx';
import { sweepSection } from './sections/sweep.tsx';
import { testSection } from './sections/test.tsx';
import { startPage } from './start-page.tsx';

startPage([compareSection, sweepSection, testSection]);
