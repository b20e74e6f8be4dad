/**
 * The face of repair to whoever builds a world: starts commands, hears of nodes that stop, crash, start or are marked
 * down, answers with ledgers, saves and restores everything. Wires the parts to the kernel's events; the behaviour is in
 * the parts (`commands.ts`, `session.ts`, `snapshots.ts`, `validation.ts`, `streaming.ts`).
 */
import type { RepairLedger } from '../observe/result.ts';
import type { SetApart } from '../replica/anticompaction.ts';
import type { PlanRepairOptions } from '../scenario/plan.ts';
import type { AlgorithmRuns } from './algorithms/algorithm-runs.ts';
import { Commands } from './commands.ts';
import { CoordinatorSessions } from './consistent/coordinator-sessions.ts';
import { LocalSessions } from './consistent/local-sessions.ts';
import { RepairContext } from './context.ts';
import type { Operands } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import type { RepairHost } from './host.ts';
import { LateMarks } from './late-marks.ts';
import { LedgerBook } from './ledger.ts';
import type { LedgerState } from './ledger.ts';
import type { SegmentCount } from './run-ledger.ts';
import type { StrategyRegistry } from './registry.ts';
import { Sessions } from './session.ts';
import { Snapshots } from './snapshots.ts';
import type { CommandOptions, RepairState } from './state.ts';
import { Streams } from './streaming.ts';
import { Validations } from './validation.ts';

/** EVENT_CLASS.timer of the kernel: repair acts after faults and messages of the same microsecond. */
const TIMER_CLASS = 3;

export interface RepairManagerState {
  state: RepairState;
  ledgers: LedgerState;
}

export class RepairManager {
  /** Whoever wants to look at the state after each event of repair; must not change anything. */
  onLooked: (() => void) | null = null;
  readonly #context: RepairContext;
  readonly #book: LedgerBook;
  readonly #commands: Commands;
  readonly #sessions: Sessions;
  readonly #snapshots: Snapshots;
  readonly #lateMarks: LateMarks;
  readonly #validations: Validations;
  readonly #streams: Streams;
  readonly #consistent: CoordinatorSessions;
  readonly #locals: LocalSessions;
  /** Entries that are repaired by a foreign algorithm; null where there are none. */
  algorithms: AlgorithmRuns | null = null;

