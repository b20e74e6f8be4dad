/**
 * A comparison as people read it: what stayed identical, a line a strategy, the least possible last, and the differences
 * from the base with their intervals, or the sentence that they cannot be told apart.
 */
import { formatBytes, formatCount, formatDuration, formatShare, plural } from '../base/human.ts';
import type { Comparison, StrategyResult, TestedDifference } from '../studies/compare/compare.ts';
import { COLUMNS_MIN, renderLines, span } from './lines.ts';
import type { Line, TextOptions } from './lines.ts';
import { commandLines } from './command-lines.ts';
import { renderTable, type Column } from './table.ts';
import { displayWidth, escapeControls, wrap } from './width.ts';

export interface CompareTextOptions extends TextOptions {
  /** Of the scenario. */
  name: string;
  elapsedSeconds: number;
  /** Strategies that were not run because they are another one. */
  same: Readonly<Record<string, string>>;
  /** One command a strategy that runs it again, by id. */
  replays: readonly (readonly [id: string, command: string])[];
}

const TABLE: readonly Column[] = [
  { title: '', align: 'left', names: true },
  { title: 'divergent\nrow-hours', align: 'right' },
  { title: 'wrong\nrow-hours', align: 'right' },
  { title: 'converge\np95', align: 'right' },
  { title: 'read', align: 'right' },
  { title: 'sent', align: 'right' },
  { title: '× least', align: 'right', optional: true },
];
/** Where the scenario reads; before what may be left out. */
const READ_P99: Column = { title: 'read\np99', align: 'right' };

const PLOT_COLUMNS = 16;
/** Of a strategy whose command stands beside it. */
const LABEL_MOST = 16;
const NOTHING = '–';
/** Marks strategies whose history is not that of the base. */
const OTHER = 'other';

export function renderComparison(comparison: Comparison, options: CompareTextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const { strategies, seeds, runs } = comparison;
  const counts = `${plural(strategies.length, 'strategy', 'strategies')} × ${plural(seeds.length, 'seed')}`;
  const blocks: Line[][] = [
    [
      [span(escapeControls(options.name), 'bold')],
      ...textLines(`${counts} · ${plural(runs, 'run')} in ${options.elapsedSeconds.toFixed(1)} s`, columns, 'dim'),
      ...identicalLines(comparison, columns),
      ...Object.entries(options.same).flatMap(([id, other]) =>
        textLines(`${id} is the same as ${other}: run once`, columns),
      ),
    ],
    tableLines(comparison, columns),
    harmLines(comparison, columns),
    ...['divergent_row_hours', 'wrong_row_hours'].map((measure) => differenceLines(comparison, measure, columns)),
    replayLines(options.replays, columns),
  ];
  const separated = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index > 0 ? [[], ...block] : block));
  return renderLines(separated, { columns, color: options.color });
}

function textLines(text: string, columns: number, style: 'plain' | 'dim' = 'plain'): Line[] {
  return wrap(escapeControls(text), columns - 1).map((line): Line => [' ', span(line, style)]);
}

function replayLines(replays: CompareTextOptions['replays'], columns: number): Line[] {
  const longest = replays.reduce((most, [id]) => Math.max(most, displayWidth(id)), 0);
  const head = textLines('each of them again, with the first seed:', columns, 'dim');
  return replays.reduce((lines, [id, command]) => {
    if (longest <= LABEL_MOST) return [...lines, ...commandLines(id.padEnd(longest), command, columns)];
    return [...lines, ...textLines(id, columns, 'dim'), ...commandLines('', command, columns)];
  }, head);
}

