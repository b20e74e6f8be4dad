/**
 * Reads a real cassandra.yaml: the modelled settings in base units, the names of all others, and mistakes with their
 * line and column. A setting that the model does not know is never a mistake, because the file is somebody's working
 * configuration. Not responsible for what a setting is (`settings-table.ts`) or how a value is written
 * (`settings-notation.ts`). Sources: `config/YamlConfigurationLoader` (a key twice: the last one counts; a setting under its
 * old and new name: refused since 4.1).
 */
import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import type { Mistake } from '../../base/mistake.ts';
import type { ImportedFile, SettingSpec, SettingsFile } from '../../scenario/dialect-rules.ts';
import type { SettingValue } from '../../scenario/plan.ts';
import { misspeltName, nearestName } from '../../base/nearest.ts';
import { refuseUnreadable } from '../../base/yaml-guards.ts';
import { isKnownUnmodelledSetting } from './known-settings.ts';
import type { CassandraMistakeCode } from './mistake-codes.ts';
import { EXPECTED, outOfRange, readFormerValue, readValue } from './settings-notation.ts';
import { settingsOf } from './settings-table.ts';
import { CASSANDRA_LINES, isAtLeast } from './versions.ts';
import type { CassandraLine } from './versions.ts';

interface Reading {
  file: ImportedFile;
  line: CassandraLine;
  document: Document;
  counter: LineCounter;
  specs: Readonly<Record<string, SettingSpec>>;
  /** Setting name to the name under which the file has it. */
  seenAs: Map<string, string>;
  output: SettingsFile;
}

/** Settings that a file may set to 0 to say "the default". */
const ZERO_MEANS_DEFAULT = new Set(['concurrent_validations']);

/** Which setting a key of the file is, and by how much its bare number must be multiplied (null: values have units). */
interface Known {
  name: string;
  spec: SettingSpec;
  scale: number | null;
}

