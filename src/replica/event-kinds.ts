/**
 * Numbers of the kernel's event kinds that the replicas use (1-99; repair has 100-149, devices 150-159). At one tick
 * events run by (kind, a, b), so the order of these numbers is part of the model: within the message class a delivery
 * runs before a hint that replaces one, that before the client's answer, that before the expiry. What waited in a paused node
 * comes before all of these.
 */
export const EVENT = {
  // class fault: what changes the fate of messages
  entryStarts: 1,
  entryEnds: 2,
  markDown: 3,
  markUp: 4,
  cutBatch: 5,
  cutBatchSend: 6,
  // class issue: clients send
  arrival: 10,
  reissue: 11,
  batchSend: 12,
  readArrival: 15,
  // class message
  waited: 19,
  delivery: 20,
  hintAtIssue: 21,
  answer: 22,
  expiry: 23,
  clientTimeout: 24,
  batchlogRemoved: 25,
  batchlogArrives: 26,
  logSynced: 27,
  readArrives: 30,
  readAnswers: 31,
  readRepairArrives: 32,
  readRepairAcknowledges: 33,
  readRepairWidens: 34,
  readSpeculates: 35,
  readServed: 36,
  readExpires: 37,
  // class timer
  flushFinished: 40,
  compactionFinished: 41,
  hintsFlush: 42,
  hintsTick: 43,
  hintPageSent: 44,
  batchlogTick: 45,
  controlArrives: 46,
  deliverySorted: 47,
  repairNext: 48,
  sample: 49,
  batchlogReplay: 50,
  batchlogReplayEnds: 51,
  antiCompactionDone: 52,
  compactionTick: 53,
  hintBufferWritten: 54,
  probeReads: 60,
  // topology: a = place among the plan's changes, b = step; a = transfer
  topologyStep: 64,
  rangesFlushed: 65,
  rangesStreamed: 66,
  /** Of class fault: the placement moves on, or back, and a node is gone. */
  topologyEnds: 67,
  // requests of many points. Class issue: a writer's; class message: a = request, b = part << 6 | copy
  requestArrival: 70,
  requestAgain: 71,
  partArrives: 72,
  partAnswered: 73,
  partFails: 74,
  requestTimeout: 75,
  // queues of segments; class message: a = queue, b = its epoch
  handoffArrives: 76,
  handoffDone: 77,
  handoffFails: 78,
  handoffTry: 79,
  handoffPurge: 80,
  coldCache: 81,
  /** Class message: a = statement, b = node. */
  statementArrives: 82,
  // shards' files and anti-entropy, class timer: a = node * tables + table; a = node; a = task
  shardCompaction: 83,
  shardCompacted: 84,
  entropyCheck: 85,
  entropyStep: 86,
  entropySent: 87,
  /** Class timer: a = node, b = its incarnation. */
  retentionCheck: 181,
  /** Class timer: a = node * tables + table, b = file: it is read, or its digest is made. */
  entropyDigest: 183,
  /** Class timer: a = exchange of digests: the next owner's has come. */
  entropyFetched: 226,
  /** Class timer: a = probe. */
  queryDue: 182,
  /** Class message: a = request, b = part << 6 | copy: the append to a queue is on disk. */
  partQueued: 200,
  // Manual repairs, class timer: a = copy; a = entry, b = step
  shardReady: 202,
  shardCopied: 203,
  manualStep: 204,
  /** Class timer: a = queue, b = its epoch: the bytes of a round have passed. */
  handoffSent: 222,
} as const;
