/**
 * What a post-mortem of a run says, before it is Markdown or HTML: what was run, the few numbers, what happened when, why
 * copies differed and what became of them, deadlines, verdicts, and how to run it again. All from the data of the run's page.
 */
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatSpan,
  formatSummand,
  plural,
} from '../../base/human.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { CauseLedger, RepairLedger } from '../../observe/result.ts';
import { causeLabel } from '../chart-groups.ts';
import { causeWords } from '../page/cause-words.ts';
import type { RunPage } from '../page/page-data.ts';
import { SeriesView } from '../page/packed-series.ts';

export interface IncidentTable {
  titles: readonly string[];
  /** Columns of numbers. */
  numbers: readonly number[];
  rows: readonly (readonly string[])[];
}

export interface Incident {
  title: string;
  facts: string;
  story: string;
  verdicts: readonly string[];
  numbers: IncidentTable;
  timeline: IncidentTable;
  causes: IncidentTable;
  repairs: IncidentTable;
  deadlines: readonly string[];
  assumptions: readonly string[];
  notModelled: number;
  replay: string;
  fingerprint: string;
}

export function incidentOf(page: RunPage): Incident {
  const { plan, result, deadlines, warnings, replay } = page;
  const clock = new VirtualClock(plan.start, result.virtual_micros);
  const day = clock.startDay();
  return {
    title: plan.name,
    facts: [
      result.database.replace('@', ' '),
      plural(plan.nodes.length, 'node'),
      `${formatSpan(result.virtual_micros)}${day === '' ? '' : ` from ${day}`}`,
      `seed ${plan.seed}`,
      plural(result.writes.issued, 'write'),
    ].join(' · '),
    story: plan.story.trim().replaceAll(/\s+/g, ' '),
    verdicts: Object.entries(result.expectations).map(
      ([id, { verdict, expected, detail }]) => `${id}: ${verdict}. Expected ${expected}; ${detail}.`,
    ),
    numbers: numbersOf(page, clock),
    timeline: timelineOf(page, clock),
    causes: causesOf(page),
    repairs: repairsOf(page, clock),
    deadlines: [...deadlines, ...warnings],
    assumptions: result.assumptions,
    notModelled: result.not_modelled.length,
    replay,
    fingerprint: result.fingerprint,
  };
}

/** Divergent beside wrong. */
function numbersOf({ result }: RunPage, clock: VirtualClock): IncidentTable {
  const { final, peak, totals } = result;
  const wrong = [
    [final.stale_copies, 'stale'],
    [final.missing_copies, 'missing'],
    [final.zombie_copies, 'zombies'],
    [final.lost_copies, 'lost'],
  ] as const;
  const wrongText = wrong.filter(([count]) => count > 0).map(([count, name]) => `${formatCount(count)} ${name}`);
  return {
    titles: ['', 'divergent', 'wrong'],
    numbers: [1, 2],
    rows: [
      ['most copies at once', `${formatCount(peak.divergent_copies)} at ${clock.moment(peak.at_micros)}`, ''],
      [
        'copies at the end',
        formatCount(final.divergent_copies),
        [formatCount(final.wrong_copies), ...wrongText].join(', '),
      ],
      ['row-hours', formatCount(totals.divergent_row_hours), formatCount(totals.wrong_row_hours)],
      ['nothing under way heals', `${formatCount(final.latent_copies)} copies`, ''],
      ['acknowledged writes lost', '', formatCount(final.lost_acknowledged)],
    ],
  };
}

interface Happened {
  micros: number;
  what: string;
}

/** Faults and repairs as they began and ended, and what the copies did meanwhile. */
function timelineOf(page: RunPage, clock: VirtualClock): IncidentTable {
  const { faults, repairs, result } = page;
  const happened: Happened[] = [];
  for (const { id, detail, fromMicros, toMicros, isOpen } of faults) {
    happened.push({ micros: fromMicros, what: `${id}: ${detail}` });
    if (!isOpen && toMicros > fromMicros) happened.push({ micros: toMicros, what: `${id} is over` });
  }
  for (const { id, detail, fromMicros, toMicros, isOpen } of repairs) {
    happened.push({ micros: fromMicros, what: `${id} begins: ${detail}` });
    if (!isOpen) happened.push({ micros: toMicros, what: endOfRepair(id, result.repairs[id]) });
  }
  happened.push(...turningPoints(page));
  happened.push({
    micros: result.virtual_micros,
    what: `the run ends: ${plural(result.final.divergent_copies, 'copy differs', 'copies differ')}, ${formatCount(result.final.wrong_copies)} wrong`,
  });
  const sorted = happened
    .map((one, index) => ({ ...one, index }))
    .sort((left, right) => left.micros - right.micros || left.index - right.index);
  return {
    titles: ['at', 'what'],
    numbers: [],
    rows: sorted.map(({ micros, what }) => [clock.moment(micros), what]),
  };
}

