/**
 * The end of shards (influxdb.4): by the end of a retention policy's duration, or by DROP SHARD. Both take the shard out of the
 * metadata, so from then on nobody writes it, queries it, sends queued writes for it or compares it; its files go when a node
 * drops its copy. What is dropped leaves deletions behind that nothing ever reads, so that a copy that is late can be told apart.
 */
import type { Rules } from '../../base/rules.ts';
import { OUTCOME, VIA } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { RECORD } from '../../data/records.ts';
import { OPERATION, type Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Cluster } from '../cluster.ts';
import type { Copies } from '../copies.ts';
import { EVENT } from '../event-kinds.ts';
import type { Ownership } from './ownership.ts';
import type { RunWriter } from '../run-writer.ts';
import type { Storage } from '../storage.ts';

export interface RetentionSettings {
  enabled: boolean;
  /** From the start of a node's process to its first look, and from one to the next. */
  checkMicros: number;
}

export interface ShardEndsOptions {
  kernel: Kernel;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  /** By table: when its policy's duration is over; Infinity: never. */
  expiresMicros: readonly number[];
  /** Does anybody drop a policy in the run? */
  dropsPolicies: boolean;
  cluster: Cluster;
  copies: Copies;
  storage: Storage;
  ownership: Ownership;
  runs: RunWriter;
  settings: readonly RetentionSettings[];
}

export interface ShardEndsState {
  expired: number;
  by: Int32Array;
  forgotten: Uint8Array;
  dropped: Uint8Array;
}

export class ShardEnds {
  /** Shards that their policy’s duration has ended. */
  expired = 0;
  /** Told when a shard is in the metadata no more. */
  onGone: (table: number) => void = () => undefined;
  readonly #o: ShardEndsOptions;
  /** By table: the version that says it is gone; 0 = it is there. */
  #by: Int32Array;
  /** By table, 1: it is gone with its policy, so that the metadata tell every node. */
  #forgotten: Uint8Array;
  /** By node * tables + table, 1: the node has dropped its copy. */
  #dropped: Uint8Array;

  constructor(options: ShardEndsOptions) {
    this.#o = options;
    this.#by = new Int32Array(options.tables.length);
    this.#forgotten = new Uint8Array(options.tables.length);
    this.#dropped = new Uint8Array(options.tables.length * options.cluster.count);
  }

  start(node: number): void {
    const { kernel, cluster, settings, expiresMicros, dropsPolicies } = this.#o;
    const { enabled, checkMicros } = settings[node];
    this.#dropForgotten(node);
    if (enabled && (dropsPolicies || expiresMicros.some((micros) => micros < Infinity)))
      kernel.schedule(kernel.now + checkMicros, EVENT.retentionCheck, node, cluster.incarnation[node]);
  }

  /** Is the shard no more in the metadata? */
  isGone(table: number): boolean {
    return this.#by[table] !== 0;
  }

  /** Handler: the node looks which of its shards are kept no longer, and drops them. */
  check(node: number, incarnation: number): void {
    const { kernel, cluster, tables, expiresMicros, settings, rules } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    kernel.schedule(kernel.now + settings[node].checkMicros, EVENT.retentionCheck, node, incarnation);
    if (cluster.paused[node] === 1) return;
    this.#dropForgotten(node);
    for (const table of tables) {
      if (expiresMicros[table.index] > kernel.now) continue;
      rules.mark('influxdb.4-retention');
      if (!this.isGone(table.index)) {
        this.#tellSuccess(this.end(node, table.index));
        this.expired += 1;
      }
      this.drop(node, table.index);
    }
  }

  /** As `end`, and every node that sees the metadata drops it: at its start, or at a check (influxdb.4-drop-policy). */
  forget(node: number, index: number): void {
    this.#forgotten[index] = 1;
    this.end(node, index);
  }

  #dropForgotten(node: number): void {
    this.#forgotten.forEach((isForgotten, index) => {
      if (isForgotten === 1) this.drop(node, index);
    });
  }

  /** From now on the shard is not in the metadata. Gives the version that says so. */
  end(node: number, index: number): number {
    const { versions, tables, kernel, copies } = this.#o;
    const { arrays } = versions;
    const table = tables[index];
    const version = versions.count;
    versions.count = version + 1;
    arrays.issuedAt[version] = kernel.now;
    arrays.operation[version] = OPERATION.deleteRange;
    arrays.groups[version] = (1 << table.groups) - 1;
    arrays.firstSlot[version] = table.slotBase;
    arrays.rowCount[version] = table.partitions * table.rowsPerPartition;
    arrays.replicaBase[version] = 0;
    arrays.table[version] = index;
    arrays.coordinator[version] = node;
    copies.recordRows(kernel.now, RECORD.issued, node, 0, version, 0);
    this.#by[index] = version;
    this.onGone(index);
    return version;
  }

  #tellSuccess(version: number): void {
    const { versions, copies, kernel } = this.#o;
    versions.arrays.outcome[version] = OUTCOME.success;
    copies.recordRows(kernel.now, RECORD.answered, versions.arrays.coordinator[version], 0, version, OUTCOME.success);
  }

  /** A node drops its copy of a shard that is gone: files, and what is in memory. */
  drop(node: number, index: number): void {
    const { tables, copies, kernel, storage, runs, ownership } = this.#o;
    const table = tables[index];
    const copy = table.replicas.indexOf(node);
    const place = node * tables.length + index;
    if (copy < 0 || this.#dropped[place] === 1) return;
    this.#dropped[place] = 1;
    if (!ownership.counts(index, copy) && storage.of(node, index).runs.length === 0) return;
    const version = this.#by[index];
    const slots = Int32Array.from({ length: table.slotCount }, (_slot, at) => table.slotBase + at);
    const content = { slots, versions: slots.map(() => version), base: false, removed: new Int32Array(0) };
    // Its files take no room.
    storage.putInPlace(node, index, [{ ...runs.fromContent(node, table, content), bytes: 0 }], false);
    copies.recordRows(kernel.now, RECORD.applied, node, copy, version, VIA.delivery);
  }

  save(): ShardEndsState {
    return {
      expired: this.expired,
      by: this.#by.slice(),
      forgotten: this.#forgotten.slice(),
      dropped: this.#dropped.slice(),
    };
  }

  load(state: ShardEndsState): void {
    this.expired = state.expired;
    this.#by = state.by.slice();
    this.#forgotten = state.forgotten.slice();
    this.#dropped = state.dropped.slice();
  }
}
