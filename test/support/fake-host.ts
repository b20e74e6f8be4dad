/**
 * A cluster in memory for tests of repair: real kernel, trace, devices, layouts and runs; no write path. Data are put into
 * a copy by hand (`put`, then they lie in its memory until something flushes). Nodes can be stopped, links cut, settings
 * and rules changed. Everything that a test asks about (records, streams, disk reads) is kept.
 */
import { Rules } from '../../src/base/rules.ts';
import { buildTableLayout, copyIndexOf, ordinalOfSlot } from '../../src/data/build-layout.ts';
import { bytesOfEntry } from '../../src/data/entry-bytes.ts';
import type { TableLayout } from '../../src/data/layout.ts';
import { timestampOrder } from '../../src/data/merge-order.ts';
import { SimpleStrategy } from '../../src/data/placement.ts';
import { RECORD_NAMES } from '../../src/data/records.ts';
import { buildRing } from '../../src/data/ring.ts';
import type { Ring } from '../../src/data/ring.ts';
import type { Run } from '../../src/data/run.ts';
import { baseRun, runOf, sealRun, versionInRun } from '../../src/data/runs.ts';
import { NOTHING, OPERATION, Versions } from '../../src/data/versions.ts';
import { FluidDevices } from '../../src/device/fluid.ts';
import type { FluidState } from '../../src/device/fluid.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { KernelState } from '../../src/kernel/kernel.ts';
import { Trace } from '../../src/kernel/trace.ts';
import * as record from '../../src/kernel/trace.ts';
import { behaviourOfDatabase } from '../../src/dialect/cassandra/behaviours.ts';
import type { RepairBehaviour } from '../../src/repair/behaviour.ts';
import type { Completion, RepairHost, StreamJob } from '../../src/repair/host.ts';

const MESSAGE = 60;
const MESSAGE_SENT = 61;
const FLUSHED = 62;
const DEVICE_DUE = 150;
export const LATENCY_MICROS = 500;

export interface FakeOptions {
  nodes: number;
  replicas: number;
  /** By table; one table of 1 000 partitions when left out. */
  partitions?: number[];
  rowsPerPartition?: number;
  loaded?: 'equal' | 'empty';
  tokensPerNode?: number;
  dcs?: number[];
  off?: string[];
  settings?: Record<string, number | null>;
  diskBytesPerSecond?: number;
  gcGraceMicros?: number;
  rowBytes?: number;
  /** Resolved, such as `cassandra@4.1.7`, which it is when left out. */
  database?: string;
}

export interface SeenRecord {
  time: number;
  name: string;
  node: number;
  copy: number;
  a: number;
  b: number;
  c: number;
}

interface Message {
  to: number;
  incarnation: number;
  completion: Completion;
}

interface Memory {
  slots: number[];
  versions: number[];
}

interface FakeState {
  kernel: KernelState;
  devices: FluidState;
  runs: Run[][][];
  memories: Memory[][];
  messages: [number, Message][];
  snapshots: [number, { node: number; runs: readonly Run[] }][];
  numbers: { nextRun: number; nextMessage: number; nextSnapshot: number };
}

export class FakeHost implements RepairHost {
  /** Compactions ahead, by node. */
  readonly pending = new Map<number, number>();
  readonly kernel = new Kernel();
  readonly trace: Trace;
  readonly rules: Rules;
  readonly versions: Versions;
  readonly tables: readonly TableLayout[];
  readonly nodeCount: number;
  readonly behaviour: RepairBehaviour;
  readonly devices: FluidDevices;
  readonly records: SeenRecord[] = [];
  readonly streams: StreamJob[] = [];
  readonly received: { node: number; run: Run }[] = [];
  snapshots = new Map<number, { node: number; runs: readonly Run[] }>();
  readonly running: boolean[];
  readonly incarnations: number[];
  /** Pairs `from|to` between which messages are lost. */
  readonly cuts = new Set<string>();
  /** Pairs `observer|peer` where the observer holds the peer for dead. */
  readonly dead = new Set<string>();
  settings: Record<string, number | null>;
  readonly #dcs: number[];
  readonly #disks: number[];
  readonly #links: number[];
  readonly #throttles: number[];
  readonly #wanThrottles: number[];
  #runs: Run[][][];
  #memories: Memory[][];
  #messages = new Map<number, Message>();
  #nextMessage = 1;
  #nextRun = 1;
  #nextSnapshot = 1;

