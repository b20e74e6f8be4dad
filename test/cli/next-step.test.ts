/** From what a run or a test says to the command that looks further, which can be pasted. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
const text = readFileSync(FIXTURE, 'utf8');

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-next-'));
  copyFileSync(FIXTURE, join(home, 'away.yaml'));
  writeFileSync(join(home, 'left.yaml'), text.replace('for: 2m', 'for: 1h'));
  const small = '{ check: always, metric: divergent_copies, below: 50 }';
  writeFileSync(join(home, 'peaked.yaml'), text.replace(/\{ check: at, at: end.*\}/, small));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

/** The words of the command behind `mark`. */
function pasted(out: string, mark: RegExp): string[] {
  const command = new RegExp(`${mark.source} +npx reconverge (.*)$`, 'm').exec(out)?.[1] ?? '';
  return command.split(' ');
}

describe('run', () => {
  it('of what healed leads to the peak, and so does explain of its end', async () => {
    const { out } = await call('run', 'away.yaml');
    const words = pasted(out, /^ next/);
    expect(words.slice(0, 3)).toEqual(['explain', 'last', '--at']);
    const peak = (await call(...words)).out;
    expect(peak).toMatch(/^1 {2}.* node down · from faults.away$/m);
    const end = (await call('explain')).out;
    expect(end).toMatch(/nothing to explain\n\nmost at 1m 27s: 102 copies differed\n/);
    expect(pasted(end, /^ how they came/)).toEqual(words);
  });

  it('of what is left leads to its end and to advice, under the name of its folder', async () => {
    const { out, code } = await call('run', 'left.yaml', '--out', 'my runs/left');
    expect(code).toBe(1);
    expect(out).toMatch(/^ next {4}npx reconverge explain 'my runs\/left'\n/m);
    const edited = await call('run', 'left.yaml', '--set', 'cluster.settings.max_hint_window=1s');
    expect(edited.out).toMatch(/^ next {4}npx reconverge explain last\n {9}npx reconverge advise last\n/m);
    expect((await call('run', 'away.yaml', '--set', 'workload.orders.rate=1/1h', '--quiet')).out).not.toContain('next');
  });
});

describe('test', () => {
  it('names what explains the moment that broke, after the command that runs it', async () => {
    const { out } = await call('test', 'peaked.yaml');
    const words = pasted(out, /^ {2}then/);
    expect(words.slice(0, 3)).toEqual(['explain', 'last', '--at']);
    await call(...pasted(out, /^FAIL/));
    expect((await call(...words)).out).toMatch(/^50 copies differ /m);
  });
});

describe('slips that were not said', () => {
  it('a token outside the ring, and an edit that fits no form', async () => {
    const beyond = await call('explain', 'away.yaml', '--token', '9223372036854775808');
    expect([beyond.code, beyond.err]).toEqual([
      3,
      expect.stringMatching(/C134[^]*from -9223372036854775808\s+to\s+922/),
    ]);
    const { code, err } = await call('run', 'away.yaml', '--add', 'faults.x=3');
    expect(code).toBe(3);
    expect(err).toMatch(/expected {2}a map\n/);
  });

  it('a repository without a commit', async () => {
    spawnSync('git', ['init', '-q', home]);
    const { code, err } = await call('test', 'away.yaml', '--against', 'HEAD');
    expect([code, err]).toEqual([3, expect.stringMatching(/C113[^]*has no commit/)]);
    expect(err).not.toContain('fetch');
  });
});
