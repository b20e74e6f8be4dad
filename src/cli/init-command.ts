/** `init ci`: a workflow and three scenarios to begin with. Never replaces a file: all of them, or none. */
import { existsSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import { CI_FILES } from './init-files.ts';
import { positional } from './words.ts';
import { writeNewFiles } from './write-new-files.ts';

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
  writeNewFiles(terminal.folder, CI_FILES);
  for (const name of names) terminal.out.write(`wrote ${name}\n`);
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
