/**
 * What coordinators tell clients, and what they count (influxdb.2, step 6): is the level met for every part of a request, can it
 * not be any more, how many points were told what. When a word is due is `request-path.ts`.
 */
import { CAUSE, OUTCOME } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { PART_TROUBLE, RECORD } from '../../data/records.ts';
import type { Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Copies } from '../copies.ts';
import { isUndecided, TASK } from './open-requests.ts';
import type { OpenRequest, RequestPart } from './open-requests.ts';
import type { Ownership } from './ownership.ts';
import type { PointConsistency } from './point-writer.ts';
import { isOfCache } from './refusals.ts';
import { WriteStatistics } from './write-statistics.ts';

export interface RequestAnswersOptions {
  kernel: Kernel;
  versions: Versions;
  tables: readonly TableLayout[];
  copies: Copies;
  ownership: Ownership;
  cluster: { readonly count: number };
}

export interface RequestCounts {
  acknowledged: number;
  timed_out: number;
  unavailable: number;
  failed: number;
  unknown: number;
  retried: number;
  /** Of those that failed: of requests of which something was stored or queued. */
  partial: number;
  /** Left out because their time is before what the policy keeps; no writes. */
  beyond_policy: number;
  /** Queued for an owner that was not tried, because of an error a short while ago; each owner counted. */
  throttled: number;
}

export class RequestAnswers {
  /** Of points. */
  readonly counts: RequestCounts = {
    ...{
      acknowledged: 0,
      timed_out: 0,
      unavailable: 0,
      failed: 0,
      unknown: 0,
      retried: 0,
      partial: 0,
      beyond_policy: 0,
      throttled: 0,
    },
  };
  readonly statistics: WriteStatistics;
  readonly #o: RequestAnswersOptions;

  constructor(options: RequestAnswersOptions) {
    this.#o = options;
    this.statistics = new WriteStatistics(options.cluster.count);
  }

  /** Handed to their owners. */
  sent({ coordinator, parts }: OpenRequest): void {
    this.statistics.add(coordinator, 'req');
    for (const { table, from, to } of parts) {
      const { tables, ownership } = this.#o;
      const owners = ownership.ownersOf(table).map((copy) => tables[table].replicas[copy]);
      const isLocal = owners.includes(coordinator);
      this.statistics.add(coordinator, 'pointReq', to - from);
      if (isLocal) this.statistics.add(coordinator, 'pointReqLocal', to - from);
      const remote = owners.length - (isLocal ? 1 : 0);
      this.statistics.add(coordinator, 'pointReqRemote', remote * (to - from));
    }
  }

  /** For the log: an owner does not get its part at once. */
  trouble(
    { coordinator }: OpenRequest,
    { table, from, to }: RequestPart,
    { target, trouble }: { target: number; trouble: number },
  ): void {
    const { copies, kernel } = this.#o;
    copies.trace.record(kernel.now, RECORD.partTroubled, coordinator, target, table, to - from, trouble);
  }

  tell(request: OpenRequest, outcome: number): void {
    const { kernel, copies, versions } = this.#o;
    request.isTold = true;
    for (const { from, to } of request.parts) {
      for (let version = from; version < to; version += 1) {
        if (versions.arrays.outcome[version] !== OUTCOME.success) versions.arrays.outcome[version] = outcome;
        const detail = outcome | (request.attempt << 8);
        copies.recordRows(kernel.now, RECORD.answered, request.coordinator, 0, version, detail);
      }
      this.counts[COUNTED[outcome] ?? 'unknown'] += to - from;
    }
    this.#count(request, outcome);
  }

  save(): { counts: RequestCounts; statistics: Float64Array } {
    return { counts: { ...this.counts }, statistics: this.statistics.save() };
  }

  load({ counts, statistics }: { counts: RequestCounts; statistics: Float64Array }): void {
    Object.assign(this.counts, counts);
    this.statistics.load(statistics);
  }

  #count({ coordinator, parts }: OpenRequest, outcome: number): void {
    const { statistics } = this;
    if (outcome === OUTCOME.success) statistics.add(coordinator, 'writeOk');
    if (outcome === OUTCOME.timedOut) statistics.add(coordinator, 'writeTimeout');
    if (outcome !== OUTCOME.failed) return;
    const isKept = ({ tasks }: RequestPart): boolean => tasks.some((task) => task === TASK.stored || isQueued(task));
    if (!parts.some(isKept)) {
      statistics.add(coordinator, 'writeError');
      return;
    }
    statistics.add(coordinator, 'writePartial');
    this.counts.partial += parts.reduce((sum, { from, to }) => sum + to - from, 0);
  }
}

const COUNTED: Readonly<Record<number, keyof RequestCounts>> = {
  [OUTCOME.success]: 'acknowledged',
  [OUTCOME.timedOut]: 'timed_out',
  [OUTCOME.failed]: 'failed',
  [OUTCOME.unavailable]: 'unavailable',
};

/** Is the level met for this part, can it not be any more, or is that open? */
export function judged({ tasks }: RequestPart, consistency: PointConsistency): 'met' | 'missed' | 'open' {
  const wanted = wantedOf(consistency, tasks.filter((task) => task !== TASK.absent).length);
  const stored = tasks.filter((task) => task === TASK.stored || (consistency === 'any' && task === TASK.queued)).length;
  if (stored >= wanted) return 'met';
  return tasks.some(isUndecided) ? 'open' : 'missed';
}

/** What the coordinator's log says of a part that an owner did not take. */
export function troubleOf(fate: number): number {
  const cause = fate & 63;
  if (cause === CAUSE.rejectedLocally) return isOfCache(fate) ? PART_TROUBLE.cacheFullThere : PART_TROUBLE.noSpaceThere;
  return cause === CAUSE.nodeDown ? PART_TROUBLE.unreachable : PART_TROUBLE.timedOut;
}

function isQueued(task: number): boolean {
  return task === TASK.queued || task === TASK.queueing;
}

/** influxdb.2, step 3. */
function wantedOf(consistency: PointConsistency, owners: number): number {
  if (consistency === 'all') return owners;
  return consistency === 'quorum' ? Math.floor(owners / 2) + 1 : 1;
}
