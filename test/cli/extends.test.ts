/** `extends` from the command line: files in folders, what mistakes and failures name, and a plan.json alone. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-extends-'));
  mkdirSync(join(home, 'base'));
  mkdirSync(join(home, 'mine'));
  copyFileSync(FIXTURE, join(home, 'base/away.yaml'));
  // The base has lines of its own before the expectation.
  writeFileSync(join(home, 'base/more.yaml'), '# kept apart\nextends: away.yaml\nobserve: { every: 1m }\n');
  writeFileSync(join(home, 'mine/x.yaml'), 'extends: ../base/more.yaml\nname: mine\nformat: 1\n');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

describe('a scenario that extends another', () => {
  it('runs as the whole would', async () => {
    const whole = JSON.parse((await call('run', 'base/away.yaml', '--json')).out) as { fingerprint: string };
    const mine = JSON.parse((await call('run', 'mine/x.yaml', '--json')).out) as { fingerprint: string };
    expect(mine.fingerprint).toBe(whole.fingerprint);
  });

  it('names the file in which a mistake stands, and shows its line', async () => {
    const text = readFileSync(FIXTURE, 'utf8');
    writeFileSync(join(home, 'base/away.yaml'), text.replace(/^duration:.*$/m, 'duration: soon'));
    const line = text.split('\n').findIndex((each) => each.startsWith('duration:')) + 1;
    const { code, err } = await call('check', 'mine/x.yaml');
    expect(code).toBe(3);
    expect(err).toContain(`base/away.yaml:${line}:11  S120`);
    expect(err).toContain('duration: soon');
  });

  it('names the file in which a violated expectation stands', async () => {
    const text = readFileSync(FIXTURE, 'utf8');
    const at = text.split('\n').findIndex((each) => each.startsWith('expect:')) + 2;
    writeFileSync(
      join(home, 'mine/x.yaml'),
      'extends: ../base/more.yaml\nformat: 1\nname: mine\nfaults: null\nvariants: null\n',
    );
    const { out } = await call('run', 'mine/x.yaml', '--out', 'o');
    expect(out).toContain(`base/away.yaml:${at}:3`);
  });

  it('leaves a plan that needs none of the files', async () => {
    await call('run', 'mine/x.yaml', '--out', 'o');
    rmSync(join(home, 'base'), { recursive: true });
    rmSync(join(home, 'mine'), { recursive: true });
    const { code, out, err } = await call('plan', 'o/plan.json', '--seed', '9', '--set', 'duration=2h');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('mine');
  });
});
