/**
 * Everything that repair remembers between two events, as plain data: commands, sessions, jobs, validations, syncs and
 * snapshots by id (one sequence for all). What is immutable and large is wrapped in `Shared`, so that a snapshot of the
 * world copies the rest and shares these. No behaviour here.
 */
import type { OrdinalInterval } from '../data/build-layout.ts';
import type { Run } from '../data/run.ts';
import type { TokenRange } from '../data/tokens.ts';
import type { PlanRepairOptions, RepairPreview } from '../scenario/plan.ts';
import type { PayloadSection, SessionPlan, Summary } from './strategy.ts';

/** Marks a value that is never changed: copies of the state refer to the same one. */
export class Shared<T> {
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }
}

export interface CommandOptions {
  /** Index of the plan entry, and its id. */
  entry: number;
  entryId: string;
  node: number;
  options: PlanRepairOptions;
  /** The command as people write it, for the ledger. */
  text: string;
  /** How many keyspaces were repaired before this one. */
  keyspacesBefore: number;
  /** Exactly these ranges, whatever the options say; as over JMX, which takes a list where nodetool takes one range. */
  ranges?: readonly TokenRange[];
}

/** One `nodetool repair` (cassandra.b1): a parent session on the node that coordinates it. */
export interface Command {
  id: number;
  /** Index of the plan entry. */
  entry: number;
  node: number;
  incarnation: number;
  strategy: string;
  tables: number[];
  /** What was asked for, and which of its keyspaces this command repairs. */
  asked: Shared<CommandOptions>;
  plans: Shared<readonly SessionPlan[]>;
  /** Were replicas left out because they were down? */
  hasSkippedReplicas: boolean;
  startMicros: number;
  isPrepared: boolean;
  /** The other nodes that take part; per participant, its incarnation when it heard of the command (-1: not yet), and
   * whether its answer has arrived. */
  participants: number[];
  registered: number[];
  acked: boolean[];
  openSessions: number;
  failures: number;
  /** Why the last of them failed; '' before. */
  lastFailure: string;
  /** What this command's SSTables are marked with once it is over, µs; 0 = it marks none at its end (cassandra.c16). */
  stamp: number;
  /** Ranges of its sessions that have succeeded. */
  repaired: Shared<readonly TokenRange[]>;
  /** Nodes that have yet to mark what they hold; null before it has come to that. */
  marking: number[] | null;
  /** Jobs that wait for one of the command's threads, and those that have one (cassandra.b5); in order. */
  waitingJobs: number[];
  activeJobs: number[];
  /** Bytes of the trees that the coordinator holds now. */
  heldBytes: number;
}

export type ConsistentState = 'preparing' | 'prepared' | 'repairing' | 'finalize_promised' | 'finalized' | 'failed';

/** The coordinator's side of an incremental repair (cassandra.c2): in memory only, one a command, with the command's id. */
export interface CoordinatorSession {
  id: number;
  state: ConsistentState;
  /** The neighbours, then the coordinator itself; and how far each is known to be. */
  participants: number[];
  states: ConsistentState[];
  /** Were the participants asked to promise? */
  isProposed: boolean;
  startMicros: number;
}

/** A participant's side (cassandra.c2), in system.repairs: it survives the end of the process. */
export interface LocalSession {
  id: number;
  /** Of the command: what runs carry as `pendingRepair`. */
  session: number;
  entry: number;
  node: number;
  coordinator: number;
  participants: number[];
  tables: number[];
  ranges: Shared<readonly TokenRange[]>;
  /** Stamp that its runs get once it is finalized, µs; 0 = they go back to unrepaired (cassandra.c9). */
  repairedAt: number;
  state: ConsistentState;
  lastUpdateMicros: number;
  startMicros: number;
  /** Tables that have yet to be set apart; attempts to get hold of the runs of each (cassandra.c5). */
  openTables: number;
  attempts: number[];
}

/** Ranges with the same neighbours (cassandra.b3). */
export interface Session {
  id: number;
  command: number;
  ranges: Shared<readonly TokenRange[]>;
  /** Neighbours, then the coordinator (cassandra.b9), with their incarnations when the session began. */
  replicas: number[];
  incarnations: number[];
  jobs: number[];
  openJobs: number;
}

/** One table of one session (cassandra.b4). Arrays run parallel to the session's replicas. */
export interface Job {
  id: number;
  session: number;
  command: number;
  table: number;
  snapshotAcked: boolean[];
  asked: boolean[];
  acked: boolean[];
  answered: boolean[];
  /** Built and on its way, or arrived. */
  summaries: (Shared<Summary> | null)[];
  /** cassandra.a20; -1 until the first request. */
  nowMicros: number;
  /** Pairs of replicas that have been compared. */
  comparedPairs: number;
  openSyncs: number;
}

/** What was unrepaired of one table of a node when a command looked at it for the first time (cassandra.c15). */
export interface NotedRuns {
  id: number;
  command: number;
  entry: number;
  node: number;
  coordinator: number;
  table: number;
  /** Ids of runs. */
  runs: number[];
  /** Is their marking under way, and since when? */
  isMarking: boolean;
  beganMicros: number;
}

