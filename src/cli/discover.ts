/**
 * The scenario files that a list of files and folders names. Folders are searched recursively for YAML files that say
 * `format:` at their top and no `study:` (so a cassandra.yaml beside a scenario is no scenario); a file that is named is always taken.
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join, resolve } from 'node:path';
import { MistakeError } from '../base/mistake.ts';
import { commandMistake } from './command-mistake.ts';
import { systemReason } from './system-reason.ts';
import { shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** As much as a scenario may have. */
const BEGINNING_BYTES = 1024 * 1024;

/** A scenario, or a name that leads to none: what is wrong with it. */
export interface FoundFile {
  path: string;
  mistake: MistakeError | null;
}

/**
 * Paths as the person would type them, each once, those of a folder sorted. A name that leads to no scenario stands among
 * them with its mistake, so that the others are not held up; where all do, all is refused.
 */
export function scenarioFiles(terminal: Terminal, named: readonly string[]): FoundFile[] {
  const found = new Map<string, FoundFile>();
  for (const name of named) for (const file of filesOrMistake(terminal, name)) found.set(file.path, file);
  const files = [...found.values()];
  const mistakes = files.flatMap(({ mistake }) => mistake?.mistakes ?? []);
  if (files.every(({ mistake }) => mistake !== null)) throw new MistakeError(mistakes);
  return files;
}

function filesOrMistake(terminal: Terminal, name: string): FoundFile[] {
  try {
    return filesOf(terminal, name).map((path) => ({ path: shownPath(terminal, path), mistake: null }));
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    return [{ path: shownPath(terminal, name), mistake: error }];
  }
}

function filesOf(terminal: Terminal, named: string): string[] {
  const path = resolve(terminal.folder, named);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw commandMistake('C103', `${named} does not exist`, {
      expected: 'a scenario file or a folder of them',
      path: named,
    });
  }
  if (!stats.isDirectory()) return [path];
  const files = yamlFilesBelow(path).filter(isScenario);
  if (files.length > 0) return files;
  throw commandMistake('C104', `${named} holds no scenario`, {
    expected: 'a *.yaml file with `format: 1`',
    path: named,
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const message = `${folder} cannot be read: ${systemReason(error)}`;
    throw commandMistake('C103', message, { expected: 'a folder of scenarios', path: folder });
  }
}

function yamlFilesBelow(folder: string): string[] {
  const entries = entriesOf(folder).filter(({ name }) => !name.startsWith('.'));
  // By code unit, so that the order is the same on every machine.
  entries.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : yamlFilesBelow(path);
    return entry.isFile() && /[.]ya?ml$/.test(entry.name) ? [path] : [];
  });
}

/** A file that cannot be opened is taken too: whoever reads it says why. */
function isScenario(path: string): boolean {
  try {
    const text = beginningOf(path);
    return /^["']?format["']?\s*:/m.test(text) && !/^["']?study["']?\s*:/m.test(text);
  } catch {
    return true;
  }
}

function beginningOf(path: string): string {
  const bytes = Buffer.alloc(BEGINNING_BYTES);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, BEGINNING_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
