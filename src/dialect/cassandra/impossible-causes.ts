/**
 * Causes of divergence that settings and switched-off rules exclude, each with the reason: an expectation about one of them
 * means nothing. Only what is certain. Sources: cassandra.e2 and e4 (when a hint is refused), e11, e18 and f (what takes
 * them), e17 (how long they live), h1 (what may be purged), f1.
 */
import { isTopologyEntry, losesDisk } from '../../scenario/entry-kinds.ts';
import type { Plan, PlanEntry, SettingValue } from '../../scenario/plan.ts';

type Settings = Readonly<Record<string, SettingValue>>;

export function impossibleCauses(plan: Omit<Plan, 'source'>): Record<string, string> {
  const isOff = (rule: string): boolean => plan.model.off.includes(`cassandra.${rule}`);
  const nodes = plan.nodes.map((node): Settings => ({ ...plan.settings, ...node.settings }));
  const endMicros = plan.duration_micros + plan.settle_micros;
  const reasons: Record<string, string> = { ...reasonsOfHints(plan, nodes) };
  const say = (cause: string, when: boolean, reason: string): void => {
    if (when && !Object.hasOwn(reasons, cause)) reasons[cause] = reason;
  };
  say('hint_window_passed', isOff('e4'), 'rule cassandra.e4 is off');
  const windows = nodes.map((settings) => settings['max_hint_window']);
  const isLong = windows.every((window) => typeof window === 'number' && window >= endMicros);
  // A window that somebody changes in the run may be shorter then.
  const windowChanges = changes(plan, 'max_hint_window');
  say('hint_window_passed', isLong && !windowChanges, 'max_hint_window is as long as the run');
  const sizes = nodes.map((settings) => settings['max_hints_size_per_host']);
  say('hint_queue_full', sizes.every(isUnlimited), 'max_hints_size_per_host sets no limit');
  const onlyCrashesTake = isOff('e11') && !plan.entries.some(takesHints);
  say('hint_lost', onlyCrashesTake, 'rule cassandra.e11 is off, and nothing else takes hints');
  say('hint_expired', isOff('e17'), 'rule cassandra.e17 is off');
  const lowered = plan.entries.some((entry) => entry.kind === 'alterTable' && entry.gc_grace_micros <= endMicros);
  const outlast = !lowered && plan.tables.every((table) => table.gc_grace_micros > endMicros);
  say('hint_expired', outlast, 'gc_grace, the life of a hint, is longer than the run');
  say('tombstone_purged', isOff('h1'), 'rule cassandra.h1 is off');
  say('tombstone_purged', outlast, 'gc_grace is longer than the run');
  return reasons;
}

/** Whether hints are refused from the start, everywhere or nowhere. */
function reasonsOfHints(plan: Omit<Plan, 'source'>, nodes: readonly Settings[]) {
  const { nodes: places, model, workload } = plan;
  if (changes(plan, 'hinted_handoff_enabled') || changes(plan, 'hinted_handoff_disabled_datacenters')) return {};
  const dcs = [...new Set(places.map(({ dc }) => dc))];
  const isRuleOff = model.off.includes('cassandra.e2');
  if (!isRuleOff && nodes.every((settings) => isOpen(settings)))
    return { hints_off: 'hinted handoff is on everywhere' };
  const noneOffered = isRuleOff || nodes.every((settings) => isShut(settings, dcs));
  if (!noneOffered) return {};
  const reason = isRuleOff ? 'rule cassandra.e2 is off' : 'hinted handoff is off';
  const refusals = { hint_window_passed: reason, hint_queue_full: reason };
  // The batchlog writes hints whatever the switch says (cassandra.e2).
  const areKept = !isRuleOff && Object.values(workload).some(({ batch }) => batch?.logged === true);
  if (areKept) return refusals;
  const stored = { ...refusals, hint_pending: reason, hint_expired: reason };
  // For a node that is gone nobody asks whether hints are on: what it missed last is lost with it.
  return plan.entries.some(isTopologyEntry) ? stored : { ...stored, hint_lost: reason };
}

/** What loses hints without the crash of e11: their files (f-hints-lost, e20-truncate, g-disk-lost), or the nodes they are
 * of and for (e16, e18). */
function takesHints(entry: PlanEntry): boolean {
  return entry.kind === 'loseHints' || entry.kind === 'truncateHints' || losesDisk(entry) || isTopologyEntry(entry);
}

/** Does an operation change the setting while the run goes on? */
function changes({ entries }: Omit<Plan, 'source'>, name: string): boolean {
  return entries.some((entry) => {
    if (entry.kind === 'changeSettings' && entry.dc_hints !== null) return true;
    return (entry.kind === 'changeSettings' || entry.kind === 'restartNode') && Object.hasOwn(entry.settings, name);
  });
}

function isOpen(settings: Settings): boolean {
  return settings['hinted_handoff_enabled'] !== false && disabledDcs(settings).length === 0;
}

function isShut(settings: Settings, dcs: readonly string[]): boolean {
  const disabled = disabledDcs(settings);
  return settings['hinted_handoff_enabled'] === false || dcs.every((dc) => disabled.includes(dc));
}

function disabledDcs(settings: Settings): readonly string[] {
  const names = settings['hinted_handoff_disabled_datacenters'];
  return Array.isArray(names) ? names : [];
}

function isUnlimited(size: SettingValue | undefined): boolean {
  return typeof size !== 'number' || size <= 0;
}
