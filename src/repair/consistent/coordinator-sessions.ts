/**
 * The coordinator's side of an incremental repair since 4.0 (cassandra.c2, c3): asks all participants to set apart what is
 * unrepaired, lets the sessions of the command run when all have, and then has all of them promise and commit, or fail. Kept in
 * memory only: it goes with the process. No message of it is repeated or times out; one that is lost leaves the repair
 * waiting until a participant fails its own session (`local-sessions.ts`).
 */
import type { Operands, RepairContext } from '../context.ts';
import { REPAIR_EVENT } from '../event-kinds.ts';
import type { Command, ConsistentState, CoordinatorSession } from '../state.ts';

/** What the command does when its participants have agreed. */
export interface ConsistentSteps {
  /** All have set their runs apart: compare and exchange. */
  prepared(command: Command): void;
  /** Finalized by all, or failed. */
  ended(command: Command, isFinalized: boolean): void;
}

export class CoordinatorSessions {
  steps: ConsistentSteps | null = null;
  readonly #context: RepairContext;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  /** All participants have heard of the command. */
  begin(command: Command): void {
    const context = this.#context;
    const { id, node } = command;
    const participants = [...command.participants, node];
    const session: CoordinatorSession = {
      id,
      state: 'preparing',
      participants,
      states: participants.map(() => 'preparing'),
      isProposed: false,
      startMicros: context.now,
    };
    context.state.consistent.set(id, session);
    context.mark('cassandra.c3');
    context.book.of(command.entry).rounds += 1;
    this.#tell(session, node, REPAIR_EVENT.consistentPrepareArrives);
  }

  prepared({ a: id, b }: Operands): void {
    const open = this.#find(id);
    if (open === null || open.session.state === 'failed') return;
    const { session, command } = open;
    const isPrepared = (b & 1) === 1;
    const index = session.participants.indexOf(b >> 1);
    if (!isPrepared) this.#tellFailed(session, command.node);
    session.states[index] = isPrepared ? 'prepared' : 'failed';
    // However bad it looks, all are heard before anything goes on.
    if (session.states.includes('preparing')) return;
    if (session.states.every((state) => state === 'prepared')) {
      setAll(session, 'repairing');
      this.#phase(command, 'anticompact', session);
      this.steps?.prepared(command);
    } else this.#end(open, false);
  }

  /** The sessions of the command have ended, all of them well. */
  propose(command: Command): void {
    const open = this.#find(command.id);
    // Sessions that end at the same moment all say so.
    if (open === null || open.session.isProposed) return;
    const { session } = open;
    if (session.state !== 'repairing') {
      this.#end(open, false);
      return;
    }
    session.isProposed = true;
    session.startMicros = this.#context.now;
    this.#context.book.of(command.entry).rounds += 1;
    this.#tell(session, command.node, REPAIR_EVENT.finalizeProposed);
  }

  promised({ a: id, b: node }: Operands): void {
    const open = this.#find(id);
    if (open === null || open.session.state === 'failed') return;
    const { session, command } = open;
    session.states[session.participants.indexOf(node)] = 'finalize_promised';
    if (!session.states.every((state) => state === 'finalize_promised')) return;
    this.#tell(session, command.node, REPAIR_EVENT.finalizeCommitted);
    setAll(session, 'finalized');
    this.#phase(command, 'finalize', session);
    this.#end(open, true);
  }

  /** A participant gave its session up and says so. */
  participantFailed({ a: id, b: node }: Operands): void {
    const open = this.#find(id);
    if (open === null || open.session.state === 'failed') return;
    const { session, command } = open;
    const { book, host } = this.#context;
    const text = `Incremental repair session ${id} has failed: ${host.nodeName(node)} was restarted or gave it up`;
    book.of(command.entry).failures.push(text);
    command.failures += 1;
    const isRepairing = session.state === 'repairing' && !session.isProposed;
    this.#fail(session, command.node);
    // Its sessions go on to their end; then there is nothing to propose.
    if (!isRepairing || command.openSessions === 0) this.#end(open, false);
  }

  /** Sessions of the command have failed: nobody marks anything. */
  abandon(command: Command): void {
    const open = this.#find(command.id);
    if (open !== null) this.#end(open, false);
  }

  /** The coordinator's process has ended. */
  forget(command: Command): void {
    this.#context.state.consistent.delete(command.id);
  }

  #end({ session, command }: Open, isFinalized: boolean): void {
    if (!isFinalized) this.#fail(session, command.node);
    this.#context.state.consistent.delete(session.id);
    this.steps?.ended(command, isFinalized);
  }

  #fail(session: CoordinatorSession, node: number): void {
    if (session.state === 'failed') return;
    this.#tellFailed(session, node);
    setAll(session, 'failed');
  }

  #tellFailed({ id, participants, states }: CoordinatorSession, node: number): void {
    participants.forEach((participant, index) => {
      if (states[index] === 'failed') return;
      this.#context.post(node, participant, REPAIR_EVENT.consistentFailed, { a: id, b: participant });
    });
  }

  #tell({ id, participants }: CoordinatorSession, node: number, kind: number): void {
    for (const participant of participants) this.#context.post(node, participant, kind, { a: id, b: participant });
  }

  #phase(command: Command, phase: 'anticompact' | 'finalize', { id, startMicros }: CoordinatorSession): void {
    this.#context.phase(command.entry, phase, { session: id, table: -1, node: null, startMicros });
  }

  #find(id: number): Open | null {
    const session = this.#context.state.consistent.get(id);
    const command = this.#context.state.commands.get(id);
    return session === undefined || command === undefined ? null : { session, command };
  }
}

interface Open {
  session: CoordinatorSession;
  command: Command;
}

function setAll(session: CoordinatorSession, state: ConsistentState): void {
  session.state = state;
  session.states = session.states.map(() => state);
}
