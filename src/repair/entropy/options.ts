/** What the anti-entropy service is set to, and the parts of the world that it works on. */
import type { Rules } from '../../base/rules.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Versions } from '../../data/versions.ts';
import type { FluidDevices } from '../../device/fluid.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Cluster } from '../../replica/cluster.ts';
import type { Caches } from '../../replica/points/caches.ts';
import type { Disks } from '../../replica/points/disks.ts';
import type { FieldTypes } from '../../replica/points/field-types.ts';
import type { Ownership } from '../../replica/points/ownership.ts';
import type { ShardCompaction } from '../../replica/points/shard-compaction.ts';
import type { ShardEnds } from '../../replica/points/shard-ends.ts';
import type { RunWriter } from '../../replica/run-writer.ts';
import type { Storage } from '../../replica/storage.ts';

export interface AntiEntropySettings {
  enabled: boolean;
  checkMicros: number;
  /** Shards that a node copies or repairs at once. */
  maxFetch: number;
  repairsMissing: boolean;
  /** Comparisons of a node at once. */
  maxSync: number;
  /** Does a repair go round again as long as something was sent? */
  repairsUntilEqual: boolean;
  /** Does an owner that has nothing to send pass a repair on? Before 1.7.7, and in 1.8 before 1.8.5, it ends there. */
  forwardsRepairs: boolean;
  /** Before 1.8.6 a shard without a file is missing for ever, however often it is copied (influxdb.6.1). */
  copiesEmptyAgain: boolean;
  /** Is content compared, or are missing shards all that is looked for (before 1.6)? */
  comparesContent: boolean;
}

export interface AntiEntropyOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  storage: Storage;
  ownership: Ownership;
  runs: RunWriter;
  compaction: ShardCompaction;
  ends: ShardEnds;
  devices: FluidDevices;
  linkOut: readonly number[];
  linkIn: readonly number[];
  diskRead: readonly number[];
  diskWrite: readonly number[];
  processor: readonly number[];
  /** Resources between two nodes beside their own links. */
  pipes: (from: number, to: number) => readonly number[];
  /** By table: about what the key of a series and field takes in a digest. */
  keyBytes: readonly number[];
  disks: Disks;
  types: FieldTypes;
  caches: Caches;
  settings: readonly AntiEntropySettings[];
}
