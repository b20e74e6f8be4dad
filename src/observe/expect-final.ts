/**
 * Values that are only known when a run has ended: what clients were told, hints, and the ledgers of repairs and of changes
 * of topology. NaN where there is no value, such as the cost of a repair that never started.
 */
import type { PlanWhere } from '../scenario/plan.ts';
import { namesEntry } from './counters-reader.ts';
import { findMetric } from './metrics.ts';
import type {
  AlgorithmCosts,
  ProbeResult,
  RepairLedger,
  RepairPhase,
  RepairRun,
  Result,
  TopologyChange,
} from './result.ts';

/** The part of a result that is there before its expectations are judged. */
export type Measured = Omit<Result, 'expectations'>;

const WRITES: ReadonlySet<string> = new Set([
  'issued',
  'acknowledged',
  'timed_out',
  'unavailable',
  'failed',
  'unknown',
  'retried',
  'partial',
  ...['beyond_policy', 'refused_cache', 'throttled', 'queue_not_empty'],
]);
/** Work on whole shards: where there are none, there is none of it. */
const SHARD_WORK = ['digests_made', 'digest_bytes', 'shards_copied', 'empty_shards_copied'];
const STORAGE: ReadonlySet<string> = new Set([
  ...SHARD_WORK,
  'sstables',
  'repaired_sstables',
  'pending_sstables',
  'sstable_bytes',
  'repaired_bytes',
  'level0_sstables',
  'levelled_sstables',
  'largest_sstable_bytes',
  'sstables_mixing_days',
  'compactions',
  'compacted_bytes',
  'purged_tombstones',
  'expired_sstables',
]);
/** Several repairs count together; these are the largest one instead of the sum. */
const LARGEST: ReadonlySet<string> = new Set(['peak_tree_bytes', 'tree_depth_max', 'validations_overlapping']);

/** Of entries that a foreign algorithm repairs; others have none. */
const ALGORITHM: ReadonlySet<string> = new Set<keyof AlgorithmCosts>([
  'exchanges',
  'exchanges_in_sync',
  'exchanges_failed',
  'exchanges_put_off',
  'segments_rescanned',
  'keys_differing',
  'keys_alike',
  'keys_unanswered',
  'index_write_bytes',
]);

const PROBE_METRICS: ReadonlySet<string> = new Set([
  'p_current',
  'p_within_k',
  't_visible_p999',
  'probe_read_latency_p999',
  'probe_write_latency_p999',
]);

export function finalValue(metric: string, where: PlanWhere, result: Measured): number {
  if (PROBE_METRICS.has(metric)) return ofProbes(metric, where, result);
  if (findMetric(metric)?.ofRepair === true) return ofRepairs(metric, where, result);
  if (findMetric(metric)?.ofTopology === true) return ofTopology(metric, where, result);
  if (metric.startsWith('writes_')) return writesValue(metric.slice('writes_'.length), result);
  if (metric.startsWith('hints_')) return hintsValue(metric.slice('hints_'.length), result);
  if (STORAGE.has(metric)) return result.storage[metric] ?? (SHARD_WORK.includes(metric) ? 0 : NaN);
  if (metric === 'repaired_share') return shareRepaired(result);
  if (metric === 'repairs_finished') return repairsWith('finished', result);
  if (metric === 'repairs_failed') return repairsWith('failed', result);
  return NaN;
}

/** Of the probe that is named; a scenario names one, else it is the first that measures it. */
function ofProbes(metric: string, where: PlanWhere, { probes }: Measured): number {
  const asked = where.probe === undefined ? Object.values(probes) : [probes[where.probe]];
  return asked.map((probe) => ofProbe(metric, where, probe)).find((value) => !Number.isNaN(value)) ?? NaN;
}

/** NaN of a probe that is not there, or that has sampled nothing. */
function ofProbe(metric: string, { t, k }: PlanWhere, probe: ProbeResult | undefined): number {
  if (probe === undefined || !('read_latency_micros' in probe)) return NaN;
  switch (metric) {
    case 'p_current':
      return 'current' in probe
        ? (probe.current.find(({ t_micros }) => t === undefined || t_micros === t)?.share ?? NaN)
        : NaN;
    case 'p_within_k':
      return 'within' in probe ? (probe.within.find((one) => k === undefined || one.k === k)?.share ?? NaN) : NaN;
    case 't_visible_p999':
      return 'current' in probe ? secondsOf(probe.t_visible_p999_micros) : NaN;
    case 'probe_read_latency_p999':
      return secondsOf(probe.read_latency_micros?.p999 ?? null);
    case 'probe_write_latency_p999':
      return secondsOf(probe.write_latency_micros?.p999 ?? null);
    default:
      return NaN;
  }
}

function secondsOf(micros: number | null): number {
  return micros === null ? NaN : micros / 1e6;
}

/** What happens to queues in segments alone: elsewhere there is none of it. */
const OF_SEGMENTS: ReadonlySet<string> = new Set([
  ...['torn', 'discarded', 'poison', 'failed_rounds', 'of_gone_shards'],
  ...['refused_blocked', 'refused_closed', 'refused_disk'],
]);

function hintsValue(fate: string, { hints }: Measured): number {
  return hints[fate] ?? (OF_SEGMENTS.has(fate) ? 0 : NaN);
}

