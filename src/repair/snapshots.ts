/**
 * The replica's side of a sequential repair's snapshots (cassandra.b8): flush, then hard links to the runs that lie in the
 * command's ranges, once per command and table; acknowledged to every session that waits for it; dropped by the cleanup
 * message (b16) or at the node's next start. The links themselves are the host's.
 */
import type { RepairContext } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import type { LateMarks } from './late-marks.ts';
import { runsInRanges } from './run-choice.ts';
import { Shared } from './state.ts';
import type { Job, Snapshot } from './state.ts';

export class Snapshots {
  readonly #context: RepairContext;
  readonly #lateMarks: LateMarks;

  constructor(context: RepairContext, lateMarks: LateMarks) {
    this.#context = context;
    this.#lateMarks = lateMarks;
  }

  /** The request of a job arrives at the replica with this index in its session. */
  request({ a: jobId, b: index }: { a: number; b: number }): void {
    const { state } = this.#context;
    const job = state.jobs.get(jobId);
    const session = job === undefined ? undefined : state.sessions.get(job.session);
    const command = job === undefined ? undefined : state.commands.get(job.command);
    if (job === undefined || session === undefined || command === undefined) return;
    const node = session.replicas[index];
    if (!this.#context.knowsCommand(command, node)) return;
    if (this.#isPassedOver(command.id, node, job.table)) {
      this.#context.mark('cassandra.b8');
      this.#context.post(node, command.node, REPAIR_EVENT.snapshotAcked, { a: jobId, b: index });
      return;
    }
    const snapshot = this.find(command.id, node, job.table) ?? this.#take(job, node);
    if (snapshot.runs === null) snapshot.waiting.push({ job: jobId, index });
    else this.#acknowledge(snapshot, jobId, index);
  }

  flushed(id: number): void {
    const context = this.#context;
    const snapshot = context.state.snapshots.get(id);
    if (snapshot === undefined) return;
    const { node, table, entry, command } = snapshot;
    this.#lateMarks.note(command, { node, table });
    const runs = runsInRanges(context.host.tables[table], node, {
      runs: context.host.liveRuns(node, table),
      ranges: snapshot.ranges.value,
    });
    context.mark('cassandra.b8');
    snapshot.runs = new Shared(runs);
    snapshot.takenMicros = context.now;
    snapshot.hostSnapshot = context.host.snapshot(node, table, runs);
    context.book.of(entry).snapshots_taken += 1;
    context.phase(entry, 'snapshot', { session: snapshot.session, table, node, startMicros: snapshot.beganMicros });
    for (const { job, index } of snapshot.waiting) this.#acknowledge(snapshot, job, index);
    snapshot.waiting = [];
  }

  /** The snapshot that a command has on a node, if any. */
  find(command: number, node: number, table: number): Snapshot | undefined {
    for (const snapshot of this.#context.state.snapshots.values()) {
      if (snapshot.command === command && snapshot.node === node && snapshot.table === table) return snapshot;
    }
    return undefined;
  }

  /** Drops a command's snapshots on a node. */
  release(command: number, node: number): void {
    for (const snapshot of [...this.#context.state.snapshots.values()]) {
      if (snapshot.command === command && snapshot.node === node) this.#drop(snapshot);
    }
  }

  /** What a node does when it starts: ephemeral snapshots of its former life go. */
  releaseAll(node: number): void {
    for (const snapshot of [...this.#context.state.snapshots.values()])
      if (snapshot.node === node) this.#drop(snapshot);
  }

  /** Snapshots that were not complete when the process ended are none. */
  nodeGone(node: number): void {
    const { snapshots } = this.#context.state;
    for (const snapshot of [...snapshots.values()]) {
      if (snapshot.node === node && snapshot.runs === null) snapshots.delete(snapshot.id);
    }
  }

  /** cassandra.b8, since 5.0: has the command a snapshot of another table on the node, after which none is taken? */
  #isPassedOver(command: number, node: number, table: number): boolean {
    if (!this.#context.host.behaviour.snapshotsFirstTableOnly) return false;
    for (const snapshot of this.#context.state.snapshots.values())
      if (snapshot.command === command && snapshot.node === node) return snapshot.table !== table;
    return false;
  }

  #take(job: Job, node: number): Snapshot {
    const context = this.#context;
    const { state } = context;
    const command = state.commands.get(job.command);
    const plans = command === undefined ? [] : command.plans.value;
    const snapshot: Snapshot = {
      id: context.newId(),
      command: job.command,
      entry: command?.entry ?? 0,
      session: job.session,
      coordinator: command?.node ?? node,
      node,
      table: job.table,
      ranges: new Shared(plans.flatMap((plan) => plan.ranges)),
      beganMicros: context.now,
      takenMicros: 0,
      runs: null,
      hostSnapshot: 0,
      waiting: [],
    };
    state.snapshots.set(snapshot.id, snapshot);
    context.host.flush(node, job.table, { kind: REPAIR_EVENT.snapshotFlushed, a: snapshot.id, b: 0 });
    return snapshot;
  }

  #acknowledge({ node, coordinator }: Snapshot, job: number, index: number): void {
    this.#context.post(node, coordinator, REPAIR_EVENT.snapshotAcked, { a: job, b: index });
  }

  #drop(snapshot: Snapshot): void {
    const context = this.#context;
    const { id, node, table, entry, hostSnapshot } = snapshot;
    context.state.snapshots.delete(id);
    if (snapshot.runs === null) return;
    const ledger = context.book.of(entry);
    ledger.snapshot_bytes += context.host.snapshotOnlyBytes(node, hostSnapshot);
    ledger.snapshots_removed += 1;
    context.host.release(node, hostSnapshot);
    context.phase(entry, 'cleanup', { session: snapshot.session, table, node, startMicros: context.now });
  }
}
