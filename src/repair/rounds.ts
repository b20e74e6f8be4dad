/**
 * Repair entries of a plan over time: the nodes of an entry at once or one after another, once, again every so often or
 * at the times of a calendar. With `one_after_another` the next node starts when the command of the one before has ended,
 * failed or not. A round that is due while the one before still runs is left out, as a timer that finds its job busy does.
 * Entries that are repaired in segments, or by a foreign algorithm, are handed on: `schedules/segment-runs.ts`,
 * `algorithms/algorithm-runs.ts`.
 */
import type { PlanRepairOptions } from '../scenario/plan.ts';
import type { AlgorithmRuns, AlgorithmRunsState } from './algorithms/algorithm-runs.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import type { RepairHost } from './host.ts';
import type { RepairManager } from './manager.ts';
import { SegmentRuns } from './schedules/segment-runs.ts';
import type { SegmentedEntry } from './schedules/segment-runs.ts';
import type { SegmentRunsState } from './schedules/segment-state.ts';

/** A `repair` entry of the plan with its nodes as numbers. */
export interface RoundsEntry {
  readonly id: string;
  readonly nodes: readonly number[];
  readonly oneAfterAnother: boolean;
  readonly everyMicros: number | null;
  /** Further times at which it begins, ascending. */
  readonly againMicros?: readonly number[];
  readonly options: PlanRepairOptions;
  readonly command: string;
}

/** Of the entry's present round: commands that run, and the next node to start. */
export interface RoundState {
  running: number;
  next: number;
  /** Commands that failed. */
  failed: number;
}

export interface RoundsState {
  rounds: [number, RoundState][];
  segments: SegmentRunsState | null;
  algorithms: AlgorithmRunsState | null;
}

const TIMER_CLASS = 3;

export class RepairRounds {
  /** Null where no entry is repaired by one. */
  readonly algorithms: AlgorithmRuns | null;
  readonly #host: RepairHost;
  readonly #manager: RepairManager;
  readonly #entries: ReadonlyMap<number, RoundsEntry>;
  /** No new round begins at or after this time. */
  readonly #untilMicros: number;
  readonly #segments: SegmentRuns | null;
  #rounds = new Map<number, RoundState>();

  /** `entries` by index of the plan entry. Defines the events `commandEnded` and `roundDue`. */
  constructor(options: {
    host: RepairHost;
    manager: RepairManager;
    entries: ReadonlyMap<number, RoundsEntry>;
    untilMicros: number;
    /** Those of the entries that are repaired in segments. */
    segmented?: ReadonlyMap<number, SegmentedEntry>;
    /** Those of the entries that a foreign algorithm repairs. */
    algorithms?: AlgorithmRuns | null;
  }) {
    this.#host = options.host;
    this.#manager = options.manager;
    this.#entries = options.entries;
    this.#untilMicros = options.untilMicros;
    this.algorithms = options.algorithms ?? null;
    const { host, manager, segmented, untilMicros } = options;
    this.#segments =
      segmented === undefined || segmented.size === 0
        ? null
        : new SegmentRuns({ host, manager, entries: segmented, untilMicros });
    const { kernel } = this.#host;
    kernel.define(REPAIR_EVENT.commandEnded, 'commandEnded', TIMER_CLASS, (command, entry) =>
      this.#commandEnded(command, entry),
    );
    kernel.define(REPAIR_EVENT.roundDue, 'roundDue', TIMER_CLASS, (entry) => this.begin(entry));
  }

  /** A round of the entry begins now, and the one after it is scheduled. */
  begin(index: number): void {
    const entry = this.#entry(index);
    const { kernel } = this.#host;
    if (this.algorithms?.has(index) === true) {
      this.algorithms.begin(index);
      return;
    }
    if (entry.everyMicros !== null && kernel.now + entry.everyMicros < this.#untilMicros) {
      kernel.schedule(kernel.now + entry.everyMicros, REPAIR_EVENT.roundDue, index, 0);
    }
    const again = entry.againMicros?.find((at) => at > kernel.now);
    if (again !== undefined) kernel.schedule(again, REPAIR_EVENT.roundDue, index, 0);
    if (this.#segments?.has(index) === true) this.#segments.begin(index);
    else if (!this.isRunning(index)) this.#beginRound(index, entry);
  }

  #beginRound(index: number, entry: RoundsEntry): void {
    this.#rounds.set(index, { running: 0, next: 0, failed: 0 });
    if (repeats(entry)) {
      const { id, options, command } = entry;
      this.#manager.beginRun(index, { id, strategy: options.strategy, command, segments: 0 });
    }
    const atOnce = entry.oneAfterAnother ? 1 : entry.nodes.length;
    for (let count = 0; count < atOnce; count += 1) this.#startNext(index);
  }

  isRunning(index: number): boolean {
    if (this.#segments?.isRunning(index) === true || this.algorithms?.isRunning(index) === true) return true;
    const round = this.#rounds.get(index);
    return round !== undefined && (round.running > 0 || round.next < this.#entry(index).nodes.length);
  }

  save(): RoundsState {
    return {
      rounds: [...this.#rounds].map(([index, round]) => [index, { ...round }]),
      segments: this.#segments?.save() ?? null,
      algorithms: this.algorithms?.save() ?? null,
    };
  }

  load({ rounds, segments, algorithms }: RoundsState): void {
    this.#rounds = new Map(rounds.map(([index, round]) => [index, { ...round }]));
    if (segments !== null) this.#segments?.load(segments);
    if (algorithms !== null) this.algorithms?.load(algorithms);
  }

  #commandEnded(command: number, index: number): void {
    const hasFailed = this.#manager.takeFailed(command);
    if (this.#segments?.has(index) === true) {
      this.#segments.commandEnded(command, hasFailed);
      return;
    }
    const round = this.#rounds.get(index);
    if (round === undefined) return;
    round.running -= 1;
    if (hasFailed) round.failed += 1;
    if (this.#entry(index).oneAfterAnother) this.#startNext(index);
    if (!this.isRunning(index) && repeats(this.#entry(index))) this.#manager.endRun(index, round.failed > 0);
  }

  #startNext(index: number): void {
    const { id, nodes, options, command } = this.#entry(index);
    const round = this.#rounds.get(index);
    if (round === undefined || round.next >= nodes.length) return;
    const node = nodes[round.next];
    round.next += 1;
    round.running += 1;
    this.#manager.start(index, id, node, options, command);
  }

  #entry(index: number): RoundsEntry {
    const entry = this.#entries.get(index);
    if (entry === undefined) throw new RangeError(`plan entry ${index} is no repair`);
    return entry;
  }
}

function repeats({ everyMicros, againMicros = [] }: RoundsEntry): boolean {
  return everyMicros !== null || againMicros.length > 0;
}
