/**
 * The scenario files that a list of files and folders names. Folders are searched recursively for YAML files that say
 * `format:` at their top (so a cassandra.yaml beside a scenario is no scenario); a file that is named is always taken.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandMistake } from './command-mistake.ts';
import { shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** Paths as the person would type them, each once, those of a folder sorted. */
export function scenarioFiles(terminal: Terminal, named: readonly string[]): string[] {
  const found = named.flatMap((path) => filesOf(terminal, path));
  return [...new Set(found.map((path) => shownPath(terminal, path)))];
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

function yamlFilesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  // By code unit, so that the order is the same on every machine.
  entries.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : yamlFilesBelow(path);
    return entry.isFile() && /[.]ya?ml$/.test(entry.name) ? [path] : [];
  });
}

function isScenario(path: string): boolean {
  return /^["']?format["']?\s*:/m.test(readFileSync(path, 'utf8'));
}
