/**
 * What coordinators tell clients, and what they count (influxdb.2, step 6): is the level met for every part of a request, can it
 * not be any more, how many points were told what. When a word is due is `request-path.ts`.
 */
import { ANSWER, ANSWERS, failedBy, withAnswer } from '../../data/answers.ts';
import { CAUSE, OUTCOME } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { PART_TROUBLE, RECORD } from '../../data/records.ts';
import type { Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Copies } from '../copies.ts';
import { isUndecided, TASK } from './open-requests.ts';
import type { OpenRequest, RequestPart } from './open-requests.ts';
import type { Ownership } from './ownership.ts';
import type { PointConsistency, PointWriter } from './point-writer.ts';
import { isOfCache } from './refusals.ts';
import { WriteStatistics } from './write-statistics.ts';

export interface RequestAnswersOptions {
  kernel: Kernel;
  versions: Versions;
  tables: readonly TableLayout[];
  copies: Copies;
  ownership: Ownership;
  cluster: { readonly count: number };
  writers: readonly PointWriter[];
}

export interface RequestCounts {
  acknowledged: number;
  timed_out: number;
  unavailable: number;
  failed: number;
  unknown: number;
  retried: number;
  /** Of those that failed: of requests of which something was stored. */
  partial: number;
  /** Of those that failed: whose client was told of a queue that is not empty. */
  queue_not_empty: number;
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
      queue_not_empty: 0,
      beyond_policy: 0,
      throttled: 0,
    },
  };
  readonly statistics: WriteStatistics;
  /** Requests, each attempt anew, by the number of their answer (ANSWERS). */
  #told = new Float64Array(ANSWERS.length);
  readonly #o: RequestAnswersOptions;

  constructor(options: RequestAnswersOptions) {
    this.#o = options;
    this.statistics = new WriteStatistics(options.cluster.count);
  }

  /** Handed to their owners. */
  sent({ coordinator, parts }: OpenRequest): void {
    this.statistics.add(coordinator, 'req');
    // The service of subscriptions takes each, also where nobody subscribes (influxdata/influxdb coordinator/points_writer.go).
    this.statistics.add(coordinator, 'subWriteOk');
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
    const answer = this.#answerOf(request, outcome);
    this.#told[answer] += 1;
    for (const { from, to } of request.parts) {
      for (let version = from; version < to; version += 1) {
        if (versions.arrays.outcome[version] !== OUTCOME.success) versions.arrays.outcome[version] = outcome;
        const detail = withAnswer(outcome | (request.attempt << 8), answer);
        copies.recordRows(kernel.now, RECORD.answered, request.coordinator, 0, version, detail);
      }
      this.counts[COUNTED[outcome] ?? 'unknown'] += to - from;
    }
    this.#count(request, answer);
  }

  /** Points that nobody gets, as they are older than their policy keeps (influxdb.4-retention); with `isAll` the whole request. */
  beyondPolicy(coordinator: number, points: number, isAll: boolean): void {
    this.counts.beyond_policy += points;
    if (coordinator < 0) return;
    this.statistics.add(coordinator, 'writeDrop', points);
    if (isAll) this.#told[ANSWER.beyondPolicy] += 1;
  }

  /** How many requests were answered how, each attempt anew. */
  told(): Record<string, number> {
    return Object.fromEntries(
      ANSWERS.map((text, answer) => [text, this.#told[answer]] as const).filter(([, n]) => n > 0),
    );
  }

  save(): { counts: RequestCounts; statistics: Float64Array; told: Float64Array } {
    return { counts: { ...this.counts }, statistics: this.statistics.save(), told: this.#told.slice() };
  }

  load({ counts, statistics, told }: ReturnType<RequestAnswers['save']>): void {
    this.#told = told.slice();
    Object.assign(this.counts, counts);
    this.statistics.load(statistics);
  }

  /** influxdb.2, step 6: a part that missed its level decides. */
  #answerOf({ parts, writer, beyond }: OpenRequest, outcome: number): number {
    if (outcome === OUTCOME.success) return beyond > 0 ? ANSWER.beyondPolicy : ANSWER.done;
    if (outcome === OUTCOME.timedOut) return ANSWER.timedOut;
    if (outcome !== OUTCOME.failed) return ANSWER.none;
    const { consistency } = this.#o.writers[writer].o;
    const missed = parts.find((part) => judged(part, consistency) === 'missed');
    if (missed === undefined || isStored(missed)) return ANSWER.partial;
    return failedBy(missed.error);
  }

  #count({ coordinator, parts }: OpenRequest, answer: number): void {
    const { statistics, counts } = this;
    if (answer === ANSWER.none) return;
    if (answer === ANSWER.done || answer === ANSWER.beyondPolicy) statistics.add(coordinator, 'writeOk');
    else if (answer === ANSWER.timedOut) statistics.add(coordinator, 'writeTimeout');
    else {
      const points = parts.reduce((sum, { from, to }) => sum + to - from, 0);
      statistics.add(coordinator, answer === ANSWER.partial ? 'writePartial' : 'writeError');
      if (parts.some(isStored)) counts.partial += points;
      if (answer === ANSWER.queueNotEmpty) counts.queue_not_empty += points;
    }
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
  let owners = 0;
  let stored = 0;
  let isOpen = false;
  for (const task of tasks) {
    if (task !== TASK.absent) owners += 1;
    if (task === TASK.stored || (consistency === 'any' && task === TASK.queued)) stored += 1;
    isOpen ||= isUndecided(task);
  }
  // A shard without owners has nobody who could store it, whatever the level.
  if (stored >= Math.max(1, wantedOf(consistency, owners))) return 'met';
  return isOpen ? 'open' : 'missed';
}

/** Of a fate: nothing answers at all, where a process that has ended is refused by its machine at once. */
export const SILENT_BIT = 1 << 7;

/** What the coordinator's log says of a part that an owner did not take. */
export function troubleOf(fate: number): number {
  const cause = fate & 63;
  if (cause === CAUSE.rejectedLocally) return isOfCache(fate) ? PART_TROUBLE.cacheFullThere : PART_TROUBLE.noSpaceThere;
  return cause === CAUSE.nodeDown && (fate & SILENT_BIT) === 0 ? PART_TROUBLE.unreachable : PART_TROUBLE.timedOut;
}

function isStored({ tasks }: RequestPart): boolean {
  return tasks.includes(TASK.stored);
}

/** influxdb.2, step 3. */
function wantedOf(consistency: PointConsistency, owners: number): number {
  if (consistency === 'all') return owners;
  return consistency === 'quorum' ? Math.floor(owners / 2) + 1 : 1;
}
