/**
 * What happens within a repair session, as the log has it (cassandra.j7): requests for trees and their arrival, comparisons,
 * exchanges. The world tells most of it by records; which table they are about, and what ends without a record, is seen by
 * looking at its jobs, validations and syncs. Facts of `repair/RepairJob`, `RepairSession`, `Validator`, `SyncTask` and
 * `StreamingRepairTask`.
 */
import { RECORD } from '../data/records.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { Job, Sync, Validation } from '../repair/state.ts';
import type { World } from '../run/world.ts';
import { javaList } from './java-text.ts';
import type { JournalOptions, LogLine, RareRecord, SessionTrail } from './journal-types.ts';
import { logPrefix } from './repair-words.ts';

/** A job that was asked for at least one tree. */
interface JobTrail {
  job: Job;
  session: SessionTrail;
  asked: Set<number>;
  answered: Set<number>;
  /** Pairs whose comparison was told. */
  pairs: number;
  /** Are its syncs not told yet? */
  wantsSyncs: boolean;
  hasFailed: boolean;
}

interface SyncTrail {
  sync: Sync;
  session: SessionTrail;
  isBegun: boolean;
  isEnded: boolean;
  /** Directions of which all has arrived. */
  arrived: Set<number>;
}

export class JobJournal {
  readonly #o: JournalOptions;
  readonly #log: (line: LogLine) => void;
  readonly #jobs = new Map<number, JobTrail>();
  readonly #syncs = new Map<number, SyncTrail>();
  readonly #validations = new Set<number>();
  /** Syncs of previews, by command. */
  readonly #previewed = new Map<number, Sync[]>();

  constructor(options: JournalOptions, log: (line: LogLine) => void) {
    this.#o = options;
    this.#log = log;
  }

  syncsOf(command: number): readonly Sync[] {
    return this.#previewed.get(command) ?? [];
  }

  take(world: World, record: RareRecord, session: SessionTrail): void {
    const { kind, node, micros } = record;
    if (kind === RECORD.validationRequested) this.#requested(world, session, node, micros);
    else if (kind === RECORD.validationFinished) this.#validated(world, session, node, micros);
    else if (kind === RECORD.treeReceived) this.#received(session, node, micros);
    else if (kind === RECORD.treesCompared) this.#compared(session, record);
    else if (kind === RECORD.streamFinished) this.#arrived(session, record);
    else if (kind === RECORD.sessionFailed) this.#failed(session);
  }

