/** The commit log of each node, by its settings (cassandra.f1 to f3): how logs are made, until when one survives a crash, and
 * how long writes wait for it. */
import { behaviourOfDatabase } from '../dialect/cassandra/behaviours.ts';
import type { Rules } from '../base/rules.ts';
import { draw32, streamKey } from '../kernel/random.ts';
import { markerUpTo, PeriodicLog, SyncedLog, type Durability, type PeriodicTiming } from '../replica/durability.ts';
import { LogWaits, type LogMode } from '../replica/log-waits.ts';
import { SyncSchedule, type SlowSync } from '../replica/sync-schedule.ts';
import type { Plan } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import { Settings } from './settings.ts';

const SECOND = 1_000_000;

export interface Logs {
  newLog: (node: number) => Durability;
  /** Appends before this moment survive a crash at `micros`: of the process those before the last marker or sync, of the
   * power those before the last sync that was complete (the log's own rule, `replica/durability.ts`). */
  durableUntil: (node: number, micros: number, powerLoss: boolean) => number;
  /** Null where no write ever waits for its log. */
  waits: LogWaits | null;
}

interface NodeLog {
  mode: LogMode;
  /** Of a periodic log. */
  timing: PeriodicTiming | null;
}

export function buildLogs(plan: Plan, rules: Rules): Logs {
  const phaseKey = streamKey(seedFor(plan, 'rest'), 'log-phase');
  const nodes = plan.nodes.map((_node, node) =>
    nodeLog(plan, node, draw32(phaseKey.k0, phaseKey.k1, node) % (10 * SECOND)),
  );
  // cassandra.f3 off: what is appended is durable at once.
  const isSafe = rules.isOff('cassandra.f3');
  const timings = nodes.map(({ timing }) => (isSafe ? null : timing));
  const nobodyWaits = rules.isOff('cassandra.f1') || isSafe || !nodes.some(mayWait);
  return {
    newLog: (node) => {
      const timing = timings[node];
      return timing === null ? new SyncedLog() : new PeriodicLog(timing);
    },
    durableUntil: (node, micros, powerLoss) => {
      const timing = timings[node];
      if (timing === null) return micros;
      return powerLoss ? timing.schedule.syncedUpTo(micros) : markerUpTo(timing, micros);
    },
    waits: nobodyWaits ? null : new LogWaits(nodes.map(({ mode }) => mode)),
  };
}

function nodeLog(plan: Plan, node: number, phaseMicros: number): NodeLog {
  const settings = new Settings(plan, plan.nodes[node]);
  const slow = slowSyncs(plan, plan.nodes[node].id);
  const disk = { fsyncMicros: plan.devices.fsync_micros, slow, phaseMicros };
  const kind = settings.text('commitlog_sync', 'periodic');
  if (kind === 'batch') return { mode: { kind, timing: disk }, timing: null };
  if (kind === 'group') {
    const periodMicros = settings.number('commitlog_sync_group_window', SECOND);
    return { mode: { kind, schedule: new SyncSchedule({ ...disk, periodMicros }) }, timing: null };
  }
  const periodMicros = settings.number('commitlog_sync_period', 10 * SECOND);
  const schedule = new SyncSchedule({ ...disk, periodMicros });
  const lagBlockMicros = settings.number('periodic_commitlog_sync_lag_block', periodMicros * 1.5);
  // cassandra.f3: without markers of its own a log may replay what it has synced.
  const { logMarkerMicros } = behaviourOfDatabase(plan.database);
  const markerMicros = isBuffered(settings) ? null : logMarkerMicros;
  return {
    mode: { kind: 'periodic', schedule, lagBlockMicros },
    timing: { schedule, markerMicros, phaseMicros },
  };
}

/** cassandra.f3: what is compressed, encrypted or written by direct I/O lies in the process's memory until a sync. */
function isBuffered(settings: Settings): boolean {
  const isDirect = ['direct', 'auto'].includes(settings.text('commitlog_disk_access_mode', 'legacy'));
  const isEncrypted = settings.flag('transparent_data_encryption_options.enabled', false);
  return isDirect || isEncrypted || settings.text('commitlog_compression', '') !== '';
}

function mayWait({ mode }: NodeLog): boolean {
  return mode.kind !== 'periodic' || mode.schedule.lagMaxMicros > mode.lagBlockMicros;
}

function slowSyncs({ entries }: Plan, node: string): SlowSync[] {
  return entries.flatMap((entry): SlowSync[] => {
    if (entry.kind !== 'slowDisk' || entry.fsync_micros === null || !entry.nodes.includes(node)) return [];
    const { at_micros: fromMicros, for_micros: lasts, fsync_micros: fsyncMicros } = entry;
    return [{ fromMicros, untilMicros: lasts === null ? Infinity : fromMicros + lasts, fsyncMicros }];
  });
}
