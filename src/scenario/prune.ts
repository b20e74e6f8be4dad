/**
 * Mends or takes out what a scenario's shape refuses, so that one slip does not hide the mistakes of meaning everywhere
 * else: a misspelt word is read as what it most likely means, anything else goes, first the key alone, then its entry. What
 * follows only from that is no mistake of its own (`followsFrom`). The plan of such a scenario is never run.
 */
import type { Mistake } from '../base/mistake.ts';
import { isRecord, startsWith, valueAt } from './places.ts';
import type { MistakeList, Path } from './places.ts';

const ENTRY_SECTIONS = ['workload', 'faults', 'operations', 'repairs', 'probes', 'expect', 'variants'];

/** Keys of entries without which times elsewhere would be wrong: their entry goes as a whole. */
const TIME_KEYS = ['at', 'for', 'until', 'from', 'every', 'after', 'rate', 'count'];

/** Codes of keys that should not be there. */
const SURPLUS = ['S114', 'S116'];

const OPTIONAL = ['name', 'story', 'tags', 'seed', 'settle', 'observe', 'model', ...ENTRY_SECTIONS];
const OPTIONAL_OF_CLUSTER = ['devices', 'latencies', 'between', 'node_settings', 'tokens', 'settings'];

/** Long enough that nothing which is not wrong by itself ends after it. */
const SOME_DURATION = '30d';
/** Codes of what lies outside the run: nobody knows where its end is. */
const OUTSIDE_THE_RUN = ['S141', 'S203', 'S206'];

/** Codes of keys that are missing or exclude each other: a guess may have been wrong. */
const ABOUT_KEYS = ['S111', 'S119'];

export interface Refused {
  path: Path;
  code: string;
  suggestion: string | undefined;
}

export interface Pruned {
  data: unknown;
  /** What was taken out or replaced. */
  taken: Path[];
  /** Misspelt words that were read as what they most likely mean. */
  guessed: Path[];
}

export type Width = 'key' | 'entry';

/** The data without what is refused; null where that lies in what nothing can do without. */
export function pruneRefused(
  data: unknown,
  refused: readonly Refused[],
  width: Width,
  list: MistakeList,
): Pruned | null {
  const pruned: Pruned = { data: structuredCopy(data), taken: [], guessed: [] };
  // Misspelt keys first: they may be the missing ones.
  const inTurn = [...refused.filter(({ code }) => code === 'S114'), ...refused.filter(({ code }) => code !== 'S114')];
  for (const each of inTurn) {
    if (each.code === 'S111' && valueAt(pruned.data, each.path) !== undefined) continue;
    if (width === 'key' && understand(pruned.data, each)) {
      pruned.guessed.push(each.path);
      continue;
    }
    const path = takeOut(pruned.data, each, width);
    if (path === null) return null;
    pruned.taken.push(path);
    if (path.length === entryLength(path)) silence(list, path);
  }
  return pruned;
}

/** Is this mistake there only because something was taken out, or read as something else? */
export function followsFrom(mistake: Mistake, path: Path, { taken, guessed }: Omit<Pruned, 'data'>): boolean {
  const withoutEnd = taken.some(([section]) => section === 'duration');
  if (withoutEnd && OUTSIDE_THE_RUN.includes(mistake.code)) return true;
  // A table that was refused is not unknown.
  if (mistake.code === 'S131' && taken.some((gone) => gone[0] === 'data')) return true;
  const aboutKeys = ABOUT_KEYS.includes(mistake.code) && path.length > 0;
  if (aboutKeys && guessed.some((guess) => startsWith(path, guess.slice(0, -1)))) return true;
  // Below what was taken out, or a complaint that a whole lacks it.
  return taken.some((gone) => startsWith(path, gone) || (path.length > 0 && startsWith(gone, path)));
}

/** Is this the key that a misspelt one stands for? Then it is not missing. */
export function isMisspelt({ path, code }: Refused, refused: readonly Refused[]): boolean {
  const parent = path.slice(0, -1).join('.');
  return (
    code === 'S111' &&
    refused.some(
      (other) =>
        other.code === 'S114' &&
        other.path.slice(0, -1).join('.') === parent &&
        other.suggestion?.split(': ')[0] === path.at(-1),
    )
  );
}

