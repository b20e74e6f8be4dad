/** Kept runs belong to the program as it was loaded: files of it that change under a running process do not count. */
import type * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from './fake-terminal.ts';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));
const disk = vi.hoisted(() => ({ suffix: '', folders: [] as string[] }));

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof fs>();
  return {
    ...actual,
    readdirSync: (path: string, ...rest: []) => {
      disk.folders.push(path);
      return actual.readdirSync(path, ...rest);
    },
    readFileSync: (path: string, ...rest: []) => {
      const read: unknown = actual.readFileSync(path, ...rest);
      if (disk.suffix === '' || !String(path).startsWith(SOURCES)) return read;
      return String(read) + disk.suffix;
    },
  };
});

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-loaded-'));
  const text = readFileSync(FIXTURE, 'utf8').replace('5m', '2m').replace('20/s', '5/s').replace('for: 2m', 'for: 30s');
  writeFileSync(join(home, 'away.yaml'), text);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function test(): Promise<string> {
  const terminal = fakeTerminal({ folder: home });
  await program(['test', 'away.yaml'], terminal);
  return terminal.outText();
}

it('a run is kept under what ran, and the folder is gone through once', async () => {
  expect(await test()).toContain('1 run, ');
  disk.suffix = '\n// Edited meanwhile.\n';
  expect(await test()).toContain('1 run (1 from cache), ');
  expect(disk.folders.filter((path) => path === SOURCES)).toHaveLength(1);
  expect(disk.folders.filter((path) => path === join(home, '.reconverge', 'cache'))).toHaveLength(1);
});
