/** Causes of divergence that settings and switched-off rules exclude, each with the reason. Only what is certain. */
import type { Plan, SettingValue } from '../../scenario/plan.ts';

/** By each of these a queue takes nothing more. */
const REFUSING = ['influxdb.3.3-max-size', 'influxdb.3.1-pending', 'influxdb.3.2-no-room'];

export function impossibleCauses(plan: Omit<Plan, 'source'>): Record<string, string> {
  const nodes = plan.nodes.map((node): Readonly<Record<string, SettingValue>> => ({
    ...plan.settings,
    ...node.settings,
  }));
  const every = (name: string, holds: (value: SettingValue) => boolean): boolean =>
    nodes.every((settings) => holds(settings[name] ?? null));
  const endMicros = plan.duration_micros + plan.settle_micros;
  const reasons: Record<string, string> = { hint_window_passed: 'this database has no hint window' };
  if (every('hinted-handoff.enabled', (value) => value === true)) reasons.hints_off = 'hinted handoff is on everywhere';
  if (every('hinted-handoff.enabled', (value) => value === false))
    for (const cause of ['hint_pending', 'hint_expired', 'hint_queue_full', 'hint_lost'])
      reasons[cause] = 'hinted handoff is off';
  if (plan.model.off.includes('influxdb.3.4-max-age')) reasons.hint_expired ??= 'rule influxdb.3.4-max-age is off';
  if (REFUSING.every((rule) => plan.model.off.includes(rule)))
    reasons.hint_queue_full ??= `rules ${REFUSING.join(', ')} are off`;
  if (every('hinted-handoff.max-age', (value) => typeof value === 'number' && value >= endMicros))
    reasons.hint_expired ??= 'hinted-handoff.max-age is as long as the run';
  return reasons;
}