/** What a database does not know has happened to none of its writes. */
function writesValue(outcome: string, { writes }: Measured): number {
  const counts: Readonly<Record<string, unknown>> = { ...writes };
  return WRITES.has(outcome) ? Number(counts[outcome] ?? 0) : NaN;
}

/** Without any data there is no share. */
function shareRepaired({ storage }: Measured): number {
  const all = storage['sstable_bytes'] ?? 0;
  return all === 0 ? NaN : (storage['repaired_bytes'] ?? 0) / all;
}

function repairsWith(outcome: RepairLedger['outcome'], result: Measured): number {
  return Object.values(result.repairs).filter((ledger) => ledger.outcome === outcome).length;
}

/** NaN where no such change has begun. */
function ofTopology(metric: string, { origin }: PlanWhere, { topology = {} }: Measured): number {
  const changes = Object.entries(topology)
    .filter(([id, { outcome }]) => outcome !== 'not_started' && (origin === undefined || namesEntry(origin, id)))
    .map(([, change]) => change);
  if (changes.length === 0) return NaN;
  return changes.reduce((total, change) => total + changeValue(metric, change), 0);
}

const TOPOLOGY_OUTCOMES: Readonly<Record<string, TopologyChange['outcome']>> = {
  topology_finished: 'finished',
  topology_failed: 'failed',
  topology_refused: 'refused',
};

function changeValue(metric: string, change: TopologyChange): number {
  const { outcome, started_micros: from, finished_micros: to } = change;
  if (metric in TOPOLOGY_OUTCOMES) return outcome === TOPOLOGY_OUTCOMES[metric] ? 1 : 0;
  if (metric === 'topology_seconds')
    return from === null || to === null || outcome !== 'finished' ? NaN : (to - from) / 1e6;
  const value: unknown = change[metric as keyof TopologyChange];
  return typeof value === 'number' ? value : NaN;
}

function ofRepairs(metric: string, where: PlanWhere, result: Measured): number {
  const ledgers = Object.values(result.repairs).filter(
    (ledger) => ledger.outcome !== 'not_started' && (where.repair === undefined || namesEntry(where.repair, ledger.id)),
  );
  if (ledgers.length === 0) return NaN;
  if (metric === 'overstreaming') return ratio(sum(ledgers, 'sent_bytes', where), sum(ledgers, 'floor_bytes', where));
  if (!LARGEST.has(metric)) return sum(ledgers, metric, where);
  return ledgers.reduce((largest, ledger) => Math.max(largest, ledgerValue(ledger, metric, where)), 0);
}

function sum(ledgers: readonly RepairLedger[], metric: string, where: PlanWhere): number {
  return ledgers.reduce((total, ledger) => total + ledgerValue(ledger, metric, where), 0);
}

/** Nothing sent where nothing was needed is exact: 1, not 0 / 0. */
function ratio(sent: number, floor: number): number {
  return sent === floor ? 1 : sent / floor;
}

function ledgerValue(ledger: RepairLedger, metric: string, where: PlanWhere): number {
  if (metric === 'differing_ranges' && where.between !== undefined) return ofPair(ledger, where.between);
  if (metric === 'hashed_rows' && where.node !== undefined) return ledger.hashed_rows_by_node[where.node] ?? 0;
  if (metric === 'validations') return validations(ledger).length;
  if (metric === 'validations_overlapping') return validationsOverlapping(ledger);
  if (metric === 'repair_seconds')
    return ledger.finished_micros === null ? NaN : (ledger.finished_micros - ledger.started_micros) / 1e6;
  if (metric === 'reverted_copies') return ledger.reverted_copies ?? 0;
  if (metric === 'runs' || metric === 'runs_finished' || metric.startsWith('segments')) return ofRuns(ledger, metric);
  return ownValue(ledger, metric);
}

function ownValue({ algorithm, ...ledger }: RepairLedger, metric: string): number {
  const value: unknown = ALGORITHM.has(metric)
    ? (algorithm?.[metric as keyof AlgorithmCosts] ?? 0)
    : ledger[metric as keyof typeof ledger];
  return typeof value === 'number' ? value : NaN;
}

/** What keeps no runs has none. */
function ofRuns({ runs = [] }: RepairLedger, metric: string): number {
  if (metric === 'runs') return runs.length;
  if (metric === 'runs_finished') return runs.filter(({ outcome }) => outcome === 'finished').length;
  return runs.reduce((total, run) => total + Number(run[metric as keyof RepairRun]), 0);
}

function ofPair(ledger: RepairLedger, [one, other]: readonly [string, string]): number {
  const byPair = ledger.differing_ranges_by_pair;
  return byPair[`${one}|${other}`] ?? byPair[`${other}|${one}`] ?? 0;
}

function validations(ledger: RepairLedger): RepairPhase[] {
  return ledger.phases.filter((phase) => phase.phase === 'validate');
}

/** Most validations of one session (and table) that ran at one moment; one that ends when the next starts does not overlap it. */
export function validationsOverlapping(ledger: RepairLedger): number {
  const all = validations(ledger);
  let most = 0;
  for (const one of all) {
    // The most at once is reached at the start of some validation.
    const at = one.start_micros;
    const running = all.filter(
      (other) => other.session === one.session && other.start_micros <= at && (other.end_micros > at || other === one),
    ).length;
    if (running > most) most = running;
  }
  return most;
}
