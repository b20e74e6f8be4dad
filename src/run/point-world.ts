/**
 * The world of a database that stores points by shards (ADR 0008): requests of many points split by shard, queues of
 * segments for owners that do not answer, no failure detector, and of two values in one place the one that came last.
 */
import { Rules } from '../base/rules.ts';
import type { TableLayout } from '../data/layout.ts';
import { arrivalOrder } from '../data/merge-order.ts';
import { RECORD } from '../data/records.ts';
import { Versions } from '../data/versions.ts';
import { EVENT_CLASS, Kernel } from '../kernel/kernel.ts';
import { WorldParts } from '../kernel/part.ts';
import { PromptTrace } from '../kernel/prompt-trace.ts';
import { streamKey } from '../kernel/random.ts';
import { Trace } from '../kernel/trace.ts';
import { AntiEntropy } from '../repair/entropy/anti-entropy.ts';
import type { Cluster } from '../replica/cluster.ts';
import { Copies } from '../replica/copies.ts';
import { EVENT } from '../replica/event-kinds.ts';
import { Caches } from '../replica/points/caches.ts';
import { Disks } from '../replica/points/disks.ts';
import type { FieldTypes } from '../replica/points/field-types.ts';
import { Ownership } from '../replica/points/ownership.ts';
import { ManualRepairs } from '../repair/by-hand/manual-repairs.ts';
import { ShardCopies } from '../repair/by-hand/shard-copies.ts';
import { RequestCuts } from '../replica/points/request-cuts.ts';
import { Deletes } from '../replica/points/deletes.ts';
import { Handoff } from '../replica/points/handoff.ts';
import type { PointWriter } from '../replica/points/point-writer.ts';
import { Refusals } from '../replica/points/refusals.ts';
import { Queries } from '../replica/points/queries.ts';
import { RequestPath } from '../replica/points/request-path.ts';
import { ShardCompaction } from '../replica/points/shard-compaction.ts';
import { ShardEnds } from '../replica/points/shard-ends.ts';
import { TrustedLog } from '../replica/points/trusted-log.ts';
import { PartWays } from '../replica/points/ways.ts';
import { RunWriter } from '../replica/run-writer.ts';
import { Storage } from '../replica/storage.ts';
import type { Plan, PlanShard } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import { buildCluster, buildLinks, numbersOf, type PlanNumbers } from './build-cluster.ts';
import { Epochs } from './build-epochs.ts';
import { buildSlowLinks } from './build-slow-links.ts';
import { buildTables } from './build-tables.ts';
import { buildWriters } from './build-writers.ts';
import { buildDevices, pipesBetween, type NodeDevices } from './devices.ts';
import { Faults } from './faults.ts';
import { cutsOf, fieldTypesOf, keyBytesOf, manualRepairsOf, slowDisksOf } from './point-parts.ts';
import { PointFaults } from './point-faults.ts';
import { PointProcesses } from './point-processes.ts';
import {
  compactionLimits,
  entropySettings,
  pointThrottles,
  queueSettings,
  retentionSettings,
} from './point-settings.ts';
import { queriesOf } from './point-queries.ts';
import { PointWork, selectionsOf } from './point-work.ts';
import type { RunnableWorld } from './runnable-world.ts';
import { Settings } from './settings.ts';
import { SlowFaults } from './slow-faults.ts';
import type { WorldOptions } from './world.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

export class PointWorld implements RunnableWorld {
  readonly plan: Plan;
  readonly batched: boolean;
  readonly numbers: PlanNumbers;
  readonly kernel = new Kernel();
  readonly rules: Rules;
  readonly trace: Trace;
  readonly tables: readonly TableLayout[];
  readonly versions: Versions;
  readonly cluster: Cluster;
  readonly devices: NodeDevices;
  readonly runs: RunWriter;
  readonly disks: Disks;
  readonly types: FieldTypes;
  readonly cuts: RequestCuts;
  readonly ownership: Ownership;
  readonly shardCopies: ShardCopies;
  readonly manual: ManualRepairs;
  readonly storage: Storage;
  readonly refusals: Refusals;
  readonly writers: readonly PointWriter[];
  readonly caches: Caches;
  readonly hints: Handoff;
  readonly requests: RequestPath;
  readonly ends: ShardEnds;
  readonly deletes: Deletes;
  readonly compaction: ShardCompaction;
  readonly entropy: AntiEntropy;
  readonly queries: Queries;
  readonly processes: PointProcesses;
  readonly faults: Faults;
  readonly parts = new WorldParts();

