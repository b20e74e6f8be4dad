/** `test` over seeds, parts and time. */
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { verdictOverSeeds } from '../../src/cli/testing/over-seeds.ts';
import { watchFiles } from '../../src/cli/testing/watch.ts';
import type { ExpectationVerdict } from '../../src/observe/result.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
/** A short one. */
const TEXT = readFileSync(FIXTURE, 'utf8').replace('5m', '2m').replace('20/s', '5/s').replace('for: 2m', 'for: 30s');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-seeds-'));
  writeFileSync(join(home, 'away.yaml'), TEXT);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

function expecting(name: string, expectation: string): void {
  writeFileSync(join(home, name), TEXT.replace('variants:', `  over: ${expectation}\nvariants:`));
}

/** The peak differs from seed to seed. */
const PEAKED = 'check: always, metric: divergent_copies, below: ';

describe('seeds', () => {
  it('are each run, and the first that broke is shown', async () => {
    expect(await call('test', 'away.yaml', '--seeds', '1..3')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/of 1 scenario, 3 runs, /),
    });
    expecting('peak.yaml', `{ ${PEAKED}1, seeds: [5, storm] }`);
    const { code, out } = await call('test', 'peak.yaml');
    expect(code).toBe(1);
    expect(out).toMatch(
      /\nFAIL {2}npx reconverge run peak.yaml --seed 5\n {2}peak.yaml:20 {2}over {2}2 of 2 seeds broke it\n/,
    );
    expect(out).toMatch(/, 3 runs, /);
  });

  it('show a share, or say that they are too few to', async () => {
    expecting('few.yaml', `{ ${PEAKED}290, seeds: 1..3, share: 50% }`);
    const few = await call('test', 'few.yaml');
    expect(few.code).toBe(2);
    expect(few.out).toMatch(/over +held in 3 of 3 seeds; asked 50 % at 95 % confidence; exact\s+binomial test: /);
    expect((await call('check', 'few.yaml', '--strict')).err).toMatch(/S192[^]*at least 5 seeds/);
    expecting('enough.yaml', `{ ${PEAKED}290, seeds: 1..5, share: 50% }`);
    const enough = await call('test', 'enough.yaml');
    expect(enough.code).toBe(0);
    expect(enough.out).toMatch(/"over" held in 5 of 5 seeds; [^!]*so many by chance 3.1 %, not more than 5 %\n/);
  });

  it('that are none are refused', async () => {
    for (const [seeds, said] of [
      ['9..1', /ends before it begins/],
      ['1,2,1', /stands twice/],
      ['1..x', /is not a range/],
      ['1..999999', /more than 10000/],
    ] as const)
      expect(await call('test', 'away.yaml', '--seeds', seeds)).toMatchObject({
        code: 3,
        err: expect.stringMatching(said),
      });
  });

  it('without a verdict may have been either', () => {
    const verdictsOf = (held: number, open: number, broken: number) =>
      [
        ...Array<string>(held).fill('held'),
        ...Array<string>(open).fill('undecided'),
        ...Array<string>(broken).fill('violated'),
      ].map((verdict, index) => ({ seed: `${index}`, verdict: { verdict } as ExpectationVerdict }));
    const over = { seeds: [], share: 0.5, confidence: 0.9 };
    expect(verdictOverSeeds(verdictsOf(4, 0, 0), over).verdict).toBe('held');
    expect(verdictOverSeeds(verdictsOf(3, 1, 0), over).verdict).toBe('undecided');
    expect(verdictOverSeeds(verdictsOf(0, 0, 4), over).verdict).toBe('violated');
    expect(verdictOverSeeds(verdictsOf(0, 1, 3), over).verdict).toBe('undecided');
    expect(verdictOverSeeds(verdictsOf(1, 1, 1), undefined)).toMatchObject({
      verdict: 'violated',
      shown: { seed: '2' },
      said: '1 of 3 seeds broke it',
    });
  });
});

describe('a part', () => {
  it('takes each scenario exactly once', async () => {
    for (const name of ['b', 'c', 'd', 'e']) writeFileSync(join(home, `${name}.yaml`), TEXT);
    const linesOf = async (part: string): Promise<string[]> => {
      const { out } = await call('test', '.', '--part', part);
      return [...out.matchAll(/^. (\w+)[.]yaml/gm)].map(([, name]) => name);
    };
    expect([await linesOf('1/2'), await linesOf('2/2')]).toEqual([
      ['away', 'c', 'e'],
      ['b', 'd'],
    ]);
    for (const part of ['0/2', '3/2', '2', '1/0']) expect((await call('test', '.', '--part', part)).code).toBe(3);
  });
});

describe('time', () => {
  it('that is over leaves the rest undecided', async () => {
    writeFileSync(join(home, 'b.yaml'), TEXT);
    let millis = 0;
    const terminal = fakeTerminal({ folder: home, now: () => (millis += 100) });
    expect(await program(['test', '.', '--max-time', '450ms'], terminal)).toBe(2);
    expect(terminal.outText()).toMatch(/\nVIOLATED 0 · NOT RUN [12] \(exit code 2\)\n$/);
    expect((await call('test', '.', '--max-time', 'soon')).err).toMatch(/a duration such as 10m/);
  });
});

describe('watching', () => {
  it('begins again when a file changes', async () => {
    const terminal = fakeTerminal({ folder: home });
    let [rounds, looks] = [0, 0];
    const once = () => Promise.resolve({ code: (rounds++, 0) as 0, files: ['away.yaml', 'gone.yaml'] });
    const sleep = (): Promise<boolean> => {
      looks++;
      if (looks === 2) utimesSync(join(home, 'away.yaml'), 1, 1);
      if (looks === 4) writeFileSync(join(home, 'gone.yaml'), '');
      return Promise.resolve(looks < 6);
    };
    await watchFiles(once, terminal, sleep);
    expect(rounds).toBe(3);
    expect(terminal.errText()).toMatch(/watching 2 files; Ctrl-C ends/);
  });
});
