/** Puts the result document together from a finished world and its observers. */
import { VERSION } from '../base/version.ts';
import { namesOf } from '../observe/counters-reader.ts';
import type { Run } from '../data/run.ts';
import type { Oracle } from '../observe/oracle.ts';
import type { ReadProbe } from '../observe/probes.ts';
import { READ_COUNTS, type ReadLog } from '../observe/read-log.ts';
import type { ReadResult, RepairLedger, Result, TopologyResult } from '../observe/result.ts';
import { failureText, refusalText } from '../observe/timeline.ts';
import { zombiesSpread } from '../observe/zombie-alarms.ts';
import type { Recorder } from '../observe/series.ts';
import { emptyLedger } from '../repair/ledger.ts';
import { FIRST_VERSION, OPERATION } from '../data/versions.ts';
import { isTopologyEntry, type Plan } from '../scenario/plan.ts';
import { planHash } from '../scenario/plan-hash.ts';
import { probeResults } from './build-probes.ts';
import type { TopologyLedger } from './topology.ts';
import type { World } from './world.ts';

const HOUR_MICROS = 3600e6;
const DAY_MICROS = 24 * HOUR_MICROS;

export interface Finished {
  world: World;
  oracle: Oracle;
  recorder: Recorder;
  probes: readonly ReadProbe[];
  reads: ReadLog | null;
}

export function buildResult(plan: Plan, { world, oracle, recorder, probes, reads }: Finished): Result {
  return {
    format: 1,
    version: VERSION,
    plan_hash: planHash(plan),
    fingerprint: world.trace.fingerprint(),
    seed: plan.seed,
    database: plan.database,
    virtual_micros: world.endMicros,
    events: world.trace.recorded,
    writes: writesOf(world),
    ...(reads === null ? {} : { reads: readsOf(reads) }),
    final: oracle.snapshotFinal(namesOf(plan)),
    zombies_spread: zombiesSpread(oracle.spreads(namesOf(plan).origins), namesOf(plan)),
    peak: { ...recorder.peak },
    totals: {
      divergent_row_hours: oracle.divergentRowMicros() / HOUR_MICROS,
      wrong_row_hours: oracle.wrongRowMicros() / HOUR_MICROS,
    },
    hints: { ...world.hints.counts, pending: world.hints.pendingCount(), pending_bytes: world.hints.pendingBytes() },
    storage: storageOf(world),
    repairs: repairsOf(world),
    ...(world.epochs.entries.length === 0 ? {} : { topology: topologyOf(world) }),
    probes: {
      ...Object.fromEntries(probes.map((probe) => [probe.id, { ...probe.totals }])),
      ...probeResults(plan, world.probes),
    },
    expectations: {},
    assumptions: [...plan.assumptions],
    not_modelled: [...plan.not_modelled],
    rules_exercised: world.rules.exercised(),
  };
}

function writesOf({ plan, writePath, versions }: World): Result['writes'] {
  const { counts } = writePath.client;
  return {
    issued: versions.count - FIRST_VERSION - damagedVersions(plan, versions),
    acknowledged: counts.acknowledged,
    timed_out: counts.timedOut,
    unavailable: counts.unavailable,
    failed: counts.overloaded,
    unknown: counts.unknown,
    retried: counts.retried,
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

/** Damage makes versions too, which nobody wrote. */
function damagedVersions(plan: Plan, { arrays, count }: World['versions']): number {
  if (!plan.entries.some(({ kind }) => kind === 'damageCopy' || kind === 'divergeLoaded')) return 0;
  let damaged = 0;
  for (let version = FIRST_VERSION; version < count; version += 1)
    if (arrays.operation[version] === OPERATION.corrupt || arrays.issuedAt[version] < 0) damaged += 1;
  return damaged;
}

function storageOf({ storage, compaction, batches }: World): Record<string, number> {
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
    ...compaction.counts,
    ...batches.counts,
  };
}

const OUTCOMES: Readonly<Record<TopologyLedger['status'], TopologyResult['outcome']>> = {
  ...{ not_begun: 'not_started', refused: 'refused', under_way: 'running', done: 'finished', failed: 'failed' },
};

function topologyOf({ plan, topology }: World): Record<string, TopologyResult> {
  const commands = new Map(plan.entries.filter(isTopologyEntry).map(({ id, command }) => [id, command]));
  return Object.fromEntries(
    [...topology.ledgers].map(([id, { origin: _origin, status, refusal, about, ...ledger }]) => {
      const outcome = OUTCOMES[status];
      const node = plan.nodes[about].id;
      const failures =
        outcome === 'refused' ? [refusalText(refusal, node)] : outcome === 'failed' ? [failureText(node)] : [];
      const change: TopologyResult = { command: commands.get(id) ?? '', outcome, failures, ...ledger };
      return [id, change];
    }),
  );
}

function repairsOf(world: World): Record<string, RepairLedger> {
  const ledgers: Record<string, RepairLedger> = {};
  for (const entry of world.plan.entries) {
    if (entry.kind !== 'repair' || ledgers[entry.id] !== undefined) continue;
    const origin = world.numbers.originOf.get(entry.id) ?? 0;
    const ledger = world.repairs.ledger(origin);
    ledgers[entry.id] =
      ledger ?? emptyLedger({ id: entry.id, strategy: entry.options.strategy, command: entry.command });
  }
  return ledgers;
}
