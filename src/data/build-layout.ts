/**
 * Builds the layout of one table (tokens of all partitions, their order, their replicas) and answers questions about a
 * layout: which ordinals a token range covers, who holds a partition. The type itself is in `layout.ts`; of a
 * layout only gc_grace changes during a run.
 */
import { assert } from '../base/assert.ts';
import { ROLE } from './epochs.ts';
import { highHalf, int64, lowHalf } from './int64-halves.ts';
import type { RangeHolders, TableEpochs, TableLayout } from './layout.ts';
import { murmur3Token, tokensOfBigintKeys } from './murmur3.ts';
import type { Placement } from './placement.ts';
import { keysInTokenOrder } from './token-sort.ts';
import type { TokenRange } from './tokens.ts';
import { BASE, NOTHING } from './versions.ts';

export interface LayoutOptions {
  readonly index: number;
  /** `keyspace.table` */
  readonly id: string;
  readonly partitions: number;
  readonly rowsPerPartition: number;
  readonly columnGroups: number;
  /** Does the plan delete rows, ranges or partitions? Then each row has one more slot, its last. */
  readonly deletesRows: boolean;
  /** First global slot of the table: the sum of `slotCount` of the tables before it. */
  readonly slotBase: number;
  readonly rowBytes: number;
  readonly gcGraceMicros: number;
  readonly loaded: 'empty' | 'equal';
  /** Texts of the keys with the first numbers, hashed as UTF-8; the others are the 8-byte bigint of their number. */
  readonly keyTexts?: readonly string[];
  readonly placement: Placement;
  /** The placement is one of members (epochs.ts); what they are when. */
  readonly epochs?: TableEpochs;
}

/** Ordinals from (inclusive) to (exclusive). */
export interface OrdinalInterval {
  readonly from: number;
  readonly to: number;
}

/** Slot ids must stay positive 32-bit integers. */
const SLOTS_MAX = 0x7fffffff;

export function buildTableLayout(options: LayoutOptions): TableLayout {
  const { partitions, rowsPerPartition, columnGroups, placement } = options;
  const slotsPerRow = columnGroups + (options.deletesRows ? 1 : 0);
  const slotsPerPartition = slotsPerRow * rowsPerPartition;
  const slotCount = slotsPerPartition * partitions;
  assert(options.slotBase + slotCount <= SLOTS_MAX, `${options.id}: ${slotCount} slots are too many`);
  assert(placement.ring.tokens.length > 0, `${options.id}: no node has a token`);
  const order = orderOfPartitions(partitions, options.keyTexts ?? []);
  return {
    index: options.index,
    id: options.id,
    partitions,
    rowsPerPartition,
    groups: columnGroups,
    slotsPerRow,
    slotsPerPartition,
    slotBase: options.slotBase,
    slotCount,
    factor: placement.factor,
    rowBytes: options.rowBytes,
    gcGraceMicros: options.gcGraceMicros,
    initialVersion: options.loaded === 'equal' ? BASE : NOTHING,
    ...order,
    rangeOfOrdinal: rangesOfOrdinals(order.tokenHigh, order.tokenLow, placement.ring.tokens),
    ...rangeHolders(placement),
    ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
  };
}

/** Who holds which range of the ring. */
export function rangeHolders(placement: Placement): RangeHolders {
  return { copies: placement.copies, ranges: placement.ring.ranges, replicas: replicaTable(placement) };
}

/** Token of a partition. */
export function tokenOfOrdinal(layout: TableLayout, ordinal: number): bigint {
  return int64(layout.tokenHigh[ordinal], layout.tokenLow[ordinal]);
}

/** Partition that a global slot belongs to. */
export function ordinalOfSlot(layout: TableLayout, slot: number): number {
  return Math.floor((slot - layout.slotBase) / layout.slotsPerPartition);
}

/** First global slot of a partition. */
export function firstSlotOfOrdinal(layout: TableLayout, ordinal: number): number {
  return layout.slotBase + ordinal * layout.slotsPerPartition;
}

/** Nodes that hold the partition, in natural order: a view into the layout, not a copy. */
export function replicasOf(layout: TableLayout, ordinal: number): Uint16Array {
  const start = layout.rangeOfOrdinal[ordinal] * layout.copies;
  return layout.replicas.subarray(start, start + layout.copies);
}

/** Which copy of the partition the node holds, counted in natural order; −1 if none. */
export function copyIndexOf(layout: TableLayout, ordinal: number, node: number): number {
  const { copies, replicas } = layout;
  const start = layout.rangeOfOrdinal[ordinal] * copies;
  for (let copy = 0; copy < copies; copy += 1) if (replicas[start + copy] === node) return copy;
  return -1;
}

/** All slots of which the node holds a copy, ascending. */
export function slotsOn(layout: TableLayout, node: number): Int32Array {
  const { partitions, slotsPerPartition } = layout;
  const slots: number[] = [];
  for (let ordinal = 0; ordinal < partitions; ordinal += 1) {
    if (copyIndexOf(layout, ordinal, node) < 0) continue;
    const first = firstSlotOfOrdinal(layout, ordinal);
    for (let slot = first; slot < first + slotsPerPartition; slot += 1) slots.push(slot);
  }
  return Int32Array.from(slots);
}

