/**
 * Numbers and seals the runs of a world: the only maker of `Run`s while it runs. What a run holds is decided by the
 * callers (flush, compaction, streams, damage), how it is sealed by `data/runs.ts`.
 */
import type { TableLayout } from '../data/layout.ts';
import type { MergeOrder } from '../data/merge-order.ts';
import type { Run } from '../data/run.ts';
import { baseRun, includesSlot, lowerBound, runOf, sealRun, type RunContent, type RunHeader } from '../data/runs.ts';
import type { Versions } from '../data/versions.ts';

export interface RunMarks {
  repairedAt: number;
  pendingRepair: number;
}

const UNREPAIRED: RunMarks = { repairedAt: 0, pendingRepair: 0 };

export class RunWriter {
  readonly order: MergeOrder;
  readonly #versions: Versions;
  #nextId = 1;

  constructor(versions: Versions, order: MergeOrder) {
    this.#versions = versions;
    this.order = order;
  }

  get nextId(): number {
    return this.#nextId;
  }

  set nextId(id: number) {
    this.#nextId = id;
  }

  /** Unsorted entries in order of arrival. */
  fromEntries(
    node: number,
    layout: TableLayout,
    entries: { slots: Int32Array; versions: Int32Array; count: number },
    marks = UNREPAIRED,
  ): Run {
    return sealRun(this.#header(node, layout, marks), this.order, entries);
  }

  /** Content that is sorted already, one version a slot. */
  fromContent(node: number, layout: TableLayout, content: RunContent, marks = UNREPAIRED): Run {
    return runOf(this.#header(node, layout, marks), content);
  }

  baseRun(node: number, layout: TableLayout): Run {
    return baseRun(this.#header(node, layout, UNREPAIRED));
  }

  /** The same run without one slot, or the run itself when it does not hold it. */
  without(node: number, layout: TableLayout, run: Run, slot: number): Run {
    const entry = lowerBound(run.slots, slot);
    const hasEntry = entry < run.slots.length && run.slots[entry] === slot;
    const coversBase = run.base && !includesSlot(run.removed, slot);
    if (!hasEntry && !coversBase) return run;
    const slots = hasEntry ? withoutIndex(run.slots, entry) : run.slots;
    const versions = hasEntry ? withoutIndex(run.versions, entry) : run.versions;
    const removed = coversBase ? withValue(run.removed, slot) : run.removed;
    return runOf(this.#header(node, layout, run), { slots, versions, base: run.base, removed });
  }

  /** What `data/runs.ts` needs to know of a node's runs. */
  header(node: number, layout: TableLayout): RunHeader {
    return { id: 0, layout, versions: this.#versions, node };
  }

  #header(node: number, layout: TableLayout, marks: RunMarks): RunHeader {
    const id = this.#nextId;
    this.#nextId += 1;
    return {
      id,
      layout,
      versions: this.#versions,
      node,
      repairedAt: marks.repairedAt,
      pendingRepair: marks.pendingRepair,
    };
  }
}

function withoutIndex(values: Int32Array, index: number): Int32Array {
  const kept = new Int32Array(values.length - 1);
  kept.set(values.subarray(0, index));
  kept.set(values.subarray(index + 1), index);
  return kept;
}

function withValue(sorted: Int32Array, value: number): Int32Array {
  const at = lowerBound(sorted, value);
  const grown = new Int32Array(sorted.length + 1);
  grown.set(sorted.subarray(0, at));
  grown[at] = value;
  grown.set(sorted.subarray(at), at + 1);
  return grown;
}
