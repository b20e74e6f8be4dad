/**
 * Repair commands, the coordinator's side: what a node was asked to repair, the prepare round with every participant
 * (cassandra.b1, b2, b7), the end and the cleanup (b16). The sessions in between: `session.ts`.
 */
import { Bug } from '../base/assert.ts';
import { RECORD } from '../data/records.ts';
import type { CoordinatorSessions } from './consistent/coordinator-sessions.ts';
import type { RepairContext } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import { totalPatienceMicros } from './retries.ts';
import type { LateMarks } from './late-marks.ts';
import type { Sessions } from './session.ts';
import type { Snapshots } from './snapshots.ts';
import { Shared } from './state.ts';
import type { Command, CommandOptions } from './state.ts';
import type { RepairRequest, SessionPlan } from './strategy.ts';

const TERMINATED = 'Terminate session is called';

export class Commands {
  readonly #context: RepairContext;
  readonly #sessions: Sessions;
  readonly #snapshots: Snapshots;
  readonly #consistent: CoordinatorSessions;
  readonly #lateMarks: LateMarks;

  constructor(
    context: RepairContext,
    parts: { sessions: Sessions; snapshots: Snapshots; consistent: CoordinatorSessions; lateMarks: LateMarks },
  ) {
    this.#context = context;
    this.#sessions = parts.sessions;
    this.#snapshots = parts.snapshots;
    this.#consistent = parts.consistent;
    this.#lateMarks = parts.lateMarks;
    this.#lateMarks.onEnded = (command) => this.#end(command);
    this.#consistent.steps = {
      prepared: (command) => this.#sessions.openAll(command),
      ended: (command, isFinalized) => this.#consistentEnded(command, isFinalized),
    };
  }

  start(start: CommandOptions): number {
    const context = this.#context;
    const { entry, entryId, node, options, text, keyspacesBefore } = start;
    const strategy = context.strategy(options.strategy);
    context.book.begin(entry, { id: entryId, strategy: strategy.name, command: text, atMicros: context.now });
    const { keyspace, tables: names } =
      keyspacesBefore === 0 ? options : options.further_keyspaces[keyspacesBefore - 1];
    const tables = this.#tablesOf(names);
    const command = this.#newCommand(start, tables);
    context.mark('cassandra.b1');
    context.record(RECORD.repairStarted, node, { a: command.id, b: entry, c: tables.length });
    if (!context.host.isRunning(node)) return this.#fail(command, `${context.host.nodeName(node)} is not running`);
    const plan = strategy.unitOfWork.divide(this.#request(start, keyspace, tables[0]), context.host.rules);
    if ('error' in plan) return this.#fail(command, plan.error);
    if (plan.sessions.length === 0) return this.#end(command);
    const sessions = this.#withoutDead(command, plan.sessions);
    if (sessions.length === 0) return this.#fail(command, 'Not enough live endpoints for a repair');
    command.plans = new Shared(sessions);
    command.stamp = context.marksAfterwards(command) && isWhole(command) ? Math.max(1, context.now) : 0;
    this.#prepare(command, sessions);
    return command.id;
  }

  prepareArrives({ a, b: node }: { a: number; b: number }): void {
    const context = this.#context;
    const command = context.state.commands.get(a);
    if (command === undefined) return;
    // cassandra.b7: a no is -1 - node.
    const isRefused = this.#isBehindWithCompactions(node);
    if (!isRefused) command.registered[command.participants.indexOf(node)] = context.host.incarnation(node);
    context.post(node, command.node, REPAIR_EVENT.prepareAcked, { a, b: isRefused ? -1 - node : node });
  }

  #isBehindWithCompactions(node: number): boolean {
    const { host } = this.#context;
    const threshold = host.setting(node, 'reject_repair_compaction_threshold');
    return threshold !== null && host.pendingCompactions(node) > threshold;
  }

  prepareAcked({ a, b: node }: { a: number; b: number }): void {
    const context = this.#context;
    const command = context.state.commands.get(a);
    if (command === undefined || command.isPrepared) return;
    if (node < 0) {
      this.#fail(command, `Got negative replies from endpoints [${context.host.nodeName(-1 - node)}]`);
      return;
    }
    command.acked[command.participants.indexOf(node)] = true;
    if (!command.acked.every((isAcked) => isAcked)) return;
    command.isPrepared = true;
    context.phase(command.entry, 'prepare', { session: a, table: -1, node: null, startMicros: command.startMicros });
    context.record(RECORD.repairPrepared, command.node, { a, b: command.entry, c: command.participants.length });
    if (context.marksTwoPhase(command)) this.#consistent.begin(command);
    else this.#sessions.openAll(command);
  }

  prepareTimedOut(id: number): void {
    const command = this.#context.state.commands.get(id);
    if (command === undefined || command.isPrepared) return;
    this.#fail(command, 'Did not get replies from all endpoints.');
  }

  /** A session of the command has ended, well or badly. */
  sessionEnded(id: number): void {
    const command = this.#context.state.commands.get(id);
    if (command === undefined || !command.isPrepared || command.openSessions > 0) return;
    if (command.marking !== null) return;
    if (this.#lateMarks.begin(command)) return;
    if (!this.#context.marksTwoPhase(command)) this.#end(command);
    else if (command.failures > 0) this.#consistent.abandon(command);
    else this.#consistent.propose(command);
  }

  #consistentEnded(command: Command, isFinalized: boolean): void {
    if (isFinalized || command.failures > 0) this.#end(command);
    else this.#fail(command, `Incremental repair session ${command.id} has failed`);
  }

  cleanupArrives({ a, b: node }: { a: number; b: number }): void {
    this.#snapshots.release(a, node);
    this.#lateMarks.forget(a, node);
  }

  /** Somebody ends it from outside, as JMX's terminateAllRepairSessions does; what replicas work on goes on (b23). */
  terminate(id: number): void {
    const command = this.#context.state.commands.get(id);
    if (command === undefined) return;
    if (!command.isPrepared) this.#fail(command, TERMINATED);
    else if (command.openSessions > 0) this.#sessions.terminate(command, TERMINATED);
    else {
      this.#noteFailure(command, TERMINATED);
      this.#consistent.abandon(command);
    }
  }

  /** cassandra.b25: a participant convicted the coordinator, which may be alive: it forgets the command, and refuses what
   * it is asked for it from then on. */
  coordinatorConvicted(participant: number, coordinator: number): void {
    for (const command of this.#context.state.commands.values()) {
      const index = command.node === coordinator ? command.participants.indexOf(participant) : -1;
      if (index < 0 || command.registered[index] < 0) continue;
      this.#context.mark('cassandra.b25');
      command.registered[index] = -1;
    }
  }

  /** The process that coordinates it is gone: nothing is cleaned up, the participants are not told (cassandra.b29). */
  coordinatorGone(node: number): void {
    const context = this.#context;
    for (const command of [...context.state.commands.values()]) {
      if (command.node !== node) continue;
      context.mark('cassandra.b29');
      this.#sessions.dropAll(command);
      this.#consistent.forget(command);
      this.#noteFailure(command, `${context.host.nodeName(node)} went down while it coordinated the repair`);
      this.#close(command);
    }
  }

  #newCommand(asked: CommandOptions, tables: number[]): Command {
    const context = this.#context;
    const { entry, node, options } = asked;
    const command: Command = {
      id: context.newId(),
      entry,
      node,
      incarnation: context.host.incarnation(node),
      strategy: options.strategy,
      tables,
      asked: new Shared(asked),
      plans: new Shared([]),
      hasSkippedReplicas: false,
      startMicros: context.now,
      isPrepared: false,
      participants: [],
      registered: [],
      acked: [],
      openSessions: 0,
      failures: 0,
      lastFailure: '',
      stamp: 0,
      repaired: new Shared([]),
      marking: null,
      waitingJobs: [],
      activeJobs: [],
      heldBytes: 0,
    };
    context.state.commands.set(command.id, command);
    return command;
  }

  #tablesOf(names: readonly string[]): number[] {
    const { tables } = this.#context.host;
    return names.map((id) => {
      const index = tables.findIndex((table) => table.id === id);
      if (index < 0) throw new Bug(`repair of an unknown table ${id}`);
      return index;
    });
  }

  #request({ node, options, ranges }: CommandOptions, keyspace: string, table: number): RepairRequest {
    const { host } = this.#context;
    const nodes = Array.from({ length: host.nodeCount }, (_none, index) => index);
    const dcOfNode = nodes.map((index) => host.dcName(index));
    const nameOfNode = nodes.map((index) => host.nodeName(index));
    const dataCenters = options.local_dc ? [dcOfNode[node]] : options.data_centers;
    return {
      keyspace,
      layout: host.holdersOf(table),
      node,
      primaryRange: options.primary_range,
      startToken: options.start_token === null ? null : BigInt(options.start_token),
      endToken: options.end_token === null ? null : BigInt(options.end_token),
      ...(ranges === undefined ? {} : { ranges }),
      dataCenters: dataCenters.length === 0 ? null : dataCenters,
      hosts: options.hosts.length === 0 ? null : options.hosts.map((name) => nameOfNode.indexOf(name)),
      ignoreUnreplicated: options.ignore_unreplicated,
      behaviour: host.behaviour,
      nameOfNode,
      dcOfNode,
    };
  }

  /** cassandra.d-force: of a forced repair, sessions without the replicas that are down, and without those that have no
   * other replica left. */
  #withoutDead(command: Command, plans: readonly SessionPlan[]): readonly SessionPlan[] {
    const { host } = this.#context;
    if (!command.asked.value.options.force || this.#context.isOff('cassandra.d-force')) return plans;
    this.#context.mark('cassandra.d-force');
    const isAlive = (neighbour: number): boolean => host.sees(command.node, neighbour);
    if (plans.every(({ neighbours }) => neighbours.every(isAlive))) return plans;
    command.hasSkippedReplicas = true;
    const live = plans.map(({ ranges, neighbours }) => ({ ranges, neighbours: neighbours.filter(isAlive) }));
    return live.filter(({ neighbours }) => neighbours.length > 0);
  }

  #prepare(command: Command, plans: readonly SessionPlan[]): void {
    const context = this.#context;
    const { id, node } = command;
    context.mark('cassandra.b7');
    command.participants = [...new Set(plans.flatMap((plan) => plan.neighbours))];
    command.registered = command.participants.map(() => -1);
    command.acked = command.participants.map(() => false);
    context.book.of(command.entry).rounds += 1;
    if (this.#isBehindWithCompactions(node)) {
      this.#fail(command, 'Rejecting incoming repair, pending compactions above threshold');
      return;
    }
    for (const neighbour of command.participants) {
      if (!context.host.sees(node, neighbour)) {
        context.mark('cassandra.b22');
        this.#fail(command, `Endpoint not alive: ${context.host.nodeName(neighbour)}`);
        return;
      }
      context.post(node, neighbour, REPAIR_EVENT.prepareArrives, { a: id, b: neighbour });
    }
    context.after(this.#prepareMicros(node), REPAIR_EVENT.prepareTimedOut, { a: id, b: 0 });
  }

  /** cassandra.b7, b26. */
  #prepareMicros(node: number): number {
    const context = this.#context;
    const retry = context.retryRule(node, REPAIR_EVENT.prepareArrives);
    if (retry !== null) return totalPatienceMicros(retry);
    return context.host.behaviour.prepareMicros ?? context.setting(node, 'request_timeout');
  }

  #fail(command: Command, reason: string): number {
    this.#noteFailure(command, reason);
    return this.#end(command);
  }

  #noteFailure(command: Command, reason: string): void {
    command.failures += 1;
    this.#sessions.noteFailure(command, reason);
  }

  #end(command: Command): number {
    const context = this.#context;
    for (const participant of command.participants) {
      context.mark('cassandra.b16');
      context.post(command.node, participant, REPAIR_EVENT.cleanupArrives, { a: command.id, b: participant });
    }
    this.#snapshots.release(command.id, command.node);
    this.#lateMarks.forget(command.id, command.node);
    this.#close(command);
    return command.id;
  }

  #close(command: Command): void {
    const context = this.#context;
    const { id, entry, node } = command;
    context.state.commands.delete(id);
    const kind = command.failures > 0 ? RECORD.repairFailed : RECORD.repairFinished;
    context.record(kind, node, { a: id, b: entry, c: command.failures });
    if (this.#startNextKeyspace(command)) return;
    context.state.ended.set(id, command.failures > 0);
    const others = [...context.state.commands.values()].some((other) => other.entry === entry);
    if (!others) context.book.end(entry, context.now);
    context.host.kernel.schedule(context.now, REPAIR_EVENT.commandEnded, id, entry);
  }

  /** cassandra.b1: nodetool repairs the next keyspace when the one before is done; a failed one ends it. */
  #startNextKeyspace({ asked, failures }: Command): boolean {
    const { options, keyspacesBefore } = asked.value;
    if (failures > 0 || keyspacesBefore >= options.further_keyspaces.length) return false;
    this.start({ ...asked.value, keyspacesBefore: keyspacesBefore + 1 });
    return true;
  }
}

/** cassandra.c16: for all replicas, and for ranges of which it left nothing out. */
function isWhole({ asked }: Command): boolean {
  const { local_dc, data_centers, hosts, start_token } = asked.value.options;
  return !local_dc && data_centers.length === 0 && hosts.length === 0 && start_token === null;
}
