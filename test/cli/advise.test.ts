/** `advise` on the command line: the text, the document, versions, and what is said where there is nothing to do. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import type { Advice } from '../../src/studies/advise/advice.ts';
import { CANDIDATE_IDS } from '../../src/studies/advise/candidates.ts';
import { fakeTerminal } from './fake-terminal.ts';

const home = mkdtempSync(join(tmpdir(), 'reconverge-advise-'));
const SOME = 'nothing,wait,nodes,full-pr';
const AWAY = new URL('fixtures/away.yaml', import.meta.url).pathname;

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(['advise', ...words], terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

async function documentOf(...words: string[]): Promise<Advice> {
  return JSON.parse((await call(...words, '--json')).out) as Advice;
}

/** No hints are kept, so that only a repair heals. */
function writeVersion(name: string, database: string): void {
  const text = readFileSync(AWAY, 'utf8')
    .replace('cassandra@4.1', database)
    .replace('{ dc1: { r1: 3 } }', '{ dc1: { r1: 3 } }\n  settings: { hinted_handoff_enabled: false, num_tokens: 1 }')
    .replace('partitions: 100,', 'partitions: 3000,')
    .replace(/^expect:[^]*/m, '');
  writeFileSync(join(home, name), text);
}

beforeAll(() => {
  writeFileSync(join(home, 'package.json'), '{"name":"reconverge"}');
  copyFileSync(AWAY, join(home, 'away.yaml'));
  writeVersion('no-hints.yaml', 'cassandra@4.1');
  writeVersion('old.yaml', 'cassandra@2.0');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('advise', () => {
  it('stands where the last fault is over, and advises what to type; it writes nothing', async () => {
    const before = readdirSync(home);
    const { code, out, err } = await call('no-hints.yaml', '--candidates', SOME, '--seeds', '1,2', '--columns', '80');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('at 3m 00s, faults.away.end · seed 3');
    expect(out).toMatch(/^ heals alone/m);
    expect(out).toMatch(/^ ▸ \S+ +0 +0 /m);
    expect(out).toMatch(/^ advised +/m);
    expect(out).toMatch(/^ +nodetool repair .*shop$/m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(readdirSync(home)).toEqual(before);
  });

  it('compares from one moment; the futures are those that are asked for', async () => {
    const advice = await documentOf('no-hints.yaml', '--candidates', 'nothing,nodes', '--seeds', '4,9');
    expect(advice).toMatchObject({ at_micros: 180e6, futures: ['4', '9'], amiss_nodes: ['n3'] });
    expect(advice.candidates.map(({ id, runs }) => [id, runs.map(({ future }) => future)])).toEqual([
      ['nothing', ['4', '9']],
      ['nodes', ['4', '9']],
    ]);
    const [nothing, nodes] = advice.candidates.map(({ means }) => means);
    expect(nodes.wrong_row_hours).toBeLessThan(nothing.wrong_row_hours);
    expect([nodes.latent_copies, nothing.sent_bytes]).toEqual([0, 0]);
    expect(nothing.latent_copies).toBeGreaterThan(0);
    expect(advice.advised).toMatchObject({ id: 'nodes', leave_least: ['nodes'], futures_agreed: 2 });
    // Other clients from then on, so other copies are left.
    const [first, second] = advice.candidates[0].runs;
    expect(first.wrong_row_hours).not.toBe(second.wrong_row_hours);
  });

  it('advises to wait where hints do it, and says when', async () => {
    const { out } = await call('away.yaml', '--candidates', 'nothing,nodes');
    expect(out).toMatch(/heals alone +.*by hints, done 3m/);
    expect(out).toMatch(/▸ nothing/);
    expect(out).toContain('it heals by itself');
  });

  it('offers what the version has, in its words', async () => {
    const advice = await documentOf('old.yaml', '--seeds', '1');
    const not = Object.fromEntries(advice.not_offered.map(({ id, why }) => [id, why]));
    expect(not['nodes-incremental']).toContain('-inc');
    expect(not['full-pr-optimised']).toContain('-os');
    const commands = advice.candidates.flatMap(({ commands: own }) => own.map(({ command }) => command));
    expect(commands).toContain('nodetool repair -par shop');
    expect(commands.some((command) => command.includes('-full'))).toBe(false);
    const ids = [...advice.candidates, ...advice.not_offered].map(({ id }) => id);
    expect(ids.toSorted()).toEqual([...CANDIDATE_IDS].toSorted());
  });

  it('says so where nothing is amiss', async () => {
    const { code, out } = await call('away.yaml', '--from', 'end');
    expect([code, out]).toEqual([0, expect.stringContaining('nothing is amiss at the end of the run')]);
    expect(await documentOf('away.yaml', '--from', '10s')).toMatchObject({ candidates: [], advised: null });
  });

  it.each([
    [['away.yaml', '--candidates', 'nodes,prayer'], 'there is no candidate "prayer"'],
    [['away.yaml', '--for', 'long'], '--for long'],
    [['away.yaml', '--from', '9h'], '9h is after the end of the run'],
    [['away.yaml', '--from', 'faults.other.end'], 'there is no faults.other.end'],
    [['nowhere'], 'no run is called nowhere'],
    [[], 'there is no last run'],
  ])('refuses %j', async (words, text) => {
    const { code, out, err } = await call(...words);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(text);
  });
});
