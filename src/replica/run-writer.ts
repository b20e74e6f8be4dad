/**
 * Numbers and seals the runs of a world: the only maker of `Run`s while it runs. What a run holds is decided by the
 * callers (flush, compaction, streams, damage), how it is sealed by `data/runs.ts`.
 */
import type { OrdinalInterval } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import type { MergeOrder } from '../data/merge-order.ts';
import type { Run } from '../data/run.ts';
import { cutEntries, staysWhole } from './compaction/outputs.ts';
import type { OutputCut } from './compaction/strategy.ts';
import {
  baseRun,
  includesSlot,
  runOf,
  sealRun,
  sectionOfRun,
  type Entries,
  type RunContent,
  type RunHeader,
} from '../data/runs.ts';
import type { Versions } from '../data/versions.ts';

export interface RunMarks {
  repairedAt: number;
  pendingRepair: number;
  level?: number;
}

const UNREPAIRED: RunMarks = { repairedAt: 0, pendingRepair: 0 };
const NONE = new Int32Array(0);

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

  /** The same, cut into runs; none where nothing is left. Initial content stays a formula only in a single run. */
  outputs(node: number, layout: TableLayout, content: RunContent, cut: OutputCut, marks: RunMarks): Run[] {
    const whole = this.fromContent(node, layout, content, marks);
    if (whole.slots.length === 0 && !whole.base) return [];
    if (staysWhole(cut, whole.bytes)) return [whole];
    const header = this.header(node, layout);
    const entries = whole.base ? sectionOfRun(header, whole, [{ from: 0, to: layout.partitions }]) : whole;
    const input = { layout, versions: this.#versions, node, cut, bytes: whole.bytes };
    return cutEntries(entries, input).map((piece) =>
      this.fromContent(
        node,
        layout,
        { ...piece.entries, base: false, removed: NONE },
        { ...marks, level: (marks.level ?? 0) + piece.levelsUp },
      ),
    );
  }

  baseRun(node: number, layout: TableLayout): Run {
    return baseRun(this.#header(node, layout, UNREPAIRED));
  }

  /** The same run without some slots, which ascend, or the run itself when it holds none of them. */
  without(node: number, layout: TableLayout, run: Run, slots: Int32Array): Run {
    const kept = keepOthers(run, slots);
    const uncovered = run.base ? slots.filter((slot) => !includesSlot(run.removed, slot)) : NONE;
    if (kept.slots.length === run.slots.length && uncovered.length === 0) return run;
    const removed = uncovered.length === 0 ? run.removed : united(run.removed, uncovered);
    return runOf(this.#header(node, layout, run), { ...kept, base: run.base, removed });
  }

  /** Content as two runs: what lies in the partitions, with the marks, and the rest, unrepaired; none for what is empty.
   * Initial content is written out, because it covers all partitions or none. */
  split(
    node: number,
    layout: TableLayout,
    content: RunContent,
    { intervals, marks, level }: { intervals: readonly OrdinalInterval[]; marks: RunMarks; level: number },
  ): Run[] {
    const header = this.header(node, layout);
    const all = runOf(header, content);
    const parts = [
      { entries: sectionOfRun(header, all, intervals), marks },
      { entries: sectionOfRun(header, all, complementOf(intervals, layout.partitions)), marks: UNREPAIRED },
    ];
    return parts
      .filter(({ entries }) => entries.slots.length > 0)
      .map(({ entries, marks: own }) =>
        this.fromContent(node, layout, { ...entries, base: false, removed: NONE }, { ...own, level }),
      );
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
      level: marks.level ?? 0,
    };
  }
}

/** The partitions that are in none of the intervals, which ascend without overlap. */
function complementOf(intervals: readonly OrdinalInterval[], partitions: number): OrdinalInterval[] {
  const rest: OrdinalInterval[] = [];
  let from = 0;
  for (const interval of intervals) {
    if (interval.from > from) rest.push({ from, to: interval.from });
    from = interval.to;
  }
  if (from < partitions) rest.push({ from, to: partitions });
  return rest;
}

/** The run's entries but those of the given slots; both ascend. */
function keepOthers(run: Run, gone: Int32Array): Entries {
  const slots = new Int32Array(run.slots.length);
  const versions = new Int32Array(run.slots.length);
  let count = 0;
  let next = 0;
  for (let entry = 0; entry < run.slots.length; entry += 1) {
    while (next < gone.length && gone[next] < run.slots[entry]) next += 1;
    if (next < gone.length && gone[next] === run.slots[entry]) continue;
    slots[count] = run.slots[entry];
    versions[count] = run.versions[entry];
    count += 1;
  }
  return { slots: slots.slice(0, count), versions: versions.slice(0, count) };
}

/** Two lists without a common member, each ascending, as one. */
function united(left: Int32Array, right: Int32Array): Int32Array {
  const all = new Int32Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all.sort((low, high) => low - high);
}
