/**
 * Repair sessions, the coordinator's side (cassandra.b3-b5, b8-b10, b22-b26): one session per set of neighbours, one job
 * per table. A job asks for snapshots (where the strategy pins), then for summaries in the strategy's order, compares
 * when all are in, and has the replicas that differ exchange their data. What replicas do with a request is in
 * `snapshots.ts`, `validation.ts` and `streaming.ts`; the requests in `gathering.ts`, the comparison in `differencing.ts`.
 */
import { tellTreeMemory } from './tree-memory.ts';
import { RECORD } from '../data/records.ts';
import { rangesIntersect } from '../data/tokens.ts';
import type { RepairContext } from './context.ts';
import type { Operands } from './context.ts';
import { areAllCompared, comparePairs } from './differencing.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import { askForSummaries, beginJob } from './gathering.ts';
import { Shared } from './state.ts';
import type { Command, Job, LocalSession, OpenJob, Session, Sync } from './state.ts';
import type { SessionPlan } from './strategy.ts';

export class Sessions {
  /** Told of each session that fails, where the version ends its streams then. */
  onFailed: ((session: number) => void) | null = null;
  readonly #context: RepairContext;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  /** All sessions of a prepared command begin at once (cassandra.b5). */
  openAll(command: Command): void {
    command.openSessions = command.plans.value.length;
    const sessions = command.plans.value.map((plan) => this.#open(command, plan));
    for (const session of sessions) this.#begin(command, session);
  }

  snapshotAcked({ a, b: index }: Operands): void {
    const open = this.#find(a);
    if (open === null) return;
    open.job.snapshotAcked[index] = true;
    if (open.job.snapshotAcked.every((isAcked) => isAcked)) askForSummaries(this.#context, open);
  }

  snapshotTimedOut({ a }: Operands): void {
    const open = this.#find(a);
    const index = open === null ? -1 : open.job.snapshotAcked.indexOf(false);
    if (open === null || index < 0) return;
    this.#context.mark('cassandra.b26');
    this.#fail(open.session, `Could not create snapshot at ${this.#nameOf(open.session, index)}`);
  }

  validationAcked({ a, b: index }: Operands): void {
    const open = this.#find(a);
    if (open !== null) open.job.acked[index] = true;
  }

  validationTimedOut({ a, b: index }: Operands): void {
    const open = this.#find(a);
    if (open === null || open.job.acked[index] || open.job.answered[index]) return;
    this.#context.mark('cassandra.b26');
    this.#fail(open.session, `Got VALIDATION_REQ failure from ${this.#nameOf(open.session, index)}: TIMEOUT`);
  }

  validationRefused({ a, b: index }: Operands): void {
    const open = this.#find(a);
    if (open === null) return;
    this.#context.mark('cassandra.b28');
    this.#fail(open.session, `Validation failed in ${this.#nameOf(open.session, index)}`);
  }

  summaryArrives({ a, b: index }: Operands): void {
    const context = this.#context;
    const open = this.#find(a);
    if (open === null) return;
    const { job, session, command } = open;
    const summary = job.summaries[index]?.value;
    if (summary === undefined || job.answered[index]) return;
    job.answered[index] = true;
    const ledger = context.book.of(command.entry);
    command.heldBytes += summary.heldBytes;
    ledger.peak_tree_bytes = Math.max(ledger.peak_tree_bytes, command.heldBytes);
    tellTreeMemory(context, command.node);
    context.record(RECORD.treeReceived, session.replicas[index], { a: session.id, b: command.entry, c: summary.trees });
    if (job.answered.every((isAnswered) => isAnswered)) this.#compare(open);
    else askForSummaries(context, open);
  }

  syncAcked(id: number): void {
    const sync = this.#context.state.syncs.get(id);
    if (sync !== undefined) sync.acked = true;
  }

  syncTimedOut(id: number): void {
    const context = this.#context;
    const sync = context.state.syncs.get(id);
    const open = sync === undefined ? null : this.#find(sync.job);
    if (sync === undefined || sync.acked || open === null) return;
    context.mark('cassandra.b26');
    this.#fail(open.session, `Got SYNC_REQ failure from ${context.host.nodeName(sync.leader)}: TIMEOUT`);
  }

  syncAnswered({ a: id, b: succeeded }: Operands): void {
    const context = this.#context;
    const sync = context.state.syncs.get(id);
    if (sync === undefined) return;
    context.state.syncs.delete(id);
    const open = this.#find(sync.job);
    if (open === null) return;
    if (succeeded === 0) {
      const { host } = context;
      context.mark('cassandra.b27');
      this.#fail(open.session, `Sync failed between ${host.nodeName(sync.first)} and ${host.nodeName(sync.second)}`);
      return;
    }
    open.job.openSyncs -= 1;
    if (open.job.openSyncs === 0) this.#exchanged(open);
  }

  /** The coordinator's failure detector convicted a node, or saw that it had been restarted (cassandra.b23, b24). */
  participantLost(peer: number, options: { observer: number | null; restarted: boolean }): void {
    const context = this.#context;
    for (const session of [...context.state.sessions.values()]) {
      const coordinator = session.replicas[session.replicas.length - 1];
      const index = session.replicas.indexOf(peer);
      if (index < 0 || peer === coordinator) continue;
      if (options.observer !== null && options.observer !== coordinator) continue;
      if (options.restarted && session.incarnations[index] === context.host.incarnation(peer)) continue;
      context.mark(options.restarted ? 'cassandra.b24' : 'cassandra.b23');
      this.#fail(session, `Endpoint ${context.host.nodeName(peer)} died`);
    }
  }

  /** cassandra.c14: what a preview of repaired data on this node looks at has changed under it. */
  incrementalFinished({ node, session: id, tables, ranges }: LocalSession): void {
    const context = this.#context;
    for (const session of [...context.state.sessions.values()]) {
      const command = context.state.commands.get(session.command);
      if (command?.node !== node || command.asked.value.options.preview !== 'repaired') continue;
      if (!tables.some((table) => command.tables.includes(table))) continue;
      const meet = ranges.value.some((one) => session.ranges.value.some((other) => rangesIntersect(one, other)));
      if (!meet || context.isOff('cassandra.c14')) continue;
      context.mark('cassandra.c14');
      this.#fail(session, `An incremental repair with session id ${id} finished during this preview repair runtime`);
    }
  }

  /** Forgets a command's sessions without a word: their coordinator is gone. */
  dropAll(command: Command): void {
    for (const session of [...this.#context.state.sessions.values()]) {
      if (session.command === command.id) this.#forget(session);
    }
  }

  /** Fails every session of the command that is open. */
  terminate(command: Command, reason: string): void {
    for (const session of [...this.#context.state.sessions.values()]) {
      if (session.command === command.id) this.#fail(session, reason);
    }
  }

  noteFailure(command: Command, reason: string): void {
    command.lastFailure = reason;
    const { failures } = this.#context.book.of(command.entry);
    if (!failures.includes(reason)) failures.push(reason);
  }

  #open(command: Command, plan: SessionPlan): Session {
    const context = this.#context;
    const replicas = [...plan.neighbours, command.node];
    const session: Session = {
      id: context.newId(),
      command: command.id,
      ranges: new Shared(plan.ranges),
      replicas,
      incarnations: replicas.map((replica) => context.host.incarnation(replica)),
      jobs: [],
      openJobs: 0,
    };
    context.state.sessions.set(session.id, session);
    const ledger = context.book.of(command.entry);
    ledger.sessions += 1;
    ledger.ranges += plan.ranges.length;
    return session;
  }

  #begin(command: Command, session: Session): void {
    const context = this.#context;
    const dead = session.replicas.find(
      (replica) => replica !== command.node && !context.host.sees(command.node, replica),
    );
    // cassandra.d-force: nor are those looked at that went down since the others were left out.
    if (dead !== undefined && !command.hasSkippedReplicas) {
      context.mark('cassandra.b22');
      const name = context.host.nodeName(dead);
      this.#fail(session, `Cannot proceed on repair because a neighbor (${name}) is dead: session failed`);
      return;
    }
    if (this.#competes(session)) context.mark('cassandra.b30');
    context.mark('cassandra.b4');
    context.mark('cassandra.b5');
    session.openJobs = command.tables.length;
    const jobs = command.tables.map((table) => this.#newJob(session, table));
    command.waitingJobs.push(...jobs.map(({ id }) => id));
    this.#beginJobs(command);
  }

  /** cassandra.b30: does another repair work on some of the same ranges? Nothing hinders either. */
  #competes({ command, ranges }: Session): boolean {
    for (const other of this.#context.state.sessions.values()) {
      if (other.command === command) continue;
      if (other.ranges.value.some((one) => ranges.value.some((two) => rangesIntersect(one, two)))) return true;
    }
    return false;
  }

  /** Jobs for which there is a thread (cassandra.b5). */
  #beginJobs(command: Command): void {
    const threads = this.#threadsOf(command);
    while (command.activeJobs.length < threads) {
      const id = command.waitingJobs.shift();
      if (id === undefined) return;
      command.activeJobs.push(id);
      const open = this.#find(id);
      if (open !== null) beginJob(this.#context, open);
    }
    if (command.waitingJobs.length > 0) this.#context.mark('cassandra.b5');
  }

  #threadsOf({ node, asked }: Command): number {
    const { host } = this.#context;
    if (host.behaviour.holdsJobThreads) return asked.value.options.job_threads ?? 1;
    const requests = this.#context.setting(node, 'concurrent_merkle_tree_requests');
    return requests === 0 ? Infinity : requests;
  }

  #freeThread(command: Command, job: number): void {
    command.waitingJobs = command.waitingJobs.filter((id) => id !== job);
    command.activeJobs = command.activeJobs.filter((id) => id !== job);
  }

  #newJob(session: Session, table: number): Job {
    const perReplica = <T>(value: T): T[] => session.replicas.map(() => value);
    const job: Job = {
      id: this.#context.newId(),
      session: session.id,
      command: session.command,
      table,
      snapshotAcked: perReplica(false),
      asked: perReplica(false),
      acked: perReplica(false),
      answered: perReplica(false),
      summaries: perReplica(null),
      nowMicros: -1,
      comparedPairs: 0,
      openSyncs: 0,
    };
    this.#context.state.jobs.set(job.id, job);
    session.jobs.push(job.id);
    return job;
  }

