/**
 * Resolves the database's settings: the version's defaults, then the imported file, then what the scenario writes.
 * What a setting is called and what it accepts comes from the dialect; a setting it knows but does not model is listed,
 * one it has never heard of is a warning, one that is a modelled setting but for a slip a mistake.
 */
import type { SettingSpec } from './dialect-rules.ts';
import { addUnknownNode, nodeNamed } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import { misspeltName, nearestName } from './nearest.ts';
import type { Path } from './places.ts';
import type { PlanNode, SettingValue } from './plan.ts';
import { shown } from './schema/issues.ts';
import { isUnitProblem, parseByteRate, parseCount, parseDuration, parseSize } from './units.ts';
import type { UnitProblem } from './units.ts';

type Written = Record<string, unknown>;

/** The cluster's settings, every one that the version models. */
export function draftSettings(drafting: Drafting): Record<string, SettingValue> {
  const { rules, database, scenario, imports, list } = drafting;
  const values: Record<string, SettingValue> = {};
  for (const [name, spec] of Object.entries(rules.settings(database))) values[name] = spec.fallback;
  const { from, ...written } = scenario.cluster.settings ?? {};
  if (from !== undefined && !isScalar(from)) addNoFile(drafting, from);
  else if (from !== undefined) {
    const file = imports.file(String(from), ['cluster', 'settings', 'from'], list);
    const read = file === null ? null : rules.readSettings(database, file);
    for (const [name, value] of Object.entries(read?.values ?? {})) values[name] = value;
    list.all.push(...(read?.mistakes ?? []));
    drafting.notModelled.push(...(read?.notModelled ?? []));
  }
  return { ...values, ...readWritten(drafting, written, ['cluster', 'settings']) };
}

function addNoFile({ list }: Drafting, from: unknown): void {
  const expected = 'the path of a settings file';
  list.add(['cluster', 'settings', 'from'], {
    code: 'S110',
    message: 'from names no file',
    expected,
    found: shown(from),
  });
}

/** Settings of single nodes, by node id. */
export function draftNodeSettings(
  drafting: Drafting,
  nodes: readonly PlanNode[],
): Record<string, Record<string, SettingValue>> {
  const all: Record<string, Record<string, SettingValue>> = {};
  for (const [node, written] of Object.entries(drafting.scenario.cluster.node_settings ?? {})) {
    const path = ['cluster', 'node_settings', node];
    const id = nodeNamed(nodes, node);
    if (id === null) addUnknownNode(drafting.list, nodes, { name: node, path });
    else if (Object.hasOwn(all, id)) addTwice(drafting, id, path);
    else all[id] = readWritten(drafting, written, path);
  }
  return all;
}

/** Under its id and under its address. */
function addTwice({ list }: Drafting, id: string, path: Path): void {
  list.add(path, { code: 'S119', message: `${id} is named twice`, expected: 'each node once', part: 'key' });
}

/** Settings as they stand in a map of a scenario, by their own names; mistakes are told. */
export function readWrittenSettings(drafting: Drafting, written: Written, path: Path): Record<string, SettingValue> {
  return readWritten(drafting, written, path);
}

/** `group`: the map of settings in which these stand, such as `repair.`. */
function readWritten(drafting: Drafting, written: Written, path: Path, group = ''): Record<string, SettingValue> {
  const { rules, database, list, notModelled } = drafting;
  const specs = rules.settings(database);
  const values: Record<string, SettingValue> = {};
  const names = new Map<string, string>();
  for (const [key, value] of Object.entries(written)) {
    const name = group + key;
    const at = [...path, key];
    const found = findSpec(specs, name);
    if (found === null && isGroup(value) && Object.keys(specs).some((known) => known.startsWith(`${name}.`))) {
      Object.assign(values, readWritten(drafting, value, at, `${name}.`));
      continue;
    }
    if (found === null) {
      noteUnmodelled(drafting, name, at);
      continue;
    }
    const other = names.get(found.name);
    if (other !== undefined) addUnderBothNames(list, at, other);
    names.set(found.name, name);
    if (found.spec.rules.length === 0 && !notModelled.includes(found.name)) notModelled.push(found.name);
    const result = readSetting(found, value);
    if (!isUnitProblem(result)) values[found.name] = result;
    else
      list.add(at, {
        code: 'S171',
        message: `${name}: ${result.message}`,
        expected: result.expected,
        found: shown(value),
        ...(result.suggestion === undefined ? {} : { suggestion: result.suggestion }),
      });
  }
  return values;
}

