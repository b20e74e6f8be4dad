/**
 * In what the versions of a database differ while they repair, as one value for each difference: the mechanisms of this
 * folder read it and never ask for a version. Which version does what is the dialect's table. What an operator can set is
 * a setting and not here; what a command asks for is its strategy.
 */
import type { TreeDepthRule } from '../data/tree-depth.ts';

export interface RepairBehaviour {
  /** cassandra.a8: how deep a tree is. */
  readonly tree: TreeDepthRule;
  /** cassandra.a20: what has expired is judged at one moment that the coordinator names, or, where summaries are built from
   * snapshots, at the moment of each replica's own. */
  readonly purgeMoment: 'coordinators' | 'snapshots';
  /** cassandra.b3: what one session works on: all ranges with the same neighbours, or one range. */
  readonly sessionPer: 'neighbours' | 'range';
  /** cassandra.b5: does a table hold one of the command's job threads until its exchange has ended? Else all tables of all
   * sessions begin at once. */
  readonly holdsJobThreads: boolean;
  /** cassandra.b6: does the reading of a validation share the throttle of compactions? */
  readonly throttlesValidation: boolean;
  /** cassandra.b7, b8: how long the answers to the first two requests may take, µs; null = as the settings say. */
  readonly prepareMicros: number | null;
  readonly snapshotMicros: number | null;
  /** cassandra.b8: do later tables of a command find the snapshot taken already, and read what is live? */
  readonly snapshotsFirstTableOnly: boolean;
  /** cassandra.b19: is a data centre that nobody knows an error? */
  readonly refusesUnknownDataCenters: boolean;
  /** cassandra.b18, table d: is a range from a token to itself an error of its own, or the whole ring? */
  readonly refusesEqualTokens: boolean;
  /** cassandra.b21: is a range that no other replica has an error, or passed over? */
  readonly refusesUnreplicatedRanges: boolean;
  /** cassandra.b23: does a session that fails end the streams of its coordinator? */
  readonly abortsStreams: boolean;
  /** cassandra.b26: is a request that is not acknowledged given up after a time? Else the repair waits for ever. */
  readonly awaitsAcknowledgements: boolean;
  /** cassandra.c16: of a command that anticompacts at its end. */
  readonly anticompaction: AntiCompactionBehaviour;
}

export interface AntiCompactionBehaviour {
  /** What is done for the sessions that succeeded where another one failed. */
  readonly afterFailure: 'nothing' | 'successful_ranges';
  /** SSTables that are rewritten together. */
  readonly groupSize: number;
}
