/**
 * What a process that ends or starts means for the parts of a node that stores points by shards: requests that it
 * coordinates, queues for others, shards in memory and on disk. No node watches another: that one is gone is learnt from errors.
 */
import type { Rules } from '../base/rules.ts';
import { CAUSE } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { NOTHING } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { AntiEntropy } from '../repair/entropy/anti-entropy.ts';
import type { Disks } from '../replica/points/disks.ts';
import type { Deletes } from '../replica/points/deletes.ts';
import type { FieldTypes } from '../replica/points/field-types.ts';
import type { Caches } from '../replica/points/caches.ts';
import type { ShardCopies } from '../repair/by-hand/shard-copies.ts';
import type { Handoff } from '../replica/points/handoff.ts';
import type { RequestPath } from '../replica/points/request-path.ts';
import type { ShardCompaction } from '../replica/points/shard-compaction.ts';
import type { ShardEnds } from '../replica/points/shard-ends.ts';
import type { Storage } from '../replica/storage.ts';
import type { Crash, NodeProcesses } from './node-processes.ts';

export interface PointProcessesOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  storage: Storage;
  compaction: ShardCompaction;
  entropy: AntiEntropy;
  ends: ShardEnds;
  caches: Caches;
  handoff: Handoff;
  deletes: Deletes;
  requests: RequestPath;
  disks: Disks;
  types: FieldTypes;
  shardCopies: ShardCopies;
  nodes: number;
}

export class PointProcesses implements NodeProcesses {
  readonly #o: PointProcessesOptions;
  /** By node, 1: the machine is off, and nothing refuses a connection. */
  #off: Uint8Array;

  constructor(options: PointProcessesOptions) {
    this.#o = options;
    this.#off = new Uint8Array(options.nodes);
    options.disks.onRoomChanged = (node) => this.#roomChanged(node);
    options.ends.onGone = (table) => {
      options.entropy.shardEnded(table);
      options.shardCopies.shardEnded(table);
    };
  }

  isOff(node: number): boolean {
    return this.#off[node] === 1;
  }

  crashed(node: number, { mode, origin }: Crash): void {
    const { kernel, trace, rules, storage, compaction, entropy, handoff, requests } = this.#o;
    this.#off[node] = mode === 'process' ? 0 : 1;
    rules.mark('influxdb.5-wal');
    requests.nodeEnded(node, origin);
    requests.ownerEnded(node);
    handoff.nodeEnded(node);
    handoff.sending.targetEnded(node);
    compaction.nodeEnded(node);
    entropy.nodeEnded(node);
    this.#o.shardCopies.nodeEnded(node);
    if (mode === 'power-loss') {
      if (this.#o.disks.isEarly(node)) rules.mark('influxdb.5-early');
      handoff.powerLost(node, origin);
    }
    const isDiskLost = mode === 'disk-lost';
    const detail = (isDiskLost ? CAUSE.diskLost : CAUSE.lostBeforeFsync) | (origin << 8);
    const reverted = (slot: number, version: number): void => {
      const copy = storage.tableOf(slot).replicas.indexOf(node);
      trace.record(kernel.now, RECORD.reverted, node, copy, version, slot, detail);
    };
    if (!isDiskLost) {
      // What a process that stands still had given to the disk, the disk has written.
      storage.crash(node, { powerLoss: mode === 'power-loss', actedUntil: kernel.now }, reverted);
      return;
    }
    trace.record(kernel.now, RECORD.hintStoreLost, node, 0, origin, this.loseHints(node, origin), 0);
    for (const { table } of storage.nodeTables) this.#o.types.forget(node, table.index);
    this.#o.caches.diskLost(node);
    const slots = storage.loseDisk(node);
    trace.record(kernel.now, RECORD.diskLost, node, 0, origin, slots.length, 0);
    for (const slot of slots) reverted(slot, NOTHING);
  }

  /** influxdb.2: nothing hands on what a node that stops has under way. */
  stopped(node: number, origin: number): void {
    const { storage, compaction, entropy, handoff, requests } = this.#o;
    this.#off[node] = 0;
    requests.nodeEnded(node, origin);
    handoff.nodeEnded(node);
    handoff.sending.targetEnded(node);
    compaction.nodeEnded(node);
    entropy.nodeEnded(node);
    this.#o.shardCopies.nodeEnded(node);
    storage.stop(node);
  }

  started(node: number): void {
    this.#off[node] = 0;
    this.#o.handoff.nodeStarted(node);
    this.#o.deletes.nodeStarted();
    this.#o.compaction.nodeStarted(node);
    this.#o.entropy.start(node);
    this.#o.ends.start(node);
  }

  paused(): void {
    // Its parts look for themselves whether they may act.
  }

  resumed(): void {
    // What waited comes to its time by itself.
  }

  reachChanged(): void {
    // Nobody watches links; what is on its way breaks off.
    this.#o.entropy.reachChanged();
    this.#o.shardCopies.reachChanged();
    this.#o.deletes.reachChanged();
  }

  /** No file is written on a full disk; what waited for room goes on. */
  #roomChanged(node: number): void {
    const { disks, entropy, shardCopies, compaction, caches } = this.#o;
    if (disks.isFull(node)) {
      entropy.diskFilled(node);
      shardCopies.diskFilled(node);
      compaction.diskFilled(node);
      return;
    }
    caches.diskCleared(node);
    compaction.diskCleared(node);
  }

  loseHints(node: number, origin: number, targets?: readonly number[]): number {
    this.#o.rules.mark('influxdb.3-queue-lost');
    return this.#o.handoff.storeLost(node, origin, targets ?? null);
  }

  save(): Uint8Array {
    return this.#off.slice();
  }

  load(state: Uint8Array): void {
    this.#off = state.slice();
  }
}
