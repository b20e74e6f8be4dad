/** The page in docs/operator.md is what the command prints. */
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
