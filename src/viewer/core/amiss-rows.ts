/** The rows that are amiss at a moment, on all nodes or one: how many by cause, and the first of them by name. */
import { CAUSES, STATES, WRONGS } from '../../data/causes.ts';
import { causeOf, originOf, stateOf } from '../../data/fate.ts';
import type { Plan } from '../../scenario/plan.ts';
import { momentAsked, WatchedRun } from '../../studies/explain/watched-run.ts';
import { rowName } from '../../studies/page-watch.ts';
import type { AmissRow, AmissRows } from './requests.ts';

const ROWS_MAX = 20;

export interface AmissAsked {
  node: number | null;
  atMicros: number;
  onShare: (share: number) => void;
}

export function amissRows(plan: Plan, { node, atMicros, onShare }: AmissAsked): AmissRows {
  const run = new WatchedRun(plan, [], onShare);
  run.runTo(momentAsked(plan, atMicros).until);
  const { names, world } = run;
  const rows = new Map<number, AmissRow>();
  const groups = new Map<string, AmissRows['groups'][number]>();
  const seen = new Set<number>();
  let copyCount = 0;
  run.census.forEach((found) => {
    if (node !== null && found.node !== node) return;
    copyCount += 1;
    seen.add(found.row);
    const fate = {
      cause: CAUSES[causeOf(found.status)] ?? 'none',
      state: STATES[stateOf(found.status)] ?? 'none',
      origin: names.origins[originOf(found.status)] ?? '',
    };
    const key = `${fate.cause} ${fate.state} ${fate.origin}`;
    const group = groups.get(key) ?? { ...fate, copies: 0 };
    group.copies += 1;
    groups.set(key, group);
    if (!rows.has(found.row) && rows.size >= ROWS_MAX) return;
    const row = rows.get(found.row) ?? { ...rowName(plan, world.tables, found), copies: [] };
    row.copies.push({ node: names.nodes[found.node], ...fate, wrong: WRONGS[found.wrong] });
    rows.set(found.row, row);
  });
  return {
    ...{ rows: [...rows.values()], rowCount: seen.size, copyCount },
    groups: [...groups.values()].sort((left, right) => right.copies - left.copies),
  };
}
