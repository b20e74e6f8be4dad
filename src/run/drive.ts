/**
 * Drives a world to a time. Event by event, the kernel does everything. Batched, this loop merges two sorted things with
 * the kernel's queue: the writes that the workloads issue, and the message records of the calendar. A window reaches to
 * the end of a calendar bucket or to the next event in the queue, whichever is first; within it the state that decides
 * the fate of messages cannot change, so its writes are issued ahead, and the records are taken in order, looking at the
 * queue's next event before each (ARCHITECTURE 3.1). Same effects, same fingerprint as event by event.
 */
import { EVENT_CLASS, TICKS_PER_MICRO, type Kernel } from '../kernel/kernel.ts';
import { EVENT } from '../replica/event-kinds.ts';
import { NEVER, type HealthyWrites, type WindowCursor } from '../replica/healthy-writes.ts';
import type { Workload } from '../replica/workload.ts';
import type { World } from './world.ts';

const CODE_BITS = 8;
const CODE_MASK = 255;
const CODE_KIND_SHIFT = 6;
const COPY_MASK = 63;
const EVENT_OF_KIND = [EVENT.delivery, EVENT.hintAtIssue, EVENT.answer, EVENT.expiry] as const;

export type Progress = (micros: number) => void;

/** Run everything before `micros`. */
export function drive(world: World, micros: number, progress: Progress | null = null): void {
  if (world.batched) new BatchedDrive(world).run(micros, progress);
  driveQueue(world, micros, progress);
}

/** The same where all that happens is in the kernel's queue. */
export function driveQueue(world: { kernel: Kernel }, micros: number, progress: Progress | null = null): void {
  if (progress !== null) driveInSteps(world, micros, progress);
  world.kernel.runUntil(micros);
}

/** Progress is shown this often on the way. */
const PROGRESS_STEPS = 2000;

function driveInSteps({ kernel }: { kernel: Kernel }, micros: number, progress: Progress): void {
  const step = Math.max(1, Math.ceil((micros - kernel.now) / PROGRESS_STEPS));
  for (let until = kernel.now + step; until < micros; until += step) {
    kernel.runUntil(until);
    progress(until);
  }
}

/** Ticks of a record from the start of its bucket. */
function recordTickOf(key: number): number {
  return (key >>> CODE_BITS) * TICKS_PER_MICRO + EVENT_CLASS.message;
}

class BatchedDrive {
  readonly #world: World;
  readonly #merged: readonly Workload[];
  readonly #healthy: HealthyWrites;
  readonly #cursor: WindowCursor = { nextIssue: 0, issueEnd: 0, nextRecord: 0 };

  constructor(world: World) {
    this.#world = world;
    this.#merged = world.workloads.filter((workload) => world.isMerged(workload));
    this.#healthy = world.writePath.healthy;
  }

  run(micros: number, progress: Progress | null): void {
    const { kernel } = this.#world;
    let windows = 0;
    while (kernel.now < micros) {
      this.#window(micros);
      windows += 1;
      if (progress !== null && windows % 256 === 0) progress(kernel.now);
    }
  }

  /** One window: issue ahead, sort, take the records in order; then the queue's next tick, if the window ends there. */
  #window(untilMicros: number): void {
    const { kernel, calendar, writePath } = this.#world;
    const from = this.#nextBusyMicros(untilMicros);
    const untilTick = untilMicros * TICKS_PER_MICRO;
    if (kernel.nextTick() < Math.min(from * TICKS_PER_MICRO + EVENT_CLASS.issue, untilTick)) {
      kernel.stepTick();
      return;
    }
    // At the same moment the clock may have passed this class already (a timer ran): then it stays.
    if (from > kernel.now) kernel.advance(from);
    calendar.skipTo(from);
    if (from >= untilMicros) return;
    const unordered = writePath.unordered.untilMicros(from);
    const untilBucket = unordered > from ? unordered : calendar.bucketEnd(from);
    const limitTick = Math.min(untilBucket * TICKS_PER_MICRO, kernel.nextTick(), untilTick);
    writePath.messages.sortedUntil = from;
    this.#issueAhead(limitTick);
    // An event of the queue within this very microsecond wants order.
    const isWide = limitTick >= (from + 1) * TICKS_PER_MICRO;
    if (unordered > from && isWide && writePath.unordered.take(from, limitTick)) {
      writePath.messages.sortedUntil = 0;
      this.#closeWindow(Math.floor(limitTick / TICKS_PER_MICRO));
      return;
    }
    this.#healthy.sendFilled();
    calendar.open(from);
    writePath.messages.sortedUntil = Math.ceil(limitTick / TICKS_PER_MICRO);
    this.#takeAll(limitTick);
    const meetsQueue = kernel.nextTick() === limitTick && limitTick < untilTick;
    if (meetsQueue) this.#joinTick(limitTick);
    calendar.putBack(this.#cursor.nextRecord);
    writePath.messages.sortedUntil = 0;
    if (meetsQueue) kernel.stepTick();
    else this.#closeWindow(Math.floor(limitTick / TICKS_PER_MICRO));
  }

