/**
 * Draws a plan from a scenario's plain data: edits it, checks its shape, drafts its parts, then tries each variant. Used
 * for a scenario's text and for the scenario that a plan embeds.
 */
import type { Mistake } from '../base/mistake.ts';
import { DEFAULT_SEED, draftPlan } from './draft-plan.ts';
import { Imports } from './drafting.ts';
import { applyEdits, variantEdits } from './edit.ts';
import type { Edit } from './edit.ts';
import type { LoadOptions, LoadResult, ReadFile } from './load-options.ts';
import { judgeExpectations } from './judge-expectations.ts';
import type { Judged } from './judge-expectations.ts';
import { nearestName } from './nearest.ts';
import { MistakeList, isRecord, valueAt } from './places.ts';
import type { Path, Place, Places } from './places.ts';
import type { Plan, PlanEdit } from './plan.ts';
import { followsFrom, isMisspelt, pruneRefused, withoutNulls } from './prune.ts';
import type { Refused } from './prune.ts';
import { readShape } from './schema/issues.ts';
import { scenario as scenarioShape } from './schema/scenario.ts';
import type { Scenario } from './schema/scenario.ts';
import { Times } from './times.ts';
import type { KeptTimes } from './times.ts';
import { parseInstant } from './time-text.ts';
import { isUnitProblem } from './units.ts';
import { checkMustBreak, checkUnbroken, planVariants } from './variants.ts';

export interface DrawInput {
  file: string;
  data: unknown;
  places: Places;
  read: ReadFile;
  /** Times of entries that are no longer in the data. */
  kept: Readonly<Record<string, KeptTimes>>;
  /** What edits before this changed in the data. */
  edited?: readonly PlanEdit[];
  /** What was found while the text was read. */
  found?: readonly Mistake[];
}

/** Seed, variant and edits are applied in this order; variants are tried where nothing was edited. */
export function drawScenario(given: DrawInput, options: LoadOptions): LoadResult {
  const list = new MistakeList(given.places);
  list.all.push(...(given.found ?? []));
  const seeded = options.seed === undefined ? [] : [seedEdit(options.seed)];
  const input = { ...given, data: applyEdits(given.data, seeded, list) };
  const edits = [...editsOfVariant(input, options, list), ...(options.edits ?? [])];
  if (edits.length > 0) return finish(drawEdited(input, { edits, options, list }), list, options);
  const plan = drawData(input, { options, list, judged: { proven: provenIn(input.data) } });
  checkMustBreak(input.data, list);
  const whole = list.count === 0 ? readShape(scenarioShape, withoutNulls(input.data), list) : null;
  if (whole !== null) checkUnbroken(whole, list);
  const variants = valueAt(input.data, ['variants']);
  const isSound = list.count === 0;
  for (const id of isRecord(variants) ? Object.keys(variants) : []) tryVariant(input, { id, isSound, options, list });
  return finish(plan, list, options);
}

/** Sorts what was found; `strict` makes mistakes of warnings. */
export function finish(plan: Plan | null, list: MistakeList, { strict = false }: LoadOptions): LoadResult {
  const all = inTextOrder(list.all).map((mistake): Mistake => (strict ? { ...mistake, severity: 'mistake' } : mistake));
  const mistakes = all.filter(({ severity }) => severity === 'mistake');
  return {
    plan: mistakes.length > 0 ? null : plan,
    mistakes,
    warnings: all.filter(({ severity }) => severity === 'warning'),
  };
}

/** By file in order of first appearance, then by place. */
function inTextOrder(mistakes: readonly Mistake[]): Mistake[] {
  const files = [...new Set(mistakes.map(({ file }) => file))];
  return [...mistakes].sort(
    (left, right) =>
      files.indexOf(left.file) - files.indexOf(right.file) || left.line - right.line || left.column - right.column,
  );
}

interface EditedDraw {
  edits: readonly Edit[];
  options: LoadOptions;
  list: MistakeList;
  judged?: Judged;
}

