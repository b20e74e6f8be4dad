/**
 * Which strategies `compare` runs: the scenario as it is written, none, its variants of repairs or those that are named, and
 * those of a file. Each as edits of the scenario; nothing is drawn here.
 */
import { resolve } from 'node:path';
import type { Mistake } from '../base/mistake.ts';
import { nearestName } from '../scenario/nearest.ts';
import { isRecord } from '../scenario/places.ts';
import type { Places } from '../scenario/places.ts';
import { ID_PATTERN } from '../scenario/schema/leaves.ts';
import type { Edit } from '../scenario/load.ts';
import type { Plan, PlanVariant } from '../scenario/plan.ts';
import { readYaml } from '../scenario/yaml-source.ts';
import { commandMistake } from './command-mistake.ts';
import { editWords } from './edit-words.ts';
import { InputError } from './failure.ts';
import { tryReadText } from './input.ts';
import { shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { textOption } from './words.ts';
import type { Words } from './words.ts';

const AS_WRITTEN = 'as-written';
const NONE = 'none';
const STRATEGIES_MAX = 40;

/** How a strategy differs from the scenario. */
export interface StrategyEdits {
  id: string;
  variant: string | null;
  edits: readonly Edit[];
  /** The edits as words of a command. */
  words: readonly string[];
  /** Puts mistakes of its edits at their places in the file that they are from. */
  located: ((error: InputError) => InputError) | null;
}

/** The base first. */
export function strategiesOf(words: Words, plan: Plan, terminal: Terminal): StrategyEdits[] {
  const file = textOption(words, 'strategies');
  const named = textOption(words, 'variants');
  const ofFile = file === null ? [] : strategiesOfFile(file, plan, terminal);
  const variants = named === null ? variantsOfRepairs(plan) : variantsNamed(named, plan);
  // What a file says of a name goes before the scenario.
  const own = variants.filter(({ id }) => !ofFile.some((strategy) => strategy.id === id));
  const all = [{ id: AS_WRITTEN, variant: null, edits: [], words: [], located: null }, ...own, ...ofFile];
  if (!all.some(({ id }) => id === NONE)) all.push(withRepairs(NONE, null, plan));
  if (all.length > STRATEGIES_MAX)
    throw commandMistake('C102', `${all.length} strategies`, { expected: `at most ${STRATEGIES_MAX}` });
  const base = textOption(words, 'base') ?? AS_WRITTEN;
  const index = all.findIndex(({ id }) => id === base);
  if (index < 0) {
    const names = all.map(({ id }) => id);
    throw commandMistake('C102', `--base ${base}`, {
      expected: names.join(' | '),
      found: base,
      ...didYouMean(base, names),
    });
  }
  return [all[index], ...all.filter((_, other) => other !== index)];
}

/** Those that change repairs and nothing else. */
function variantsOfRepairs(plan: Plan): StrategyEdits[] {
  return Object.entries(plan.source.variants)
    .filter(([, { edit }]) => Object.keys(edit).every((path) => path === 'repairs' || path.startsWith('repairs.')))
    .map(([id, variant]) => ofVariant(id, variant));
}

function variantsNamed(names: string, plan: Plan): StrategyEdits[] {
  const { variants } = plan.source;
  return names.split(',').map((name) => {
    const id = name.trim();
    if (!Object.hasOwn(variants, id)) {
      const known = Object.keys(variants);
      throw commandMistake('C102', `--variants ${id}`, {
        expected: known.length === 0 ? 'the scenario has no variants' : known.join(' | '),
        found: id,
        ...didYouMean(id, known),
      });
    }
    return ofVariant(id, variants[id]);
  });
}

function ofVariant(id: string, { edit }: PlanVariant): StrategyEdits {
  return { id, variant: id, edits: [], words: editWords(edit), located: null };
}

/** `repairs: null` removes them. What is expected of them goes with them. */
function withRepairs(id: string, repairs: unknown, plan: Plan): StrategyEdits {
  const place = { file: placeName(id), line: 0, column: 0, length: 0 };
  const scenario = isRecord(plan.source.scenario) ? plan.source.scenario : {};
  const gone = ['expect', 'variants', ...(repairs === null ? ['repairs'] : [])].filter((key) =>
    Object.hasOwn(scenario, key),
  );
  const edits: Edit[] = gone.map((path) => ({ kind: 'remove', path, place }));
  const words = gone.flatMap((path) => ['--remove', path]);
  if (repairs === null) return { id, variant: null, edits, words, located: null };
  return {
    id,
    variant: null,
    located: null,
    edits: [...edits, { kind: 'set', path: 'repairs', place, value: repairs }],
    words: [...words, '--set', `repairs=${JSON.stringify(repairs)}`],
  };
}

function strategiesOfFile(typedPath: string, plan: Plan, terminal: Terminal): StrategyEdits[] {
  const shown = shownPath(terminal, typedPath);
  const read = tryReadText(resolve(terminal.folder, typedPath));
  if ('error' in read)
    throw commandMistake('C103', `${shown} cannot be read: ${read.error}`, {
      expected: 'a file of strategies: strategies: { weekly: { … }, none: {} }',
      path: shown,
    });
  const { text } = read;
  const { data, mistakes, places } = readYaml(shown, text);
  const sources = new Map([[shown, text]]);
  if (mistakes.length > 0) throw new InputError(mistakes, sources);
  const strategies = isRecord(data) ? data.strategies : undefined;
  if (!isRecord(strategies)) throw new InputError([notStrategies(shown)], sources);
  return Object.entries(strategies).map(([id, repairs]) => {
    if (!ID_PATTERN.test(id) || id === AS_WRITTEN || !(repairs === null || isRecord(repairs)))
      throw new InputError([{ ...notStrategies(shown, id), ...places.at(['strategies', id], 'key') }], sources);
    const strategy = withRepairs(id, repairs === null || Object.keys(repairs).length === 0 ? null : repairs, plan);
    return { ...strategy, located: (error) => locatedIn(error, id, { shown, text, places }) };
  });
}

/** Where an edit of it stands, until its place in a file is known. */
function placeName(id: string): string {
  return `strategy ${id}`;
}

/** Mistakes of the strategy's repairs stand in its own file. */
function locatedIn(
  error: InputError,
  id: string,
  { shown, text, places }: { shown: string; text: string; places: Places },
): InputError {
  const own = placeName(id);
  const mistakes = error.mistakes.map((mistake) => {
    if (mistake.file !== own) return mistake;
    // Ids of entries hold no dots.
    const path = ['strategies', id, ...mistake.path.split('.').slice(1)];
    return { ...mistake, ...places.at(path, 'key'), message: `strategy ${id}: ${mistake.message}` };
  });
  return new InputError(mistakes, new Map([...error.sources, [shown, text]]));
}

function notStrategies(file: string, id?: string): Mistake {
  return {
    code: 'C108',
    severity: 'mistake',
    file,
    line: 1,
    column: 1,
    length: 1,
    path: id === undefined ? '' : `strategies.${id}`,
    message: id === undefined ? 'the file holds no strategies' : `"${id}" is not a strategy`,
    expected:
      'strategies: { an-id: a map like the repairs of a scenario }, such as { weekly: { round: { repair: rounds, … } }, none: {} }',
  };
}

function didYouMean(typed: string, names: readonly string[]): { suggestion?: string } {
  const nearest = nearestName(typed, names);
  return nearest === null ? {} : { suggestion: nearest };
}
