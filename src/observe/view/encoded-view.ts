/**
 * The history of view states as it stands in a page: small JSON. Paths, values and lists of kinds are written once and named
 * by their place; numbers are packed. Bounded in characters by making steps coarser (`view-steps.ts`).
 */
import type { Patch } from 'immer';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';
import type { LinkGroups, ViewLevels } from './levels.ts';
import type { ViewHistory } from './view-recorder.ts';
import { coarser } from './view-steps.ts';
import type { ViewStep, ViewTimeline } from './view-steps.ts';
import type { ViewState } from './view-state.ts';

export interface EncodedTimeline {
  initial: ViewState;
  quantum_micros: number;
  /** Moments of the steps. */
  times: string;
  /** Place of each step's list of kinds in `kind_lists`. */
  kinds: string;
  kind_lists: number[][];
  paths: (string | number)[][];
  values: unknown[];
  /** Of each step: the patches forward, then backward: how many, and each as operation, path, value (−1: none). */
  patches: string;
}

export interface EncodedLevels {
  stretch_micros: number;
  stretches: number;
  node_count: number;
  hints_for: string;
  hints_at: string;
  /** Absent: links are those of nodes. */
  groups?: LinkGroups;
  writes: string | null;
  hints: string | null;
  streamed: string | null;
}

export interface EncodedView {
  format: 1;
  timeline: EncodedTimeline;
  levels: EncodedLevels;
  /** Sentences: what was left out to stay small. */
  notes: string[];
}

export const TIMELINE_CHARACTERS_MAX = 1_500_000;
const QUANTUM_MICROS = 1000;
const OPERATIONS = ['replace', 'add', 'remove'] as const;

export function encodeView({ timeline, levels }: ViewHistory, charactersMax = TIMELINE_CHARACTERS_MAX): EncodedView {
  let kept = timeline;
  let encoded = encodeTimeline(kept);
  while (sizeOf(encoded) > charactersMax && kept.steps.length > 1) {
    kept = coarser(kept, Math.max(QUANTUM_MICROS, kept.quantumMicros * 4));
    encoded = encodeTimeline(kept);
  }
  return { format: 1, timeline: encoded, levels: encodeLevels(levels), notes: notesOf(kept, levels) };
}

export function decodeView({ timeline, levels }: EncodedView): ViewHistory {
  return { timeline: decodeTimeline(timeline), levels: decodeLevels(levels) };
}

function sizeOf({ times, kinds, patches, paths, values, kind_lists: lists }: EncodedTimeline): number {
  return times.length + kinds.length + patches.length + JSON.stringify([paths, values, lists]).length;
}

function notesOf({ quantumMicros }: ViewTimeline, { writes, groups, nodeCount }: ViewLevels): string[] {
  const notes: string[] = [];
  if (quantumMicros > 0)
    notes.push(`changes within ${quantumMicros / 1000} ms are one step, so what is shown may lag by as much`);
  if (groups !== null)
    notes.push(`links of ${nodeCount} nodes are drawn between ${groups.what}s, without what stays within one`);
  if (writes === null) notes.push('traffic of links is left out: there are too many nodes and data centres');
  return notes;
}

/** Names things by the place where they were first met. */
class Places<Thing> {
  readonly things: Thing[] = [];
  readonly #known = new Map<string, number>();

  of(thing: Thing): number {
    const text = JSON.stringify(thing);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.things.length);
    this.things.push(thing);
    return this.things.length - 1;
  }
}

function encodeTimeline({ initial, steps, quantumMicros }: ViewTimeline): EncodedTimeline {
  const lists = new Places<readonly number[]>();
  const paths = new Places<readonly (string | number)[]>();
  const values = new Places<unknown>();
  const numbers: number[] = [];
  const put = (patches: readonly Patch[]): void => {
    numbers.push(patches.length);
    for (const { op, path, value } of patches)
      numbers.push(OPERATIONS.indexOf(op), paths.of(path), op === 'remove' ? -1 : values.of(value));
  };
  for (const { patches, inverse } of steps) {
    put(patches);
    put(inverse);
  }
  return {
    initial,
    quantum_micros: quantumMicros,
    times: packNumbers(steps.map(({ micros }) => micros)),
    kinds: packNumbers(steps.map(({ kinds }) => lists.of(kinds))),
    kind_lists: lists.things.map((list) => [...list]),
    paths: paths.things.map((path) => [...path]),
    values: values.things,
    patches: packNumbers(numbers),
  };
}

function decodeTimeline(encoded: EncodedTimeline): ViewTimeline {
  const { initial, quantum_micros: quantumMicros, kind_lists: lists, paths, values } = encoded;
  const numbers = unpackNumbers(encoded.patches);
  const kinds = unpackNumbers(encoded.kinds);
  let at = 0;
  const take = (): Patch[] => {
    const patches: Patch[] = [];
    for (let count = numbers[at++]; count > 0; count -= 1) {
      const [op, path, value] = [OPERATIONS[numbers[at]], paths[numbers[at + 1]], numbers[at + 2]];
      patches.push(value < 0 ? { op, path } : { op, path, value: values[value] });
      at += 3;
    }
    return patches;
  };
  const steps = unpackNumbers(encoded.times).map((micros, index): ViewStep => {
    const patches = take();
    return { micros, kinds: lists[kinds[index]], patches, inverse: take() };
  });
  return { initial, steps, quantumMicros };
}

function encodeLevels(levels: ViewLevels): EncodedLevels {
  const { stretchMicros, stretches, nodeCount, groups, writes, hints, streamed } = levels;
  const packed = (cells: Int32Array | null): string | null =>
    cells === null ? null : packNumbers(turned(cells, stretches));
  return {
    ...{ stretch_micros: stretchMicros, stretches, node_count: nodeCount },
    hints_for: packNumbers(turned(levels.hintsFor, stretches)),
    hints_at: packNumbers(turned(levels.hintsAt, stretches)),
    ...(groups === null ? {} : { groups }),
    ...{ writes: packed(writes), hints: packed(hints), streamed: packed(streamed) },
  };
}

function decodeLevels(encoded: EncodedLevels): ViewLevels {
  const { stretch_micros: stretchMicros, stretches, node_count: nodeCount } = encoded;
  const cells = (text: string): Int32Array => {
    const values = unpackNumbers(text);
    return turned(Int32Array.from(values), values.length / stretches);
  };
  const { writes, hints, streamed, groups = null } = encoded;
  return {
    ...{ stretchMicros, stretches, nodeCount, hintsFor: cells(encoded.hints_for), hintsAt: cells(encoded.hints_at) },
    groups,
    writes: writes === null ? null : cells(writes),
    hints: hints === null ? null : cells(hints),
    streamed: streamed === null ? null : cells(streamed),
  };
}

/** Rows become columns: what belongs to one link lies side by side, and differs little from stretch to stretch. */
function turned(cells: Int32Array, rows: number): Int32Array {
  const columns = cells.length / rows;
  const out = new Int32Array(cells.length);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) out[column * rows + row] = cells[row * columns + column];
  return out;
}
