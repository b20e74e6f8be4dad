/**
 * The ways of write messages: how long they take, whether their link lets them through, where they wait for their time
 * (the calendar or the kernel's queue), what they leave on a copy and in the trace. Who sends what, and what a coordinator
 * makes of it, is in `write-path.ts`.
 */
import type { Rules } from '../base/rules.ts';
import { CAUSE } from '../data/causes.ts';
import type { TableLayout } from '../data/layout.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { draw32, type StreamKey } from '../kernel/random.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Calendar } from './calendar.ts';
import type { Cluster } from './cluster.ts';
import { Copies } from './copies.ts';
import { EVENT } from './event-kinds.ts';
import { DIRECTIONS, isBack, type Links } from './links.ts';
import type { LogWaits } from './log-waits.ts';
import type { PendingWrites } from './pending-writes.ts';
import type { Placements } from './placements.ts';
import type { SlowLinks } from './slow-links.ts';
import type { Storage } from './storage.ts';
import type { Workload } from './workload.ts';

/** Codes of calendar records: kind << 6 | copy. */
export const CODE = { delivery: 0, hintAtIssue: 1 << 6, answer: 2 << 6, expiry: 3 << 6 } as const;
const CODE_KIND_SHIFT = 6;
export const COPY_MASK = 63;
const EVENT_OF_CODE = [EVENT.delivery, EVENT.hintAtIssue, EVENT.answer, EVENT.expiry] as const;

export interface WritePathOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  placements: Placements;
  links: Links;
  slowLinks: SlowLinks | null;
  /** Null where no write ever waits for the commit log. */
  logWaits: LogWaits | null;
  storage: Storage;
  pending: PendingWrites;
  calendar: Calendar;
  workloads: readonly Workload[];
  writeTimeoutMicros: number;
  /** Key of the draws that lose messages. */
  lossKey: StreamKey;
  batched: boolean;
  /** By workload, 1: its messages go through the kernel's queue, since something else hangs on their moments. */
  queued: Uint8Array;
}

/** Of which attempt of which write, between whom. */
export interface Way {
  version: number;
  attempt: number;
  coordinator: number;
  target: number;
}

export class Messages {
  /** Records with a time before this one go to the kernel: the calendar's window up to it is sorted already. */
  sortedUntil = 0;
  readonly #o: WritePathOptions;
  readonly #copies: Copies;

  constructor(options: WritePathOptions) {
    this.#o = options;
    this.#copies = new Copies(options);
  }

  workloadOf(version: number): Workload {
    return this.#o.workloads[this.#o.versions.arrays.workload[version]];
  }

  /** 0 = the message gets through its link; else cause | origin << 8. Judged when it is sent. */
  lossFate(from: number, to: number, version: number, attempt: number, direction: number): number {
    const { cluster, lossKey } = this.#o;
    if (from === to) return 0;
    const pair = from * cluster.count + to;
    if (cluster.cut[pair] > 0) return CAUSE.partition | (cluster.cutOrigin[pair] << 8);
    const threshold = cluster.lossThreshold[pair];
    if (threshold === 0) return 0;
    const drawn = draw32(lossKey.k0 + pair * 8 + direction, lossKey.k1 + attempt, version);
    return drawn < threshold ? CAUSE.messageLost | (cluster.lossOrigin[pair] << 8) : 0;
  }

  /** How long a message takes that is sent at `sentMicros`, from the coordinator to the target or (ack, response) back. */
  wayMicros({ version, attempt, coordinator, target }: Way, direction: number, sentMicros: number): number {
    const { links, slowLinks, workloads, versions } = this.#o;
    const workload = workloads[versions.arrays.workload[version]];
    const pair = coordinator * links.count + target;
    const sampler = links.samplers[links.classOf[pair] * DIRECTIONS + direction];
    const way = workload.latency(sampler, direction, versions.arrays.index[version], attempt, target);
    if (slowLinks === null) return way;
    return slowLinks.slowed(way, isBack(direction) ? target * links.count + coordinator : pair, sentMicros);
  }

  apply(target: number, version: number, copy: number, via: number): void {
    this.#copies.apply(target, version, copy, via);
  }

  /** Why the coordinator holds the target for down: cause | origin << 8. */
  downFate(coordinator: number, target: number): number {
    return this.#o.cluster.downFate(coordinator, target);
  }

  /** Nothing was lost that the coordinator could know of: a paused target, or plain lateness. */
  silentFate(target: number): number {
    const { cluster } = this.#o;
    return cluster.answers(target) ? CAUSE.timeout : CAUSE.nodeDown | (cluster.downOrigin[target] << 8);
  }

  recordRows(micros: number, kind: number, node: number, copy: number, version: number, detail: number): void {
    this.#copies.recordRows(micros, kind, node, copy, version, detail);
  }

  miss(version: number, copy: number, detail: number): void {
    this.#copies.miss(version, copy, detail);
  }

  push(micros: number, code: number, version: number): void {
    const { calendar, kernel, batched, queued, versions } = this.#o;
    const isFree = batched && queued[versions.arrays.workload[version]] === 0;
    if (isFree && micros >= this.sortedUntil && calendar.reaches(micros)) calendar.push(micros, code, version);
    else kernel.schedule(micros, EVENT_OF_CODE[code >> CODE_KIND_SHIFT], version, code & COPY_MASK);
  }

  pushAttempt(micros: number, code: number, version: number, attempt: number): void {
    if (attempt === 0) this.push(micros, code, version);
    else
      this.#o.kernel.schedule(
        micros,
        EVENT_OF_CODE[code >> CODE_KIND_SHIFT],
        version,
        (attempt << 6) | (code & COPY_MASK),
      );
  }
}
