/** Tables whose copies differ at time 0: an entry for each, so that the difference has an origin of its own. */
import { selectTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { PlanEntry } from './plan.ts';

export function draftDivergedLoads(drafting: Drafting): PlanEntry[] {
  const { scenario, tables, list } = drafting;
  return Object.entries(scenario.data.tables).flatMap(([id, { loaded }]): PlanEntry[] => {
    if (typeof loaded !== 'object' || !tables.some((table) => table.id === id)) return [];
    const path = ['data', 'tables', id, 'loaded', 'diverged'];
    const { share, copy = 'missing' } = loaded.diverged;
    const nodes = selectTargets(drafting, loaded.diverged, path);
    if (share <= 0) {
      list.add([...path, 'share'], { code: 'S117', message: 'a share of 0 diverges nothing', expected: 'above 0' });
      return [];
    }
    return [{ id: `data.tables.${id}`, at_micros: 0, kind: 'divergeLoaded', table: id, share, nodes, copy }];
  });
}
