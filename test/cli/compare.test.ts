import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { program } from '../../src/cli/program.ts';
import type * as compare from '../../src/studies/compare/compare.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
const STRATEGIES = `strategies:
  late: { round: { repair: nodetool, node: n1, run: "nodetool repair -full shop", at: 4m } }
  early: { round: { repair: nodetool, node: n1, run: "nodetool repair -full shop", at: 3m10s } }
`;

/** A law that the next run breaks. */
const broken = vi.hoisted(() => ({ law: '' }));
vi.mock('../../src/studies/compare/compare.ts', async (importReal) => {
  const real = await importReal<typeof compare>();
  const runSeed: typeof real.runSeed = (...words) => {
    if (broken.law !== '') throw new Error(broken.law);
    return real.runSeed(...words);
  };
  return { ...real, runSeed };
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-compare-'));
  copyFileSync(FIXTURE, join(home, 'away.yaml'));
  writeFileSync(join(home, 'mine.yaml'), STRATEGIES);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(['compare', ...words], terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

interface Document {
  base: string;
  seeds: string[];
  same_as: Record<string, string>;
  strategies: { id: string; runs: { forkedMicros: number | null; measures: Record<string, number> }[] }[];
}

describe('compare', () => {
  it('runs the strategies of a file and none, each on the same failures', async () => {
    const { code, out } = await call('away.yaml', '--strategies', 'mine.yaml', '--json');
    expect(code).toBe(0);
    const { base, seeds, strategies, same_as: sameAs } = JSON.parse(out) as Document;
    expect([base, seeds]).toEqual(['as-written', ['3']]);
    expect(strategies.map(({ id }) => id)).toEqual(['as-written', 'late', 'early']);
    // The scenario has no repairs.
    expect(sameAs).toEqual({ none: 'as-written' });
    // All go on from where the earliest repair begins.
    expect(strategies.flatMap(({ runs }) => runs.map(({ forkedMicros }) => forkedMicros))).toEqual(
      new Array(3).fill(190e6),
    );
    const hours = Object.fromEntries(strategies.map(({ id, runs }) => [id, runs[0].measures.divergent_row_hours]));
    expect(hours.early).toBeLessThan(hours['as-written']);
  });

  it('prints the same twice, but for the seconds it took', async () => {
    const words = ['away.yaml', '--strategies', 'mine.yaml', '--seeds', '1..5', '--base', 'none', '--columns', '80'];
    const { code, out } = await call(...words);
    expect(code).toBe(0);
    expect((await call(...words)).out).toBe(out);
    expect(out).toMatch(/none {2}base/);
    expect(out).toContain('5 seeds · 15 runs');
    expect(out).toContain('as-written is the same as none: run once');
    expect(out).toContain('against none, divergent row-hours, paired by seed');
    // The late one changes nothing: it is not among those that are tested.
    expect(out).toContain('Holm over 1');
    expect(out).toMatch(/late +0 +– +the same in all seeds/);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('a variant that changes more than repairs takes part when it is named', async () => {
    const { out } = await call('away.yaml', '--variants', 'no-fault', '--strategies', 'mine.yaml', '--json');
    const { strategies } = JSON.parse(out) as Document;
    expect(strategies.map(({ id, runs }) => [id, runs[0].forkedMicros === null])).toEqual([
      ['as-written', false],
      ['no-fault', true],
      ['late', false],
      ['early', false],
    ]);
  });

  it('marks strategies of another history, whose least is another', async () => {
    const { out } = await call('away.yaml', '--variants', 'no-fault', '--columns', '80');
    expect(out).toMatch(/\n no-fault +other /);
    expect(out.replaceAll(/\n */g, ' ')).toContain('the last line is that of as-written');
    expect((await call('away.yaml', '--strategies', 'mine.yaml')).out).not.toContain('other');
  });

  it('names that are cut still differ, the base keeps its mark, commands can be pasted', async () => {
    const run = 'run: "nodetool repair -full shop"';
    const named = ['full-primary-range-every-twenty-minutes', 'full-primary-range-every-twenty-seconds'];
    const blocks = named.map(
      (name, index) => `  ${name}: { r: { repair: nodetool, node: n1, ${run}, at: ${3 + index}m } }\n`,
    );
    writeFileSync(join(home, 'mine.yaml'), `strategies:\n${blocks.join('')}`);
    const words = ['away.yaml', '--strategies', 'mine.yaml', '--seeds', '1..5', '--base', named[1], '--columns', '80'];
    const { out } = await call(...words);
    const table = out.split('\n\n')[1].split('\n').slice(2);
    expect(table[0]).toMatch(/^ full-\S+…\S*nds {2}base /);
    const labels = table.map((line) => line.trim().split(/ {2,}/)[0]);
    expect(new Set(labels).size).toBe(labels.length);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const commands = out
      .slice(out.indexOf('each of them again'))
      .replaceAll(/ \\\n +/g, ' ')
      .replaceAll('\\\n', '');
    expect(commands).toContain(`npx reconverge run away.yaml --seed 1`);
    expect(commands.replaceAll("''", '')).toContain('"run":"nodetool repair -full shop","at":"4m"}}\'');
  });

  it.each([
    [['--base', 'nobody'], '--base nobody'],
    [['--variants', 'nobody'], '--variants nobody'],
    [['--variants', 'no-faullt'], 'did you mean  no-fault'],
    [['--strategies', '.'], '. cannot be read: it is a folder'],
    [['--seeds', '9..1'], '--seeds 9..1'],
    [['--seeds', ','], '--seeds ,'],
    [['--seeds', '3,3,3,3,3'], 'the seed 3 stands twice'],
    [['--strategies', 'absent.yaml'], 'absent.yaml cannot be read'],
    [['--strategies', 'away.yaml'], 'the file holds no strategies'],
  ])('refuses %j', async (words, text) => {
    const { code, out, err } = await call('away.yaml', ...words);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(text);
  });

  it('shows what there is to warn of, of the scenario and of each strategy, once', async () => {
    const late =
      'strategies: { late: { x: { repair: nodetool, node: n1, run: "nodetool repair -full shop", at: 9h } } }';
    writeFileSync(join(home, 'mine.yaml'), late);
    const words = ['away.yaml', '--strategies', 'mine.yaml', '--seeds', '1,2', '--set', 'faults.away.at=8h', '--json'];
    const { code, out, err } = await call(...words);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ seeds: ['1', '2'] });
    expect(err.match(/S203/g)).toHaveLength(2);
  });

  it('a bug in it says how to meet it again', async () => {
    broken.law = 'bytes were lost';
    const { code, err } = await call('away.yaml', '--seeds', '1,2');
    broken.law = '';
    expect(code).toBe(4);
    expect(err).toMatch(/bytes were lost\nreplay {2}npx reconverge compare away.yaml --seeds 1,2\n/);
  });

  it('a mistake in a strategy says which', async () => {
    writeFileSync(
      join(home, 'mine.yaml'),
      'strategies: { odd: { x: { repair: nodetool, node: n9, run: repair, at: 1m } } }',
    );
    const { code, err } = await call('away.yaml', '--strategies', 'mine.yaml');
    expect(code).toBe(3);
    expect(err).toContain('n9');
    expect(err).toContain('odd');
    expect(err).toMatch(/^mine\.yaml:1:45\n? +S/m);
  });
});
