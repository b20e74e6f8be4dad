/**
 * A participant's side of an incremental repair since 4.0 (cassandra.c2-c13): sets apart what is unrepaired, promises,
 * commits or fails, and looks after sessions of which it hears nothing any more. Local sessions survive the end of the
 * process (system.repairs); what does not is the work under way. Marking the runs of a session that has ended is the
 * compaction's business (c4): it asks `outcome`.
 */
import type { Operands, RepairContext } from '../context.ts';
import { REPAIR_EVENT } from '../event-kinds.ts';
import type { SetApart } from '../../replica/anticompaction.ts';
import { Shared } from '../state.ts';
import type { Command, ConsistentState, LocalSession } from '../state.ts';
import { intervalsOf, planSilo, unrepairedInRanges } from './silos.ts';

const SECOND_MICROS = 1_000_000;
/** cassandra.c5: every second for a minute. */
const ATTEMPT_MICROS = SECOND_MICROS;
const ATTEMPTS_MAX = 60;
/** cassandra.c11. */
const HOUSEKEEPING_MICROS = 600 * SECOND_MICROS;
const ASK_AFTER_MICROS = 3600 * SECOND_MICROS;
const FAIL_AFTER_MICROS = 86_400 * SECOND_MICROS;

/** What a state may become. */
const FOLLOWERS: Readonly<Record<ConsistentState, readonly ConsistentState[]>> = {
  preparing: ['prepared', 'failed'],
  prepared: ['repairing', 'failed'],
  repairing: ['finalize_promised', 'failed'],
  finalize_promised: ['finalized', 'failed'],
  finalized: [],
  failed: [],
};
/** A message carries a number: the place in this list. */
const STATES = Object.keys(FOLLOWERS) as ConsistentState[];

export class LocalSessions {
  /** Who else wants to know. */
  onFinalized: ((local: LocalSession) => void) | null = null;
  readonly #context: RepairContext;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  /** What the runs of a session on a node are: null while it is open, else their repairedAt, 0 for unrepaired (c4). */
  outcome(node: number, session: number): number | null {
    const local = this.#find(node, session);
    if (local === null || local.state === 'failed') return 0;
    return local.state === 'finalized' ? local.repairedAt : null;
  }

  // ---------------------------------------------------------------- prepare

  prepareArrives({ a: id, b: node }: Operands): void {
    const context = this.#context;
    const command = context.state.commands.get(id);
    if (command === undefined) return;
    if (!context.knowsCommand(command, node)) {
      context.post(node, command.node, REPAIR_EVENT.consistentPrepared, { a: id, b: node * 2 });
      return;
    }
    const local = this.#open(command, node);
    context.mark('cassandra.c2');
    local.tables.forEach((table, index) => {
      context.host.flush(node, table, { kind: REPAIR_EVENT.siloFlushed, a: local.id, b: index });
    });
    this.#scheduleHousekeeping(node);
  }

  /** Tries to get hold of the runs of one table (cassandra.c5): now, or again in a second. */
  hold({ a: id, b: index }: Operands): void {
    const context = this.#context;
    const local = context.state.locals.get(id);
    if (local?.state !== 'preparing' || !context.host.isRunning(local.node)) return;
    const { node, session } = local;
    const table = local.tables[index];
    const runs = this.#candidates(local, table);
    const conflict = this.#conflictOf(node, table, runs);
    if (conflict !== 0) {
      this.#tryAgain(local, index, conflict);
      return;
    }
    context.mark('cassandra.c5');
    const free = runs.filter((run) => run.pendingRepair === 0 && context.host.heldBy(node, table, run) === 0);
    context.host.holdRuns(node, table, free, session);
    local.openTables -= 1;
    if (local.openTables === 0) this.#setApart(local);
  }

  /** The silo of one table is complete. */
  siloDone({ a: id }: Operands): void {
    const context = this.#context;
    const local = context.state.locals.get(id);
    if (local?.state !== 'preparing') return;
    local.openTables -= 1;
    if (local.openTables > 0) return;
    this.#become(local, 'prepared');
    const { node, session, coordinator, entry, startMicros } = local;
    context.phase(entry, 'anticompact', { session, table: -1, node, startMicros });
    context.post(node, coordinator, REPAIR_EVENT.consistentPrepared, { a: session, b: node * 2 + 1 });
  }

  /** Runs have been set apart on a node: what it cost. */
  charge(node: number, session: number, { marked, rewritten, bytes }: SetApart): void {
    const local = this.#find(node, session);
    if (local === null) return;
    const ledger = this.#context.book.of(local.entry);
    ledger.sstables_marked += marked;
    ledger.sstables_anticompacted += rewritten;
    ledger.anticompacted_bytes += bytes;
  }

