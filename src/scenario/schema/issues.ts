/**
 * Turns what the schema refuses into mistakes with a precise place: an unknown key at the key, a missing one at its map,
 * a wrong value at the value; each with what was expected and the nearest valid name.
 */
import type { z } from 'zod';
import { nearestName } from '../nearest.ts';
import { isRecord, pathText, valueAt } from '../places.ts';
import type { MistakeList, Path } from '../places.ts';
import { CLASS_PACKAGE } from './compaction.ts';
import { isFutureKey } from './future.ts';
import { expectedText, isMapSchema, keysOf, literalsOf, memberOf, schemasAt } from './walk.ts';

type Issue = z.core.$ZodIssue;

interface Conversion {
  schema: z.ZodType;
  data: unknown;
  list: MistakeList;
}

/** Reads data by a schema; on failure every issue is in `list` and the answer is null. */
export function readShape<T>(schema: z.ZodType<T>, data: unknown, list: MistakeList): T | null {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) convert({ schema, data, list }, issue, issue.path as Path);
  return null;
}

function convert(conversion: Conversion, issue: Issue, path: Path): void {
  const value = valueAt(conversion.data, path);
  if (value === undefined) return addMissing(conversion, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const meant = refusedByForm(conversion, path, value);
      for (const inner of meant) convert(conversion, inner, [...path, ...(inner.path as Path)]);
      if (meant.length === 0) for (const key of issue.keys) addUnknownKey(conversion, path, key);
      return;
    }
    case 'invalid_key':
      return addBadKey(conversion, path);
    case 'invalid_union':
      return convertUnion(conversion, issue, path);
    case 'invalid_value':
      // A class may also be written with its package, which need not be said.
      return addWrongValue(
        conversion,
        path,
        issue.values.map(String).filter((value) => !value.startsWith(CLASS_PACKAGE)),
      );
    case 'custom':
      return addCustom(conversion, issue, path);
    case 'too_small':
    case 'too_big':
      return addOutOfRange(conversion, issue, path);
    default:
      addWrongType(conversion, path);
  }
}

/** Of a value in several forms zod may name the keys that one of them lacks, where another has them all and minds something else. */
function refusedByForm({ schema, data }: Conversion, path: Path, value: unknown): readonly Issue[] {
  if (!isRecord(value)) return [];
  const form = schemasAt(schema, data, path).find((each) => {
    const keys = keysOf(each);
    return keys !== null && Object.keys(value).every((key) => keys.includes(key));
  });
  return form?.safeParse(value).error?.issues ?? [];
}

function addMissing({ schema, data, list }: Conversion, path: Path): void {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1) ?? '');
  const schemas = schemasAt(schema, data, parent);
  const member = memberOf(schemas, path.at(-1) ?? '');
  const literals = [...new Set(schemas.flatMap((each) => literalsOf(memberOf([each], key))))];
  const expected =
    literals.length > 0 ? `${key}: ${literals.join(' | ')}` : `${key}: ${expectedText(member) ?? 'a value'}`;
  list.add(path, { code: 'S111', message: `missing key "${key}"${inWhat(data, parent)}`, expected });
}

function addUnknownKey({ schema, data, list }: Conversion, path: Path, key: string): void {
  const keyPath = [...path, key];
  if (isFutureKey(path, key)) {
    list.add(keyPath, {
      code: 'S116',
      message: `"${key}" is not in this version of Reconverge`,
      found: key,
      part: 'key',
    });
    return;
  }
  const schemas = schemasAt(schema, data, path);
  const keys = [...new Set(schemas.flatMap((each) => keysOf(each) ?? []))];
  const present = valueAt(data, path);
  const absent = keys.filter((name) => !isRecord(present) || !Object.hasOwn(present, name));
  // A step of an edit's path means what is there, as a rule; a key of the text that is there is not what another one means.
  const edit = list.places.editThrough(keyPath);
  const better = keyForValue(schemas, data, keyPath) ?? nearestName(key, edit === null ? absent : keys);
  const expected =
    better === null
      ? `one of ${keys.join(', ')}`
      : `${better}: ${expectedText(memberOf(schemas, better)) ?? 'a value'}`;
  const finding = {
    code: 'S114',
    message: `unknown key "${key}"${inWhat(data, path)}`,
    expected,
    found: key,
    part: 'key' as const,
  };
  if (better === null) return list.add(keyPath, finding);
  const suggestion =
    edit === null
      ? suggestionFor(schemas, better, valueAt(data, keyPath))
      : pathText([...path, better, ...edit.slice(keyPath.length)]);
  list.add(keyPath, { ...finding, suggestion });
}

/** A key that is not there yet and whose fixed values hold the value that stands under the unknown key. */
function keyForValue(schemas: readonly z.ZodType[], data: unknown, path: Path): string | null {
  const value = valueAt(data, path);
  const present = valueAt(data, path.slice(0, -1));
  if (!isRecord(present) || typeof value !== 'string') return null;
  const keys = schemas.flatMap((schema) => keysOf(schema) ?? []).filter((key) => !Object.hasOwn(present, key));
  return keys.find((key) => literalsOf(memberOf(schemas, key)).includes(value)) ?? null;
}

function suggestionFor(schemas: readonly z.ZodType[], key: string, value: unknown): string {
  const fits = literalsOf(memberOf(schemas, key)).includes(value);
  return fits ? `${key}: ${String(value)}` : key;
}

