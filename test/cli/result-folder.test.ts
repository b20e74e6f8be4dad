import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  folderName,
  isResultFolder,
  refuseFolder,
  resultsRoot,
  writeResultFolder,
} from '../../src/cli/result-folder.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-folder-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const FILES = { 'plan.json': '{}', 'result.json': '{"a":1}', 'series.csv': 't\n', 'report.txt': 'x\n' };

const named = (name: string, seed: string) => folderName({ name, seed, edited: null });

describe('names of result folders', () => {
  it('keep harmless names as they are', () => {
    expect(named('node-away-longer-than-the-hint-window', '42')).toBe('node-away-longer-than-the-hint-window-42');
  });

  it('are one path segment that leads nowhere else, whatever name and seed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, seed) => {
        const made = named(name, seed);
        expect(made).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
        expect(made).not.toContain('..');
        expect(join(home, 'reports', made).startsWith(join(home, 'reports') + sep)).toBe(true);
        expect(made.length).toBeLessThan(200);
      }),
    );
  });

  it('differ for different seeds', () => {
    const seeds = [
      '../../etc',
      '..-..-etc',
      'etc',
      'a/b',
      'a-b',
      'a b',
      'é',
      'è',
      '',
      '-',
      'x'.repeat(300),
      'x'.repeat(301),
    ];
    expect(new Set(seeds.map((seed) => named('s', seed))).size).toBe(seeds.length);
  });
});

describe('the root of results', () => {
  it('is reports/ inside the project and .reconverge/runs/ elsewhere', () => {
    expect(resultsRoot(home)).toBe(join(home, '.reconverge', 'runs'));
    writeFileSync(join(home, 'package.json'), '{"name":"reconverge"}');
    mkdirSync(join(home, 'deep', 'er'), { recursive: true });
    expect(resultsRoot(join(home, 'deep', 'er'))).toBe(join(home, 'reports'));
    writeFileSync(join(home, 'deep', 'package.json'), 'torn {');
    expect(resultsRoot(join(home, 'deep', 'er'))).toBe(join(home, 'deep', 'er', '.reconverge', 'runs'));
  });
});

describe('writing a result', () => {
  it('makes the folder whole, with nothing beside it', async () => {
    const folder = join(home, 'reports', 'x-1');
    await writeResultFolder(folder, FILES);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(FILES).sort());
    expect(readdirSync(join(home, 'reports'))).toEqual(['x-1']);
  });

  it('replaces an earlier result', async () => {
    const folder = join(home, 'x-1');
    await writeResultFolder(folder, { ...FILES, 'report.html': 'old' });
    await writeResultFolder(folder, FILES);
    expect(readFileSync(join(folder, 'result.json'), 'utf8')).toBe('{"a":1}');
    expect(existsSync(join(folder, 'report.html'))).toBe(false);
    expect(readdirSync(home)).toEqual(['x-1']);
  });

  it('refuses a folder in which something else lies, and leaves it as it was', async () => {
    const folder = join(home, 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'plan.json'), 'mine');
    writeFileSync(join(folder, 'thesis.tex'), 'years of work');
    expect(isResultFolder(folder)).toBe(false);
    expect(() => refuseFolder(folder)).toThrow(/not a result of ours/);
    await expect(writeResultFolder(folder, FILES)).rejects.toThrow(/not a result of ours/);
    expect(readFileSync(join(folder, 'plan.json'), 'utf8')).toBe('mine');
    expect(readdirSync(home)).toEqual(['mine']);
  });

  it('refuses a file, takes an empty folder', async () => {
    writeFileSync(join(home, 'file'), '');
    expect(() => refuseFolder(join(home, 'file'))).toThrow(/not a result of ours/);
    mkdirSync(join(home, 'empty'));
    await writeResultFolder(join(home, 'empty'), FILES);
    expect(isResultFolder(join(home, 'empty'))).toBe(true);
  });

  it('leaves nothing when writing fails half way', async () => {
    const folder = join(home, 'x-1');
    // A file name that cannot be: its folder is not there.
    await expect(writeResultFolder(folder, { 'plan.json': '{}', 'no/such/file': '' })).rejects.toThrow(/cannot write/);
    expect(readdirSync(home)).toEqual([]);
    writeFileSync(join(home, 'file'), '');
    await expect(writeResultFolder(join(home, 'file', 'below'), FILES)).rejects.toThrow(basename('below'));
    expect(() => refuseFolder(join(home, 'file', 'below', 'deeper'))).toThrow(/cannot write/);
  });

  it.runIf(existsSync('/proc/self'))('ends where the system lets nobody make a folder', async () => {
    await expect(writeResultFolder('/proc/reconverge/x-1', FILES)).rejects.toThrow(/cannot write/);
    expect(() => refuseFolder('/proc/reconverge/x-1')).toThrow(/cannot write/);
  });
});
