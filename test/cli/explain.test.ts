/** `explain` on the command line: stories, one row, the documents, and what is said where nothing is found. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from './fake-terminal.ts';

const home = mkdtempSync(join(tmpdir(), 'reconverge-explain-'));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

beforeAll(async () => {
  writeFileSync(join(home, 'package.json'), '{"name":"reconverge"}');
  copyFileSync(new URL('fixtures/away.yaml', import.meta.url).pathname, join(home, 'away.yaml'));
  await call('run', 'away.yaml', '--quiet');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('explain', () => {
  it('tells the stories of the last run, or of a scenario, at any moment', async () => {
    const end = await call('explain');
    expect([end.code, end.err]).toEqual([0, '']);
    expect(end.out).toContain('there is nothing to explain');
    const earlier = await call('explain', 'last', '--at', 'faults.away.end');
    expect(earlier.out).toMatch(/^1 {2}\d+ copies of \d+ rows · node down · from faults.away$/m);
    expect(earlier.out).toContain('reconverge explain last --group 1 --one');
    expect((await call('explain', 'away.yaml', '--at', '1m + 2m')).out).toBe(
      earlier.out.replace('explain last', 'explain away.yaml'),
    );
    const document = JSON.parse((await call('explain', '--at', '3m', '--json')).out) as { stories: unknown };
    expect(document).toMatchObject({ format: 1, at_micros: 180e6 });
    // A write of that very microsecond is on its way.
    expect(document.stories).toMatchObject([{ cause: 'node_down' }, { cause: 'in_flight', rows: 1 }]);
  });

  it('tells one row', async () => {
    const { out } = await call('explain', '--at', '3m', '--group', '1', '--one');
    expect(out).toMatch(/ n3 {2}dc1 r1 .* stale, hint pending: node down\n/);
    const row = JSON.parse((await call('explain', '--at', '3m', '--key', 'shop.orders:17', '--json')).out);
    expect(row).toMatchObject({ table: 'shop.orders', key: '17', copies: [{}, {}, {}] });
    expect((await call('explain', '--key', '17')).out).toContain('all copies are right');
  });

  it('is held to what there is: exit 3', async () => {
    const tries: [words: string[], said: RegExp][] = [
      [['--at', '3x'], /O101/],
      [['--at', '9m'], /command line:1:25 {2}O101 {2}9m is after the end of the run/],
      [['--at', 'faults.awy.end'], /there is no faults.awy.end[^]*did you mean {2}faults.away.end/],
      [['--at', '2026-01-01T00:00:00Z'], /an instant of a run that has no start/],
      [['--group', '4'], /C134 {2}there is no story 4/],
      [['--group', '4', '--one'], /C134 {2}there is no story 4/],
      [['--one'], /--one needs a story/],
      [['--key', 'shop.orders:100'], /has no key 100[^]*a number from 0 to 99/],
      [['--key', 'shop.order:1'], /there is no table shop.order/],
      [['--key', '1', '--zombie'], /2 rows are named/],
      [['--key', '1', '--row', '1'], /there is no row 1/],
      [['--row', '1'], /--row needs a partition/],
      [['--token', 'x'], /is not a token/],
      [['--zombie'], /no copy is a zombie/],
      [['nowhere'], /C130 {2}no run is called nowhere/],
    ];
    for (const [words, said] of tries) {
      const { code, out, err } = await call('explain', ...words);
      expect([words, code, out]).toEqual([words, 3, '']);
      expect(err).toMatch(said);
    }
  });
});
