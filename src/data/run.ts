/**
 * A sorted run: an immutable SSTable. Entries are (slot, version) sorted by slot, one version a slot. A *base* run is a
 * table's initial content on one node as a formula: BASE in every slot of the partitions the node owns, but for those
 * in `removed`. Runs are shared by forks, snapshots, validations and streams; nobody writes to one after it is sealed.
 */
export interface Run {
  id: number;
  /** Index of the table. */
  table: number;
  slots: Int32Array;
  versions: Int32Array;
  /** True: besides its entries (none, usually) the run holds BASE in all slots of its node's partitions. */
  base: boolean;
  /** Slots, ascending, from which damage or purge took the base content. Empty for other runs. */
  removed: Int32Array;
  /** Bytes on disk, whole; and partitions it holds (an estimate's input: cassandra.a12). */
  bytes: number;
  partitions: number;
  minTimestamp: number;
  maxTimestamp: number;
  /** Largest local deletion time, µs, of its tombstones; -Infinity without any. */
  maxDeletion: number;
  /** Where every entry is a tombstone or has a TTL: the moment, µs, from which all may be purged; else Infinity (cassandra.h2). */
  expiresAt: number;
  /** Has it any tombstone or cell with a TTL? */
  purgeable: boolean;
  /** Level of leveled compaction; 0 where there are none. */
  level: number;
  /** µs of virtual time at which repair marked it; 0 = unrepaired (cassandra.c1). */
  repairedAt: number;
  /** Session id of a pending incremental repair; 0 = none. */
  pendingRepair: number;
}
