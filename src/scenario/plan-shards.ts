/** Entries of a plan of points by shards beside deletes and anti-entropy: what befalls nodes, and what operators do to shards. */

export type PlanPointFault =
  /** The process ends at the next request that the node coordinates: after its own write, before any other. */
  | { kind: 'panicNode'; nodes: string[]; before: 'remote-write'; for_micros: number | null }
  /** No room is left: whatever is to be written there fails. */
  | { kind: 'fillDisk'; nodes: string[]; for_micros: number | null }
  /** The disk says "synced" at once, and has what it was given on the platter every `lag_micros`. */
  | { kind: 'fakeSyncs'; nodes: string[]; lag_micros: number; for_micros: number | null }
  /** The last append to each queue that the nodes keep for these targets was cut short. */
  | { kind: 'tearQueues'; nodes: string[]; targets: string[] };

/** One command of influxd-ctl; nodes and shards (ids of tables) that there are. */
export type PlanShardStep =
  /** Groups that are written into end so long after it was asked for; the plan's shards say so already. */
  | { do: 'truncateShards'; delay_micros: number }
  | { do: 'copyShard'; from: string; to: string; table: string }
  | { do: 'killCopyShard'; from: string; to: string; table: string }
  | { do: 'removeShard'; node: string; table: string }
  /** A new machine with an empty disk takes the node's place. */
  | { do: 'updateData'; node: string }
  | { do: 'removeData'; node: string }
  | { do: 'killRepair'; table: string }
  /** Into the queues of anti-entropy. */
  | { do: 'entropyRepair'; table: string }
  | { do: 'entropyShow' };

/** An operator's commands, one after the other. The first of `nodes` is where they are typed. */
export interface PlanManualRepair {
  kind: 'repairByHand';
  nodes: string[];
  steps: PlanShardStep[];
  command: string;
}
