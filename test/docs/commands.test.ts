import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { program } from '../../src/cli/program.ts';
import { DATA_PLACE } from '../../src/report/page/embed-page.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';
import { ROOT, commandLines, pages, readPage, shellWords } from './doc-text.ts';

/** A folder that looks like a clone, so that results, and what commands write beside scenarios, do not land in ours. */
let clone = '';
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'reconverge-docs-'));
  cpSync(join(ROOT, 'scenarios'), join(clone, 'scenarios'), { recursive: true });
  writeFileSync(join(clone, 'package.json'), '{"name":"reconverge"}');
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;
const OWN_COMMANDS_OF_NPM = ['ci', 'install'];

/** Pages whose commands may depend on one another, in order. */
const found = pages().flatMap((page) => commandLines(readPage(page)).map((line) => ({ page, line })));
const lines = found.filter(({ line }, index) => found.findIndex((other) => other.line === line) === index);
const npmLines = lines.filter(({ line }) => line.startsWith('npm '));
const ours = lines.filter(({ line }) => /^npx reconverge( |$)/.test(line));

/** A word that stands for something: FILE, `<folder>/plan.json`, `…`. */
function isPlaceholder(word: string): boolean {
  return /[<>…]|\.\.\.$|^[A-Z][A-Z_|.…]+$|^[A-Z]+=/.test(word);
}

/** `test` over folders runs for minutes and is a test of its own: such lines must only name what is there. */
function isLong(words: string[]): boolean {
  return words[0] === 'test' && words.slice(1).some((word) => !word.startsWith('-') && !word.endsWith('.yaml'));
}

describe('commands in the pages', () => {
  it('are found at all', () => {
    expect(ours.length).toBeGreaterThan(3);
    expect(npmLines.length).toBeGreaterThan(2);
  });

  it.each(npmLines)('$line ($page) is a script of the package', ({ line }) => {
    const [, verb, name] = shellWords(line);
    const script = verb === 'run' ? name : verb;
    expect(OWN_COMMANDS_OF_NPM.includes(script) || scripts[script] !== undefined).toBe(true);
  });

  it.each(ours)('$line ($page) works', async ({ line }) => {
    const words = shellWords(line).slice(2);
    const command = COMMANDS.find(({ name }) => name === words[0]);
    if (words.some(isPlaceholder) || isLong(words)) {
      expect(command).toBeDefined();
      const options = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')[0]);
      expect(options.filter((name) => command?.options.includes(name) !== true)).toEqual([]);
      const paths = words.slice(1).filter((word) => /^[\w./-]+$/.test(word) && word.includes('/'));
      expect(paths.filter((path) => !isPlaceholder(path) && !existsSync(join(clone, path)))).toEqual([]);
      return;
    }
    const terminal = Object.assign(fakeTerminal({ folder: clone, now: () => performance.now() }), {
      pageTemplate: () => DATA_PLACE,
    });
    const code = await program(words, terminal);
    expect([code, terminal.errText()]).toEqual([expect.toBeOneOf([0, 1]), expect.not.stringContaining('mistake')]);
    expect(terminal.outText()).not.toBe('');
  });
});