  constructor(plan: Plan, options: WorldOptions) {
    this.plan = plan;
    this.batched = options.batched;
    this.numbers = numbersOf(plan);
    this.rules = new Rules(plan.model.off);
    const { observers, promptFrom } = options;
    this.trace = promptFrom === undefined ? new Trace({ observers }) : new PromptTrace({ observers }, promptFrom);
    this.tables = buildTables(plan, new Epochs(plan));
    this.writers = buildWriters(plan, this.tables, this.numbers);
    const points = this.writers.reduce((sum, writer) => sum + writer.points, 0);
    const selections = plan.entries.flatMap((entry) => selectionsOf(plan, entry));
    const deletes = Deletes.versionsFor(selections, this.writers) + endingShards(plan);
    // By arrival no timestamp is ever compared.
    this.versions = new Versions(points + deletes, { skewed: false, plain: deletes === 0 });
    this.cluster = buildCluster(plan, this.numbers);
    const { kernel: clock, trace } = this;
    this.devices = buildDevices(plan, { kernel: clock, trace, throttlesOf: (node) => pointThrottles(plan, node) });
    this.runs = new RunWriter(this.versions, arrivalOrder());
    this.disks = new Disks({
      ...{ nodes: plan.nodes.length, rules: this.rules, fsyncMicros: plan.devices.fsync_micros },
      slow: slowDisksOf(this),
    });
    this.types = fieldTypesOf(this);
    this.ownership = new Ownership(this);
    this.cuts = new RequestCuts(plan.nodes.length, cutsOf(this));
    this.storage = this.#newStorage();
    this.refusals = this.#newRefusals();
    const { kernel, storage } = this;
    const settings = new Settings(plan);
    this.caches = new Caches({
      ...{ kernel, storage, disks: this.disks, nodes: plan.nodes.length, tables: this.tables.length },
      coldMicros: settings.number('data.cache-snapshot-write-cold-duration', 10 * MINUTE),
    });
    const isOff = (node: number): boolean => this.processes.isOff(node);
    const ways = this.#newWays();
    const copies = new Copies(this);
    this.ends = this.#newEnds(copies);
    this.hints = this.#newHandoff(copies, ways, isOff);
    this.requests = this.#newRequests(copies, ways, isOff);
    this.deletes = this.#newDeletes(copies, ways);
    this.compaction = this.#newCompaction();
    this.entropy = this.#newEntropy();
    this.shardCopies = this.#newShardCopies();
    this.manual = this.#newManual();
    this.queries = this.#newQueries(ways);
    this.storage.onRunsChanged = (node, table) => this.compaction.consider(node, table);
    this.processes = this.#newProcesses();
    this.faults = this.#newFaults();
    this.cuts.die = (node, origin) => this.faults.coordinatorDies(origin, node);
    this.#define();
    this.#registerParts();
  }

  get endMicros(): number {
    return this.plan.duration_micros + this.plan.settle_micros;
  }

  start(entryEnd: number = this.plan.entries.length): void {
    this.faults.schedule(0, entryEnd);
    this.requests.start();
    this.queries.start();
    for (let node = 0; node < this.cluster.count; node += 1) {
      this.entropy.start(node);
      this.ends.start(node);
    }
  }

  save(): ReadonlyMap<string, unknown> {
    this.trace.flush();
    return this.parts.save();
  }

  load(state: ReadonlyMap<string, unknown>): void {
    this.parts.load(state);
  }

