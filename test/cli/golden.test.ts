/** Goldens: what is written is read back, what moves is named, and accept asks a person. */
import fc from 'fast-check';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { movedFrom } from '../../src/cli/testing/compare-golden.ts';
import { goldenText, isGoldenProblem, readGolden } from '../../src/cli/testing/golden.ts';
import type { Golden } from '../../src/cli/testing/golden.ts';
import { writeGolden } from '../../src/cli/testing/golden-file.ts';
import { ruleRevisions } from '../../src/dialect/index.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
const TEXT = readFileSync(FIXTURE, 'utf8').replace('5m', '2m').replace('20/s', '5/s').replace('for: 2m', 'for: 30s');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-golden-'));
  writeFileSync(join(home, 'away.yaml'), TEXT);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(words: string[], environment: Record<string, string> = {}) {
  const terminal = fakeTerminal({ folder: home, environment });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

function read(text: string): Golden {
  const golden = readGolden(text);
  if (isGoldenProblem(golden)) throw new Error(`${golden.line}: ${golden.message}`);
  return golden;
}

const GOLDEN: Golden = {
  database: 'cassandra@4.1.7',
  seeds: ['1', '2', '3'],
  verdicts: { margin: 'held', repaired: 'violated' },
  rows: [
    { name: 'peak divergent_copies', min: 284_123, median: 285_000, max: 286_000.5, tolerance: 0.02 },
    { name: 'latent_copies at end', min: 0, median: 0, max: 0, tolerance: 0 },
    { name: 'repair sent_bytes', min: 400, median: 410, max: 420, tolerance: 0.05 },
  ],
  shape: [0, 3, 7, 0],
  rules: { 'cassandra.e4': ruleRevisions()['cassandra.e4'], 'cassandra.g-phi': 1 },
  fingerprint: { seed: '1', value: '1f0c9e5b7a24d310', plan: '0123456789abcdef', version: '0.1.0' },
};

describe('the text', () => {
  it('is read as it was written', () => {
    expect(read(goldenText(GOLDEN))).toEqual(GOLDEN);
    const values = fc.tuple(fc.nat(), fc.nat(), fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat({ max: 400 }));
    const seeds = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, seeds, ([min, median, max, tolerance], names) => {
        const row = { name: 'a b', min, median, max: Number(max.toFixed(3)), tolerance: tolerance / 1000 };
        const golden = { ...GOLDEN, rows: [row], seeds: names, fingerprint: { ...GOLDEN.fingerprint, seed: names[0] } };
        const back = read(goldenText(golden));
        expect(back.seeds).toEqual(names);
        expect({ ...back.rows[0], tolerance: 0 }).toEqual({ ...row, tolerance: 0 });
        expect(back.rows[0].tolerance).toBeCloseTo(row.tolerance, 3);
      }),
    );
  });

  it('says where it is damaged', () => {
    const lines = goldenText(GOLDEN).split('\n');
    const without = (index: number): string => lines.filter((_line, at) => at !== index).join('\n');
    expect(readGolden('hello')).toMatchObject({ line: 1, message: expect.stringMatching(/not a golden/) });
    expect(readGolden(lines.join('\n').replace('golden 1', 'golden 2'))).toMatchObject({
      message: expect.stringMatching(/format 2/),
    });
    expect(readGolden(lines.join('\n').replace('±2 %', 'about'))).toMatchObject({ line: 3 });
    for (const damaged of ['284 1x3', '284 123,5', '-284 123'])
      expect(readGolden(lines.join('\n').replace('284 123', damaged))).toMatchObject({ line: 3 });
    expect(readGolden(without(5))).toMatchObject({ message: expect.stringMatching(/no line "divergent_copies"/) });
    expect(readGolden(without(8))).toMatchObject({ message: expect.stringMatching(/no fingerprint/) });
  });
});

describe('what moved', () => {
  it('is named with by how much, and the rule that behaves otherwise', () => {
    expect(movedFrom(GOLDEN, GOLDEN)).toBeNull();
    const rows = GOLDEN.rows.map((row) => ({ ...row, median: row.median * 1.04 }));
    expect(movedFrom(GOLDEN, { ...GOLDEN, rows })?.says).toBe('verdicts same, peak divergent_copies +4 % (±2 %)');
    const zero = GOLDEN.rows.map((row) => (row.max === 0 ? { ...row, max: 12 } : row));
    expect(movedFrom(GOLDEN, { ...GOLDEN, rows: zero })?.says).toContain('latent_copies at end (max) 0 → 12 (exact)');
    const older = { ...GOLDEN, rules: { 'cassandra.e4': 1, 'cassandra.zz': 1 }, verdicts: { margin: 'violated' } };
    const moved = movedFrom(older, GOLDEN);
    expect(moved?.says).toBe('margin violated → held, repaired not there → violated');
    expect(moved?.details).toEqual([
      expect.stringMatching(
        /^rule cassandra.e4 revision 1 → \d, rule cassandra.zz is gone in .*; accept to take over$/,
      ),
    ]);
  });

  it('is the fingerprint only of the same version and plan', () => {
    const other = (changed: object): Golden => ({
      ...GOLDEN,
      fingerprint: { ...GOLDEN.fingerprint, value: 'ffffffffffffffff', ...changed },
    });
    expect(movedFrom(GOLDEN, other({}))?.says).toMatch(/fingerprint 1f0c9e5b7a24d310 → ffffffffffffffff/);
    expect(movedFrom(GOLDEN, other({ version: '0.2.0' }))).toBeNull();
    expect(movedFrom(GOLDEN, other({ plan: '0000000000000000' }))).toBeNull();
  });
});

