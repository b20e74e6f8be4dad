/**
 * Builds the parts of one world from a plan, wires their events, and saves and restores them as a whole. A world is
 * driven by `drive.ts`; it knows nothing of observers but the list that its trace feeds.
 */
import { Rules } from '../base/rules.ts';
import { behaviourOfDatabase } from '../dialect/cassandra/behaviours.ts';
import type { TableLayout } from '../data/layout.ts';
import { timestampOrder } from '../data/merge-order.ts';
import { Versions } from '../data/versions.ts';
import { EVENT_CLASS, Kernel } from '../kernel/kernel.ts';
import { WorldParts } from '../kernel/part.ts';
import { streamKey } from '../kernel/random.ts';
import { PromptTrace } from '../kernel/prompt-trace.ts';
import { Trace, type TraceObserver } from '../kernel/trace.ts';
import { RepairManager } from '../repair/manager.ts';
import { REPAIR_STRATEGIES } from '../repair/registry.ts';
import { RepairRounds } from '../repair/rounds.ts';
import { Batches, type BatchCut } from '../replica/batches.ts';
import { Calendar } from '../replica/calendar.ts';
import type { Cluster } from '../replica/cluster.ts';
import { CompactionManager } from '../replica/compaction.ts';
import { EVENT } from '../replica/event-kinds.ts';
import { FailureDetector } from '../replica/failure-detector.ts';
import { HandoffSwitches } from '../replica/handoff-switches.ts';
import { Hints } from '../replica/hints.ts';
import { PendingWrites } from '../replica/pending-writes.ts';
import { Placements } from '../replica/placements.ts';
import type { ReadPath } from '../replica/reads/read-path.ts';
import type { WriteProbes } from '../replica/probing/write-probes.ts';
import type { ReadWorkloads } from '../replica/reads/read-workload.ts';
import { RunWriter } from '../replica/run-writer.ts';
import { Storage } from '../replica/storage.ts';
import type { Workload } from '../replica/workload.ts';
import { WritePath } from '../replica/write-path.ts';
import type { Plan } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import { buildCluster, buildLinks, numbersOf, type PlanNumbers } from './build-cluster.ts';
import { compactionSettings } from './compaction-settings.ts';
import { buildLogs, type Logs } from './build-logs.ts';
import { buildWriteProbes, probedWorkloads } from './build-probes.ts';
import { buildReadPath, buildReadWorkloads } from './build-reads.ts';
import { buildAlgorithms } from './build-algorithms.ts';
import { buildRepairs } from './build-repairs.ts';
import { buildTables } from './build-tables.ts';
import { buildWorkloads, countMutations, levelsByEpoch } from './build-workloads.ts';
import { Epochs } from './build-epochs.ts';
import { defineEvents } from './define-events.ts';
import type { Links } from '../replica/links.ts';
import type { SlowLinks } from '../replica/slow-links.ts';
import { buildSlowLinks } from './build-slow-links.ts';
import { buildDevices, pipesBetween, type NodeDevices } from './devices.ts';
import { Faults } from './faults.ts';
import { Operations } from './operations.ts';
import { ClusterRepairHost } from './repair-host.ts';
import { ReplicaProcesses } from './replica-processes.ts';
import { ReplicaWork } from './replica-work.ts';
import { SlowFaults } from './slow-faults.ts';
import { isPlain, isSkewed } from './plan-traits.ts';
import { changeableSettings, handoffOf, ringThrottles, Settings } from './settings.ts';
import { Topology } from './topology.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000_000;
/** Share of memtable_heap_space (a quarter of an 8 GiB heap) at which the largest memtable is flushed. */
const FLUSH_BYTES = Math.floor((2048 * MIB) / 3);

export interface WorldOptions {
  batched: boolean;
  observers: readonly TraceObserver[];
  /** Records of this kind and higher ones are told at once; undefined: all wait for their block. */
  promptFrom?: number;
}

