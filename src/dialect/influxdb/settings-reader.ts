/**
 * Reads a real influxdb.conf: the modelled settings in base units, the names of all others, and mistakes with their line and
 * column. A setting that the model does not know is never a mistake, because the file is somebody's working configuration.
 */
import { TomlError, parse } from 'smol-toml';
import type { Mistake } from '../../base/mistake.ts';
import { misspeltName } from '../../base/nearest.ts';
import type { ImportedFile, SettingSpec, SettingsFile } from '../../scenario/dialect-rules.ts';
import { isKnownUnmodelledSetting } from './known-settings.ts';
import type { InfluxMistakeCode } from './mistake-codes.ts';
import { EXPECTED, readOfFile } from './settings-notation.ts';
import { isSettingOfAnyVersion, settingsOf } from './settings-table.ts';
import { keyPlaces } from './toml-places.ts';
import type { KeyPlace } from './toml-places.ts';

interface Reading {
  file: ImportedFile;
  specs: Readonly<Record<string, SettingSpec>>;
  places: ReadonlyMap<string, KeyPlace>;
  output: SettingsFile;
}

/** Never throws. */
export function readSettingsFile(database: string, file: ImportedFile): SettingsFile {
  const output: SettingsFile = { values: {}, notModelled: [], mistakes: [] };
  const reading: Reading = { file, specs: settingsOf(database), places: keyPlaces(file.text), output };
  const document = parsed(reading);
  for (const [name, value] of Object.entries(document ?? {})) {
    if (!isTable(value)) readOne(reading, name, value);
    else for (const [key, member] of Object.entries(value)) readOne(reading, `${name}.${key}`, member);
  }
  return output;
}

function parsed(reading: Reading): Record<string, unknown> | null {
  try {
    return parse(reading.file.text, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first] = error.message.split('\n');
    const says = first.replace(/^Invalid TOML document: /, '');
    addMistake(reading, 'D301', {
      ...{ line: error.line, column: error.column, length: 1, path: '' },
      message: `not TOML: ${says}`,
      expected: 'sections such as [hinted-handoff], and lines such as max-age = "168h0m0s"',
    });
    return null;
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('toISOString' in value);
}

function readOne(reading: Reading, name: string, value: unknown): void {
  const { specs, output } = reading;
  const own = Object.hasOwn(specs, name) ? name : ownName(specs, name);
  const spec = own === null ? null : specs[own];
  if (spec === null || spec.rules.length === 0) output.notModelled.push(name);
  if (own === null || spec === null) return warnOfSlip(reading, name);
  const read = readOfFile(spec.type, value);
  if (read === undefined || (typeof read === 'number' && read < 0))
    return addValueMistake(reading, name, {
      code: 'D303',
      says: 'has a value of the wrong type',
      expected: EXPECTED[spec.type],
    });
  const { min = -Infinity, max = Infinity } = spec;
  if (typeof read === 'number' && (read < min || read > max))
    return addValueMistake(reading, name, { code: 'D304', says: 'is out of range', expected: boundsText(spec) });
  output.values[own] = read;
}

/** Of a setting that some versions' documents call otherwise. */
function ownName(specs: Readonly<Record<string, SettingSpec>>, name: string): string | null {
  const found = Object.entries(specs).find(([, { aliases }]) => aliases.some((alias) => alias.name === name));
  return found?.[0] ?? null;
}

function boundsText({ type, min = 0, max }: SettingSpec): string {
  const least = type === 'duration' ? `at least ${min / 1000}ms` : `at least ${min}`;
  return max === undefined ? least : `${least}, at most ${max}`;
}

function addValueMistake(
  reading: Reading,
  name: string,
  { code, says, expected }: { code: InfluxMistakeCode; says: string; expected: string },
): void {
  const { line = 1, valueColumn = 1, value = '' } = reading.places.get(name) ?? {};
  addMistake(reading, code, {
    ...{ line, column: valueColumn, length: Math.max(1, value.length), path: name },
    ...{ message: `${name} ${says}`, expected, found: value },
  });
}

/** One that is a modelled setting but for a slip changes nothing, here and in the database. */
function warnOfSlip(reading: Reading, name: string): void {
  if (isKnownUnmodelledSetting(name) || isSettingOfAnyVersion(name)) return;
  const meant = misspeltName(name, Object.keys(reading.specs));
  if (meant === null) return;
  const { line = 1, column = 1, length = 1 } = reading.places.get(name) ?? {};
  addMistake(reading, 'D307', {
    ...{ line, column, length, path: name, severity: 'warning' as const },
    ...{ message: `${name} is not a setting; it changes nothing`, found: name, suggestion: meant },
  });
}

function addMistake(
  { file, output }: Reading,
  code: InfluxMistakeCode,
  { path, ...parts }: Omit<Mistake, 'code' | 'severity' | 'file'> & Partial<Pick<Mistake, 'severity'>>,
): void {
  const fullPath = path === '' ? 'cluster.settings' : `cluster.settings.${path}`;
  output.mistakes.push({ code, severity: 'mistake', file: file.path, ...parts, path: fullPath });
}
