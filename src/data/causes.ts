/**
 * The closed lists that divergence is described with: why a copy differs (cause), whether anything under way
 * will heal it (state), what brought it its present content (via), and how it differs from what clients were
 * promised (wrongness). Each list is the one registry of its names: a number here is the number in trace records
 * and in typed arrays, so numbers are never reused; new entries go at the end.
 */

/** Why a copy does not hold the expected version: the fate that this version met at this copy. */
export const CAUSES = [
  'none',
  'in_flight',
  'node_down',
  'partition',
  'message_lost',
  'timeout',
  'hint_window_passed',
  'hint_expired',
  'hint_queue_full',
  'hint_lost',
  'hints_off',
  'coordinator_lost',
  'lost_before_fsync',
  'partial_batch',
  'rejected_locally',
  'delete_missed',
  'tombstone_purged',
  'arrival_order',
  // A skewed clock never makes copies differ: the older timestamp loses on all of them alike.
  'retired_18',
  'disk_lost',
  'bootstrap_missed',
  'bit_rot',
  'old_data_restored',
  'sstable_lost',
  'loaded_diverged',
  'field_type_conflict',
  'poison_write_dropped',
  // What waited in a queue when it was deleted: it arrived where the delete had been.
  'hint_after_delete',
  // An operator has taken the node out of the cluster: nobody sends it anything, or keeps it for it.
  'node_removed',
] as const;

export type CauseName = (typeof CAUSES)[number];

/** Numbers of the causes that code names; `CAUSES[CAUSE.nodeDown] === 'node_down'`. */
export const CAUSE = {
  none: 0,
  inFlight: 1,
  nodeDown: 2,
  partition: 3,
  messageLost: 4,
  timeout: 5,
  hintWindowPassed: 6,
  hintExpired: 7,
  hintQueueFull: 8,
  hintLost: 9,
  hintsOff: 10,
  coordinatorLost: 11,
  lostBeforeFsync: 12,
  partialBatch: 13,
  rejectedLocally: 14,
  deleteMissed: 15,
  tombstonePurged: 16,
  arrivalOrder: 17,
  diskLost: 19,
  bootstrapMissed: 20,
  bitRot: 21,
  oldDataRestored: 22,
  sstableLost: 23,
  loadedDiverged: 24,
  fieldTypeConflict: 25,
  poisonWriteDropped: 26,
  hintAfterDelete: 27,
  nodeRemoved: 28,
} as const;

/** Is a mechanism under way that will heal the copy by itself? */
export const STATES = ['none', 'in_flight', 'hint_pending', 'latent'] as const;
export type StateName = (typeof STATES)[number];
export const STATE = { none: 0, inFlight: 1, hintPending: 2, latent: 3 } as const;

/** What brought a version to a copy. For `repair` the record carries the id of the repair entry beside it. */
export const VIAS = [
  'late_delivery',
  'hint',
  'read_repair',
  'repair',
  'batchlog',
  'retry',
  'replay',
  'overwritten',
  'expired',
  'purged',
  'lost',
  // The copy does not count any more: its node is no replica of the row.
  'placement',
  // A stream to a node that joins, or takes over from one that leaves.
  'bootstrap',
] as const;
export type ViaName = (typeof VIAS)[number];
export const VIA = {
  delivery: 0,
  hint: 1,
  readRepair: 2,
  repair: 3,
  batchlog: 4,
  retry: 5,
  replay: 6,
  overwritten: 7,
  expired: 8,
  purged: 9,
  lost: 10,
  placement: 11,
  bootstrap: 12,
} as const;

/** How a copy differs from what clients were promised. */
export const WRONGS = ['right', 'stale', 'missing', 'zombie', 'lost'] as const;
export type WrongName = (typeof WRONGS)[number];
export const WRONG = { right: 0, stale: 1, missing: 2, zombie: 3, lost: 4 } as const;

/** What the client of a write was told. */
export const OUTCOMES = ['open', 'success', 'timed_out', 'unavailable', 'failed', 'unknown', 'overloaded'] as const;
export type OutcomeName = (typeof OUTCOMES)[number];
export const OUTCOME = {
  open: 0,
  success: 1,
  timedOut: 2,
  unavailable: 3,
  failed: 4,
  unknown: 5,
  overloaded: 6,
} as const;
