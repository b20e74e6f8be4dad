/**
 * The cluster as repair sees it: `RepairHost` over storage, devices, links and the failure detector's views. Control
 * messages wait in a small table, because an event carries two numbers only; the message finds out on arrival whether
 * its receiver runs.
 */
import type { Rules } from '../base/rules.ts';
import { copyIndexOf, ordinalOfSlot } from '../data/build-layout.ts';
import { VIA } from '../data/causes.ts';
import type { RangeHolders, TableLayout } from '../data/layout.ts';
import { APPLIED_ONE_SLOT, RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { draw32, type StreamKey } from '../kernel/random.ts';
import type { Trace } from '../kernel/trace.ts';
import { behaviourOfDatabase } from '../dialect/cassandra/behaviours.ts';
import type { RepairBehaviour } from '../repair/behaviour.ts';
import { pauseMicros, type RetryRule } from '../repair/retries.ts';
import type { Completion, RepairHost, StreamJob } from '../repair/host.ts';
import type { AntiCompactionWork } from '../replica/anticompaction.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { CompactionManager } from '../replica/compaction.ts';
import { EVENT } from '../replica/event-kinds.ts';
import { DIRECTION, type Links } from '../replica/links.ts';
import type { Placements } from '../replica/placements.ts';
import type { RunWriter } from '../replica/run-writer.ts';
import type { SlowLinks } from '../replica/slow-links.ts';
import type { Storage } from '../replica/storage.ts';
import type { Plan } from '../scenario/plan.ts';
import { pipesBetween, type NodeDevices } from './devices.ts';
import { Settings } from './settings.ts';

/** Messages up to this size ride with the small ones. */
const SMALL_BYTES = 4096;

/** How often a connection over a cut link tries to send again. */
const RESEND_MICROS = 1_000_000;
/** cassandra.b26, where a setting is unset. */
const REPAIR_TIMEOUT_MICROS = 120_000_000;
const TREE_TIMEOUT_MICROS = 300_000_000;

interface Waiting {
  from: number;
  to: number;
  completion: Completion;
  /** On the wire when positive. */
  bytes: number;
  hasLeft: boolean;
  /** Nobody wants it any more from then on, µs. */
  expiresAt: number;
  /** The transfer of a large one; 0 = none under way. */
  job: number;
  /** How it is sent again when it is lost (cassandra.b26), in which life of the sender, and how often it was already. */
  retry: RetryRule | null;
  incarnation: number;
  attempt: number;
  isLost: boolean;
}

export interface RepairHostState {
  messages: [number, Waiting][];
  nextMessage: number;
}

export interface RepairHostOptions {
  plan: Plan;
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  placements: Placements;
  links: Links;
  slowLinks: SlowLinks | null;
  storage: Storage;
  runs: RunWriter;
  compaction: CompactionManager;
  devices: NodeDevices;
  latencyKey: StreamKey;
}

export class ClusterRepairHost implements RepairHost {
  readonly kernel: Kernel;
  readonly trace: Trace;
  readonly rules: Rules;
  readonly versions: Versions;
  readonly tables: readonly TableLayout[];
  readonly nodeCount: number;
  readonly behaviour: RepairBehaviour;
  readonly #o: RepairHostOptions;
  readonly #settings: readonly Settings[];
  #messages = new Map<number, Waiting>();
  #nextMessage = 1;

  constructor(options: RepairHostOptions) {
    this.#o = options;
    this.kernel = options.kernel;
    this.trace = options.trace;
    this.rules = options.rules;
    this.versions = options.versions;
    this.tables = options.tables;
    this.nodeCount = options.plan.nodes.length;
    this.behaviour = behaviourOfDatabase(options.plan.database).repair;
    this.#settings = options.plan.nodes.map((node) => new Settings(options.plan, node));
  }

  nodeName(node: number): string {
    return this.#o.plan.nodes[node].id;
  }

  dcOf(node: number): number {
    return this.#o.cluster.dcOf[node];
  }

  dcName(node: number): string {
    return this.#o.plan.nodes[node].dc;
  }

  isRunning(node: number): boolean {
    return this.#o.cluster.running[node] === 1;
  }

  incarnation(node: number): number {
    return this.#o.cluster.incarnation[node];
  }

  sees(observer: number, peer: number): boolean {
    return observer === peer || this.#o.cluster.seen[observer * this.nodeCount + peer] === 1;
  }

  reaches(from: number, to: number): boolean {
    const { cluster } = this.#o;
    return (
      from === to ||
      (cluster.paused[from] === 0 &&
        cluster.paused[to] === 0 &&
        cluster.cut[from * this.nodeCount + to] === 0 &&
        cluster.cut[to * this.nodeCount + from] === 0)
    );
  }

  holdersOf(table: number): RangeHolders {
    const layout = this.tables[table];
    return layout.epochs?.holders[this.#o.placements.epoch] ?? layout;
  }

  pendingCompactions(node: number): number {
    return this.#o.compaction.pendingTasks(node);
  }

  setting(node: number, name: string): number | null {
    return this.#settings[node].optional(name);
  }

  send(from: number, to: number, completion: Completion, bytes = 0, retry: RetryRule | null = null): number {
    const expiresAt = this.#o.kernel.now + this.#patienceMicros(from, bytes);
    const message = { from, to, completion, bytes, hasLeft: false, expiresAt, job: 0, retry, isLost: false };
    return this.#post({ ...message, incarnation: this.incarnation(from), attempt: 1 });
  }

  isOnItsWay(message: number): boolean {
    return this.#messages.get(message)?.isLost === false;
  }

  pausedUntil(node: number): number {
    const { cluster } = this.#o;
    return cluster.paused[node] === 1 ? cluster.pausedUntil[node] : 0;
  }

  #post(message: Waiting): number {
    const { from, to } = message;
    const id = this.#nextMessage;
    this.#nextMessage += 1;
    this.#messages.set(id, message);
    if (from !== to && this.#isLost(from, to, id)) this.#lose(id, message);
    else this.#leave(id);
    return id;
  }

  /** Nothing is heard of a message: the sender waits for an answer, and then tries again if it may. */
  #lose(id: number, message: Waiting): void {
    const { kernel, rules } = this.#o;
    const { retry, attempt } = message;
    if (retry === null || attempt > retry.attempts) {
      this.#messages.delete(id);
      return;
    }
    rules.mark('cassandra.b26');
    message.isLost = true;
    const wait = retry.patienceMicros + pauseMicros(retry, attempt);
    kernel.schedule(kernel.now + wait, EVENT.controlArrives, id, 0);
  }

  #postAgain(id: number, message: Waiting): void {
    const { from, bytes, attempt, incarnation } = message;
    this.#messages.delete(id);
    if (!this.isRunning(from) || this.incarnation(from) !== incarnation) return;
    const expiresAt = this.#o.kernel.now + this.#patienceMicros(from, bytes);
    this.#post({ ...message, hasLeft: false, isLost: false, expiresAt, attempt: attempt + 1 });
  }

  /** A connection over a cut link keeps what is to be sent and tries again, until the message has expired (cassandra.b26). */
  #leave(id: number): void {
    const { kernel, devices, cluster } = this.#o;
    const message = this.#messages.get(id);
    if (message === undefined) return;
    const { from, to, bytes } = message;
    if (from !== to && cluster.cut[from * this.nodeCount + to] > 0) {
      this.#tryAgain(id, message);
      return;
    }
    message.hasLeft = true;
    if (bytes > SMALL_BYTES && from !== to) {
      const pipes = pipesBetween(devices, from * this.nodeCount + to);
      const resources = [devices.linkOut[from], devices.linkIn[to], ...pipes];
      const completion = { kind: EVENT.controlArrives, a: id, b: 0 };
      message.job = devices.devices.start({ resources, bytes, completion });
    } else kernel.schedule(kernel.now + this.#wayMicros(from, to, id), EVENT.controlArrives, id, 0);
  }

  #tryAgain(id: number, message: Waiting): void {
    const { kernel, rules } = this.#o;
    if (kernel.now + RESEND_MICROS < message.expiresAt)
      kernel.schedule(kernel.now + RESEND_MICROS, EVENT.controlArrives, id, 0);
    else {
      rules.mark('cassandra.b26');
      this.#lose(id, message);
    }
  }

  /** cassandra.b26: how long a tree, or another message, may take. */
  #patienceMicros(node: number, bytes: number): number {
    if (bytes === 0) return this.setting(node, 'repair_request_timeout') ?? REPAIR_TIMEOUT_MICROS;
    return Math.max(this.setting(node, 'request_timeout') ?? 0, TREE_TIMEOUT_MICROS);
  }

  /** A node's process has ended: the large messages that it was still sending or receiving end with their connections.
   * Small ones are sent at once; a receiver that does not run is noticed when they arrive. */
  nodeGone(node: number): void {
    for (const [id, { from, to, job }] of [...this.#messages]) {
      if (job === 0 || (from !== node && to !== node)) continue;
      this.#o.devices.devices.cancel(job);
      this.#messages.delete(id);
    }
  }

  /** Handler: a control message is there; a receiver that does not run never sees it, a paused one when it goes on. */
  controlArrives(id: number): void {
    const { kernel, cluster } = this.#o;
    const message = this.#messages.get(id);
    if (message === undefined) return;
    const { from, to, completion, bytes } = message;
    message.job = 0;
    if (message.isLost) {
      this.#postAgain(id, message);
      return;
    }
    if (!message.hasLeft) {
      this.#leave(id);
      return;
    }
    // The end of a large message waits for a link that was cut in the middle of it.
    if (bytes > SMALL_BYTES && from !== to && cluster.cut[from * this.nodeCount + to] > 0) {
      this.#tryAgain(id, message);
      return;
    }
    if (cluster.running[to] === 1 && cluster.paused[to] === 1) {
      kernel.schedule(cluster.pausedUntil[to], EVENT.controlArrives, id, 0);
      return;
    }
    this.#messages.delete(id);
    if (cluster.running[to] === 1) kernel.schedule(kernel.now, completion.kind, completion.a, completion.b);
  }

  flush(node: number, table: number, completion: Completion): void {
    this.#o.storage.flush(node, table, completion);
  }

  liveRuns(node: number, table: number): readonly Run[] {
    return this.#o.storage.of(node, table).runs;
  }

  snapshot(node: number, table: number, runs: readonly Run[]): number {
    const id = this.#o.storage.snapshot(runs);
    this.trace.record(this.kernel.now, RECORD.snapshotTaken, node, 0, id, table, runs.length);
    return id;
  }

  release(node: number, snapshot: number): void {
    this.#o.storage.release(snapshot);
    this.trace.record(this.kernel.now, RECORD.snapshotRemoved, node, 0, snapshot, 0, 0);
  }

  snapshotOnlyBytes(node: number, snapshot: number): number {
    return this.#o.storage.snapshotOnlyBytes(node, snapshot);
  }

  readDisk(node: number, bytes: number, completion: Completion): number {
    const { devices } = this.#o;
    const resources = [devices.diskRead[node], devices.processor[node]];
    // cassandra.b6: before 4.0.
    if (this.behaviour.throttlesValidation) resources.push(devices.compactionThrottle[node]);
    return devices.devices.start({ resources, bytes, completion });
  }

  stream({ from, to, bytes }: StreamJob, completion: Completion): number {
    const { devices, cluster } = this.#o;
    const resources = [
      devices.diskRead[from],
      devices.streamThrottle[from],
      devices.linkOut[from],
      devices.linkIn[to],
      devices.diskWrite[to],
      ...pipesBetween(devices, from * this.nodeCount + to),
    ];
    // cassandra.b31: between data centres both throttles bind.
    if (cluster.dcOf[from] !== cluster.dcOf[to]) resources.push(devices.interDcThrottle[from]);
    return devices.devices.start({ resources, bytes, completion });
  }

  cancelJob(job: number): number {
    return this.#o.devices.devices.cancel(job);
  }

  receiveRun(
    node: number,
    table: number,
    slots: Int32Array,
    versions: Int32Array,
    options: { repairedAt: number; pendingRepair: number; origin: number; bytes: number; via?: number },
  ): Run {
    const { storage, runs } = this.#o;
    const layout = this.tables[table];
    const content = { slots, versions, base: false, removed: new Int32Array(0) };
    const run = runs.fromContent(node, layout, content, options);
    const detail = (options.via ?? VIA.repair) | APPLIED_ONE_SLOT | (options.origin << 8);
    for (let index = 0; index < slots.length; index += 1) {
      const copy = copyIndexOf(layout, ordinalOfSlot(layout, slots[index]), node);
      this.trace.record(this.kernel.now, RECORD.applied, node, copy, versions[index], slots[index], detail);
    }
    storage.addRun(node, table, run);
    return run;
  }

  holdRuns(node: number, table: number, runs: readonly Run[], session: number): void {
    this.#o.compaction.hold(node, table, runs, session);
  }

  releaseRuns(node: number, session: number): void {
    this.#o.compaction.release(node, session);
  }

  setApart(node: number, table: number, work: AntiCompactionWork, completion: Completion): void {
    this.#o.compaction.setApart(node, table, work, completion);
  }

  heldBy(node: number, table: number, run: Run): number {
    return this.#o.compaction.heldBy(node, table, run);
  }

  isCompacting(node: number, table: number, run: Run): boolean {
    return this.#o.compaction.isCompacting(node, table, run);
  }

  sessionCompleted(node: number, tables: readonly number[]): void {
    for (const table of tables) this.#o.compaction.consider(node, table);
  }

  bytesOfEntry(slot: number, version: number): number {
    return this.#o.storage.bytesOfEntry(slot, version);
  }

  heldVersions(node: number, table: number, slots: Int32Array): Int32Array {
    return this.#o.storage.heldVersions(node, table, slots);
  }

  save(): RepairHostState {
    return {
      messages: [...this.#messages].map(([id, message]) => [id, { ...message, completion: { ...message.completion } }]),
      nextMessage: this.#nextMessage,
    };
  }

  load(state: RepairHostState): void {
    this.#messages = new Map(
      state.messages.map(([id, message]) => [id, { ...message, completion: { ...message.completion } }]),
    );
    this.#nextMessage = state.nextMessage;
  }

  /** Judged when it is sent, like every message (ADR 0003). */
  #isLost(from: number, to: number, id: number): boolean {
    const { cluster, latencyKey } = this.#o;
    const pair = from * this.nodeCount + to;
    const threshold = cluster.lossThreshold[pair];
    return threshold > 0 && draw32(latencyKey.k0 + 1, latencyKey.k1 + pair, id) < threshold;
  }

  #wayMicros(from: number, to: number, id: number): number {
    const { links, slowLinks, latencyKey, kernel } = this.#o;
    const pair = from * this.nodeCount + to;
    const way = links.latency(links.classOf[pair], DIRECTION.write, latencyKey.k0 + pair, latencyKey.k1, id);
    return slowLinks === null ? way : slowLinks.slowed(way, pair, kernel.now);
  }
}