/** Over all seeds: the earliest moment of any difference, and the most of what else differs. */
function identicalLines({ strategies, seeds }: Comparison, columns: number): Line[] {
  const differences = strategies.flatMap(({ runs }) => runs.map(({ difference }) => difference));
  const moments = differences.flatMap(({ identicalMicros }) => identicalMicros ?? []);
  if (moments.length === 0) return textLines('no strategy changed anything: all runs left the same records', columns);
  const until = moments.reduce((least, micros) => Math.min(least, micros), Infinity);
  const most = (read: (difference: (typeof differences)[number]) => number): number =>
    differences.reduce((largest, difference) => Math.max(largest, read(difference)), 0);
  const forked = strategies.flatMap(({ runs }) => runs).filter(({ forkedMicros }) => forkedMicros !== null).length;
  const answers = most(({ answersShare }) => answersShare);
  const text = [
    `identical until ${formatDuration(until)}${seeds.length > 1 ? ' or longer' : ''}; after it`,
    `${plural(
      most(({ writes }) => writes),
      'write',
    )}, ${plural(
      most(({ faults }) => faults),
      'fault',
    )} and`,
    `${answers === 0 ? 'no' : formatShare(answers)} ${answers === 0 ? 'answer differs' : 'of answers differ'}`,
    forked > 0 ? `(${formatCount(forked)} runs went on from a common snapshot)` : '',
  ].join(' ');
  return textLines(text.trim(), columns, 'dim');
}

function tableLines({ strategies, base, least }: Comparison, columns: number): Line[] {
  const reads = strategies.some(({ means }) => means.read_p99_micros !== null);
  const withReads = <T>(cells: readonly T[], own: T): T[] => (reads ? cells.toSpliced(-1, 0, own) : [...cells]);
  const rows = strategies.map((strategy) => ({
    cells: withReads(cellsOf(strategy), durationOrNothing(strategy.means.read_p99_micros)),
    ...(strategy.id === base ? { mark: 'base' } : strategy.otherHistory === true ? { mark: OTHER } : {}),
  }));
  const last = {
    cells: withReads(
      [
        'the least possible',
        formatCount(least.divergent_row_hours),
        '',
        '',
        '',
        least.sent_bytes === null ? NOTHING : formatBytes(least.sent_bytes),
        least.sent_bytes === null ? '' : '1×',
      ],
      '',
    ),
    style: 'dim' as const,
  };
  const note = `${OTHER}: with other faults, clients or settings, which have another least; the last line is that of ${base}`;
  const notes = strategies.some(({ otherHistory }) => otherHistory === true) ? textLines(note, columns, 'dim') : [];
  return [...renderTable(withReads(TABLE, READ_P99), [...rows, last], columns), ...notes];
}

function durationOrNothing(micros: number | null): string {
  return micros === null ? NOTHING : formatDuration(micros);
}

/** Nothing was left to heal when the last fault ended. */
function convergeText(micros: number | null): string {
  if (micros === null) return 'never';
  return micros === 0 ? 'before' : formatDuration(micros);
}

function cellsOf({ id, means, convergeP95Micros }: StrategyResult): string[] {
  const { sent_bytes: sent, floor_bytes: floor } = means;
  return [
    id,
    formatCount(Number(means.divergent_row_hours)),
    formatCount(Number(means.wrong_row_hours)),
    convergeText(convergeP95Micros),
    formatBytes(Number(means.read_bytes)),
    formatBytes(Number(sent)),
    Number(floor) > 0 ? `${formatCount(Math.round((Number(sent) / Number(floor)) * 10) / 10)}×` : NOTHING,
  ];
}

function copies(count: number | null, kind: string): string {
  return plural(Number(count), `${kind}copy`, `${kind}copies`);
}

/** What a strategy left or broke, in words. */
function harmLines({ strategies }: Comparison, columns: number): Line[] {
  const isHarmed = strategies.some(({ means }) => Number(means.zombie_copies) > 0);
  const lines = strategyLines(strategies, columns);
  const how =
    'which rows: run that strategy as below, then reconverge explain last, or explain last --zombie for one of them';
  return isHarmed ? [...lines, ...textLines(how, columns, 'dim')] : lines;
}

