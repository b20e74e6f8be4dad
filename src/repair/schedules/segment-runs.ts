/**
 * Repairs that somebody asks for segment by segment, as Reaper and auto-repair do: which segment may begin now, through
 * which node, how long it may take, when it is tried again. It stands where an operator stands: it asks the manager for
 * repairs of ranges and hears how they ended; no strategy knows of it. What a segment is: `scheduled-segments.ts`.
 */
import { REPAIR_EVENT } from '../event-kinds.ts';
import type { RepairHost } from '../host.ts';
import type { RepairManager } from '../manager.ts';
import type { PlanRepairOptions, PlanSegments } from '../../scenario/plan.ts';
import type { ScheduledSegment } from './scheduled-segments.ts';
import { isOver, SEGMENT, waitingInOrder } from './segment-state.ts';
import type { Lease, SegmentRun, SegmentRunsState } from './segment-state.ts';

export interface SegmentedEntry {
  readonly id: string;
  readonly options: PlanRepairOptions;
  readonly command: string;
  readonly segments: readonly ScheduledSegment[];
  readonly how: PlanSegments;
}

const TIMER_CLASS = 3;

export class SegmentRuns {
  readonly #host: RepairHost;
  readonly #manager: RepairManager;
  readonly #entries: ReadonlyMap<number, SegmentedEntry>;
  readonly #untilMicros: number;
  #runs = new Map<number, SegmentRun>();
  #leases = new Map<number, Lease>();
  #nextLease = 1;

