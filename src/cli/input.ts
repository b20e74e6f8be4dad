/**
 * From a path on the command line to a plan: reads the file, applies seed, variant and edits, draws. A `plan.json` is taken
 * as it is, or drawn again from the scenario that it embeds. The one place that hands the loader its dialects and metrics.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { formatBytes } from '../base/human.ts';
import type { Mistake, MistakeError } from '../base/mistake.ts';
import { dialects } from '../dialect/index.ts';
import { lawNames } from '../observe/expect-laws.ts';
import { METRICS } from '../observe/metrics.ts';
import { ALGORITHM_NAMES, REPAIR_STRATEGIES } from '../repair/registry.ts';
import { isEdit, loadPlan, loadScenario, parseEdit } from '../scenario/load.ts';
import type { Edit, LoadOptions, LoadResult } from '../scenario/load.ts';
import { isRecord, MistakeList } from '../scenario/places.ts';
import { readYaml } from '../scenario/yaml-source.ts';
import type { Plan } from '../scenario/plan.ts';
import { commandMistake } from './command-mistake.ts';
import { InputError } from './failure.ts';
import type { Sources } from './failure.ts';
import { systemReason } from './system-reason.ts';
import { shellWord, shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from '../base/version.ts';
import { inOrder } from './words.ts';

const FILE_BYTES_MAX = 250e6;
const SCENARIOS_NAMED = 5;

export const EDIT_OPTIONS = ['set', 'remove', 'shift', 'add'] as const;

export interface InputOptions {
  seed?: string | null;
  variant?: string;
  /** All words as typed; the edits are taken from them, in order. */
  typed?: readonly string[];
  /** Applied after those that were typed. */
  edits?: readonly Edit[];
  /** Instead of the file system. */
  readText?: ReadAbsolute;
}

type ReadAbsolute = (absolute: string) => { text: string } | { error: string };

export interface Input {
  plan: Plan;
  warnings: readonly Mistake[];
  sources: Sources;
  /** As a person would type it. */
  path: string;
  /** A plan.json, taken as it is. */
  isUnchangedPlan: boolean;
  /** What results are named after. */
  name: string;
}

/** Throws an InputError with all mistakes unless there is a plan. */
export function readInput(typedPath: string, terminal: Terminal, options: InputOptions = {}): Input {
  const path = shownPath(terminal, typedPath);
  const sources = new Map<string, string>();
  const edits = [...readEdits(options.typed ?? []), ...(options.edits ?? [])];
  const read = options.readText ?? tryReadText;
  const text = readText(resolve(terminal.folder, typedPath), path, read);
  sources.set(path, text);
  const seed = options.seed ?? undefined;
  const isPlan = path.endsWith('.json');
  const { plan, mistakes, warnings } = load(
    { path, text, isPlan, sources, terminal, read },
    {
      ...(seed === undefined ? {} : { seed }),
      ...(options.variant === undefined ? {} : { variant: options.variant }),
      edits,
      ...knownNames(),
    },
  );
  if (plan === null) throw new InputError(studyMistake(path, text) ?? [...mistakes, ...warnings], sources);
  const isUnchangedPlan = isPlan && seed === undefined && edits.length === 0;
  return { plan, warnings, sources, path, isUnchangedPlan, name: nameOf(isPlan ? plan.source.file : path) };
}

/** A study where a scenario is meant: nothing of it is one. */
function studyMistake(path: string, text: string): Mistake[] | null {
  if (path.endsWith('.json')) return null;
  const { data, places } = readYaml(path, text);
  if (!isRecord(data) || !('study' in data) || 'database' in data) return null;
  const list = new MistakeList(places);
  list.add(['study'], {
    code: 'C213',
    message: 'a study, not a scenario',
    expected: 'a scenario (*.yaml) or a plan.json',
    suggestion: `reconverge sweep ${shellWord(path)}`,
    part: 'key',
  });
  return list.all;
}

/** What this program knows, for whatever loads a scenario. */
export function knownNames(): Pick<LoadOptions, 'dialects' | 'version' | 'metrics' | 'laws' | 'strategies'> {
  return {
    dialects,
    version: VERSION,
    metrics: METRICS,
    laws: lawNames(),
    strategies: [...REPAIR_STRATEGIES.keys(), ...ALGORITHM_NAMES],
  };
}

