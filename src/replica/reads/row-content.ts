/**
 * What a read sees of a row: what a replica answers, whether two answers are the same, what several come to, and which slots
 * one of them lacks. An answer is one version a slot, NOTHING where there is none; digests are equal exactly where answers
 * are. Rows of more than one slot may have a deletion, in the last.
 */
import type { Rules } from '../../base/rules.ts';
import type { TableLayout } from '../../data/layout.ts';
import { BASE, NOTHING, type Versions } from '../../data/versions.ts';
import type { Storage } from '../storage.ts';

export class RowContent {
  readonly #versions: Versions;
  readonly #storage: Storage;
  readonly #rules: Rules;
  readonly #strips: boolean;

  constructor(versions: Versions, storage: Storage, rules: Rules) {
    this.#versions = versions;
    this.#storage = storage;
    this.#rules = rules;
    this.#strips = !rules.isOff('cassandra.h4');
  }

  /** Writes what `node` answers about the row that begins at `slot` into `out` from `at` on. `nowMicros` is when the read
   * began: its coordinator says what time it is. */
  answer(
    node: number,
    row: { layout: TableLayout; slot: number; nowMicros: number },
    out: Int32Array,
    at: number,
  ): void {
    const { layout, slot } = row;
    for (let index = 0; index < layout.slotsPerRow; index += 1)
      out[at + index] = this.#storage.heldVersion(node, slot + index);
    this.#shadow(layout, out, at);
    for (let index = 0; index < layout.slotsPerRow; index += 1)
      if (this.#isStripped(layout, out[at + index], row.nowMicros)) out[at + index] = NOTHING;
  }

  areEqual(content: Int32Array, left: number, right: number, slots: number): boolean {
    for (let index = 0; index < slots; index += 1) if (content[left + index] !== content[right + index]) return false;
    return true;
  }

  /** Makes `merged` from `at` on the newest of itself and an answer; `settle` when all have been taken. */
  take(layout: TableLayout, merged: Int32Array, at: number, answer: { content: Int32Array; at: number }): void {
    for (let index = 0; index < layout.slotsPerRow; index += 1) {
      const version = answer.content[answer.at + index];
      if (this.#wins(version, merged[at + index])) merged[at + index] = version;
    }
  }

  settle(layout: TableLayout, merged: Int32Array, at: number): void {
    this.#shadow(layout, merged, at);
  }

  /** A bit for each slot in which the answer is not what all come to. */
  lacking(layout: TableLayout, merged: Int32Array, at: number, answer: { content: Int32Array; at: number }): number {
    let mask = 0;
    for (let index = 0; index < layout.slotsPerRow; index += 1) {
      const wanted = merged[at + index];
      if (wanted !== NOTHING && wanted !== answer.content[answer.at + index]) mask |= 1 << index;
    }
    return mask;
  }

  /** A deletion of the row hides what is not newer. */
  #shadow(layout: TableLayout, content: Int32Array, at: number): void {
    if (layout.slotsPerRow === layout.groups) return;
    const deletionAt = at + layout.groups;
    // A loaded row has no deletion.
    if (content[deletionAt] === BASE) content[deletionAt] = NOTHING;
    const deletion = content[deletionAt];
    if (deletion === NOTHING) return;
    for (let index = at; index < deletionAt; index += 1)
      if (content[index] === deletion || this.#wins(deletion, content[index])) content[index] = NOTHING;
  }

  /** cassandra.h4: from exactly gc_grace_seconds on a replica leaves a tombstone out of its answers. */
  #isStripped(layout: TableLayout, version: number, nowMicros: number): boolean {
    if (version <= BASE || this.#versions.purgeableAt(version, layout.gcGraceMicros) > nowMicros) return false;
    if (!this.#strips) return false;
    this.#rules.mark('cassandra.h4');
    return true;
  }

  #wins(later: number, earlier: number): boolean {
    if (later === earlier || later === NOTHING) return false;
    return earlier === NOTHING || this.#storage.order.wins(later, 1, earlier, 0);
  }
}
