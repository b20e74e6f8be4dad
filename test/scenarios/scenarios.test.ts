import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { scenarioFiles } from '../../src/cli/discover.ts';
import { readInput } from '../../src/cli/input.ts';
import { ROOT, jsonOf, terminal } from './support.ts';

const FILES = scenarioFiles(terminal, ['scenarios']).map(({ path }) => path);
/** Wall time of all scenarios with all their variants: some minutes, much room for a busy one. */
const BUDGET_MILLISECONDS = 600_000;

interface Judged {
  file: string;
  status: string;
  expectations: number;
  complaints: unknown[];
  mistakes: unknown[];
  bug: unknown;
}

describe('every scenario', () => {
  const judged = new Map<string, Judged>();

  beforeAll(async () => {
    // Uncompiled there are no threads: a process for each core.
    const parts = ['1/2', '2/2'].map((part) =>
      jsonOf<{ scenarios: Judged[] }>('src/cli/main.ts', ['test', '--prove', '--json', '--part', part, 'scenarios']),
    );
    for (const { scenarios } of await Promise.all(parts)) for (const each of scenarios) judged.set(each.file, each);
  }, BUDGET_MILLISECONDS);

  it.each(FILES)('%s holds, and each of its expectations can be broken', (file) => {
    const { expectations, ...rest } = judged.get(file) ?? { expectations: 0 };
    expect(rest).toMatchObject({ status: 'held', complaints: [], mistakes: [], bug: null });
    expect(expectations).toBeGreaterThan(0);
  });

  it.each(FILES)('%s has a story and no warnings', (file) => {
    const { plan, warnings } = readInput(file, terminal);
    expect(warnings).toEqual([]);
    expect(plan.story.length).toBeGreaterThan(50);
  });
});

describe('the index', () => {
  const index = readFileSync(`${ROOT}scenarios/README.md`, 'utf8');
  const named = [...index.matchAll(/\(([^()]+[.]yaml)\)/g)].map(([, path]) => `scenarios/${path}`);

  it('names every scenario once, and nothing else', () => {
    expect([...named].sort(byText)).toEqual([...FILES].sort(byText));
  });
});

describe('the claims of version 0.1', () => {
  const CLAIMS = 'c01 c02 c03 c05 c07 c08 c09 c10 c13 c22 c26 c27 c28 c29 c35 c39'.split(' ');

  it.each(CLAIMS)('%s has its scenario', (claim) => {
    expect(FILES.filter((file) => file.startsWith(`scenarios/claims/${claim}-`))).toHaveLength(1);
  });
});

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
