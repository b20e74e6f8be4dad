/** What a study found, as people read it: a line a cell with its means and intervals, what failed or is missing, its files. */
import { formatBytes, formatCount, formatDuration, formatShare, plural } from '../base/human.ts';
import type { CellSummary, StudySummary } from '../studies/sweep/summary.ts';
import type { StudyResults } from '../studies/sweep/study.ts';
import { COLUMNS_MIN, renderLines, span } from './lines.ts';
import type { Line, TextOptions } from './lines.ts';
import { renderTable } from './table.ts';
import type { Column } from './table.ts';
import { escapeControls, wrap } from './width.ts';

export interface StudyTextOptions extends TextOptions {
  /** Null: nothing was run now. */
  elapsedSeconds: number | null;
  folder: string;
  part: { part: number; of: number } | null;
  /** Of a study that had been done before; null: it was not, or had not ended. */
  repeated: { results: StudyResults; expected: StudyResults; isSame: boolean } | null;
  replay: string;
}

const CELLS_SHOWN = 40;
const FAILED_SHOWN = 5;

export function renderStudy(summary: StudySummary, options: StudyTextOptions): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const say = (text: string, style: 'plain' | 'dim' | 'red' = 'plain'): Line[] =>
    wrap(escapeControls(text), columns - 1).map((line): Line => [' ', span(line, style)]);
  const { part, folder, replay } = options;
  const files = part === null ? 'runs.parquet series.parquet runs.csv' : 'journal/ series/';
  const blocks: Line[][] = [
    [[span(escapeControls(summary.name), 'bold')], ...say(countsText(summary, options), 'dim')],
    part === null ? cellLines(summary, columns) : [],
    [
      ...failedTexts(summary).flatMap((text) => say(text, 'red')),
      ...(summary.missing === 0 ? [] : say(missingText(summary, options))),
      ...lookTexts(summary).flatMap((text) => say(text)),
      ...repeatedLines(options, say),
    ],
    [
      ...say(`files   ${folder}/  ${files}${part === null ? ' methods.md dictionary.md' : ''} study.json`, 'dim'),
      ...say(`replay  ${replay}`, 'dim'),
    ],
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block, at) => (at > 0 ? [[], ...block] : block));
  return renderLines(lines, { columns, color: options.color });
}

function repeatedLines({ repeated }: StudyTextOptions, say: (text: string, style?: 'plain' | 'red') => Line[]): Line[] {
  if (repeated === null) return [];
  const { results, expected, isSame } = repeated;
  if (isSame)
    return say(`as before: all ${plural(results.runs, 'run')} are the same (fingerprint ${results.fingerprint})`);
  const of = ({ runs, fingerprint }: StudyResults): string => `${plural(runs, 'run')}, fingerprint ${fingerprint}`;
  return say(`NOT as before: study.json tells of ${of(expected)}; these are ${of(results)}`, 'red');
}

function countsText({ cells, seeds, done }: StudySummary, { elapsedSeconds, part }: StudyTextOptions): string {
  const shape = `${plural(cells.length, 'cell')} × ${plural(seeds.length, 'seed')}`;
  const share = part === null ? '' : ` · part ${part.part} of ${part.of}`;
  return `${shape}${share} · ${plural(done, 'run')}${elapsedSeconds === null ? '' : ` · ${elapsedSeconds.toFixed(1)} s`}`;
}

function missingText({ missing }: StudySummary, { part }: StudyTextOptions): string {
  const what = `${plural(missing, 'run')} ${missing === 1 ? 'is' : 'are'} missing`;
  return part === null ? `${what}: the same command without --merge, or its parts, do them` : `${what}, of other parts`;
}

function failedTexts({ failed }: StudySummary): string[] {
  const shown = failed
    .slice(0, FAILED_SHOWN)
    .flatMap(({ cell, seed, message = '', replay = '' }) => [
      `failed  cell ${cell}, seed ${seed}: ${message.split('\n')[0]}`,
      replay,
    ]);
  const more = failed.length - FAILED_SHOWN;
  return [...shown, ...(more > 0 ? [`and ${more} more that failed`] : [])];
}

function lookTexts({ looks, stopMetric }: StudySummary): string[] {
  return looks.map(({ seeds, confidence, wide, isEnough }) => {
    const found = isEnough ? 'every cell is narrow enough: the study ends' : `${plural(wide, 'cell')} too wide`;
    return `look after ${seeds} seeds, ${stopMetric ?? ''} at ${formatShare(confidence)}: ${found}`;
  });
}

function cellLines({ cells, factors, measures }: StudySummary, columns: number): Line[] {
  const filled = cells.filter(({ means }) => means.some((mean) => mean !== null));
  if (filled.length === 0) return [];
  const table: Column[] = [
    ...factors.map((title): Column => ({ title, align: 'left', most: 24 })),
    { title: 'runs', align: 'right' },
    ...measures.map(({ title }, index): Column => ({ title, align: 'right', optional: index > 0 })),
  ];
  const rows = filled.slice(0, CELLS_SHOWN).map((cell) => ({ cells: rowOf(cell, measures) }));
  const more = filled.length - CELLS_SHOWN;
  const isBare = filled.every(({ means }) => means.every((mean) => mean === null || mean.halfWidth === null));
  const note = isBare
    ? 'means; below five seeds there is no interval'
    : 'means ± half of the 95 % interval (Student’s t over seeds)';
  return [
    ...renderTable(table, rows, columns),
    [span(` ${note}${more > 0 ? ` · ${more} more cells in runs.csv` : ''}`, 'dim')],
  ];
}

function rowOf({ values, runs, means, without }: CellSummary, measures: StudySummary['measures']): string[] {
  return [
    ...values,
    String(runs),
    ...means.map((mean, index) => {
      if (mean === null) return runs === 0 ? '' : 'no value';
      const { unit } = measures[index];
      const none = without[index] === 0 ? '' : ` (${without[index]} without)`;
      const half = mean.halfWidth === null ? '' : ` ± ${formatValue(mean.halfWidth, unit)}`;
      return `${formatValue(mean.mean, unit)}${half}${none}`;
    }),
  ];
}

function formatValue(value: number, unit: string): string {
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'micros') return formatDuration(Math.round(value));
  if (unit === 'seconds') return formatDuration(Math.round(value * 1e6));
  if (unit === 'share') return formatShare(value);
  return formatCount(value);
}