  constructor(host: RepairHost, strategies: StrategyRegistry) {
    this.#book = new LedgerBook(host.tables);
    this.#context = new RepairContext(host, strategies, this.#book);
    this.#sessions = new Sessions(this.#context);
    this.#lateMarks = new LateMarks(this.#context);
    this.#snapshots = new Snapshots(this.#context, this.#lateMarks);
    this.#consistent = new CoordinatorSessions(this.#context);
    this.#locals = new LocalSessions(this.#context);
    this.#locals.onFinalized = (local) => this.#sessions.incrementalFinished(local);
    this.#validations = new Validations(this.#context, {
      snapshots: this.#snapshots,
      locals: this.#locals,
      lateMarks: this.#lateMarks,
    });
    this.#streams = new Streams(this.#context);
    this.#sessions.onFailed = (session) => this.#streams.abortLocal(session);
    const parts = {
      sessions: this.#sessions,
      snapshots: this.#snapshots,
      consistent: this.#consistent,
      lateMarks: this.#lateMarks,
    };
    this.#commands = new Commands(this.#context, parts);
    this.#define();
  }

  /** Starts one command on a node and returns its id; `text` is the command as people write it. Its end is the event
   * `REPAIR_EVENT.commandEnded` (a = id, b = `entry`), whether it failed or not. */
  start(entry: number, entryId: string, node: number, options: PlanRepairOptions, text = ''): number {
    return this.ask({ entry, entryId, node, options, text });
  }

  /** The same, also for a list of ranges. */
  ask(asked: Omit<CommandOptions, 'keyspacesBefore'>): number {
    return this.#commands.start({ ...asked, keyspacesBefore: 0 });
  }

  /** Ends a command from outside; its end is told as that of a failed one. */
  terminate(command: number): void {
    this.#commands.terminate(command);
  }

  /** Did a command that has ended fail? To be asked once. */
  takeFailed(command: number): boolean {
    const { ended } = this.#context.state;
    const hasFailed = ended.get(command) ?? false;
    ended.delete(command);
    return hasFailed;
  }

  /** Does the node coordinate a repair, or take part in one? */
  isRepairing(node: number): boolean {
    for (const command of this.#context.state.commands.values())
      if (command.node === node || command.participants.includes(node)) return true;
    return false;
  }

  /** A run of an entry that repeats, or that is repaired in segments, begins. */
  beginRun(entry: number, run: { id: string; strategy: string; command: string; segments: number }): void {
    this.#book.beginRun(entry, { ...run, atMicros: this.#context.now });
  }

  noteSegment(entry: number, what: SegmentCount): void {
    this.#book.noteSegment(entry, what);
  }

  endRun(entry: number, hasFailed: boolean): void {
    this.#book.endRun(entry, { atMicros: this.#context.now, hasFailed });
  }

  /** Costs of an entry until now, as a copy; null if none of its commands has begun (see `emptyLedger`). */
  ledger(entry: number): RepairLedger | null {
    return this.#book.copyOf(entry);
  }

  /** The costs of all entries, for whoever repairs beside the commands of the database. */
  get book(): LedgerBook {
    return this.#book;
  }

  /** Commands, sessions and what belongs to them, as they are now: to look at, never to change. */
  get state(): Readonly<RepairState> {
    return this.#context.state;
  }

  /** Commands, of all entries, that have not ended. */
  get runningCommands(): number {
    return this.#context.state.commands.size;
  }

  /** What runs that an incremental session has set apart on a node are by now: null while it is open, else their
   * repairedAt, 0 for unrepaired. For whoever marks them. */
  outcomeOf(node: number, session: number): number | null {
    return this.#locals.outcome(node, session);
  }

  /** Runs of a node were set apart for an incremental session. */
  noteSetApart(node: number, session: number, done: SetApart): void {
    this.#locals.charge(node, session, done);
    this.#lateMarks.charge(node, session, done);
  }

  /** A node left after it had announced its shutdown (cassandra.b24). Tell this before anyone marks it down. */
  nodeStopped(node: number): void {
    this.#context.state.stopped[node] = true;
    this.algorithms?.nodeGone(node, { isClean: true });
    this.#locals.failOpen(node);
    this.#nodeGone(node, { announced: true });
  }

  /** A node's process ended without a word. */
  nodeCrashed(node: number): void {
    this.#context.state.stopped[node] = false;
    this.algorithms?.nodeGone(node, { isClean: false });
    this.#nodeGone(node, { announced: false });
  }

  /** A node is back, in a new incarnation: its ephemeral snapshots go, and sessions that count on its former life fail. */
  nodeStarted(node: number): void {
    this.#context.state.stopped[node] = false;
    this.#snapshots.releaseAll(node);
    this.#locals.failOpen(node);
    this.#sessions.participantLost(node, { observer: null, restarted: true });
    this.#lateMarks.participantLost(node, null);
  }

  /** A paused node goes on: its jobs with it, but connections that waited for too long are broken. */
  nodeResumed(node: number, pausedMicros: number): void {
    this.#streams.nodeResumed(node, pausedMicros);
  }

  /** The observer's failure detector now holds the peer for dead. */
  markedDown(observer: number, peer: number): void {
    // cassandra.b24: after a shutdown message phi is 8, below what repair listens to.
    if (this.#context.state.stopped[peer]) this.#context.mark('cassandra.b24');
    else {
      this.#sessions.participantLost(peer, { observer, restarted: false });
      this.#lateMarks.participantLost(peer, observer);
      this.#commands.coordinatorConvicted(observer, peer);
    }
  }

  save(): RepairManagerState {
    return { state: this.#context.save(), ledgers: this.#book.save() };
  }

  load(saved: RepairManagerState): void {
    this.#context.load(saved.state);
    this.#book.load(saved.ledgers);
  }

  #nodeGone(node: number, options: { announced: boolean }): void {
    this.#streams.nodeGone(node, options);
    this.#validations.nodeGone(node);
    this.#snapshots.nodeGone(node);
    this.#lateMarks.nodeGone(node);
    this.#commands.coordinatorGone(node);
  }

  #define(): void {
    const commands = this.#commands;
    const sessions = this.#sessions;
    this.#on('prepareArrives', (operands) => commands.prepareArrives(operands));
    this.#on('prepareAcked', (operands) => commands.prepareAcked(operands));
    this.#on('prepareTimedOut', ({ a }) => commands.prepareTimedOut(a));
    this.#on('snapshotArrives', (operands) => this.#snapshots.request(operands));
    this.#on('snapshotFlushed', ({ a }) => this.#snapshots.flushed(a));
    this.#on('snapshotAcked', (operands) => sessions.snapshotAcked(operands));
    this.#on('snapshotTimedOut', (operands) => sessions.snapshotTimedOut(operands));
    this.#on('validationArrives', (operands) => this.#validations.request(operands));
    this.#on('validationAcked', (operands) => sessions.validationAcked(operands));
    this.#on('validationTimedOut', (operands) => sessions.validationTimedOut(operands));
    this.#on('validationFlushed', ({ a }) => this.#validations.flushed(a));
    this.#on('validationRead', ({ a }) => this.#validations.read(a));
    this.#on('summaryArrives', (operands) => sessions.summaryArrives(operands));
    this.#on('validationRefused', (operands) => sessions.validationRefused(operands));
    this.#on('syncArrives', ({ a }) => this.#streams.begin(a));
    this.#on('syncAcked', ({ a }) => sessions.syncAcked(a));
    this.#on('syncTimedOut', ({ a }) => sessions.syncTimedOut(a));
    this.#on('syncFlushed', (operands) => this.#streams.flushed(operands));
    this.#on('streamEnded', (operands) => this.#streams.ended(operands));
    this.#on('syncAnswered', (operands) => sessions.syncAnswered(operands));
    this.#on('markingArrives', (operands) => this.#lateMarks.arrives(operands));
    this.#on('runsMarked', ({ a }) => this.#lateMarks.done(a));
    this.#on('markingAnswered', (operands) => this.#lateMarks.answered(operands));
    this.#on('markingTimedOut', ({ a }) => this.#lateMarks.timedOut(a));
    this.#on('sessionEnded', ({ a }) => commands.sessionEnded(a));
    this.#on('cleanupArrives', (operands) => commands.cleanupArrives(operands));
    this.#defineConsistent();
  }

  #defineConsistent(): void {
    const consistent = this.#consistent;
    const locals = this.#locals;
    this.#on('consistentPrepareArrives', (operands) => locals.prepareArrives(operands));
    this.#on('siloFlushed', (operands) => locals.hold(operands));
    this.#on('siloHeld', (operands) => locals.hold(operands));
    this.#on('siloDone', (operands) => locals.siloDone(operands));
    this.#on('consistentPrepared', (operands) => consistent.prepared(operands));
    this.#on('finalizeProposed', (operands) => locals.proposed(operands));
    this.#on('finalizePromised', (operands) => consistent.promised(operands));
    this.#on('finalizeCommitted', (operands) => locals.committed(operands));
    this.#on('consistentFailed', (operands) => locals.failed(operands));
    this.#on('participantFailed', (operands) => consistent.participantFailed(operands));
    this.#on('housekeepingDue', (operands) => locals.housekeeping(operands));
    this.#on('statusAsked', (operands) => locals.statusAsked(operands));
    this.#on('statusAnswered', (operands) => locals.statusAnswered(operands));
  }

  #on(name: keyof typeof REPAIR_EVENT, handle: (operands: Operands) => void): void {
    this.#context.host.kernel.define(REPAIR_EVENT[name], name, TIMER_CLASS, (a, b) => {
      handle({ a, b });
      this.onLooked?.();
    });
  }
}
