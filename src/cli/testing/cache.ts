/**
 * Answers of runs kept by content: the plan without what is only shown, and the program itself. An entry is one file, renamed
 * into its place when it is whole and checked when it is read: a damaged one counts as none. Whatever cannot be written or
 * read is simply not kept; the oldest go when there are too many.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../../scenario/plan.ts';
import type { CacheFolder, TestRun } from './job.ts';

const FORMAT = 1;
const IGNORED = '.gitignore';
const BYTES_MAX = 64e6;
/** Pruned to this share, so that not every command prunes. */
const PRUNED_SHARE = 0.75;
const ABANDONED_MILLIS = 3_600_000;

/** Of the program's own files: src/ or dist/. */
export function modelHash(root: string = fileURLToPath(new URL('../../', import.meta.url))): string {
  const hash = createHash('sha256');
  const names = readdirSync(root, { recursive: true }).map(String);
  const sources = names.filter((name) => /(?<!\.d)\.(ts|js)$/.test(name));
  sources.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  for (const name of sources)
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  return hash.digest('hex');
}

let loaded: string | null = null;

/** Of the program as this thread loaded it, which is what it runs: files that change later do not. */
export function loadedModelHash(): string {
  return (loaded ??= modelHash());
}

/** Of all that decides the answer; a comment in the scenario, or the line of an expectation, does not. */
export function cacheKey(plan: Plan, model: string): string {
  const { source: _source, name: _name, story: _story, tags: _tags, assumptions: _assumptions, ...decides } = plan;
  const expect = Object.entries(plan.expect).map(([id, { line: _line, column: _column, over: _over, ...asked }]) => {
    return [id, { ...asked, file: null }];
  });
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, model, { ...decides, expect }]))
    .digest('hex');
}

export function readCached({ folder }: CacheFolder, key: string): TestRun | null {
  try {
    const path = pathOf(folder, key);
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    if (text.slice(0, end) !== checkOf(text.slice(end + 1))) return null;
    const run = JSON.parse(text.slice(end + 1)) as TestRun;
    touch(path);
    return run;
  } catch {
    return null;
  }
}

export function writeCached({ folder }: CacheFolder, key: string, run: TestRun): void {
  const path = pathOf(folder, key);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    makeFolder(folder);
    mkdirSync(dirname(path), { recursive: true });
    const body = JSON.stringify(run);
    writeFileSync(temporary, `${checkOf(body)}\n${body}`);
    renameSync(temporary, path);
  } catch {
    remove(temporary);
  }
}

/** Nobody wants it in a repository: as git is told from within, the file too. */
function makeFolder(folder: string): void {
  const path = join(folder, IGNORED);
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, '*\n');
}

function pathOf(folder: string, key: string): string {
  return join(folder, key.slice(0, 2), `${key.slice(2)}.json`);
}

function checkOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** So that what is used stays. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // It is only an age.
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays, or somebody else took it.
  }
}

interface Entry {
  path: string;
  bytes: number;
  millis: number;
}

const pruned = new Set<string>();

/** Once for each folder: reading it all again for every scenario costs more than what comes in meanwhile. */
export function pruneCacheOnce(cache: CacheFolder): void {
  if (pruned.has(cache.folder)) return;
  pruned.add(cache.folder);
  pruneCache(cache);
}

/** Removes the entries that were not used for longest, and what writers that died left. */
export function pruneCache({ folder }: CacheFolder, bytesMax = BYTES_MAX): void {
  const entries = entriesIn(folder);
  const abandoned = entries.filter(
    ({ path, millis }) => path.endsWith('.tmp') && millis < Date.now() - ABANDONED_MILLIS,
  );
  for (const { path } of abandoned) remove(path);
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes <= bytesMax) return;
  entries.sort((left, right) => left.millis - right.millis);
  for (const entry of entries) {
    if (bytes <= bytesMax * PRUNED_SHARE) return;
    remove(entry.path);
    bytes -= entry.bytes;
  }
}

function entriesIn(folder: string): Entry[] {
  try {
    const names = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name !== IGNORED);
    return names.flatMap((name) => {
      const path = join(folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() === true ? [{ path, bytes: stats.size, millis: stats.mtimeMs }] : [];
    });
  } catch {
    return [];
  }
}
