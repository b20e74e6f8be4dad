/** What a plan's writes and faults are like, as far as shortcuts turn on it: plain writes alone, timestamps that rise. */
import type { Plan } from '../scenario/plan.ts';

/** Do timestamps fail to rise with ids: skewed clocks, or damage that copies a timestamp? */
export function isSkewed(plan: Plan): boolean {
  return plan.entries.some(
    (entry) =>
      entry.kind === 'skewClock' ||
      (entry.kind === 'divergeLoaded' && entry.copy === 'older') ||
      (entry.kind === 'damageCopy' && entry.what === 'corrupt'),
  );
}

/** Nothing but writes that live for ever? */
export function isPlain({ workload, tables, entries }: Plan): boolean {
  const deletes = Object.values(workload).some(
    ({ mix, ttl_seconds: ttl, arrivals }) =>
      arrivals.kind === 'trace' ||
      ttl > 0 ||
      mix.delete_cell + mix.delete_row + mix.delete_range + mix.delete_partition > 0,
  );
  return (
    !deletes &&
    tables.every((table) => table.default_ttl_seconds === 0) &&
    !entries.some(
      (entry) =>
        entry.kind === 'damageCopy' ||
        entry.kind === 'divergeLoaded' ||
        (entry.kind === 'crashNode' && entry.mode === 'disk-lost'),
    )
  );
}
