/** What foreign algorithms remember between two events: plain data, copied when a world is saved. */
import type { JobAtNode } from './device-work.ts';

/** One comparison of the trees that two replicas have of a range, and the repair of what it finds. */
export interface Exchange {
  readonly id: number;
  readonly entry: number;
  readonly unit: number;
  /** Who began it, and with whom. */
  readonly local: number;
  readonly remote: number;
  readonly startMicros: number;
  /** Rises with everything that it waits for: what comes too late is told by it. */
  serial: number;
  isGranted: boolean;
  level: number;
  pass: number;
  /** Further round of the same exchange (tictac), and how many segments this one repairs. */
  loop: number;
  segmentsMax: number | null;
  isCut: boolean;
  hashes: [Int32Array | null, Int32Array | null];
  isReady: [boolean, boolean];
  /** Cells of the level above that differ; null: there is none. Of this level: what all passes so far found. */
  parents: Int32Array | null;
  found: Int32Array;
  /** What the questions of a level come to: the cells that differ, and of each question how many cells and bytes it takes. */
  answer: { differing: Int32Array; cells: Int32Array; bytes: Int32Array } | null;
  /** Which of the questions of a level, or of those about segments, is under way. */
  question: number;
  /** Messages that were sent since it last waited for something else. */
  sent: number[];
  /** Partitions to repair, ascending, and how many of them are done. */
  keys: number[];
  done: number;
  /** What is asked for now, whom, and what each answered. */
  batch: number[];
  asked: number[];
  contents: (Int32Array | null)[];
  hasArrived: boolean[];
  jobs: JobAtNode[];
}

/** What a replica is to write, on its way to it. */
export interface KeyWrites {
  readonly entry: number;
  readonly unit: number;
  readonly node: number;
  readonly from: number;
  readonly slots: Int32Array;
  readonly versions: Int32Array;
  readonly bytes: number;
  /** Partitions whose tree entry is forced to what is stored. */
  readonly rehashed: readonly number[];
  readonly message: number;
  /** When somebody saw that it was not on its way any more; null: nobody has. */
  missedMicros: number | null;
}

/** What a replica has answered, on its way to who asked. */
export interface KeyAnswer {
  readonly entry: number;
  readonly unit: number;
  readonly slots: Int32Array;
  readonly versions: Int32Array;
  readonly message: number;
  missedMicros: number | null;
}

/** A tree, or several of one vnode, that is made by reading the data. */
export interface Build {
  readonly id: number;
  readonly entry: number;
  readonly node: number;
  readonly units: readonly number[];
  leftBytes: number;
  jobs: JobAtNode[];
}

/** Of one entry. Arrays by node, or by unit × nodes + node. */
export interface AlgorithmState {
  isStopped: boolean;
  isOver: boolean;
  /** Exchanges that a node is to begin: unit and peer. */
  queues: [unit: number, peer: number][][];
  ticks: number[];
  /** When a node may begin to build again. */
  buildMicros: number[];
  isBuilt: Uint8Array;
  /** When the tree was built; for its expiry. */
  builtMicros: Float64Array;
  /** The exchange or build that has the tree; 0 = none. */
  lockedBy: Int32Array;
}

export function emptyState(nodes: number, units: number): AlgorithmState {
  return {
    isStopped: false,
    isOver: false,
    queues: Array.from({ length: nodes }, () => []),
    ticks: Array.from({ length: nodes }, () => 0),
    buildMicros: Array.from({ length: nodes }, () => 0),
    isBuilt: new Uint8Array(units * nodes),
    builtMicros: new Float64Array(units * nodes),
    lockedBy: new Int32Array(units * nodes),
  };
}

export function copyState(state: AlgorithmState): AlgorithmState {
  return {
    ...state,
    queues: state.queues.map((queue) => queue.map(([unit, peer]) => [unit, peer])),
    ticks: [...state.ticks],
    buildMicros: [...state.buildMicros],
    isBuilt: state.isBuilt.slice(),
    builtMicros: state.builtMicros.slice(),
    lockedBy: state.lockedBy.slice(),
  };
}

/** Arrays of numbers that an exchange holds are never changed in place. */
export function copyExchange(exchange: Exchange): Exchange {
  const { hashes, isReady, sent, keys, batch, asked, contents, hasArrived, jobs } = exchange;
  return {
    ...exchange,
    hashes: [hashes[0], hashes[1]],
    isReady: [isReady[0], isReady[1]],
    sent: [...sent],
    keys: [...keys],
    batch: [...batch],
    asked: [...asked],
    contents: [...contents],
    hasArrived: [...hasArrived],
    jobs: jobs.map((job) => ({ ...job })),
  };
}