  #newStorage(): Storage {
    const { kernel, trace, versions, tables, devices, runs, plan } = this;
    return new Storage({
      ...{ kernel, trace, versions, tables, runs },
      nodeCount: this.cluster.count,
      devices: devices.devices,
      diskWrite: devices.diskWrite,
      flushBytes: new Settings(plan).number('data.cache-snapshot-memory-size', 25 * MIB),
      // The writer waits for the fsync of its log before it answers (influxdb.5).
      newLog: (node) => new TrustedLog(this.disks, node, this.rules),
    });
  }

  #newRefusals(): Refusals {
    const { rules, versions, tables, storage, disks, types, kernel, plan } = this;
    const cacheBytesMax = plan.nodes.map((node) => new Settings(plan, node).number('data.cache-max-memory-size', 0));
    return new Refusals({ rules, versions, tables, storage, disks, types, cacheBytesMax, now: () => kernel.now });
  }

  #newWays(): PartWays {
    const { plan, cluster } = this;
    return new PartWays({
      cluster,
      links: buildLinks(plan),
      slowLinks: buildSlowLinks(plan),
      latencyKey: streamKey(seedFor(plan, 'network'), 'part-latency'),
      lossKey: streamKey(seedFor(plan, 'network'), 'message-loss'),
    });
  }

  #newEnds(copies: Copies): ShardEnds {
    const { kernel, rules, versions, tables, cluster, storage, runs, ownership, plan } = this;
    return new ShardEnds({
      ...{ kernel, rules, versions, tables, cluster, copies, storage, runs, ownership },
      expiresMicros: plan.tables.map(({ shard }) => expiryOf(shard)),
      dropsPolicies: plan.entries.some(({ kind }) => kind === 'dropPolicy'),
      settings: plan.nodes.map((node) => retentionSettings(plan, node)),
    });
  }

  #newHandoff(copies: Copies, ways: PartWays, isOff: (node: number) => boolean): Handoff {
    const { kernel, trace, rules, tables, versions, cluster, caches, ends, types, disks, refusals, plan } = this;
    return new Handoff({
      ...{ kernel, trace, rules, tables, versions, cluster, copies, ways, caches, ends, types, disks, refusals, isOff },
      ownership: this.ownership,
      settings: plan.nodes.map((node) => queueSettings(plan, node)),
      devices: this.devices.devices,
      resourcesBetween: (from, to) => {
        const { diskRead, linkOut, linkIn, diskWrite } = this.devices;
        const pipes = pipesBetween(this.devices, from * cluster.count + to);
        return [diskRead[from], linkOut[from], ...pipes, linkIn[to], diskWrite[to]];
      },
    });
  }

  #newRequests(copies: Copies, ways: PartWays, isOff: (node: number) => boolean): RequestPath {
    const { kernel, rules, versions, tables, cluster, caches, ends, hints: handoff, writers, plan } = this;
    const settings = new Settings(plan);
    const { timeoutMicros: remoteTimeoutMicros, dialMicros } = queueSettings(plan, plan.nodes[0]);
    return new RequestPath({
      ...{ kernel, rules, versions, tables, cluster, caches, ends, copies, handoff, ways, writers, isOff },
      ...{ remoteTimeoutMicros, dialMicros },
      writeTimeoutMicros: settings.number('cluster.write-timeout', 10 * SECOND),
      ...{ types: this.types, disks: this.disks, cuts: this.cuts, ownership: this.ownership, refusals: this.refusals },
      anyBehindQueue: settings.flag('model.any-behind-queue', true),
      untilMicros: plan.duration_micros,
    });
  }

  #newDeletes(copies: Copies, ways: PartWays): Deletes {
    const { kernel, rules, versions, tables, cluster, caches, ends, ownership, writers } = this;
    const removedBy = (node: number): number => this.hints.removedBy(node);
    return new Deletes({
      ...{ kernel, rules, versions, tables, cluster, copies, caches, ways, ends, ownership, writers, removedBy },
      ...{ storage: this.storage, types: this.types },
    });
  }

  #newCompaction(): ShardCompaction {
    const { kernel, trace, rules, versions, tables, storage, runs, caches, ends, cluster, devices, plan } = this;
    const { diskRead, diskWrite, compactionThrottle: throttle } = devices;
    return new ShardCompaction(
      {
        ...{ kernel, trace, rules, versions, tables, storage, runs, caches, ends, diskRead, diskWrite, throttle },
        devices: devices.devices,
        disks: this.disks,
        coldMicros: new Settings(plan).number('data.compact-full-write-cold-duration', 240 * MINUTE),
        isRunning: (node) => cluster.running[node] === 1,
        limits: plan.nodes.map((node) => compactionLimits(plan, node)),
      },
      cluster.count,
    );
  }

  #newEntropy(): AntiEntropy {
    const { kernel, trace, rules, versions, tables, cluster, storage, runs, compaction, ends, devices, plan } = this;
    const { linkOut, linkIn, diskRead, diskWrite, processor } = devices;
    return new AntiEntropy({
      ...{ kernel, trace, rules, versions, tables, cluster, storage, runs, compaction, ends },
      ...{ linkOut, linkIn, diskRead, diskWrite, processor, devices: devices.devices },
      ...{ caches: this.caches, ownership: this.ownership, disks: this.disks, types: this.types },
      pipes: (from, to) => pipesBetween(devices, from * cluster.count + to),
      keyBytes: keyBytesOf(plan),
      settings: plan.nodes.map((node) => entropySettings(plan, node)),
    });
  }

  #newShardCopies(): ShardCopies {
    const { kernel, trace, rules, versions, tables, cluster, storage, runs, types, ownership, devices } = this;
    const { linkOut, linkIn, diskRead, diskWrite } = devices;
    return new ShardCopies({
      ...{ kernel, trace, rules, versions, tables, cluster, storage, runs, types, ownership },
      ...{ linkOut, linkIn, diskRead, diskWrite, devices: devices.devices, ends: this.ends, caches: this.caches },
      ...{ disks: this.disks, pipes: (from, to) => pipesBetween(devices, from * cluster.count + to) },
    });
  }

  #newManual(): ManualRepairs {
    const { kernel, trace, rules, tables, numbers, shardCopies: copies } = this;
    return new ManualRepairs(
      {
        ...{ kernel, trace, rules, tables, copies, nodeOf: numbers.nodeOf },
        replaceNode: (node, origin) => this.faults.replaced(node, origin),
        removeNode: (node, origin) => {
          this.faults.leaves(node, origin);
          this.hints.targetRemoved(node, origin);
          // What it kept for others goes with it: nobody starts it again.
          trace.record(kernel.now, RECORD.hintStoreLost, node, 0, origin, this.processes.loseHints(node, origin), 0);
        },
        killRepair: (table) => this.entropy.repairs.killRepair(table),
        repairShard: (origin, step) => this.entropy.repairs.repairStep(origin, step),
      },
      manualRepairsOf(this),
    );
  }

  #newQueries(ways: PartWays): Queries {
    const { kernel, trace, rules, versions, tables, cluster, storage, ends, writers, devices, plan } = this;
    const { dialMicros } = queueSettings(plan, plan.nodes[0]);
    return new Queries({
      ...{ kernel, trace, rules, versions, tables, cluster, storage, ends, ways, writers, dialMicros },
      ...{
        ownership: this.ownership,
        devices: devices.devices,
        diskRead: devices.diskRead,
        untilMicros: this.endMicros,
      },
      ...queriesOf(plan, this.numbers),
    });
  }

  #newProcesses(): PointProcesses {
    const { kernel, trace, rules, storage, compaction, entropy, ends, hints: handoff, requests, disks, types } = this;
    return new PointProcesses({
      ...{ kernel, trace, rules, storage, compaction, entropy, ends, handoff, requests, disks, types },
      ...{ caches: this.caches, shardCopies: this.shardCopies, deletes: this.deletes, nodes: this.cluster.count },
    });
  }

  #newFaults(): Faults {
    const { plan, kernel, trace, rules, versions, tables, numbers, cluster, storage, devices, processes } = this;
    return new Faults({
      ...{ kernel, trace, versions, tables, numbers, cluster, storage, devices, processes },
      work: [new PointWork(this), new PointFaults(this)],
      slow: new SlowFaults({ ...{ plan, kernel, trace, rules, numbers, cluster, devices }, rule: null }),
      entries: plan.entries,
      damageKey: streamKey(seedFor(plan, 'faults'), 'damage'),
    });
  }

  #define(): void {
    const { kernel, requests, deletes, hints, caches, storage, faults } = this;
    const { sending } = hints;
    const { fault, issue, message, timer } = EVENT_CLASS;
    kernel.define(EVENT.entryStarts, 'entryStarts', fault, (index) => faults.starts(index));
    kernel.define(EVENT.entryEnds, 'entryEnds', fault, (index) => faults.ends(index));
    kernel.define(EVENT.requestArrival, 'requestArrival', issue, (writer) => requests.arrival(writer));
    kernel.define(EVENT.requestAgain, 'requestAgain', issue, (id) => requests.again(id));
    kernel.define(EVENT.partArrives, 'partArrives', message, (id, b) => requests.arrives(id, b));
    kernel.define(EVENT.partAnswered, 'partAnswered', message, (id, b) => requests.answered(id, b));
    kernel.define(EVENT.partFails, 'partFails', message, (id, b) => requests.fails(id, b));
    kernel.define(EVENT.statementArrives, 'statementArrives', message, (id, node) => deletes.arrives(id, node));
    kernel.define(EVENT.partQueued, 'partQueued', message, (id, b) => requests.queued(id, b));
    kernel.define(EVENT.requestTimeout, 'requestTimeout', timer, (id) => requests.timeout(id));
    kernel.define(EVENT.handoffSent, 'handoffSent', timer, (queue, epoch) => sending.sent(queue, epoch));
    kernel.define(EVENT.handoffArrives, 'handoffArrives', message, (queue, epoch) => sending.arrives(queue, epoch));
    kernel.define(EVENT.handoffDone, 'handoffDone', message, (queue, epoch) => sending.done(queue, epoch));
    kernel.define(EVENT.handoffFails, 'handoffFails', message, (queue, epoch) => sending.fails(queue, epoch));
    kernel.define(EVENT.handoffTry, 'handoffTry', timer, (queue, epoch) => sending.tryDue(queue, epoch));
    kernel.define(EVENT.handoffPurge, 'handoffPurge', timer, (node, incarnation) => hints.purgeDue(node, incarnation));
    const { compaction, entropy } = this;
    kernel.define(EVENT.shardCompaction, 'shardCompaction', timer, (place) => compaction.look(place));
    kernel.define(EVENT.shardCompacted, 'shardCompacted', timer, (place, id) => compaction.finished(place, id));
    kernel.define(EVENT.entropyCheck, 'entropyCheck', timer, (node, incarnation) => entropy.check(node, incarnation));
    const { digests, repairs } = entropy;
    kernel.define(EVENT.entropyDigest, 'entropyDigest', timer, (place, file) => digests.digested(place, file));
    kernel.define(EVENT.entropyFetched, 'entropyFetched', timer, (id) => digests.fetched(id));
    kernel.define(EVENT.entropyStep, 'entropyStep', timer, (id) => repairs.step(id));
    kernel.define(EVENT.entropySent, 'entropySent', timer, (id) => repairs.sent(id));
    kernel.define(EVENT.retentionCheck, 'retentionCheck', timer, (node, b) => this.ends.check(node, b));
    const { shardCopies, manual } = this;
    kernel.define(EVENT.shardReady, 'shardReady', timer, (id) => shardCopies.ready(id));
    kernel.define(EVENT.shardCopied, 'shardCopied', timer, (id) => shardCopies.copied(id));
    kernel.define(EVENT.manualStep, 'manualStep', timer, (origin, step) => manual.step(origin, step));
    kernel.define(EVENT.queryDue, 'queryDue', timer, (probe) => this.queries.due(probe));
    kernel.define(EVENT.coldCache, 'coldCache', timer, (place) => caches.look(place));
    kernel.define(EVENT.flushFinished, 'flushFinished', timer, (place, id) => storage.flushFinished(place, id));
  }

  #registerParts(): void {
    const { parts } = this;
    parts.registerAs('kernel', this.kernel);
    parts.registerAs('trace', this.trace);
    parts.registerAs('rules', this.rules);
    parts.registerAs('versions', this.versions);
    parts.registerAs('cluster', this.cluster);
    parts.registerAs('devices', this.devices.devices);
    parts.registerAs('storage', this.storage);
    parts.registerAs('caches', this.caches);
    parts.registerAs('handoff', this.hints);
    parts.registerAs('requests', this.requests);
    parts.registerAs('disks', this.disks);
    parts.registerAs('types', this.types);
    parts.registerAs('refusals', this.refusals);
    parts.registerAs('cuts', this.cuts);
    parts.registerAs('ownership', this.ownership);
    parts.registerAs('shardCopies', this.shardCopies);
    parts.registerAs('manual', this.manual);
    parts.registerAs('ends', this.ends);
    parts.registerAs('deletes', this.deletes);
    parts.registerAs('compaction', this.compaction);
    parts.registerAs('entropy', this.entropy);
    parts.registerAs('queries', this.queries);
    parts.registerAs('processes', this.processes);
    parts.registerAs('faults', this.faults);
    parts.registerAs('source', {
      save: () => ({ nextRun: this.runs.nextId }),
      load: (state) => {
        this.runs.nextId = state.nextRun;
      },
    });
  }
}

/** How many shards may end within the run, each of which takes a version. */
function endingShards(plan: Plan): number {
  const dropped = plan.entries.map((entry) =>
    entry.kind === 'dropPolicy' ? entry.shards.length : entry.kind === 'dropShard' ? 1 : 0,
  );
  return (
    dropped.reduce((sum: number, each) => sum + each, 0) +
    plan.tables.filter(({ shard }) => expiryOf(shard) < Infinity).length
  );
}

function expiryOf(shard: PlanShard | undefined): number {
  if (shard?.keep_micros === undefined) return Infinity;
  return (shard.truncated?.until_micros ?? shard.until_micros) + shard.keep_micros;
}
