/** The rows of the table `runs` of one folder of results: what stands in its result.json, and in the last line of its series. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { otherFormat } from '../../base/other-format.ts';
import type { Result } from '../../observe/result.ts';
import { endValues } from '../../studies/end-values.ts';
import type { RunRow } from '../../studies/sweep/rows.ts';
import { commandMistake } from '../command-mistake.ts';
import { systemReason } from '../system-reason.ts';
import { damagedRun } from './sources.ts';
import type { RunFolder } from './sources.ts';

const RESULT_FORMAT = 1;
const MEMBERS = ['writes', 'final', 'hints', 'storage', 'repairs', 'probes'];

export function readResult({ folder, shown }: RunFolder): Result {
  const found = readJson(folder, 'result.json', shown);
  const { format } = found;
  if (typeof format === 'number' && format !== RESULT_FORMAT) {
    const { message, ...details } = otherFormat({
      ...{ what: `${shown}/result.json is a result`, format, known: RESULT_FORMAT },
      renew: `run it again: reconverge run ${shown}/plan.json`,
    });
    throw commandMistake('C174', message, details);
  }
  const missing = MEMBERS.filter((name) => typeof found[name] !== 'object' || found[name] === null);
  if (found['format'] !== RESULT_FORMAT || missing.length > 0)
    throw damagedRun(shown, 'result.json', missing.length > 0 ? `no ${missing.join(', ')} in it` : 'no format');
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
    const found = error instanceof SyntaxError ? 'text that is not whole JSON' : systemReason(error);
    throw damagedRun(shown, name, found);
  }
  throw damagedRun(shown, name, 'no object in it');
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
