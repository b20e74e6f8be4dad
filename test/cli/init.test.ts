/** What `init ci` writes holds and is proven; the Vitest helper fails with what `test` says. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CI_FILES } from '../../src/cli/init-files.ts';
import { program } from '../../src/cli/program.ts';
import { expectScenario } from '../../src/cli/vitest.ts';
import { fakeTerminal } from './fake-terminal.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-init-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

describe('init ci', () => {
  it('writes scenarios that hold and are proven, and a workflow that runs them', async () => {
    expect(await call('init', 'ci')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^wrote .*\n[^]*\nnext  npx/),
    });
    const test = await call('test', '--prove', 'scenarios');
    expect([test.code, test.out]).toEqual([0, expect.stringMatching(/\n3 held · 0 violated/)]);
    const workflow = parse(CI_FILES['.github/workflows/reconverge.yml']) as {
      jobs: { scenarios: { steps: { run?: string }[] } };
    };
    const lines = workflow.jobs.scenarios.steps.flatMap(({ run }) => run ?? []);
    const words =
      lines
        .find((line) => line.includes('test --prove'))
        ?.split(' ')
        .slice(2) ?? [];
    expect((await call(...words)).code).toBe(0);
    expect(readFileSync(join(home, 'reports/junit.xml'), 'utf8')).toContain('failures="0" errors="0"');
    expect(await call('init', 'ci')).toMatchObject({ code: 3, err: expect.stringMatching(/there already/) });
    expect((await call('init', 'jenkins')).code).toBe(3);
  });
});

describe('init ci where it cannot', () => {
  it('writes nothing, not half', async () => {
    writeFileSync(join(home, 'scenarios'), 'a file');
    const { code, err } = await call('init', 'ci');
    expect(code).toBe(3);
    expect(err).toMatch(/C106 {2}cannot write scenarios\/node-away.yaml\n/);
    expect(err).toMatch(/scenarios, which is a file\n/);
    expect(err).not.toContain('EEXIST');
    expect(readdirSync(home)).toEqual(['scenarios']);
    rmSync(join(home, 'scenarios'));
    const done = await call('init', 'ci');
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/there is no package.json: .*npm install/)]);
    const test = await call('test', 'scenarios');
    expect([test.code, test.err]).toEqual([0, '']);
  });

  it('says nothing of a package.json that is there', async () => {
    writeFileSync(join(home, 'package.json'), '{}');
    expect((await call('init', 'ci')).out).not.toContain('package.json');
  });
});

describe('the Vitest helper', () => {
  it('passes where all holds, and fails with the replay command first', async () => {
    const text = CI_FILES['scenarios/node-away.yaml'];
    writeFileSync(join(home, 'away.yaml'), text);
    await expectScenario('away.yaml', { folder: home, prove: true });
    writeFileSync(join(home, 'away.yaml'), text.replace('is: 0', 'is: 7'));
    await expect(expectScenario('away.yaml', { folder: home })).rejects.toThrow(
      /^FAIL {2}npx reconverge run away.yaml --seed 1\n {2}away.yaml:19 {2}healed\n/,
    );
    writeFileSync(join(home, 'away.yaml'), text.replace('n3', 'n9'));
    await expect(expectScenario('away.yaml', { folder: home })).rejects.toThrow(/S130/);
    await expect(expectScenario('nowhere.yaml', { folder: home })).rejects.toThrow(/does not exist/);
  });
});
