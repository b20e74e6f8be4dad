/** RUN: last, a folder, the beginning of a name, a file; and what is said where it leads nowhere. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { runArgument } from '../../src/cli/run-argument.ts';
import { fakeTerminal } from './fake-terminal.ts';

const home = mkdtempSync(join(tmpdir(), 'reconverge-run-'));
const EDIT = ['--set', 'faults.away.for=1m'];

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

beforeAll(async () => {
  writeFileSync(join(home, 'package.json'), '{"name":"reconverge"}');
  copyFileSync(new URL('fixtures/away.yaml', import.meta.url).pathname, join(home, 'away.yaml'));
  for (const seed of ['3', '31', '4']) await call('run', 'away.yaml', '--seed', seed, '--quiet');
  utimesSync(join(home, 'reports/away-3/plan.json'), 2e9, 2e9);
  mkdirSync(join(home, 'reports/empty'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('RUN', () => {
  const found = (run?: string) => runArgument(run === undefined ? {} : { run }, fakeTerminal({ folder: home }));

  it('is the last one unless another is named', () => {
    expect(found()).toBe('reports/away-3/plan.json');
    expect(found('last')).toBe('reports/away-3/plan.json');
    expect(found('away-4')).toBe('reports/away-4/plan.json');
    expect(found('away-31')).toBe('reports/away-31/plan.json');
    expect(found('reports/away-4')).toBe('reports/away-4/plan.json');
    expect(found('reports/away-4/plan.json')).toBe('reports/away-4/plan.json');
    expect(found('away.yaml')).toBe('away.yaml');
    // A whole name goes before one that it begins.
    expect(found('away-3')).toBe('reports/away-3/plan.json');
  });

  it('that leads nowhere, or to what cannot be read, is a mistake: exit 3', async () => {
    const plan = readFileSync(join(home, 'reports/away-4/plan.json'), 'utf8');
    for (const [name, text] of [
      ['newer', plan.replace('"format": 1', '"format": 2')],
      ['cut', plan.slice(0, 500)],
      ['odd', plan.replace('"crashNode"', '"crushNode"')],
    ]) {
      mkdirSync(join(home, name), { recursive: true });
      writeFileSync(join(home, name, 'plan.json'), text);
    }
    const tries: [words: string[], said: RegExp][] = [
      [['what-if', 'awy-4', ...EDIT], /C130 {2}no run is called awy-4[^]*did you mean {2}away-4/],
      [['what-if', 'away', ...EDIT], /C131 {2}3 runs begin with away[^]*away-31/],
      [['what-if', 'reports/empty', ...EDIT], /C105 {2}reports\/empty holds no plan.json/],
      [['what-if', 'newer', ...EDIT], /P103 {2}a plan of format 2/],
      [['what-if', 'cut', ...EDIT], /P101 {2}not a whole plan/],
      [['what-if', 'odd', ...EDIT], /P104/],
      [['what-if'], /C132 {2}what-if needs an edit/],
      [['what-if', '--set', 'faults.awy.for=3h'], /E102[^]*did you mean {2}faults.away.for/],
      [['what-if', '--seed', '3'], /unknown option --seed/],
    ];
    for (const [words, said] of tries) {
      const { code, out, err } = await call(...words);
      expect([words, code, out]).toEqual([words, 3, '']);
      expect(err).toMatch(said);
    }
  });

  it('is where there is none yet a mistake too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reconverge-none-'));
    const terminal = fakeTerminal({ folder });
    expect(await program(['what-if', ...EDIT], terminal)).toBe(3);
    expect(terminal.errText()).toMatch(/there is no last run[^]*\.reconverge\/runs/);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('what-if', () => {
  it('prints both worlds and how to run them, or the document', async () => {
    const { code, out, err } = await call('what-if', 'away-4', ...EDIT);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('faults.away.for 2m → 1m');
    expect(out).toContain('what if npx reconverge run reports/away-4/plan.json --set faults.away.for=1m');
    const again = await call('run', 'reports/away-4/plan.json', ...EDIT, '--json');
    const document = JSON.parse((await call('what-if', 'away-4', ...EDIT, '--json')).out);
    expect(document.fingerprint.edited).toBe(JSON.parse(again.out).fingerprint);
    expect(document.edits).toEqual([{ path: 'faults.away.for', before: '2m', after: '1m' }]);
  });

  it('of an edited run is told from that run, not from its scenario', async () => {
    await call('run', 'away.yaml', '--seed', '4', '--set', 'faults.away.at=70s', '--out', 'other', '--quiet');
    const { out } = await call('what-if', 'other', ...EDIT, '--json');
    expect(JSON.parse(out).edits).toHaveLength(1);
  });
});
