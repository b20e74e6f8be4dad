/**
 * The one interface through which a world is saved, restored and forked. A part's state is plain, cloneable data that
 * shares nothing mutable with the part; sealed, immutable runs may be shared by reference.
 */
import { Bug } from '../base/assert.ts';

export interface Part<State = unknown> {
  /** Unique in a world. */
  readonly name: string;
  save(): State;
  /** Replaces all state; it must not keep a reference to anything mutable in `state`, which may be loaded again. */
  load(state: State): void;
}

/** States by the names of parts, in the order of registration. */
export type WorldState = ReadonlyMap<string, unknown>;

/** The parts of one world. Loading a state into the parts of another world that was built from the same plan is a fork. */
export class WorldParts {
  readonly #parts = new Map<string, Part>();

  register<State>(part: Part<State>): void {
    if (this.#parts.has(part.name)) throw new Bug(`two parts are named ${part.name}`);
    this.#parts.set(part.name, part);
  }

  /** Registers something with save and load, such as the kernel or the trace, under a name. */
  registerAs<State>(name: string, part: { save(): State; load(state: State): void }): void {
    this.register<State>({ name, save: () => part.save(), load: (state) => part.load(state) });
  }

  save(): WorldState {
    const state = new Map<string, unknown>();
    for (const [name, part] of this.#parts) state.set(name, part.save());
    return state;
  }

  load(state: WorldState): void {
    if (state.size !== this.#parts.size) throw new Bug(`a state of ${state.size} parts for ${this.#parts.size}`);
    for (const name of this.#parts.keys()) if (!state.has(name)) throw new Bug(`no state of the part ${name}`);
    for (const [name, part] of this.#parts) part.load(state.get(name));
  }
}
