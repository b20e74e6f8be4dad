/**
 * Writes the files of one run as a folder that is complete or not there: they go to a temporary folder beside its place,
 * which is renamed at the end. A folder that holds anything but our files is never replaced. Names are made harmless here.
 */
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { commandMistake } from './command-mistake.ts';
import { systemReason } from './system-reason.ts';

/** All that this and coming versions write into a result folder. */
export const OUR_FILES = [
  'plan.json',
  'result.json',
  'series.csv',
  'report.txt',
  'report.html',
  'series.parquet',
  'comparison.json',
];
const OWN_FOLDER = '.reconverge';
const SLUG_LENGTH_MAX = 80;
const MARK_LENGTH = 8;
const SHOWN_PATH_MAX = 60;

/** File name to content. */
export type ResultFiles = Readonly<Record<string, string | Uint8Array>>;

/** `reports/` inside this project, `.reconverge/runs/` elsewhere. */
export function resultsRoot(folder: string): string {
  const home = nearestPackage(folder);
  return home !== null && packageName(home) === 'reconverge' ? join(home, 'reports') : join(folder, OWN_FOLDER, 'runs');
}

/** The folder of the package that `folder` is in, or itself. */
export function projectFolder(folder: string): string {
  return nearestPackage(folder) ?? folder;
}

function nearestPackage(folder: string): string | null {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : nearestPackage(parent);
}

function packageName(folder: string): unknown {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof parsed === 'object' && parsed !== null && 'name' in parsed ? parsed.name : null;
  } catch {
    return null;
  }
}

/**
 * `<slug of the name>-<seed>`: one harmless path segment, different for different seeds; a what-if has the beginning of its
 * hash behind it, so that it does not replace what it is compared with.
 */
export function folderName({ name, seed, edited }: { name: string; seed: string; edited: string | null }): string {
  const base = `${slug(name) || 'run'}-${distinctSlug(seed)}`;
  return edited === null ? base : `${base}-${edited.slice(0, MARK_LENGTH)}`;
}

function slug(text: string): string {
  const words = text.normalize('NFKD').replace(/[^A-Za-z0-9._]+/g, '-');
  return words
    .replace(/[.]{2,}/g, '.')
    .slice(0, SLUG_LENGTH_MAX)
    .replace(/^[-.]+|[-.]+$/g, '');
}

/** A slug that lost something gets a piece of the text's hash, so that two seeds never share a folder. */
function distinctSlug(text: string): string {
  const made = slug(text);
  if (made === text) return made;
  const mark = createHash('sha256').update(text).digest('hex').slice(0, MARK_LENGTH);
  return made === '' ? mark : `${made}-${mark}`;
}

