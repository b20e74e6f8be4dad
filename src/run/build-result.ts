/** Puts the result document together from a finished world and its observers. */
import { VERSION } from '../base/version.ts';
import { namesOf } from '../observe/counters-reader.ts';
import type { Run } from '../data/run.ts';
import type { Oracle } from '../observe/oracle.ts';
import type { QueryLog } from '../observe/query-log.ts';
import type { ReadProbe } from '../observe/probes.ts';
import { READ_COUNTS, type ReadLog } from '../observe/read-log.ts';
import type { ReadResult, Result } from '../observe/result.ts';
import { zombiesSpread } from '../observe/zombie-alarms.ts';
import type { Recorder } from '../observe/series.ts';
import type { Storage } from '../replica/storage.ts';
import type { Plan } from '../scenario/plan.ts';
import { planHash } from '../scenario/plan-hash.ts';
import type { RunnableWorld, WorldResult } from './runnable-world.ts';

const HOUR_MICROS = 3600e6;
const DAY_MICROS = 24 * HOUR_MICROS;

export interface Finished {
  world: RunnableWorld;
  /** What only the world can tell. */
  told: WorldResult;
  oracle: Oracle;
  recorder: Recorder;
  probes: readonly ReadProbe[];
  reads: ReadLog | null;
  queries: QueryLog | null;
}

export function buildResult(plan: Plan, { world, told, oracle, recorder, probes, reads, queries }: Finished): Result {
  return {
    format: 1,
    version: VERSION,
    plan_hash: planHash(plan),
    fingerprint: world.trace.fingerprint(),
    seed: plan.seed,
    database: plan.database,
    virtual_micros: world.endMicros,
    events: world.trace.recorded,
    writes: told.writes,
    ...(reads === null ? {} : { reads: readsOf(reads) }),
    final: oracle.snapshotFinal(namesOf(plan)),
    zombies_spread: zombiesSpread(oracle.spreads(namesOf(plan).origins), namesOf(plan)),
    peak: { ...recorder.peak },
    totals: {
      divergent_row_hours: oracle.divergentRowMicros() / HOUR_MICROS,
      wrong_row_hours: oracle.wrongRowMicros() / HOUR_MICROS,
    },
    hints: told.hints,
    storage: { ...filesOf(world.storage), ...told.storage },
    repairs: told.repairs,
    ...(told.topology === undefined ? {} : { topology: told.topology }),
    probes: {
      ...Object.fromEntries(probes.map((probe) => [probe.id, { ...probe.totals }])),
      ...told.probes,
      ...queries?.results(world.endMicros),
    },
    expectations: {},
    assumptions: [...plan.assumptions],
    not_modelled: [...plan.not_modelled],
    rules_exercised: world.rules.exercised(),
  };
}

function readsOf(log: ReadLog): Record<string, ReadResult> {
  return Object.fromEntries(
    log.readers.map((id, reader) => {
      const counts = Object.fromEntries(READ_COUNTS.map((name) => [name, log.count(name, reader)]));
      const figures = log.latencies.ofRun(reader);
      const latency =
        figures === null
          ? null
          : {
              mean: figures.meanMicros,
              p50: figures.p50Micros,
              p99: figures.p99Micros,
              p999: figures.p999Micros,
              max: figures.maxMicros,
            };
      return [id, { ...(counts as Record<(typeof READ_COUNTS)[number], number>), latency_micros: latency }];
    }),
  );
}

function filesOf(storage: Storage): Record<string, number> {
  const all = storage.nodeTables.flatMap(({ runs }) => runs);
  const repaired = all.filter((run) => run.repairedAt > 0);
  const bytesOf = (runs: readonly Run[]): number => runs.reduce((total, run) => total + run.bytes, 0);
  return {
    sstables: all.length,
    repaired_sstables: repaired.length,
    pending_sstables: all.filter((run) => run.pendingRepair > 0).length,
    sstable_bytes: bytesOf(all),
    repaired_bytes: bytesOf(repaired),
    level0_sstables: all.filter(({ level }) => level === 0).length,
    levelled_sstables: all.filter(({ level }) => level > 0).length,
    largest_sstable_bytes: all.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    sstables_mixing_days: all.filter((run) => !run.base && run.maxTimestamp - run.minTimestamp > DAY_MICROS).length,
  };
}
