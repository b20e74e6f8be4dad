/**
 * Scenarios of this project as the command line runs them, in a process of its own: the test runner's module loader makes
 * hot loops three to four times slower.
 */
import { spawn } from 'node:child_process';
import { fakeTerminal } from '../cli/fake-terminal.ts';

export const ROOT = new URL('../../', import.meta.url).pathname;
export const terminal = fakeTerminal({ folder: ROOT });

/** What a TypeScript file of this project prints as JSON. Says what it wrote to standard error where that is none. */
export function jsonOf<T>(file: string, words: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const options = { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] };
    const child = spawn(process.execPath, ['--import', 'tsx', file, ...words], options);
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(out) as T);
      } catch {
        reject(new Error(`${file} printed no JSON: ${errors}${out.slice(0, 500)}`));
      }
    });
  });
}
