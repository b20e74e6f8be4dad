/** `init ci`: a workflow and three scenarios to begin with. Never replaces a file: all of them, or none. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
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
  for (const name of names) refusePath(name, terminal.folder);
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
  if (!existsSync(resolve(terminal.folder, 'package.json')))
    terminal.out.write(
      'there is no package.json: the workflow runs `npm ci`; npm install --save-dev reconverge makes one\n',
    );
  terminal.out.write('next  npx reconverge test --prove scenarios\n');
  return Promise.resolve(EXIT.held);
};

/** Asked of every file before any is written: where a folder is to be there is none, or a folder. */
function refusePath(name: string, home: string): void {
  for (let above = dirname(resolve(home, name)); above !== home && above !== dirname(above); above = dirname(above)) {
    if (statSync(above, { throwIfNoEntry: false })?.isDirectory() === false)
      throw commandMistake('C106', `cannot write ${name}`, {
        expected: 'folders above it, or nothing there',
        found: `${relative(home, above)}, which is a file`,
        notes: ['nothing was written'],
      });
  }
}
