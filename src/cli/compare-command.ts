/**
 * `compare`: strategies on the identical failure history of one scenario: its repairs as they are written, none, its
 * variants, and those of a file of strategies; over one seed or several. Plans are drawn here, the study is
 * `src/studies/compare`.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { plural } from '../base/human.ts';
import type { Mistake } from '../base/mistake.ts';
import { renderComparison } from '../report/compare.ts';
import { comparePage, withoutSketches } from '../report/page/compare-page.ts';
import { jsonText } from '../report/json.ts';
import { isRecord } from '../scenario/places.ts';
import { ID_PATTERN } from '../scenario/schema/leaves.ts';
import type { Edit } from '../scenario/load.ts';
import type { Plan, PlanVariant } from '../scenario/plan.ts';
import { readYaml } from '../scenario/yaml-source.ts';
import { judge, type Comparison, type StrategyRun } from '../studies/compare/compare.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { editWords } from './edit-words.ts';
import { EXIT } from './exit-codes.ts';
import { InputError, mistakeOrBug, replayCommand, showWarnings } from './failure.ts';
import { readInput, type Input } from './input.ts';
import { refuseMemory } from './memory.ts';
import { Progress } from './progress.ts';
import { pageFile } from './report-page.ts';
import { folderName, refuseFolder, resultsRoot, writeResultFolder } from './result-folder.ts';
import { runStudy, studyWorkers, type SeedJob } from './study-work.ts';
import { systemReason } from './system-reason.ts';
import { seedsOption } from './testing/test-options.ts';
import { columnsOf, shownPath, wantsColor, type Terminal } from './terminal.ts';
import { flag, positional, textOption, wholeOption, type Words } from './words.ts';

const AS_WRITTEN = 'as-written';
const NONE = 'none';
const STRATEGIES_MAX = 40;

/** How a strategy differs from the scenario. */
interface StrategyEdits {
  id: string;
  variant: string | null;
  edits: readonly Edit[];
  /** The edits as words of a command. */
  words: readonly string[];
}

export const compareCommand: Command = async (words, terminal, typed) => {
  const path = positional(words, 'scenario');
  const first = readInput(path, terminal, { typed });
  const showNew = newWarnings(terminal, flag(words, 'no-color'));
  await showNew(first);
  refuseMemory(first.plan, terminal);
  const strategies = strategiesOf(words, first.plan, terminal);
  const seeds = seedsOption(words) ?? [first.plan.seed];
  const quiet = flag(words, 'json');
  const progress = new Progress(terminal, { quiet });
  progress.label(plural(seeds.length, 'seed'));
  const started = terminal.now();
  const folder = comparisonFolder(words, terminal, first);
  if (folder !== null) refuseFolder(folder);
  let done: StrategyRun[][] = [];
  try {
    const jobs: SeedJob[] = [];
    for (const [index, seed] of seeds.entries()) {
      const inputs = strategies.map((strategy) => draw(path, seed, strategy, terminal, typed));
      for (const input of index === 0 ? inputs : []) await showNew(input);
      const sketches = index === 0 && folder !== null;
      jobs.push({
        kind: 'seed',
        seed,
        sketches,
        strategies: strategies.map(({ id }, own) => ({ id, plan: inputs[own].plan })),
      });
    }
    const workers = studyWorkers(words, terminal, { plan: first.plan, jobs: jobs.length });
    done = await runStudy(jobs, terminal, { workers, onProgress: (share) => progress.show(share) });
  } catch (error) {
    throw mistakeOrBug(error, typed);
  } finally {
    progress.clear();
  }
  const comparison = judge(
    strategies.map(({ id }) => id),
    done,
  );
  const plain = withoutSketches(comparison);
  const files = folder === null ? {} : filesOf();
  if (folder !== null) await writeResultFolder(folder, files);
  terminal.out.write(quiet ? documentOf(plain, first.plan) : textOf(plain));
  if (folder !== null && !quiet)
    terminal.out.write(` files   ${shownPath(terminal, folder)}/  ${Object.keys(files).join(' ')}\n`);
  return EXIT.held;

  function filesOf(): Record<string, string> {
    const replays = Object.fromEntries(replaysOf());
    return {
      'comparison.json': documentOf(plain, first.plan),
      ...pageFile(terminal, () => comparePage(comparison, { plan: first.plan, replays })),
    };
  }

  function replaysOf(): [string, string][] {
    return strategies.map(({ id, words: own }) => [
      id,
      replayCommand(['run', shownPath(terminal, path), '--seed', seeds[0], ...own]),
    ]);
  }

  function textOf(result: Comparison): string {
    return renderComparison(result, {
      columns: columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400)),
      color: wantsColor(terminal, terminal.out, flag(words, 'no-color')),
      name: first.plan.name,
      elapsedSeconds: (terminal.now() - started) / 1000,
      replays: replaysOf(),
    });
  }
};

