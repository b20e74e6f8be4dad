/** Ctrl-C where something runs: what is finished is said and written, the rest is given up, 130. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportFailure } from '../../src/cli/failure.ts';
import { InterruptedError } from '../../src/cli/interrupt.ts';
import { program } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-interrupt-'));
  for (const name of ['a.yaml', 'b.yaml']) copyFileSync(FIXTURE, join(home, name));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Ctrl-C in the first pause after somebody listened for the `time`-th time. */
async function interrupted(words: string[], { time = 1 }: { time?: number } = {}) {
  let listened = 0;
  const hearInterrupt: NonNullable<Terminal['hearInterrupt']> = (heard) => {
    if (++listened === time) setImmediate(() => setImmediate(heard));
    return () => undefined;
  };
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, { ...terminal, hearInterrupt });
  return { code, out: terminal.outText(), err: terminal.errText() };
}

describe('Ctrl-C', () => {
  it('of test: what is judged is reported, also to files', async () => {
    const words = ['test', 'a.yaml', 'b.yaml', '--no-cache', '--reporter', 'text', '--reporter', 'junit=int.xml'];
    const { code, out, err } = await interrupted(words);
    expect(code).toBe(130);
    expect(err).toBe('interrupted: 1 of 2 scenarios judged\n');
    expect(out).toMatch(/✓ a\.yaml.*\n1 held · 0 violated · 1 not run {3}of 2 scenarios/);
    expect(out).toMatch(/VIOLATED 0 · NOT RUN 1 \(exit code 130\)\n$/);
    expect(readFileSync(join(home, 'int.xml'), 'utf8')).toContain('b.yaml');
  });

  it('of an exploration ends it: what was found so far is reported', async () => {
    const { code, out, err } = await interrupted(['test', 'a.yaml', 'b.yaml', '--no-cache', '--explore', '10m']);
    expect(code).toBe(130);
    expect(out).toContain('1 new seed');
    expect(err).toContain('interrupted: 1 of 2 scenarios judged');
  });

  it('of compare: the seeds that are whole are compared', async () => {
    const words = ['compare', 'a.yaml', '--variants', 'no-fault', '--seeds', '1..9'];
    const { code, out, err } = await interrupted(words, { time: 2 });
    expect([code, err]).toEqual([130, 'interrupted: 1 of 9 seeds finished; compared over these\n']);
    expect(out).toContain('1 seed · 2 runs');
    const before = await interrupted(words);
    expect([before.code, before.out]).toEqual([130, '']);
    expect(before.err).toContain('interrupted: no seed of 9 was finished with all strategies; nothing was written');
  });

  it('of advise: nothing is advised from some futures alone', async () => {
    const { code, out, err } = await interrupted(['advise', 'a.yaml', '--from', '2m', '--seeds', '1..3']);
    expect([code, out]).toEqual([130, '']);
    expect(err).toMatch(/^interrupted: \d of 3 futures had been looked at; nothing is advised, nothing was written\n$/);
    expect(existsSync(join(home, '.reconverge/runs'))).toBe(false);
  });

  it('where nothing was finished is no bug', async () => {
    const terminal = fakeTerminal();
    expect(await reportFailure(new InterruptedError('interrupted'), terminal, { debug: false, noColor: true })).toBe(
      130,
    );
    expect(terminal.errText()).toBe('interrupted\n');
  });
});