  /** `entries` by index of the plan entry; no run begins at or after `untilMicros`. Defines the events of segments. */
  constructor(options: {
    host: RepairHost;
    manager: RepairManager;
    entries: ReadonlyMap<number, SegmentedEntry>;
    untilMicros: number;
  }) {
    this.#host = options.host;
    this.#manager = options.manager;
    this.#entries = options.entries;
    this.#untilMicros = options.untilMicros;
    const { kernel } = this.#host;
    kernel.define(REPAIR_EVENT.segmentsDue, 'segmentsDue', TIMER_CLASS, (entry) => this.#due(entry));
    kernel.define(REPAIR_EVENT.segmentTimedOut, 'segmentTimedOut', TIMER_CLASS, (lease) => this.#timedOut(lease));
    kernel.define(REPAIR_EVENT.segmentRested, 'segmentRested', TIMER_CLASS, (lease) => this.#rested(lease));
  }

  has(index: number): boolean {
    return this.#entries.has(index);
  }

  isRunning(index: number): boolean {
    return this.#runs.has(index);
  }

  /** A run of the entry begins now, unless the one before still goes on. */
  begin(index: number): void {
    if (this.#runs.has(index)) return;
    this.#beginRun(index, []);
    this.#due(index);
  }

  /** A command that was asked for here has ended. */
  commandEnded(command: number, hasFailed: boolean): void {
    const lease = [...this.#leases.values()].find((candidate) => candidate.command === command);
    if (lease === undefined) return;
    if (hasFailed) this.#failed(lease);
    else this.#succeeded(lease);
  }

  save(): SegmentRunsState {
    return {
      runs: [...this.#runs].map(([index, run]) => [index, copyRun(run)]),
      leases: [...this.#leases.values()].map((lease) => ({ ...lease })),
      nextLease: this.#nextLease,
    };
  }

  load(state: SegmentRunsState): void {
    this.#runs = new Map(state.runs.map(([index, run]) => [index, copyRun(run)]));
    this.#leases = new Map(state.leases.map((lease) => [lease.id, { ...lease }]));
    this.#nextLease = state.nextLease;
  }

  // ---------------------------------------------------------------- runs

  /** `dueMicros`: when each segment may begin; all at once where it is empty. */
  #beginRun(index: number, dueMicros: readonly number[]): void {
    const { id, options, command, segments, how } = this.#entry(index);
    const { now } = this.#host.kernel;
    this.#mark(how, how.by === 'reaper' ? 'cassandra.r-segments' : 'cassandra.m-auto');
    this.#runs.set(index, {
      startMicros: now,
      nextPollMicros: now,
      states: segments.map(() => SEGMENT.waiting),
      attempts: segments.map(() => 0),
      dueMicros: segments.map((_segment, segment) => dueMicros[segment] ?? now),
      endedMicros: segments.map(() => now),
    });
    const asked = { id, strategy: options.strategy, command };
    this.#manager.beginRun(index, { ...asked, segments: segments.length });
  }

  /** The next look at what may begin: every so often. */
  #due(index: number): void {
    const run = this.#runs.get(index);
    if (run === undefined) return;
    const { kernel } = this.#host;
    // What is left of an earlier run looks for nothing.
    if (run.nextPollMicros !== kernel.now) return;
    run.nextPollMicros += this.#entry(index).how.poll_micros;
    kernel.schedule(run.nextPollMicros, REPAIR_EVENT.segmentsDue, index, 0);
    if (this.#mayProceed(index, run))
      for (const segment of waitingInOrder(run, kernel.now)) this.#tryToStart(index, run, segment);
    this.#endIfOver(index, run);
  }

  #endIfOver(index: number, run: SegmentRun): void {
    if (!isOver(run) || this.#leasesOf(index).length > 0) return;
    const { kernel } = this.#host;
    this.#runs.delete(index);
    this.#manager.endRun(index, run.states.includes(SEGMENT.givenUp));
    const { due_again_micros: again } = this.#entry(index).how;
    if (again === null || kernel.now >= this.#untilMicros) return;
    this.#beginRun(
      index,
      run.endedMicros.map((ended) => ended + again),
    );
    this.#due(index);
  }

  /** Of the runs of one scheduler the oldest go on, as many as it lets. */
  #mayProceed(index: number, run: SegmentRun): boolean {
    const { how } = this.#entry(index);
    let older = 0;
    for (const [other, { startMicros }] of this.#runs) {
      if (other === index || this.#entry(other).how.by !== how.by) continue;
      if (startMicros < run.startMicros || (startMicros === run.startMicros && other < index)) older += 1;
    }
    if (older < how.runs_max) return true;
    this.#mark(how, 'cassandra.r-runs');
    return false;
  }

  // ---------------------------------------------------------------- segments

  #tryToStart(index: number, run: SegmentRun, segment: number): void {
    const { how, segments } = this.#entry(index);
    const { nodes, coordinators } = segments[segment];
    if (this.#leasedBy(how.by) >= how.segments_max || this.#isLeased(how, nodes)) return;
    const node = coordinators.find((candidate) => this.#host.isRunning(candidate));
    if (node === undefined || this.#isUnderPressure(how, nodes)) {
      run.dueMicros[segment] = this.#host.kernel.now + how.retry_micros;
      this.#manager.noteSegment(index, 'segments_postponed');
      return;
    }
    this.#start(index, run, { segment, node });
  }

  #start(index: number, run: SegmentRun, { segment, node }: { segment: number; node: number }): void {
    const { id, options, command: text, segments, how } = this.#entry(index);
    const { kernel } = this.#host;
    run.states[segment] = SEGMENT.running;
    run.attempts[segment] += 1;
    if (run.attempts[segment] > 1) this.#manager.noteSegment(index, 'segments_retried');
    const ranges = segments[segment].ranges ?? undefined;
    const command = this.#manager.ask({ entry: index, entryId: id, node, options, text, ...(ranges && { ranges }) });
    const lease = this.#nextLease;
    this.#nextLease += 1;
    const isResting = false;
    this.#leases.set(lease, { id: lease, entry: index, segment, command, startMicros: kernel.now, isResting });
    const patience = how.timeout_micros * (how.timeout_grows ? run.attempts[segment] : 1);
    kernel.schedule(kernel.now + patience, REPAIR_EVENT.segmentTimedOut, lease, index);
  }

  #timedOut(id: number): void {
    const lease = this.#leases.get(id);
    if (lease === undefined || lease.isResting) return;
    this.#mark(this.#entry(lease.entry).how, 'cassandra.r-timeout');
    this.#manager.noteSegment(lease.entry, 'segments_timed_out');
    this.#manager.terminate(lease.command);
  }

  /** Who gives up at some time tries again in its turn; who never does gives way to the other segments. */
  #failed(lease: Lease): void {
    const { id, entry, segment } = lease;
    const { how } = this.#entry(entry);
    const { kernel } = this.#host;
    const run = this.#runs.get(entry);
    if (run === undefined) return;
    const isLast = how.attempts_max !== null && run.attempts[segment] >= how.attempts_max;
    run.states[segment] = isLast ? SEGMENT.givenUp : SEGMENT.waiting;
    run.dueMicros[segment] = kernel.now + how.retry_micros;
    run.endedMicros[segment] = kernel.now;
    if (how.attempts_max !== null && !isLast) {
      lease.isResting = true;
      kernel.schedule(kernel.now + how.retry_micros, REPAIR_EVENT.segmentRested, id, entry);
      return;
    }
    this.#leases.delete(id);
    if (isLast) this.#endIfOver(entry, run);
  }

  /** After a segment that took T its nodes rest until T / intensity has passed. */
  #succeeded(lease: Lease): void {
    const { how } = this.#entry(lease.entry);
    const { kernel, rules } = this.#host;
    const run = this.#runs.get(lease.entry);
    if (run === undefined) return;
    run.states[lease.segment] = SEGMENT.done;
    run.endedMicros[lease.segment] = kernel.now;
    this.#manager.noteSegment(lease.entry, 'segments_done');
    const took = kernel.now - lease.startMicros;
    const rest = rules.isOff('cassandra.r-intensity') ? 0 : Math.round(took / how.intensity) - took;
    if (rest === 0) {
      this.#leases.delete(lease.id);
      this.#endIfOver(lease.entry, run);
      return;
    }
    this.#mark(how, 'cassandra.r-intensity');
    lease.isResting = true;
    kernel.schedule(kernel.now + rest, REPAIR_EVENT.segmentRested, lease.id, lease.entry);
  }

  #rested(id: number): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    this.#leases.delete(id);
    const run = this.#runs.get(lease.entry);
    if (run === undefined) return;
    if (run.states[lease.segment] === SEGMENT.waiting) this.#tryToStart(lease.entry, run, lease.segment);
    this.#endIfOver(lease.entry, run);
  }