  #closeWindow(micros: number): void {
    const { kernel } = this.#world;
    if (micros > kernel.now && kernel.nextTick() >= micros * TICKS_PER_MICRO) kernel.advance(micros);
  }

  /** The first moment from now on at which a write arrives or a record lies. */
  #nextBusyMicros(untilMicros: number): number {
    const { kernel, calendar } = this.#world;
    let first = calendar.nextOccupied(kernel.now);
    for (const { arrivals } of this.#merged) first = Math.min(first, this.#clip(arrivals.peek()));
    return Math.max(kernel.now, Math.min(first, untilMicros));
  }

  /** Clients stop at the end of the duration. */
  #clip(arrival: number): number {
    return arrival < this.#world.plan.duration_micros ? arrival : Infinity;
  }

  /** Issue, in order of time and workload, all writes before the limit: one stretch of versions. */
  #issueAhead(limitTick: number): void {
    const { writePath, versions, cluster } = this.#world;
    const untilMicros = Math.ceil((limitTick - EVENT_CLASS.issue) / TICKS_PER_MICRO);
    this.#cursor.nextIssue = versions.count;
    for (;;) {
      const workload = this.#nextWorkload();
      if (workload === null || workload.arrivals.peek() >= untilMicros) break;
      if (cluster.healthy) this.#healthy.fill(workload, Math.min(untilMicros, this.#turnOf(workload)));
      else {
        const { arrivals } = workload;
        const { index } = arrivals;
        const at = arrivals.peek();
        arrivals.advance();
        writePath.issue(workload, index, at);
      }
    }
    this.#cursor.issueEnd = versions.count;
  }

  /** The merged workload whose next arrival is first. */
  #nextWorkload(): Workload | null {
    let best: Workload | null = null;
    let bestAt = Infinity;
    for (const workload of this.#merged) {
      const at = this.#clip(workload.arrivals.peek());
      if (at < bestAt) {
        best = workload;
        bestAt = at;
      }
    }
    return best;
  }

  /** Until when, exclusive, the writes of the workload come before those of all others. */
  #turnOf(workload: Workload): number {
    let until = this.#world.plan.duration_micros;
    let isBefore = false;
    for (const other of this.#merged) {
      if (other === workload) isBefore = true;
      else until = Math.min(until, other.arrivals.peek() + (isBefore ? 1 : 0));
    }
    return until;
  }

  /** Issues, records and queue events in order, up to the limit. Times are ticks from the bucket's start: small integers. */
  #takeAll(limitTick: number): void {
    const { kernel, calendar, cluster } = this.#world;
    const baseTick = calendar.sortedBase * TICKS_PER_MICRO;
    const limit = limitTick - baseTick;
    const cursor = this.#cursor;
    cursor.nextRecord = 0;
    for (;;) {
      const queued = kernel.nextTick();
      const stop = queued - baseTick < limit ? queued - baseTick : limit;
      // As long as the queue's next event stays the same, nothing can come between.
      do {
        if (cluster.healthy) this.#healthy.take(cursor, stop);
        const issue = this.#issueTick();
        const record =
          cursor.nextRecord < calendar.sortedCount ? recordTickOf(calendar.sortedKeys[cursor.nextRecord]) : NEVER;
        const tick = issue < record ? issue : record;
        if (tick >= stop) {
          if (tick >= limit) return;
          this.#meetQueue(tick + baseTick, queued);
          break;
        }
        if (issue < record) this.#takeIssue();
        else this.#takeRecord();
      } while (kernel.nextTick() === queued);
    }
  }

  /** Of the next write that was issued ahead, in ticks from the bucket's start. */
  #issueTick(): number {
    const { nextIssue, issueEnd } = this.#cursor;
    if (nextIssue >= issueEnd) return NEVER;
    const { calendar, versions } = this.#world;
    return (versions.arrays.issuedAt[nextIssue] - calendar.sortedBase) * TICKS_PER_MICRO + EVENT_CLASS.issue;
  }

  /** The queue has an event before the next write or record, or in the same tick. */
  #meetQueue(tick: number, queued: number): void {
    if (queued < tick) this.#world.kernel.stepTick();
    else this.#settleTie(tick);
  }

  #takeIssue(): void {
    const { kernel, writePath, versions } = this.#world;
    const version = this.#cursor.nextIssue;
    const at = versions.arrays.issuedAt[version];
    this.#cursor.nextIssue = version + 1;
    kernel.advance(at, EVENT_CLASS.issue);
    writePath.recordIssue(version, at, 0, versions.arrays.coordinator[version]);
  }

  /** Tick of the next record; Infinity when there is none. */
  #recordTick(): number {
    const { calendar } = this.#world;
    if (this.#cursor.nextRecord >= calendar.sortedCount) return Infinity;
    return calendar.sortedBase * TICKS_PER_MICRO + recordTickOf(calendar.sortedKeys[this.#cursor.nextRecord]);
  }

  #takeRecord(): void {
    const { calendar, kernel, writePath } = this.#world;
    const key = calendar.sortedKeys[this.#cursor.nextRecord];
    const version = calendar.sortedVersions[this.#cursor.nextRecord];
    this.#cursor.nextRecord += 1;
    kernel.advance(calendar.sortedBase + (key >>> CODE_BITS), EVENT_CLASS.message);
    const code = key & CODE_MASK;
    switch (code >> CODE_KIND_SHIFT) {
      case 0:
        writePath.delivery(version, code & COPY_MASK);
        return;
      case 1:
        writePath.hintAtIssue(version, code & COPY_MASK);
        return;
      case 2:
        writePath.answer(version, 0);
        return;
      default:
        writePath.expiry(version, 0);
    }
  }

  /** Writes and records of a tick at which the queue has events too go through the queue, which orders them by key. */
  #joinTick(tick: number): void {
    const { kernel } = this.#world;
    this.#joinRecords(tick);
    for (const workload of this.#merged) {
      const at = this.#clip(workload.arrivals.peek());
      if (at * TICKS_PER_MICRO + EVENT_CLASS.issue === tick) kernel.schedule(at, EVENT.arrival, workload.index, 0);
    }
  }

  #joinRecords(tick: number): void {
    const { calendar, kernel } = this.#world;
    while (this.#recordTick() === tick) {
      const key = calendar.sortedKeys[this.#cursor.nextRecord];
      const at = calendar.sortedBase + (key >>> CODE_BITS);
      kernel.schedule(
        at,
        EVENT_OF_KIND[(key & CODE_MASK) >> CODE_KIND_SHIFT],
        calendar.sortedVersions[this.#cursor.nextRecord],
        key & COPY_MASK,
      );
      this.#cursor.nextRecord += 1;
    }
  }

  /** A tie within the window. A write that was issued ahead comes before whatever else clients do at that microsecond (its
   * kind is the first of its class); records join the queue. */
  #settleTie(tick: number): void {
    const { kernel } = this.#world;
    if ((tick & (TICKS_PER_MICRO - 1)) === EVENT_CLASS.issue) this.#takeIssue();
    else {
      this.#joinRecords(tick);
      kernel.stepTick();
    }
  }
}