interface File {
  path: string;
  text: string;
  isPlan: boolean;
  sources: Map<string, string>;
  terminal: Terminal;
  read: ReadAbsolute;
}

function load({ path, text, isPlan, sources, terminal, read }: File, options: LoadOptions): LoadResult {
  if (isPlan) return loadPlan(path, text, options);
  const folder = dirname(resolve(terminal.folder, path));
  // The scenario names files from its own folder, the person reads their names from theirs.
  const shown = new Map<string, string>();
  const readFile = (name: string): { text: string } | { error: string } => {
    const found = read(resolve(folder, name));
    if ('text' in found) {
      shown.set(name, shownPath(terminal, resolve(folder, name)));
      sources.set(shown.get(name) ?? name, found.text);
    }
    return found;
  };
  const loaded = loadScenario({ file: path, text, readFile }, options);
  const place = (mistake: Mistake): Mistake =>
    mistake.line > 0 ? { ...mistake, file: shown.get(mistake.file) ?? mistake.file } : mistake;
  return { ...loaded, mistakes: loaded.mistakes.map(place), warnings: loaded.warnings.map(place) };
}

function readEdits(typed: readonly string[]): Edit[] {
  const read = inOrder(typed, EDIT_OPTIONS).map(([kind, text]) => parseEdit(kind, text));
  const mistakes = read.filter((edit): edit is Mistake => !isEdit(edit));
  if (mistakes.length > 0) throw new InputError(mistakes, new Map());
  return read.filter(isEdit);
}

function readText(absolute: string, shown: string, read: ReadAbsolute): string {
  const found = read(absolute);
  if ('text' in found) return found.text;
  const expected = 'a scenario (*.yaml) or a plan.json';
  if (isFolder(absolute)) throw folderMistake(absolute, shown, expected);
  throw commandMistake('C103', `${shown} cannot be read: ${found.error}`, { expected, path: shown });
}

function isFolder(absolute: string): boolean {
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** One run is of one file: a folder of results has its plan, one of scenarios is for `test`. */
function folderMistake(absolute: string, shown: string, expected: string): MistakeError {
  const names = readableNames(absolute);
  const scenarios = names.filter((name) => /[.]ya?ml$/.test(name)).sort(byCodeUnit);
  const inside = names.includes('plan.json') ? 'plan.json' : scenarios.length === 1 ? scenarios[0] : null;
  const suggestion = inside === null ? `reconverge test ${shellWord(shown)}` : `${shown}/${inside}`;
  const some = scenarios.slice(0, SCENARIOS_NAMED).map((name) => `${shown}/${name}`);
  if (scenarios.length > some.length) some.push(`and ${scenarios.length - some.length} more`);
  return commandMistake('C103', `${shown} is a folder`, {
    expected,
    suggestion,
    path: shown,
    ...(scenarios.length > 1 ? { notes: ['it holds', ...some.map((name) => `  ${name}`)] } : {}),
  });
}

/** The same order on every machine. */
function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function readableNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Bytes that are not UTF-8 come out as U+FFFD, which the readers refuse with their place. */
export function tryReadText(absolute: string): { text: string } | { error: string } {
  try {
    const stats = statSync(absolute);
    if (stats.isDirectory()) return { error: 'it is a folder' };
    if (!stats.isFile()) return { error: 'it is not a regular file' };
    if (stats.size > FILE_BYTES_MAX)
      return { error: `it has ${formatBytes(stats.size)}, at most ${formatBytes(FILE_BYTES_MAX)} are read` };
    const bytes = readFileSync(absolute);
    if (isUtf16(bytes)) return { error: 'it is UTF-16, as PowerShell writes it; save it as UTF-8' };
    return { text: bytes.toString('utf8').replace(/^\ufeff/, '') };
  } catch (error) {
    return { error: systemReason(error) };
  }
}

/** A byte order mark of UTF-16, or a NUL in the first character and none beside it. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return bytes.length >= 2 && (first === 0) !== (second === 0);
}

function nameOf(path: string): string {
  return basename(path.replaceAll('\\', '/')).replace(/[.](ya?ml|json)$/, '');
}
