/** What pages show is what their commands print: `RECONVERGE_UPDATE=1` renews it. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';
import { ROOT, readPage, shellWords } from './doc-text.ts';

const SAMPLE = /```sh\nnpx reconverge (.*)\n```\n\n```text\n([^]*?)```/g;

it.each([
  ['docs/explain.md', 3],
  ['docs/query.md', 5],
])('%s shows what its commands print', async (path, count) => {
  const clone = mkdtempSync(join(tmpdir(), 'reconverge-page-'));
  symlinkSync(join(ROOT, 'scenarios'), join(clone, 'scenarios'));
  const page = readPage(path);
  let renewed = page;
  const samples = [...page.matchAll(SAMPLE)];
  expect(samples.length).toBe(count);
  for (const [block, line, shown] of samples) {
    const terminal = fakeTerminal({ folder: clone });
    expect(await program(shellWords(line), terminal)).toBe(0);
    renewed = renewed.replace(block, () =>
      block.replace(`\`\`\`text\n${shown}`, () => `\`\`\`text\n${terminal.outText()}`),
    );
  }
  rmSync(clone, { recursive: true, force: true });
  if (process.env['RECONVERGE_UPDATE'] === '1') writeFileSync(join(ROOT, path), renewed);
  else expect(page).toBe(renewed);
});
