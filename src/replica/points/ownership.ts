/**
 * Who owns a shard, as its metadata say (influxdb.7-copy): an operator takes a copy away with remove-shard, and copy-shard gives one
 * to a node, be it a new owner. To whom a shard does not belong nothing of it is sent, and nobody keeps anything for it. As long
 * as there are fewer owners than wanted copies, those that were taken away last count as missing.
 */
import { ROLE } from '../../data/epochs.ts';
import type { TableLayout } from '../../data/layout.ts';
import { RECORD } from '../../data/records.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';

export interface OwnershipState {
  removedBy: Int32Array;
  removal: Int32Array;
  removals: number;
}

interface OwnershipOptions {
  kernel: Kernel;
  trace: Trace;
  tables: readonly TableLayout[];
}

/** It has never been an owner. */
const NEVER = -1;

export class Ownership {
  readonly #o: OwnershipOptions;
  readonly #copies: number;
  /** By table * copies + copy: the entry by which it was taken away, or NEVER; 0: it is an owner. */
  #removedBy: Int32Array;
  /** The how manieth removal that was. */
  #removal: Int32Array;
  #removals = 0;

  constructor(options: OwnershipOptions) {
    const { tables } = options;
    this.#o = options;
    this.#copies = tables.reduce((most, { copies }) => Math.max(most, copies), 1);
    this.#removedBy = new Int32Array(tables.length * this.#copies);
    this.#removal = new Int32Array(tables.length * this.#copies);
    for (const { index, copies, epochs } of tables)
      for (let copy = 0; copy < copies; copy += 1)
        if (epochs?.roles[0][copy] === ROLE.none) this.#removedBy[index * this.#copies + copy] = NEVER;
  }

  owns(table: number, copy: number): boolean {
    return copy >= 0 && this.#removedBy[table * this.#copies + copy] === 0;
  }

  /** The entry by which the copy was taken away; 0: by none. */
  removedBy(table: number, copy: number): number {
    return Math.max(0, this.#removedBy[table * this.#copies + copy]);
  }

  /** Copies of the shard's owners, in the order of the list. */
  ownersOf(table: number): number[] {
    const owners: number[] = [];
    for (let copy = 0; copy < this.#o.tables[table].copies; copy += 1) if (this.owns(table, copy)) owners.push(copy);
    return owners;
  }

  /** The owner after this one, round the list; itself where it is the only one. */
  nextOwner(table: number, copy: number): number {
    const { copies } = this.#o.tables[table];
    for (let step = 1; step < copies; step += 1)
      if (this.owns(table, (copy + step) % copies)) return (copy + step) % copies;
    return copy;
  }

  /** Is the copy one of those that there should be? An owner, or missing and replaced by none. */
  counts(table: number, copy: number): boolean {
    const place = table * this.#copies + copy;
    if (copy < 0 || this.#removedBy[place] <= 0) return copy >= 0 && this.#removedBy[place] === 0;
    const { copies, factor } = this.#o.tables[table];
    let before = 0;
    for (let other = 0; other < copies; other += 1) {
      const at = table * this.#copies + other;
      const isLater = this.#removedBy[at] > 0 && this.#removal[at] > this.#removal[place];
      if (this.#removedBy[at] === 0 || isLater) before += 1;
    }
    return before < factor;
  }

  remove(table: number, copy: number, origin: number): void {
    this.#removals += 1;
    this.#removal[table * this.#copies + copy] = this.#removals;
    this.#change(table, copy, { removedBy: origin, origin });
  }

  add(table: number, copy: number, origin: number): void {
    this.#change(table, copy, { removedBy: 0, origin });
  }

  save(): OwnershipState {
    return { removedBy: this.#removedBy.slice(), removal: this.#removal.slice(), removals: this.#removals };
  }

  load({ removedBy, removal, removals }: OwnershipState): void {
    this.#removedBy = removedBy.slice();
    this.#removal = removal.slice();
    this.#removals = removals;
  }

  #change(table: number, copy: number, { removedBy, origin }: { removedBy: number; origin: number }): void {
    const { kernel, trace, tables } = this.#o;
    const before = this.#counting(table);
    this.#removedBy[table * this.#copies + copy] = removedBy;
    const after = this.#counting(table);
    if (tables[table].epochs !== undefined && after !== before)
      trace.record(kernel.now, RECORD.shardOwnersChanged, 0, 0, table, origin, after);
  }

  #counting(table: number): number {
    let counting = 0;
    for (let copy = 0; copy < this.#o.tables[table].copies; copy += 1)
      if (this.counts(table, copy)) counting |= 1 << copy;
    return counting;
  }
}