  constructor(options: FakeOptions) {
    this.nodeCount = options.nodes;
    this.behaviour = behaviourOfDatabase(options.database ?? 'cassandra@4.1.7').repair;
    this.versions = new Versions(10_000, { skewed: false });
    this.rules = new Rules(options.off ?? []);
    this.settings = options.settings ?? {};
    this.tables = buildTables(options);
    this.trace = new Trace({ observers: [{ fold: (words, count) => this.#keep(words, count) }] });
    this.#dcs = options.dcs ?? Array.from({ length: options.nodes }, () => 0);
    this.running = this.#perNode(() => true);
    this.incarnations = this.#perNode(() => 1);
    this.devices = new FluidDevices(this.kernel, { dueKind: DEVICE_DUE });
    this.#disks = this.#perNode((node) =>
      this.devices.addResource(`disk ${node}`, options.diskBytesPerSecond ?? 100e6),
    );
    this.#links = this.#perNode((node) => this.devices.addResource(`link ${node}`, 125e6));
    this.#throttles = this.#perNode((node) => this.devices.addResource(`stream ${node}`, 25_165_824));
    this.#wanThrottles = this.#perNode((node) => this.devices.addResource(`wan stream ${node}`, 25_165_824));
    this.#memories = this.#perNode(() => this.tables.map(() => ({ slots: [], versions: [] })));
    this.#runs = this.#perNode(() => this.tables.map(() => []));
    if (options.loaded === 'equal') this.#load();
    this.#define();
  }

  // --- what tests do to it

  /** A new version, written now, of the first row of a partition (by ordinal) on some nodes. Returns its id. */
  write(
    table: number,
    ordinal: number,
    nodes: readonly number[],
    options: { row?: number; delete?: boolean } = {},
  ): number {
    const layout = this.tables[table];
    const slot = layout.slotBase + ordinal * layout.slotsPerPartition + (options.row ?? 0) * layout.slotsPerRow;
    const version = this.versions.count;
    this.versions.count += 1;
    const { arrays } = this.versions;
    arrays.issuedAt[version] = this.kernel.now;
    arrays.operation[version] = options.delete === true ? OPERATION.deleteRow : OPERATION.write;
    arrays.firstSlot[version] = slot;
    for (const node of nodes) this.put(node, table, slot, version);
    return version;
  }

  put(node: number, table: number, slot: number, version: number): void {
    this.#memories[node][table].slots.push(slot);
    this.#memories[node][table].versions.push(version);
  }

  /** Nodes that hold a partition, in natural order. */
  replicasOf(table: number, ordinal: number): number[] {
    const layout = this.tables[table];
    return Array.from({ length: this.nodeCount }, (_value, node) => node)
      .filter((node) => copyIndexOf(layout, ordinal, node) >= 0)
      .sort((left, right) => copyIndexOf(layout, ordinal, left) - copyIndexOf(layout, ordinal, right));
  }

  flushAll(): void {
    for (let node = 0; node < this.nodeCount; node += 1)
      this.tables.forEach((_layout, table) => this.#seal(node, table));
  }

  /** Slots whose replicas do not hold the same. */
  divergentSlots(): number {
    let count = 0;
    for (const layout of this.tables) {
      for (let slot = layout.slotBase; slot < layout.slotBase + layout.slotCount; slot += 1) {
        const nodes = this.replicasOf(layout.index, ordinalOfSlot(layout, slot));
        const held = nodes.map((node) => this.heldVersion(node, slot));
        if (held.some((version) => version !== held[0])) count += 1;
      }
    }
    return count;
  }

  stop(node: number): void {
    this.running[node] = false;
  }

  restart(node: number): void {
    this.running[node] = true;
    this.incarnations[node] += 1;
  }

  run(micros: number): void {
    this.kernel.runUntil(this.kernel.now + micros);
    this.trace.flush();
  }

  recordsOf(name: string): SeenRecord[] {
    this.trace.flush();
    return this.records.filter((seen) => seen.name === name);
  }

  save(): FakeState {
    return {
      kernel: this.kernel.save(),
      devices: this.devices.save(),
      runs: this.#runs.map((tables) => tables.map((runs) => [...runs])),
      memories: this.#memories.map((tables) =>
        tables.map(({ slots, versions }) => ({ slots: [...slots], versions: [...versions] })),
      ),
      messages: [...this.#messages],
      snapshots: [...this.snapshots],
      numbers: { nextRun: this.#nextRun, nextMessage: this.#nextMessage, nextSnapshot: this.#nextSnapshot },
    };
  }

  load(state: FakeState): void {
    this.kernel.load(state.kernel);
    this.devices.load(state.devices);
    this.#runs = state.runs.map((tables) => tables.map((runs) => [...runs]));
    this.#memories = state.memories.map((tables) =>
      tables.map(({ slots, versions }) => ({ slots: [...slots], versions: [...versions] })),
    );
    this.#messages = new Map(state.messages);
    this.snapshots = new Map(state.snapshots);
    this.#nextRun = state.numbers.nextRun;
    this.#nextMessage = state.numbers.nextMessage;
    this.#nextSnapshot = state.numbers.nextSnapshot;
  }

  // --- what repair asks of it

  nodeName(node: number): string {
    return `n${node + 1}`;
  }

  dcOf(node: number): number {
    return this.#dcs[node];
  }

  dcName(node: number): string {
    return `dc${this.#dcs[node] + 1}`;
  }

  holdersOf(table: number): TableLayout {
    return this.tables[table];
  }

  pendingCompactions(node: number): number {
    return this.pending.get(node) ?? 0;
  }

  isRunning(node: number): boolean {
    return this.running[node];
  }

  incarnation(node: number): number {
    return this.incarnations[node];
  }

  sees(observer: number, peer: number): boolean {
    return !this.dead.has(`${observer}|${peer}`);
  }

  reaches(from: number, to: number): boolean {
    return !this.cuts.has(`${from}|${to}`) && !this.cuts.has(`${to}|${from}`);
  }

  setting(_node: number, name: string): number | null {
    return this.settings[name] ?? null;
  }

  send(from: number, to: number, completion: Completion, bytes = 0): number {
    const id = this.#nextMessage;
    this.#nextMessage += 1;
    if (this.cuts.has(`${from}|${to}`)) return id;
    this.#messages.set(id, { to, incarnation: this.incarnations[to], completion });
    const resources = [this.#links[from], this.#links[to]];
    if (bytes > 0) this.devices.start({ resources, bytes, completion: { kind: MESSAGE_SENT, a: id, b: 0 } });
    else this.kernel.schedule(this.kernel.now + LATENCY_MICROS, MESSAGE, id, 0);
    return id;
  }

  isOnItsWay(message: number): boolean {
    return this.#messages.has(message);
  }

  pausedUntil(): number {
    return 0;
  }

  flush(node: number, table: number, completion: Completion): void {
    const wait = this.#memories[node][table].slots.length > 0 ? 1000 : 0;
    const id = this.#nextMessage;
    this.#nextMessage += 1;
    this.#messages.set(id, { to: node, incarnation: this.incarnations[node], completion });
    this.kernel.schedule(this.kernel.now + wait, FLUSHED, id, table);
  }

  liveRuns(node: number, table: number): readonly Run[] {
    return this.#runs[node][table];
  }

  snapshot(node: number, _table: number, runs: readonly Run[]): number {
    const id = this.#nextSnapshot;
    this.#nextSnapshot += 1;
    this.snapshots.set(id, { node, runs });
    return id;
  }

  release(node: number, snapshot: number): void {
    if (this.snapshots.get(snapshot)?.node !== node) throw new Error(`snapshot ${snapshot} is not one of node ${node}`);
    this.snapshots.delete(snapshot);
  }

  snapshotOnlyBytes(node: number, snapshot: number): number {
    const live = new Set(this.#runs[node].flat());
    const runs = this.snapshots.get(snapshot)?.runs ?? [];
    return runs.filter((run) => !live.has(run)).reduce((bytes, run) => bytes + run.bytes, 0);
  }

  readDisk(node: number, bytes: number, completion: Completion): number {
    return this.devices.start({ resources: [this.#disks[node]], bytes, completion });
  }

  stream(job: StreamJob, completion: Completion): number {
    const { from, to, bytes } = job;
    this.streams.push(job);
    const resources = [this.#disks[from], this.#throttles[from], this.#links[from], this.#links[to], this.#disks[to]];
    if (this.#dcs[from] !== this.#dcs[to]) resources.push(this.#wanThrottles[from]);
    return this.devices.start({ resources, bytes, completion });
  }

  cancelJob(job: number): number {
    return this.devices.cancel(job);
  }

  holdRuns(): void {
    throw new Error('the fake host has no compactions: test incremental repair on a world');
  }

  releaseRuns(): void {
    // Nothing is ever held.
  }

  setApart(): void {
    throw new Error('the fake host has no compactions: test incremental repair on a world');
  }

  heldBy(): number {
    return 0;
  }

  isCompacting(): boolean {
    return false;
  }

  sessionCompleted(): void {
    // Nothing is ever set apart.
  }

  receiveRun(
    node: number,
    table: number,
    slots: Int32Array,
    versions: Int32Array,
    options: { repairedAt: number; origin: number; bytes: number },
  ): Run {
    const header = { ...this.#header(node, table), repairedAt: options.repairedAt };
    const run = runOf(header, { slots, versions, base: false, removed: new Int32Array(0) });
    this.#runs[node][table] = [...this.#runs[node][table], run];
    this.received.push({ node, run });
    return run;
  }

  bytesOfEntry(slot: number, version: number): number {
    return bytesOfEntry(this.#tableOf(slot), this.versions, slot, version);
  }

  heldVersions(node: number, _table: number, slots: Int32Array): Int32Array {
    return slots.map((slot) => this.heldVersion(node, slot));
  }

  heldVersion(node: number, slot: number): number {
    const layout = this.#tableOf(slot);
    const isHeld = copyIndexOf(layout, ordinalOfSlot(layout, slot), node) >= 0;
    const memory = this.#memories[node][layout.index];
    const inMemory = memory.versions.filter((_version, index) => memory.slots[index] === slot);
    const inRuns = this.#runs[node][layout.index].map((run) => versionInRun(run, slot, isHeld));
    return [...inRuns, ...inMemory]
      .filter((version) => version !== NOTHING)
      .reduce((best, version) => (best === NOTHING || this.versions.wins(version, best) ? version : best), NOTHING);
  }

  // ---

  #perNode<T>(make: (node: number) => T): T[] {
    return Array.from({ length: this.nodeCount }, (_value, node) => make(node));
  }

  #tableOf(slot: number): TableLayout {
    const layout = this.tables.find(({ slotBase, slotCount }) => slot >= slotBase && slot < slotBase + slotCount);
    if (layout === undefined) throw new Error(`slot ${slot} is in no table`);
    return layout;
  }

  #header(node: number, table: number) {
    const id = this.#nextRun;
    this.#nextRun += 1;
    return { id, layout: this.tables[table], versions: this.versions, node };
  }

  #load(): void {
    for (let node = 0; node < this.nodeCount; node += 1) {
      this.tables.forEach((_layout, table) => this.#runs[node][table].push(baseRun(this.#header(node, table))));
    }
  }

  #seal(node: number, table: number): void {
    const memory = this.#memories[node][table];
    if (memory.slots.length === 0) return;
    const pairs = {
      slots: Int32Array.from(memory.slots),
      versions: Int32Array.from(memory.versions),
      count: memory.slots.length,
    };
    const run = sealRun(this.#header(node, table), timestampOrder(this.versions), pairs);
    this.#runs[node][table] = [...this.#runs[node][table], run];
    this.#memories[node][table] = { slots: [], versions: [] };
  }

  #define(): void {
    this.kernel.define(MESSAGE, 'message', 2, (id) => this.#arrive(id));
    this.kernel.define(MESSAGE_SENT, 'messageSent', 3, (id) =>
      this.kernel.schedule(this.kernel.now + LATENCY_MICROS, MESSAGE, id, 0),
    );
    this.kernel.define(FLUSHED, 'flushed', 3, (id, table) => this.#flushed(id, table));
    this.kernel.define(DEVICE_DUE, 'deviceDue', 3, (job) => this.devices.jobDue(job));
  }

  #flushed(id: number, table: number): void {
    const message = this.#messages.get(id);
    if (message !== undefined && this.incarnations[message.to] === message.incarnation) this.#seal(message.to, table);
    this.#arrive(id);
  }

  #arrive(id: number): void {
    const message = this.#messages.get(id);
    this.#messages.delete(id);
    if (message === undefined) return;
    const { to, incarnation, completion } = message;
    if (!this.running[to] || this.incarnations[to] !== incarnation) return;
    this.kernel.schedule(this.kernel.now, completion.kind, completion.a, completion.b);
  }

  #keep(words: Int32Array, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const base = index * record.TRACE_STRIDE;
      this.records.push({
        time: record.timeOf(words, base),
        name: RECORD_NAMES[record.kindOf(words, base)],
        node: record.nodeOf(words, base),
        copy: record.copyOf(words, base),
        a: record.operandA(words, base),
        b: record.operandB(words, base),
        c: record.operandC(words, base),
      });
    }
  }
}

/** A ring with evenly spread tokens, node after node. */
export function evenRing(nodes: number, tokensPerNode = 1, dcs?: readonly number[]): Ring {
  const count = BigInt(nodes * tokensPerNode);
  const step = (1n << 64n) / count;
  const tokens = Array.from(
    { length: nodes * tokensPerNode },
    (_value, index) => -(1n << 63n) + step * BigInt(index + 1) - 1n,
  );
  const ringNodes = Array.from({ length: nodes }, (_value, node) => ({
    dc: dcs?.[node] ?? 0,
    rack: 0,
    tokens: tokens.filter((_token, index) => index % nodes === node),
  }));
  const result = buildRing(ringNodes);
  if (!result.ok) throw new Error('the tokens collide');
  return result.ring;
}

function buildTables(options: FakeOptions): TableLayout[] {
  const placement = new SimpleStrategy(
    evenRing(options.nodes, options.tokensPerNode ?? 1, options.dcs),
    options.replicas,
  );
  const tables: TableLayout[] = [];
  let slotBase = 0;
  (options.partitions ?? [1000]).forEach((partitions, index) => {
    const layout = buildTableLayout({
      index,
      id: `ks.t${index}`,
      partitions,
      rowsPerPartition: options.rowsPerPartition ?? 1,
      columnGroups: 1,
      deletesRows: false,
      slotBase,
      rowBytes: options.rowBytes ?? 1000,
      gcGraceMicros: options.gcGraceMicros ?? 864_000e6,
      loaded: options.loaded ?? 'empty',
      placement,
    });
    tables.push(layout);
    slotBase += layout.slotCount;
  });
  return tables;
}