describe('accept', () => {
  it('writes what test compares, and keeps tolerances that somebody chose', async () => {
    const accepted = await call(['accept', 'away.yaml', '--seeds', '1..2']);
    expect(accepted).toMatchObject({ code: 0, out: 'wrote away.golden.txt  new\n' });
    const path = join(home, 'away.golden.txt');
    const written = readFileSync(path, 'utf8');
    expect(written).toMatch(/^reconverge golden 1 · cassandra 4.1.7 · seeds 1..2 · all expectations held\n/);
    expect((await call(['test', '.'])).code).toBe(0);
    writeFileSync(path, written.replace('±2 %', '±90 %').replaceAll('\n', '\r\n'));
    expect((await call(['accept', 'away.yaml'])).out).toBe('kept  away.golden.txt  unchanged\n');
    writeFileSync(join(home, 'away.yaml'), TEXT.replace('for: 30s', 'for: 20s'));
    const moved = await call(['test', 'away.yaml']);
    expect(moved.code).toBe(1);
    expect(moved.out).toMatch(/^~ away.yaml {2}2 of 2 held, moved/);
    expect(moved.out).toMatch(
      /\nMOVED npx reconverge run away.yaml --seed 1\n {2}away.golden.txt {2}verdicts same\n {4}divergent_row_hours −/,
    );
    for (const line of moved.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(moved.out).toMatch(/the scenario draws another plan than then; accept to take over\n/);
    expect(moved.out).toMatch(/\nVIOLATED 0 · MOVED 1 \(exit code 1\)\n$/);
    expect((await call(['accept', '.'])).out).toMatch(
      /^wrote away.golden.txt {2}verdicts same\n {8}divergent_row_hours −/,
    );
    expect(readFileSync(path, 'utf8')).toContain('±90 %');
    expect((await call(['test', '.'])).code).toBe(0);
  });

  it('leaves nothing half written, and names the golden that could not be', () => {
    mkdirSync(join(home, 'away.golden.txt'));
    expect(() => writeGolden('away.yaml', 'x', { folder: home })).toThrow(
      expect.objectContaining({
        mistakes: [expect.objectContaining({ code: 'C106', path: 'away.golden.txt' })],
      }),
    );
    expect(readdirSync(home).sort()).toEqual(['away.golden.txt', 'away.yaml']);
  });

  it('says of one of a newer format that it is in order, and beside others that this scenario was not run', async () => {
    writeFileSync(join(home, 'away.golden.txt'), 'reconverge golden 2 · cassandra 9.9.9 · seed 1\n');
    writeFileSync(join(home, 'other.yaml'), TEXT);
    const { code, out, err } = await call(['test', '.']);
    expect(code).toBe(3);
    expect(err).toMatch(/C111 {2}a golden of format 2\n/);
    expect(err).toContain('a newer Reconverge wrote it: use that one; the file is in order');
    expect(err).not.toContain('take it away');
    expect(err).toMatch(/1 mistake in 1 file; this scenario was not run\n$/);
    expect(out).toContain('1 held · 0 violated · 1 with a mistake');
  });

  it('a scenario in a folder of its own has its golden there', async () => {
    mkdirSync(join(home, 'scenarios/deep'), { recursive: true });
    writeFileSync(join(home, 'scenarios/deep/mine.yaml'), TEXT);
    expect((await call(['accept', 'scenarios'])).out).toBe('wrote scenarios/deep/mine.golden.txt  new\n');
    const test = await call(['test', 'scenarios']);
    expect([test.code, test.out]).toEqual([0, expect.stringMatching(/1 held · 0 violated {3}of 1 scenario/)]);
  });

  it('refuses in CI, and a golden that is none is a mistake', async () => {
    const refused = await call(['accept', 'away.yaml'], { CI: 'true' });
    expect([refused.code, refused.err]).toEqual([3, expect.stringMatching(/C110/)]);
    expect(existsSync(join(home, 'away.golden.txt'))).toBe(false);
    writeFileSync(join(home, 'away.golden.txt'), 'reconverge golden 1 · cassandra 4.1.7 · seed 1\n');
    expect(await call(['test', 'away.yaml'])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/away.golden.txt:/),
    });
  });

  it('writes although an expectation is violated, and says so', async () => {
    writeFileSync(join(home, 'away.yaml'), TEXT.replace('is: 0', 'is: 7'));
    expect((await call(['accept', 'away.yaml'])).out).toMatch(/new {2}\(1 of 2 expectations held: /);
    expect(readFileSync(join(home, 'away.golden.txt'), 'utf8')).toMatch(/· 1 of 2 expectations held\n/);
    expect((await call(['test', 'away.yaml'])).out).toMatch(/VIOLATED 1 \(exit code 1\)\n$/);
  });
});
