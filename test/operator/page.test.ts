/** The page in docs/operator.md is what the command prints; names in it are safe, and warnings stand beside it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';
import { ROOT, codeBlocks, readPage } from '../docs/doc-text.ts';

describe('the sample in docs/operator.md', () => {
  it('is of the present code', async () => {
    const [command, sample] = codeBlocks(readPage('docs/operator.md'));
    const words = command.text.trim().split(' ').slice(2);
    const terminal = fakeTerminal({ folder: ROOT });
    expect(await program(words, terminal)).toBe(0);
    expect(terminal.outText().trimEnd()).toBe(sample.text.trimEnd());
  });
});

describe('operator on a terminal', () => {
  async function asked(name: string, ...words: string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'reconverge-operator-'));
    const text = readFileSync(new URL('../cli/fixtures/away.yaml', import.meta.url), 'utf8');
    writeFileSync(join(folder, 'away.yaml'), text.replace(/^name: .*$/m, `name: "${name}"`));
    const terminal = fakeTerminal({ folder });
    const code = await program(['operator', 'away.yaml', ...words], terminal);
    rmSync(folder, { recursive: true, force: true });
    return { code, out: terminal.outText(), err: terminal.errText() };
  }

  it('shows no name that steers it, and keeps the tabs of tools', async () => {
    const { code, out } = await asked('away\\e[2J\\nsecond', '--at', '3m');
    expect(code).toBe(0);
    expect(out).toMatch(/^away\\x1b\[2J\\nsecond {2}\(/);
    expect(out).toMatch(/^\t\tTable: orders$/m);
  });

  it('shows warnings beside the answer', async () => {
    const { code, out, err } = await asked('away', '--set', 'faults.away.at=9h', 'nodetool', 'status');
    expect([code, out.includes('Datacenter: dc1')]).toEqual([0, true]);
    expect(err).toContain('S203');
  });
});
