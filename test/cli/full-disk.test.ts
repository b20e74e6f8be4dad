/** A disk that is full, or can only be read: what was found is told, what was begun is taken away, the reason is the true one. */
import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;

/** Files whose names hold this are made, but nothing can be written into them; folders are refused with this reason. */
const disk = vi.hoisted(() => ({ full: '', folders: '' }));
vi.mock('node:fs', async (importReal) => {
  const real = await importReal<typeof fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const writeFileSync: typeof real.writeFileSync = (path, text, options) => {
    const isFull = disk.full !== '' && String(path).includes(disk.full) && text !== '';
    real.writeFileSync(path, isFull ? '' : text, options);
    if (isFull) refuse('ENOSPC');
  };
  // As Node does: of several folders at once it says something else.
  const mkdirSync = ((path: string, options?: { recursive?: boolean }) =>
    disk.folders === ''
      ? real.mkdirSync(path, options)
      : refuse(options?.recursive === true ? 'ENOENT' : disk.folders)) as typeof real.mkdirSync;
  return { ...real, writeFileSync, mkdirSync };
});
vi.mock('node:fs/promises', async (importReal) => {
  const real = await importReal<typeof promises>();
  const writeFile: typeof real.writeFile = async (path, ...others) => {
    if (disk.full === '' || !String(path).includes(disk.full)) return real.writeFile(path, ...others);
    await real.writeFile(path, '');
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  return { ...real, writeFile };
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-full-'));
  copyFileSync(FIXTURE, join(home, 'away.yaml'));
});
afterEach(() => {
  disk.full = '';
  disk.folders = '';
  rmSync(home, { recursive: true, force: true });
});

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

/** Without the line of the wall clock. */
const withoutFoot = (text: string): string => text.slice(0, text.search(/^ (next|files|replay) /m));

describe('run, with a full disk at its end', () => {
  it('tells what it found, then why nothing is kept', async () => {
    const whole = await call('run', 'away.yaml', '--out', 'whole');
    expect(whole.code).toBe(0);
    disk.full = 'result.json';
    const { code, out, err } = await call('run', 'away.yaml', '--out', 'lost');
    expect(code).toBe(3);
    expect(err).toMatch(/C106[^]*no space is left/);
    expect(withoutFoot(out)).toBe(withoutFoot(whole.out));
    expect(out).toContain('hint_pending'.replace('_', ' '));
    // There is no folder to name, and no plan in it to run again.
    expect(out).not.toMatch(/^ files/m);
    expect(out).toMatch(/replay {2}npx reconverge run away.yaml --out lost\n/);
    expect(out).toMatch(/\(exit code 3\)\n$/);
    expect(readdirSync(home).sort()).toEqual(['away.yaml', 'whole']);
    const json = await call('run', 'away.yaml', '--out', 'lost', '--json');
    expect([json.code, JSON.parse(json.out)]).toEqual([3, JSON.parse(read('whole/result.json'))]);
    expect((await call('run', 'away.yaml', '--out', 'lost', '--quiet')).out).toMatch(/replay [^]*\(exit code 3\)\n$/);
  });

  it('keeps the earlier result in its place', async () => {
    await call('run', 'away.yaml', '--out', 'kept');
    const before = read('kept/result.json');
    disk.full = 'series.csv';
    expect((await call('run', 'away.yaml', '--out', 'kept', '--seed', '9')).code).toBe(3);
    expect(read('kept/result.json')).toBe(before);
  });
});

describe('init ci', () => {
  it('with a full disk writes all or nothing, and can be tried again', async () => {
    writeFileSync(join(home, 'README.md'), 'mine');
    disk.full = 'hint-window.yaml';
    const { code, out, err } = await call('init', 'ci');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/cannot write scenarios\/hint-window.yaml: no space is left[^]*nothing was written/);
    expect(readdirSync(home).sort()).toEqual(['README.md', 'away.yaml']);
    disk.full = '';
    expect((await call('init', 'ci')).code).toBe(0);
  });

  it('says the true reason of a folder that can only be read', async () => {
    disk.folders = 'EROFS';
    const { code, err } = await call('init', 'ci');
    expect(code).toBe(3);
    expect(err).toMatch(/cannot write .github\/workflows\/reconverge.yml: the file system can only\s+be read/);
    disk.folders = 'EACCES';
    expect((await call('init', 'ci')).err).toContain('permission denied');
  });
});

describe('.reconverge', () => {
  it('is not for git, its runs too', async () => {
    writeFileSync(join(home, 'package.json'), '{"name":"mine"}');
    expect((await call('run', 'away.yaml')).code).toBe(0);
    expect(existsSync(join(home, '.reconverge/runs'))).toBe(true);
    expect(read('.reconverge/.gitignore')).toBe('*\n');
    writeFileSync(join(home, '.reconverge/.gitignore'), 'cache\n');
    await call('run', 'away.yaml');
    expect(read('.reconverge/.gitignore')).toBe('cache\n');
    await call('run', 'away.yaml', '--out', 'elsewhere');
    expect(existsSync(join(home, '.gitignore'))).toBe(false);
  });
});

function read(name: string): string {
  return readFileSync(join(home, name), 'utf8');
}
