/**
 * The registry of trace records: what a model says has happened, as fixed-width integer records. Observers and
 * the fingerprint fold over blocks of these and nothing else. Kinds are past tense; numbers are never reused.
 *
 * A record is STRIDE 32-bit words:
 *   0  time, high part   floor(micros / 2^20)
 *   1  time, low 20 bits | kind << 20
 *   2  node (16 bits)    | copy index within the row's replica set << 16 (0 where there is none)
 *   3  a                 usually a version id
 *   4  b                 usually the first slot of the row
 *   5  c                 detail: for fates  cause | state << 6 | origin << 8   (origin = index of a plan entry, 0 = none)
 *                        for deliveries     via | origin << 8                  (origin = the repair's entry)
 *
 * "Row" operands: a mutation that touches several rows (range or partition delete) leaves one record a row.
 */

export const RECORD_STRIDE = 6;

/** Bit of an `applied` record's c: b is one SLOT and only that slot took the version (streamed entries of a table with
 * several slots a row, where the sender may have kept only a part of the mutation). Always so for BASE. */
export const APPLIED_ONE_SLOT = 0x80;

export const RECORD = {
  // --- a version's life; a = version, b = first slot of the row
  /** A coordinator sent the mutation to its replicas. node = coordinator, c = attempt. */
  issued: 1,
  /** The version reached a copy, also if it changed nothing there. node = target, copy index, c = via | origin << 8
   * (| APPLIED_ONE_SLOT). */
  applied: 2,
  /** The version met a fate at this copy and is not there. node = target, copy, c = cause | state << 6 | origin << 8.
   * state hintPending = a hint was stored; latent = nothing will bring it by itself. Also when a hint is lost later. */
  missed: 3,
  /** The client was told. node = coordinator, c = outcome (OUTCOME) | attempt << 8. */
  answered: 4,
  /** The coordinator refused before sending anything (unavailable). node = coordinator, c = outcome | attempt << 8. */
  rejected: 5,
  /** A copy's merged content went back or changed in place: a = version it holds now (0 = nothing), b = SLOT (one slot),
   * c = cause | origin << 8: crash before fsync, damage. */
  reverted: 6,
  /** A tombstone (a) was purged from the copy's slot (b = SLOT). node, copy; a = version that was purged,
   * c = version the copy holds now. */
  purged: 7,

  // --- nodes and links; a = plan entry index (origin) where one is behind it
  nodeCrashed: 16,
  nodeStopped: 17,
  nodeStarted: 18,
  nodePaused: 19,
  nodeResumed: 20,
  /** node = observer, b = the peer it now sees down / up. */
  markedDown: 21,
  markedUp: 22,
  linkCut: 23,
  linkRestored: 24,
  lossStarted: 25,
  lossEnded: 26,
  clockSkewed: 27,
  batchCut: 28,
  rowDamaged: 29,
  logReplayed: 30,

  // --- storage; a = run (sstable) id, b = table index, c = entries
  flushStarted: 40,
  flushFinished: 41,
  compactionStarted: 42,
  compactionFinished: 43,
  snapshotTaken: 44,
  snapshotRemoved: 45,
  /** a = session that the runs now belong to, -1 = repaired, 0 = unrepaired; c = runs. */
  runsMarked: 46,
  /** a = session, c = runs rewritten. */
  antiCompacted: 47,

  // --- hints; node = coordinator that stores, b = target node
  hintsFlushed: 60,
  hintFileClosed: 61,
  hintDispatchStarted: 62,
  hintPageAborted: 63,
  hintDispatchFinished: 64,
  /** a = hints that a crash of the coordinator took, or that went otherwise; c = why (HINTS_DROPPED). */
  hintsDropped: 65,
  /** a = version, b = target: one stored hint ran out (TTL) on the way. */
  hintExpired: 66,
  /** a = hints of a page that have left the store, delivered or expired. */
  hintsDelivered: 67,
  /** a = hints that wait again: how far their file was delivered is forgotten with the process. */
  hintsRewound: 68,

  // --- further faults; a = plan entry index
  /** node = whose disk it is. */
  diskSlowed: 70,
  diskSpeedRestored: 71,
  linkSlowed: 72,
  linkSpeedRestored: 73,
  /** node = coordinator; b = hints that were lost. */
  hintStoreLost: 74,
  /** node; b = slots that held something. */
  diskLost: 75,

  /** As hintsDelivered, of hints that were too old: a = hints, b = target. */
  hintsPurged: 240,

  // --- queries that look on; copy field = number of the probe
  /** node = coordinator, a = whole part of the answer, b = millionths of the rest, c = µs that it took. */
  queryAnswered: 241,
  /** node = coordinator; no owner of some shard answered. */
  queryFailed: 242,
  /** node = owner, a = points that it holds, b = table index; only where that has changed. a = -1: it is an owner no more. */
  ownerCounted: 243,
  /** node = owner, a x 2^20 + b = bytes of its copy, c = table index; only where that has changed. a = -1: as above. */
  shardSized: 244,

  // --- devices
  /** Of a node's device (copy field: DEVICE_KIND) so many bytes a second are in use now: a x 2^20 + b; c = jobs. */
  deviceRate: 90,
  /** Merkle trees take so many bytes of the node's memory now: a x 2^20 + b. */
  treeMemory: 91,

  // --- batchlog; a = batch id
  batchStored: 80,
  batchRemoved: 81,
  batchReplayed: 82,

  // --- repair; a = session id, b = repair entry index, c per kind
  repairStarted: 100,
  repairPrepared: 101,
  /** node = replica, c = number of ranges asked for. */
  validationRequested: 102,
  validationStarted: 103,
  /** node = replica, c = rows hashed. */
  validationFinished: 104,
  treeReceived: 105,
  /** node = first of the pair, copy field = second of the pair (node index), c = ranges that differ. */
  treesCompared: 106,
  /** node = sender, copy field = receiver, c = rows. */
  streamStarted: 107,
  streamFinished: 108,
  sessionFinished: 109,
  sessionFailed: 110,
  repairFinished: 111,
  repairFailed: 112,
  /** node, copy field as in treesCompared, c = pairs of tree nodes that were visited from the top, left before right. */
  treesVisited: 113,
  /** node, copy field as in treesCompared, in the order found; c = ordinal of the first partition in the range, -1 if it
   * holds none. */
  rangeDiffered: 114,

  // --- reads; node = coordinator but where said, copy field = number of the reader, b = first slot of the row
  /** a = number of the read, c = the copies asked, a bit each in natural order; 0: it was refused. */
  readStarted: 140,
  /** A slot of the row as the client sees it; before its readAnswered. a = version, b = SLOT, c = number of the read. */
  readShown: 141,
  /** The client was told. a = number of the read, c = outcome (OUTCOME) | µs since it began << 3. */
  readAnswered: 142,
  /** The answers of a read were not the same. a = number of the read, c = 1 where the client had been told already. */
  digestMismatched: 143,
  /** node = replica that gets what it lacked. a = number of the read, c = the slots of the row, a bit each. */
  readRepairSent: 144,
  /** node = one more replica that was asked. a = number of the read. */
  readSpeculated: 145,

  // --- topology; b = plan entry index (origin)
  /** From now on this epoch of placement holds: a = its number. */
  placementChanged: 160,
  /** An operator's change begins: node = who joins, leaves or is removed (0 where there is none); c = 1: ranges move. */
  topologyStarted: 161,
  /** c = rows that were streamed. */
  topologyFinished: 162,
  /** a = TOPOLOGY_REFUSAL, c = the other node that it is about: the database refused it, and nothing was done. */
  topologyRefused: 163,
  /** c = the other node of the stream that failed: the change stops half-way and stays so. */
  topologyFailed: 164,
  /** node = sender, copy field = receiver, c = rows. */
  rangesStreamStarted: 165,
  rangesStreamFinished: 166,
  /** Hints that a node that leaves hands to another: node = who leaves, a = who takes them, c = hints. */
  hintsTransferred: 167,

  // --- operations; b = plan entry index
  operationBegan: 180,
  operationEnded: 181,
  /** a = table index, c = gc_grace_seconds from now on. */
  gcGraceChanged: 182,
  /** a = table index, c = SSTables. */
  sstablesLost: 183,
  /** a = table index, c = slots that show something else now. */
  oldDataRestored: 184,
  /** Never a record of a run: the name under which the oracle's alarms stand in the time line. */
  zombieSpread: 185,
  /** a = table index, c = slots of copies that differ from the start. */
  loadDiverged: 186,

  // --- foreign algorithms; b = plan entry index
  /** node = who began it, copy field = the other, a = exchange, c = keys that differed. */
  exchangeEnded: 220,
  /** a = trees, c = keys that they have. */
  hashTreesBuilt: 221,

  // --- parts of requests, disks and shards
  /** What an owner was to have did not get there at once. node = coordinator, copy field = owner, a = table index, b = points,
   * c = PART_TROUBLE. */
  partTroubled: 260,
  /** A coordinator's process dies between its own write and the others'. a = entry index. */
  nodePanicked: 261,
  /** node; a = entry index: no room is left on its disk, and there is again. */
  diskFilled: 262,
  diskCleared: 263,
  /** node; a = entry index: its disk says "synced" before anything is, and no longer. */
  syncsFaked: 264,
  syncsHonest: 265,
  /** node = whose queues are torn; a = entry index; b = writes that were lost. */
  queuesTorn: 266,

  // --- owners of shards; b = plan entry index (origin)
  /** From now on these copies of a shard count: a = table index, c = copies, a bit each. */
  shardOwnersChanged: 270,
} as const;