  // ---------------------------------------------------------------- repair and finalize

  /** The first validation of the session reaches the node. */
  repairing(node: number, session: number): void {
    const local = this.#find(node, session);
    if (local?.state === 'prepared') this.#become(local, 'repairing');
  }

  proposed({ a: session, b: node }: Operands): void {
    const context = this.#context;
    const local = this.#find(node, session);
    const coordinator = local?.coordinator ?? context.state.commands.get(session)?.node;
    if (coordinator === undefined) return;
    if (local === null || !this.#become(local, 'finalize_promised')) {
      if (local !== null) this.#fail(local);
      context.post(node, coordinator, REPAIR_EVENT.participantFailed, { a: session, b: node });
      return;
    }
    context.mark('cassandra.c12');
    context.post(node, coordinator, REPAIR_EVENT.finalizePromised, { a: session, b: node });
  }

  committed({ a: session, b: node }: Operands): void {
    const local = this.#find(node, session);
    if (local !== null) this.#complete(local, 'finalized');
  }

  failed({ a: session, b: node }: Operands): void {
    const local = this.#find(node, session);
    if (local === null) return;
    const wasPreparing = local.state === 'preparing';
    this.#fail(local);
    // What was under way ends, and its answer is still waited for.
    if (!wasPreparing) return;
    this.#context.post(node, local.coordinator, REPAIR_EVENT.consistentPrepared, { a: session, b: node * 2 });
  }

  // ---------------------------------------------------------------- time and restarts

  /** The node stops in good order, or starts: sessions that have promised nothing are over (cassandra.c12). */
  failOpen(node: number): void {
    const context = this.#context;
    for (const local of this.#of(node)) {
      if (local.state === 'finalized' || local.state === 'failed' || local.state === 'finalize_promised') continue;
      context.mark('cassandra.c12');
      this.#fail(local);
      context.post(node, local.coordinator, REPAIR_EVENT.participantFailed, { a: local.session, b: node });
    }
    this.#scheduleHousekeeping(node);
  }

  /** cassandra.c11: every ten minutes, sessions of which nothing was heard. */
  housekeeping({ a: node }: Operands): void {
    const context = this.#context;
    context.state.housekeeping[node] = false;
    if (!context.host.isRunning(node)) return;
    for (const local of this.#of(node)) {
      if (isCompleted(local)) continue;
      const silent = context.now - local.lastUpdateMicros;
      if (silent <= ASK_AFTER_MICROS) continue;
      context.mark('cassandra.c11');
      if (silent > FAIL_AFTER_MICROS) this.#fail(local);
      else this.#ask(local);
    }
    this.#scheduleHousekeeping(node);
  }

  statusAsked({ a: id, b: node }: Operands): void {
    const { state } = this.#context;
    const asker = state.locals.get(id);
    if (asker === undefined) return;
    const known = this.#find(node, asker.session)?.state ?? 'failed';
    this.#context.post(node, asker.node, REPAIR_EVENT.statusAnswered, { a: id, b: STATES.indexOf(known) });
  }

  /** Only an end is news. */
  statusAnswered({ a: id, b: code }: Operands): void {
    const local = this.#context.state.locals.get(id);
    const state = STATES[code];
    if (local === undefined || (state !== 'finalized' && state !== 'failed')) return;
    this.#complete(local, state);
  }

  // ---------------------------------------------------------------- inside

