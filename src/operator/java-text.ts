/**
 * Numbers as Cassandra's own code writes them: Java's DecimalFormat (half even), Double.toString, sizes of files and of
 * memory, durations in words, and padding. Sources: `io/util/FileUtils#stringifyFileSize`,
 * `utils/FBUtilities#prettyPrintMemory`, commons-lang `DurationFormatUtils#formatDurationWords` (cassandra.j1, j6).
 */

/** What nobody knows. */
export const UNKNOWN = '?';

/** Exactly so many decimals, half to even. */
export function fixedHalfEven(value: number, decimals: number): string {
  let scale = 1;
  for (let step = 0; step < decimals; step += 1) scale *= 10;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  return ((up ? floor + 1 : floor) / scale).toFixed(decimals);
}

/** `#.##`: at most so many decimals. */
function upToDecimals(value: number, decimals: number): string {
  const text = fixedHalfEven(value, decimals);
  return text.includes('.') ? text.replace(/0+$/, '').replace(/[.]$/, '') : text;
}

/** Double.toString for the numbers that occur here: 100.0, 0.0, 47.37. */
export function javaDouble(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

const KIB = 1024;
const SIZES = [
  [KIB * KIB * KIB * KIB, 'TiB', 'TB'],
  [KIB * KIB * KIB, 'GiB', 'GB'],
  [KIB * KIB, 'MiB', 'MB'],
  [KIB, 'KiB', 'KB'],
] as const;

/** `4.69 GiB`; before 3.10 the units were written as KB, MB and so on. */
export function fileSize(bytes: number, binaryUnits: boolean): string {
  for (const [size, binary, plain] of SIZES)
    if (bytes >= size) return `${upToDecimals(bytes / size, 2)} ${binaryUnits ? binary : plain}`;
  return `${bytes} bytes`;
}

/** `5.459MiB`; 0 as `0.000KiB`, since 5.0 as `0B`. */
export function memorySize(bytes: number, plainBelowKib: boolean): string {
  for (const [size, unit] of SIZES) {
    if (bytes < size || (!plainBelowKib && unit === 'TiB')) continue;
    return `${(bytes / size).toFixed(3)}${unit}`;
  }
  return plainBelowKib ? `${bytes}B` : `${(bytes / KIB).toFixed(3)}KiB`;
}

/** `1 minute 27 seconds`: leading and trailing units of zero are left out. */
export function durationWords(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor(seconds / 3600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 seconds';
  let end = parts.length;
  while (parts[end - 1][0] === 0) end -= 1;
  return parts
    .slice(first, end)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ');
}

/** Java's `[a, b]`. */
export function javaList(members: readonly string[]): string {
  return `[${members.join(', ')}]`;
}

/** Columns as wide as their widest cell, the last one too (`tools/nodetool/formatter/TableBuilder`). */
export function table(rows: readonly (readonly string[])[], delimiter = ' '): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows.map((row) => widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(delimiter));
}
