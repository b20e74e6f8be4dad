/**
 * What the anti-entropy service does, step by step, for whoever looks at a run: told beside the trace, not in it, because no
 * model and no fingerprint depends on it. Costs nothing where nobody looks.
 */
import type { TableLayout } from '../../data/layout.ts';
import type { Kernel } from '../../kernel/kernel.ts';

export interface DigestStep {
  kind: 'digestStarted' | 'digestMade';
  node: number;
  bytes: number;
}

/** The next owner's digest comes to the node; without bytes where it is there. */
export interface FetchStep {
  kind: 'fetchStarted' | 'fetchEnded';
  node: number;
  other: number;
  bytes: number;
}

/** A node and the next owner of the list; of each the parts of its digest that the other's has not so. */
export interface ComparedStep {
  kind: 'compared';
  node: number;
  other: number;
  here: number;
  there: number;
}

/** The next owner has nothing of the shard. */
export interface MissingStep {
  kind: 'missing';
  node: number;
  other: number;
}

/** What the next owner's digest lacks. */
export interface SendStep {
  kind: 'sendStarted' | 'sendEnded' | 'sendLost';
  node: number;
  other: number;
  rows: number;
  bytes: number;
  /** The service copies a missing shard by itself. */
  isAutomatic: boolean;
}

export type EntropyStep = (DigestStep | FetchStep | ComparedStep | MissingStep | SendStep) & {
  micros: number;
  /** Index of the shard's table. */
  table: number;
};

interface Sending {
  table: number;
  turn: number;
  patch: { to: number; slots: Int32Array; bytes: number } | null;
}

export class EntropyTelling {
  onStep: ((step: EntropyStep) => void) | null = null;
  readonly #kernel: Pick<Kernel, 'now'>;
  readonly #tables: readonly TableLayout[];

  constructor(kernel: Pick<Kernel, 'now'>, tables: readonly TableLayout[]) {
    this.#kernel = kernel;
    this.#tables = tables;
  }

  digest(kind: DigestStep['kind'], { table, node, bytes }: Omit<DigestStep, 'kind'> & { table: number }): void {
    this.onStep?.({ kind, micros: this.#kernel.now, table, node, bytes });
  }

  fetch(
    kind: FetchStep['kind'],
    { node, next: other, table }: { node: number; next: number; table: number },
    bytes: number,
  ): void {
    this.onStep?.({ kind, micros: this.#kernel.now, table, node, other, bytes });
  }

  compared(table: number, pair: Omit<ComparedStep, 'kind'>): void {
    this.onStep?.({ kind: 'compared', micros: this.#kernel.now, table, ...pair });
  }

  missing(table: number, node: number, other: number): void {
    this.onStep?.({ kind: 'missing', micros: this.#kernel.now, table, node, other });
  }

  send(kind: SendStep['kind'], { table, turn, patch }: Sending, isAutomatic: boolean): void {
    if (patch === null || this.onStep === null) return;
    const { replicas } = this.#tables[table];
    const { to, slots, bytes } = patch;
    const sent = { node: replicas[turn], other: replicas[to], rows: slots.length, bytes, isAutomatic };
    this.onStep({ kind, micros: this.#kernel.now, table, ...sent });
  }
}
