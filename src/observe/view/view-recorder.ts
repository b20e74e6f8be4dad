/**
 * An observer of the trace that makes the time line of a run for people: it folds control records into view states
 * (`fold-record.ts`), an instant a step, and counts what flows between nodes (`levels.ts`). Immer is used here, a few thousand
 * times a run, and never where a model decides anything.
 */
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import type { Plan } from '../../scenario/plan.ts';
import { microsOf } from '../instants.ts';
import { changesView, foldRecord, LinkFaults } from './fold-record.ts';
import type { ViewRecord } from './fold-record.ts';
import { DifferingLeaves } from './leaves.ts';
import { LevelCounter } from './levels.ts';
import type { ViewLevels } from './levels.ts';
import { StepList, stepOf } from './view-steps.ts';
import type { ViewTimeline } from './view-steps.ts';
import { initialView } from './view-state.ts';
import type { ViewState } from './view-state.ts';

const KIND_SHIFT = 20;
const NODE_MASK = 0xffff;
const COPY_SHIFT = 16;

export interface ViewHistory {
  timeline: ViewTimeline;
  levels: ViewLevels;
}

export interface ViewRecorderOptions {
  stepsMax?: number;
}

export class ViewRecorder implements TraceObserver {
  readonly #links: LinkFaults;
  readonly #levels: LevelCounter;
  readonly #steps: StepList;
  readonly #leaves = new DifferingLeaves();
  #view: ViewState;
  /** Records of the instant or quantum that is open. */
  #open: ViewRecord[] = [];

  constructor(plan: Plan, { stepsMax }: ViewRecorderOptions = {}) {
    this.#links = new LinkFaults(plan);
    this.#levels = new LevelCounter(plan);
    this.#view = initialView(plan);
    this.#steps = new StepList(this.#view, stepsMax);
  }

  fold(words: Int32Array, count: number): void {
    const CONTROL = RECORD.nodeCrashed;
    this.#levels.fold(words, count);
    for (let at = 0, end = count * RECORD_STRIDE; at < end; at += RECORD_STRIDE) {
      const kind = words[at + 1] >>> KIND_SHIFT;
      if (kind < CONTROL) continue;
      if (kind === RECORD.rangeDiffered) this.#differs(words, at);
      else if (changesView(kind)) this.#take(words, at, kind);
    }
  }

  /** After the last block. */
  finish(): ViewHistory {
    this.#close();
    return { timeline: this.#steps.timeline(), levels: this.#levels.finish() };
  }

  #differs(words: Int32Array, at: number): void {
    const pair = words[at + 2];
    this.#leaves.add(words[at + 3], pair & NODE_MASK, pair >>> COPY_SHIFT, words[at + 5]);
  }

  #take(words: Int32Array, at: number, kind: number): void {
    const micros = microsOf(words, at);
    if (this.#open.length > 0 && !this.#isOpen(micros)) this.#close();
    const [node, other] = [words[at + 2] & NODE_MASK, words[at + 2] >>> COPY_SHIFT];
    this.#open.push({ micros, kind, node, other, a: words[at + 3], b: words[at + 4], c: words[at + 5] });
  }

  #isOpen(micros: number): boolean {
    const { quantumMicros } = this.#steps;
    const last = this.#open[this.#open.length - 1].micros;
    return quantumMicros === 0
      ? micros === last
      : Math.floor(micros / quantumMicros) === Math.floor(last / quantumMicros);
  }

  #close(): void {
    const records = this.#open;
    if (records.length === 0) return;
    this.#open = [];
    const kinds = [...new Set(records.map(({ kind }) => kind))].sort((left, right) => left - right);
    const moment = { micros: records[records.length - 1].micros, kinds };
    const [after, step] = stepOf(this.#view, moment, (draft) => {
      for (const record of records) foldRecord(draft, record, this.#links);
      this.#leaves.giveTo(draft);
    });
    this.#view = after;
    this.#steps.add(step);
  }
}
