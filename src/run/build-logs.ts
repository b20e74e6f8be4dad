/** The commit log of each node, by its settings (cassandra.f1 to f3): how logs are made, and when one was last synced. */
import type { Rules } from '../base/rules.ts';
import { draw32, streamKey } from '../kernel/random.ts';
import { PeriodicLog, SyncedLog, type Durability } from '../replica/durability.ts';
import type { Plan } from '../scenario/plan.ts';
import { Settings } from './settings.ts';

const SECOND = 1_000_000;
const MARKER_MICROS = 100_000;

export interface Logs {
  newLog: (node: number) => Durability;
  /** When the node's log was last synced at or before `micros`. */
  lastSync: (node: number, micros: number) => number;
}

export function buildLogs(plan: Plan, rules: Rules): Logs {
  const phaseKey = streamKey(plan.seed, 'log-phase');
  const phases = plan.nodes.map((_node, index) => draw32(phaseKey.k0, phaseKey.k1, index) % (10 * SECOND));
  const periods = plan.nodes.map((node) => new Settings(plan, node).number('commitlog_sync_period', 10 * SECOND));
  // cassandra.f1: synced before every acknowledgement. cassandra.f3 off: what is appended is durable at once.
  const synced = plan.nodes.map(
    (node) => new Settings(plan, node).text('commitlog_sync', 'periodic') !== 'periodic' || rules.isOff('cassandra.f3'),
  );
  return {
    newLog: (node) =>
      synced[node]
        ? new SyncedLog()
        : new PeriodicLog({
            syncMicros: periods[node],
            fsyncMicros: plan.devices.fsync_micros,
            phaseMicros: phases[node],
            markerMicros: MARKER_MICROS,
          }),
    lastSync: (node, micros) =>
      synced[node] ? micros : Math.floor((micros - phases[node]) / periods[node]) * periods[node] + phases[node],
  };
}
