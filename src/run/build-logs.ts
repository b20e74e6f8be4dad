/** The commit log of each node, by its settings (cassandra.f1 to f3): how logs are made, and until when one survives a crash. */
import { behaviourOfDatabase } from '../dialect/cassandra/behaviours.ts';
import type { Rules } from '../base/rules.ts';
import { draw32, streamKey } from '../kernel/random.ts';
import { edgeBefore, PeriodicLog, SyncedLog, type Durability } from '../replica/durability.ts';
import type { Plan } from '../scenario/plan.ts';
import { Settings } from './settings.ts';

const SECOND = 1_000_000;

export interface Logs {
  newLog: (node: number) => Durability;
  /** Appends before this moment survive a crash at `micros`: of the process those before the last marker or sync, of the
   * power those before the last sync that was complete (the log's own rule, `replica/durability.ts`). */
  durableUntil: (node: number, micros: number, powerLoss: boolean) => number;
}

export function buildLogs(plan: Plan, rules: Rules): Logs {
  const phaseKey = streamKey(plan.seed, 'log-phase');
  const phases = plan.nodes.map((_node, index) => draw32(phaseKey.k0, phaseKey.k1, index) % (10 * SECOND));
  const periods = plan.nodes.map((node) => new Settings(plan, node).number('commitlog_sync_period', 10 * SECOND));
  // cassandra.f3: without markers of its own a log may replay what it has synced.
  const { logMarkerMicros } = behaviourOfDatabase(plan.database);
  const markers = periods.map((period) => logMarkerMicros ?? period);
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
            markerMicros: markers[node],
          }),
    durableUntil: (node, micros, powerLoss) => {
      if (synced[node]) return micros;
      const sync = edgeBefore(micros, periods[node], phases[node]);
      if (!powerLoss) return Math.max(sync, edgeBefore(micros, markers[node], phases[node]));
      return micros - sync >= plan.devices.fsync_micros ? sync : sync - periods[node];
    },
  };
}
