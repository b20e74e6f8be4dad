/**
 * Loads plan.json. Without seed, variant or edits the plan is taken as it is, so it runs the same although the scenario's
 * text has changed since; with them it is drawn again from the scenario and the imports that it embeds.
 */
import type { Mistake } from '../base/mistake.ts';
import { otherFormat } from '../base/other-format.ts';
import { drawScenario, finish } from './draw-scenario.ts';
import { checkPlan } from './check-plan/check-plan.ts';
import { jsonPathText, jsonRange } from './json-place.ts';
import { findJsonDepth, findJsonFault } from './json-scan.ts';
import type { LoadOptions, LoadResult } from './load-options.ts';
import { MistakeList, Places, isRecord } from './places.ts';
import type { Plan } from './plan.ts';
import { readShape } from './schema/issues.ts';
import { plan as planShape } from './schema/plan.ts';

export const MAX_PLAN_CHARACTERS = 256 * 1024 * 1024;
export const PLAN_FORMAT = 1;
/** Each is searched for in the text, which may be large. */
const MAX_LOCATED = 100;

export type PlanOptions = Pick<LoadOptions, 'dialects' | 'metrics' | 'laws' | 'strategies'>;

export function loadPlan(file: string, text: string, options: LoadOptions): LoadResult {
  const list = new MistakeList(new Places(file, text.length > MAX_PLAN_CHARACTERS ? '' : text, null));
  const plan = readPlan(text, options, list);
  if (plan === null) return finish(null, list, options);
  const { seed, variant, edits = [] } = options;
  const unchanged = (seed === undefined || seed === plan.seed) && variant === undefined && edits.length === 0;
  return unchanged ? finish(plan, list, options) : drawAgain(file, plan, options);
}

/** What is wrong with an object that is to be run; `name` stands where a file's name would. */
export function mistakesOfPlan(name: string, data: unknown, options: PlanOptions): Mistake[] {
  const list = new MistakeList(new Places(name, '', null));
  readPlanData(data, options, list);
  locate(list, null);
  return list.all.filter(({ severity }) => severity === 'mistake');
}

function readPlan(text: string, options: LoadOptions, list: MistakeList): Plan | null {
  if (text.length > MAX_PLAN_CHARACTERS) {
    return refuse(list, {
      code: 'P106',
      message: `the file has ${text.length} characters, more than a plan may have`,
      expected: `at most ${MAX_PLAN_CHARACTERS}`,
    });
  }
  const data = parseJson(text, list);
  if (data === undefined) return null;
  if (!isRecord(data) || !('format' in data))
    return refuse(list, {
      code: 'P102',
      message: 'not a plan: it has no format',
      expected: `a plan.json of format ${PLAN_FORMAT}`,
    });
  if (data['format'] !== PLAN_FORMAT)
    return refuse(list, {
      code: 'P103',
      ...otherFormat({
        ...{ what: 'a plan', format: data['format'], known: PLAN_FORMAT },
        renew: 'draw it again from its scenario',
      }),
    });
  if ('plan_hash' in data && 'fingerprint' in data)
    return refuse(list, {
      code: 'P102',
      message: 'a result, not a plan',
      expected: 'the plan.json that lies beside it',
    });
  const plan = readPlanData(data, options, list);
  locate(list, text);
  if (plan === null) return null;
  if (lineOf(plan.version) !== lineOf(options.version)) {
    list.all.push({
      ...blank(list),
      code: 'P105',
      severity: 'warning',
      message: `the plan was drawn by Reconverge ${plan.version}, this is ${options.version}: the run may differ`,
    });
  }
  return plan;
}

/** The plan that data holds, shape and sense; null after a mistake. Of the paths in `list` only the steps are known. */
function readPlanData(data: unknown, options: PlanOptions, list: MistakeList): Plan | null {
  if (readShape(planShape, data, list) === null) {
    for (const mistake of list.all) mistake.code = 'P104';
    return null;
  }
  const plan = data as Plan;
  const { dialects, metrics, laws = null, strategies = null } = options;
  const facts = metrics?.map((metric) => (typeof metric === 'string' ? { name: metric } : metric)) ?? null;
  checkPlan(plan, { dialects, known: { metrics: facts, laws, strategies }, list });
  return list.count > 0 ? null : plan;
}

/** Names the path of each mistake as JSON has it, and its place where there is a text. */
function locate(list: MistakeList, text: string | null): void {
  const more = list.all.length - MAX_LOCATED;
  list.all.length = Math.min(list.all.length, MAX_LOCATED);
  for (const mistake of list.all) {
    const steps = list.steps.get(mistake);
    if (steps === undefined) continue;
    mistake.path = jsonPathText(steps);
    if (mistake.path !== '') mistake.message = `${mistake.path}: ${mistake.message}`;
    if (text === null) continue;
    const { start, end } = jsonRange(text, steps);
    Object.assign(mistake, list.places.range(start, end));
  }
  if (more > 0) list.all.push({ ...blank(list), code: 'P104', message: `${more} more mistakes in this plan` });
}

function parseJson(text: string, list: MistakeList): unknown {
  const deep = findJsonDepth(text);
  try {
    if (deep === null) return JSON.parse(text);
  } catch {
    // Its place is looked for below.
  }
  const fault = deep ?? findJsonFault(text) ?? { offset: 0, message: 'not JSON' };
  list.all.push({
    ...blank(list),
    ...list.places.range(fault.offset, fault.offset + 1),
    code: 'P101',
    message: deep === null ? `not a whole plan: ${fault.message}` : `not a plan: ${fault.message}`,
    expected: deep === null ? 'JSON to its end: run its scenario again' : 'a plan.json as a run writes it',
  });
  return undefined;
}

function refuse(list: MistakeList, finding: Pick<Mistake, 'code' | 'message'> & { expected: string }): null {
  list.all.push({ ...blank(list), ...finding });
  return null;
}

function blank(list: MistakeList): Mistake {
  return { code: '', severity: 'mistake', ...list.places.at([]), path: '', message: '' };
}

/** `0.3.1` → `0.3` */
function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function drawAgain(file: string, plan: Plan, options: LoadOptions): LoadResult {
  const { source } = plan;
  const read = (path: string): { text: string } | { error: string } =>
    Object.hasOwn(source.imports, path) ? { text: source.imports[path] } : { error: 'it is not embedded in the plan' };
  const places = new Places(file, '', null);
  const result = drawScenario(
    { file: source.file, data: source.scenario, places, read, kept: source.kept ?? {}, edited: source.edits ?? [] },
    options,
  );
  if (result.plan !== null) keepPlaces(result.plan, plan);
  return result;
}

function placeOf({ line, file }: { line: number; file?: string }): { line: number; file?: string } {
  return file === undefined ? { line } : { line, file };
}

/** The scenario's text is not here: its lines come from the plan before. */
function keepPlaces(drawn: Plan, before: Plan): void {
  for (const [id, expectation] of Object.entries(drawn.expect)) {
    const old = Object.hasOwn(before.expect, id) ? before.expect[id] : undefined;
    if (old !== undefined) Object.assign(expectation, placeOf(old), { column: old.column });
  }
  for (const [id, variant] of Object.entries(drawn.source.variants))
    Object.assign(variant, placeOf(before.source.variants[id] ?? { line: 0 }));
}