/** Reads the settings of one version's cassandra.yaml. Never throws. */
export function readSettingsFile(line: CassandraLine, file: ImportedFile): SettingsFile {
  const refused = refuseUnreadable(file.text);
  const counter = new LineCounter();
  // Of a file that is no text the parser would complain in its own words.
  const document = parseDocument(refused === null ? file.text : '', {
    lineCounter: counter,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const output: SettingsFile = { values: {}, notModelled: [], mistakes: [] };
  const reading: Reading = { file, line, document, counter, specs: settingsOf(line), seenAs: new Map(), output };
  if (refused !== null) {
    const { message, expected, start } = refused;
    counter.lineStarts = lineStartsOf(file.text);
    addMistake(reading, [start, start + 1], 'D101', {
      message,
      path: '',
      ...(expected === undefined ? {} : { expected }),
    });
    return output;
  }
  for (const error of document.errors) {
    const range = [error.pos[0], error.pos[1]] as const;
    addMistake(reading, range, 'D101', { message: `not YAML: ${firstLine(error.message)}`, path: '' });
  }
  if (document.errors.length > 0 || document.contents === null) return output;
  if (isMap(document.contents)) readMap(reading, document.contents, '');
  else
    addMistake(reading, rangeOf(document.contents), 'D101', {
      message: 'cassandra.yaml is not a map of settings',
      expected: 'lines such as max_hint_window: 3h',
      path: '',
    });
  return output;
}

function readMap(reading: Reading, map: YAMLMap, prefix: string): void {
  const last = lastOfEachKey(map);
  for (const pair of map.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const key = prefix + String(pair.key.value);
    if (last.get(key.slice(prefix.length)) !== pair) {
      const more = { message: `${key} stands twice; the last one counts`, path: key, severity: 'warning' as const };
      addMistake(reading, rangeOf(pair.key), 'D106', more);
    } else if (isMap(pair.value) && hasModelledBelow(reading.specs, `${key}.`)) readMap(reading, pair.value, `${key}.`);
    else readPair(reading, key, pair);
  }
}

function lastOfEachKey(map: YAMLMap): Map<string, Pair> {
  const last = new Map<string, Pair>();
  for (const pair of map.items) if (isScalar(pair.key)) last.set(String(pair.key.value), pair);
  return last;
}

function hasModelledBelow(specs: Readonly<Record<string, SettingSpec>>, prefix: string): boolean {
  return Object.keys(specs).some((name) => name.startsWith(prefix));
}

function readPair(reading: Reading, key: string, pair: Pair): void {
  const known = knownAs(reading, key);
  if (known === null) {
    reading.output.notModelled.push(key);
    warnOfSlip(reading, key, pair);
    return;
  }
  const other = reading.seenAs.get(known.name);
  if (other !== undefined && isNode(pair.key)) {
    addMistake(reading, rangeOf(pair.key), 'D105', {
      message: `${key} and ${other} are one setting under two names; Cassandra refuses to start`,
      expected: `only ${known.name}`,
      found: `${other} and ${key}`,
      path: key,
    });
    return;
  }
  reading.seenAs.set(known.name, key);
  const node = isAlias(pair.value) ? pair.value.resolve(reading.document) : pair.value;
  if (node !== null && node !== undefined && isNode(node)) readNode(reading, key, known, node);
}

/** Does any version have a setting of this name, modelled or not? */
export function isSettingOfAnyLine(name: string): boolean {
  return CASSANDRA_LINES.some((line) => {
    const specs = settingsOf(line);
    if (Object.hasOwn(specs, name) || isKnownUnmodelledSetting(line, name)) return true;
    return Object.values(specs).some(({ aliases }) => aliases.some((alias) => alias.name === name));
  });
}

/** A working configuration may hold settings that nobody here has heard of; one that is a modelled setting but for a slip
 * does nothing in the model, and stops Cassandra from starting. */
function warnOfSlip(reading: Reading, key: string, { key: node }: Pair): void {
  // A name of another version is no slip.
  if (isSettingOfAnyLine(key) || !isNode(node)) return;
  const meant = misspeltName(key, namesIn(reading));
  if (meant === null || knownAs(reading, meant) === null) return;
  addMistake(reading, rangeOf(node), 'D107', {
    message: `${key} is not a setting; it changes nothing`,
    found: key,
    suggestion: meant,
    path: key,
    severity: 'warning',
  });
}

/** The names that settings have in files of this version. */
function namesIn({ specs }: Reading): string[] {
  return Object.entries(specs).flatMap(([name, { aliases }]) => [name, ...aliases.map((alias) => alias.name)]);
}

function knownAs(reading: Reading, key: string): Known | null {
  const hasUnits = isAtLeast(reading.line, '4.1');
  for (const [name, spec] of Object.entries(reading.specs)) {
    const former = spec.aliases.find((alias) => alias.name === key);
    if (former !== undefined) return { name, spec, scale: former.scale };
    // Before 4.1 only the former name exists, where there is one.
    if (name === key && (hasUnits || spec.aliases.length === 0)) return { name, spec, scale: null };
  }
  return null;
}

function readNode(reading: Reading, key: string, known: Known, node: Node): void {
  const { name, spec, scale } = known;
  // An empty value leaves the setting at its default.
  if (isScalar(node) && node.value === null) return;
  const value =
    spec.type === 'texts' ? textsOf(node) : scalarOf(spec, isScalar(node) ? textOf(node) : classNameOf(node), scale);
  if (value === undefined) {
    const wanted = scale !== null && spec.type !== 'boolean' ? 'a whole number without a unit' : EXPECTED[spec.type];
    addMistake(reading, rangeOf(node), 'D103', {
      message: `${key} has a value of the wrong type`,
      expected: wanted,
      found: foundOf(node),
      path: key,
    });
    return;
  }
  if (value === 0 && ZERO_MEANS_DEFAULT.has(name)) return;
  const allowed = outOfRange(spec, value);
  if (allowed === null) reading.output.values[name] = value;
  else {
    const meant = spec.values === undefined ? null : nearestName(String(value), spec.values);
    const suggestion = meant === null ? {} : { suggestion: `${key}: ${meant}` };
    addMistake(reading, rangeOf(node), 'D104', {
      message: `${key} is out of range`,
      expected: allowed,
      found: foundOf(node),
      path: key,
      ...suggestion,
    });
  }
}

/** Of `- class_name: LZ4Compressor`, which is how a file names a compressor. */
function classNameOf(node: Node): string | null {
  const first = isSeq(node) ? node.items[0] : null;
  const name: unknown = isMap(first) ? first.get('class_name') : null;
  return typeof name === 'string' ? name : null;
}

function scalarOf(spec: SettingSpec, text: string | null, scale: number | null): SettingValue | undefined {
  if (text === null) return undefined;
  const value = scale === null ? readValue(spec.type, text) : readFormerValue(spec.type, text, scale);
  return typeof value === 'number' && value < 0 ? undefined : value;
}

/** A list, or Cassandra's comma-separated text. */
function textsOf(node: Node): string[] | undefined {
  if (isSeq(node)) {
    const texts = node.items.map((item) => (isScalar(item) ? textOf(item) : null));
    return texts.every((text) => text !== null) ? texts : undefined;
  }
  return isScalar(node)
    ? textOf(node)
        .split(',')
        .map((text) => text.trim())
        .filter((text) => text !== '')
    : undefined;
}

/** The scalar as it stands in the file: `1e3`, `012` and big numbers are not what a parser makes of them. */
function textOf(node: Node): string {
  if (!isScalar(node)) return '';
  return typeof node.value === 'string' ? node.value.trim() : (node.source ?? String(node.value)).trim();
}

function foundOf(node: Node): string {
  if (isScalar(node)) return textOf(node);
  return isSeq(node) ? 'a list' : 'a map';
}

type MistakeParts = Pick<Mistake, 'message' | 'path'> &
  Partial<Pick<Mistake, 'expected' | 'found' | 'suggestion' | 'severity'>>;

function addMistake(
  reading: Reading,
  range: readonly [number, number],
  code: CassandraMistakeCode,
  parts: MistakeParts,
): void {
  const { line, col } = reading.counter.linePos(range[0]);
  const { path, ...rest } = parts;
  const length = Math.max(1, range[1] - range[0]);
  const fullPath = path === '' ? 'cluster.settings' : `cluster.settings.${path}`;
  reading.output.mistakes.push({
    code,
    severity: 'mistake',
    file: reading.file.path,
    line,
    column: col,
    length,
    path: fullPath,
    ...rest,
  });
}

function rangeOf(node: Node): readonly [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The parser's sentence, as the end of one of ours. */
function firstLine(message: string): string {
  const line = message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
