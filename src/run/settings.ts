/**
 * Reads the plan's resolved settings with the types that the parts want. Names are the database's own; a setting that the
 * plan does not carry has the value by which the database's version acts where it has no such setting, else the one named
 * at the call, which is Cassandra 4.1's default (cassandra.g).
 */
import { fixedSettings } from '../dialect/index.ts';
import type { HandoffSettings } from '../replica/handoff-switches.ts';
import type { Plan, PlanNode, SettingValue } from '../scenario/plan.ts';

export class Settings {
  readonly #values: Readonly<Record<string, SettingValue>>;

  constructor(plan: Plan, node: PlanNode | null = null) {
    this.#values = { ...fixedSettings(plan.database), ...plan.settings, ...(node?.settings ?? {}) };
  }

  number(name: string, fallback: number): number {
    const value = this.#values[name];
    return typeof value === 'number' ? value : fallback;
  }

  /** null = unset; a flag is 1 or 0. */
  optional(name: string): number | null {
    const value = this.#values[name];
    if (typeof value === 'boolean') return value ? 1 : 0;
    return typeof value === 'number' ? value : null;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#values[name];
    return typeof value === 'boolean' ? value : fallback;
  }

  text(name: string, fallback: string): string {
    const value = this.#values[name];
    return typeof value === 'string' ? value : fallback;
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }
}

const MIB = 1024 * 1024;
const HOUR_MICROS = 3_600_000_000;

/** The settings that a run may change, as the node's file has them. */
export function changeableSettings(plan: Plan, node: PlanNode): Record<string, SettingValue> {
  const settings = new Settings(plan, node);
  return {
    hinted_handoff_enabled: settings.flag('hinted_handoff_enabled', true),
    hinted_handoff_disabled_datacenters: [...settings.texts('hinted_handoff_disabled_datacenters')],
    max_hint_window: settings.number('max_hint_window', 3 * HOUR_MICROS),
    hinted_handoff_throttle: settings.number('hinted_handoff_throttle', MIB),
    compaction_throughput: settings.number('compaction_throughput', 64 * MIB),
    stream_throughput_outbound: settings.number('stream_throughput_outbound', 24 * MIB),
    inter_dc_stream_throughput_outbound: settings.number('inter_dc_stream_throughput_outbound', 24 * MIB),
  };
}

/** What a node lets its background work have at most, bytes per second by name; 0: no limit. */
export type Throttles = Readonly<Record<'compaction' | 'stream' | 'interDc', { name: string; bytesPerSecond: number }>>;

/** What background work of a node of a ring may have at most. */
export function ringThrottles(plan: Plan, node: PlanNode): Throttles {
  const settings = changeableSettings(plan, node);
  const named = (name: string): Throttles['stream'] => ({ name, bytesPerSecond: Number(settings[name]) });
  return {
    compaction: named('compaction_throughput'),
    stream: named('stream_throughput_outbound'),
    interDc: named('inter_dc_stream_throughput_outbound'),
  };
}

/** What such values say of hinted handoff; `dcs` are the names of the data centres by their numbers. */
export function handoffOf(values: Readonly<Record<string, SettingValue>>, dcs: readonly string[]): HandoffSettings {
  const disabled = values['hinted_handoff_disabled_datacenters'];
  return {
    enabled: values['hinted_handoff_enabled'] !== false,
    disabledDcs: (Array.isArray(disabled) ? disabled : []).map((dc) => dcs.indexOf(dc)),
    windowMicros: Number(values['max_hint_window']),
    throttleBytesPerSecond: Number(values['hinted_handoff_throttle']),
  };
}
