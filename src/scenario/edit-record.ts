/**
 * What edits did, as a plan keeps it and a report shows it: path, the text before and the text after. An edit that leaves
 * the value as it was is not one; two of one path are one.
 */
import { canonicalJson } from './plan-hash.ts';
import type { PlanEdit } from './plan.ts';

/** Adds to `records` that the value at `path` was changed; undefined is: not there. */
export function recordEdit(records: PlanEdit[], path: string, before: unknown, after: unknown): void {
  const index = records.findIndex((record) => record.path === path);
  const change: PlanEdit = {
    path,
    before: index >= 0 ? records[index].before : textOf(before),
    after: textOf(after),
  };
  if (index >= 0) records.splice(index, 1);
  if (change.before !== change.after) records.push(change);
}

/** A value as one would type it, without quotes; null where there is none. */
function textOf(value: unknown): string | null {
  return value === undefined ? null : flow(value);
}

function flow(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return canonicalJson(value);
  const members = Object.entries(value).map(([key, member]) => `${key}: ${flow(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
