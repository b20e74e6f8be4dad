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

/** Entries (origins) that turned storing off: for all, and for data centres by number. */
export interface HandoffOff {
  all: number;
  dcs: [dc: number, origin: number][];
}

export interface HandoffState {
  now: HandoffSettings[];
  paused: number[];
  off: HandoffOff[];
}

export class HandoffSwitches {
  /** By node. */
  readonly #now: HandoffSettings[];
  readonly #paused: Uint8Array;
  readonly #off: HandoffOff[];

  constructor(settings: readonly HandoffSettings[]) {
    this.#now = settings.map((own) => ({ ...own }));
    this.#paused = new Uint8Array(settings.length);
    this.#off = settings.map(() => ({ all: 0, dcs: [] }));
  }

  of(node: number): Readonly<HandoffSettings> {
    return this.#now[node];
  }

  /** Does the node make hints for nodes of this data centre? */
  stores(node: number, dc: number): boolean {
    const { enabled, disabledDcs } = this.#now[node];
    return enabled && !disabledDcs.includes(dc);
  }

  /** Who turned off what `stores` refuses; 0: it was never on, by the file of the node. */
  offBy(node: number, dc: number): number {
    if (!this.#now[node].enabled) return this.#off[node].all;
    return this.#off[node].dcs.find(([off]) => off === dc)?.[1] ?? 0;
  }

  /** What was off already stays the work of whoever turned it off. */
  change(node: number, changes: HandoffSettings, origin: number): void {
    const before = this.#now[node];
    const { all, dcs } = this.#off[node];
    const known = (dc: number): number => dcs.find(([off]) => off === dc)?.[1] ?? 0;
    this.#off[node] = {
      all: changes.enabled ? 0 : before.enabled ? origin : all,
      dcs: changes.disabledDcs.map((dc) => [dc, before.disabledDcs.includes(dc) ? known(dc) : origin]),
    };
    this.#now[node] = { ...changes };
  }

  /** A process begins with what its file says. */
  begin(node: number, settings: HandoffSettings, off: HandoffOff): void {
    this.#now[node] = { ...settings };
    this.#off[node] = off;
    this.#paused[node] = 0;
  }

  isPaused(node: number): boolean {
    return this.#paused[node] === 1;
  }

  setPaused(node: number, paused: boolean): void {
    this.#paused[node] = paused ? 1 : 0;
  }

  save(): HandoffState {
    return { now: this.#now.map((own) => ({ ...own })), paused: [...this.#paused], off: [...this.#off] };
  }

  load({ now, paused, off }: HandoffState): void {
    now.forEach((own, node) => (this.#now[node] = { ...own }));
    this.#paused.set(paused);
    off.forEach((own, node) => (this.#off[node] = own));
  }
}
