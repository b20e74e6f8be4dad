/**
 * What a process that ends or starts means for the parts of a node with a failure detector, hints, a batchlog, reads and
 * repairs, each told in a fixed order; and what the observers' detectors conclude.
 */
import type { Rules } from '../base/rules.ts';
import { copyIndexOf } from '../data/build-layout.ts';
import { CAUSE } from '../data/causes.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import { NOTHING } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { RepairManager } from '../repair/manager.ts';
import type { Batches } from '../replica/batches.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { CompactionManager } from '../replica/compaction.ts';
import type { FailureDetector } from '../replica/failure-detector.ts';
import type { Hints } from '../replica/hints.ts';
import type { ReadPath } from '../replica/reads/read-path.ts';
import type { Storage } from '../replica/storage.ts';
import type { WritePath } from '../replica/write-path.ts';
import type { Crash, NodeProcesses } from './node-processes.ts';
import type { Operations } from './operations.ts';
import type { ClusterRepairHost } from './repair-host.ts';
import type { Topology } from './topology.ts';

export interface ReplicaProcessesOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  tables: readonly TableLayout[];
  cluster: Cluster;
  detector: FailureDetector;
  storage: Storage;
  compaction: CompactionManager;
  operations: Operations;
  hints: Hints;
  batches: Batches;
  writePath: WritePath;
  reads: ReadPath;
  repairs: RepairManager;
  host: ClusterRepairHost;
  /** What the node's log held before this moment survives a crash at `micros`: batchlogs stored later are lost. */
  durableUntil: (node: number, micros: number, powerLoss: boolean) => number;
}

export class ReplicaProcesses implements NodeProcesses {
  /** What carries out changes of topology. */
  topology: Topology | null = null;
  readonly #o: ReplicaProcessesOptions;

  constructor(options: ReplicaProcessesOptions) {
    this.#o = options;
  }

  crashed(node: number, { mode, actedUntil, origin }: Crash): void {
    const powerLoss = mode !== 'process';
    const isDiskLost = mode === 'disk-lost';
    const { kernel, trace, cluster, storage, hints, batches, writePath, reads, compaction } = this.#o;
    const { host, repairs, durableUntil, rules } = this.#o;
    rules.mark(powerLoss ? 'cassandra.f1' : 'cassandra.f3');
    // What it was about to conclude of its peers dies with it.
    this.#o.detector.pausedAt(node);
    writePath.nodeEnded(node, origin, false);
    reads.nodeEnded(node);
    // What it found in its log when it started it has flushed since.
    const durable = Math.max(durableUntil(node, actedUntil, powerLoss), cluster.startedAt[node]);
    batches.nodeCrashed(node, isDiskLost ? -Infinity : durable);
    hints.nodeCrashed(node, { powerLoss, durableMicros: durable, origin });
    if (isDiskLost) {
      const lost = this.loseHints(node, origin);
      trace.record(kernel.now, RECORD.hintStoreLost, node, 0, origin, lost, 0);
    }
    compaction.nodeEnded(node);
    const detail = (isDiskLost ? CAUSE.diskLost : CAUSE.lostBeforeFsync) | (origin << 8);
    const reverted = (slot: number, version: number): void => {
      rules.mark(isDiskLost ? 'cassandra.g-disk-lost' : 'cassandra.f5');
      const table = storage.tableOf(slot);
      const copy = copyIndexOf(table, Math.floor((slot - table.slotBase) / table.slotsPerPartition), node);
      trace.record(kernel.now, RECORD.reverted, node, copy, version, slot, detail);
    };
    if (isDiskLost) {
      const slots = storage.loseDisk(node);
      trace.record(kernel.now, RECORD.diskLost, node, 0, origin, slots.length, 0);
      for (const slot of slots) reverted(slot, NOTHING);
    } else storage.crash(node, { powerLoss, actedUntil }, reverted);
    host.nodeGone(node);
    repairs.nodeCrashed(node);
    this.topology?.nodeGone(node);
    this.#o.detector.refresh();
  }

  loseHints(node: number, origin: number): number {
    this.#o.rules.mark('cassandra.f-hints-lost');
    return this.#o.hints.storeLost(node, origin);
  }

  /** Everything is written, everybody is told (cassandra.b24, e11, f-drain). */
  stopped(node: number, origin: number): void {
    const { kernel, storage, hints, batches, writePath, reads, compaction } = this.#o;
    const { host, repairs, detector, rules } = this.#o;
    rules.mark('cassandra.f-drain');
    detector.pausedAt(node);
    writePath.nodeEnded(node, origin, true);
    reads.nodeEnded(node);
    batches.nodeCrashed(node, kernel.now);
    hints.nodeStopped(node);
    compaction.nodeEnded(node);
    storage.stop(node);
    host.nodeGone(node);
    repairs.nodeStopped(node);
    this.topology?.nodeGone(node);
    detector.refresh(node);
  }

  started(node: number): void {
    const { cluster, detector, hints, batches, repairs, compaction, tables, operations } = this.#o;
    operations.nodeStarted(node);
    detector.restarted(node);
    detector.refresh();
    cluster.refreshHealthy();
    hints.startTimers(node);
    batches.startTimers(node);
    repairs.nodeStarted(node);
    for (const table of tables) compaction.consider(node, table.index);
  }

  paused(node: number): void {
    this.#o.detector.pausedAt(node);
    this.#o.detector.refresh();
  }

  resumed(node: number): void {
    const { kernel, cluster, repairs, detector } = this.#o;
    repairs.nodeResumed(node, kernel.now - cluster.pausedSince[node]);
    detector.refresh();
  }

  reachChanged(): void {
    this.#o.detector.refresh();
  }

  /** Handler: the observer's detector convicts the peer. */
  markDown(observer: number, peer: number): void {
    const { kernel, trace, cluster, detector, repairs } = this.#o;
    detector.concluded(observer, peer);
    cluster.believeDown(observer, peer, kernel.now);
    cluster.healthy = false;
    trace.record(kernel.now, RECORD.markedDown, observer, 0, cluster.downFate(observer, peer) >> 8, peer, 0);
    repairs.markedDown(observer, peer);
  }

  /** Handler: gossip of the peer is back. */
  markUp(observer: number, peer: number): void {
    const { kernel, trace, cluster, detector } = this.#o;
    detector.concluded(observer, peer);
    cluster.seen[observer * cluster.count + peer] = 1;
    trace.record(kernel.now, RECORD.markedUp, observer, 0, 0, peer, 0);
    cluster.refreshHealthy();
    this.#o.hints.peerUp(observer, peer);
  }
}
