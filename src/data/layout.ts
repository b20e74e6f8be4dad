/**
 * Where rows live: the slots of one table in token order and the replicas of each of its partitions. A slot is (row,
 * column group); slots are numbered arithmetically, partition by partition in token order, so a token range is a range
 * of partition ordinals and a range of slots. Pure data; only gc_grace changes during a run.
 */

export interface TableLayout {
  index: number;
  /** `keyspace.table` */
  id: string;
  partitions: number;
  rowsPerPartition: number;
  groups: number;
  /** groups, plus one for the deletion of the row where the plan deletes rows. */
  slotsPerRow: number;
  slotsPerPartition: number;
  /** First global slot of the table; slot ids are global over the run's tables. */
  slotBase: number;
  slotCount: number;
  /** Copies of each partition (replication factor, capped by the nodes there are); with epochs: most members of a range. */
  copies: number;
  /** The replication factor over all data centres as configured, also above the nodes there are. */
  factor: number;
  rowBytes: number;
  /** Now: a statement may change it in the run. */
  gcGraceMicros: number;
  /** What it was before, oldest first, each until a moment; absent where it has never changed. */
  gcGraceBefore?: readonly { untilMicros: number; gcGraceMicros: number }[];
  /** NOTHING or BASE: the content of every slot at time 0. */
  initialVersion: 0 | 1;
  /** Token of each partition by ordinal, ascending: signed high and unsigned low 32 bits. */
  tokenHigh: Int32Array;
  tokenLow: Uint32Array;
  /** Partition ordinal of a key number and back. */
  ordinalOfKey: Int32Array;
  keyOfOrdinal: Int32Array;
  /** Ring range (index into `ranges`) of each partition. */
  rangeOfOrdinal: Uint8Array | Uint16Array | Uint32Array;
  /** Ring ranges in ascending order of their right ends; (left, right], the first one wraps. */
  ranges: readonly LayoutRange[];
  /** Node index of copy j of ring range r at [r * copies + j], natural order (first = primary). */
  replicas: Uint16Array;
  /** Of a table whose placement changes during the run: what the members of each range are when. */
  epochs?: TableEpochs;
}

/** The table of a slot, of tables in the order of their slots. */
export function tableOfSlot<Table extends { readonly slotBase: number }>(
  tables: readonly Table[],
  slot: number,
): Table {
  let index = tables.length - 1;
  while (index > 0 && slot < tables[index].slotBase) index -= 1;
  return tables[index];
}

/** The smaller one of gc_grace at that moment and now: a hint lives no longer (cassandra.e17). */
export function leastGcGrace({ gcGraceMicros, gcGraceBefore }: TableLayout, micros: number): number {
  const then = gcGraceBefore?.find(({ untilMicros }) => micros < untilMicros);
  return then === undefined ? gcGraceMicros : Math.min(gcGraceMicros, then.gcGraceMicros);
}

/** The part of a layout that says who holds which range. */
export type RangeHolders = Pick<TableLayout, 'ranges' | 'replicas' | 'copies'>;

export interface LayoutRange {
  left: bigint;
  right: bigint;
}

/** The placements that a table may come to (epochs.ts). */
export interface TableEpochs {
  /** By epoch: the role of copy j of range r at [r * copies + j]. */
  readonly roles: readonly Uint8Array[];
  /** By epoch: the ranges of the ring as it is then, with their natural replicas: what repair goes by. */
  readonly holders: readonly RangeHolders[];
  /** By epoch: the replication factor over all data centres. */
  readonly factors: readonly number[];
}
