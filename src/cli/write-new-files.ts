/**
 * Writes several new files, all or none: where one cannot be written, what this call made before it is taken away again, a
 * half-written file and the folders too. What was there already stays as it is.
 */
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { commandMistake } from './command-mistake.ts';
import { systemReason } from './system-reason.ts';

/** Names below `home` to their texts. @throws MistakeError C106 */
export function writeNewFiles(home: string, files: Readonly<Record<string, string>>): void {
  const undo: (() => void)[] = [];
  for (const [name, text] of Object.entries(files)) {
    try {
      const path = resolve(home, name);
      makeFolders(dirname(path), undo);
      writeNewFile(path, text, undo);
    } catch (error) {
      const left = undo.reverse().filter((remove) => !succeeds(remove));
      const notes = left.length === 0 ? ['nothing was written'] : [];
      throw commandMistake('C106', `cannot write ${name}: ${systemReason(error)}`, { path: name, notes });
    }
  }
}

/** One by one: asked for several at once, Node says of a folder that refuses that it does not exist. */
function makeFolders(path: string, undo: (() => void)[]): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path), undo);
  mkdirSync(path);
  undo.push(() => rmdirSync(path));
}

function writeNewFile(path: string, text: string, undo: (() => void)[]): void {
  writeFileSync(path, '', { flag: 'wx' });
  undo.push(() => rmSync(path));
  writeFileSync(path, text);
}

function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