/** Why writes that waited are dropped. */
export const HINTS_DROPPED = { lost: 0, torn: 1, removed: 2, poison: 3 } as const;

/** Why a part of a request did not reach an owner at once. From `queueFull` on nothing keeps it. */
export const PART_TROUBLE = {
  queueNotEmpty: 1,
  unreachable: 2,
  timedOut: 3,
  noSpaceThere: 4,
  queueFull: 5,
  queueBlocked: 6,
  queueNotOpen: 7,
  handoffDisabled: 8,
  noSpace: 9,
  fieldTypeConflict: 10,
  cacheFullThere: 11,
  cacheFull: 12,
  /** Said by the owner itself. */
  shardGone: 13,
} as const;

/** Where a record holds the number of the plan entry behind it (index + 1; 0 = none): nowhere, in a, in b, or in c above its
 * lowest 8 bits. */
export const ORIGIN_PLACE = { none: 0, a: 1, b: 2, upperC: 3 } as const;

type RecordName = keyof typeof RECORD;

const WITH_ORIGIN: readonly [place: number, names: readonly RecordName[]][] = [
  [ORIGIN_PLACE.upperC, ['applied', 'missed', 'reverted']],
  [
    ORIGIN_PLACE.a,
    ['nodeCrashed', 'nodeStopped', 'nodeStarted', 'nodePaused', 'nodeResumed', 'markedDown', 'markedUp'],
  ],
  [ORIGIN_PLACE.a, ['linkCut', 'linkRestored', 'lossStarted', 'lossEnded', 'clockSkewed', 'batchCut', 'rowDamaged']],
  [ORIGIN_PLACE.a, ['logReplayed', 'diskSlowed', 'diskSpeedRestored', 'linkSlowed', 'linkSpeedRestored']],
  [ORIGIN_PLACE.a, ['hintStoreLost', 'diskLost', 'nodePanicked', 'diskFilled', 'diskCleared', 'syncsFaked']],
  [ORIGIN_PLACE.a, ['syncsHonest', 'queuesTorn']],
  [ORIGIN_PLACE.b, ['repairStarted', 'repairPrepared', 'validationRequested', 'validationStarted']],
  [ORIGIN_PLACE.b, ['validationFinished', 'treeReceived', 'treesCompared', 'streamStarted', 'streamFinished']],
  [ORIGIN_PLACE.b, ['sessionFinished', 'sessionFailed', 'repairFinished', 'repairFailed', 'treesVisited']],
  [ORIGIN_PLACE.b, ['rangeDiffered', 'placementChanged', 'topologyStarted', 'topologyFinished', 'topologyRefused']],
  [ORIGIN_PLACE.b, ['topologyFailed', 'rangesStreamStarted', 'rangesStreamFinished', 'hintsTransferred']],
  [ORIGIN_PLACE.b, ['operationBegan', 'operationEnded', 'gcGraceChanged', 'sstablesLost', 'oldDataRestored']],
  [ORIGIN_PLACE.b, ['zombieSpread', 'loadDiverged', 'exchangeEnded', 'hashTreesBuilt', 'shardOwnersChanged']],
];

