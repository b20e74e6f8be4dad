/**
 * What would have prevented a story: settings that its mechanism asks for, each to be tried by a real run of the edited
 * plan. Only what concerns the cause; that the fault itself need not have been, everybody knows.
 */
import type { CauseName } from '../../data/causes.ts';
import type { Plan } from '../../scenario/plan.ts';
import type { Story } from './explanation.ts';

/** An edit as on the command line. */
export type RemedyEdit = [option: 'set', value: string];

const HOUR = 3600e6;

export function remediesFor(story: Story, plan: Plan): RemedyEdit[] {
  return (BY_CAUSE[story.cause]?.(plan, story) ?? []).map((value): RemedyEdit => ['set', value]);
}

type Remedies = (plan: Plan, story: Story) => string[];

const BY_CAUSE: Partial<Record<CauseName, Remedies>> = {
  hint_window_passed: (plan, { origin }) => [`cluster.settings.max_hint_window=${outageHours(plan, origin)}h`],
  hint_queue_full: () => ['cluster.settings.max_hints_size_per_host=0B'],
  hints_off: () => ['cluster.settings.hinted_handoff_enabled=true'],
  lost_before_fsync: () => ['cluster.settings.commitlog_sync=batch'],
  hint_expired: graceRemedies,
  tombstone_purged: graceRemedies,
};

/** A whole number of hours above the longest outage that the entry makes. */
function outageHours(plan: Plan, origin: string): number {
  const end = plan.duration_micros + plan.settle_micros;
  const lengths = plan.entries
    .filter(({ id }) => id === origin)
    .map((entry) => ('for_micros' in entry ? entry.for_micros : null) ?? end - entry.at_micros);
  return Math.floor(Math.max(...lengths, 0) / HOUR) + 1;
}

/** Longer than the run: no tombstone of it is purged, no hint expires. */
function graceRemedies(
  { duration_micros: duration, settle_micros: settle }: Plan,
  { by_table: tables }: Story,
): string[] {
  const hours = Math.floor((duration + settle) / HOUR) + 1;
  const names = Object.keys(tables);
  return names.length === 1 ? [`data.tables.${names[0]}.gc_grace=${hours}h`] : [];
}
