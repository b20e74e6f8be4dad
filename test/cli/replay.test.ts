/** A bug says how to meet it again: with the seed, the edit of the variant and those of the job, as a shell takes them. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { editWords } from '../../src/cli/edit-words.ts';
import type * as execute from '../../src/cli/execute.ts';
import { executePlan } from '../../src/cli/execute.ts';
import { BugWithReplay } from '../../src/cli/failure.ts';
import { program } from '../../src/cli/program.ts';
import type { TestJob } from '../../src/cli/testing/job.ts';
import { testWork } from '../../src/cli/testing/run-job.ts';
import { isEdit, parseEdit } from '../../src/scenario/load.ts';
import { fakeTerminal } from './fake-terminal.ts';

vi.mock('../../src/cli/execute.ts', async (original) => {
  const actual = await original<typeof execute>();
  return { ...actual, executePlan: vi.fn(actual.executePlan) };
});
afterEach(() => vi.mocked(executePlan).mockClear());

const folder = new URL('fixtures', import.meta.url).pathname;

function breakRun(): void {
  vi.mocked(executePlan).mockImplementationOnce((_plan, _terminal, { replay }) => {
    throw new BugWithReplay(new Error('broken'), replay);
  });
}

describe('the replay of a bug', () => {
  it('has the edit of the variant, then those of the job', async () => {
    breakRun();
    const job: TestJob = {
      ...{ file: 'away.yaml', seed: '7', overlay: null, cache: null },
      variant: { id: 'no-fault', edit: { 'faults.away': null } },
      edits: ['--set', 'duration=2m'],
    };
    expect(await testWork.run(job, fakeTerminal({ folder }), { quiet: true })).toMatchObject({
      kind: 'bug',
      replay: 'npx reconverge run away.yaml --seed 7 --remove faults.away --set duration=2m',
    });
  });

  it('is that of the variant which test was proving with', async () => {
    const { executePlan: run } = await vi.importActual<typeof execute>('../../src/cli/execute.ts');
    vi.mocked(executePlan).mockImplementationOnce(run);
    breakRun();
    const terminal = fakeTerminal({ folder });
    expect(await program(['test', 'away.yaml', '--prove', '--no-cache'], terminal)).toBe(4);
    expect(terminal.errText()).toContain('replay  npx reconverge run away.yaml --seed 3 --remove faults.away\n');
  });
});

describe('edits as words', () => {
  it('are read back as they were', () => {
    const edit = {
      a: '1h',
      b: '3',
      c: '',
      d: ' x ',
      e: 'two\nlines',
      f: ['QUORUM', 2],
      g: 'true',
      h: 'k: v',
      i: '\u001b[2J',
      j: null,
      k: 0.5,
    };
    const words = editWords(edit);
    const read = Object.keys(edit).map((_path, index) => {
      const parsed = parseEdit(words[2 * index] === '--set' ? 'set' : 'remove', words[2 * index + 1]);
      if (!isEdit(parsed)) throw new Error(parsed.message);
      return [parsed.path, parsed.kind === 'set' ? parsed.value : null];
    });
    expect(Object.fromEntries(read)).toEqual(edit);
    expect(words.slice(0, 2)).toEqual(['--set', 'a=1h']);
  });
});
