/**
 * Plans that broke an expectation once, kept in `.regressions/` beside their scenarios: `NAME.SEED.plan.json`, with the
 * expectations that they were judged by. They hold all of their content, so they say the same after the scenario changed. `test`
 * runs them first.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Plan } from '../../scenario/plan.ts';
import { commandMistake } from '../command-mistake.ts';
import type { FoundFile } from '../discover.ts';
import { planJson } from '../plan-json.ts';
import { projectFolder } from '../result-folder.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

const FOLDER = '.regressions';
const ENDING = '.plan.json';

export function isRegression(file: string): boolean {
  return basename(dirname(file)) === FOLDER && file.endsWith(ENDING);
}

/** Kept plans of these scenarios; of a folder that is asked for as a whole also those whose scenario is gone. Each once, by name. */
export function regressionsOf(files: readonly FoundFile[], asked: readonly string[], terminal: Terminal): FoundFile[] {
  const scenarios = files.filter(({ path, mistake }) => mistake === null && !isRegression(path));
  const named = new Set(scenarios.map(({ path }) => scenarioName(path)));
  const whole = asked.map((name) => resolve(terminal.folder, name)).filter(isFolder);
  const found = new Set<string>();
  for (const folder of new Set(scenarios.flatMap(({ path }) => regressionFolders(path, terminal)))) {
    const isWhole = whole.some((each) => !relative(each, folder).startsWith('..'));
    for (const name of plansIn(folder)) if (isWhole || named.has(scenarioOfPlan(name))) found.add(join(folder, name));
  }
  const given = new Set(files.map(({ path }) => path));
  const paths = [...found].map((path) => shownPath(terminal, path)).filter((path) => !given.has(path));
  return paths.sort((left, right) => (left < right ? -1 : 1)).map((path) => ({ path, mistake: null }));
}

function scenarioName(file: string): string {
  return basename(file).replace(/[.](ya?ml|json)$/, '');
}

/** `rack.7.plan.json` → `rack`. */
function scenarioOfPlan(name: string): string {
  return name.slice(0, -ENDING.length).replace(/[.][^.]*$/, '');
}

/** Beside the scenario, and above it up to the project. */
function regressionFolders(file: string, { folder }: Terminal): string[] {
  const home = projectFolder(folder);
  const folders: string[] = [];
  for (let at = dirname(resolve(folder, file)); ; at = dirname(at)) {
    if (isFolder(join(at, FOLDER))) folders.push(join(at, FOLDER));
    if (at === home || at === dirname(at)) return folders;
  }
}

function plansIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(ENDING) && !name.startsWith('.'));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Keeps the plan, whole or not at all; gives its path as a person here would type it. It lies in the nearest folder of such
 * plans, or a new one in the folder that was asked for.
 * @throws MistakeError where the system does not let us
 */
export function keepRegression(file: string, plan: Plan, asked: readonly string[], terminal: Terminal): string {
  const folder = regressionFolders(file, terminal)[0] ?? join(homeOf(file, asked, terminal), FOLDER);
  const path = freePath(folder, { file, plan });
  const shown = shownPath(terminal, path);
  const temporary = join(folder, `.${basename(path)}.tmp-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, planJson(keptPlan(plan, file)));
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw commandMistake('C106', `cannot write ${shown}: ${systemReason(error)}`, { path: shown });
  }
  return shown;
}

/** Where nothing could be written there may be nothing to remove either. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The first reason is the one to tell.
  }
}

function homeOf(file: string, asked: readonly string[], { folder }: Terminal): string {
  const path = resolve(folder, file);
  const folders = asked.map((name) => resolve(folder, name)).filter(isFolder);
  return folders.find((each) => !relative(each, path).startsWith('..')) ?? dirname(path);
}

/** Two scenarios of one name in two folders: the second is named after its folder too. */
function freePath(folder: string, { file, plan }: { file: string; plan: Plan }): string {
  const tail = `${plan.seed.replaceAll(/[^A-Za-z0-9_-]/g, '-')}${ENDING}`;
  const path = join(folder, `${scenarioName(file)}.${tail}`);
  const isFree =
    !existsSync(path) || readFileSync(path, 'utf8').includes(`"file": ${JSON.stringify(plan.source.file)}`);
  return isFree ? path : join(folder, `${scenarioName(file)}.${basename(dirname(resolve(file)))}-${tail}`);
}

/** Judged alone: no other seeds, no variants; and its expectations still say where they were written. */
function keptPlan(plan: Plan, file: string): Plan {
  const expect = Object.entries(plan.expect).flatMap(([id, { over, ...expectation }]) =>
    over?.share === undefined || over.share === null ? [[id, { file, ...expectation }] as const] : [],
  );
  return { ...plan, expect: Object.fromEntries(expect), source: { ...plan.source, variants: {} } };
}
