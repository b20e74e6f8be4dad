/** What a world of points tells of its run: what clients were told, and what became of queued writes. */
import { FIRST_VERSION } from '../data/versions.ts';
import type { RepairLedger } from '../observe/result.ts';
import { AUTOMATIC } from '../repair/entropy/shard-repairs.ts';
import { addCosts, emptyLedger } from '../repair/ledger.ts';
import type { PointWorld } from './point-world.ts';
import type { WorldResult } from './runnable-world.ts';

export function pointResult({
  plan,
  numbers,
  requests,
  hints,
  entropy,
  compaction,
  versions,
  ends,
  manual,
  refusals,
}: PointWorld): WorldResult {
  const repairs = plan.entries.flatMap((entry): [string, RepairLedger][] => {
    const isByHand = entry.kind === 'repairByHand' && entry.id.startsWith('repairs.');
    if (entry.kind !== 'repairShards' && !isByHand) return [];
    const { id, command } = entry;
    const origin = numbers.originOf.get(id) ?? 0;
    const ledger = (isByHand ? manual : entropy).ledger.copyOf(origin);
    if (isByHand && ledger !== null) addCosts(ledger, entropy.ledger.copyOf(origin));
    return [[id, ledger ?? emptyLedger({ id, strategy: isByHand ? 'manual' : 'entropy-repair', command })]];
  });
  // What the service copies unasked has a ledger, too, so that it is not free beside what is asked for.
  const automatic = entropy.ledger.copyOf(AUTOMATIC);
  if (automatic !== null) repairs.push([automatic.id, automatic]);
  return {
    writes: {
      // That a shard has ended nobody has asked for.
      issued: versions.count - FIRST_VERSION - ends.expired,
      ...requests.answers.counts,
      ...{ refused_cache: refusals.byCache, told: requests.answers.told() },
    },
    hints: { ...hints.counts, pending: hints.pendingCount(), pending_bytes: hints.pendingBytes() },
    storage: { ...compaction.counts, ...entropy.counts },
    repairs: Object.fromEntries(repairs),
    probes: {},
  };
}
