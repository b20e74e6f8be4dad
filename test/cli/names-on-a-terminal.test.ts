/** What a file is called, and what stands in it, never moves the cursor of whoever tests it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bugFoundText } from '../../src/cli/failure.ts';
import type { Judgement } from '../../src/cli/judge.ts';
import { program } from '../../src/cli/program.ts';
import { Progress } from '../../src/cli/progress.ts';
import { complaintText, lineOf } from '../../src/cli/test-report.ts';
import { fakeTerminal } from './fake-terminal.ts';

const CLEAR = '\u001b[2J';
const SHOWN = '\\x1b[2J';

const complaint = {
  ...{ expectation: CLEAR, line: 1, expected: CLEAR, detail: `a\n${CLEAR}`, seeds: CLEAR, variant: CLEAR },
  ...{ seed: '1', replay: `npx reconverge run '${CLEAR}'`, file: `${CLEAR}.yaml`, against: [CLEAR, CLEAR] },
};
const judgement: Judgement = {
  ...{ file: `${CLEAR}.yaml`, name: CLEAR, status: 'violated', held: 0, undecided: 0, expectations: 1, variants: 0 },
  ...{ fingerprint: null, seconds: 0, notes: [CLEAR], mistakes: [], sources: new Map(), bug: null, golden: null },
  complaints: (['violated', 'undecided', 'unproven', 'not_broken'] as const).map((kind) => ({ ...complaint, kind })),
  moved: { says: CLEAR, changes: [CLEAR, CLEAR], details: [CLEAR], replay: CLEAR },
  files: [],
};

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-names-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it('lines, complaints, what moved and bugs are escaped line by line', () => {
  const bug = bugFoundText({ message: CLEAR, stack: `${CLEAR}\n  at x`, replay: CLEAR }, true);
  const texts = [lineOf(judgement, false), complaintText([judgement], false), bug];
  for (const text of texts) expect(text).not.toContain('\u001b');
  expect(texts.map((text) => text.split(SHOWN).length - 1)).toEqual([2, 28, 3]);
  expect(texts[0]).toBe(`✗ ${SHOWN}.yaml  0 of 1 held  0.0 s\n    ${SHOWN}\n`);
  expect(texts[1]).toContain(`   a\\n${SHOWN}\n  ${SHOWN}\n  ${SHOWN}\n`);
  expect(bug).toContain(`${SHOWN}\n  at x\n`);
  expect(lineOf(judgement, true)).toContain('\u001b[31m✗');
});

it('progress shows the title of a scenario as text', () => {
  let millis = 0;
  const terminal = fakeTerminal({ isTerminal: true, now: () => millis });
  const progress = new Progress(terminal, { quiet: false });
  progress.label(CLEAR);
  millis = 5000;
  progress.show(0.5);
  expect(terminal.errText()).toContain(SHOWN);
  expect(terminal.errText()).not.toContain(CLEAR);
});

it('so are files that accept writes, and those that are not committed', async () => {
  const name = `${CLEAR}.yaml`;
  const text = readFileSync(new URL('fixtures/away.yaml', import.meta.url), 'utf8').replace('5m', '3m');
  writeFileSync(join(home, name), text);
  const call = async (...words: string[]): Promise<string> => {
    const terminal = fakeTerminal({ folder: home });
    await program(words, terminal);
    return terminal.outText() + terminal.errText();
  };
  expect(await call('accept', name)).toBe(`wrote ${SHOWN}.golden.txt  new\n`);
  for (const words of [
    ['init', '-q'],
    ['commit', '-q', '--allow-empty', '-m', 'x'],
  ])
    spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...words], { cwd: home });
  const shown = await call('test', name, '--against', 'HEAD');
  expect(shown).toContain(`as they lie here: ${SHOWN}.yaml\n`);
  expect(shown).not.toContain('\u001b');
});
