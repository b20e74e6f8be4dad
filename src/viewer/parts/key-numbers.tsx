/** The few numbers that answer most questions; divergent always beside wrong. */
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { formatCount, plural } from '../../base/human.ts';
import type { RunPage } from '../../report/page/page-data.ts';

export function KeyNumbers({ page, clock }: { page: RunPage; clock: VirtualClock }) {
  const { final, peak, totals, zombies_spread: spread } = page.result;
  return (
    <section class="key-numbers" aria-label="The few numbers">
      <KeyNumber
        title="most copies that differed"
        value={formatCount(peak.divergent_copies)}
        note={`at ${clock.moment(peak.at_micros)}`}
      />
      <KeyNumber
        title="differ at the end"
        value={formatCount(final.divergent_copies)}
        note={`${formatCount(final.latent_copies)} that nothing under way heals`}
        mood={final.latent_copies > 0 ? 'bad' : 'good'}
      />
      <KeyNumber
        title="wrong at the end"
        value={formatCount(final.wrong_copies)}
        note={`${formatCount(final.stale_copies)} stale · ${formatCount(final.missing_copies)} missing · ${formatCount(final.zombie_copies)} zombies`}
        mood={final.wrong_copies > 0 ? 'bad' : 'good'}
      />
      <KeyNumber
        title="lost for good"
        value={formatCount(final.lost_acknowledged)}
        note={
          spread.copies > 0 ? `${plural(spread.copies, 'copy', 'copies')} took what was deleted` : 'acknowledged writes'
        }
        mood={final.lost_acknowledged > 0 || spread.copies > 0 ? 'bad' : 'good'}
      />
      <KeyNumber
        title="row-hours"
        value={`${formatCount(totals.divergent_row_hours, 1000)}`}
        note={`divergent · wrong ${formatCount(totals.wrong_row_hours, 1000)}`}
      />
    </section>
  );
}

export function KeyNumber({
  title,
  value,
  note,
  mood,
}: {
  title: string;
  value: string;
  note: string;
  mood?: 'good' | 'bad';
}) {
  return (
    <div class={`key-number ${mood ?? ''}`}>
      <span class="key-title">{title}</span>
      <b>{value}</b>
      <span class="key-note">{note}</span>
    </div>
  );
}
