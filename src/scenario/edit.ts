/**
 * Edits of a scenario: one grammar for `--set PATH=V`, `--remove PATH`, `--shift PATH=+30m`, `--add ID={…}` and for
 * variants. Immer applies them to the plain data; nothing is checked here but that the path leads somewhere.
 */
import { produce } from 'immer';
import type { Mistake } from '../base/mistake.ts';
import { recordEdit } from './edit-record.ts';
import { nearestName } from './nearest.ts';
import { isRecord, valueAt } from './places.ts';
import type { Path, Place, MistakeList } from './places.ts';
import type { PlanEdit } from './plan.ts';
import { parseTime } from './time-text.ts';
import { durationText, isUnitProblem, parseDuration, parseSignedDuration } from './units.ts';
import { readYaml } from './yaml-source.ts';

export type EditKind = 'set' | 'remove' | 'shift' | 'add';

interface EditBase {
  path: string;
  /** Where it was written: the option on the command line, or the variant's line. */
  place: Place;
}

export type Edit =
  | (EditBase & { kind: 'set' | 'add'; value: unknown })
  | (EditBase & { kind: 'remove' })
  | (EditBase & { kind: 'shift'; byMicros: number });

const GRAMMAR: Record<EditKind, string> = {
  set: '--set PATH=VALUE, such as --set cluster.settings.max_hint_window=6h',
  remove: '--remove PATH, such as --remove faults.rack-r2',
  shift: '--shift PATH=+30m, such as --shift faults.rack-r2=+30m',
  add: '--add ID={…}, such as --add "faults.extra={ fault: stop, node: n1, at: 1h, for: 5m }"',
};

/** One option of the command line. */
export function parseEdit(kind: EditKind, text: string): Edit | Mistake {
  const at = text.indexOf('=');
  const path = (at < 0 ? text : text.slice(0, at)).trim();
  const place = { file: `--${kind} ${text}`, line: 0, column: 0, length: text.length };
  const refuse = (code: string, message: string): Mistake => ({
    code,
    severity: 'mistake',
    ...place,
    path,
    message,
    expected: GRAMMAR[kind],
    found: text,
  });
  if (path === '') return refuse('E101', 'an edit needs a path');
  if (kind === 'remove') return at < 0 ? { kind, path, place } : refuse('E101', '--remove takes only a path');
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  if (value === '') return refuse('E101', `--${kind} needs a value after PATH=`);
  if (kind === 'shift') {
    const byMicros = parseSignedDuration(value);
    return isUnitProblem(byMicros) ? refuse('E101', byMicros.message) : { kind, path, place, byMicros };
  }
  const { data, mistakes } = readYaml(place.file, value);
  if (mistakes.length > 0) return refuse('E105', mistakes[0].message);
  return data === null ? { kind: 'remove', path, place } : { kind, path, place, value: data };
}

export function isEdit(value: Edit | Mistake): value is Edit {
  return 'kind' in value;
}

/** The edits of a variant: path → value, null removes. */
export function variantEdits(edit: Readonly<Record<string, unknown>>, placeOf: (path: string) => Place): Edit[] {
  return Object.entries(edit).map(([path, value]) => {
    const place = placeOf(path);
    return value === null ? { kind: 'remove', path, place } : { kind: 'set', path, place, value };
  });
}

/** The data with all edits applied in order, each kept in `done`; what cannot be applied is reported and left out. */
export function applyEdits(data: unknown, edits: readonly Edit[], list: MistakeList, done: PlanEdit[] = []): unknown {
  let edited = data;
  for (const edit of edits) {
    const target = findTarget(edited, edit.path);
    const problem = refuse(edited, edit, target);
    if (problem !== null) {
      list.all.push({ severity: 'mistake', ...edit.place, path: edit.path, ...problem });
      continue;
    }
    const before = edited;
    edited = produce(edited, (draft: unknown) => change(draft, edit, target.path));
    for (const path of touched(edited, edit, target.path)) {
      // Maps that were made on the way stand there too.
      for (let made = target.known + 1; made < path.length; made++)
        list.places.override(path.slice(0, made), edit.place, path);
      list.places.override(path, edit.place);
      recordEdit(done, path.join('.'), valueAt(before, path), valueAt(edited, path));
    }
  }
  return edited;
}

interface Target {
  path: string[];
  /** Steps of the path that exist. */
  known: number;
}

/** Maps whose keys are ids: a step that names no entry is a slip, not a new map to be made on the way. */
const ENTRY_MAPS = [
  'faults',
  'repairs',
  'probes',
  'workload',
  'expect',
  'variants',
  'operations',
  'data.tables',
  'data.keyspaces',
];

/** Keys that hold a moment. */
const TIME_KEYS = ['at', 'from', 'until', 'after'];
/** Keys that hold a length of time, which reads like an offset. */
const LENGTH_KEYS = [
  'for',
  'every',
  'duration',
  'settle',
  'within',
  'ttl',
  'default_ttl',
  'gc_grace',
  'timeout',
  'by',
  'delay',
];

type Problem = Pick<Mistake, 'code' | 'message'> & Partial<Pick<Mistake, 'expected' | 'suggestion'>>;

function refuse(data: unknown, edit: Edit, { path, known }: Target): Problem | null {
  const exists = known === path.length;
  if (path.length === 0 || path.includes('__proto__')) return { code: 'E101', message: `"${edit.path}" is not a path` };
  if (path[0] === 'extends')
    return { code: 'E107', message: 'what a scenario extends is read before it is edited', expected: 'another path' };
  if (edit.kind === 'add')
    return exists ? { code: 'E103', message: `${edit.path} exists already; --set changes it` } : null;
  if (edit.kind === 'set') return stepsIntoNothing(path, known) ? noSuchPath(data, path, known) : null;
  if (!exists) return noSuchPath(data, path, known);
  if (edit.kind === 'shift' && shiftedPath(data, path) === null) return cannotShift(data, edit, path);
  return null;
}

