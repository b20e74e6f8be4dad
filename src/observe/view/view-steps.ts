/**
 * The time line of view states: steps, each with its moment, the record kinds that it tells, and Immer's patches forward and
 * backward. Bounded: where there are too many, steps within one quantum of time become one (at the moment of the last of
 * them), and the quantum doubles until they are few enough. So what is shown may lag by less than the quantum, which is said.
 */
import { applyPatches, enablePatches, produceWithPatches } from 'immer';
import type { Patch } from 'immer';
import type { ViewState } from './view-state.ts';

enablePatches();

export interface ViewStep {
  micros: number;
  /** Kinds of the records, each once, ascending. */
  kinds: readonly number[];
  patches: readonly Patch[];
  inverse: readonly Patch[];
}

export interface ViewTimeline {
  initial: ViewState;
  steps: readonly ViewStep[];
  /** 0: every change is a step of its own. */
  quantumMicros: number;
}

export const STEPS_MAX = 12_000;
const FIRST_QUANTUM_MICROS = 1000;

/** Applies a change and gives the step that it is, or null where nothing changes and no kind is to be told. */
export function stepOf(
  view: ViewState,
  moment: Pick<ViewStep, 'micros' | 'kinds'>,
  change: (draft: ViewState) => void,
): [ViewState, ViewStep] {
  const [after, patches, inverse] = produceWithPatches(view, (draft: ViewState) => {
    change(draft);
  });
  return [after, { ...moment, patches, inverse }];
}

/** The same states at the ends of quanta, with fewer steps. */
export function coarser({ initial, steps }: ViewTimeline, quantumMicros: number): ViewTimeline {
  const merged: ViewStep[] = [];
  let view = initial;
  for (let from = 0; from < steps.length;) {
    const quantum = Math.floor(steps[from].micros / quantumMicros);
    let to = from + 1;
    while (to < steps.length && Math.floor(steps[to].micros / quantumMicros) === quantum) to += 1;
    const group = steps.slice(from, to);
    if (group.length === 1) {
      view = applyPatches(view, group[0].patches);
      merged.push(group[0]);
    } else {
      const [after, step] = together(view, group);
      view = after;
      merged.push(step);
    }
    from = to;
  }
  return { initial, steps: merged, quantumMicros };
}

function together(view: ViewState, group: readonly ViewStep[]): [ViewState, ViewStep] {
  const kinds = [...new Set(group.flatMap((step) => step.kinds))].sort((left, right) => left - right);
  const after = applyPatches(
    view,
    group.flatMap((step) => step.patches),
  );
  // Seen from the end, so that what came and went within the quantum leaves no trace in the patches.
  return [after, { micros: group[group.length - 1].micros, kinds, ...between(view, after) }];
}

/** Patches from one state to another that shares what is the same. */
function between(from: ViewState, to: ViewState): Pick<ViewStep, 'patches' | 'inverse'> {
  const [, patches, inverse] = produceWithPatches(from, (draft: ViewState) => {
    assignDifferences(draft, from, to);
  });
  return { patches, inverse };
}

type Tree = Record<string, unknown>;

function assignDifferences(draft: object, from: object, to: object): void {
  const [target, before, after] = [draft as Tree, from as Tree, to as Tree];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) delete target[key];
  for (const key of Object.keys(after)) {
    const [old, value] = [before[key], after[key]];
    if (old === value) continue;
    const isTree = typeof old === 'object' && old !== null && typeof value === 'object' && value !== null;
    if (isTree) assignDifferences(target[key] as object, old, value);
    else target[key] = value;
  }
}

/** Takes steps one after another and keeps them few. */
export class StepList {
  readonly #initial: ViewState;
  readonly #max: number;
  #steps: ViewStep[] = [];
  #quantumMicros = 0;

  constructor(initial: ViewState, max = STEPS_MAX) {
    this.#initial = initial;
    this.#max = max;
  }

  /** How long a stretch of time belongs to one step; 0: an instant. */
  get quantumMicros(): number {
    return this.#quantumMicros;
  }

  add(step: ViewStep): void {
    this.#steps.push(step);
    while (this.#steps.length > this.#max) this.#thin();
  }

  timeline(): ViewTimeline {
    return { initial: this.#initial, steps: this.#steps, quantumMicros: this.#quantumMicros };
  }

  #thin(): void {
    this.#quantumMicros = Math.max(FIRST_QUANTUM_MICROS, this.#quantumMicros * 4);
    this.#steps = [...coarser(this.timeline(), this.#quantumMicros).steps];
  }
}
