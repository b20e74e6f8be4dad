/**
 * The hash of a plan: the same for plans that run alike. What is only shown or only judged does not enter: names, story,
 * tags, expectations, sampling, sentences, the scenario behind it.
 */
import { WordHash } from '../base/mix.ts';
import type { Plan } from './plan.ts';

const LEFT_OUT: ReadonlySet<string> = new Set<keyof Plan>([
  'name',
  'story',
  'tags',
  'requested_database',
  'start',
  'observe',
  'expect',
  'assumptions',
  'not_modelled',
  'source',
]);

/** 16 hexadecimal digits. */
export function planHash(plan: Plan): string {
  const hash = new WordHash();
  // The order of workloads numbers them, so it stays; other maps are sorted.
  const parts = Object.entries(plan).filter(([key]) => !LEFT_OUT.has(key));
  const canonical = { ...Object.fromEntries(parts), workload: Object.entries(plan.workload) };
  hash.addText(canonicalJson(canonical));
  return hash.hex();
}

/** JSON with the keys of every map in code point order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const keys = Object.keys(member).sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
    return Object.fromEntries(keys.map((key) => [key, (member as Record<string, unknown>)[key]]));
  });
}
