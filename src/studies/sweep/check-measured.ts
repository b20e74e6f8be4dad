/** Is there what a study measures? Nodes, tables and entries that `where` names, against the scenario as it is written. */
import type { Mistake } from '../../base/mistake.ts';
import { CAUSES, STATES } from '../../data/causes.ts';
import { nearestName } from '../../scenario/nearest.ts';
import { MistakeList } from '../../scenario/places.ts';
import type { Places } from '../../scenario/places.ts';
import type { Plan } from '../../scenario/plan.ts';
import type { Study } from './study.ts';

/** Repairs may be a factor: those of each cell are another matter. */
export function checkMeasured({ measures }: Pick<Study, 'measures'>, plan: Plan, places: Places): Mistake[] {
  const list = new MistakeList(places);
  const known: Readonly<Record<string, readonly string[]>> = {
    cause: CAUSES,
    state: STATES,
    node: plan.nodes.map(({ id }) => id),
    table: plan.tables.map(({ id }) => id),
    probe: Object.keys(plan.probes),
    workload: Object.keys(plan.workload),
  };
  for (const [index, { where }] of measures.entries()) {
    for (const [key, names] of Object.entries(known)) {
      const name: unknown = where[key as keyof typeof where];
      if (typeof name !== 'string' || names.includes(name)) continue;
      const better = nearestName(name, [...names]);
      list.add(['measure', index, 'where', key], {
        code: 'T111',
        message: `unknown ${key} "${name}"`,
        expected: names.length === 0 ? `there is no ${key}` : `one of ${names.slice(0, 12).join(', ')}`,
        found: name,
        ...(better === null ? {} : { suggestion: better }),
      });
    }
  }
  return list.all;
}