/** A job with what it belongs to. */
export interface OpenJob {
  job: Job;
  session: Session;
  command: Command;
}

/** A summary that is being built on a replica. Knows enough to end without its job (a failed session does not stop it). */
export interface Validation {
  id: number;
  job: number;
  /** Index of the replica in the session. */
  index: number;
  session: number;
  command: number;
  entry: number;
  strategy: string;
  node: number;
  incarnation: number;
  coordinator: number;
  table: number;
  /** Session of an incremental repair, whose runs alone are read; 0 = all runs. */
  silo: number;
  /** Are only runs compared that no repair has marked? */
  unrepairedOnly: boolean;
  /** Runs that a preview compares. */
  preview: RepairPreview;
  ranges: Shared<readonly TokenRange[]>;
  nowMicros: number;
  /** Runs of a snapshot; null = live runs after a flush. */
  pinned: Shared<readonly Run[]> | null;
  runs: Shared<readonly Run[]> | null;
  /** What will be sent, from the moment on at which the runs are known: nothing of them changes while they are read. */
  summary: Shared<Summary> | null;
  beganMicros: number;
  readMicros: number;
  readBytes: number;
  /** Host's job; 0 = none. */
  diskJob: number;
}

/** A section with its weight. */
export interface SizedSection extends PayloadSection {
  readonly bytes: number;
  readonly rows: number;
}

export interface SyncDirection {
  /** Token ranges that differ. */
  rangeCount: number;
  /** Partitions whose data are sent: ascending, without overlap. */
  intervals: Shared<readonly OrdinalInterval[]>;
  hasEnded: boolean;
  sections: Shared<readonly SizedSection[]> | null;
  /** Sections that were chosen, also when they are sent. */
  files: number;
  bytes: number;
  rows: number;
  startMicros: number;
  /** Host's job; 0 = none. */
  streamJob: number;
  /** Times that its last bytes were found not to have come through. */
  stalls: number;
}

/** Two replicas that exchange the ranges in which they differ (cassandra.b10); where data flow one way, to the second. */
export interface Sync {
  id: number;
  job: number;
  session: number;
  entry: number;
  strategy: string;
  coordinator: number;
  table: number;
  /** As of a validation. */
  silo: number;
  unrepairedOnly: boolean;
  /** Received runs are marked with it at once, µs; 0 = they keep what the source says (cassandra.b14). */
  stamp: number;
  preview: RepairPreview;
  first: number;
  second: number;
  /** Which of the two opens the exchange. */
  leader: number;
  hasBegun: boolean;
  acked: boolean;
  directions: SyncDirection[];
  beganMicros: number;
}

/** Hard links that one replica holds for one command and table (cassandra.b8). */
export interface Snapshot {
  id: number;
  command: number;
  entry: number;
  session: number;
  coordinator: number;
  node: number;
  table: number;
  ranges: Shared<readonly TokenRange[]>;
  beganMicros: number;
  takenMicros: number;
  runs: Shared<readonly Run[]> | null;
  /** The host's number for it; 0 until taken. */
  hostSnapshot: number;
  /** Jobs, and indices in their sessions, that wait for it. */
  waiting: { job: number; index: number }[];
}

export interface RepairState {
  nextId: number;
  commands: Map<number, Command>;
  sessions: Map<number, Session>;
  jobs: Map<number, Job>;
  validations: Map<number, Validation>;
  syncs: Map<number, Sync>;
  snapshots: Map<number, Snapshot>;
  /** Incremental repairs: by id of the command, and by id of the local session. */
  consistent: Map<number, CoordinatorSession>;
  locals: Map<number, LocalSession>;
  noted: Map<number, NotedRuns>;
  /** By node: is its clean-up of local sessions scheduled? */
  housekeeping: boolean[];
  /** By node: validations that wait for a thread, and those that have one. */
  queued: number[][];
  active: number[][];
  /** By node: did it leave by announcing its shutdown? */
  stopped: boolean[];
  /** Commands that have ended and nobody has asked about yet: did they fail? */
  ended: Map<number, boolean>;
}

export function emptyState(nodeCount: number): RepairState {
  const perNode = <T>(make: () => T): T[] => Array.from({ length: nodeCount }, make);
  return {
    nextId: 1,
    commands: new Map(),
    sessions: new Map(),
    jobs: new Map(),
    validations: new Map(),
    syncs: new Map(),
    snapshots: new Map(),
    consistent: new Map(),
    locals: new Map(),
    noted: new Map(),
    housekeeping: perNode(() => false),
    queued: perNode(() => []),
    active: perNode(() => []),
    stopped: perNode(() => false),
    ended: new Map(),
  };
}

/** A copy that shares nothing that changes. */
export function copyState(state: RepairState): RepairState {
  return copyValue(state);
}

function copyValue<T>(value: T): T;
function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((member: unknown) => copyValue(member));
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, copyValue(member)]));
  if (typeof value !== 'object' || value === null || value instanceof Shared) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyValue(member as unknown)]));
}
