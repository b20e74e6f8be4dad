/**
 * What a run's trace tells of how copies came to differ, kept small: for each fate its first and last moment, its count
 * and nodes; for each plan entry when it took nodes and links away and gave them back; for each target of hints when they
 * were sent; for each repair when it ran. Only up to a moment; reading is all it does.
 */
import { CAUSE } from '../../data/causes.ts';
import { withoutState } from '../../data/fate.ts';
import { FAULT_RECORDS, ORIGIN_PLACE, originPlaceOf, RECORD, RECORD_STRIDE } from '../../data/records.ts';
import { kindOf, nodeOf, operandA, operandB, operandC, timeOf } from '../../kernel/trace.ts';
import type { TraceObserver } from '../../kernel/trace.ts';

export interface Span {
  first: number;
  last: number;
  count: number;
  nodes: Set<number>;
  /** Of fates: through whom the versions went, by their first attempt. */
  coordinators: Set<number>;
}

export interface RepairMoment {
  kind: 'started' | 'finished' | 'failed';
  /** Plan entry. */
  origin: number;
  node: number;
  at: number;
}

/** One entry may be there for every node; more of one kind is not told. */
const REPAIR_MOMENTS_MAX = 10_000;

export class StoryLog implements TraceObserver {
  /** By cause | state << 6 | origin << 8; without a state where content went back or was purged. */
  readonly fates = new Map<number, Span>();
  readonly repairs: RepairMoment[] = [];
  readonly #control = new Map<string, Span>();
  readonly #untilMicros: number;
  readonly #coordinatorOf: (version: number) => number;

  /** Nothing from `untilMicros` on is kept. */
  constructor(untilMicros: number, coordinatorOf: (version: number) => number) {
    this.#untilMicros = untilMicros;
    this.#coordinatorOf = coordinatorOf;
  }

  fold(words: Int32Array, count: number): void {
    for (let at = 0; at < count * RECORD_STRIDE; at += RECORD_STRIDE) {
      const kind = kindOf(words, at);
      if (kind <= RECORD.applied || kind === RECORD.answered) continue;
      const micros = timeOf(words, at);
      if (micros >= this.#untilMicros) return;
      this.#take(words, at, kind, micros);
    }
  }

  /** When a control record of this kind was left for the entry: RECORD.nodeCrashed, … */
  ofEntry(kind: number, origin: number): Span | null {
    return this.#control.get(`${kind} ${origin}`) ?? null;
  }

  /** When hints for the node were sent: RECORD.hintDispatchStarted, RECORD.hintDispatchFinished or RECORD.hintsDelivered. */
  ofTarget(kind: number, target: number): Span | null {
    return this.#control.get(`${kind} ${target}`) ?? null;
  }

  #take(words: Int32Array, at: number, kind: number, micros: number): void {
    const node = nodeOf(words, at);
    const [a, b, c] = [operandA(words, at), operandB(words, at), operandC(words, at)];
    switch (kind) {
      case RECORD.missed:
        this.#note(this.fates, c, micros, node).coordinators.add(this.#coordinatorOf(a));
        return;
      case RECORD.reverted:
        this.#note(this.fates, withoutState(c), micros, node);
        return;
      case RECORD.purged:
        this.#note(this.fates, CAUSE.tombstonePurged, micros, node);
        return;
      case RECORD.hintDispatchStarted:
      case RECORD.hintDispatchFinished:
      case RECORD.hintsDelivered:
        this.#note(this.#control, `${kind} ${b}`, micros, node);
        return;
      case RECORD.repairStarted:
      case RECORD.repairFinished:
      case RECORD.repairFailed:
        return this.#noteRepair(kind, b, node, micros);
      default:
        // The node of a mark is who sees it.
        if (originPlaceOf(kind) === ORIGIN_PLACE.a)
          this.#note(this.#control, `${kind} ${a}`, micros, kind === RECORD.markedDown ? b : node);
        else if (FAULT_RECORDS.has(kind)) this.#note(this.#control, `${kind} ${b}`, micros, node);
    }
  }

  #note<Key>(spans: Map<Key, Span>, key: Key, micros: number, node: number): Span {
    let span = spans.get(key);
    if (span === undefined) {
      span = { first: micros, last: micros, count: 0, nodes: new Set(), coordinators: new Set() };
      spans.set(key, span);
    }
    span.last = micros;
    span.count += 1;
    span.nodes.add(node);
    return span;
  }

  #noteRepair(kind: number, origin: number, node: number, at: number): void {
    if (this.repairs.length >= REPAIR_MOMENTS_MAX) return;
    const said = kind === RECORD.repairStarted ? 'started' : kind === RECORD.repairFinished ? 'finished' : 'failed';
    this.repairs.push({ kind: said, origin, node, at });
  }
}