/** Per ring range: 1 where the node holds a copy, when the run begins: whose initial content it has. */
export function rangesHeldBy(layout: TableLayout, node: number): Uint8Array {
  const { copies, replicas } = layout;
  const roles = layout.epochs?.roles[0];
  const held = new Uint8Array(layout.ranges.length);
  for (let index = 0; index < replicas.length; index += 1) {
    if (replicas[index] === node && (roles === undefined || roles[index] === ROLE.natural))
      held[Math.floor(index / copies)] = 1;
  }
  return held;
}

/** Number of partitions with a token of at most this. */
export function ordinalAfter(layout: TableLayout, token: bigint): number {
  return upperBound(layout, highHalf(token), lowHalf(token), 0, layout.partitions);
}

/** First ordinal in [from, to) with a token above (high, low); `to` if there is none. */
export function upperBound(layout: TableLayout, high: number, low: number, from: number, to: number): number {
  const { tokenHigh, tokenLow } = layout;
  let start = from;
  let end = to;
  while (start < end) {
    const middle = (start + end) >>> 1;
    const difference = tokenHigh[middle] - high;
    if (difference > 0 || (difference === 0 && tokenLow[middle] > low)) end = middle;
    else start = middle + 1;
  }
  return start;
}

/** The partitions of (left, right], in ring order from `left`; two intervals where it wraps, empty ones left out. */
export function ordinalsInRange(layout: TableLayout, { left, right }: TokenRange): OrdinalInterval[] {
  const afterLeft = ordinalAfter(layout, left);
  const afterRight = ordinalAfter(layout, right);
  const intervals =
    left < right
      ? [{ from: afterLeft, to: afterRight }]
      : [
          { from: afterLeft, to: layout.partitions },
          { from: 0, to: afterRight },
        ];
  return intervals.filter(({ from, to }) => from < to);
}

/** The same partitions as ascending intervals that neither overlap nor touch. */
export function normalizeIntervals(intervals: readonly OrdinalInterval[]): OrdinalInterval[] {
  const sorted = intervals.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.to < from) merged.push({ from, to });
    else if (last.to < to) last.to = to;
  }
  return merged;
}

type PartitionOrder = Pick<TableLayout, 'tokenHigh' | 'tokenLow' | 'ordinalOfKey' | 'keyOfOrdinal'>;

function orderOfPartitions(partitions: number, keyTexts: readonly string[]): PartitionOrder {
  const high = new Int32Array(partitions);
  const low = new Uint32Array(partitions);
  tokensOfBigintKeys(partitions, high, low);
  const encoder = new TextEncoder();
  keyTexts.forEach((text, key) => {
    const token = murmur3Token(encoder.encode(text));
    high[key] = highHalf(token);
    low[key] = lowHalf(token);
  });
  const keyOfOrdinal = keysInTokenOrder(high, low);
  const order: PartitionOrder = {
    tokenHigh: new Int32Array(partitions),
    tokenLow: new Uint32Array(partitions),
    ordinalOfKey: new Int32Array(partitions),
    keyOfOrdinal,
  };
  for (let ordinal = 0; ordinal < partitions; ordinal += 1) {
    const key = keyOfOrdinal[ordinal];
    order.tokenHigh[ordinal] = high[key];
    order.tokenLow[ordinal] = low[key];
    order.ordinalOfKey[key] = ordinal;
  }
  return order;
}

function rangesOfOrdinals(
  tokenHigh: Int32Array,
  tokenLow: Uint32Array,
  ringTokens: readonly bigint[],
): TableLayout['rangeOfOrdinal'] {
  // The narrowest type, because writes look this up at random places.
  const Ranges = ringTokens.length <= 256 ? Uint8Array : ringTokens.length <= 65_536 ? Uint16Array : Uint32Array;
  const ranges = new Ranges(tokenHigh.length);
  const endsHigh = Int32Array.from(ringTokens, highHalf);
  const endsLow = Uint32Array.from(ringTokens, lowHalf);
  let range = 0;
  for (let ordinal = 0; ordinal < ranges.length; ordinal += 1) {
    const high = tokenHigh[ordinal];
    const low = tokenLow[ordinal];
    while (range < endsHigh.length && (endsHigh[range] < high || (endsHigh[range] === high && endsLow[range] < low))) {
      range += 1;
    }
    // Beyond the last token lies the part of range 0 before the wrap.
    ranges[ordinal] = range === endsHigh.length ? 0 : range;
  }
  return ranges;
}

function replicaTable(placement: Placement): Uint16Array {
  const { copies, ring } = placement;
  const table = new Uint16Array(ring.tokens.length * copies);
  ring.tokens.forEach((_token, index) => table.set(placement.naturalReplicas(index), index * copies));
  return table;
}
