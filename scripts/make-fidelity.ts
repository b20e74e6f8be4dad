/** Writes `docs/fidelity.md` from the ledger: `npx tsx scripts/make-fidelity.ts`. */
import { writeFileSync } from 'node:fs';
import { fidelityPage } from '../src/dialect/cassandra/fidelity-page.ts';

writeFileSync(new URL('../docs/fidelity.md', import.meta.url), fidelityPage());