function drawEdited(input: DrawInput, { edits, options, list, judged = null }: EditedDraw): Plan | null {
  const edited = [...(input.edited ?? [])];
  const data = applyEdits(input.data, edits, list, edited);
  return drawData({ ...input, data, edited, kept: { ...input.kept, ...timesOf(input) } }, { options, list, judged });
}

interface Draw {
  options: LoadOptions;
  list: MistakeList;
  /** What its expectations are asked. */
  judged: Judged;
}

function drawData(input: DrawInput, { options, list, judged }: Draw): Plan | null {
  const data = withoutNulls(input.data);
  const read = readScenario(data, list);
  if (read === null) return null;
  const { scenario } = read;
  const before = list.all.length;
  const imports = new Imports(input.read);
  const tables = valueAt(data, ['data', 'tables']);
  const metrics = options.metrics?.map((metric) => (typeof metric === 'string' ? { name: metric } : metric)) ?? null;
  const drafted = draftPlan({
    scenario,
    file: input.file,
    version: options.version,
    dialects: options.dialects,
    list,
    imports,
    kept: input.kept,
    tableCount: isRecord(tables) ? Object.keys(tables).length : 0,
    expect: { metrics, laws: options.laws ?? null },
  });
  if (drafted !== null && isKnown(read, list)) {
    const rules = options.dialects.find(({ name }) => name === drafted.database.split('@')[0]) ?? null;
    judgeExpectations({ plan: drafted, rules, metrics: metrics ?? [], list }, judged);
  }
  list.dropFrom(before, (mistake, path) => followsFrom(mistake, path, read));
  if (drafted === null || list.count > 0) return null;
  const { usedKept, ...plan } = drafted;
  for (const id of usedKept)
    plan.assumptions.push(`${id} was removed by an edit; what refers to it keeps the time that it had`);
  const source: Plan['source'] = {
    file: input.file,
    scenario: input.data,
    imports: imports.texts,
    variants: planVariants(scenario, list),
  };
  if (input.edited !== undefined && input.edited.length > 0) source.edits = [...input.edited];
  if (usedKept.length > 0) source.kept = Object.fromEntries(usedKept.map((id) => [id, input.kept[id]]));
  return { ...plan, source };
}

/** Sections that change nothing of what can happen in a run. */
function isBeside([section]: Path): boolean {
  return ['name', 'story', 'tags', 'expect', 'variants', 'observe'].includes(String(section));
}

/** Is what happens in the run as it was written? Where something is wrong with it nobody knows what could. */
function isKnown({ taken, guessed }: Read, { all, steps }: MistakeList): boolean {
  const isAmiss = (mistake: Mistake): boolean => mistake.severity === 'mistake' && !isBeside(steps.get(mistake) ?? []);
  return [...taken, ...guessed].every(isBeside) && !all.some(isAmiss);
}

/** The expectations that some variant is said to break. */
function provenIn(data: unknown): string[] {
  const variants = valueAt(data, ['variants']);
  return isRecord(variants) ? Object.keys(variants).flatMap((id) => mustBreak(data, id)) : [];
}

function mustBreak(data: unknown, variant: string): string[] {
  const names = valueAt(data, ['variants', variant, 'must_break']);
  return Array.isArray(names) ? names.map(String) : [];
}

interface Read {
  scenario: Scenario;
  taken: Path[];
  guessed: Path[];
}

