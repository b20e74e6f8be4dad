/**
 * The steps of the anti-entropy of shards, as they are told to whoever looks at a run: beside the trace, not in it. Types only;
 * `src/repair/entropy` tells them.
 */

export interface DigestStep {
  kind: 'digestStarted' | 'digestMade';
  node: number;
  bytes: number;
}

/** The next owner's digest comes to the node; without bytes where it is there. */
export interface FetchStep {
  kind: 'fetchStarted' | 'fetchEnded';
  node: number;
  other: number;
  bytes: number;
}

/** A node and the next owner of the list; of each the parts of its digest that the other's has not so. */
export interface ComparedStep {
  kind: 'compared';
  node: number;
  other: number;
  here: number;
  there: number;
}

/** The next owner has nothing of the shard. */
export interface MissingStep {
  kind: 'missing';
  node: number;
  other: number;
}

/** What the next owner's digest lacks. */
export interface SendStep {
  kind: 'sendStarted' | 'sendEnded' | 'sendLost';
  node: number;
  other: number;
  rows: number;
  bytes: number;
  /** The service copies a missing shard by itself. */
  isAutomatic: boolean;
}

export type EntropyStep = (DigestStep | FetchStep | ComparedStep | MissingStep | SendStep) & {
  micros: number;
  /** Index of the shard's table. */
  table: number;
};