  /** `isComparing`: pairs are still being compared, their syncs do not exist yet. */
  look(world: World, micros: number, isComparing: boolean): void {
    const { jobs, commands } = world.repairs.state;
    for (const trail of this.#jobs.values()) {
      if (trail.wantsSyncs && !isComparing) this.#findSyncs(world, trail, micros);
      if (jobs.has(trail.job.id)) continue;
      this.#jobs.delete(trail.job.id);
      // Where the command is gone too its coordinator is.
      if (!trail.hasFailed && commands.has(trail.job.command))
        this.#tell(trail.session, micros, `${this.#tableOf(trail)} is fully synced`, JOB);
    }
    for (const trail of this.#syncs.values()) this.#lookAt(trail, micros);
  }

  /** What has begun and has told nothing yet. */
  finish(world: World): void {
    for (const validation of world.repairs.state.validations.values()) {
      const session = [...this.#jobs.values()].find(({ job }) => job.id === validation.job)?.session;
      if (session !== undefined) this.#reading(session, validation);
    }
  }

  // ---------------------------------------------------------------- trees

  #requested(world: World, session: SessionTrail, node: number, micros: number): void {
    const index = session.session.replicas.indexOf(node);
    for (const job of world.repairs.state.jobs.values()) {
      if (job.session !== session.session.id || !job.asked[index]) continue;
      const trail = this.#jobs.get(job.id) ?? this.#begin(job, session, micros);
      if (trail.asked.has(index)) continue;
      trail.asked.add(index);
      const { strategy } = session.trail.command;
      if (strategy.endsWith('-parallel') && !strategy.endsWith('dc-parallel')) return;
      const text = `Validating ${this.#o.names.endpoint(node)}`;
      if (isAtLeast(this.#o.line, '4.0')) this.#tell(session, micros, text, JOB);
      else this.#say(session.trail.command.node, micros, text, JOB);
      return;
    }
  }

  #begin(job: Job, session: SessionTrail, micros: number): JobTrail {
    const trail = {
      ...{ job, session, asked: new Set<number>(), answered: new Set<number>() },
      ...{ pairs: 0, wantsSyncs: false, hasFailed: false },
    };
    this.#jobs.set(job.id, trail);
    const endpoints = session.session.replicas.map((replica) => this.#o.names.endpoint(replica));
    this.#tell(session, micros, `Requesting merkle trees for ${this.#tableOf(trail)} (to ${javaList(endpoints)})`, JOB);
    return trail;
  }

  #validated(world: World, session: SessionTrail, node: number, micros: number): void {
    for (const validation of world.repairs.state.validations.values()) {
      const { id, session: own, node: where, summary, runs } = validation;
      if (own !== session.session.id || where !== node || summary === null || runs === null) continue;
      if (!this.#isReadThrough(world, validation) || this.#validations.has(-id)) continue;
      this.#validations.add(-id);
      this.#reading(session, validation);
      if (node === session.trail.command.node) return;
      const { plan, names, line } = this.#o;
      const { keyspace, name } = plan.tables[validation.table];
      const table = `${keyspace}${isAtLeast(line, '2.2') ? '.' : '/'}${name}`;
      const to = names.endpoint(session.trail.command.node);
      this.#tellAt(session, node, micros, `Sending completed merkle tree to ${to} for ${table}`, 'Validator.java');
      return;
    }
  }

  /** Has its job on the disk ended? */
  #isReadThrough(world: World, { diskJob }: Validation): boolean {
    return !world.devices.devices.isRunning(diskJob);
  }

  /** Since 4.0, when the SSTables to read are known. */
  #reading(session: SessionTrail, { id, node, runs, readMicros, table }: Validation): void {
    if (runs === null || this.#validations.has(id) || !isAtLeast(this.#o.line, '4.0')) return;
    this.#validations.add(id);
    const { preview } = session.trail.command.asked.value.options;
    const of = `Performing validation compaction on ${runs.value.length} sstables in ${this.#o.plan.tables[table].id}`;
    const text = `${logPrefix(preview, session.uuid)}, parentSessionId=${session.trail.uuid}: ${of}`;
    this.#say(node, readMicros, text, 'CassandraValidationIterator.java');
  }

  #received(session: SessionTrail, node: number, micros: number): void {
    const index = session.session.replicas.indexOf(node);
    for (const trail of this.#jobs.values()) {
      if (trail.session !== session || !trail.job.answered[index] || trail.answered.has(index)) continue;
      trail.answered.add(index);
      const text = `Received merkle tree for ${this.#tableOf(trail)} from ${this.#o.names.endpoint(node)}`;
      this.#tell(session, micros, text, 'RepairSession.java');
      return;
    }
  }

  // ---------------------------------------------------------------- comparison and exchange

  #compared(session: SessionTrail, { micros, node: first, copy: second, c: ranges }: RareRecord): void {
    for (const trail of this.#jobs.values()) {
      if (trail.session !== session || trail.job.comparedPairs <= trail.pairs) continue;
      trail.pairs += 1;
      trail.wantsSyncs = true;
      // cassandra.j7: nothing is said of pairs that are equal since 4.0; and those that differ are told as tasks.
      if (isAtLeast(this.#o.line, '4.0') || ranges > 0) return;
      const { names } = this.#o;
      const pair = `${names.endpoint(first)} and ${names.endpoint(second)}`;
      this.#tell(session, micros, `Endpoints ${pair} are consistent for ${this.#tableOf(trail)}`, 'SyncTask.java');
      return;
    }
  }

  #findSyncs(world: World, trail: JobTrail, micros: number): void {
    trail.wantsSyncs = false;
    const { session, job } = trail;
    const syncs = [...world.repairs.state.syncs.values()].filter(
      (sync) => sync.job === job.id && !this.#syncs.has(sync.id),
    );
    if (isAtLeast(this.#o.line, '4.0')) {
      const isOptimised =
        syncs.some(({ directions }) => directions.length === 1) &&
        session.trail.command.asked.value.options.optimise_streams;
      const kind = isOptimised ? 'optimised sync tasks' : 'sync tasks';
      const text = `Created ${syncs.length} ${kind} based on ${session.session.replicas.length} merkle tree responses`;
      this.#say(session.trail.command.node, micros, `${text} for ${session.trail.uuid} (took: ?ms)`, JOB);
    }
    for (const sync of syncs) {
      this.#syncs.set(sync.id, { sync, session, isBegun: false, isEnded: false, arrived: new Set() });
      if (sync.preview !== 'none') this.#previewed.set(job.command, [...this.syncsOf(job.command), sync]);
      this.#outOfSync(session, sync, micros);
    }
  }

  #outOfSync(session: SessionTrail, sync: Sync, micros: number): void {
    const { plan, names } = this.#o;
    const { first, second, leader, coordinator, directions, table } = sync;
    const ranges = directions[0].rangeCount;
    const pair = `${names.endpoint(first)} and ${names.endpoint(second)}`;
    const text = `Endpoints ${pair} have ${ranges} range(s) out of sync for ${plan.tables[table].name}`;
    this.#tell(session, micros, text, 'SyncTask.java');
    if (leader === coordinator) return;
    const other = leader === first ? second : first;
    const to = `${names.endpoint(leader)} (to be streamed with ${names.endpoint(other)})`;
    this.#tell(session, micros, `Forwarding streaming repair of ${ranges} ranges to ${to}`, this.#remoteFile);
  }

  #lookAt(trail: SyncTrail, micros: number): void {
    const { sync, session } = trail;
    if (!trail.isBegun && sync.hasBegun) {
      trail.isBegun = true;
      this.#streaming(session, sync);
    }
    if (trail.isEnded || !sync.directions.every(({ hasEnded }) => hasEnded)) return;
    trail.isEnded = true;
    this.#syncs.delete(sync.id);
    const isWhole = sync.directions.every(({ bytes }, index) => bytes === 0 || trail.arrived.has(index));
    if (isWhole || sync.preview !== 'none') this.#exchanged(session, sync, micros);
  }

