/**
 * RUN of the commands that look at a run: `last` (the default), a folder of results, the beginning of the name of one in
 * the place where results go, or a file: a plan.json or a scenario. Gives the path of the file to read; what is in it is
 * judged where it is read (input.ts).
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MistakeError } from '../base/mistake.ts';
import { nearestName } from '../scenario/nearest.ts';
import { commandMistake } from './command-mistake.ts';
import { resultsRoot } from './result-folder.ts';
import { shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

export const LAST = 'last';
const EXPECTED = 'last, a folder of results, the beginning of its name, a plan.json or a scenario';
const SHOWN_MAX = 6;

/** Path of the plan (or scenario) that the words name, as a person here would type it. */
export function runArgument(words: Words, terminal: Terminal): string {
  const named = words['run'] ?? LAST;
  if (typeof named !== 'string' || named === '') {
    throw commandMistake('C130', 'no run is named by this', { expected: EXPECTED });
  }
  return shownPath(terminal, pathOf(named, terminal));
}

function pathOf(named: string, terminal: Terminal): string {
  if (named === LAST) return planOf(lastRun(terminal));
  const path = resolve(terminal.folder, named);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return existingPlan(path, named);
  if (stats !== undefined) return path;
  return planOf(runNamed(named, terminal));
}

function existingPlan(folder: string, named: string): string {
  const plan = planOf(folder);
  if (existsSync(plan)) return plan;
  throw commandMistake('C105', `${named} holds no plan.json`, {
    expected: 'a folder that a run has written',
    suggestion: 'reconverge run SCENARIO',
  });
}

function planOf(folder: string): string {
  return join(folder, 'plan.json');
}

/** The one whose plan was written last; of several at one moment the last by name. */
function lastRun(terminal: Terminal): string {
  const root = resultsRoot(terminal.folder);
  let last: { name: string; millis: number } | null = null;
  for (const name of runsIn(root)) {
    const millis = statSync(planOf(join(root, name)), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (last === null || millis >= last.millis) last = { name, millis };
  }
  if (last !== null) return join(root, last.name);
  throw commandMistake('C130', 'there is no last run', {
    expected: `a run whose results lie in ${shownPath(terminal, root)}`,
    suggestion: 'reconverge run SCENARIO',
  });
}

function runNamed(named: string, terminal: Terminal): string {
  const root = resultsRoot(terminal.folder);
  const names = runsIn(root);
  const found = names.includes(named) ? [named] : names.filter((name) => name.startsWith(named));
  if (found.length === 1) return join(root, found[0]);
  throw found.length === 0 ? unknownRun(named, names, shownPath(terminal, root)) : severalRuns(named, found);
}

function unknownRun(named: string, names: readonly string[], root: string): MistakeError {
  const nearest = nearestName(named, [...names, LAST]);
  return commandMistake('C130', `no run is called ${named}`, {
    expected: EXPECTED,
    ...(nearest === null ? {} : { suggestion: nearest }),
    notes: names.length === 0 ? [`${root} holds no run`] : [`${root} holds`, ...listed(names)],
  });
}

function severalRuns(named: string, found: readonly string[]): MistakeError {
  return commandMistake('C131', `${found.length} runs begin with ${named}`, {
    expected: 'more of the name',
    notes: listed(found),
  });
}

function listed(names: readonly string[]): string[] {
  const shown = names.slice(0, SHOWN_MAX).map((name) => `  ${name}`);
  return names.length > shown.length ? [...shown, `  and ${names.length - shown.length} more`] : shown;
}

/** Names of the folders there that hold a plan, by code unit. */
function runsIn(root: string): string[] {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const names = readdirSync(root).filter((name) => !name.startsWith('.') && existsSync(planOf(join(root, name))));
  return names.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}
