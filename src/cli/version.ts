/** The version of the package, from the package.json beside `src` or `dist`. */
import { readFileSync } from 'node:fs';

export function version(): string {
  const parsed = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  return parsed.version;
}
