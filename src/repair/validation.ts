/**
 * The replica's side of a validation (cassandra.b6, b9, a21): wait for one of the node's validation threads, flush (or use
 * the snapshot), choose the runs, read their part of the ranges from the disk, build the summary, send it to the
 * coordinator. Goes on to its end also when its session has failed (b23). What a summary is: `strategy.ts`.
 */
import { RECORD } from '../data/records.ts';
import { comparedRuns } from './compared-runs.ts';
import type { LocalSessions } from './consistent/local-sessions.ts';
import type { RepairContext } from './context.ts';
import type { Operands } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import type { LateMarks } from './late-marks.ts';
import { bytesInRanges, runsInRanges } from './run-choice.ts';
import type { Snapshots } from './snapshots.ts';
import { Shared } from './state.ts';
import type { OpenJob, Snapshot, Validation } from './state.ts';
import { tellTreeMemory } from './tree-memory.ts';
import type { Summary } from './strategy.ts';

const SECOND_MICROS = 1_000_000;

export class Validations {
  readonly #context: RepairContext;
  readonly #snapshots: Snapshots;
  readonly #locals: LocalSessions;
  readonly #lateMarks: LateMarks;

  constructor(context: RepairContext, parts: { snapshots: Snapshots; locals: LocalSessions; lateMarks: LateMarks }) {
    this.#context = context;
    this.#snapshots = parts.snapshots;
    this.#locals = parts.locals;
    this.#lateMarks = parts.lateMarks;
  }

  /** The request of a job arrives at the replica with this index in its session. */
  request({ a: jobId, b: index }: Operands): void {
    const context = this.#context;
    const { state } = context;
    const job = state.jobs.get(jobId);
    const session = job === undefined ? undefined : state.sessions.get(job.session);
    const command = job === undefined ? undefined : state.commands.get(job.command);
    if (job === undefined || session === undefined || command === undefined) return;
    const node = session.replicas[index];
    // A node that was restarted since it heard of the command has forgotten it.
    if (!context.knowsCommand(command, node)) {
      context.post(node, command.node, REPAIR_EVENT.validationRefused, { a: jobId, b: index });
      return;
    }
    context.post(node, command.node, REPAIR_EVENT.validationAcked, { a: jobId, b: index });
    if (context.marksTwoPhase(command)) this.#locals.repairing(node, command.id);
    const validation = this.#newValidation({ job, session, command }, index);
    state.queued[node].push(validation.id);
    this.#startNext(node);
  }

  flushed(id: number): void {
    const context = this.#context;
    const validation = context.state.validations.get(id);
    if (validation === undefined) return;
    const { entry, session, table, node, beganMicros } = validation;
    context.phase(entry, 'flush', { session, table, node, startMicros: beganMicros });
    this.#read(validation, context.host.liveRuns(node, table));
  }

  /** The runs have been read through. */
  read(id: number): void {
    const context = this.#context;
    const validation = context.state.validations.get(id);
    if (validation === undefined) return;
    const { entry, session, table, node } = validation;
    if (validation.summary === null) return;
    const summary = validation.summary.value;
    this.#charge(validation, summary);
    context.record(RECORD.validationFinished, node, { a: session, b: entry, c: summary.hashedRows });
    context.phase(entry, 'validate', { session, table, node, startMicros: validation.readMicros });
    this.#send(validation, summary);
    this.#remove(validation);
    this.#startNext(node);
  }

  /** The node's process has ended: nothing of what it was building is left. */
  nodeGone(node: number): void {
    const { state, host, book } = this.#context;
    for (const validation of [...state.validations.values()]) {
      if (validation.node !== node) continue;
      if (validation.diskJob !== 0) book.of(validation.entry).read_bytes += host.cancelJob(validation.diskJob);
      this.#remove(validation);
    }
  }

