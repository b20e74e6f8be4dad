/** `init ci`: a workflow and three scenarios to begin with. Never replaces a file: all of them, or none. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import { CI_FILES } from './init-files.ts';
import { systemReason } from './system-reason.ts';
import { positional } from './words.ts';

export const initCommand: Command = (words, terminal) => {
  const what = positional(words, 'what');
  if (what !== 'ci') throw commandMistake('C102', `init ${what}`, { expected: 'init ci', found: what });
  const names = Object.keys(CI_FILES);
  const there = names.filter((name) => existsSync(resolve(terminal.folder, name)));
  if (there.length > 0)
    throw commandMistake('C106', `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already`, {
      expected: 'none of the files that init writes',
      notes: ['nothing was written'],
    });
  for (const [name, text] of Object.entries(CI_FILES)) {
    try {
      const path = resolve(terminal.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: 'wx' });
    } catch (error) {
      throw commandMistake('C106', `cannot write ${name}: ${systemReason(error)}`, { path: name });
    }
    terminal.out.write(`wrote ${name}\n`);
  }
  terminal.out.write('next  npx reconverge test --prove scenarios\n');
  return Promise.resolve(EXIT.held);
};
