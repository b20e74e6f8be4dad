/**
 * Which of a shard's owners still are: an operator takes a copy away with remove-shard and gives it back with copy-shard
 * (influxdb.7-copy). While it is taken away, writes are not meant for that copy, and nobody keeps them for it.
 */
import type { TableLayout } from '../../data/layout.ts';

export class Ownership {
  readonly #copies: number;
  /** By table * copies + copy: the entry by which it was taken away; 0: it is an owner. */
  #removedBy: Int32Array;

  constructor(tables: readonly TableLayout[]) {
    this.#copies = tables.reduce((most, { copies }) => Math.max(most, copies), 1);
    this.#removedBy = new Int32Array(tables.length * this.#copies);
  }

  owns(table: number, copy: number): boolean {
    return this.#removedBy[table * this.#copies + copy] === 0;
  }

  removedBy(table: number, copy: number): number {
    return this.#removedBy[table * this.#copies + copy];
  }

  remove(table: number, copy: number, origin: number): void {
    this.#removedBy[table * this.#copies + copy] = origin;
  }

  restore(table: number, copy: number): void {
    this.#removedBy[table * this.#copies + copy] = 0;
  }

  save(): Int32Array {
    return this.#removedBy.slice();
  }

  load(state: Int32Array): void {
    this.#removedBy = state.slice();
  }
}