function endOfRepair(id: string, ledger: RepairLedger | undefined): string {
  if (ledger === undefined || ledger.outcome !== 'finished') return `${id} ends: ${ledger?.outcome ?? 'finished'}`;
  return `${id} ends: ${plural(ledger.healed_copies, 'copy', 'copies')} healed, ${formatBytes(ledger.sent_bytes)} sent`;
}

const LATENT_COLUMN = /^divergent_copies\{cause=([a-z_0-9]+),state=latent\}$/;

/** When copies first differed for good, by cause; when most did; when hints were all delivered. As far as samples tell. */
function turningPoints({ series: packed, result }: RunPage): Happened[] {
  const series = new SeriesView(packed);
  const points: Happened[] = [
    { micros: result.peak.at_micros, what: `most copies differ: ${formatCount(result.peak.divergent_copies)}` },
  ];
  for (const name of series.names) {
    const cause = LATENT_COLUMN.exec(name)?.[1];
    const values = cause === undefined ? null : series.column(name);
    const first = values?.findIndex((value) => value > 0) ?? -1;
    if (cause === undefined || first < 0) continue;
    points.push({
      micros: series.times[first],
      what: `the first copies that no hint will heal, ${causeLabel(cause)}: ${causeWords(cause)}`,
    });
  }
  const hints = series.column('hint_pending_copies');
  const last = hints?.findLastIndex((value) => value > 0) ?? -1;
  if (last >= 0 && last + 1 < series.times.length)
    points.push({ micros: series.times[last + 1], what: 'no copy waits for a hint any more' });
  return points;
}

function causesOf({ result }: RunPage): IncidentTable {
  const causes = Object.entries(result.final.by_cause)
    .filter(([cause, { born, left }]) => (born > 0 || left > 0) && (cause !== 'in_flight' || left > 0))
    .sort(([, left], [, right]) => right.left - left.left || right.born - left.born);
  return {
    titles: ['cause', 'born', 'healed', 'left', 'healed by'],
    numbers: [1, 2, 3],
    rows: causes.map(([cause, ledger]) => [
      `${causeLabel(cause)}: ${causeWords(cause)}`,
      formatSummand(ledger.born),
      formatSummand(ledger.healed),
      formatSummand(ledger.left),
      healersText(ledger),
    ]),
  };
}

/** Names of what healed, with their shares where there are several. */
export function healersText({ healed, healed_by: by }: Pick<CauseLedger, 'healed' | 'healed_by'>, most = 3): string {
  const healers = Object.entries(by).sort(([, left], [, right]) => right - left);
  const shown = healers.slice(0, most).map(([id, count]) => {
    const name = id.replace(/^repairs[.]/, '').replaceAll('_', ' ');
    return healers.length === 1 ? name : `${name} ${formatShare(count / healed)}`;
  });
  return [...shown, ...(healers.length > most ? [`${healers.length - most} more`] : [])].join(', ');
}

function repairsOf({ result }: RunPage, clock: VirtualClock): IncidentTable {
  const started = Object.values(result.repairs).filter(({ outcome }) => outcome !== 'not_started');
  return {
    titles: ['repair', 'began', 'took', 'sent', 'for nothing', 'the least', 'healed copies'],
    numbers: [1, 2, 3, 4, 5, 6],
    rows: started.map((one) => [
      `${one.id} (${one.command})${one.outcome === 'finished' ? '' : `, ${one.outcome}`}`,
      clock.moment(one.started_micros),
      one.finished_micros === null ? '–' : formatDuration(one.finished_micros - one.started_micros),
      formatBytes(one.sent_bytes),
      formatBytes(one.sent_for_nothing_bytes),
      formatBytes(one.floor_bytes),
      formatCount(one.healed_copies),
    ]),
  };
}
