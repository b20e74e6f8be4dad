/** The ledger by cause: born = healed + left, exactly; what healed, and what will heal the rest. */
import { formatSummand } from '../../base/human.ts';
import type { CauseLedger } from '../../observe/result.ts';
import { causeLabel } from '../../report/chart-groups.ts';
import { causeWords } from '../../report/page/cause-words.ts';
import { healersText } from '../../report/post-mortem/incident.ts';
import { LACKS_DELETE } from '../../report/no-tombstones.ts';
import type { RunPage } from '../../report/page/page-data.ts';

export function LedgerTable({ page }: { page: RunPage }) {
  const causes = Object.entries(page.result.final.by_cause).filter(([, { born, left }]) => born > 0 || left > 0);
  if (causes.length === 0) return null;
  causes.sort(([left, a], [right, b]) => weight(right, b) - weight(left, a));
  const total = causes.reduce(
    (sum, [, { born, healed, left }]) => ({
      born: sum.born + born,
      healed: sum.healed + healed,
      left: sum.left + left,
    }),
    { born: 0, healed: 0, left: 0 },
  );
  return (
    <section class="card" aria-labelledby="ledger-title">
      <h2 id="ledger-title">Why copies differed, and what became of them</h2>
      <div class="scroll">
        <table class="ledger">
          <caption class="unseen">The ledger by cause: born is healed and left together.</caption>
          <thead>
            <tr>
              <th scope="col">cause</th>
              <th scope="col" class="number">
                born
              </th>
              <th scope="col" class="number">
                healed
              </th>
              <th scope="col" class="number">
                left
              </th>
              <th scope="col">healed by · heals next</th>
            </tr>
          </thead>
          <tbody>
            {causes.map(([cause, ledger]) => (
              <tr key={cause}>
                <th scope="row">
                  {causeLabel(cause)}
                  <span class="meaning">{causeWords(cause)}</span>
                </th>
                <td class="number">{formatSummand(ledger.born)}</td>
                <td class="number">{formatSummand(ledger.healed)}</td>
                <td class={ledger.left > 0 ? 'number left' : 'number'}>{formatSummand(ledger.left)}</td>
                <td>{fateText(cause, ledger, page.plan.points !== undefined)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">copies in all</th>
              <td class="number">{formatSummand(total.born)}</td>
              <td class="number">{formatSummand(total.healed)}</td>
              <td class="number">{formatSummand(total.left)}</td>
              <td>born = healed + left</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

/** What is left first; what is in flight, which heals within moments, last. */
function weight(cause: string, { born, left }: CauseLedger): number {
  return cause === 'in_flight' ? -1 : left * 1e6 + born;
}

const NEXT: Readonly<Record<string, string>> = {
  in_flight: 'heals within moments',
  hint_pending: 'a hint will heal',
  latent: 'only a repair, a read repair or a newer write heals',
};

/** Points know no read repair, and what lacks a delete no repair mends. */
function nextText(cause: string, state: string, isOfPoints: boolean): string {
  if (state === 'latent' && LACKS_DELETE.has(cause)) return 'only the delete again takes away';
  if (state === 'latent' && isOfPoints) return 'only a repair or a newer write heals';
  return NEXT[state] ?? state;
}

function fateText(cause: string, ledger: CauseLedger, isOfPoints: boolean): string {
  const { left, left_by_state: states = {} } = ledger;
  const next = Object.entries(states).filter(([, count]) => count > 0);
  const open =
    left === 0
      ? []
      : next.map(
          ([state, count]) =>
            `${nextText(cause, state, isOfPoints)} ${next.length === 1 ? 'the rest' : formatSummand(count)}`,
        );
  return [healersText(ledger), ...open].filter((text) => text !== '').join(' · ');
}
