/**
 * Loads plan.json. Without seed, variant or edits the plan is taken as it is, so it runs the same although the scenario's
 * text has changed since; with them it is drawn again from the scenario and the imports that it embeds.
 */
import type { Mistake } from '../base/mistake.ts';
import { drawScenario, finish } from './draw-scenario.ts';
import { findJsonFault } from './json-scan.ts';
import type { LoadOptions, LoadResult } from './load-options.ts';
import { MistakeList, Places, isRecord } from './places.ts';
import type { Plan } from './plan.ts';
import { readShape } from './schema/issues.ts';
import { plan as planShape } from './schema/plan.ts';

export const MAX_PLAN_CHARACTERS = 256 * 1024 * 1024;
export const PLAN_FORMAT = 1;

export function loadPlan(file: string, text: string, options: LoadOptions): LoadResult {
  const list = new MistakeList(new Places(file, text.length > MAX_PLAN_CHARACTERS ? '' : text, null));
  const plan = readPlan(text, options, list);
  if (plan === null) return finish(null, list, options);
  const { seed, variant, edits = [] } = options;
  const unchanged = (seed === undefined || seed === plan.seed) && variant === undefined && edits.length === 0;
  return unchanged ? finish(plan, list, options) : drawAgain(file, plan, options);
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
      message: `a plan of format ${String(data['format'])}`,
      expected: `format ${PLAN_FORMAT}: draw it again from its scenario`,
    });
  if ('plan_hash' in data && 'fingerprint' in data)
    return refuse(list, {
      code: 'P102',
      message: 'a result, not a plan',
      expected: 'the plan.json that lies beside it',
    });
  if (readShape(planShape, data, list) === null) {
    for (const mistake of list.all) mistake.code = 'P104';
    return null;
  }
  const plan = data as unknown as Plan;
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

function parseJson(text: string, list: MistakeList): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const fault = findJsonFault(text) ?? { offset: 0, message: 'not JSON' };
    const place = list.places.range(fault.offset, fault.offset + 1);
    list.all.push({
      ...blank(list),
      ...place,
      code: 'P101',
      message: `not a whole plan: ${fault.message}`,
      expected: 'JSON',
    });
    return undefined;
  }
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

/** The scenario's text is not here: its lines come from the plan before. */
function keepPlaces(drawn: Plan, before: Plan): void {
  for (const [id, expectation] of Object.entries(drawn.expect)) {
    const old = Object.hasOwn(before.expect, id) ? before.expect[id] : undefined;
    if (old !== undefined) Object.assign(expectation, { line: old.line, column: old.column });
  }
  for (const [id, variant] of Object.entries(drawn.source.variants))
    variant.line = before.source.variants[id]?.line ?? 0;
}
