import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), 'reconverge-layers-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A small house with the project's rules: file → what it imports. */
const FILES: Record<string, string> = {
  'src/base/a.ts': '',
  'src/base/up.ts': "import { a } from '../kernel/a.ts'; a();",
  'src/kernel/a.ts': "import '../base/a.ts'; export const a = (): number => 1;",
  'src/kernel/knows-database.ts': "import '../replica/a.ts';",
  'src/kernel/random.ts': 'export const draw = (): number => 4;',
  'src/data/a.ts': "import '../base/a.ts'; export const a = 1;",
  'src/replica/a.ts': "import '../data/a.ts'; import type { Plan } from '../scenario/plan.ts'; export type P = Plan;",
  'src/replica/reads-files.ts': "import { readFileSync } from 'node:fs'; readFileSync('x');",
  'src/scenario/plan.ts': 'export interface Plan { seed: string }\nexport const make = (): Plan => ({ seed: "" });',
  'src/scenario/a.ts': "import '../data/a.ts'; import { draw } from '../kernel/random.ts'; draw();",
  'src/scenario/asks-dialect.ts': "import '../dialect/a.ts';",
  'src/scenario/asks-kernel.ts': "import '../kernel/a.ts';",
  'src/dialect/a.ts': "import type { Plan } from '../scenario/plan.ts'; export type P = Plan;",
  'src/dialect/makes-plan.ts': "import { make } from '../scenario/plan.ts'; make();",
  'src/repair/strategies/one.ts': 'export const one = 1;',
  'src/repair/strategies/two.ts': "import { one } from './one.ts'; export const two = one;",
  'src/observe/a.ts': "import type { a } from '../kernel/a.ts'; export type A = typeof a;",
  'src/observe/runs-kernel.ts': "import { a } from '../kernel/a.ts'; a();",
  'src/report/a.ts': "import type { A } from '../observe/a.ts'; export type B = A;",
  'src/report/runs-oracle.ts': "import '../observe/a.ts';",
  'src/data/circle.ts': "import './round.ts';",
  'src/data/round.ts': "import './circle.ts';",
  'src/index.ts': "import './cli/a.ts';",
  'src/cli/a.ts': "import '../kernel/a.ts'; import 'node:fs';",
};

interface Violation {
  rule: { name: string };
  from: string;
}

function violations(): string[] {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(home, dirname(path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  writeFileSync(join(home, 'package.json'), '{"name":"x","type":"module"}');
  writeFileSync(
    join(home, 'tsconfig.json'),
    '{"compilerOptions":{"module":"nodenext","allowImportingTsExtensions":true}}',
  );
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  const tool = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [tool, 'src', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const report = JSON.parse(runAnyway(args)) as { summary: { violations: Violation[] } };
  const found = report.summary.violations.filter(({ rule }) => rule.name !== 'no-orphans');
  return found.map(({ rule, from }) => `${from}  ${rule.name}`).sort((left, right) => (left < right ? -1 : 1));
}

function runAnyway(args: string[]): string {
  try {
    return execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('the layers', () => {
  it('refuse exactly the imports that the folder table forbids', () => {
    expect(violations()).toEqual([
      'src/base/up.ts  base-imports',
      'src/data/circle.ts  no-cycles',
      'src/dialect/makes-plan.ts  dialect-imports',
      'src/index.ts  nothing-imports-the-entries',
      'src/kernel/knows-database.ts  kernel-imports',
      'src/observe/runs-kernel.ts  observe-imports',
      'src/repair/strategies/two.ts  strategies-stand-alone',
      'src/replica/reads-files.ts  machine-only-in-cli',
      'src/report/runs-oracle.ts  report-imports',
      'src/scenario/asks-dialect.ts  scenario-imports',
      'src/scenario/asks-kernel.ts  scenario-imports',
    ]);
  });
});
