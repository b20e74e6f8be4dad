/** JSON Schemas of the files, for editors and for programs; made from the schemas that the program itself uses. */
import { z } from 'zod';
import { plan } from './schema/plan.ts';
import { scenario } from './schema/scenario.ts';

export function scenarioSchema(): object {
  return { title: 'Reconverge scenario, format 1', ...z.toJSONSchema(scenario, { target: 'draft-7', io: 'input' }) };
}

export function planSchema(): object {
  return { title: 'Reconverge plan, format 1', ...z.toJSONSchema(plan, { target: 'draft-7', io: 'input' }) };
}
