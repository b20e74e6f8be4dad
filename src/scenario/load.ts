/**
 * From a scenario's text to a plan: the door to this folder. All mistakes at once; a plan only if there are none. The
 * same scenario and seed give the same plan, byte by byte.
 */
import { drawScenario, finish } from './draw-scenario.ts';
import { withBases } from './extends.ts';
import type { LoadOptions, LoadResult, ReadFile, ScenarioInput } from './load-options.ts';
import { MistakeList, isRecord } from './places.ts';
import { readYaml } from './yaml-source.ts';

export { isEdit, parseEdit } from './edit.ts';
export type { Edit, EditKind } from './edit.ts';
export { planSchema, scenarioSchema } from './json-schema.ts';
export type { LoadOptions, LoadResult, ScenarioInput } from './load-options.ts';
export { loadPlan, mistakesOfPlan } from './load-plan.ts';
export { planHash } from './plan-hash.ts';

/** Reads a scenario, applies seed, variant and edits in this order, and draws its plan. */
export function loadScenario(input: ScenarioInput, options: LoadOptions): LoadResult {
  const read: ReadFile = (path) => input.readFile(path);
  const { data, places, mistakes } = withBases(readYaml(input.file, input.text), read);
  if (isRecord(data)) return drawScenario({ file: input.file, data, places, read, kept: {}, found: mistakes }, options);
  const list = new MistakeList(places);
  list.all.push(...mistakes);
  if (mistakes.length === 0)
    list.add([], {
      code: 'S106',
      message: 'not a scenario: the file holds no map',
      expected: 'format: 1, database: …',
    });
  return finish(null, list, options);
}
