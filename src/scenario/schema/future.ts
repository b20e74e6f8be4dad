/**
 * What the interface names and this version does not do yet: refused with a precise mistake instead of being ignored or
 * called unknown. A pattern is a path with `*` for any one step; delete a line when its feature arrives.
 */
import type { Path } from '../places.ts';
import { LATER_OPTIONS } from './compaction.ts';

const KEYS: readonly [pattern: string, keys: readonly string[]][] = [
  ['', ['sample']],
  ['cluster.between.*', ['rate']],
  ['data', ['from']],
  ['data.tables.*.compaction', LATER_OPTIONS],
  ['workload.*.keys', ['csv']],
];

/** Is `key` of the map at `path` planned but not built? */
export function isFutureKey(path: Path, key: string): boolean {
  return KEYS.some(([pattern, keys]) => matches(pattern, path) && keys.includes(key));
}

function matches(pattern: string, path: Path): boolean {
  const steps = pattern === '' ? [] : pattern.split('.');
  return steps.length === path.length && steps.every((step, index) => step === '*' || step === path[index]);
}
