/**
 * A cursor over the view states of a run: goes to any moment forward by patches and backward by inverse patches, and finds
 * the next change of a kind. States that it has passed are kept here and there (they share what is the same), so that far
 * jumps begin near.
 */
import { applyPatches, enablePatches } from 'immer';
import type { ViewState } from './view-state.ts';
import type { ViewTimeline } from './view-steps.ts';

enablePatches();

const KEPT_EVERY = 64;

export class TimeTravel {
  readonly #timeline: ViewTimeline;
  readonly #kept = new Map<number, ViewState>();
  #state: ViewState;
  /** Steps that `#state` has taken. */
  #position = 0;

  constructor(timeline: ViewTimeline) {
    this.#timeline = timeline;
    this.#state = timeline.initial;
    this.#kept.set(0, timeline.initial);
  }

  get state(): ViewState {
    return this.#state;
  }

  /** Steps taken until now. */
  get position(): number {
    return this.#position;
  }

  /** The state after everything at or before the moment. */
  seek(micros: number): ViewState {
    return this.stepTo(this.#stepsUntil(micros));
  }

  /** The state after so many steps; as many patches are applied as lie between, or between it and a state that is kept. */
  stepTo(position: number): ViewState {
    this.#startNear(position);
    const { steps } = this.#timeline;
    while (this.#position !== position) {
      const next = this.#nextStop(position);
      const between =
        next > this.#position
          ? steps.slice(this.#position, next).flatMap((step) => step.patches)
          : steps
              .slice(next, this.#position)
              .reverse()
              .flatMap((step) => step.inverse);
      this.#state = applyPatches(this.#state, between);
      this.#position = next;
      if (next % KEPT_EVERY === 0) this.#kept.set(next, this.#state);
    }
    return this.#state;
  }

  /** The moment of the next step (or, backward, of the one before) after `micros` that tells one of these kinds; all where none
   * is named. Null where there is none. */
  next(micros: number, direction: 1 | -1, kinds: ReadonlySet<number> | null = null): number | null {
    const { steps } = this.#timeline;
    let at = direction === 1 ? this.#stepsUntil(micros) : this.#stepsUntil(micros - 1) - 1;
    for (; at >= 0 && at < steps.length; at += direction)
      if (kinds === null || steps[at].kinds.some((kind) => kinds.has(kind))) return steps[at].micros;
    return null;
  }

  /** Steps at or before the moment. */
  #stepsUntil(micros: number): number {
    const { steps } = this.#timeline;
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle].micros <= micros) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #startNear(position: number): void {
    const below = Math.floor(position / KEPT_EVERY) * KEPT_EVERY;
    for (const place of [below, below + KEPT_EVERY]) {
      const state = this.#kept.get(place);
      if (state === undefined || Math.abs(place - position) >= Math.abs(this.#position - position)) continue;
      this.#state = state;
      this.#position = place;
    }
  }

  /** On the way to a position, the next place at which a state is kept. */
  #nextStop(position: number): number {
    const at = this.#position;
    if (position > at) return Math.min(position, (Math.floor(at / KEPT_EVERY) + 1) * KEPT_EVERY);
    return Math.max(position, (Math.ceil(at / KEPT_EVERY) - 1) * KEPT_EVERY);
  }
}
