/** What docs/explain.md shows is what its commands print: `RECONVERGE_UPDATE=1` renews it. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';
import { ROOT, readPage, shellWords } from './doc-text.ts';

const PAGE = 'docs/explain.md';
const SAMPLE = /```sh\nnpx reconverge (.*)\n```\n\n```text\n([^]*?)```/g;

it('shows what its commands print', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'reconverge-page-'));
  symlinkSync(join(ROOT, 'scenarios'), join(clone, 'scenarios'));
  const page = readPage(PAGE);
  let renewed = page;
  const samples = [...page.matchAll(SAMPLE)];
  expect(samples.length).toBe(3);
  for (const [block, line, shown] of samples) {
    const terminal = fakeTerminal({ folder: clone });
    expect(await program(shellWords(line), terminal)).toBe(0);
    renewed = renewed.replace(block, () =>
      block.replace(`\`\`\`text\n${shown}`, () => `\`\`\`text\n${terminal.outText()}`),
    );
  }
  rmSync(clone, { recursive: true, force: true });
  if (process.env['RECONVERGE_UPDATE'] === '1') writeFileSync(join(ROOT, PAGE), renewed);
  else expect(page).toBe(renewed);
});
