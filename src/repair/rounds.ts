/**
 * Repair entries of a plan over time: the nodes of an entry at once or one after another, once or again every so often.
 * With `one_after_another` the next node starts when the command of the one before has ended, failed or not. A round that
 * is due while the one before still runs is left out, as a timer that finds its job busy does.
 */
import type { PlanRepairOptions } from '../scenario/plan.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import type { RepairHost } from './host.ts';
import type { RepairManager } from './manager.ts';

/** A `repair` entry of the plan with its nodes as numbers. */
export interface RoundsEntry {
  readonly id: string;
  readonly nodes: readonly number[];
  readonly oneAfterAnother: boolean;
  readonly everyMicros: number | null;
  readonly options: PlanRepairOptions;
  readonly command: string;
}

/** Of the entry's present round: commands that run, and the next node to start. */
export interface RoundState {
  running: number;
  next: number;
}

const TIMER_CLASS = 3;

export class RepairRounds {
  readonly #host: RepairHost;
  readonly #manager: RepairManager;
  readonly #entries: ReadonlyMap<number, RoundsEntry>;
  /** No new round begins at or after this time. */
  readonly #untilMicros: number;
  #rounds = new Map<number, RoundState>();

  /** `entries` by index of the plan entry. Defines the events `commandEnded` and `roundDue`. */
  constructor(options: {
    host: RepairHost;
    manager: RepairManager;
    entries: ReadonlyMap<number, RoundsEntry>;
    untilMicros: number;
  }) {
    this.#host = options.host;
    this.#manager = options.manager;
    this.#entries = options.entries;
    this.#untilMicros = options.untilMicros;
    const { kernel } = this.#host;
    kernel.define(REPAIR_EVENT.commandEnded, 'commandEnded', TIMER_CLASS, (_command, entry) =>
      this.#commandEnded(entry),
    );
    kernel.define(REPAIR_EVENT.roundDue, 'roundDue', TIMER_CLASS, (entry) => this.begin(entry));
  }

  /** A round of the entry begins now, and the one after it is scheduled. */
  begin(index: number): void {
    const entry = this.#entry(index);
    const { kernel } = this.#host;
    if (entry.everyMicros !== null && kernel.now + entry.everyMicros < this.#untilMicros) {
      kernel.schedule(kernel.now + entry.everyMicros, REPAIR_EVENT.roundDue, index, 0);
    }
    if (this.isRunning(index)) return;
    this.#rounds.set(index, { running: 0, next: 0 });
    const atOnce = entry.oneAfterAnother ? 1 : entry.nodes.length;
    for (let count = 0; count < atOnce; count += 1) this.#startNext(index);
  }

  isRunning(index: number): boolean {
    const round = this.#rounds.get(index);
    return round !== undefined && (round.running > 0 || round.next < this.#entry(index).nodes.length);
  }

  save(): [number, RoundState][] {
    return [...this.#rounds].map(([index, round]) => [index, { ...round }]);
  }

  load(state: readonly [number, RoundState][]): void {
    this.#rounds = new Map(state.map(([index, round]) => [index, { ...round }]));
  }

  #commandEnded(index: number): void {
    const round = this.#rounds.get(index);
    if (round === undefined) return;
    round.running -= 1;
    if (this.#entry(index).oneAfterAnother) this.#startNext(index);
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
