/** The rows of the table `runs` of one folder of results: what stands in its result.json, and in the last line of its series. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Result } from '../../observe/result.ts';
import { endValues } from '../../studies/end-values.ts';
import type { RunRow } from '../../studies/sweep/rows.ts';
import { commandMistake } from '../command-mistake.ts';
import { systemReason } from '../system-reason.ts';
import { damagedTable } from './sources.ts';
import type { RunFolder } from './sources.ts';

const RESULT_FORMAT = 1;
const MEMBERS = ['writes', 'final', 'hints', 'storage', 'repairs', 'probes'];

export function readResult({ folder, shown }: RunFolder): Result {
  const found = readJson(folder, 'result.json', shown);
  if (typeof found['format'] === 'number' && found['format'] > RESULT_FORMAT) {
    throw commandMistake('C174', `${shown}/result.json is a result of format ${found['format']}`, {
      expected: `format ${RESULT_FORMAT}, which this version writes and reads`,
      notes: ['a newer Reconverge wrote it: query it with that one'],
    });
  }
  const missing = MEMBERS.filter((name) => typeof found[name] !== 'object' || found[name] === null);
  if (found['format'] !== RESULT_FORMAT || missing.length > 0)
    throw damagedTable(`${shown}/result.json`, missing.length > 0 ? `no ${missing.join(', ')} in it` : 'no format');
  return found as unknown as Result;
}

/** Of the scenario; a folder whose plan has none is called by its own. */
export function readName({ folder, shown }: RunFolder): string {
  const { name } = readJson(folder, 'plan.json', shown);
  return typeof name === 'string' && name !== '' ? name : basename(folder);
}

function readJson(folder: string, name: string, shown: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  } catch (error) {
    throw damagedTable(`${shown}/${name}`, systemReason(error));
  }
  throw damagedTable(`${shown}/${name}`, 'no object in it');
}

export interface RunIdentity {
  run_id: string;
  study: string;
}

export function runRows(result: Result, last: Readonly<Record<string, number>>, identity: RunIdentity): RunRow[] {
  const { plan_hash, fingerprint, seed } = result;
  const shared = { ...identity, cell: 0, plan_hash, fingerprint, seed, repairs: null, axes: {} };
  return endValues(result, last).map((value) => ({ ...shared, ...value }));
}