  #newValidation({ job, session, command }: OpenJob, index: number): Validation {
    const context = this.#context;
    const node = session.replicas[index];
    const snapshot = this.#snapshots.find(command.id, node, job.table);
    const validation: Validation = {
      id: context.newId(),
      job: job.id,
      index,
      session: session.id,
      command: command.id,
      entry: command.entry,
      strategy: command.strategy,
      node,
      incarnation: context.host.incarnation(node),
      coordinator: command.node,
      table: job.table,
      silo: context.marksTwoPhase(command) ? command.id : 0,
      unrepairedOnly: context.marksAfterwards(command) && context.strategy(command.strategy).scope === 'unrepaired',
      preview: command.asked.value.options.preview,
      ranges: session.ranges,
      nowMicros: this.#purgeMoment(job.nowMicros, snapshot),
      pinned: snapshot?.runs ?? null,
      runs: null,
      summary: null,
      beganMicros: 0,
      readMicros: 0,
      readBytes: 0,
      diskJob: 0,
    };
    context.state.validations.set(validation.id, validation);
    return validation;
  }

  /** cassandra.a20: what the coordinator says, or before 4.0 when the replica's own snapshot was taken. */
  #purgeMoment(coordinators: number, snapshot: Snapshot | undefined): number {
    if (snapshot === undefined || this.#context.host.behaviour.purgeMoment === 'coordinators') return coordinators;
    return snapshot.takenMicros - (snapshot.takenMicros % SECOND_MICROS);
  }

  /** Gives free threads of the node to the validations that wait longest. */
  #startNext(node: number): void {
    const context = this.#context;
    const { queued, active, validations } = context.state;
    const threads = Math.max(1, context.setting(node, 'concurrent_validations'));
    while (active[node].length < threads) {
      const id = queued[node].shift();
      if (id === undefined) return;
      const validation = validations.get(id);
      if (validation === undefined) continue;
      active[node].push(id);
      this.#start(validation);
    }
    if (queued[node].length > 0) context.mark('cassandra.b6');
  }

  #start(validation: Validation): void {
    const context = this.#context;
    const { id, node, table, session, entry, pinned } = validation;
    validation.beganMicros = context.now;
    context.record(RECORD.validationStarted, node, { a: session, b: entry, c: validation.ranges.value.length });
    if (pinned !== null) this.#read(validation, pinned.value);
    // What was set apart was flushed before that.
    else if (validation.silo !== 0) this.#read(validation, context.host.liveRuns(node, table));
    else context.host.flush(node, table, { kind: REPAIR_EVENT.validationFlushed, a: id, b: 0 });
  }

  #read(validation: Validation, candidates: Parameters<typeof runsInRanges>[2]['runs']): void {
    const context = this.#context;
    const { host } = context;
    const { id, node, table } = validation;
    const ranges = validation.ranges.value;
    context.mark('cassandra.a21');
    const near = runsInRanges(host.tables[table], node, { runs: candidates, ranges });
    const runs = comparedRuns(context, node, { ...validation, runs: near });
    const isFree = this.#lateMarks.note(validation.command, { node, table });
    if (runs === null || !isFree) {
      this.#refuse(validation);
      return;
    }
    validation.runs = new Shared(runs);
    validation.summary = new Shared(this.#build(validation));
    tellTreeMemory(context, node);
    validation.readMicros = context.now;
    validation.readBytes = bytesInRanges(host, node, { table, runs, ranges });
    validation.diskJob = host.readDisk(node, validation.readBytes, { kind: REPAIR_EVENT.validationRead, a: id, b: 0 });
  }

  /** cassandra.c14: nobody knows yet whether what it should read is repaired. cassandra.b30: another repair has it. */
  #refuse(validation: Validation): void {
    const context = this.#context;
    const { job: a, index: b, node, coordinator } = validation;
    context.post(node, coordinator, REPAIR_EVENT.validationRefused, { a, b });
    this.#remove(validation);
    this.#startNext(node);
  }

  #build({ strategy, node, table, ranges, runs, nowMicros }: Validation): Summary {
    const { host } = this.#context;
    return this.#context.strategy(strategy).summary.build({
      layout: host.tables[table],
      versions: host.versions,
      rules: host.rules,
      node,
      ranges: ranges.value,
      runs: runs?.value ?? [],
      nowMicros,
      tree: host.behaviour.tree,
      setting: (name) => host.setting(node, name),
    });
  }

  #charge({ entry, node, readBytes }: Validation, summary: Summary): void {
    const ledger = this.#context.book.of(entry);
    const name = this.#context.host.nodeName(node);
    ledger.read_bytes += readBytes;
    ledger.hashed_rows += summary.hashedRows;
    ledger.hashed_partitions += summary.hashedPartitions;
    ledger.hashed_rows_by_node[name] = (ledger.hashed_rows_by_node[name] ?? 0) + summary.hashedRows;
    ledger.trees += summary.trees;
    ledger.tree_depth_max = Math.max(ledger.tree_depth_max, summary.depthMax);
  }

  #send({ job: jobId, index, node, coordinator, entry }: Validation, summary: Summary): void {
    const context = this.#context;
    const ledger = context.book.of(entry);
    const job = context.state.jobs.get(jobId);
    if (job !== undefined) job.summaries[index] = new Shared(summary);
    if (node !== coordinator) {
      ledger.tree_bytes += summary.wireBytes;
      if (context.host.dcOf(node) !== context.host.dcOf(coordinator)) ledger.cross_dc_bytes += summary.wireBytes;
    }
    context.post(node, coordinator, REPAIR_EVENT.summaryArrives, { a: jobId, b: index }, summary.wireBytes);
  }

  #remove({ id, node }: Validation): void {
    const { validations, queued, active } = this.#context.state;
    const held = validations.get(id)?.summary ?? null;
    validations.delete(id);
    if (held !== null) tellTreeMemory(this.#context, node);
    active[node] = active[node].filter((other) => other !== id);
    queued[node] = queued[node].filter((other) => other !== id);
  }
}
