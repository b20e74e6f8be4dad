/**
 * Marking after the repair, as it was before 4.0 (cassandra.c15, c16): a replica notes what is unrepaired when a command
 * first looks at it; when the sessions are over the coordinator has all replicas mark that, as far as they still have it,
 * each for itself. Nothing holds the runs meanwhile: one that a compaction has taken stays unrepaired on that node alone
 * (c17). What is rewritten how is anticompaction, which is the host's.
 */
import type { Run } from '../data/run.ts';
import type { SetApart } from '../replica/anticompaction.ts';
import { intervalsOf, planSilo } from './consistent/silos.ts';
import type { Operands, RepairContext } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import { runsInRanges } from './run-choice.ts';
import type { Command, NotedRuns } from './state.ts';

/** cassandra.c15: the coordinator waits for a day. */
const PATIENCE_MICROS = 86_400_000_000;

export class LateMarks {
  /** Told when all replicas have answered, or nothing more is waited for. */
  onEnded: ((command: Command) => void) | null = null;
  readonly #context: RepairContext;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  // ---------------------------------------------------------------- a replica, at the beginning

  /** What is unrepaired of the table is the command's, if it will mark it. False where another one has noted some of it. */
  note(id: number, { node, table }: { node: number; table: number }): boolean {
    const context = this.#context;
    const { state, host } = context;
    const command = state.commands.get(id);
    if (command === undefined || command.stamp === 0 || this.#find(id, node, table) !== null) return true;
    const runs = host.liveRuns(node, table).filter((run) => run.repairedAt === 0);
    if (this.#isTaken(node, table, runs)) {
      context.mark('cassandra.b30');
      const { failures } = context.book.of(command.entry);
      const text = 'Cannot start multiple repair sessions over the same sstables';
      if (!failures.includes(text)) failures.push(text);
      return false;
    }
    context.mark('cassandra.c15');
    const noted: NotedRuns = {
      id: context.newId(),
      command: id,
      entry: command.entry,
      node,
      coordinator: command.node,
      table,
      runs: runs.map((run) => run.id),
      isMarking: false,
      beganMicros: 0,
    };
    state.noted.set(noted.id, noted);
    return true;
  }

  // ---------------------------------------------------------------- the coordinator

  /** The sessions of a command have ended. False where there is nothing to mark. */
  begin(command: Command): boolean {
    const context = this.#context;
    const { id, node, stamp, failures, participants } = command;
    const { afterFailure } = context.host.behaviour.anticompaction;
    const isVain = command.repaired.value.length === 0 || (failures > 0 && afterFailure === 'nothing');
    if (stamp === 0 || isVain || context.isOff('cassandra.c16')) return false;
    context.mark('cassandra.c16');
    command.marking = [...participants, node];
    context.book.of(command.entry).rounds += 1;
    for (const replica of command.marking)
      context.post(node, replica, REPAIR_EVENT.markingArrives, { a: id, b: replica });
    context.after(PATIENCE_MICROS, REPAIR_EVENT.markingTimedOut, { a: id, b: 0 });
    return true;
  }

  answered({ a: id, b }: Operands): void {
    const command = this.#context.state.commands.get(id);
    if (command === undefined) return;
    const node = b >> 1;
    this.#strike(command, node, (b & 1) === 1 ? null : `Anticompaction failed on ${this.#context.host.nodeName(node)}`);
  }

  timedOut(id: number): void {
    const command = this.#context.state.commands.get(id);
    if (command?.marking === null || command === undefined) return;
    this.#note(command, 'Anticompaction was not answered by all replicas');
    this.onEnded?.(command);
  }

  /** A node was convicted by `observer`, or restarted (null): what waits for it waits no more, and what it coordinated is
   * forgotten (cassandra.b25, c17). */
  participantLost(peer: number, observer: number | null): void {
    const { state, host } = this.#context;
    for (const noted of [...state.noted.values()])
      if (noted.coordinator === peer && !noted.isMarking && (observer === null || observer === noted.node))
        state.noted.delete(noted.id);
    for (const command of [...state.commands.values()]) {
      if (command.marking?.includes(peer) !== true || command.node === peer) continue;
      if (observer === null || observer === command.node)
        this.#strike(command, peer, `Endpoint ${host.nodeName(peer)} died`);
    }
  }

  #strike(command: Command, node: number, failure: string | null): void {
    if (command.marking?.includes(node) !== true) return;
    if (failure !== null) this.#note(command, failure);
    command.marking = command.marking.filter((other) => other !== node);
    if (command.marking.length === 0) this.onEnded?.(command);
  }

