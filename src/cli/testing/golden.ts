/**
 * A golden: what a scenario gave when somebody last looked, as text beside it that a review can read. Three levels: verdicts,
 * a summary with tolerances, and the fingerprint, which only says something within one version. Writing and reading only.
 */
import { formatShare } from '../../base/human.ts';
import { parseSeeds } from '../../scenario/seeds.ts';
import { isUnitProblem } from '../../scenario/units.ts';

export interface GoldenRow {
  name: string;
  min: number;
  median: number;
  max: number;
  /** Share by which each may differ; 0: exact. */
  tolerance: number;
}

export interface Golden {
  database: string;
  seeds: readonly string[];
  verdicts: Readonly<Record<string, string>>;
  rows: readonly GoldenRow[];
  /** Divergent copies over time with the first seed, from 0 to 7. */
  shape: readonly number[];
  /** Rules exercised, with the revision that they had. */
  rules: Readonly<Record<string, number>>;
  fingerprint: { seed: string; value: string; plan: string; version: string };
}

const BARS = '▁▂▃▄▅▆▇█';
const GAP = '   ';

export function sparkline(shape: readonly number[]): string {
  return shape.map((level) => BARS[level]).join('');
}

export function goldenText(golden: Golden): string {
  const { database, seeds, verdicts, rows, shape, rules, fingerprint } = golden;
  const names = Object.entries(verdicts);
  const others = names.filter(([, verdict]) => verdict !== 'held').length;
  const held = others === 0 ? 'all expectations held' : `${names.length - others} of ${names.length} expectations held`;
  return [
    `reconverge golden 1 · ${database.replace('@', ' ')} · ${seedsText(seeds)} · ${held}`,
    ...tableLines(rows),
    `divergent_copies  ${sparkline(shape)}`,
    `verdicts  ${names.map(([id, verdict]) => `${id} ${verdict}`).join(' · ')}`.trimEnd(),
    `rules exercised  ${Object.entries(rules)
      .map(([id, revision]) => `${shortId(id)}·${revision}`)
      .join(' ')}`.trimEnd(),
    `fingerprint  ${fingerprint.value}  plan ${fingerprint.plan}  reconverge ${fingerprint.version}`,
    '(of the first seed; determinism only, not compared across versions)',
    '',
  ].join('\n');
}

/** The database stands in the first line. */
function shortId(id: string): string {
  return id.slice(id.indexOf('.') + 1);
}

export function seedsText(seeds: readonly string[]): string {
  const range = parseSeeds(`${seeds[0]}..${seeds[seeds.length - 1]}`);
  if (seeds.length === 1 && isPlain(seeds[0])) return `seed ${seeds[0]}`;
  if (!isUnitProblem(range) && range.join() === seeds.join()) return `seeds ${seeds[0]}..${seeds[seeds.length - 1]}`;
  return `seeds ${seeds.every(isPlain) ? seeds.join(', ') : JSON.stringify(seeds)}`;
}

function isPlain(seed: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(seed);
}

function tableLines(rows: readonly GoldenRow[]): string[] {
  const cells = rows.map(({ name, min, median, max, tolerance }) => [
    name,
    ...[min, median, max].map(numberText),
    tolerance === 0 ? 'exact' : `±${formatShare(tolerance)}`,
  ]);
  const table = [['', 'min', 'median', 'max', 'tolerance'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : column === 4 ? cell : cell.padStart(widths[column]),
      )
      .join(GAP),
  );
}

/** Whole numbers exactly, others to three digits behind the point; grouped by a space. */
export function numberText(value: number): string {
  const [whole, fraction] = (Number.isInteger(value) ? value.toFixed(0) : value.toFixed(3)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** What cannot be read, and on which line. */
export interface GoldenProblem {
  line: number;
  message: string;
  /** Another than this version reads. */
  format?: string;
}

export function readGolden(text: string): Golden | GoldenProblem {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const [head, database, seedsWords] = lines[0].split(' · ');
  const format = /^reconverge golden (\d+)$/.exec(head)?.[1];
  if (format === undefined) return { line: 1, message: 'not a golden: it does not begin with "reconverge golden 1"' };
  if (format !== '1') return { line: 1, format, message: `a golden of format ${format}` };
  const seeds = readSeeds(seedsWords ?? '');
  if (database === undefined || seeds === null) return { line: 1, message: 'no database or no seeds' };
  const of = (word: string): { line: number; rest: string } => {
    const index = lines.findIndex((line) => line === word || line.startsWith(`${word}  `));
    return { line: index + 1, rest: index < 0 ? '' : lines[index].slice(word.length).trim() };
  };
  const shape = of('divergent_copies');
  const last = /^([0-9a-f]{16}) {2}plan ([0-9a-f]{16}) {2}reconverge (\S+)$/.exec(of('fingerprint').rest);
  if (shape.line === 0) return { line: lines.length, message: 'no line "divergent_copies"' };
  if (last === null)
    return { line: Math.max(of('fingerprint').line, 1), message: 'no fingerprint, or one that cannot be read' };
  const rows = lines.slice(2, shape.line - 1).map(readRow);
  const bad = rows.indexOf(null);
  if (bad >= 0) return { line: bad + 3, message: 'a row that is not a name, three numbers and a tolerance' };
  const name = database.split(' ')[0];
  return {
    database: database.replace(' ', '@'),
    seeds,
    verdicts: Object.fromEntries(pairs(of('verdicts').rest.split(' · '), ' ')),
    rows: rows.flatMap((row) => row ?? []),
    shape: [...shape.rest].map((bar) => Math.max(0, BARS.indexOf(bar))),
    rules: Object.fromEntries(
      pairs(of('rules exercised').rest.split(' '), '·').map(([id, revision]) => [`${name}.${id}`, Number(revision)]),
    ),
    fingerprint: { seed: seeds[0], value: last[1], plan: last[2], version: last[3] },
  };
}

export function isGoldenProblem(read: Golden | GoldenProblem): read is GoldenProblem {
  return 'message' in read;
}

function pairs(words: readonly string[], separator: string): [string, string][] {
  return words.flatMap((word): [string, string][] => {
    const at = word.lastIndexOf(separator);
    return at < 0 ? [] : [[word.slice(0, at), word.slice(at + 1)]];
  });
}

function readSeeds(words: string): string[] | null {
  const text = /^seeds? (.*)$/.exec(words)?.[1];
  if (text === undefined) return null;
  if (text.startsWith('[')) {
    try {
      return (JSON.parse(text) as unknown[]).map(String);
    } catch {
      return null;
    }
  }
  const read = text.split(', ').map((part) => parseSeeds(part));
  return read.some(isUnitProblem) ? null : read.flatMap((part) => (isUnitProblem(part) ? [] : part));
}

function readRow(line: string): GoldenRow | null {
  const match = /^(\S+(?: \S+)*)\s{2,}([\d. ]+?)\s{2,}([\d. ]+?)\s{2,}([\d. ]+?)\s{2,}(exact|±\s?[\d.]+\s?%)$/.exec(
    line,
  );
  if (match === null) return null;
  const [min, median, max] = match.slice(2, 5).map((cell) => Number(cell.replaceAll(' ', '')));
  const tolerance = match[5] === 'exact' ? 0 : Number(match[5].replace(/[±%\s]/g, '')) / 100;
  return [min, median, max, tolerance].some(Number.isNaN) ? null : { name: match[1], min, median, max, tolerance };
}
