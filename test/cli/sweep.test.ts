/** The sweep as it is typed: killed and gone on with, shared in parts, with a full disk, with a worker that dies, repeated. */
import { spawn } from 'node:child_process';
import type * as fs from 'node:fs';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as lanes from '../../src/cli/pool/lanes.ts';
import { VERSION } from '../../src/base/version.ts';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from './fake-terminal.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const FIXTURE = join(ROOT, 'test/cli/fixtures/away.yaml');
const STUDY = `format: 1
study: Short study
scenario: away.yaml
axes:
  faults.away.for: [1m, 2m]
repairs: { none: {}, late: { full: { repair: nodetool, node: n1, run: "nodetool repair -full shop", at: 4m } } }
seeds: 1..3
measure: [divergent_row_hours, { metric: hint_pending_copies, where: { node: n3 }, take: highest }, sent_bytes]
`;
const TABLES = ['runs.parquet', 'series.parquet', 'runs.csv', 'methods.md', 'dictionary.md'];

/** A disk that is full after so many bytes. */
const disk = vi.hoisted(() => ({ left: Infinity }));
vi.mock('node:fs', async (importReal) => {
  const real = await importReal<typeof fs>();
  const writeSync = (descriptor: number, bytes: Uint8Array, at = 0): number => {
    const room = Math.min(bytes.length - at, Math.floor(disk.left));
    if (room <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    disk.left -= room;
    return real.writeSync(descriptor, bytes, at, room);
  };
  return { ...real, writeSync };
});

/** Cells whose thread dies. */
const deadly = vi.hoisted(() => ({ cell: -1 }));
vi.mock('../../src/cli/pool/lanes.ts', async (importReal) => {
  const real = await importReal<typeof lanes>();
  const lanesOf: typeof real.lanesOf = (work, terminal, options) =>
    real.lanesOf(work, terminal, options).map((lane) => ({
      ...lane,
      run: (job) => {
        const isDeadly = (job as { cell?: number }).cell === deadly.cell;
        return isDeadly ? Promise.resolve(work.died(job, 'it ended with code 7')) : lane.run(job);
      },
    }));
  return { ...real, lanesOf };
});

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-sweep-'));
  copyFileSync(FIXTURE, join(home, 'away.yaml'));
  writeFileSync(join(home, 'short.study.yaml'), STUDY);
});
afterEach(() => {
  disk.left = Infinity;
  deadly.cell = -1;
  rmSync(home, { recursive: true, force: true });
});

