/** What a scenario says of reads: the levels of a workload's writes and reads, and what a table asks of its reads. */
import { consistency } from './draft-shares.ts';
import { addUnknown } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { ReadOptionName } from './dialect-rules.ts';
import type { Path } from './places.ts';
import type { ConsistencyLevel, PlanSpeculation, PlanTable } from './plan.ts';
import type { ScenarioTable, ScenarioWorkload } from './schema/scenario.ts';
import { isUnitProblem, parseDuration } from './units.ts';

export interface DraftedLevels {
  consistency: ConsistencyLevel | null;
  /** Absent where nothing is read, null after a mistake. */
  read_consistency?: ConsistencyLevel | null;
}

/** The level of the writes and, where the mix has reads, theirs. */
export function draftLevels(drafting: Drafting, workload: ScenarioWorkload, path: Path): DraftedLevels {
  const reads = (workload.mix?.read ?? 0) > 0;
  const { write, read, isOne = true } = workload.consistency ?? {};
  if (!reads && !isOne && read !== undefined) {
    drafting.list.add([...path, 'consistency', 'read'], {
      code: 'S119',
      message: 'a level for reads, and the mix has no reads',
      expected: 'mix: { read: 50%, insert: 50% }, or no consistency.read',
      part: 'key',
    });
    return { consistency: null };
  }
  if (!reads) return { consistency: consistency(drafting, write, path) };
  const onlyReads = (workload.mix?.read ?? 0) >= 1;
  const written = onlyReads && (isOne || write === undefined) ? 'ONE' : consistency(drafting, write, path);
  return { consistency: written, read_consistency: draftReadLevel(drafting, { level: read, isOne }, path) };
}

function draftReadLevel(
  drafting: Drafting,
  { level, isOne }: { level: string | undefined; isOne: boolean },
  path: Path,
): ConsistencyLevel | null {
  const { list, rules, database } = drafting;
  const levels = rules.readLevels(database);
  const at = isOne || level === undefined ? [...path, 'consistency'] : [...path, 'consistency', 'read'];
  if (level === undefined) {
    list.add([...path, 'mix', 'read'], {
      code: 'S111',
      part: 'key',
      suggestion: 'consistency: { read: ONE }',
      message: 'the mix has reads, and no level for them is given',
      expected: 'consistency: { read: LEVEL }, beside the level of the writes',
    });
    return null;
  }
  const found = levels.find((name) => name === level);
  if (found !== undefined) return found;
  if (!rules.consistencyLevels(database).some((name) => name === level)) {
    addUnknown(list, at, { code: 'S112', kind: 'consistency level', name: level, names: levels });
    return null;
  }
  list.add(at, {
    code: 'S112',
    message: `${level} is a level for writes only`,
    expected: `for reads one of ${levels.join(', ')}`,
    found: level,
    suggestion: isOne ? `{ write: ${level}, read: ${nearestRead(level)} }` : nearestRead(level),
  });
  return null;
}

function nearestRead(level: string): ConsistencyLevel {
  return level === 'EACH_QUORUM' ? 'QUORUM' : 'ONE';
}

type TableReads = Pick<
  PlanTable,
  'read_repair' | 'read_repair_chance' | 'dclocal_read_repair_chance' | 'speculative_retry'
>;

const OPTIONS: readonly ReadOptionName[] = [
  'read_repair',
  'read_repair_chance',
  'dclocal_read_repair_chance',
  'speculative_retry',
];

/** Options that the version does not have are mistakes; null after one. What is not given stands in no plan. */
export function draftTableReads(drafting: Drafting, table: ScenarioTable, path: Path): TableReads | null {
  const { list, rules, database } = drafting;
  const { names } = rules.readOptions(database);
  const absent = OPTIONS.filter((name) => table[name] !== undefined && !names.includes(name));
  for (const name of absent)
    list.add([...path, name], {
      code: 'S114',
      message: `${database} has no table option ${name}`,
      expected: names.join(' | '),
      part: 'key',
    });
  const { read_repair, read_repair_chance, dclocal_read_repair_chance, speculative_retry } = table;
  const speculation =
    speculative_retry === undefined
      ? undefined
      : readSpeculation(drafting, speculative_retry, [...path, 'speculative_retry']);
  if (absent.length > 0 || speculation === null) return null;
  return {
    ...(read_repair === undefined ? {} : { read_repair }),
    ...(read_repair_chance === undefined ? {} : { read_repair_chance }),
    ...(dclocal_read_repair_chance === undefined ? {} : { dclocal_read_repair_chance }),
    ...(speculation === undefined ? {} : { speculative_retry: speculation }),
  };
}

const PERCENTILE = /^(\d{1,2}(?:\.\d+)?)(?:p|percentile)$/i;

function readSpeculation({ list }: Drafting, written: string, path: Path): PlanSpeculation | null {
  const word = written.toUpperCase();
  if (word === 'NONE' || word === 'NEVER') return { kind: 'never' };
  if (word === 'ALWAYS') return { kind: 'always' };
  const percentile = PERCENTILE.exec(written);
  if (percentile !== null && Number(percentile[1]) > 0)
    return { kind: 'percentile', share: Number(percentile[1]) / 100 };
  const micros = parseDuration(written);
  if (!isUnitProblem(micros) && micros > 0) return { kind: 'after', micros };
  list.add(path, {
    code: 'S112',
    message: `"${written}" is no speculative_retry`,
    expected: 'NEVER, ALWAYS, a percentile such as 99p, or a time such as 50ms',
    found: written,
  });
  return null;
}