  #open(command: Command, node: number): LocalSession {
    const { state, host, now } = this.#context;
    const plans = command.plans.value.filter(({ neighbours }) => node === command.node || neighbours.includes(node));
    const local: LocalSession = {
      id: this.#context.newId(),
      session: command.id,
      entry: command.entry,
      node,
      coordinator: command.node,
      participants: [...command.participants, command.node],
      tables: [...command.tables],
      ranges: new Shared(plans.flatMap(({ ranges }) => ranges)),
      // cassandra.c9: the coordinator's time, the same on all; 0 µs would mean unrepaired.
      repairedAt: isGlobal(command) && !host.rules.isOff('cassandra.c9') ? Math.max(1, command.startMicros) : 0,
      state: 'preparing',
      lastUpdateMicros: now,
      startMicros: now,
      openTables: command.tables.length,
      attempts: command.tables.map(() => 0),
    };
    host.rules.mark('cassandra.c9');
    state.locals.set(local.id, local);
    return local;
  }

  #candidates({ node, ranges }: LocalSession, table: number): ReturnType<typeof unrepairedInRanges> {
    const { host } = this.#context;
    return unrepairedInRanges(host.tables[table], node, { runs: host.liveRuns(node, table), ranges: ranges.value });
  }

  /** Another session that has one of the runs and is not finalized; 0 = none. */
  #conflictOf(node: number, table: number, runs: ReturnType<typeof unrepairedInRanges>): number {
    const { host } = this.#context;
    if (host.rules.isOff('cassandra.c13')) return 0;
    for (const run of runs) {
      const holder = host.heldBy(node, table, run);
      if (holder !== 0) return holder;
      if (run.pendingRepair !== 0 && this.#find(node, run.pendingRepair)?.state !== 'finalized')
        return run.pendingRepair;
    }
    return 0;
  }

  #tryAgain(local: LocalSession, index: number, other: number): void {
    const context = this.#context;
    local.attempts[index] += 1;
    if (local.attempts[index] <= ATTEMPTS_MAX) {
      context.after(ATTEMPT_MICROS, REPAIR_EVENT.siloHeld, { a: local.id, b: index });
      return;
    }
    context.mark('cassandra.c13');
    const { node, session, coordinator, entry } = local;
    const text =
      `Prepare phase for incremental repair session ${session} has failed because it encountered intersecting sstables ` +
      `belonging to another incremental repair session (${other}) on ${context.host.nodeName(node)}`;
    const { failures } = context.book.of(entry);
    if (!failures.includes(text)) failures.push(text);
    this.#fail(local);
    context.post(node, coordinator, REPAIR_EVENT.consistentPrepared, { a: session, b: node * 2 });
  }

  /** All tables are held: what lies in the ranges becomes the session's own (cassandra.c6-c8). */
  #setApart(local: LocalSession): void {
    const { host } = this.#context;
    const { id, node, session, tables } = local;
    local.openTables = tables.length;
    tables.forEach((table, index) => {
      const layout = host.tables[table];
      const ranges = local.ranges.value;
      const held = host.liveRuns(node, table).filter((run) => host.heldBy(node, table, run) === session);
      const { whole, groups } = planSilo(layout, node, { runs: held, ranges });
      if (whole.length > 0) this.#context.mark('cassandra.c6');
      if (groups.length > 0) {
        this.#context.mark('cassandra.c7');
        this.#context.mark('cassandra.c8');
      }
      const marks = { repairedAt: 0, pendingRepair: session };
      const work = { session, whole, groups, intervals: intervalsOf(layout, ranges), marks };
      host.setApart(node, table, work, { kind: REPAIR_EVENT.siloDone, a: id, b: index });
    });
  }

  #fail(local: LocalSession): void {
    this.#complete(local, 'failed');
  }

  #complete(local: LocalSession, state: 'finalized' | 'failed'): void {
    const { host } = this.#context;
    if (!this.#become(local, state)) return;
    if (state === 'finalized') this.onFinalized?.(local);
    host.releaseRuns(local.node, local.session);
    host.sessionCompleted(local.node, local.tables);
  }

  /** False where the state cannot follow the present one: then nothing happens. */
  #become(local: LocalSession, state: ConsistentState): boolean {
    if (!FOLLOWERS[local.state].includes(state)) return false;
    local.state = state;
    local.lastUpdateMicros = this.#context.now;
    return true;
  }

  #ask(local: LocalSession): void {
    const context = this.#context;
    for (const participant of local.participants) {
      if (participant === local.node || !context.host.sees(local.node, participant)) continue;
      context.post(local.node, participant, REPAIR_EVENT.statusAsked, { a: local.id, b: participant });
    }
  }

  #scheduleHousekeeping(node: number): void {
    const context = this.#context;
    if (context.state.housekeeping[node] || !this.#of(node).some((local) => !isCompleted(local))) return;
    context.state.housekeeping[node] = true;
    const wait = HOUSEKEEPING_MICROS - (context.now % HOUSEKEEPING_MICROS);
    context.after(wait, REPAIR_EVENT.housekeepingDue, { a: node, b: 0 });
  }

  #find(node: number, session: number): LocalSession | null {
    for (const local of this.#context.state.locals.values())
      if (local.session === session && local.node === node) return local;
    return null;
  }

  #of(node: number): LocalSession[] {
    return [...this.#context.state.locals.values()].filter((local) => local.node === node);
  }
}

/** Did all replicas of its ranges take part? */
function isGlobal({ hasSkippedReplicas, asked }: Command): boolean {
  const { local_dc, data_centers, hosts } = asked.value.options;
  return !hasSkippedReplicas && !local_dc && data_centers.length === 0 && hosts.length === 0;
}

function isCompleted({ state }: LocalSession): boolean {
  return state === 'finalized' || state === 'failed';
}
