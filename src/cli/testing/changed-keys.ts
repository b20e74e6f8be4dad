/**
 * What of a scenario, or of a file that it reads, is not as it was: each change as one that can be put back alone. Of a
 * scenario the paths of `--set`; of another file a line, or the whole file where lines came or went. What is only shown or
 * judged does not count.
 */
import { isRecord } from '../../scenario/places.ts';

const BESIDE = new Set(['format', 'name', 'story', 'tags', 'expect', 'variants', 'observe', 'seed', 'extends']);

export interface ScenarioChange {
  path: string;
  before: unknown;
  after: unknown;
  /** `--set PATH=V` or `--remove PATH`, which puts the old value back. */
  putBack: readonly string[];
}

/** Both as plain data; a value that is not there is undefined. */
export function scenarioChanges(before: unknown, after: unknown): ScenarioChange[] {
  const found: ScenarioChange[] = [];
  compare(before, after, [], found);
  return found;
}

function compare(before: unknown, after: unknown, path: readonly string[], found: ScenarioChange[]): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (path.length === 0 && BESIDE.has(key)) continue;
      compare(before[key], after[key], [...path, key], found);
    }
    return;
  }
  const text = path.map((step) => (/^[A-Za-z0-9_-]+$/.test(step) ? step : `"${step}"`)).join('.');
  const putBack = before === undefined ? ['--remove', text] : ['--set', `${text}=${JSON.stringify(before)}`];
  found.push({ path: path.join('.'), before, after, putBack });
}

export interface FileChange {
  /** From 1; 0: the whole file. */
  line: number;
  before: string;
  after: string;
  /** The file of today with only this put back. */
  text: string;
}

export function fileChanges(before: string, after: string): FileChange[] {
  if (before === after) return [];
  const [old, now] = [before.split('\n'), after.split('\n')];
  if (old.length !== now.length)
    return [{ line: 0, before: `${old.length} lines`, after: `${now.length} lines`, text: before }];
  return now.flatMap((line, index): FileChange[] => {
    if (line === old[index] || (isRemark(line) && isRemark(old[index]))) return [];
    const text = now.map((each, at) => (at === index ? old[at] : each)).join('\n');
    return [{ line: index + 1, before: old[index].trim(), after: line.trim(), text }];
  });
}

function isRemark(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}