/** Is `folder` a result of ours, and nothing else? */
export function isResultFolder(folder: string): boolean {
  if (!isFolder(folder)) return false;
  const names = readdirSync(folder);
  return (
    ['plan.json', 'comparison.json'].some((name) => names.includes(name)) &&
    names.every((name) => OUR_FILES.includes(name))
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Throws a mistake if a result must not or cannot be put at `folder`. Asked before the run, so that no minutes are lost. */
export function refuseFolder(folder: string): void {
  refuseLongPath(folder);
  refuseForeignFolder(folder);
  const above = nearestExisting(dirname(folder));
  const notes = ['nothing was run; choose another with --out'];
  if (!isFolder(above)) {
    throw commandMistake('C106', `cannot write ${folder}`, { found: `${above}, which is not a folder`, notes });
  }
  try {
    accessSync(above, constants.W_OK);
  } catch {
    throw commandMistake('C106', `cannot write ${folder}`, { found: `${above}, where nothing may be written`, notes });
  }
  tryToMake(resolve(folder), above);
}

/** Makes the folders above and the temporary one, and takes them away again: only the system knows whether it lets us. */
function tryToMake(folder: string, above: string): void {
  const temporary = besideOf(folder, 'tmp');
  const names = relative(above, temporary).split(sep);
  const made: string[] = [];
  try {
    for (const index of names.keys()) {
      const path = join(above, ...names.slice(0, index + 1));
      mkdirSync(path);
      made.push(path);
    }
  } catch (error) {
    throw commandMistake('C106', `cannot write ${folder}`, {
      found: `${join(above, ...names.slice(0, made.length))}, where no folder can be made${reasonText(error)}`,
      notes: ['nothing was run; choose another with --out'],
    });
  } finally {
    for (const path of made.reverse()) rmdirSync(path);
  }
}

/** Asks the system about every name that would be made, the temporary one too: it knows how long they may be. */
function refuseLongPath(folder: string): void {
  const target = join(besideOf(resolve(folder), 'tmp'), 'result.json');
  const above = nearestExisting(resolve(folder));
  const names = [...new Set([...relative(above, resolve(folder)).split(sep), basename(dirname(target))])];
  for (const path of [target, ...names.map((name) => join(above, name))]) {
    if (!isTooLong(path)) continue;
    const shown = folder.length > SHOWN_PATH_MAX ? `${folder.slice(0, SHOWN_PATH_MAX)}…` : folder;
    throw commandMistake('C106', `cannot write ${shown}`, {
      expected: 'a shorter path: this system takes none so long',
      found: `${folder.length} characters, the longest name ${Math.max(...folder.split(sep).map(({ length }) => length))}`,
      notes: ['nothing was run; choose another with --out'],
    });
  }
}

function isTooLong(path: string): boolean {
  try {
    statSync(path, { throwIfNoEntry: false });
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG';
  }
}

function nearestExisting(path: string): string {
  const parent = dirname(path);
  return parent === path || existsSync(path) ? path : nearestExisting(parent);
}

function refuseForeignFolder(folder: string): void {
  if (!existsSync(folder) || isResultFolder(folder)) return;
  if (isFolder(folder) && readdirSync(folder).length === 0) return;
  throw commandMistake('C105', `${folder} exists and is not a result of ours`, {
    expected: 'a folder that does not exist, is empty, or holds only an earlier result',
    notes: ['nothing was run; choose another with --out'],
  });
}

/** A system that has no folders to make, as /proc, says that something does not exist: that explains nothing. */
function reasonText(error: unknown): string {
  const isUnexplained = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isUnexplained ? '' : `: ${systemReason(error)}`;
}

/** Replaces what stands at `folder` (see `refuseFolder`) by these files. Ctrl-C meanwhile leaves nothing. */
export async function writeResultFolder(folder: string, files: ResultFiles): Promise<void> {
  const target = resolve(folder);
  const temporary = besideOf(target, 'tmp');
  const restoreSignals = onInterrupt(() => removeFolder(temporary));
  try {
    await makeFolder(temporary);
    ignoreOwnFolder(target);
    for (const [name, content] of Object.entries(files)) await writeFile(join(temporary, name), content);
    await replaceFolder(target, temporary);
  } catch (error) {
    // What could not be made can often not be removed either; the first reason is the one to tell.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw writeMistake(target, error);
  } finally {
    restoreSignals();
  }
}

/** Nobody wants runs in a repository: `.reconverge` tells git so from within. Without it a result is as good. */
function ignoreOwnFolder(target: string): void {
  for (let above = dirname(target); above !== dirname(above); above = dirname(above)) {
    if (basename(above) !== OWN_FOLDER) continue;
    const path = join(above, '.gitignore');
    if (existsSync(path)) return;
    try {
      writeFileSync(path, '*\n');
    } catch {
      rmSync(path, { force: true });
    }
    return;
  }
}

/** Files may still be coming: what is written while it is removed makes the system refuse for a moment. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  } catch {
    // The process ends; what is left has a name that nobody reads.
  }
}

/** With the folders above it. The recursive mkdir of Node never ends where the system refuses with ENOENT, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  if (!existsSync(parent)) await makeFolder(parent);
  try {
    await mkdir(path);
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
}

async function replaceFolder(target: string, temporary: string): Promise<void> {
  refuseForeignFolder(target);
  if (!existsSync(target)) return rename(temporary, target);
  const old = besideOf(target, 'old');
  await rename(target, old);
  try {
    await rename(temporary, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  // The new result is in its place. What somebody else's folder keeps us from removing has a name that nobody reads.
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

function besideOf(target: string, kind: 'tmp' | 'old'): string {
  return join(dirname(target), `.${basename(target)}.${kind}-${process.pid}`);
}

/** While files are written an interrupt first takes the temporary folder away. Returns how to undo this. */
function onInterrupt(cleanUp: () => void): () => void {
  const endings = { SIGINT: EXIT.interrupted, SIGTERM: 143, SIGHUP: 129 } as const;
  const handlers = Object.entries(endings).map(([signal, code]) => {
    const handler = (): void => {
      cleanUp();
      process.exit(code);
    };
    process.once(signal, handler);
    return () => void process.removeListener(signal, handler);
  });
  return () => handlers.forEach((remove) => remove());
}

function writeMistake(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return commandMistake('C106', `cannot write ${folder}`, { found: systemReason(error) });
}
