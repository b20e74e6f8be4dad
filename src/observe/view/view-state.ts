/**
 * The view state: what of a cluster a person looks at at one moment, as a small tree that Immer keeps: which nodes are up,
 * who sees them down, their jobs, links that are cut, repair sessions with the trees that they compare. Only what changes at
 * a change of regime; what flows (traffic, hints, divergence) is in `levels.ts`. For both databases: parts that a database
 * does not have stay empty.
 */
import type { Plan } from '../../scenario/plan.ts';

export type NodeState = 'up' | 'down' | 'paused' | 'absent';

/** Jobs that run on a node now, by kind. */
export interface NodeJobs {
  flush: number;
  compaction: number;
  validation: number;
  streamOut: number;
  streamIn: number;
  hintDispatch: number;
}

export type JobKind = keyof NodeJobs;

export interface ViewNode {
  state: NodeState;
  /** Numbers of the nodes that see it down. */
  seenDownBy: Record<string, true>;
  /** Of faults in force on it. */
  slowDisk: number;
  skewed: boolean;
  jobs: NodeJobs;
}

/** How many faults in force do this to the link, from one node to another. */
export interface ViewLink {
  cut: number;
  lossy: number;
  slow: number;
}

export type LinkTrouble = keyof ViewLink;

/** Two replicas of a session whose trees were compared last. */
export interface ViewComparison {
  first: number;
  second: number;
  /** Ranges that differ, and pairs of tree nodes visited. */
  differ: number;
  visited: number;
  /** Partitions by ordinal, of the first and the last range that differs; both −1 where none has partitions. */
  from: number;
  to: number;
  /** What differs from `from` to `to` in LEAVES equal parts: a digit each, 0 none, 9 all that a part has most of. */
  leaves: string;
}

export const LEAVES = 64;

export interface ViewStream {
  from: number;
  to: number;
  rows: number;
  over: boolean;
}

export type SessionPhase = 'validating' | 'comparing' | 'streaming' | 'finished' | 'failed';

export interface ViewSession {
  /** Number of the plan entry. */
  origin: number;
  startedMicros: number;
  phase: SessionPhase;
  /** By number of the replica: what it is asked for. */
  replicas: Record<string, 'asked' | 'hashing' | 'hashed'>;
  /** By `first|second`. */
  comparisons: Record<string, ViewComparison>;
  /** By `from>to`. */
  streams: Record<string, ViewStream>;
}

export interface ViewState {
  /** In the order of the plan. */
  nodes: ViewNode[];
  /** Links in trouble, by `from>to`. */
  links: Record<string, ViewLink>;
  /** Sessions under way and the last ones that ended, by number. */
  sessions: Record<string, ViewSession>;
  /** How often each plan entry (repair, operation, change of topology) is under way, by number. */
  running: Record<string, number>;
}

export function initialView(plan: Plan): ViewState {
  return {
    nodes: plan.nodes.map(({ joins }) => ({
      state: joins === undefined ? 'up' : 'absent',
      seenDownBy: {},
      slowDisk: 0,
      skewed: false,
      jobs: noJobs(),
    })),
    links: {},
    sessions: {},
    running: {},
  };
}

export function noJobs(): NodeJobs {
  return { flush: 0, compaction: 0, validation: 0, streamOut: 0, streamIn: 0, hintDispatch: 0 };
}
