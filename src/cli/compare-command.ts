/**
 * `compare`: strategies on the identical failure history of one scenario: its repairs as they are written, none, its
 * variants, and those of a file of strategies; over one seed or several. Plans are drawn here, the study is
 * `src/studies/compare`.
 */
import { plural } from '../base/human.ts';
import { renderComparison } from '../report/compare.ts';
import { jsonText } from '../report/json.ts';
import { withoutSketches } from '../report/page/compare-page.ts';
import { planHash } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { judge, type Comparison, type StrategyRun } from '../studies/compare/compare.ts';
import type { Command } from './command.ts';
import { comparisonFolder, writeComparison } from './compare-files.ts';
import { strategiesOf } from './compare-strategies.ts';
import type { StrategyEdits } from './compare-strategies.ts';
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { InputError, mistakeOrBug, replayCommand, showWarnings } from './failure.ts';
import { readInput, type Input } from './input.ts';
import { Interrupt, InterruptedError } from './interrupt.ts';
import { refuseMemory } from './memory.ts';
import { Progress } from './progress.ts';
import { runStudy, studyWorkers, type SeedJob } from './study-work.ts';
import { seedsOption } from './testing/test-options.ts';
import { columnsOf, shownPath, wantsColor, type Terminal } from './terminal.ts';
import { flag, positional, wholeOption } from './words.ts';

export const compareCommand: Command = async (words, terminal, typed) => {
  const path = positional(words, 'scenario');
  const first = readInput(path, terminal, { typed });
  const showNew = newWarnings(terminal, flag(words, 'no-color'));
  await showNew(first);
  refuseMemory(first.plan, terminal);
  const asked = strategiesOf(words, first.plan, terminal);
  const seeds = seedsOption(words) ?? [first.plan.seed];
  const quiet = flag(words, 'json');
  const progress = new Progress(terminal, { quiet });
  progress.label(plural(seeds.length, 'seed'));
  const started = terminal.now();
  const folder = comparisonFolder(words, terminal, first);
  let done: StrategyRun[][] = [];
  let { strategies, same }: Distinct = { strategies: asked, same: {} };
  let code: ExitCode = EXIT.held;
  try {
    const drawn = await drawnPlans(asked, seeds, { path, terminal, typed, showNew });
    ({ strategies, same } = distinct(asked, drawn));
    const jobs = jobsOf(strategies, seeds, drawn, folder !== null);
    const workers = studyWorkers(words, terminal, { plan: first.plan, jobs: jobs.length });
    const studied = await runStudy(jobs, terminal, { workers, onProgress: (share) => progress.show(share) });
    done = studied.answers.flatMap((runs) => (runs === null ? [] : [runs]));
    if (studied.isInterrupted) code = EXIT.interrupted;
    if (done.length === 0) throw interruptedBefore(seeds);
  } catch (error) {
    throw mistakeOrBug(error, typed);
  } finally {
    progress.clear();
  }
  const comparison = judge(
    strategies.map(({ id }) => id),
    done,
  );
  if (code !== EXIT.held)
    terminal.err.write(
      `interrupted: ${done.length} of ${plural(seeds.length, 'seed')} finished; compared over these\n`,
    );
  const document = documentOf(withoutSketches(comparison), same, first.plan);
  const replays = strategies.map(({ id, words: own }) => {
    return [id, replayCommand(['run', shownPath(terminal, path), '--seed', seeds[0], ...own])] as const;
  });
  const left = { comparison, document, plan: first.plan, replays, isPageLeftOut: flag(words, 'no-html') };
  const said = await writeComparison(folder, left, terminal);
  terminal.out.write(quiet ? document : textOf(comparison) + said);
  return code;

  function textOf(result: Comparison): string {
    return renderComparison(result, {
      columns: columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400)),
      color: wantsColor(terminal, terminal.out, flag(words, 'no-color')),
      name: first.plan.name,
      elapsedSeconds: (terminal.now() - started) / 1000,
      same,
      replays,
    });
  }
};

/** `same_as`: strategies that were not run, and of each the one that it is. */
function documentOf(comparison: Comparison, same: Distinct['same'], plan: Plan): string {
  return jsonText({ format: 1, name: plan.name, database: plan.database, ...comparison, same_as: same });
}

interface Drawing {
  path: string;
  terminal: Terminal;
  typed: readonly string[];
  /** Of the first seed: the others are warned of the same. */
  showNew: (input: Input) => Promise<void>;
}

type Drawn = Map<string, Plan>[];

/** Of each seed the plans by strategy. Between seeds Ctrl-C is heard. */
async function drawnPlans(
  strategies: readonly StrategyEdits[],
  seeds: readonly string[],
  { path, terminal, typed, showNew }: Drawing,
): Promise<Drawn> {
  const interrupt = new Interrupt(terminal, () => undefined);
  const drawn: Drawn = [];
  try {
    for (const [index, seed] of seeds.entries()) {
      const inputs = strategies.map((strategy) => draw(path, seed, strategy, terminal, typed));
      for (const input of index === 0 ? inputs : []) await showNew(input);
      drawn.push(new Map(strategies.map(({ id }, own) => [id, inputs[own].plan])));
      await new Promise((resume) => setImmediate(resume));
      if (interrupt.isHeard) throw interruptedBefore(seeds);
    }
  } finally {
    interrupt.end();
  }
  return drawn;
}

interface Distinct {
  strategies: StrategyEdits[];
  /** By id of one that is left out: of the one that it is. */
  same: Record<string, string>;
}

/** A strategy whose plans are those of one before it, with every seed, is not another one. */
function distinct(all: readonly StrategyEdits[], drawn: Drawn): Distinct {
  const strategies: StrategyEdits[] = [];
  const same: Record<string, string> = {};
  const hashes = new Map<Plan, string>();
  const hashOf = (plan: Plan): string => {
    const hash = hashes.get(plan) ?? planHash(plan);
    hashes.set(plan, hash);
    return hash;
  };
  const areAlike = (left: string, right: string): boolean =>
    drawn.every((plans) => {
      const [one, other] = [plans.get(left), plans.get(right)];
      return one !== undefined && other !== undefined && hashOf(one) === hashOf(other);
    });
  for (const strategy of all) {
    const twin = strategies.find(({ id }) => areAlike(id, strategy.id));
    if (twin === undefined) strategies.push(strategy);
    else same[strategy.id] = twin.id;
  }
  return { strategies, same };
}

/** With the first seed also the rows that each strategy left; `sketches`: and the course of each. */
function jobsOf(
  strategies: readonly StrategyEdits[],
  seeds: readonly string[],
  drawn: Drawn,
  sketches: boolean,
): SeedJob[] {
  return drawn.map((plans, index) => ({
    kind: 'seed',
    seed: seeds[index],
    looks: { sketches: sketches && index === 0, rows: index === 0 },
    strategies: strategies.flatMap(({ id }) => {
      const plan = plans.get(id);
      return plan === undefined ? [] : [{ id, plan }];
    }),
  }));
}

function interruptedBefore(seeds: readonly string[]): InterruptedError {
  return new InterruptedError(
    `interrupted: no seed of ${seeds.length} was finished with all strategies; nothing was written`,
  );
}

function draw(
  path: string,
  seed: string,
  strategy: StrategyEdits,
  terminal: Terminal,
  typed: readonly string[],
): Input {
  const variant = strategy.variant === null ? {} : { variant: strategy.variant };
  try {
    return readInput(path, terminal, { seed, typed, edits: strategy.edits, ...variant });
  } catch (error) {
    throw error instanceof InputError && strategy.located !== null ? strategy.located(error) : error;
  }
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