function strategyLines(strategies: readonly StrategyResult[], columns: number): Line[] {
  return strategies.flatMap(({ id, means }) => {
    const wrong = Number(means.wrong_row_hours);
    const spread = wrong - Number(means.divergent_row_hours);
    const found = [
      ...(spread > 0.005 * wrong && spread > 0
        ? [
            `wrong for ${formatCount(spread)} row-hours more than divergent: copies agree on what clients were not promised`,
          ]
        : []),
      ...(Number(means.zombie_copies) > 0 ? [`${copies(means.zombie_copies, 'zombie ')} at the end`] : []),
      ...(Number(means.latent_copies) > 0 ? [`${copies(means.latent_copies, 'latent ')} left`] : []),
      ...(Number(means.lost_acknowledged) > 0
        ? [`${formatCount(Number(means.lost_acknowledged))} acknowledged writes lost for good`]
        : []),
      ...(Number(means.unfinished) > 0
        ? [`${plural(Number(means.unfinished), 'repair')} failed or had not ended`]
        : []),
    ];
    return found.length === 0 ? [] : textLines(`${id}: ${found.join(' · ')}`, columns);
  });
}

function differenceLines({ differences, base, seeds }: Comparison, measure: string, columns: number): Line[] {
  const own = differences.filter((difference) => difference.measure === measure);
  if (own.length === 0) return [];
  const name = measure.replaceAll('_', ' ').replace('row hours', 'row-hours');
  if (own.some(({ t, isSame }) => t === null && !isSame)) {
    return textLines(
      `${plural(seeds.length, 'seed')}: no interval of ${name} under five; try --seeds 1..10`,
      columns,
      'dim',
    );
  }
  const compared = own.filter(({ isSame }) => !isSame).length;
  const head =
    compared === 0
      ? `against ${base}, ${name}: the same in all seeds, which are one observation then`
      : `against ${base}, ${name}, paired by seed, 95 % (t), Holm over ${compared}`;
  const plot = plotOf(own);
  const rows = own.map((difference, index) => {
    const { strategy, mean, t, isTold, isSame, adjusted } = difference;
    const interval = t === null ? NOTHING : `[${signed(t.low)}, ${signed(t.high)}]`;
    const untold = isSame ? 'the same in all seeds' : 'no difference';
    const verdict = isTold ? `p ${pText(adjusted)}` : untold;
    return { cells: [strategy, signed(mean), interval, verdict, plot[index]] };
  });
  return [...textLines(head, columns), ...renderTable(DIFFERENCES, rows, columns), ...bootstrapLines(own, columns)];
}

const DIFFERENCES: readonly Column[] = [
  { title: '', align: 'left', names: true },
  { title: 'mean', align: 'right' },
  { title: 'interval', align: 'right' },
  { title: '', align: 'right' },
  { title: '', align: 'right', optional: true },
];

/** The other interval, where it says something else: whether zero lies within. */
function bootstrapLines(differences: readonly TestedDifference[], columns: number): Line[] {
  const holdsZero = (interval: TestedDifference['t']): boolean =>
    interval !== null && interval.low <= 0 && interval.high >= 0;
  const others = differences.filter(({ t, bootstrap }) => holdsZero(t) !== holdsZero(bootstrap));
  if (differences.every(({ isSame }) => isSame)) return [];
  if (others.length === 0) return textLines('bootstrap intervals: zero lies in the same of them', columns, 'dim');
  return others.flatMap(({ strategy, bootstrap }) => {
    if (bootstrap === null) return [];
    const interval = `[${signed(bootstrap.low)}, ${signed(bootstrap.high)}]`;
    return textLines(`${strategy}: the bootstrap interval is ${interval}; few seeds, or a skewed difference`, columns);
  });
}

/** Each interval on one scale that holds zero, drawn as ├●┤ with zero as ┊. */
function plotOf(differences: readonly TestedDifference[]): string[] {
  const ends = differences.flatMap(({ t }) => (t === null ? [] : [t.low, t.high]));
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const at = (value: number): number =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (PLOT_COLUMNS - 1));
  return differences.map(({ t, mean }) => {
    const cells = new Array<string>(PLOT_COLUMNS).fill(' ');
    cells[at(0)] = '┊';
    if (t !== null) {
      for (let cell = at(t.low) + 1; cell < at(t.high); cell++) cells[cell] = '─';
      cells[at(t.low)] = '├';
      cells[at(t.high)] = '┤';
    }
    cells[at(mean)] = '●';
    return cells.join('');
  });
}

function signed(value: number): string {
  if (value === 0) return '0';
  return value > 0 ? `+${formatCount(value)}` : formatCount(value);
}

function pText(p: number | null): string {
  if (p === null) return NOTHING;
  return p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
}
