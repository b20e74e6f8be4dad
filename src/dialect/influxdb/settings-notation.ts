/**
 * Values as influxdb.conf writes them: durations as Go does (`10m0s`, `168h`), sizes as a number of bytes or with one of
 * k, m, g of either case, 1024 each (influxdb.3.1; `toml.Size`, `toml.Duration`). A scenario may also write its own units.
 */
import type { SettingSpec } from '../../scenario/dialect-rules.ts';
import type { SettingValue } from '../../scenario/plan.ts';

const GO_DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:h|ms|us|µs|m|s))+)$/;
const MICROS: Readonly<Record<string, number>> = { h: 3600e6, m: 60e6, s: 1e6, ms: 1000, us: 1, µs: 1 };
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

/** Of a scenario, as the file writes it; undefined where the scenario's own units are meant. */
export function readWritten(type: SettingSpec['type'], value: unknown): SettingValue | undefined {
  return type === 'size' ? readSize(value) : undefined;
}

/** Of a file; undefined where the value is not of the type. */
export function readOfFile(type: SettingSpec['type'], value: unknown): SettingValue | undefined {
  switch (type) {
    case 'duration': {
      return typeof value === 'string' && GO_DURATION.test(value) ? microsOf(value) : undefined;
    }
    case 'size':
      return readSize(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
    default:
      return typeof value === 'string' ? value : undefined;
  }
}

function microsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|m|s)/g)];
  return parts.reduce((sum, [, digits, unit]) => sum + Math.round(Number(digits) * MICROS[unit]), 0);
}

function readSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const [, digits, unit] = typeof value === 'string' ? (/^(\d{1,15})([kmg]?)$/i.exec(value.trim()) ?? []) : [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * SCALES[unit.toLowerCase()];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
