/** How large a node's copy of a shard is on its disk: its files, and what is in memory, which stands in the log (influxdb.7). */
import { bytesOfEntries } from '../../data/entry-bytes.ts';
import type { Versions } from '../../data/versions.ts';
import type { Storage } from '../storage.ts';

export function shardBytes(storage: Storage, versions: Versions, node: number, table: number): number {
  const { runs, memtable, flushes, table: layout } = storage.of(node, table);
  const inFiles = runs.reduce((sum, run) => sum + run.bytes, 0);
  return [memtable, ...flushes.map((flush) => flush.memtable)].reduce(
    (sum, { slots, versions: held, count }) =>
      sum + bytesOfEntries(layout, versions, { slots: slots.subarray(0, count), versions: held.subarray(0, count) }),
    inFiles,
  );
}
