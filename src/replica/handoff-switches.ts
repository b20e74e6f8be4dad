/**
 * What an operator can change of hinted handoff while a node runs: whether it stores hints, for which data centres, for how
 * long after a node went down, how fast it delivers them, and whether it delivers at all (cassandra.e20). A value per node;
 * a process that starts has those of its cassandra.yaml. Whoever stores and delivers asks here (hints.ts).
 */
export interface HandoffSettings {
  enabled: boolean;
  /** Numbers of data centres. */
  disabledDcs: readonly number[];
  windowMicros: number;
  throttleBytesPerSecond: number;
}

export interface HandoffState {
  now: HandoffSettings[];
  paused: number[];
}

export class HandoffSwitches {
  /** By node. */
  readonly #now: HandoffSettings[];
  readonly #paused: Uint8Array;

  constructor(settings: readonly HandoffSettings[]) {
    this.#now = settings.map((own) => ({ ...own }));
    this.#paused = new Uint8Array(settings.length);
  }

  of(node: number): Readonly<HandoffSettings> {
    return this.#now[node];
  }

  /** Does the node make hints for nodes of this data centre? */
  stores(node: number, dc: number): boolean {
    const { enabled, disabledDcs } = this.#now[node];
    return enabled && !disabledDcs.includes(dc);
  }

  change(node: number, changes: Partial<HandoffSettings>): void {
    this.#now[node] = { ...this.#now[node], ...changes };
  }

  isPaused(node: number): boolean {
    return this.#paused[node] === 1;
  }

  setPaused(node: number, paused: boolean): void {
    this.#paused[node] = paused ? 1 : 0;
  }

  save(): HandoffState {
    return { now: this.#now.map((own) => ({ ...own })), paused: [...this.#paused] };
  }

  load({ now, paused }: HandoffState): void {
    now.forEach((own, node) => (this.#now[node] = { ...own }));
    this.#paused.set(paused);
  }
}