async function sweep(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(['sweep', ...words], terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

const whole = (out: string): Promise<{ code: number; out: string; err: string }> =>
  sweep('short.study.yaml', '--out', out);
const tablesOf = (folder: string): string[] =>
  TABLES.map((name) => readFileSync(join(home, folder, name)).toString('base64'));
function journalOf(folder: string): { cell: number; seed: string; outcome: string; replay?: string }[] {
  const names = readdirSync(join(home, folder, 'journal')).filter((name) => name.endsWith('.jsonl'));
  const lines = names.flatMap((name) => readFileSync(join(home, folder, 'journal', name), 'utf8').split('\n'));
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}
const addressesOf = (folder: string): string[] =>
  journalOf(folder)
    .map(({ cell, seed }) => `${cell}/${seed}`)
    .toSorted();
const ALL = [0, 1, 2, 3].flatMap((cell) => ['1', '2', '3'].map((seed) => `${cell}/${seed}`));

describe('a sweep', () => {
  it('runs every cell with every seed, once, and says what it found in 80 columns', async () => {
    const { code, out, err } = await whole('a');
    expect([code, err]).toEqual([0, '']);
    expect(addressesOf('a')).toEqual(ALL);
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect(out).toContain('4 cells × 3 seeds · 12 runs');
    expect(out).toContain('below five seeds there is no interval');
    expect(out).toContain('npx reconverge sweep a/study.json');
    const [header, ...rows] = readFileSync(join(home, 'a/runs.csv'), 'utf8').trimEnd().split('\n');
    expect(header).toBe('study,cell,run_id,plan_hash,fingerprint,seed,repairs,faults_away_for,metric,where,value,unit');
    expect(rows).toHaveLength(12 * 3);
    expect(rows[1]).toMatch(
      /^Short study,0,\w{16},\w{16},\w{16},1,none,60000000,highest_hint_pending_copies,node=n3,\d+,copies$/,
    );
    // Without repairs there are none that send.
    expect(rows[2]).toMatch(/,sent_bytes,,,bytes$/);
    const methods = readFileSync(join(home, 'a/methods.md'), 'utf8');
    expect(methods).toContain('repairs (none, late) × faults.away.for (2 values)');
    expect(methods).toContain('3 of 3 seeds (1, 2, 3), the same in every cell: 12 runs ended');
  });

  it('measures what the run of its replay line measures', async () => {
    await whole('a');
    const manifest = JSON.parse(readFileSync(join(home, 'a/study.json'), 'utf8'));
    deadly.cell = 3;
    await sweep('a/study.json', '--out', 'b');
    const { replay = '' } = journalOf('b').find(({ outcome }) => outcome === 'failed') ?? {};
    const words = [...replay.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]).slice(2);
    const terminal = fakeTerminal({ folder: home });
    expect(await program([...words, '--json', '--out', 'c'], terminal)).toBe(0);
    const { fingerprint, seed } = JSON.parse(terminal.outText());
    const record = journalOf('a').find((each) => each.cell === 3 && each.seed === seed);
    expect(record).toMatchObject({ fingerprint });
    expect(manifest.scenario.text).toBe(readFileSync(FIXTURE, 'utf8'));
  });

  it('goes on where it was: nothing again, and what a torn line lost', async () => {
    await whole('a');
    const before = statSync(join(home, 'a/journal/runs.jsonl')).mtimeMs;
    expect((await whole('a')).code).toBe(0);
    expect(statSync(join(home, 'a/journal/runs.jsonl')).mtimeMs).toBe(before);
    const tables = tablesOf('a');
    const path = join(home, 'a/journal/runs.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(path, `${lines.slice(0, 7).join('\n')}\n${lines[7].slice(0, 30)}`);
    expect((await whole('a')).code).toBe(0);
    expect(addressesOf('a')).toEqual(ALL);
    expect(tablesOf('a')).toEqual(tables);
  });

  it('is repeated from its manifest alone, byte for byte', async () => {
    await whole('a');
    rmSync(join(home, 'away.yaml'));
    rmSync(join(home, 'short.study.yaml'));
    expect((await sweep('a/study.json', '--out', 'b')).code).toBe(0);
    expect(tablesOf('b')).toEqual(tablesOf('a'));
    expect(readFileSync(join(home, 'b/study.json'), 'utf8')).toBe(readFileSync(join(home, 'a/study.json'), 'utf8'));
  });

  it('is shared in parts, which --merge joins; it says what is missing', async () => {
    await whole('a');
    const share = (part: string): Promise<{ code: number; out: string }> =>
      sweep('short.study.yaml', '--out', 'b', '--part', part);
    expect((await share('1/3')).out).toContain('part 1 of 3 · 4 runs');
    const early = await sweep('short.study.yaml', '--out', 'b', '--merge');
    expect([early.code, early.out]).toEqual([2, expect.stringContaining('8 runs are missing')]);
    await share('3/3');
    await share('2/3');
    expect(addressesOf('b')).toEqual(ALL);
    expect((await sweep('short.study.yaml', '--out', 'b', '--merge')).code).toBe(0);
    expect(tablesOf('b')).toEqual(tablesOf('a'));
  });

  it('ends at the look that says it is enough', async () => {
    const text =
      STUDY.replace('seeds: 1..3', 'seeds: 1..9') +
      'stop: { metric: divergent_row_hours, half_width: 90%, looks: [5] }\n';
    writeFileSync(join(home, 'short.study.yaml'), text);
    const { out } = await whole('a');
    expect(out).toMatch(/look after 5 seeds, divergent_row_hours at 97.5 %: every cell is narrow enough/);
    expect(journalOf('a')).toHaveLength(4 * 5);
    expect(out).toMatch(/ ± /);
  });
});

it.each(['run', 'check', 'test'])('%s of a study names sweep', async (command) => {
  const terminal = fakeTerminal({ folder: home });
  expect(await program([command, 'short.study.yaml'], terminal)).toBe(3);
  const said = terminal.errText() + terminal.outText();
  expect(said).toContain('reconverge sweep short.study.yaml');
  expect(said).not.toContain('missing key');
});

describe('a repetition', () => {
  const manifestOf = (folder: string): string => readFileSync(join(home, folder, 'study.json'), 'utf8');
  const kept = (text: string): void => writeFileSync(join(home, 'kept.json'), text);

  it('is confirmed by the fingerprint of all runs, which the manifest holds', async () => {
    const { out } = await whole('a');
    expect(out).not.toContain('as before');
    const { results } = JSON.parse(manifestOf('a'));
    expect(results).toEqual({ runs: 12, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const again = await sweep('a/study.json', '--out', 'b');
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out.replaceAll(/\n */g, ' ')).toContain(
      `as before: all 12 runs are the same (fingerprint ${results.fingerprint})`,
    );
    expect(readFileSync(join(home, 'b/methods.md'), 'utf8')).toContain(`all runs is ${results.fingerprint}`);
  });

  it('by another program says so first, keeps both, and says whether the runs were the same', async () => {
    await whole('a');
    const other = manifestOf('a').replace(/"version": "[^"]*"/, '"version": "0.0.9"');
    kept(other);
    const { code, out, err } = await sweep('kept.json', '--out', 'b', '--quiet');
    expect(code).toBe(0);
    expect(err.replaceAll(/\n */g, ' ')).toMatch(/C211.*kept.json was written by Reconverge 0.0.9.*numbers may differ/);
    expect(out.replaceAll(/\n */g, ' ')).toContain('as before: all 12 runs are the same');
    expect(JSON.parse(manifestOf('b'))).toMatchObject({ version: VERSION, repeats: { version: '0.0.9' } });
    expect(readFileSync(join(home, 'b/methods.md'), 'utf8')).toMatch(/before with Reconverge 0.0.9 .*were the same/);
    // It had counted otherwise.
    kept(
      other
        .replace(/"model_hash": "..../, '"model_hash": "0000')
        .replace(/"fingerprint": "..../, '"fingerprint": "zzzz'),
    );
    const differs = await sweep('kept.json', '--out', 'c');
    expect([differs.code, differs.out.replaceAll(/\n */g, ' ')]).toEqual([
      1,
      expect.stringContaining('NOT as before: study.json tells of 12 runs, fingerprint zzzz'),
    ]);
    expect(readFileSync(join(home, 'c/methods.md'), 'utf8')).toContain('were not the same');
  });

  it('of a manifest that was edited by hand is refused, also in its own folder', async () => {
    await whole('a');
    const changed = manifestOf('a').replace(/"text": "(.*)rate: 20/, '"text": "$1rate: 21');
    expect(changed).not.toBe(manifestOf('a'));
    kept(changed);
    const refused = await sweep('kept.json', '--out', 'b');
    expect(refused).toMatchObject({ code: 3, err: expect.stringMatching(/C212[^]*kept.json was changed by hand/) });
    expect(existsSync(join(home, 'b'))).toBe(false);
    writeFileSync(join(home, 'a/study.json'), changed);
    expect(await sweep('a/study.json')).toMatchObject({ code: 3, err: expect.stringContaining('C212') });
    // As a study of its own.
    kept(changed.replace(/ *"seal": "[^"]*",\n/, '').replace(/"file": "short/, '"file": "own'));
    expect((await sweep('kept.json', '--out', 'b')).code).toBe(1);
  });
});

describe('what goes wrong', () => {
  it('a worker that dies: its run has failed and can be run again, all others are there', async () => {
    deadly.cell = 2;
    const { code, out } = await whole('a');
    expect(code).toBe(4);
    expect(journalOf('a').filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      { cell: 2, seed: '1', message: 'the worker thread died: it ended with code 7' },
      { cell: 2, seed: '2' },
      { cell: 2, seed: '3' },
    ]);
    expect(out).toContain('failed  cell 2, seed 1: the worker thread died');
    expect(out.replaceAll(/\n */g, ' ')).toMatch(/npx reconverge run away.yaml --seed 1 --remove expect/);
    // Gone on with, they are tried again.
    deadly.cell = -1;
    expect((await whole('a')).code).toBe(0);
    await whole('b');
    expect(tablesOf('a')).toEqual(tablesOf('b'));
  });

  it('a full disk: what ended is safe', async () => {
    await whole('whole');
    const sizes = readdirSync(join(home, 'whole/series')).map(
      (name) => statSync(join(home, 'whole/series', name)).size,
    );
    disk.left = statSync(join(home, 'whole/study.json')).size + sizes.reduce((sum, size) => sum + size, 0) / 2;
    const { code, err } = await whole('a');
    expect(code).toBe(3);
    expect(err).toMatch(/C153[^]*no space[^]*safe[^]*1 mistake\n$/);
    disk.left = Infinity;
    const safe = journalOf('a').length;
    expect(safe).toBeGreaterThan(0);
    expect(safe).toBeLessThan(12);
    expect((await whole('a')).code).toBe(0);
    expect(addressesOf('a')).toEqual(ALL);
    expect(tablesOf('a')).toEqual(tablesOf('whole'));
  });

  it('another study, scenario or program in the folder: nothing is mixed', async () => {
    await whole('a');
    const { length } = journalOf('a');
    writeFileSync(join(home, 'short.study.yaml'), STUDY.replace('[1m, 2m]', '[1m, 3m]'));
    expect(await whole('a')).toMatchObject({ code: 3, err: expect.stringMatching(/C150[^]*other axes of the study/) });
    writeFileSync(join(home, 'short.study.yaml'), STUDY);
    writeFileSync(join(home, 'away.yaml'), readFileSync(FIXTURE, 'utf8').replace('rate: 20/s', 'rate: 21/s'));
    expect((await whole('a')).err).toMatch(/C150[^]*another text of the scenario, from line 13/);
    copyFileSync(FIXTURE, join(home, 'away.yaml'));
    const path = join(home, 'a/study.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"model_hash": "..../, '"model_hash": "0000'));
    expect((await whole('a')).err).toMatch(/C150[^]*another program of the same version/);
    writeFileSync(path, '{ "format": 1');
    expect((await whole('a')).err).toMatch(/C152[^]*not whole JSON/);
    writeFileSync(path, '{ "format": 9, "kind": "study" }');
    expect((await whole('a')).err).toMatch(/C152[^]*format 9/);
    expect(journalOf('a')).toHaveLength(length);
    writeFileSync(join(home, 'b'), '');
    expect((await whole('b')).code).toBe(3);
  });

  it('a journal that is damaged, a study that somebody works on', async () => {
    await whole('a');
    const path = join(home, 'a/journal/runs.jsonl');
    writeFileSync(`${path}.lock`, `${process.pid} ${(await import('node:os')).hostname()}`);
    expect((await whole('a')).err).toMatch(/C151[^]*works on this part/);
    rmSync(`${path}.lock`);
    appendFileSync(path, 'what\n');
    expect((await whole('a')).err).toMatch(/C152[^]*damaged in line 13/);
    // JSON that is no run.
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, 12);
    for (const line of ['null', '{"a":1}', '7']) {
      writeFileSync(path, `${lines.with(4, line).join('\n')}\n`);
      expect(await whole('a')).toMatchObject({ code: 3, err: expect.stringMatching(/C152[^]*damaged in line 5/) });
    }
  });

  it('a whole sweep and a part at once, or parts of two divisions, are refused: nothing is done twice', async () => {
    await whole('a');
    const lock = (name: string): string => join(home, `a/journal/${name}.jsonl.lock`);
    const own = `${process.pid} ${(await import('node:os')).hostname()}`;
    const part = (text: string) => sweep('short.study.yaml', '--out', 'a', '--part', text);
    writeFileSync(lock('runs'), own);
    expect(await part('1/2')).toMatchObject({ code: 3, err: expect.stringMatching(/C151[^]*whole of[^]*twice/) });
    expect(existsSync(lock('part-1-of-2'))).toBe(false);
    rmSync(lock('runs'));
    writeFileSync(lock('part-1-of-2'), own);
    expect(await whole('a')).toMatchObject({ code: 3, err: expect.stringMatching(/C151[^]*part 1 of 2 of/) });
    expect((await part('2/3')).code).toBe(3);
    expect((await part('2/2')).code).toBe(0);
    // Of one that was killed.
    writeFileSync(lock('part-1-of-2'), `999999999 ${own.split(' ')[1]}`);
    expect((await whole('a')).code).toBe(0);
  });

  it('mistakes of the study stand at their place in it, with the nearest path', async () => {
    const text = STUDY.replace('faults.away.for: [1m, 2m]', 'faults.awax.for: [1m]\n  faults.away.at: [1m, soon]');
    writeFileSync(join(home, 'short.study.yaml'), text);
    const { code, err } = await whole('a');
    expect(code).toBe(3);
    expect(err).toMatch(/short.study.yaml:5:/);
    expect(err).toContain('did you mean  faults.away.for');
    expect(err).toMatch(/short.study.yaml:6:24/);
    expect(existsSync(join(home, 'a'))).toBe(false);
    writeFileSync(join(home, 'short.study.yaml'), STUDY.replace('away.yaml', 'gone.yaml'));
    expect((await whole('a')).err).toMatch(/T101[^]*gone.yaml cannot be read/);
    const held = STUDY.replace('seeds: 1..3', 'seeds: { count: 3, vary: [tokens] }');
    writeFileSync(join(home, 'short.study.yaml'), held);
    writeFileSync(join(home, 'away.yaml'), `${readFileSync(FIXTURE, 'utf8')}seeds: { tokens: 1 }\n`);
    expect((await whole('a')).err).toMatch(/T107[^]*no seed of\n +the study varies it/);
  });
});

describe('killed', () => {
  const child = (): ReturnType<typeof spawn> => {
    const args = ['--import', join(ROOT, 'node_modules/tsx/dist/esm/index.mjs'), join(ROOT, 'src/cli/main.ts')];
    return spawn(process.execPath, [...args, 'sweep', 'short.study.yaml', '--out', 'a'], {
      cwd: home,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  };
  const bytes = (): number => statSync(join(home, 'a/journal/runs.jsonl'), { throwIfNoEntry: false })?.size ?? 0;
  const ended = (started: ReturnType<typeof spawn>): Promise<{ code: number | null; err: string }> => {
    let err = '';
    started.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    return new Promise((resolve) => started.on('close', (code) => resolve({ code, err })));
  };

  it('at drawn moments, it loses nothing and does nothing twice', { timeout: 240_000 }, async () => {
    await whole('whole');
    let draw = 12_345;
    for (let kill = 0; kill < 3; kill++) {
      const started = child();
      const ending = ended(started);
      const before = bytes();
      draw = (draw * 1_103_515_245 + 12_345) % 2_147_483_648;
      // So many bytes more, up to three lines, and so many ms after.
      const more = draw % 500;
      while (bytes() <= before + more && started.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, draw % 40));
      started.kill('SIGKILL');
      await ending;
      if (started.exitCode !== null) break;
    }
    const safe = journalOf2();
    expect(safe).toBeGreaterThan(3);
    expect((await ended(child())).code).toBe(0);
    expect(addressesOf('a')).toEqual(ALL);
    expect(readFileSync(join(home, 'a/runs.csv'), 'utf8')).toBe(readFileSync(join(home, 'whole/runs.csv'), 'utf8'));
    expect(tablesOf('a')).toEqual(tablesOf('whole'));
  });

  const journalOf2 = (): number => readFileSync(join(home, 'a/journal/runs.jsonl'), 'utf8').split('\n').length - 1;

  it('by Ctrl-C, it says how to go on', { timeout: 120_000 }, async () => {
    const started = child();
    const ending = ended(started);
    while (bytes() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    started.kill('SIGINT');
    const { code, err } = await ending;
    expect(code).toBe(130);
    expect(err).toMatch(/interrupted: \d+ runs are safe; go on with\nnpx reconverge sweep short.study.yaml --out a\n$/);
    expect(existsSync(join(home, 'a/journal/runs.jsonl.lock'))).toBe(false);
  });
});