/** Null: nothing is written. Where there is no page to write, only if somebody names a folder. */
function comparisonFolder(words: Words, terminal: Terminal, { name, plan }: Input): string | null {
  const out = textOption(words, 'out');
  if (out !== null) return resolve(terminal.folder, out);
  if (terminal.pageTemplate === undefined || flag(words, 'no-html')) return null;
  return resolve(resultsRoot(terminal.folder), folderName({ name, seed: `${plan.seed}-compare`, edited: null }));
}

function documentOf(comparison: Comparison, plan: Plan): string {
  return jsonText({ format: 1, name: plan.name, database: plan.database, ...comparison });
}

function draw(
  path: string,
  seed: string,
  strategy: StrategyEdits,
  terminal: Terminal,
  typed: readonly string[],
): Input {
  const variant = strategy.variant === null ? {} : { variant: strategy.variant };
  return readInput(path, terminal, { seed, typed, edits: strategy.edits, ...variant });
}

/** Shows of each input what no input before it was warned of: strategies share most of it. */
function newWarnings(terminal: Terminal, noColor: boolean): (input: Input) => Promise<void> {
  const shown = new Set<string>();
  return async ({ warnings, sources }) => {
    const fresh = warnings.filter((warning) => !shown.has(JSON.stringify(warning)));
    for (const warning of fresh) shown.add(JSON.stringify(warning));
    await showWarnings({ warnings: fresh, sources }, terminal, noColor);
  };
}

/** The base first. */
function strategiesOf(words: Words, plan: Plan, terminal: Terminal): StrategyEdits[] {
  const file = textOption(words, 'strategies');
  const named = textOption(words, 'variants');
  const ofFile = file === null ? [] : strategiesOfFile(file, plan, terminal);
  const variants = named === null ? variantsOfRepairs(plan) : variantsNamed(named, plan);
  // What a file says of a name goes before the scenario.
  const own = variants.filter(({ id }) => !ofFile.some((strategy) => strategy.id === id));
  const all = [{ id: AS_WRITTEN, variant: null, edits: [], words: [] }, ...own, ...ofFile];
  if (!all.some(({ id }) => id === NONE)) all.push(withRepairs(NONE, null, plan));
  if (all.length > STRATEGIES_MAX)
    throw commandMistake('C102', `${all.length} strategies`, { expected: `at most ${STRATEGIES_MAX}` });
  const base = textOption(words, 'base') ?? AS_WRITTEN;
  const index = all.findIndex(({ id }) => id === base);
  if (index < 0) {
    throw commandMistake('C102', `--base ${base}`, { expected: all.map(({ id }) => id).join(' | '), found: base });
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
      });
    }
    return ofVariant(id, variants[id]);
  });
}

function ofVariant(id: string, { edit }: PlanVariant): StrategyEdits {
  return { id, variant: id, edits: [], words: editWords(edit) };
}

/** `repairs: null` removes them. What is expected of them goes with them. */
function withRepairs(id: string, repairs: unknown, plan: Plan): StrategyEdits {
  const place = { file: `strategy ${id}`, line: 0, column: 0, length: 0 };
  const scenario = isRecord(plan.source.scenario) ? plan.source.scenario : {};
  const gone = ['expect', 'variants', ...(repairs === null ? ['repairs'] : [])].filter((key) =>
    Object.hasOwn(scenario, key),
  );
  const edits: Edit[] = gone.map((path) => ({ kind: 'remove', path, place }));
  const words = gone.flatMap((path) => ['--remove', path]);
  if (repairs === null) return { id, variant: null, edits, words };
  return {
    id,
    variant: null,
    edits: [...edits, { kind: 'set', path: 'repairs', place, value: repairs }],
    words: [...words, '--set', `repairs=${JSON.stringify(repairs)}`],
  };
}

function strategiesOfFile(typedPath: string, plan: Plan, terminal: Terminal): StrategyEdits[] {
  const shown = shownPath(terminal, typedPath);
  let text = '';
  try {
    text = readFileSync(resolve(terminal.folder, typedPath), 'utf8');
  } catch (error) {
    throw commandMistake('C103', `${shown} cannot be read: ${systemReason(error)}`, {
      expected: 'a file of strategies: strategies: { weekly: { … }, none: {} }',
      path: shown,
    });
  }
  const { data, mistakes } = readYaml(shown, text);
  if (mistakes.length > 0) throw new InputError(mistakes, new Map([[shown, text]]));
  const strategies = isRecord(data) ? data.strategies : undefined;
  if (!isRecord(strategies)) throw new InputError([notStrategies(shown)], new Map([[shown, text]]));
  return Object.entries(strategies).map(([id, repairs]) => {
    if (!ID_PATTERN.test(id) || id === AS_WRITTEN || !(repairs === null || isRecord(repairs)))
      throw new InputError([notStrategies(shown, id)], new Map([[shown, text]]));
    return withRepairs(id, repairs === null || Object.keys(repairs).length === 0 ? null : repairs, plan);
  });
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
