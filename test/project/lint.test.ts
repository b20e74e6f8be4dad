import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const eslint = new ESLint({ cwd: ROOT });

/** Per line of `code`, the rules that complain about it if it stood in that file. Each call reads the whole program: few calls. */
async function complaints(code: string, file = 'src/base/rules.ts'): Promise<Map<number, string[]>> {
  const [{ messages }] = await eslint.lintText(`${code}\n`, { filePath: `${ROOT}${file}` });
  const byLine = new Map<number, string[]>();
  for (const { line, ruleId, message } of messages) byLine.set(line, [...(byLine.get(line) ?? []), ruleId ?? message]);
  return byLine;
}

/** What would make a run depend on more than its plan, or differ between engines. */
const BANNED: [code: string, rule: string][] = [
  ['const a = Date.now();', 'no-restricted-globals'],
  ['const a = performance.now();', 'no-restricted-globals'],
  ['const a = process.argv;', 'no-restricted-globals'],
  ['const a = new Intl.NumberFormat();', 'no-restricted-globals'],
  ['const a = crypto.randomUUID();', 'no-restricted-globals'],
  ['setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  ['const a = Promise.resolve(1);', 'no-restricted-globals'],
  ['const a = globalThis;', 'no-restricted-globals'],
  ['console.log(1);', 'no-console'],
  ['const a = Math.random();', 'no-restricted-properties'],
  ['const a = Math.pow(2, 0.5);', 'no-restricted-properties'],
  ['export const { exp } = Math;', 'no-restricted-properties'],
  ['const a = Math.hypot(1, 2);', 'no-restricted-properties'],
  ["export const a = 'a'.localeCompare('b');", 'no-restricted-properties'],
  ['const a = (1).toLocaleString();', 'no-restricted-properties'],
  ['const a = 2 ** 0.5;', 'no-restricted-syntax'],
  ['export let a = 2; a **= 2;', 'no-restricted-syntax'],
  ['export const f = async () => 1;', 'no-restricted-syntax'],
  ['export function f(o: object): void { for (const k in o) void k; }', 'no-restricted-syntax'],
  ["export const m = () => import('./assert.ts');", 'no-restricted-syntax'],
  ['export default 1;', 'no-restricted-syntax'],
  ["export { readFileSync } from 'node:fs';", 'no-restricted-imports'],
  ['const a = [3, 1].sort();', '@typescript-eslint/require-array-sort-compare'],
  ['const a = [3, 1].toSorted();', '@typescript-eslint/require-array-sort-compare'],
  ['const a = (x: any) => x;', '@typescript-eslint/no-explicit-any'],
  ['const a = (x: number | null) => x!;', '@typescript-eslint/no-non-null-assertion'],
];

describe('lint below cli', () => {
  it('refuses what a run must not depend on, what differs between engines, and what cannot be read', async () => {
    const found = await complaints(BANNED.map(([code]) => code).join('\n'));
    expect(BANNED.filter(([, rule], index) => found.get(index + 1)?.includes(rule) !== true)).toEqual([]);
  });

  it('refuses functions and files that do not fit on a screen or a few; allows exact arithmetic and typed sorts', async () => {
    const allowed = [
      'export const a = Math.sqrt(2) + Math.floor(1.5) + Math.imul(3, 5) + Math.round(0.5);',
      'export const b = Float64Array.of(3, 1).sort();',
      'export const c = [3, 1].sort((left, right) => left - right);',
      'export function sum(): number {',
    ];
    const body = Array.from({ length: 510 }, (_, index) => `  total += ${index};`);
    const found = await complaints([...allowed, '  let total = 0;', ...body, '  return total;', '}'].join('\n'));
    expect([...found]).toEqual([
      [4, ['max-lines-per-function']],
      [501, ['max-lines']],
    ]);
  });
});

describe('lint in cli', () => {
  it('allows the machine, but no promise that nobody waits for', async () => {
    const code = [
      "import { readFileSync } from 'node:fs';",
      "export const a = readFileSync('x', 'utf8') + Date.now();",
      'export function f(): void { Promise.resolve(1); }',
    ];
    expect([...(await complaints(code.join('\n'), 'src/cli/progress.ts'))]).toEqual([
      [3, ['@typescript-eslint/no-floating-promises']],
    ]);
  });
});