  #arrived(session: SessionTrail, { node: from, copy: to }: RareRecord): void {
    for (const { sync, session: own, arrived } of this.#syncs.values()) {
      if (own !== session) continue;
      const index = sync.first === from && sync.second === to ? 0 : sync.second === from && sync.first === to ? 1 : -1;
      const direction = sync.directions[index];
      if (direction === undefined || direction.streamJob !== 0 || direction.files === 0 || arrived.has(index)) continue;
      arrived.add(index);
      return;
    }
  }

  #streaming(session: SessionTrail, { leader, coordinator, first, second, directions, beganMicros }: Sync): void {
    const other = leader === first ? second : first;
    const text = `Performing streaming repair of ${directions[0].rangeCount} ranges with ${this.#o.names.endpoint(other)}`;
    if (leader === coordinator) this.#tellAt(session, leader, beganMicros, text, 'LocalSyncTask.java');
    else this.#say(leader, beganMicros, `[streaming task #${session.uuid}] ${text}`, 'StreamingRepairTask.java');
  }

  #exchanged(session: SessionTrail, sync: Sync, micros: number): void {
    const { plan, names } = this.#o;
    const { leader, coordinator, first, second, table } = sync;
    const pair = `${names.endpoint(first)} and ${names.endpoint(second)}`;
    if (leader === coordinator) {
      const text = `Sync complete using session ${session.uuid} between ${pair} on ${plan.tables[table].name}`;
      this.#tell(session, micros, text, 'LocalSyncTask.java');
      return;
    }
    const text = `streaming task succeed, returning response to ${names.endpoint(coordinator)}`;
    this.#tellAt(session, leader, micros, text, 'StreamingRepairTask.java');
  }

  #failed(session: SessionTrail): void {
    for (const trail of this.#jobs.values()) if (trail.session === session) trail.hasFailed = true;
  }

  // ---------------------------------------------------------------- words

  get #remoteFile(): string {
    return isAtLeast(this.#o.line, '4.0') ? 'SymmetricRemoteSyncTask.java' : 'RemoteSyncTask.java';
  }

  #tableOf({ job }: JobTrail): string {
    return this.#o.plan.tables[job.table].name;
  }

  /** The coordinator says of the session. */
  #tell(session: SessionTrail, micros: number, text: string, file: string): void {
    this.#tellAt(session, session.trail.command.node, micros, text, file);
  }

  #tellAt({ uuid, trail }: SessionTrail, node: number, micros: number, text: string, file: string): void {
    const { preview } = trail.command.asked.value.options;
    this.#say(node, micros, `${logPrefix(preview, uuid)} ${text}`, file);
  }

  #say(node: number, micros: number, text: string, file: string): void {
    this.#log({ micros, node, level: 'INFO', file, text });
  }
}

const JOB = 'RepairJob.java';