const ORIGIN_PLACES = new Uint8Array(1 << 12);
for (const [place, names] of WITH_ORIGIN) for (const name of names) ORIGIN_PLACES[RECORD[name]] = place;

export function originPlaceOf(kind: number): number {
  return ORIGIN_PLACES[kind];
}

/** What a fault of the plan does to nodes, links, disks and data, and when it ends. */
export const FAULT_RECORDS: ReadonlySet<number> = new Set([
  ...[RECORD.nodeCrashed, RECORD.nodeStopped, RECORD.nodeStarted, RECORD.nodePaused, RECORD.nodeResumed],
  ...[RECORD.linkCut, RECORD.linkRestored, RECORD.lossStarted, RECORD.lossEnded, RECORD.clockSkewed],
  ...[RECORD.batchCut, RECORD.rowDamaged, RECORD.diskSlowed, RECORD.diskSpeedRestored, RECORD.linkSlowed],
  ...[RECORD.linkSpeedRestored, RECORD.hintStoreLost, RECORD.diskLost, RECORD.sstablesLost, RECORD.oldDataRestored],
  ...[RECORD.nodePanicked, RECORD.diskFilled, RECORD.diskCleared, RECORD.syncsFaked, RECORD.syncsHonest],
  RECORD.queuesTorn,
]);

/** Why the database does not begin a change of topology. */
export const TOPOLOGY_REFUSAL = {
  otherUnderWay: 1,
  sourceDown: 2,
  noSource: 3,
  isUp: 4,
  isDown: 5,
  isAbsent: 6,
  /** As the first, of other changes than nodes that join: what is not modelled. */
  oneAtATime: 7,
} as const;

/** Devices of a node, as records number them. */
export const DEVICE_KIND = {
  diskRead: 0,
  diskWrite: 1,
  linkOut: 2,
  linkIn: 3,
  processor: 4,
  compactionThrottle: 5,
  streamThrottle: 6,
} as const;
export const DEVICE_KINDS = 7;

export type RecordKind = (typeof RECORD)[keyof typeof RECORD];

export const RECORD_NAMES: readonly string[] = Object.entries(RECORD).reduce<string[]>((names, [name, kind]) => {
  names[kind] = name;
  return names;
}, []);
