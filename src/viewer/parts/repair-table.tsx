/** What each repair cost: in one currency for every strategy, with the least that any would have had to send. */
import { formatBytes, formatCount, formatDuration } from '../../base/human.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { RepairLedger } from '../../observe/result.ts';
import type { RunPage } from '../../report/page/page-data.ts';

type Cell = (ledger: RepairLedger, clock: VirtualClock) => string;

const COLUMNS: readonly [title: string, cell: Cell][] = [
  ['began', ({ started_micros: at, outcome }, clock) => (outcome === 'not_started' ? '–' : clock.moment(at))],
  ['took', ({ started_micros: from, finished_micros: to }) => (to === null ? '–' : formatDuration(to - from))],
  ['rows hashed', ({ hashed_rows: rows }) => formatCount(rows)],
  ['trees sent', ({ tree_bytes: bytes }) => formatBytes(bytes)],
  ['ranges differing', ({ differing_ranges: ranges }) => formatCount(ranges)],
  ['sent', ({ sent_bytes: bytes }) => formatBytes(bytes)],
  ['for nothing', ({ sent_for_nothing_bytes: bytes }) => formatBytes(bytes)],
  ['the least', ({ floor_bytes: bytes }) => formatBytes(bytes)],
  ['healed copies', ({ healed_copies: copies }) => formatCount(copies)],
];

export function RepairTable({ page, clock }: { page: RunPage; clock: VirtualClock }) {
  const repairs = Object.values(page.result.repairs);
  if (repairs.length === 0) return null;
  return (
    <section class="card" aria-labelledby="repairs-title">
      <h2 id="repairs-title">What repair cost</h2>
      <div class="scroll">
        <table>
          <caption class="unseen">Costs of repairs</caption>
          <thead>
            <tr>
              <th scope="col">repair</th>
              {COLUMNS.map(([title]) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {repairs.map((ledger) => (
              <tr key={ledger.id}>
                <th scope="row">
                  {ledger.id.replace(/^repairs[.]/, '')}
                  <span class="meaning">
                    {ledger.command}
                    {ledger.outcome === 'finished' ? '' : ` – ${ledger.outcome.replace('_', ' ')}`}
                  </span>
                </th>
                {COLUMNS.map(([title, cell]) => (
                  <td key={title} class="number">
                    {cell(ledger, clock)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">
        “The least” is what any strategy would have had to send: one copy of each version that healed a copy.
      </p>
    </section>
  );
}