/** A length of time is made longer, not shifted: what to type instead is said. */
function cannotShift(
  data: unknown,
  { path: text, byMicros }: Edit & { kind: 'shift' },
  path: readonly string[],
): Problem {
  const value = valueAt(data, path);
  const length = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : null;
  if (length === null || isUnitProblem(length) || !LENGTH_KEYS.includes(path[path.length - 1])) {
    return {
      code: 'E104',
      message: `${text} is not a time and has no time "at"`,
      expected: 'a time such as faults.a.at, or an entry that has one such as faults.a',
    };
  }
  const sum = length + byMicros;
  const set = sum > 0 ? { suggestion: `--set ${text}=${durationText(sum)}` } : {};
  return {
    code: 'E104',
    message: `${text} is a length of time, not a moment: it cannot be shifted`,
    expected: `--set ${text}=LENGTH for another length, or --shift of the entry to move it`,
    ...set,
  };
}

function stepsIntoNothing(path: readonly string[], known: number): boolean {
  const parent = path.slice(0, known).join('.');
  return known < path.length - 1 && ENTRY_MAPS.includes(parent);
}

function noSuchPath(data: unknown, path: readonly string[], known: number): Problem {
  const parent = valueAt(data, path.slice(0, known));
  const names = isRecord(parent) ? Object.keys(parent) : [];
  const better = nearestName(path[known], names);
  const where = known === 0 ? 'the scenario' : path.slice(0, known).join('.');
  const problem = {
    code: 'E102',
    message: `no "${path[known]}" in ${where}`,
    expected: names.length === 0 ? 'a path of the scenario' : `one of ${names.slice(0, 20).join(', ')}`,
  };
  return better === null
    ? problem
    : { ...problem, suggestion: [...path.slice(0, known), better, ...path.slice(known + 1)].join('.') };
}

function change(draft: unknown, edit: Edit, path: readonly string[]): void {
  if (edit.kind === 'shift') {
    const at = shiftedPath(draft, path) ?? path;
    if (edit.byMicros !== 0) putValue(draft, at, shifted(valueAt(draft, at), edit.byMicros));
    return;
  }
  if (edit.kind === 'remove') {
    const parent = valueAt(draft, path.slice(0, -1));
    if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
    else if (isRecord(parent)) delete parent[path[path.length - 1]];
    return;
  }
  putValue(draft, path, edit.value);
}

function putValue(draft: unknown, path: readonly string[], value: unknown): void {
  let parent = draft as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = parent[step];
    if (typeof next !== 'object' || next === null) parent[step] = {};
    parent = parent[step] as Record<string, unknown>;
  }
  parent[path[path.length - 1]] = value;
}

/** An entry is shifted by its `at` (a workload by its `from`); a time by itself. */
function shiftedPath(data: unknown, path: readonly string[]): readonly string[] | null {
  const value = valueAt(data, path);
  const key = path[path.length - 1];
  if (!isRecord(value) && !TIME_KEYS.includes(key)) return null;
  if (LENGTH_KEYS.includes(key)) return null;
  if (typeof value === 'string' || typeof value === 'number') return isUnitProblem(parseTime(value)) ? null : path;
  if (!isRecord(value)) return null;
  if ('uniform' in value || 'exponential' in value) return path;
  return 'at' in value ? [...path, 'at'] : 'from' in value ? [...path, 'from'] : null;
}

function shifted(value: unknown, byMicros: number): unknown {
  if (isRecord(value)) return { ...value, after: shifted(value['after'] ?? '0s', byMicros) };
  const sign = byMicros < 0 ? '-' : '+';
  return `${String(value)} ${sign} ${durationText(Math.abs(byMicros))}`;
}

/** The paths that now stand at the edit. */
function touched(data: unknown, edit: Edit, path: readonly string[]): Path[] {
  return edit.kind === 'shift' ? [shiftedPath(data, path) ?? path] : [path];
}

/** Splits a path and finds how much of it exists. Ids may hold dots (`shop.orders`): the longest existing key is taken. */
export function findTarget(data: unknown, text: string): Target {
  const steps = [...text.matchAll(/"([^"]*)"|[^."]+/g)].map((match) => match[1] ?? match[0]);
  const path: string[] = [];
  let value = data;
  let index = 0;
  while (index < steps.length) {
    const key = longestKey(value, steps.slice(index));
    if (key === null) break;
    value = (value as Record<string, unknown>)[key.name];
    path.push(key.name);
    index += key.steps;
  }
  const known = path.length;
  return { path: [...path, ...newSteps(path, steps.slice(index))], known };
}

/** A new table is named by two steps, keyspace.table. */
function newSteps(path: readonly string[], rest: readonly string[]): string[] {
  const isTable = path.join('.') === 'data.tables' && rest.length > 1 && !rest[0].includes('.');
  return isTable ? [`${rest[0]}.${rest[1]}`, ...rest.slice(2)] : [...rest];
}

function longestKey(value: unknown, steps: readonly string[]): { name: string; steps: number } | null {
  if (typeof value !== 'object' || value === null) return null;
  for (let count = steps.length; count > 0; count--) {
    const name = steps.slice(0, count).join('.');
    if (Object.hasOwn(value, name) && name !== 'length') return { name, steps: count };
  }
  return null;
}
