/** Commands and names that do not fit: what stands there can be pasted, and no two names look alike. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLines } from '../../src/report/command-lines.ts';
import { renderLines } from '../../src/report/lines.ts';
import { shortNames } from '../../src/report/short-names.ts';
import { renderTable } from '../../src/report/table.ts';
import { displayWidth } from '../../src/report/width.ts';

const QUOTED = `'repairs={"r":{"repair":"nodetool","run":"nodetool repair -full ks and much more that is long"}}'`;

function pasted(command: string, columns: number): string[] {
  const text = renderLines(commandLines('', command, columns), { columns, color: false });
  for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
  const show = 'show() { for word in "$@"; do printf "%s\\n" "$word"; done; }';
  return execFileSync('sh', ['-c', `${show}\nshow ${text}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

describe('a command', () => {
  it.each([40, 53, 80, 200])('is the same command when it is copied from %i columns', (columns) => {
    const words = ['npx', 'reconverge', 'run', 'a file.yaml', '--seed', '1', '--set', QUOTED.slice(1, -1), "it's"];
    const command = `npx reconverge run 'a file.yaml' --seed 1 --set ${QUOTED} 'it'\\''s'`;
    expect(pasted(command, columns)).toEqual(words);
    const long = 'x'.repeat(150);
    expect(pasted(`run ${long}`, columns)).toEqual(['run', long]);
  });
});

describe('names that are too long', () => {
  const twins = ['full-primary-range-every-twenty-minutes', 'full-primary-range-every-twenty-seconds', 'mine'];

  it('are never alike', () => {
    for (const width of [8, 11, 16, 20, 30, 60]) {
      for (const names of [twins, ['aaaaaaaaaaaaaa-1-bbbbbbbbbbbbbb', 'aaaaaaaaaaaaaa-2-bbbbbbbbbbbbbb']]) {
        const short = shortNames(
          names,
          names.map(() => width),
        );
        expect(new Set(short).size).toBe(names.length);
        for (const name of short) expect(displayWidth(name)).toBeLessThanOrEqual(width);
      }
    }
    expect(shortNames(twins, [18, 18, 18])).toEqual(['full-prim…-minutes', 'full-prim…-seconds', 'mine']);
  });

  it('keep their mark in a table, and lose an optional column first', () => {
    const columns = [
      { title: '', align: 'left', names: true } as const,
      { title: 'divergent\nrow-hours', align: 'right' } as const,
      { title: 'wide', align: 'right', optional: true } as const,
    ];
    const rows = twins.map((name, index) => ({
      cells: [name, '16.68', 'x'.repeat(20)],
      ...(index === 0 ? { mark: 'base' } : {}),
    }));
    const text = renderLines(renderTable(columns, rows, 50), { columns: 50, color: false });
    expect(text).not.toContain('wide');
    expect(text).toMatch(/^ +divergent\n +row-hours\n full-primary.*s {2}base {2}.*16\.68\n/);
    for (const name of twins) expect(text).toContain(name.slice(-7));
  });
});
