/**
 * Makes the golden of runs, and says what moved against an older one: verdicts, numbers beyond their tolerance, the
 * fingerprint where version and plan are the same, and which rules behave otherwise since.
 */
import { formatShare } from '../../base/human.ts';
import { VERSION } from '../../base/version.ts';
import { ruleRevisions } from '../../dialect/index.ts';
import { numberText, sparkline } from './golden.ts';
import type { Golden, GoldenRow } from './golden.ts';
import type { TestRun } from './job.ts';

const COUNT_TOLERANCE = 0.02;
const BYTES_TOLERANCE = 0.05;

export interface GoldenInput {
  database: string;
  seeds: readonly string[];
  /** By seed; all of them. */
  runs: ReadonlyMap<string, TestRun>;
  verdicts: Readonly<Record<string, string>>;
}

/** Tolerances that a person changed in the older one stay. */
export function goldenOf({ database, seeds, runs, verdicts }: GoldenInput, older: Golden | null): Golden {
  const asked = seeds.flatMap((seed) => runs.get(seed) ?? []);
  const [first] = asked;
  const rules = [...new Set(asked.flatMap((run) => run.rules))].sort((left, right) => (left < right ? -1 : 1));
  const revisions = ruleRevisions();
  return {
    database,
    seeds,
    verdicts,
    rows: Object.keys(first.summary).map((name) => rowOf(name, asked, older)),
    shape: first.shape,
    rules: Object.fromEntries(rules.map((id) => [id, revisions[id] ?? 1])),
    fingerprint: { seed: seeds[0], value: first.fingerprint, plan: first.planHash, version: VERSION },
  };
}

function rowOf(name: string, runs: readonly TestRun[], older: Golden | null): GoldenRow {
  const values = runs.map(({ summary }) => rounded(summary[name] ?? 0)).sort((left, right) => left - right);
  const [min, max] = [values[0], values[values.length - 1]];
  // The lower of the two in the middle: a number that some run gave.
  const median = values[(values.length - 1) >> 1];
  const usual = max === 0 ? 0 : name.endsWith('bytes') ? BYTES_TOLERANCE : COUNT_TOLERANCE;
  const before = older?.rows.find((row) => row.name === name);
  // Of a number that was 0 nobody chose that it must be exact.
  const isChosen = before !== undefined && (before.max !== 0 || before.tolerance !== 0);
  return { name, min, median, max, tolerance: isChosen ? before.tolerance : usual };
}

/** As it stands in the file, so that what is read back is equal. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toFixed(3));
}

export interface Moved {
  /** `verdicts same, repair sent_bytes +6.1 % (±5 %)`. */
  says: string;
  /** The same, one change each. */
  changes: readonly string[];
  /** Rules, shapes; further lines. */
  details: readonly string[];
}

/** Null where nothing moved. */
export function movedFrom(golden: Golden, now: Golden): Moved | null {
  const verdicts = verdictChanges(golden, now);
  const rows = golden.rows.flatMap((row) =>
    rowChange(
      row,
      now.rows.find(({ name }) => name === row.name),
    ),
  );
  const fingerprint = fingerprintChange(golden, now);
  if (verdicts.length + rows.length + fingerprint.length === 0) return null;
  const shapes = [sparkline(golden.shape), sparkline(now.shape)];
  const shape = shapes[0] === shapes[1] ? [] : shapeLines(shapes);
  const changes = [...(verdicts.length === 0 ? ['verdicts same'] : verdicts), ...rows, ...fingerprint];
  return {
    says: changes.join(', '),
    changes,
    details: [...shape, `${ruleChanges(golden, now)}; accept to take over`],
  };
}

/** Two shapes below each other: beside each other they would be wider than a terminal. */
export function shapeLines([before, after]: readonly string[]): string[] {
  return [`divergent_copies  ${before}`, `               →  ${after}`];
}

function verdictChanges(golden: Golden, now: Golden): string[] {
  const ids = [...new Set([...Object.keys(golden.verdicts), ...Object.keys(now.verdicts)])];
  return ids.flatMap((id) => {
    const [before, after] = [golden.verdicts[id] ?? 'not there', now.verdicts[id] ?? 'not there'];
    return before === after ? [] : [`${id} ${before} → ${after}`];
  });
}

function rowChange(row: GoldenRow, now: GoldenRow | undefined): string[] {
  const allowed = row.tolerance === 0 ? 'exact' : `±${formatShare(row.tolerance)}`;
  if (now === undefined) return [`${row.name} is no longer measured`];
  for (const key of ['median', 'min', 'max'] as const) {
    const [before, after] = [row[key], now[key]];
    if (Math.abs(after - before) <= row.tolerance * before) continue;
    const name = key === 'median' ? row.name : `${row.name} (${key})`;
    if (before === 0 || row.tolerance === 0)
      return [`${name} ${numberText(before)} → ${numberText(after)} (${allowed})`];
    const change = (after - before) / before;
    return [`${name} ${change > 0 ? '+' : '−'}${formatShare(Math.abs(change))} (${allowed})`];
  }
  return [];
}

/** Of another plan or version it must differ. */
function fingerprintChange({ fingerprint: before }: Golden, { fingerprint: after }: Golden): string[] {
  const comparable = before.version === after.version && before.plan === after.plan && before.seed === after.seed;
  return !comparable || before.value === after.value
    ? []
    : [`fingerprint ${before.value} → ${after.value} (same version, same plan)`];
}

function ruleChanges(golden: Golden, now: Golden): string {
  const since = ` in reconverge ${now.fingerprint.version}`;
  const revisions = ruleRevisions();
  const changed = Object.entries(golden.rules).flatMap(([id, before]) => {
    const after = revisions[id];
    if (after === undefined) return [`rule ${id} is gone`];
    return after === before ? [] : [`rule ${id} revision ${before} → ${after}`];
  });
  if (changed.length > 0) return changed.join(', ') + since;
  const added = Object.keys(now.rules).filter((id) => golden.rules[id] === undefined);
  if (golden.fingerprint.plan !== now.fingerprint.plan) return 'the scenario draws another plan than then';
  return added.length > 0 ? `now exercised: ${added.join(', ')}` : 'no rule has another revision';
}
