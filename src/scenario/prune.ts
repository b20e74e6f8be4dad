/**
 * Takes out of a scenario what its shape refuses, entry by entry, so that one misspelt key does not hide the mistakes
 * of meaning everywhere else. What was taken out is silenced: nothing says that it is missing.
 */
import { isRecord, valueAt } from './places.ts';
import type { MistakeList, Path } from './places.ts';

const ENTRY_SECTIONS = ['workload', 'faults', 'repairs', 'probes', 'expect', 'variants'];

/** Codes of keys that should not be there: the key alone is taken out. */
const SURPLUS = ['S114', 'S116'];

/** The data without the entries that hold what is refused; null where that lies in what nothing can do without. */
export function pruneEntries(
  data: unknown,
  refused: readonly { path: Path; code: string }[],
  list: MistakeList,
): unknown {
  const pruned: unknown = structuredCopy(data);
  for (const { path, code } of refused) {
    const entry = entryOf(path) ?? (SURPLUS.includes(code) && path.length > 0 ? path : null);
    if (entry === null) return null;
    const parent = valueAt(pruned, entry.slice(0, -1));
    const name = String(entry.at(-1));
    if (isRecord(parent)) delete parent[name];
    list.silenced.add(name);
    list.silenced.add(entry.join('.'));
  }
  return pruned;
}

/** The smallest part that can be left out; null where there is none. */
function entryOf(path: Path): Path | null {
  const [section, id] = path;
  if (section === 'data' && id === 'tables' && path.length > 2) return path.slice(0, 3);
  if (typeof section === 'string' && ENTRY_SECTIONS.includes(section) && id !== undefined) return [section, id];
  return null;
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