export class World {
  readonly plan: Plan;
  readonly batched: boolean;
  readonly numbers: PlanNumbers;
  readonly kernel = new Kernel();
  readonly rules: Rules;
  readonly trace: Trace;
  readonly epochs: Epochs;
  readonly tables: readonly TableLayout[];
  readonly placements: Placements;
  readonly workloads: readonly Workload[];
  readonly versions: Versions;
  readonly cluster: Cluster;
  readonly links: Links;
  readonly slowLinks: SlowLinks | null;
  readonly devices: NodeDevices;
  readonly runs: RunWriter;
  readonly storage: Storage;
  readonly compaction: CompactionManager;
  readonly pending: PendingWrites;
  readonly calendar: Calendar;
  readonly writePath: WritePath;
  readonly reads: ReadPath;
  readonly readWorkloads: ReadWorkloads;
  readonly probes: WriteProbes;
  /** By workload, 1: a probe reads what it writes. */
  readonly queued: Uint8Array;
  readonly handoff: HandoffSwitches;
  readonly hints: Hints;
  readonly batches: Batches;
  readonly detector: FailureDetector;
  readonly host: ClusterRepairHost;
  readonly repairs: RepairManager;
  readonly rounds: RepairRounds;
  readonly operations: Operations;
  readonly processes: ReplicaProcesses;
  readonly faults: Faults;
  readonly topology: Topology;
  readonly parts = new WorldParts();
  /** Cut batches by workload index, arrival. */
  readonly #cuts = new Map<string, { cut: BatchCut; entry: number }>();
  readonly #logs: Logs;
  readonly #work: ReplicaWork;

  constructor(plan: Plan, options: WorldOptions) {
    this.plan = plan;
    this.batched = options.batched;
    this.numbers = numbersOf(plan);
    this.rules = new Rules(plan.model.off);
    const { observers, promptFrom } = options;
    this.trace = promptFrom === undefined ? new Trace({ observers }) : new PromptTrace({ observers }, promptFrom);
    this.epochs = new Epochs(plan);
    this.tables = buildTables(plan, this.epochs);
    this.workloads = buildWorkloads(plan, this.tables, this.numbers);
    this.queued = probedWorkloads(plan);
    this.versions = new Versions(countMutations(plan, this.workloads), {
      skewed: isSkewed(plan),
      plain: isPlain(plan),
    });
    this.cluster = buildCluster(plan, this.numbers);
    this.placements = new Placements({
      cluster: this.cluster,
      tables: this.tables,
      ruleIn: levelsByEpoch(plan, this.epochs, this.numbers),
    });
    this.links = buildLinks(plan);
    this.slowLinks = buildSlowLinks(plan);
    const { kernel, trace } = this;
    this.devices = buildDevices(plan, { kernel, trace, throttlesOf: (node) => ringThrottles(plan, node) });
    this.#logs = buildLogs(plan, this.rules);
    if (this.#logs.waits !== null) this.cluster.isCareful = true;
    this.cluster.refreshHealthy();
    this.runs = new RunWriter(this.versions, timestampOrder(this.versions));
    this.storage = this.#newStorage();
    this.compaction = this.#newCompaction();
    this.pending = new PendingWrites(this.tables.reduce((most, { copies }) => Math.max(most, copies), 1));
    this.calendar = new Calendar(totalRate(this.workloads));
    this.writePath = this.#newWritePath();
    this.reads = buildReadPath(this);
    this.readWorkloads = buildReadWorkloads(this, this.reads);
    this.probes = buildWriteProbes(this, this.reads);
    const ofNodes = plan.nodes.map((node) => handoffOf(changeableSettings(plan, node), this.numbers.dcs));
    this.handoff = new HandoffSwitches(ofNodes);
    this.hints = this.#newHints();
    this.batches = this.#newBatches();
    this.detector = this.#newDetector();
    this.host = this.#newHost();
    this.repairs = new RepairManager(this.host, REPAIR_STRATEGIES);
    this.rounds = this.#newRounds();
    this.operations = this.#newOperations();
    this.processes = this.#newProcesses();
    this.#work = this.#newWork();
    this.faults = this.#newFaults();
    this.topology = new Topology(this, new Settings(plan).flag('transfer_hints_on_decommission', true));
    this.#wire();
    this.#define();
    this.#registerParts();
  }

  get endMicros(): number {
    return this.plan.duration_micros + this.plan.settle_micros;
  }

  get writeTimeoutMicros(): number {
    return new Settings(this.plan).number('write_request_timeout', 2 * SECOND);
  }

  /** Timers and entries of time 0; entries from `entryEnd` on sleep. */
  start(entryEnd: number = this.plan.entries.length): void {
    this.faults.schedule(0, entryEnd);
    for (let node = 0; node < this.cluster.count; node += 1) {
      this.hints.startTimers(node);
      this.batches.startTimers(node);
    }
    for (const workload of this.workloads) if (!this.isMerged(workload)) this.scheduleArrival(workload);
    this.readWorkloads.start();
    this.compaction.start();
  }

  /** Does the sorted source issue this workload's writes (else the queue does, one event an arrival)? */
  isMerged(workload: Workload): boolean {
    return this.batched && workload.batch === null && this.queued[workload.index] === 0;
  }

  scheduleArrival(workload: Workload): void {
    const at = workload.arrivals.peek();
    if (at < this.plan.duration_micros) this.kernel.schedule(at, EVENT.arrival, workload.index, 0);
  }

  save(): ReadonlyMap<string, unknown> {
    this.trace.flush();
    return this.parts.save();
  }

  load(state: ReadonlyMap<string, unknown>): void {
    this.parts.load(state);
  }

  #newStorage(): Storage {
    const { kernel, trace, versions, tables, devices, runs } = this;
    return new Storage({
      kernel,
      trace,
      versions,
      tables,
      nodeCount: this.cluster.count,
      devices: devices.devices,
      diskWrite: devices.diskWrite,
      flushBytes: FLUSH_BYTES,
      newLog: this.#logs.newLog,
      runs,
    });
  }