/** Puts the suggested word in the place of the misspelt one; says whether it could. */
function understand(data: unknown, { path, code, suggestion }: Refused): boolean {
  const parent = valueAt(data, path.slice(0, -1));
  const name = String(path.at(-1));
  if (suggestion === undefined || !isRecord(parent)) return false;
  const [key, value] = suggestion.split(': ');
  // Of an edit the whole path is suggested.
  if (key.includes('.')) return false;
  if (code === 'S112' && key === name && value !== undefined) {
    parent[name] = value;
    return true;
  }
  if (code !== 'S114' || Object.hasOwn(parent, key) || !Object.hasOwn(parent, name)) return false;
  parent[key] = parent[name];
  delete parent[name];
  return true;
}

/** Takes out as little as can go; the path of what went, null where nothing may. */
function takeOut(data: unknown, { path, code }: Refused, width: Width): Path | null {
  const inEntry = entryLength(path);
  if (width === 'key' && SURPLUS.includes(code) && path.length > inEntry) return remove(data, path);
  if (inEntry === 0) return replaceInSection(data, path);
  const key = path[inEntry];
  const keyAlone = width === 'key' && key !== undefined && code !== 'S111' && !TIME_KEYS.includes(String(key));
  // Without its class nobody knows which options are wrong; any other option goes alone.
  const isOption = key === 'compaction' && path.length > inEntry + 1 && path[inEntry + 1] !== 'class';
  return remove(data, path.slice(0, keyAlone ? inEntry + (isOption ? 2 : 1) : inEntry));
}

/** Outside of entries: what has a default goes, what is needed gets a value that complains about nothing. */
function replaceInSection(data: unknown, path: Path): Path | null {
  const [section, key] = path.map(String);
  if (section === 'duration') return put(data, ['duration'], SOME_DURATION);
  if (section === 'format') return put(data, ['format'], 1);
  if (section === 'cluster') return pruneCluster(data, path);
  if (section === 'data' && key === 'replication') return put(data, ['data', 'replication'], 1);
  if (section === 'data' && key === 'keyspaces' && path.length > 2)
    return put(data, path.slice(0, 3), { replication: 1 });
  if (section === 'data' && key !== undefined && key !== 'tables') return remove(data, path.slice(0, 2));
  return OPTIONAL.includes(section) ? remove(data, path.slice(0, 1)) : null;
}

function pruneCluster(data: unknown, path: Path): Path {
  if (path.length === 1 || !isRecord(valueAt(data, ['cluster']))) return put(data, ['cluster'], {});
  return remove(data, path.slice(0, OPTIONAL_OF_CLUSTER.includes(String(path[1])) ? 3 : 2));
}

function remove(data: unknown, path: Path): Path {
  const parent = valueAt(data, path.slice(0, -1));
  if (isRecord(parent)) delete parent[String(path.at(-1))];
  return path;
}

function put(data: unknown, path: Path, value: unknown): Path {
  const parent = valueAt(data, path.slice(0, -1));
  if (isRecord(parent)) parent[String(path.at(-1))] = value;
  return path;
}

/** Steps of the path that name an entry; 0 where it lies in none. */
function entryLength(path: Path): number {
  const [section, id] = path;
  if (section === 'data' && id === 'tables') return path.length > 2 ? 3 : 0;
  return typeof section === 'string' && ENTRY_SECTIONS.includes(section) && id !== undefined ? 2 : 0;
}

function silence(list: MistakeList, path: Path): void {
  list.silenced.add(String(path.at(-1)));
  list.silenced.add(path.join('.'));
}

function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, structuredCopy(member)]));
}

/** Null means absent everywhere but in a variant's edits, where it removes. */
export function withoutNulls(data: unknown, path: Path = []): unknown {
  if (Array.isArray(data)) return data.map((item, index) => withoutNulls(item, [...path, index]));
  if (!isRecord(data) || (path[0] === 'variants' && path[2] === 'edit')) return data;
  const kept = Object.entries(data).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutNulls(value, [...path, key])]));
}