  #note(command: Command, text: string): void {
    const { failures } = this.#context.book.of(command.entry);
    command.failures += 1;
    if (!failures.includes(text)) failures.push(text);
  }

  // ---------------------------------------------------------------- a replica, at the end

  arrives({ a: id, b: node }: Operands): void {
    const context = this.#context;
    const command = context.state.commands.get(id);
    if (command === undefined) return;
    if (!context.knowsCommand(command, node)) {
      context.post(node, command.node, REPAIR_EVENT.markingAnswered, { a: id, b: node * 2 });
      return;
    }
    const own = this.#of(id, node);
    for (const noted of own) {
      noted.isMarking = true;
      noted.beganMicros = context.now;
    }
    for (const noted of own) this.#mark(noted, command);
    if (own.length === 0) this.#answer(command, node);
  }

  /** One table of a node is marked. */
  done(id: number): void {
    const context = this.#context;
    const noted = context.state.noted.get(id);
    if (noted === undefined) return;
    const { command, node, table, entry, beganMicros } = noted;
    context.state.noted.delete(id);
    context.phase(entry, 'anticompact', { session: command, table, node, startMicros: beganMicros });
    const open = context.state.commands.get(command);
    if (open !== undefined && this.#of(command, node).length === 0) this.#answer(open, node);
  }

  /** Runs of a command were marked or rewritten on a node: what it cost. */
  charge(node: number, command: number, { marked, rewritten, bytes }: SetApart): void {
    const [noted] = this.#of(command, node);
    if (noted === undefined) return;
    const ledger = this.#context.book.of(noted.entry);
    ledger.sstables_marked += marked;
    ledger.sstables_anticompacted += rewritten;
    ledger.anticompacted_bytes += bytes;
  }

  /** A command is over on a node; marking that is under way goes on to its end. */
  forget(command: number, node: number): void {
    for (const { id, isMarking } of this.#of(command, node)) if (!isMarking) this.#context.state.noted.delete(id);
  }

  nodeGone(node: number): void {
    const { noted } = this.#context.state;
    for (const each of [...noted.values()]) if (each.node === node) noted.delete(each.id);
  }

  /** cassandra.c15, c17: what is still there and in no compaction. */
  #mark(noted: NotedRuns, { id, stamp, repaired }: Command): void {
    const { host, context } = { host: this.#context.host, context: this.#context };
    const { node, table } = noted;
    const layout = host.tables[table];
    const ranges = repaired.value;
    const left = host
      .liveRuns(node, table)
      .filter((run) => noted.runs.includes(run.id) && run.repairedAt === 0 && !host.isCompacting(node, table, run));
    if (left.length < noted.runs.length) context.mark('cassandra.c17');
    const runs = runsInRanges(layout, node, { runs: left, ranges });
    const { groupSize } = host.behaviour.anticompaction;
    const { whole, groups } = planSilo(layout, node, { runs, ranges, groupSize });
    host.holdRuns(node, table, runs, id);
    const marks = { repairedAt: stamp, pendingRepair: 0 };
    const work = {
      session: id,
      whole,
      groups,
      intervals: intervalsOf(layout, ranges),
      marks,
      oneByOne: groupSize === 1,
    };
    host.setApart(node, table, work, { kind: REPAIR_EVENT.runsMarked, a: noted.id, b: 0 });
  }

  #answer(command: Command, node: number): void {
    const operands = { a: command.id, b: node * 2 + 1 };
    this.#context.post(node, command.node, REPAIR_EVENT.markingAnswered, operands);
  }

  /** cassandra.b30: does another command count on one of the runs? */
  #isTaken(node: number, table: number, runs: readonly Run[]): boolean {
    for (const noted of this.#context.state.noted.values())
      if (noted.node === node && noted.table === table && runs.some((run) => noted.runs.includes(run.id))) return true;
    return false;
  }

  #find(command: number, node: number, table: number): NotedRuns | null {
    return this.#of(command, node).find((noted) => noted.table === table) ?? null;
  }

  #of(command: number, node: number): NotedRuns[] {
    return [...this.#context.state.noted.values()].filter((noted) => noted.command === command && noted.node === node);
  }
}