  #newCompaction(): CompactionManager {
    const { kernel, trace, rules, versions, storage, devices, runs, tables, cluster } = this;
    return new CompactionManager({
      ...{ kernel, trace, rules, versions },
      storage,
      devices: devices.devices,
      runs,
      tableCount: tables.length,
      settings: this.plan.tables.map((table) =>
        compactionSettings(table, { rules, flushBytes: FLUSH_BYTES, start: this.plan.start }),
      ),
      diskRead: devices.diskRead,
      diskWrite: devices.diskWrite,
      throttle: devices.compactionThrottle,
      processor: devices.processor,
      concurrentCompactors: new Settings(this.plan).number('concurrent_compactors', 2),
      isRunning: (node) => cluster.running[node] === 1,
      isPaused: (node) => cluster.paused[node] === 1,
    });
  }

  #newWritePath(): WritePath {
    const { kernel, trace, rules, versions, tables, cluster, storage, pending, calendar, workloads, batched } = this;
    const { queued } = this;
    return new WritePath({
      placements: this.placements,
      ...{ kernel, trace, rules, versions, tables, cluster },
      links: this.links,
      slowLinks: this.slowLinks,
      logWaits: this.#logs.waits,
      storage,
      pending,
      calendar,
      workloads,
      writeTimeoutMicros: this.writeTimeoutMicros,
      lossKey: streamKey(seedFor(this.plan, 'network'), 'message-loss'),
      batched,
      queued,
    });
  }

  #newHints(): Hints {
    const { kernel, trace, rules, versions, tables, cluster, storage, writePath, handoff: switches } = this;
    const settings = new Settings(this.plan);
    const { throttleInKib, store } = behaviourOfDatabase(this.plan.database).hints;
    return new Hints({
      placements: this.placements,
      kernel,
      trace,
      rules,
      versions,
      tables,
      cluster,
      storage,
      writePath,
      switches,
      settings: {
        windowPersistent: settings.flag('hint_window_persistent_enabled', true),
        sizeMaxBytes: settings.number('max_hints_size_per_host', 0),
        throttleInKib,
        store,
        deliveryThreads: settings.number('max_hints_delivery_threads', 2),
        flushMicros: settings.number('hints_flush_period', 10 * SECOND),
        fileBytesMax: settings.number('max_hints_file_size', 128 * MIB),
        timeoutMicros: this.writeTimeoutMicros,
      },
      linkRate: (from, to) => {
        const { devices } = this.devices;
        const pipes = pipesBetween(this.devices, from * cluster.count + to);
        return pipes.reduce((least, pipe) => Math.min(least, devices.capacityOf(pipe)), Infinity);
      },
      disk: {
        write: (node, bytes, completion) =>
          this.devices.devices.start({ resources: [this.devices.diskWrite[node]], bytes, completion }),
        cancel: (job) => void this.devices.devices.cancel(job),
      },
    });
  }

  #newBatches(): Batches {
    const { kernel, trace, rules, versions, tables, cluster, writePath, hints, workloads } = this;
    const throttle = new Settings(this.plan).number('batchlog_replay_throttle', MIB);
    return new Batches({
      placements: this.placements,
      kernel,
      trace,
      rules,
      versions,
      tables,
      cluster,
      writePath,
      hints,
      workloads,
      writeTimeoutMicros: this.writeTimeoutMicros,
      replayBytesPerSecond: throttle === 0 ? Infinity : throttle / cluster.count,
    });
  }

  #newDetector(): FailureDetector {
    const { cluster, kernel, rules } = this;
    const phiThreshold = new Settings(this.plan).number('phi_convict_threshold', 8);
    const phase = streamKey(seedFor(this.plan, 'network'), 'heartbeat');
    return new FailureDetector({ cluster, kernel, phase, phiThreshold, rules });
  }

  #newHost(): ClusterRepairHost {
    const { plan, kernel, trace, rules, versions, tables, cluster, storage, runs, devices } = this;
    const latencyKey = streamKey(seedFor(plan, 'network'), 'control-messages');
    return new ClusterRepairHost({
      placements: this.placements,
      plan,
      ...{ kernel, trace, rules, versions, tables, cluster },
      links: this.links,
      slowLinks: this.slowLinks,
      storage,
      runs,
      compaction: this.compaction,
      devices,
      latencyKey,
    });
  }

  #newRounds(): RepairRounds {
    return new RepairRounds({
      host: this.host,
      manager: this.repairs,
      ...buildRepairs(this.plan, this.numbers, this.tables),
      ...{ algorithms: buildAlgorithms(this), untilMicros: this.plan.duration_micros },
    });
  }

  #newOperations(): Operations {
    const { plan, kernel, trace, rules, versions, tables, numbers, cluster, storage, runs, compaction, hints } = this;
    return new Operations({
      ...{ kernel, trace, rules, versions, tables, numbers, cluster, storage, runs, compaction, hints },
      ...{ handoff: this.handoff, devices: this.devices },
      yaml: plan.nodes.map((node) => changeableSettings(plan, node)),
      damageKey: streamKey(seedFor(plan, 'faults'), 'damage'),
    });
  }

  #newProcesses(): ReplicaProcesses {
    const { kernel, trace, rules, tables, cluster, detector, storage, compaction, operations } = this;
    const { hints, batches, writePath, reads, repairs, host } = this;
    return new ReplicaProcesses({
      ...{ kernel, trace, rules, tables, cluster, detector, storage, compaction, operations },
      ...{ hints, batches, writePath, reads, repairs, host },
      durableUntil: this.#logs.durableUntil,
    });
  }

  #newWork(): ReplicaWork {
    const { kernel, tables, numbers, cluster, storage, compaction, operations, rounds } = this;
    const operateUntil = this.plan.duration_micros;
    return new ReplicaWork({
      ...{ kernel, tables, numbers, cluster, storage, compaction, operations, rounds, operateUntil },
    });
  }

  #newFaults(): Faults {
    const { plan, kernel, trace, rules, versions, tables, numbers, cluster, storage, devices, processes } = this;
    return new Faults({
      ...{ kernel, trace, versions, tables, numbers, cluster, storage, devices, processes },
      work: [this.#work],
      slow: new SlowFaults({ ...{ plan, kernel, trace, rules, numbers, cluster, devices }, rule: 'cassandra.g-slow' }),
      entries: plan.entries,
      damageKey: streamKey(seedFor(plan, 'faults'), 'damage'),
    });
  }

  #wire(): void {
    const { writePath, storage } = this;
    this.processes.topology = this.topology;
    this.#work.topology = this.topology;
    writePath.hints = this.hints;
    writePath.overloaded.isOverloaded = (coordinator, target) => this.hints.overloads(coordinator, target);
    writePath.batches = this.batches;
    this.operations.nodes = this.faults;
    storage.onRunsChanged = (node, table) => this.compaction.consider(node, table);
    this.compaction.outcomeOf = (node, session) => this.repairs.outcomeOf(node, session);
    this.compaction.antiCompactions.onSetApart = (node, session, done) =>
      this.repairs.noteSetApart(node, session, done);
    storage.onRunRewritten = (run, by) => this.compaction.runRewritten(run, by);
    this.plan.entries.forEach((entry, index) => {
      if (entry.kind !== 'cutBatch') return;
      const origin = this.numbers.originOf.get(entry.id) ?? 0;
      const cut = { mutations: entry.mutations, copies: entry.copies, origin };
      this.#cuts.set(`${entry.workload}/${entry.batch}`, { cut, entry: index });
    });
  }

  #define(): void {
    const { fault, issue } = EVENT_CLASS;
    this.kernel.define(EVENT.cutBatchSend, 'cutBatchSend', fault, (id) => this.#cutBatch(id));
    this.kernel.define(EVENT.arrival, 'arrival', issue, (index) => this.#arrival(this.workloads[index]));
    defineEvents(this);
  }

  #arrival(workload: Workload): void {
    const { arrivals } = workload;
    const now = this.kernel.now;
    // All of one microsecond at once, as the sorted source does.
    while (arrivals.peek() === now) {
      const arrival = arrivals.index;
      arrivals.advance();
      if (workload.batch !== null) this.batches.issue(workload, arrival, now, this.#cutOf(workload, arrival));
      else {
        const version = this.writePath.issue(workload, arrival, now);
        this.writePath.recordIssue(version, now, 0, this.versions.arrays.coordinator[version]);
      }
    }
    if (!this.isMerged(workload)) this.scheduleArrival(workload);
  }

  #cutOf(workload: Workload, arrival: number): BatchCut | null {
    return this.#cuts.get(`${workload.id}/${arrival}`)?.cut ?? null;
  }

  /** The batch sends what the fault lets through; then its coordinator dies. */
  #cutBatch(id: number): void {
    const origin = this.batches.cutOf(id)?.origin ?? 0;
    const coordinator = this.batches.send(id);
    if (coordinator < 0) return;
    this.faults.coordinatorDies(origin, coordinator);
  }

  #registerParts(): void {
    const { parts } = this;
    parts.registerAs('kernel', this.kernel);
    parts.registerAs('trace', this.trace);
    parts.registerAs('rules', this.rules);
    parts.registerAs('versions', this.versions);
    parts.registerAs('cluster', this.cluster);
    parts.registerAs('placements', this.placements);
    parts.registerAs('devices', this.devices.devices);
    parts.registerAs('storage', this.storage);
    parts.registerAs('compaction', this.compaction);
    parts.registerAs('pending', this.pending);
    parts.registerAs('calendar', this.calendar);
    if (this.#logs.waits !== null) parts.registerAs('log-waits', this.#logs.waits);
    parts.registerAs('reads', this.reads);
    parts.registerAs('readWorkloads', this.readWorkloads);
    parts.registerAs('probes', this.probes);
    parts.registerAs('handoff', this.handoff);
    parts.registerAs('hints', this.hints);
    parts.registerAs('batches', this.batches);
    parts.registerAs('detector', this.detector);
    parts.registerAs('host', this.host);
    parts.registerAs('repairs', this.repairs);
    parts.registerAs('rounds', this.rounds);
    parts.registerAs('operations', this.operations);
    parts.registerAs('faults', this.faults);
    parts.registerAs('topology', this.topology);
    parts.registerAs('source', {
      save: () => ({
        arrivals: this.workloads.map(({ arrivals }) => arrivals.index),
        nextRun: this.runs.nextId,
        counts: { ...this.writePath.client.counts },
        sortedUntil: this.writePath.messages.sortedUntil,
      }),
      load: (state) => {
        this.workloads.forEach(({ arrivals }, index) => arrivals.seek(state.arrivals[index]));
        this.runs.nextId = state.nextRun;
        Object.assign(this.writePath.client.counts, state.counts);
        this.writePath.messages.sortedUntil = state.sortedUntil;
      },
    });
  }
}

function totalRate(workloads: readonly Workload[]): number {
  return workloads.reduce((sum, workload) => sum + workload.meanRate, 1);
}
