/**
 * Carries out the plan's faults: nodes that crash, stop, pause and come back; links that are cut or lossy; clocks that
 * run ahead; damage. Each entry is one event at its start and, where it lasts, one at its end. What a crash does to what
 * lives on a node is said by `NodeProcesses`; entries that are no faults go to their `EntryWork`.
 */
import { assert } from '../base/assert.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { StreamKey } from '../kernel/random.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from '../replica/cluster.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { Storage } from '../replica/storage.ts';
import type { CrashMode, PlanEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import { resourcesOf, type NodeDevices } from './devices.ts';
import { damageCopy } from './damaged-copies.ts';
import type { EntryWork, NodeProcesses } from './node-processes.ts';
import type { SlowFaults } from './slow-faults.ts';

const TWO_TO_32 = 4294967296;

export interface FaultOptions {
  slow: SlowFaults;
  kernel: Kernel;
  trace: Trace;
  versions: Versions;
  tables: readonly TableLayout[];
  entries: readonly PlanEntry[];
  numbers: PlanNumbers;
  cluster: Cluster;
  storage: Storage;
  processes: NodeProcesses;
  /** Whoever carries out entries that are no faults, asked in this order. */
  work: readonly EntryWork[];
  devices: NodeDevices;
  /** Key of the draws that say whether a damaged value is larger than the right one. */
  damageKey: StreamKey;
}

export interface FaultsState {
  /** Entries that keep a node down now, by node. */
  downBy: [number, number[]][];
  /** Entries that cut links or lose messages now, oldest first. */
  linkFaults: number[];
  slow: number[];
}

export class Faults {
  readonly #o: FaultOptions;
  /** Origins of the entries that hold a node down; it starts when the last of them ends. */
  #downBy = new Map<number, Set<number>>();
  /** Indices of the entries that cut links or lose messages now, oldest first. */
  #linkFaults = new Set<number>();

  constructor(options: FaultOptions) {
    this.#o = options;
  }

  /** Put the start of every entry from `first` to before `end` into the queue. `cutBatch` entries have no time of their
   * own. */
  schedule(first = 0, end: number = this.#o.entries.length): void {
    const { kernel, entries } = this.#o;
    for (let index = first; index < end; index += 1) {
      const entry = entries[index];
      // What is restored later is taken now: an end before its start.
      if (entry.kind === 'restoreSnapshot') kernel.schedule(entry.taken_micros, EVENT.entryEnds, index, 0);
      const { kind, at_micros: at } = entry;
      if (kind !== 'cutBatch') kernel.schedule(at, kind === 'repair' ? EVENT.repairNext : EVENT.entryStarts, index, 0);
    }
  }

  /** Handler of both `entryStarts` and `repairNext`. */
  starts(index: number): void {
    const { entries, numbers, work } = this.#o;
    const entry = entries[index];
    const origin = numbers.originOf.get(entry.id) ?? 0;
    if (work.some((whose) => whose.begins(index, entry, origin))) return;
    switch (entry.kind) {
      case 'crashNode':
        for (const node of this.#nodes(entry.nodes)) this.crash(node, entry.mode, origin);
        return this.#endsAfter(index, entry.for_micros);
      case 'stopNode':
        for (const node of this.#nodes(entry.nodes)) this.stop(node, origin);
        return this.#endsAfter(index, entry.for_micros);
      case 'pauseNode':
        for (const node of this.#nodes(entry.nodes)) this.#pause(node, origin, entry.for_micros);
        return this.#endsAfter(index, entry.for_micros);
      case 'cutLink':
        this.#linkFaults.add(index);
        return this.#linksChanged(RECORD.linkCut, origin, index, entry.for_micros);
      case 'loseMessages':
        this.#linkFaults.add(index);
        return this.#linksChanged(RECORD.lossStarted, origin, index, entry.for_micros);
      case 'slowLink':
      case 'slowDisk':
        this.#o.slow.starts(index, entry);
        return this.#endsAfter(index, entry.for_micros);
      case 'loseHints':
        for (const node of this.#nodes(entry.nodes)) this.#loseHints(node, origin, entry.targets);
        return undefined;
      case 'skewClock':
        for (const node of this.#nodes(entry.nodes)) this.#skew(node, origin, entry.by_micros);
        return this.#endsAfter(index, entry.for_micros);
      case 'damageCopy':
        return damageCopy(this.#o, entry, origin);
      default:
        // A cutBatch begins when its batch is sent; nothing else is left over.
        assert(entry.kind === 'cutBatch', `nobody carries out an entry of kind ${entry.kind}`);
    }
  }

  /** Handler. */
  ends(index: number): void {
    const { entries, numbers } = this.#o;
    const entry = entries[index];
    const origin = numbers.originOf.get(entry.id) ?? 0;
    if (entry.kind === 'crashNode' || entry.kind === 'stopNode')
      for (const node of this.#nodes(entry.nodes)) this.restart(node, origin);
    else if (entry.kind === 'pauseNode') for (const node of this.#nodes(entry.nodes)) this.#resume(node, origin);
    else if (entry.kind === 'cutLink' || entry.kind === 'loseMessages') {
      this.#linkFaults.delete(index);
      this.#linksChanged(entry.kind === 'cutLink' ? RECORD.linkRestored : RECORD.lossEnded, origin, index, null);
    } else if (this.#o.work.some((whose) => whose.ends(index, entry, origin))) return;
    else if (entry.kind === 'slowLink' || entry.kind === 'slowDisk') this.#o.slow.ends(index, entry);
    else if (entry.kind === 'skewClock')
      for (const node of this.#nodes(entry.nodes)) this.#skew(node, origin, -entry.by_micros);
    else if (isTriggered(entry))
      for (const [node, origins] of [...this.#downBy]) if (origins.has(origin)) this.restart(node, origin);
  }

  // ---------------------------------------------------------------- nodes

  /** The process of a node that joins starts, for the first time. */
  joins(node: number, origin: number): void {
    this.#begins(node, origin);
  }

  /** Another machine takes the place of the node: its disk is empty, and its process starts. */
  replaced(node: number, origin: number): void {
    const { cluster, kernel, processes } = this.#o;
    if (cluster.present[node] === 0) return;
    if (cluster.running[node] === 1) this.crash(node, 'disk-lost', origin);
    else processes.crashed(node, { mode: 'disk-lost', actedUntil: kernel.now, origin });
    this.#downBy.delete(node);
    this.#begins(node, origin);
  }

  /** A node that is no part of the cluster any more: its process, if it runs, ends, and nothing starts it again. */
  leaves(node: number, origin: number): void {
    const { cluster } = this.#o;
    if (cluster.running[node] === 1) this.stop(node, origin);
    cluster.present[node] = 0;
    this.#downBy.delete(node);
  }

  /** A process ends without a word, with or without the machine, with or without its disk. */
  crash(node: number, mode: CrashMode, origin: number): void {
    const { kernel, trace, cluster, processes } = this.#o;
    const actedUntil = cluster.actsUntil(node, kernel.now);
    if (!this.#goesDown(node, origin)) return;
    trace.record(kernel.now, RECORD.nodeCrashed, node, 0, origin, mode === 'process' ? 0 : 1, 0);
    processes.crashed(node, { mode, actedUntil, origin });
  }

  #loseHints(node: number, origin: number, targets: readonly string[] | undefined): void {
    const { processes, trace, kernel } = this.#o;
    const lost = processes.loseHints(node, origin, targets === undefined ? undefined : this.#nodes(targets));
    trace.record(kernel.now, RECORD.hintStoreLost, node, 0, origin, lost, 0);
  }

  /** A graceful stop: everything is written, everybody is told. */
  stop(node: number, origin: number): void {
    const { kernel, trace, processes } = this.#o;
    if (!this.#goesDown(node, origin)) return;
    trace.record(kernel.now, RECORD.nodeStopped, node, 0, origin, 0, 0);
    processes.stopped(node, origin);
  }

  restart(node: number, origin: number): void {
    const { cluster } = this.#o;
    const holders = this.#downBy.get(node);
    if (holders === undefined || !holders.delete(origin)) return;
    // What keeps it down from now on is the latest of the others.
    for (const other of holders) cluster.downOrigin[node] = other;
    if (holders.size > 0 || cluster.present[node] === 0) return;
    this.#begins(node, origin);
  }

  #begins(node: number, origin: number): void {
    const { kernel, trace, cluster, processes } = this.#o;
    cluster.running[node] = 1;
    cluster.incarnation[node] += 1;
    cluster.startedAt[node] = kernel.now;
    cluster.refreshHealthy();
    trace.record(kernel.now, RECORD.nodeStarted, node, 0, origin, 0, 0);
    processes.started(node);
  }

  /** False when the node was down already; the entry then only keeps it down longer. */
  #goesDown(node: number, origin: number): boolean {
    const { cluster, devices } = this.#o;
    if (cluster.present[node] === 0) return false;
    const holders = this.#downBy.get(node) ?? new Set<number>();
    this.#downBy.set(node, holders);
    holders.add(origin);
    if (cluster.running[node] === 0) return false;
    cluster.running[node] = 0;
    if (cluster.paused[node] === 1) devices.devices.resume(resourcesOf(devices, node));
    cluster.paused[node] = 0;
    cluster.pausedUntil[node] = 0;
    cluster.downOrigin[node] = origin;
    cluster.healthy = false;
    return true;
  }

  /** The process stands still, and with it all that it does on its disk and its links. */
  #pause(node: number, origin: number, forMicros: number): void {
    const { kernel, trace, cluster, processes, devices } = this.#o;
    if (cluster.running[node] === 0) return;
    const until = kernel.now + forMicros;
    // A pause that an earlier one outlasts changes nothing; one that ended with the process does not count any more.
    if (cluster.paused[node] === 0 || until > cluster.pausedUntil[node]) {
      cluster.pausedUntil[node] = until;
      cluster.downOrigin[node] = origin;
    }
    if (cluster.paused[node] === 0) {
      cluster.pausedSince[node] = kernel.now;
      devices.devices.stop(resourcesOf(devices, node));
    }
    cluster.paused[node] = 1;
    cluster.healthy = false;
    trace.record(kernel.now, RECORD.nodePaused, node, 0, origin, 0, 0);
    processes.paused(node);
  }

  #resume(node: number, origin: number): void {
    const { kernel, trace, cluster, devices, processes } = this.#o;
    if (cluster.paused[node] === 0 || cluster.pausedUntil[node] > kernel.now) return;
    cluster.paused[node] = 0;
    devices.devices.resume(resourcesOf(devices, node));
    trace.record(kernel.now, RECORD.nodeResumed, node, 0, origin, 0, 0);
    processes.resumed(node);
    cluster.refreshHealthy();
  }

  /** The coordinator of a batch or request dies in the middle of sending it. */
  coordinatorDies(origin: number, coordinator: number): void {
    const { kernel, trace, entries, numbers } = this.#o;
    const index = entries.findIndex((entry) => isTriggered(entry) && numbers.originOf.get(entry.id) === origin);
    const entry = entries[index];
    if (entry === undefined || !isTriggered(entry)) return;
    const [record, sent] = entry.kind === 'cutBatch' ? [RECORD.batchCut, entry.mutations] : [RECORD.nodePanicked, 0];
    trace.record(kernel.now, record, coordinator, 0, origin, 0, sent);
    this.crash(coordinator, entry.kind === 'cutBatch' ? entry.mode : 'process', origin);
    this.#endsAfter(index, entry.for_micros);
  }

  // ---------------------------------------------------------------- links, clocks

  #links(entry: { from: string[]; to: string[]; two_way: boolean }, change: (pair: number) => void): void {
    const { cluster } = this.#o;
    for (const from of this.#nodes(entry.from)) {
      for (const to of this.#nodes(entry.to)) {
        if (from === to) continue;
        change(from * cluster.count + to);
        if (entry.two_way) change(to * cluster.count + from);
      }
    }
  }

  /** What the links suffer from all entries that hold now. Where two lose messages of a pair the larger share counts, and
   * of several the latest is named. */
  #applyLinkFaults(): void {
    const { cluster, entries, numbers } = this.#o;
    cluster.cut.fill(0);
    cluster.lossThreshold.fill(0);
    for (const index of this.#linkFaults) {
      const entry = entries[index];
      const origin = numbers.originOf.get(entry.id) ?? 0;
      if (entry.kind === 'cutLink') this.#links(entry, (pair) => this.#cut(pair, origin));
      else if (entry.kind === 'loseMessages')
        this.#links(entry, (pair) => this.#lossy(pair, origin, entry.share * TWO_TO_32));
    }
  }

  #cut(pair: number, origin: number): void {
    const { cluster } = this.#o;
    cluster.cut[pair] += 1;
    cluster.cutOrigin[pair] = origin;
  }

  #lossy(pair: number, origin: number, threshold: number): void {
    const { cluster } = this.#o;
    if (threshold < cluster.lossThreshold[pair]) return;
    cluster.lossThreshold[pair] = threshold;
    cluster.lossOrigin[pair] = origin;
  }

  #linksChanged(kind: number, origin: number, index: number, forMicros: number | null): void {
    const { kernel, trace, cluster, processes } = this.#o;
    this.#applyLinkFaults();
    trace.record(kernel.now, kind, 0, 0, origin, 0, 0);
    processes.reachChanged();
    cluster.refreshHealthy();
    this.#endsAfter(index, forMicros);
  }

  #skew(node: number, origin: number, byMicros: number): void {
    const { kernel, trace, cluster } = this.#o;
    cluster.skewMicros[node] += byMicros;
    trace.record(kernel.now, RECORD.clockSkewed, node, 0, origin, 0, 0);
  }

  save(): FaultsState {
    return {
      downBy: [...this.#downBy].map(([node, origins]) => [node, [...origins]]),
      linkFaults: [...this.#linkFaults],
      slow: this.#o.slow.save(),
    };
  }

  load(state: FaultsState): void {
    this.#downBy = new Map(state.downBy.map(([node, origins]) => [node, new Set(origins)]));
    this.#linkFaults = new Set(state.linkFaults);
    this.#o.slow.load(state.slow);
  }

  #nodes(ids: readonly string[]): number[] {
    return ids.map((id) => this.#o.numbers.nodeOf.get(id) ?? 0);
  }

  #endsAfter(index: number, forMicros: number | null): void {
    const { kernel } = this.#o;
    if (forMicros !== null) kernel.schedule(kernel.now + forMicros, EVENT.entryEnds, index, 0);
  }
}

/** Entries whose moment is that of a request. */
function isTriggered(entry: PlanEntry): entry is Extract<PlanEntry, { kind: 'cutBatch' | 'panicNode' }> {
  return entry.kind === 'cutBatch' || entry.kind === 'panicNode';
}
