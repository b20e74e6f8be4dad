/** `--against`: what a git revision gave, and which changed key made the difference. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fileChanges, scenarioChanges } from '../../src/cli/testing/changed-keys.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
const SETTINGS = '# Ours.\nmax_hint_window: 3h\nhinted_handoff_enabled: true\nnum_tokens: 16\n';
const TEXT = readFileSync(FIXTURE, 'utf8')
  .replace('5m', '2m')
  .replace('20/s', '5/s')
  .replace('for: 2m', 'for: 30s')
  .replace('cluster:\n', 'cluster:\n  settings: { from: cassandra.yaml }\n');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-against-'));
  writeFileSync(join(home, 'away.yaml'), TEXT);
  writeFileSync(join(home, 'cassandra.yaml'), SETTINGS);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function git(...words: string[]): void {
  const own = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main'];
  expect(spawnSync('git', [...own, ...words], { cwd: home, encoding: 'utf8' })).toMatchObject({ status: 0 });
}

async function test(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(['test', 'away.yaml', ...words], terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

describe('changes', () => {
  it('are keys of what runs, and lines of files', () => {
    const before = {
      name: 'a',
      data: { tables: { 'shop.orders': { row: '1B' } } },
      faults: { x: { at: '1m' }, y: {} },
    };
    const after = { name: 'b', data: { tables: { 'shop.orders': { row: '2B' } } }, faults: { x: { at: '1m' }, z: 1 } };
    expect(scenarioChanges(before, after).map(({ putBack }) => putBack)).toEqual([
      ['--set', 'data.tables."shop.orders".row="1B"'],
      ['--set', 'faults.y={}'],
      ['--remove', 'faults.z'],
    ]);
    expect(fileChanges('a: 1\n# x\nb: 2', 'a: 1\n# y\nb: 3')).toEqual([
      { line: 3, before: 'b: 2', after: 'b: 3', text: 'a: 1\n# y\nb: 2' },
    ]);
    expect(fileChanges('a\nb', 'a')).toMatchObject([{ line: 0, text: 'a\nb' }]);
  });
});

describe('against a revision', () => {
  it('the one changed key that did it is named: of the scenario, or a line of a file', async () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'x');
    expect(await test('--against', 'HEAD')).toMatchObject({ code: 0, err: '' });
    writeFileSync(join(home, 'away.yaml'), TEXT.replace('for: 30s', 'for: 1h').replace('350B', '300B'));
    const longer = await test('--against', 'main');
    expect([longer.code, longer.err]).toEqual([1, 'not committed, compared with main as they lie here: away.yaml\n']);
    expect(longer.out).toMatch(/ {2}against main, copies by cause\n[^]* node_down {2}\d+ → \d+\n/);
    expect(longer.out).toMatch(
      / {2}because of {2}faults.away.for {2}30s → 1h\n {2}\(each of 2 changed keys put back alone; only this one turns it green\)\n/,
    );
    writeFileSync(join(home, 'away.yaml'), TEXT);
    writeFileSync(join(home, 'cassandra.yaml'), SETTINGS.replace('3h', '1s').replace('16', '8'));
    const settings = await test('--against', 'HEAD');
    expect(settings.out).toMatch(
      /because of {2}cassandra.yaml:2 {2}max_hint_window: 3h → max_hint_window: 1s\n {2}\(each of 2 changed/,
    );
    // The scenario is as it was committed; the file that it reads is not.
    expect(settings.err).toBe('');
    expect(settings.out).toMatch(/\n {4}not committed, compared with HEAD as it lies here: cassandra.yaml\n/);
  });

  it('is run with the seed that was judged, and nothing is run twice', async () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'x');
    const same = await test('--against', 'HEAD', '--seeds', '9');
    expect(same.out).toContain('2 runs (1 from cache), ');
    const tighter = TEXT.replace('for: 30s', 'for: 1h').replace(
      'healed:',
      'early: { check: at, at: end, metric: divergent_copies, below: 1 }\n  healed:',
    );
    writeFileSync(join(home, 'away.yaml'), tighter);
    git('commit', '-qam', 'y');
    writeFileSync(join(home, 'away.yaml'), tighter.replace('350B', '300B'));
    const both = await test('--against', 'HEAD', '--seeds', '9', '--no-cache');
    expect(both.out.match(/violated in HEAD, too/g)).toHaveLength(2);
    expect(both.out).toContain('2 runs, ');
  });

  it('asks the repository of the scenario, wherever the command is typed', async () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'x');
    const elsewhere = mkdtempSync(join(tmpdir(), 'reconverge-elsewhere-'));
    const terminal = fakeTerminal({ folder: elsewhere });
    const code = await program(['test', join(home, 'away.yaml'), '--against', 'HEAD'], terminal);
    rmSync(elsewhere, { recursive: true, force: true });
    expect([code, terminal.errText()]).toEqual([0, '']);
    expect(terminal.outText()).toContain('1 held');
  });

  it('says where there is none', async () => {
    expect(await test('--against', 'main')).toMatchObject({ code: 3, err: expect.stringMatching(/C112/) });
    git('init', '-q');
    git('add', 'cassandra.yaml');
    git('commit', '-qm', 'x');
    expect(await test('--against', 'nowhere')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/C113 {2}nowhere/),
    });
    expect(await test('--against', '--output=x')).toMatchObject({ code: 3 });
    expect((await test('--against', 'HEAD')).out).toMatch(/new since HEAD\n/);
  });
});
