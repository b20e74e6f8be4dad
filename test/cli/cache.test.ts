/** Runs kept by content: what decides the key, what a damaged entry does, how much is kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { modelHash, pruneCache, readCached, writeCached } from '../../src/cli/testing/cache.ts';
import type { TestRun } from '../../src/cli/testing/job.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
const TEXT = readFileSync(FIXTURE, 'utf8').replace('5m', '2m').replace('20/s', '5/s').replace('for: 2m', 'for: 30s');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-cache-'));
  writeFileSync(join(home, 'away.yaml'), TEXT);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function test(...words: string[]): Promise<string> {
  const terminal = fakeTerminal({ folder: home });
  await program(['test', 'away.yaml', ...words], terminal);
  return terminal.outText();
}

function entries(folder = join(home, '.reconverge/cache')): string[] {
  const names = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  return names.filter((path) => statSync(path).isFile() && !path.endsWith('.gitignore'));
}

describe('a run', () => {
  it('is not run again, and its lines are those of today', async () => {
    expect(await test()).toContain('1 run, ');
    writeFileSync(join(home, 'away.yaml'), `# A comment.\n${TEXT.replace('One node', 'Node n3')}`);
    expect(await test()).toContain('1 run (1 from cache), ');
    expect(await test('--no-cache')).toContain('1 run, ');
    writeFileSync(join(home, 'away.yaml'), TEXT.replace('is: 0', 'is: 7'));
    expect(await test()).toMatch(/away.yaml:19 {2}healed\n[^]*1 run, /);
    writeFileSync(join(home, 'away.yaml'), `\n${TEXT.replace('is: 0', 'is: 7')}`);
    expect(await test()).toMatch(/away.yaml:20 {2}healed\n[^]*1 run \(1 from cache\), /);
    expect(await test('--seeds', '4')).toContain('1 run, ');
  });

  it('whose entry is damaged is run again', async () => {
    await test();
    const [path] = entries();
    const whole = readFileSync(path, 'utf8');
    for (const damaged of ['', whole.slice(0, -20), whole.replace('held', 'hold'), '{}\n{}', '\u0000']) {
      writeFileSync(path, damaged);
      expect(await test()).toContain('1 run, ');
      expect(readFileSync(path, 'utf8')).toBe(whole);
    }
    rmSync(join(home, '.reconverge'), { recursive: true });
    writeFileSync(join(home, '.reconverge'), 'a file in the way');
    expect(await test()).toContain('1 held');
  });
});

describe('the store', () => {
  const run = { fingerprint: 'x', rules: ['y'.repeat(1000)] } as unknown as TestRun;

  it('keeps what was used last when it is full', () => {
    const store = { folder: join(home, 'store') };
    const keys = ['aa1', 'bb2', 'cc3', 'dd4'];
    for (const [index, key] of keys.entries()) {
      writeCached(store, key, run);
      utimesSync(join(store.folder, key.slice(0, 2), `${key.slice(2)}.json`), 1000 + index, 1000 + index);
    }
    expect(readCached(store, 'aa1')).toEqual(run);
    pruneCache(store, 3500);
    expect(keys.filter((key) => readCached(store, key) !== null)).toEqual(['aa1', 'dd4']);
  });

  it('drops what a writer that died left, not what one just writes', () => {
    const store = { folder: join(home, 'store') };
    writeCached(store, 'aa1', run);
    const [old, fresh] = ['old.tmp', 'fresh.tmp'].map((name) => join(store.folder, name));
    for (const path of [old, fresh]) writeFileSync(path, 'half');
    utimesSync(old, 1000, 1000);
    pruneCache(store);
    expect(
      entries(store.folder)
        .map((path) => path.slice(store.folder.length + 1))
        .sort(),
    ).toEqual(['aa/1.json', 'fresh.tmp']);
    // Git is told from within, also of the file that tells it.
    expect(readFileSync(join(store.folder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('belongs to one program', () => {
    writeFileSync(join(home, 'a.ts'), 'x');
    const before = modelHash(home);
    writeFileSync(join(home, 'a.d.ts'), 'y');
    expect(modelHash(home)).toBe(before);
    writeFileSync(join(home, 'a.ts'), 'z');
    expect(modelHash(home)).not.toBe(before);
  });
});