  #compare(open: OpenJob): void {
    const context = this.#context;
    const { job, command } = open;
    const syncs = comparePairs(context, open);
    if (areAllCompared(context, open)) {
      for (const summary of job.summaries) command.heldBytes -= summary?.value.heldBytes ?? 0;
      tellTreeMemory(context, command.node);
      job.summaries = [];
      if (!context.host.behaviour.holdsJobThreads) this.#freeThread(command, job.id);
    }
    job.openSyncs = syncs.length;
    if (syncs.length === 0) this.#exchanged(open);
    else context.book.of(command.entry).rounds += 1;
    for (const sync of syncs) this.#requestSync(command, sync);
    this.#beginJobs(command);
  }

  /** The exchanges of the pairs whose turn it was have ended. */
  #exchanged(open: OpenJob): void {
    if (areAllCompared(this.#context, open)) this.#jobDone(open);
    else this.#compare(open);
  }

  #requestSync(command: Command, sync: Sync): void {
    const context = this.#context;
    context.post(command.node, sync.leader, REPAIR_EVENT.syncArrives, { a: sync.id, b: 0 });
    context.afterPatience(command.node, REPAIR_EVENT.syncTimedOut, { a: sync.id, b: 0 });
  }

  #jobDone({ job, session, command }: OpenJob): void {
    this.#context.state.jobs.delete(job.id);
    this.#freeThread(command, job.id);
    session.openJobs -= 1;
    if (session.openJobs === 0) {
      command.repaired = new Shared([...command.repaired.value, ...session.ranges.value]);
      this.#context.record(RECORD.sessionFinished, command.node, { a: session.id, b: command.entry, c: 0 });
      this.#close(session, command);
    }
    this.#beginJobs(command);
  }

  /** cassandra.b23: the whole session fails, other sessions of the command go on; work under way elsewhere is not
   * cancelled, its results find nobody. */
  #fail(session: Session, reason: string): void {
    const { state } = this.#context;
    const command = state.commands.get(session.command);
    if (command === undefined || !state.sessions.has(session.id)) return;
    command.failures += 1;
    this.noteFailure(command, reason);
    this.#context.record(RECORD.sessionFailed, command.node, { a: session.id, b: command.entry, c: 0 });
    if (this.#context.host.behaviour.abortsStreams) this.onFailed?.(session.id);
    for (const job of session.jobs) this.#freeThread(command, job);
    this.#close(session, command);
    this.#beginJobs(command);
  }

  #close(session: Session, command: Command): void {
    this.#forget(session);
    command.openSessions -= 1;
    this.#context.host.kernel.schedule(this.#context.now, REPAIR_EVENT.sessionEnded, command.id, session.id);
  }

  #forget(session: Session): void {
    const { state } = this.#context;
    const command = state.commands.get(session.command);
    let isFreed = false;
    for (const id of session.jobs) {
      const job = state.jobs.get(id);
      job?.summaries.forEach((summary, index) => {
        if (command === undefined || !job.answered[index] || summary === null) return;
        command.heldBytes -= summary.value.heldBytes;
        isFreed = true;
      });
      state.jobs.delete(id);
    }
    state.sessions.delete(session.id);
    if (command !== undefined && isFreed) tellTreeMemory(this.#context, command.node);
  }

  #find(jobId: number): OpenJob | null {
    const { state } = this.#context;
    const job = state.jobs.get(jobId);
    const session = job === undefined ? undefined : state.sessions.get(job.session);
    const command = job === undefined ? undefined : state.commands.get(job.command);
    return job === undefined || session === undefined || command === undefined ? null : { job, session, command };
  }

  #nameOf(session: Session, index: number): string {
    return this.#context.host.nodeName(session.replicas[index]);
  }
}