function addBadKey({ list }: Conversion, path: Path): void {
  const isTable = path[0] === 'data';
  const expected = isTable ? 'keyspace.table' : 'a small letter, then small letters, digits and dashes';
  const name = String(path.at(-1));
  const better = isTable
    ? ''
    : name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^[^a-z]+|-+$/g, '');
  const finding = {
    code: 'S115',
    message: `"${name}" is not ${isTable ? 'the name of a table' : 'an id'}`,
    expected,
    found: name,
    part: 'key' as const,
  };
  list.add(path, better === '' ? finding : { ...finding, suggestion: better });
}

function convertUnion(conversion: Conversion, issue: Extract<Issue, { code: 'invalid_union' }>, path: Path): void {
  const { schema, data } = conversion;
  if ('discriminator' in issue && issue.discriminator !== undefined) {
    const options = schemasAt(schema, data, path.slice(0, -1)).flatMap((branch) =>
      literalsOf(memberOf([branch], path.at(-1) ?? '')),
    );
    return addWrongValue(conversion, path, [...new Set(options)].map(String));
  }
  const value = valueAt(data, path);
  if (isRecord(value) && addUnknownKeysOfUnion(conversion, path, value)) return;
  const nearest = nearestBranch(issue.errors, Array.isArray(value) || isRecord(value));
  if (nearest === null) return addWrongType(conversion, path);
  for (const inner of nearest) convert(conversion, inner, [...path, ...(inner.path as Path)]);
}

/** Keys that no branch of the union knows; says whether there were any. */
function addUnknownKeysOfUnion(conversion: Conversion, path: Path, value: Record<string, unknown>): boolean {
  const known = schemasAt(conversion.schema, conversion.data, path).filter(isMapSchema).map(keysOf);
  if (known.length === 0 || known.includes(null)) return false;
  const names = known.flatMap((keys) => keys ?? []);
  const unknown = Object.keys(value).filter((key) => !names.includes(key));
  for (const key of unknown) addUnknownKey(conversion, path, key);
  return unknown.length > 0;
}

/** The branch whose shape fits the value and that has the fewest complaints; null where none fits. */
function nearestBranch(errors: readonly (readonly Issue[])[], structured: boolean): readonly Issue[] | null {
  const fitting = errors.filter(
    (issues) => !issues.some(({ code, path }) => path.length === 0 && ['invalid_type', 'invalid_value'].includes(code)),
  );
  const specific = structured
    ? fitting.filter((issues) => !issues.every(({ code }) => code === 'unrecognized_keys'))
    : fitting;
  const candidates = specific.length > 0 ? specific : fitting;
  const [first, ...others] = candidates;
  if (first === undefined) return null;
  return others.reduce((best, issues) => (issues.length < best.length ? issues : best), first);
}

function addWrongValue({ data, list }: Conversion, path: Path, options: string[]): void {
  const value = valueAt(data, path);
  const key = String(path.at(-1));
  const better = typeof value === 'string' ? nearestName(value, options) : null;
  const finding = {
    code: 'S112',
    message: `${key} cannot be ${shown(value)}`,
    expected: options.join(' | '),
    found: shown(value),
  };
  list.add(path, better === null ? finding : { ...finding, suggestion: `${key}: ${better}` });
}

function addCustom({ data, list }: Conversion, issue: Extract<Issue, { code: 'custom' }>, path: Path): void {
  const { code, expected, suggestion } = (issue.params ?? {}) as {
    code?: string;
    expected?: string;
    suggestion?: string;
  };
  const finding = {
    code: code ?? 'S110',
    message: `${String(path.at(-1))}: ${issue.message}`,
    found: shown(valueAt(data, path)),
  };
  list.add(path, {
    ...finding,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function addOutOfRange(
  conversion: Conversion,
  issue: Extract<Issue, { code: 'too_small' | 'too_big' }>,
  path: Path,
): void {
  const isExclusive = issue.inclusive === false;
  const limit =
    issue.code === 'too_small'
      ? `${isExclusive ? 'above' : 'at least'} ${String(issue.minimum)}`
      : `${isExclusive ? 'below' : 'at most'} ${String(issue.maximum)}`;
  const what = issue.origin === 'array' || issue.origin === 'set' ? ' entries' : '';
  const { data, list } = conversion;
  list.add(path, {
    code: 'S117',
    message: `${String(path.at(-1))} is out of range`,
    expected: `${limit}${what}`,
    found: shown(valueAt(data, path)),
  });
}

function addWrongType({ schema, data, list }: Conversion, path: Path): void {
  const value = valueAt(data, path);
  const last = path.at(-1);
  const member = last === undefined ? schema : memberOf(schemasAt(schema, data, path.slice(0, -1)), last);
  const expected = expectedText(member);
  const code = typeof value === 'number' && !Number.isFinite(value) ? 'S126' : 'S110';
  const message =
    code === 'S126'
      ? `${String(last)} is not a finite number`
      : `${last === undefined ? 'the scenario' : String(last)} has the wrong form`;
  list.add(path, { code, message, found: shown(value), ...(expected === undefined ? {} : { expected }) });
}

/** ` in a fault of type crash`, for entries; ` in cluster.devices` elsewhere. */
function inWhat(data: unknown, path: Path): string {
  if (path.length === 0) return '';
  const entry = valueAt(data, path);
  const words: Record<string, [noun: string, discriminator: string]> = {
    faults: ['a fault', 'fault'],
    repairs: ['a repair', 'repair'],
    probes: ['a probe', 'probe'],
    expect: ['an expectation', 'check'],
  };
  const word = path.length === 2 ? words[String(path[0])] : undefined;
  if (word === undefined) return ` in ${path.join('.')}`;
  const kind = isRecord(entry) ? entry[word[1]] : undefined;
  return typeof kind === 'string' ? ` in ${word[0]} of type ${kind}` : ` in ${word[0]}`;
}

/** A value as a person would write it, cut to one short line. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
