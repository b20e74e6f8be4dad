/**
 * Values as influxdb.conf writes them: durations as Go does (`10m0s`, `168h`), sizes as a number of bytes or with one of
 * k, m, g of either case, 1024 each (influxdb.3.1; `toml.Size`, `toml.Duration`). A scenario may also write its own units.
 */
import type { SettingSpec } from '../../scenario/dialect-rules.ts';
import type { SettingValue } from '../../scenario/plan.ts';
import { isUnitProblem, parseDuration, parseSize, unitProblem } from '../../scenario/units.ts';
import type { UnitProblem } from '../../scenario/units.ts';

const GO_DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:h|ms|us|µs|m|s))+)$/;
const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1_048_576, g: 1_073_741_824 };

export const EXPECTED: Readonly<Record<SettingSpec['type'], string>> = {
  duration: 'a duration in h, m, s, ms or us, such as 168h or 10m0s',
  size: 'a number of bytes, or a size in k, m or g, such as 10g',
  rate: 'a number of bytes per second',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  text: 'text',
  texts: 'a list of texts',
};

/** Of a scenario: as the file writes it, or in the scenario's own units. */
export function readWritten(type: SettingSpec['type'], value: unknown): SettingValue | UnitProblem | undefined {
  if (type === 'size') return readSize(value, (text) => withHint(parseSize(text), EXPECTED.size));
  if (type === 'duration') {
    if (typeof value !== 'string' && value !== 0) return undefined;
    return withHint(parseDuration(value), EXPECTED.duration);
  }
  return undefined;
}

/** Of a file; undefined where the value is not of the type. */
export function readOfFile(type: SettingSpec['type'], value: unknown): SettingValue | undefined {
  switch (type) {
    case 'duration': {
      if (typeof value !== 'string' || !GO_DURATION.test(value)) return undefined;
      const micros = parseDuration(value);
      return isUnitProblem(micros) ? undefined : micros;
    }
    case 'size': {
      const bytes = readSize(value, () => unitProblem('', '', ''));
      return isUnitProblem(bytes) ? undefined : bytes;
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
    default:
      return typeof value === 'string' ? value : undefined;
  }
}

function readSize(value: unknown, otherwise: (text: string) => number | UnitProblem): number | UnitProblem | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, digits, unit] = /^(\d{1,15})([kmg]?)$/i.exec(value.trim()) ?? [];
  if (digits === undefined) return otherwise(value);
  const bytes = Number(digits) * SCALES[unit.toLowerCase()];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function withHint(read: number | UnitProblem, expected: string): number | UnitProblem {
  return isUnitProblem(read) ? { ...read, expected } : read;
}
