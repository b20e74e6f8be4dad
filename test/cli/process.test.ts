/** What only a process shows: pipes that close, signals, standard input, the exit code. Few, because each start takes a second. */
import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const TSX = join(ROOT, 'node_modules/tsx/dist/esm/index.mjs');
const FIXTURE = join(ROOT, 'test/cli/fixtures/away.yaml');

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-process-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function start(...words: string[]): ChildProcess {
  const args = ['--import', TSX, ...words];
  return spawn(process.execPath, args, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
}

function reconverge(...words: string[]): ChildProcess {
  return start(join(ROOT, 'src/cli/main.ts'), ...words);
}

interface Ending {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

function ending(child: ChildProcess): Promise<Ending> {
  const text = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...text })));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the process', () => {
  it('runs without a terminal: no colour, nothing on standard error', async () => {
    const { code, out, err } = await ending(reconverge('run', FIXTURE));
    expect([code, err]).toEqual([0, '']);
    expect(out).not.toContain('\u001b');
    expect(readdirSync(join(home, '.reconverge/runs'))).toEqual(['away-3']);
  });

  it('ends quietly when its reader goes away', async () => {
    const child = reconverge('plan', FIXTURE, '--json');
    child.stdout?.destroy();
    const { code, err } = await ending(child);
    expect([code, err]).toEqual([0, '']);
  });

  it.runIf(existsSync('/dev/full'))('says in one line that its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const args = ['--import', TSX, join(ROOT, 'src/cli/main.ts')];
    const stdio: StdioOptions = ['ignore', full, 'pipe'];
    const { code, err } = await ending(spawn(process.execPath, [...args, 'plan', FIXTURE], { cwd: home, stdio }));
    expect([code, err]).toEqual([3, 'cannot write to standard output: no space is left on the device\n']);
    const deaf = spawn(process.execPath, [...args, 'plan', 'nowhere'], { cwd: home, stdio: ['ignore', 'pipe', full] });
    expect(await ending(deaf)).toMatchObject({ code: 3, out: '' });
    closeSync(full);
  });

  it('leaves nothing when it is interrupted while it computes', async () => {
    const child = reconverge(
      'run',
      FIXTURE,
      '--set',
      'duration=30d',
      '--set',
      'workload.orders.rate=10/s',
      '--out',
      'long',
    );
    const ended = ending(child);
    setTimeout(() => child.kill('SIGINT'), 2500);
    const { signal, out } = await ended;
    expect([signal, out]).toEqual(['SIGINT', '']);
    expect(existsSync(join(home, 'long'))).toBe(false);
  });

  it('takes the temporary folder away when it is interrupted while it writes', async () => {
    const folder = join(home, 'half');
    const module = JSON.stringify(join(ROOT, 'src/cli/result-folder.ts'));
    const script = `import { writeResultFolder } from ${module};
      const big = 'x'.repeat(3e8);
      await writeResultFolder(${JSON.stringify(folder)}, { 'plan.json': '{}', 'series.csv': big, 'report.txt': big });`;
    const child = start('--input-type=module', '-e', script);
    const ended = ending(child);
    const temporary = (): string | undefined => readdirSync(home).find((name) => name.startsWith('.half.tmp-'));
    await until(() => temporary() !== undefined || child.exitCode !== null);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, err: '' });
    expect(readdirSync(home).filter((name) => name.includes('half'))).toEqual([]);
  });
});
