/** What a world of tables, hints and repairs tells of its run: what clients were told, hints, repairs, topology, probes. */
import { emptyLedger } from '../repair/ledger.ts';
import type { RepairLedger, Result } from '../observe/result.ts';
import { FIRST_VERSION, OPERATION } from '../data/versions.ts';
import type { Plan } from '../scenario/plan.ts';
import { probeResults } from './build-probes.ts';
import type { WorldResult } from './runnable-world.ts';
import { topologyResult } from './topology-result.ts';
import type { World } from './world.ts';

export function replicaResult(plan: Plan, world: World): WorldResult {
  const topology = topologyResult(plan, world.topology.ledgers);
  return {
    writes: writesOf(world),
    hints: { ...world.hints.counts, pending: world.hints.pendingCount(), pending_bytes: world.hints.pendingBytes() },
    storage: { ...world.compaction.counts, ...world.batches.counts },
    repairs: repairsOf(world),
    ...(topology === null ? {} : { topology }),
    probes: probeResults(plan, world.probes),
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

/** Damage makes versions too, which nobody wrote. */
function damagedVersions(plan: Plan, { arrays, count }: World['versions']): number {
  if (!plan.entries.some(({ kind }) => kind === 'damageCopy' || kind === 'divergeLoaded')) return 0;
  let damaged = 0;
  for (let version = FIRST_VERSION; version < count; version += 1)
    if (arrays.operation[version] === OPERATION.corrupt || arrays.issuedAt[version] < 0) damaged += 1;
  return damaged;
}

function repairsOf(world: World): Record<string, RepairLedger> {
  world.rounds.algorithms?.settle();
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
