/**
 * Numbers of the kernel's event kinds that repair uses: 100-149, all of class timer. Unless said otherwise `a` is the id of
 * the thing concerned (command, job, validation or sync) and `b` an index into its replicas or the number of a node.
 */
export const REPAIR_EVENT = {
  // PREPARE: a = command, b = node of the participant
  prepareArrives: 100,
  prepareAcked: 101,
  prepareTimedOut: 102,
  // SNAPSHOT: a = job, b = index of the replica; snapshotFlushed: a = snapshot
  snapshotArrives: 105,
  snapshotFlushed: 106,
  snapshotAcked: 107,
  snapshotTimedOut: 108,
  // VALIDATION: a = job, b = index of the replica; the two in the middle: a = validation
  validationArrives: 110,
  validationAcked: 111,
  validationTimedOut: 112,
  validationFlushed: 113,
  validationRead: 114,
  summaryArrives: 115,
  validationRefused: 116,
  // ANTICOMPACTION_REQUEST, before 4.0: a = command, b = node; runsMarked: a = what was noted; timed out: a = command
  markingArrives: 117,
  runsMarked: 118,
  /** b = twice the node, plus 1 if it went well. */
  markingAnswered: 119,
  markingTimedOut: 126,
  // SYNC: a = sync, b = direction (0: first node to second)
  syncArrives: 120,
  syncAcked: 121,
  syncTimedOut: 122,
  syncFlushed: 123,
  streamEnded: 124,
  /** b = 1: both directions have ended; 0: it failed. */
  syncAnswered: 125,
  /** a = command, b = session. */
  sessionEnded: 129,
  // CLEANUP: a = command, b = node of the participant
  cleanupArrives: 130,
  /** a = command, b = index of the plan entry. For whoever starts the next command: `rounds.ts`. */
  commandEnded: 131,
  /** a = index of the plan entry: the next round of a schedule is due. */
  roundDue: 132,
  // INCREMENTAL: a = command; b = node of the participant, in answers twice that plus 1 for yes
  consistentPrepareArrives: 133,
  consistentPrepared: 134,
  finalizeProposed: 135,
  finalizePromised: 136,
  finalizeCommitted: 137,
  /** To a participant; to the coordinator, where b is the participant whose session has failed. */
  consistentFailed: 138,
  participantFailed: 139,
  // a = local session, b = index of the table
  siloFlushed: 140,
  siloHeld: 141,
  siloDone: 142,
  // a = node; a = local session that asks, b = node asked; a = local session that asked, b = the other's state
  housekeepingDue: 144,
  statusAsked: 145,
  statusAnswered: 146,
  // SCHEDULES: a = index of the plan entry; a = lease of a segment, b = index of the plan entry
  segmentsDue: 147,
  segmentTimedOut: 148,
  segmentRested: 149,
} as const;
