/**
 * What the anti-entropy service does, step by step, for whoever looks at a run: told beside the trace, not in it, because no
 * model and no fingerprint depends on it. Costs nothing where nobody looks.
 */
import type { ComparedStep, DigestStep, EntropyStep, FetchStep, SendStep } from '../../data/entropy-step.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Kernel } from '../../kernel/kernel.ts';

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
