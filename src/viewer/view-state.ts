/**
 * What the person has chosen, shared by all sections: the section, the stretch of virtual time that charts show, the moment
 * that is looked at. Sections read and change it here and know nothing of one another. Not the state of the cluster: that
 * is folded from the trace by those sections that show it.
 */
export interface ViewState {
  /** Id of the section. */
  section: string;
  /** Stretch of virtual time that charts show. */
  fromMicros: number;
  toMicros: number;
  /** The moment chosen, by a click or a slider; null: none yet. */
  momentMicros: number | null;
}

/** A value that many look at: `set` merges and tells all, `subscribe` gives back how to stop. */
export class Store<State extends object> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  get(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    const keys = Object.keys(change) as (keyof State)[];
    if (keys.every((key) => Object.is(change[key], this.#state[key]))) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

export type ViewStore = Store<ViewState>;
