import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/base/version.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Locked {
  version?: string;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
}

interface Lock {
  packages: Record<string, Locked>;
}

const lock = JSON.parse(read('package-lock.json')) as Lock;

/** Where node would find `name` from the package at `path`. */
function resolves(path: string, name: string): boolean {
  for (let base = path; ; base = base.slice(0, Math.max(0, base.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`] !== undefined) return true;
    if (base === '') return false;
  }
}

describe('the package', () => {
  it('has one version', () => {
    expect((JSON.parse(read('package.json')) as { version: string }).version).toBe(VERSION);
    expect(lock.packages[''].version).toBe(VERSION);
    expect(read('CHANGELOG.md')).toContain(`## ${VERSION}`);
  });

  it('has a lock without holes: packages of other platforms are in it too', () => {
    const holes = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !resolves(path, name)),
    );
    expect(holes).toEqual([]);
  });

  it('names no host from which packages come', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
    expect(existsSync(join(ROOT, '.npmrc'))).toBe(false);
  });

  it('sees what is installed as npm recorded it', async () => {
    const path = join(ROOT, 'scripts/ensure.mjs');
    const { isInstalledAsLocked } = (await import(/* @vite-ignore */ path)) as {
      isInstalledAsLocked: (lock: Lock, installed: Lock) => boolean;
    };
    const wanted: Lock = {
      packages: {
        '': {},
        'node_modules/a': { version: '1.0.0' },
        'node_modules/b': { version: '1.0.0', optional: true },
      },
    };
    const has = (packages: Lock['packages']): boolean => isInstalledAsLocked(wanted, { packages });
    expect(has({ 'node_modules/a': { version: '1.0.0' } })).toBe(true);
    expect(has({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } })).toBe(true);
    expect(has({ 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    expect(has({ 'node_modules/b': { version: '1.0.0' } })).toBe(false);
    expect(has({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/c': { version: '1.0.0' } })).toBe(false);
  });
});