  // ---------------------------------------------------------------- who is busy

  /** Is one of the nodes in another segment? */
  #isLeased(how: PlanSegments, nodes: readonly number[]): boolean {
    if (this.#host.rules.isOff('cassandra.r-leases')) return false;
    for (const { entry, segment } of this.#leases.values()) {
      const taken = this.#entry(entry).segments[segment].nodes;
      if (!nodes.some((node) => taken.includes(node))) continue;
      this.#mark(how, 'cassandra.r-leases');
      return true;
    }
    return false;
  }

  /** Does one of the nodes have too many compactions ahead, or a repair that somebody else asked for? */
  #isUnderPressure(how: PlanSegments, nodes: readonly number[]): boolean {
    const { pending_compactions_max: most } = how;
    if (most === null || this.#host.rules.isOff('cassandra.r-pressure')) return false;
    const isUnder = nodes.some(
      (node) =>
        this.#host.pendingCompactions(node) > most || (!this.#isBusyHere(node) && this.#manager.isRepairing(node)),
    );
    if (isUnder) this.#mark(how, 'cassandra.r-pressure');
    return isUnder;
  }

  #isBusyHere(node: number): boolean {
    for (const { entry, segment } of this.#leases.values())
      if (this.#entry(entry).segments[segment].nodes.includes(node)) return true;
    return false;
  }

  #leasedBy(by: PlanSegments['by']): number {
    return [...this.#leases.values()].filter(({ entry }) => this.#entry(entry).how.by === by).length;
  }

  #leasesOf(index: number): Lease[] {
    return [...this.#leases.values()].filter(({ entry }) => entry === index);
  }

  #mark({ by }: PlanSegments, rule: string): void {
    this.#host.rules.mark(by === 'reaper' ? rule : 'cassandra.m-auto');
  }

  #entry(index: number): SegmentedEntry {
    const entry = this.#entries.get(index);
    if (entry === undefined) throw new RangeError(`plan entry ${index} is not repaired in segments`);
    return entry;
  }
}

function copyRun(run: SegmentRun): SegmentRun {
  const { states, attempts, dueMicros, endedMicros } = run;
  return {
    ...run,
    states: [...states],
    attempts: [...attempts],
    dueMicros: [...dueMicros],
    endedMicros: [...endedMicros],
  };
}
