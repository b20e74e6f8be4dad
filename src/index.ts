/**
 * The library: everything but the command line. `load` makes a plan of a scenario's text, `run` makes the answer of a plan;
 * both are pure. Also Cassandra's tokens and Merkle trees by themselves.
 */
import { MistakeError } from './base/mistake.ts';
import type { Mistake } from './base/mistake.ts';
import { VERSION } from './base/version.ts';
import { dialects } from './dialect/index.ts';
import { lawNames } from './observe/expect-laws.ts';
import { METRICS } from './observe/metrics.ts';
import type { RunOutput } from './observe/result.ts';
import { ALGORITHM_NAMES, REPAIR_STRATEGIES } from './repair/registry.ts';
import { run as runPlan } from './run/run.ts';
import type { RunOptions } from './run/run.ts';
import { isEdit, loadPlan, loadScenario, mistakesOfPlan, parseEdit } from './scenario/load.ts';
import type { ReadFile } from './scenario/load-options.ts';
import type { Edit, EditKind, LoadResult } from './scenario/load.ts';
import type { Plan } from './scenario/plan.ts';
import { PLAN_KEYS } from './scenario/schema/plan.ts';

export { Bug } from './base/assert.ts';
export { MistakeError } from './base/mistake.ts';
export type { Mistake } from './base/mistake.ts';
export { VERSION } from './base/version.ts';
export { buildMerkleTree, compareTrees, differingRanges } from './data/merkle.ts';
export type { MerkleNode, MerklePartition, MerkleTree, MerkleTreeOptions, TreeComparison } from './data/merkle.ts';
export { murmur3Token } from './data/murmur3.ts';
export { tokenMidpoint } from './data/tokens.ts';
export type { TokenRange } from './data/tokens.ts';
export type {
  CauseLedger,
  ExpectationVerdict,
  FinalState,
  RepairLedger,
  TopologyChange,
  RepairPhase,
  Result,
  RunOutput,
  Series,
  TimelineEvent,
} from './observe/result.ts';
export { operatorView } from './operator/operator-view.ts';
export type { OperatorQuestion, OperatorView } from './operator/operator-view.ts';
export { seriesCsv } from './report/csv.ts';
export { resultJson } from './report/json.ts';
export { renderMistakes } from './report/mistakes.ts';
export { renderPlan } from './report/plan.ts';
export { renderRun } from './report/run.ts';
export type { RunOptions } from './run/run.ts';
export { planHash, planSchema, scenarioSchema } from './scenario/load.ts';
export type { Plan } from './scenario/plan.ts';

/** All that a scenario or a plan may name. */
const KNOWN = {
  dialects,
  metrics: METRICS,
  laws: lawNames(),
  strategies: [...REPAIR_STRATEGIES.keys(), ...ALGORITHM_NAMES],
};

/**
 * Runs a plan to its end; pure: the same plan gives the same answer.
 * @throws MistakeError where what is given is no plan, or one that was changed so that it cannot be run
 */
export function run(plan: Plan, options: RunOptions = {}): RunOutput {
  const mistake = notAPlan(plan) ?? wrongMode(options.mode);
  if (mistake !== null) throw new MistakeError([mistake]);
  const mistakes = mistakesOfPlan('run(plan)', plan, KNOWN);
  if (mistakes.length > 0) throw new MistakeError(mistakes);
  return runPlan(plan, options);
}

const MODES: readonly unknown[] = ['batched', 'events', undefined];

function wrongMode(mode: unknown): Mistake | null {
  if (MODES.includes(mode)) return null;
  return {
    ...{ code: 'S112', severity: 'mistake', file: 'run(plan, options)', line: 0, column: 0, length: 0, path: 'mode' },
    message: `mode cannot be ${typeof mode === 'string' ? `"${mode}"` : String(mode)}`,
    expected: 'batched | events',
  };
}

/** The members first: what is no plan at all has one mistake, not one for each member. */
function notAPlan(given: unknown): Mistake | null {
  const isMap = typeof given === 'object' && given !== null && !Array.isArray(given);
  const missing = isMap ? PLAN_KEYS.filter((key) => !Object.hasOwn(given, key)) : [];
  if (isMap && missing.length === 0) return null;
  const found = isMap ? `a map without ${missing.join(', ')}` : typeof given === 'string' ? 'text' : String(given);
  return {
    ...{ code: 'P102', severity: 'mistake', file: 'run(plan)', line: 0, column: 0, length: 0, path: '' },
    message: `run takes a plan, not ${typeof given === 'string' ? "a scenario's text" : 'this'}`,
    expected: 'what load(text) gives, or a whole plan.json through load({ text, file: "plan.json" })',
    found,
    suggestion: typeof given === 'string' ? 'run(load(text))' : 'run(load(…))',
  };
}

export interface ScenarioSource {
  /** The scenario in YAML, or a whole plan.json. */
  text: string;
  /** How mistakes name it; a name that ends in `.json` makes it a plan. Default `scenario.yaml`. */
  file?: string;
  /** Reads a file that the scenario names, its path relative to the scenario. Default: there are none. */
  readFile?: ReadFile;
  /** Instead of the scenario's own. */
  seed?: string;
  /** In order, as on the command line: `['set', 'faults.away.for=2h']`. */
  edits?: readonly [EditKind, string][];
  /** Id of a variant to load instead of the scenario as it is. */
  variant?: string;
  /** Warnings are mistakes too. */
  strict?: boolean;
}

/**
 * The plan of a scenario: everything drawn, every import inside.
 * @throws MistakeError with all mistakes of the text
 */
export function load(source: string | ScenarioSource): Plan {
  const { plan, mistakes } = check(source);
  if (plan === null) throw new MistakeError(mistakes);
  return plan;
}

/** Like `load`, but what is wrong or doubtful comes back as data; `plan` is null exactly where there are mistakes. */
export function check(source: string | ScenarioSource): LoadResult {
  const given = typeof source === 'string' ? { text: source } : source;
  const { text, file = 'scenario.yaml', readFile = noFiles, seed, variant, strict = false } = given;
  const edits = (given.edits ?? []).map(([kind, words]) => parseEdit(kind, words));
  const refused = edits.filter((edit): edit is Mistake => !isEdit(edit));
  if (refused.length > 0) return { plan: null, mistakes: refused, warnings: [] };
  const options = {
    ...(seed === undefined ? {} : { seed }),
    ...(variant === undefined ? {} : { variant }),
    ...{ edits: edits.filter((edit): edit is Edit => isEdit(edit)), strict },
    ...KNOWN,
    version: VERSION,
  };
  return file.endsWith('.json') ? loadPlan(file, text, options) : loadScenario({ file, text, readFile }, options);
}

function noFiles(): { error: string } {
  return { error: 'no readFile was given' };
}