/** The scenario by its shape; what is refused is mended or left out, so that all else is checked too. */
function readScenario(data: unknown, list: MistakeList): Read | null {
  const before = list.all.length;
  const whole = readShape(scenarioShape, data, list);
  if (whole !== null) return { scenario: whole, taken: [], guessed: [] };
  const changed: Omit<Read, 'scenario'> = { taken: [], guessed: [] };
  let rest = data;
  let refused = refusedIn(list, before);
  const named = refused;
  list.dropFrom(before, ({ code, suggestion }, path) => isMisspelt({ code, suggestion, path }, named));
  for (const width of ['key', 'key', 'entry', 'entry'] as const) {
    const pruned = pruneRefused(rest, refused, width, list);
    if (pruned === null) return null;
    rest = pruned.data;
    changed.taken.push(...pruned.taken);
    changed.guessed.push(...pruned.guessed);
    const scratch = new MistakeList(list.places);
    const scenario = readShape(scenarioShape, rest, scratch);
    if (scenario !== null) return { scenario, ...changed };
    refused = refusedIn(scratch, 0);
    // What stood in a part that could only be checked now.
    scratch.dropFrom(0, (mistake, path) => followsFrom(mistake, path, changed) || list.has(mistake));
    for (const mistake of scratch.all) list.take(mistake, scratch);
  }
  return null;
}

function refusedIn(list: MistakeList, from: number): Refused[] {
  return list.all
    .slice(from)
    .map((mistake) => ({ path: list.steps.get(mistake) ?? [], code: mistake.code, suggestion: mistake.suggestion }));
}

function seedEdit(seed: string): Edit {
  return { kind: 'set', path: 'seed', value: seed, place: optionPlace(`--seed ${seed}`) };
}

function editsOfVariant({ data, places }: DrawInput, { variant }: LoadOptions, list: MistakeList): Edit[] {
  if (variant === undefined) return [];
  const edit = valueAt(data, ['variants', variant, 'edit']);
  if (isRecord(edit)) return variantEdits(edit, (path) => places.at(['variants', variant, 'edit', path], 'key'));
  const variants = valueAt(data, ['variants']);
  const names = isRecord(variants) ? Object.keys(variants) : [];
  const better = nearestName(variant, names);
  const mistake: Mistake = {
    code: 'E106',
    severity: 'mistake',
    ...optionPlace(`--variant ${variant}`),
    path: `variants.${variant}`,
    message: `no variant "${variant}"`,
    expected: names.length === 0 ? 'the scenario has no variants' : `one of ${names.join(', ')}`,
  };
  list.all.push(better === null ? mistake : { ...mistake, suggestion: better });
  return [];
}

/** Draws the variant and throws the plan away: what is wrong with its edits is a mistake of this scenario. */
function tryVariant(
  input: DrawInput,
  { id, isSound, options, list }: { id: string; isSound: boolean; options: LoadOptions; list: MistakeList },
): void {
  const nested = new MistakeList(input.places.fork());
  for (const name of list.silenced) nested.silenced.add(name);
  const edits = editsOfVariant(input, { ...options, variant: id }, nested);
  const judged = { variant: id, mustBreak: mustBreak(input.data, id) };
  drawEdited({ ...input, places: nested.places }, { edits, options, list: nested, judged });
  const known = new Set(list.all.map(({ code, path }) => `${code} ${path}`));
  for (const mistake of nested.all) {
    // A setting that nobody knows changes nothing: as the point of a variant it is a slip.
    const matters = mistake.severity === 'mistake' || mistake.code === 'S205';
    // Of an entry that the variant removes nobody knows the times where something is wrong with the scenario itself.
    const follows = !isSound && mistake.code === 'S136';
    if (matters && !follows && !known.has(`${mistake.code} ${mistake.path}`))
      list.all.push({ ...mistake, severity: 'mistake', message: `variant ${id}: ${mistake.message}` });
  }
}

function optionPlace(file: string): Place {
  return { file, line: 0, column: 0, length: file.length };
}

/** The times of all entries as they are before any edit. */
function timesOf({ data, places, kept }: DrawInput): Record<string, KeptTimes> {
  const list = new MistakeList(places);
  const scenario = readScenario(withoutNulls(data), list)?.scenario;
  if (scenario === undefined) return {};
  const start = scenario.start === undefined ? null : parseInstant(scenario.start);
  const times = new Times({
    scenario,
    seed: scenario.seed ?? DEFAULT_SEED,
    epochMicros: isUnitProblem(start) ? null : start,
    kept,
    list,
  });
  return times.all();
}