function addUnderBothNames(list: Drafting['list'], path: Path, other: string): void {
  const message = `${String(path.at(-1))} and ${other} are one setting under two names`;
  list.add(path, { code: 'S119', message, expected: 'one of them', part: 'key' });
}

/** A map of settings, such as `repair: { retries: … }`. */
function isGroup(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function noteUnmodelled(drafting: Drafting, name: string, path: Path): void {
  const { rules, database, list, notModelled } = drafting;
  if (rules.isKnownUnmodelled(database, name)) {
    if (!notModelled.includes(name)) notModelled.push(name);
    return;
  }
  // However near it lies to a setting that is modelled, what is one in another version is no slip.
  const isSlip = !rules.isOfAnyVersion(name);
  const meant = isSlip ? misspeltName(name, namesOf(rules.settings(database))) : null;
  if (meant !== null) {
    list.add(path, {
      code: 'S172',
      message: `${database} has no setting "${name}"`,
      found: name,
      suggestion: meant,
      part: 'key',
    });
    return;
  }
  const better = isSlip ? nearestName(name, Object.keys(rules.settings(database))) : null;
  list.warn(path, {
    code: 'S205',
    message: `${database} has no setting "${name}" that is known here; it changes nothing`,
    found: name,
    part: 'key',
    ...(better === null ? {} : { suggestion: better }),
  });
  notModelled.push(name);
}

/** Every name under which a setting goes, old ones too. */
function namesOf(specs: Readonly<Record<string, SettingSpec>>): string[] {
  return Object.entries(specs).flatMap(([own, { aliases }]) => [own, ...aliases.map((alias) => alias.name)]);
}

interface FoundSpec {
  name: string;
  spec: SettingSpec;
  /** Of an old name: a bare number times this is in base units. */
  scale: number | null;
}

function findSpec(specs: Readonly<Record<string, SettingSpec>>, name: string): FoundSpec | null {
  if (Object.hasOwn(specs, name)) return { name, spec: specs[name], scale: null };
  for (const [canonical, spec] of Object.entries(specs)) {
    const alias = spec.aliases.find((each) => each.name === name);
    if (alias !== undefined) return { name: canonical, spec, scale: alias.scale };
  }
  return null;
}

function readSetting({ spec, scale }: FoundSpec, value: unknown): SettingValue | UnitProblem {
  const bare = scale !== null && isMeasure(spec) ? bareNumber(value) : null;
  const result = bare === null ? (spec.read?.(value) ?? readTyped(spec, value)) : bare * (scale ?? 1);
  if (typeof result !== 'number') return result;
  const { min = isMeasure(spec) ? 0 : -Infinity, max = Infinity } = spec;
  if (result >= min && result <= max) return result;
  return { code: 'S171', message: `${shown(value)} is out of range`, expected: `from ${min} to ${max}` };
}

/** Old names carry their unit in the name, and a number without one. */
function bareNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}

function isMeasure({ type }: SettingSpec): boolean {
  return type === 'duration' || type === 'size' || type === 'rate';
}

function readTyped({ type }: SettingSpec, value: unknown): SettingValue | UnitProblem {
  const result = READERS[type](value);
  return result ?? { code: 'S171', message: `${shown(value)} has the wrong type`, expected: WORDS[type] };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Null where the value has another type. */
type Reader = (value: unknown) => SettingValue | UnitProblem;

const scalar =
  (read: (value: string | number) => SettingValue | UnitProblem): Reader =>
  (value) =>
    typeof value === 'string' || typeof value === 'number' ? read(value) : null;

const READERS: Record<SettingSpec['type'], Reader> = {
  duration: scalar(parseDuration),
  size: scalar(parseSize),
  rate: scalar(parseByteRate),
  integer: scalar((value) => (Number.isSafeInteger(value) ? value : parseCount(value))),
  number: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null),
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  text: (value) => (isScalar(value) ? String(value) : null),
  texts: (value) =>
    Array.isArray(value) && value.every(isScalar) ? value.map(String) : typeof value === 'string' ? [value] : null,
};

const WORDS: Record<SettingSpec['type'], string> = {
  duration: 'a duration',
  size: 'a size',
  rate: 'a rate',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  text: 'text',
  texts: 'a list of texts',
};
