/**
 * What would have prevented a story: settings that its mechanism asks for, each to be tried by a real run of the edited
 * plan. Only what concerns the cause; that the fault itself need not have been, everybody knows.
 */
import type { CauseName } from '../../data/causes.ts';
import type { Plan, SettingValue } from '../../scenario/plan.ts';
import type { Story } from './explanation.ts';

/** An edit as on the command line; its paths are the scenario's. */
export type RemedyEdit = [option: 'set', value: string];

const HOUR = 3600e6;
/** influxdb.3.3-max-size: the default of influxdb.conf. */
const LARGE_QUEUE = '10g';
const TEN_G = 10 * 1024 * 1024 * 1024;
/** cassandra.g */
const DEFAULT_WINDOW = 3 * HOUR;

/** Who is asked: nodes by id. */
export interface Concerned {
  /** Those through which the writes went that the copies missed. */
  coordinators: readonly string[];
}

/** Edits that belong together, for each remedy. */
export function remediesFor(story: Story, plan: Plan, concerned: Concerned): RemedyEdit[][] {
  const edits = BY_CAUSE[story.cause]?.(plan, story, concerned) ?? [];
  return edits.length === 0 ? [] : [edits.map((value): RemedyEdit => ['set', value])];
}

type Remedies = (plan: Plan, story: Story, concerned: Concerned) => string[];

const BY_CAUSE: Partial<Record<CauseName, Remedies>> = {
  hint_window_passed: (plan, { origin }, { coordinators }) => {
    const hours = outageHours(plan, origin);
    const isShorter = (window: SettingValue | undefined): boolean => Number(window ?? DEFAULT_WINDOW) < hours * HOUR;
    return settingEdits(plan, coordinators, { name: 'max_hint_window', value: `${hours}h`, helps: isShorter });
  },
  hint_queue_full: (plan, _, { coordinators }) =>
    settingEdits(
      plan,
      coordinators,
      plan.points === undefined
        ? { name: 'max_hints_size_per_host', value: '0B', helps: (size) => size !== 0 }
        : {
            name: 'hinted-handoff.max-size',
            value: LARGE_QUEUE,
            helps: (size) => typeof size === 'number' && size < TEN_G,
          },
    ),
  hints_off: (plan, _, { coordinators }) =>
    settingEdits(plan, coordinators, { name: 'hinted_handoff_enabled', value: 'true', helps: (on) => on !== true }),
  lost_before_fsync: (plan, { by_node: nodes }) =>
    settingEdits(plan, Object.keys(nodes), { name: 'commitlog_sync', value: 'batch', helps: (how) => how !== 'batch' }),
  hint_expired: (plan, story, { coordinators }) =>
    plan.points === undefined
      ? graceRemedies(plan, story)
      : settingEdits(plan, coordinators, { name: 'hinted-handoff.max-age', ...longerThan(plan) }),
  tombstone_purged: graceRemedies,
};

interface Wanted {
  name: string;
  value: string;
  /** Would a node be better off with it that has this now? */
  helps: (now: SettingValue | undefined) => boolean;
}

/** Where each node has it from: a setting of its own hides that of the cluster. */
function settingEdits(plan: Plan, ids: readonly string[], { name, value, helps }: Wanted): string[] {
  const edits = new Set<string>();
  for (const { id, settings: own = {} } of plan.nodes) {
    if (!ids.includes(id) || !helps(own[name] ?? plan.settings[name])) continue;
    edits.add(`cluster.${Object.hasOwn(own, name) ? `node_settings.${id}` : 'settings'}.${name}=${value}`);
  }
  return [...edits];
}

/** A whole number of hours above the longest outage that the entry makes. */
function outageHours(plan: Plan, origin: string): number {
  const end = plan.duration_micros + plan.settle_micros;
  const lengths = plan.entries
    .filter(({ id }) => id === origin)
    .map((entry) => ('for_micros' in entry ? entry.for_micros : null) ?? end - entry.at_micros);
  return Math.floor(Math.max(...lengths, 0) / HOUR) + 1;
}

/** influxdb.3.4-max-age: no segment of the run grows so old. */
function longerThan({ duration_micros: duration, settle_micros: settle }: Plan): Pick<Wanted, 'value' | 'helps'> {
  const hours = Math.floor((duration + settle) / HOUR) + 1;
  return { value: `${hours}h`, helps: (age) => typeof age === 'number' && age < hours * HOUR };
}

/** Longer than the run: no tombstone of it is purged, no hint expires. */
function graceRemedies(plan: Plan, { by_table: tables }: Story): string[] {
  const hours = Math.floor((plan.duration_micros + plan.settle_micros) / HOUR) + 1;
  const names = Object.keys(tables);
  if (names.length !== 1) return [];
  const now = plan.tables.find(({ id }) => id === names[0])?.gc_grace_micros ?? 0;
  return now < hours * HOUR ? [`data.tables.${names[0]}.gc_grace=${hours}h`] : [];
}
