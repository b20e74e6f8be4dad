/**
 * Batches over several partitions. Unlogged: the coordinator judges and sends one mutation after the other, and stops at
 * the first that cannot reach its level (cassandra.e-unlogged). Logged: it judges all, then stores the
 * batch on two other nodes of its data centre (the batchlog), then sends, and has the copies of the log removed when all
 * mutations are acknowledged; each node that still keeps a batch older than twice the write time-out replays it itself
 * (cassandra.e-batchlog, `batchlog-replay.ts`).
 */
import { CAUSE, OUTCOME, STATE } from '../data/causes.ts';
import { bytesOfEntry } from '../data/entry-bytes.ts';
import { RECORD } from '../data/records.ts';
import type { BatchOptions } from './batch-options.ts';
import { BatchlogReplays, type ReplaySink, type ReplaysState } from './batchlog-replay.ts';
import { EVENT } from './event-kinds.ts';
import { DIRECTION } from './links.ts';
import type { Workload } from './workload.ts';
import { NO_NODE, type BatchSink } from './write-path.ts';

/** A node looks for batches to replay when it has been up for RING_DELAY, then every ten seconds. */
const RING_DELAY_MICROS = 30_000_000;
const REPLAY_TICK_MICROS = 10_000_000;
/** Attempt number of the messages that store a batch, for draws. */
const STORE_ATTEMPT = 127;
const HOLDERS = 2;
const COPIES_UNIT = 64;
const INCARNATIONS = 65536;

/** Where a fault cuts a batch: after so many mutations, and so many copies of the next one. */
export interface BatchCut {
  mutations: number;
  copies: number;
  origin: number;
}

interface Batch {
  id: number;
  workload: number;
  first: number;
  size: number;
  /** Mutations before the first that is refused: those that are sent, unless the coordinator dies. */
  sendable: number;
  coordinator: number;
  incarnation: number;
  remaining: number;
  answered: boolean;
  /** Nodes that keep its batchlog, since when, and whether they are replaying it. */
  holders: { node: number; storedAt: number; isReplaying: boolean }[];
  /** Not all nodes that were asked to keep it answered in time: nothing of it is sent. */
  isUnstored: boolean;
  cut: BatchCut | null;
  /** What is issued and not sent yet, version * COPIES_UNIT + copy: it is lost with the last of coordinator and holders. */
  unsent: number[];
}

export interface BatchesState {
  batches: Batch[];
  nextId: number;
  counts: { batches: number; partial_batches: number; replayed_batches: number };
  replays: ReplaysState;
}

export class Batches implements BatchSink, ReplaySink {
  readonly counts = { batches: 0, partial_batches: 0, replayed_batches: 0 };
  readonly #o: BatchOptions;
  readonly replays: BatchlogReplays;
  #batches = new Map<number, Batch>();
  #nextId = 1;

  constructor(options: BatchOptions) {
    this.#o = options;
    this.replays = new BatchlogReplays(options, this);
  }

  startTimers(node: number): void {
    const { kernel, cluster } = this.#o;
    kernel.schedule(kernel.now + RING_DELAY_MICROS, EVENT.batchlogTick, node, cluster.incarnation[node]);
  }

  /** A batch arrives: give its mutations their versions, and send or store. */
  issue(workload: Workload, arrival: number, micros: number, cut: BatchCut | null): void {
    const { versions, writePath, kernel, cluster } = this.#o;
    const size = workload.batch?.size ?? 1;
    const first = versions.count;
    versions.count = first + size;
    const coordinator = writePath.pickCoordinator(workload, arrival * size, 0);
    for (let place = 0; place < size; place += 1) {
      workload.fill(versions, first + place, arrival * size + place);
      writePath.stamp(first + place, coordinator, micros);
    }
    const batch = this.#newBatch({ workload: workload.index, first, size, coordinator }, cut);
    const isLogged = workload.batch?.logged === true;
    const asked = isLogged && coordinator !== NO_NODE ? this.#chooseHolders(coordinator, workload) : [];
    if (coordinator !== NO_NODE && (!isLogged || asked.length > 0)) this.#judge(batch, isLogged);
    if (batch.sendable === 0) {
      this.#refuse(batch);
      this.#recordIssue(batch, size);
      return;
    }
    batch.incarnation = cluster.incarnation[coordinator];
    this.#batches.set(batch.id, batch);
    const delay = isLogged ? this.#store(batch, asked, micros) : 0;
    this.#accept(batch, isLogged);
    if (batch.cut === null) kernel.schedule(micros + delay, EVENT.batchSend, batch.id, 0);
    else kernel.schedule(micros + Math.max(1, delay), EVENT.cutBatchSend, batch.id, 0);
  }

  /** Say what of the batch can spread: what is in a batchlog; without one only what is sent. */
  #accept(batch: Batch, isLogged: boolean): void {
    const { size, sendable, first, cut, unsent } = batch;
    const issued = isLogged || cut === null ? size : Math.min(size, cut.mutations);
    if (cut === null) this.#refuse(batch);
    this.#recordIssue(batch, issued);
    const { workloads, placements, versions } = this.#o;
    const { table } = workloads[batch.workload];
    for (let place = 0; place < Math.min(issued, sendable); place += 1) {
      const base = versions.arrays.replicaBase[first + place];
      for (let copy = 0; copy < table.copies; copy += 1)
        if (placements.takesWrites(table, base + copy)) unsent.push((first + place) * COPIES_UNIT + copy);
    }
  }

  /** How many mutations come before the first that cannot reach its level. A logged batch is sent whole or not at all; of
   * an unlogged one those before it are sent, and where the coordinator was to die later it does not. */
  #judge(batch: Batch, isLogged: boolean): void {
    const { size, cut } = batch;
    let sendable = 0;
    while (sendable < size && this.#enoughLive(batch, batch.first + sendable)) sendable += 1;
    if (sendable < size && isLogged) sendable = 0;
    batch.sendable = sendable;
    if (sendable < size && cut !== null && cut.mutations >= sendable) batch.cut = null;
  }

  #newBatch(of: Pick<Batch, 'workload' | 'first' | 'size' | 'coordinator'>, cut: BatchCut | null): Batch {
    const id = this.#nextId;
    this.#nextId += 1;
    this.counts.batches += 1;
    return {
      ...of,
      id,
      sendable: 0,
      incarnation: 0,
      remaining: of.size,
      answered: false,
      holders: [],
      isUnstored: false,
      cut,
      unsent: [],
    };
  }

  #recordIssue(batch: Batch, count: number): void {
    const { writePath, kernel } = this.#o;
    const coordinator = batch.coordinator === NO_NODE ? 0 : batch.coordinator;
    for (let place = 0; place < count; place += 1)
      writePath.recordIssue(batch.first + place, kernel.now, 0, coordinator);
  }

  cutOf(id: number): BatchCut | null {
    return this.#batches.get(id)?.cut ?? null;
  }

  /** Handler: the batchlog is stored (or there is none); send the mutations. Returns the coordinator to crash where the
   * batch is to be cut, else NO_NODE. */
  send(id: number): number {
    const { kernel, cluster } = this.#o;
    const batch = this.#batches.get(id);
    if (batch === undefined) return NO_NODE;
    if (!this.#isCoordinated(batch)) {
      this.#abandon(batch);
      return NO_NODE;
    }
    if (batch.cut === null && cluster.paused[batch.coordinator] === 1) {
      kernel.schedule(cluster.pausedUntil[batch.coordinator], EVENT.batchSend, id, 0);
      return NO_NODE;
    }
    if (batch.isUnstored) {
      this.mutationExpired(id);
      return batch.cut === null ? NO_NODE : batch.coordinator;
    }
    const whole = batch.cut === null ? batch.sendable : Math.min(batch.size, batch.cut.mutations);
    for (let place = 0; place < whole; place += 1) this.#sendOne(batch, batch.first + place);
    if (batch.cut === null) {
      this.#endOfSending(batch);
      return NO_NODE;
    }
    if (whole < batch.size) this.#sendPart(batch, batch.first + whole);
    for (let place = whole + 1; place < batch.size; place += 1) this.#leaveUnknown(batch.first + place);
    if (whole < batch.size) this.counts.partial_batches += 1;
    return batch.coordinator;
  }

  /** All is sent, or the next mutation is refused, and with it the client's batch: what was sent goes its way. */
  #endOfSending(batch: Batch): void {
    const isRefused = batch.sendable < batch.size;
    if (isRefused) {
      this.#o.rules.mark('cassandra.e-unlogged');
      this.counts.partial_batches += 1;
      if (!batch.answered) this.#tell(batch, OUTCOME.unavailable);
    }
    if (isRefused || (batch.holders.length === 0 && batch.unsent.length > 0)) this.#lose(batch);
  }

  mutationAcknowledged(id: number): void {
    const { kernel, cluster } = this.#o;
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    batch.remaining -= 1;
    if (batch.remaining > 0 || batch.answered) return;
    this.#tell(batch, OUTCOME.success);
    if (batch.holders.length === 0) this.#batches.delete(id);
    else kernel.schedule(kernel.now + 1, EVENT.batchlogRemoved, id, cluster.incarnation[batch.coordinator]);
  }

  mutationExpired(id: number): void {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    if (!batch.answered) this.#tell(batch, OUTCOME.timedOut);
    if (batch.holders.length === 0) this.#lose(batch);
  }

  /** Handler: the copies of the batchlog hear that the batch is complete. */
  removed(id: number): void {
    const { kernel, trace } = this.#o;
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    for (const { node } of batch.holders) trace.record(kernel.now, RECORD.batchRemoved, node, 0, id, 0, 0);
    this.#batches.delete(id);
  }

  /** Handler: a node looks for batches that nobody completed. */
  tickDue(node: number, incarnation: number): void {
    const { kernel, cluster } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    if (cluster.paused[node] === 1) {
      kernel.schedule(cluster.pausedUntil[node], EVENT.batchlogTick, node, incarnation);
      return;
    }
    kernel.schedule(kernel.now + REPLAY_TICK_MICROS, EVENT.batchlogTick, node, incarnation);
    this.#replayDue(node);
  }

  /** One batch after the other, each when the bytes of those before it have passed the throttle. */
  #replayDue(node: number): void {
    const { kernel, cluster, writeTimeoutMicros, replayBytesPerSecond } = this.#o;
    let at = kernel.now;
    for (const batch of this.#batches.values()) {
      const holder = batch.holders.find((candidate) => candidate.node === node);
      if (holder === undefined || holder.isReplaying || kernel.now - holder.storedAt < 2 * writeTimeoutMicros) continue;
      holder.isReplaying = true;
      kernel.schedule(
        at,
        EVENT.batchlogReplay,
        batch.id,
        node * INCARNATIONS + (cluster.incarnation[node] % INCARNATIONS),
      );
      at += Math.ceil((this.#bytesOf(batch) * 1e6) / replayBytesPerSecond);
    }
  }

  /** Handler: its turn has come. b = node and incarnation. */
  replay(id: number, b: number): void {
    const { kernel, cluster, tables, versions, rules } = this.#o;
    const node = Math.floor(b / INCARNATIONS);
    const batch = this.#batches.get(id);
    const isHeld = batch?.holders.some((holder) => holder.node === node && holder.isReplaying) === true;
    if (batch === undefined || !isHeld || cluster.incarnation[node] % INCARNATIONS !== b % INCARNATIONS) return;
    if (cluster.paused[node] === 1) {
      kernel.schedule(cluster.pausedUntil[node], EVENT.batchlogReplay, id, b);
      return;
    }
    rules.mark('cassandra.e-batchlog');
    this.counts.replayed_batches += 1;
    const { issuedAt, table } = versions.arrays;
    // Too old to be sent without bringing back what was deleted since.
    if (kernel.now >= issuedAt[batch.first] + tables[table[batch.first]].gcGraceMicros) this.replayed(id, node);
    else this.replays.begin(batch, node);
  }

  reached(id: number, version: number, copy: number): void {
    const batch = this.#batches.get(id);
    const code = version * COPIES_UNIT + copy;
    if (batch !== undefined) batch.unsent = batch.unsent.filter((other) => other !== code);
  }

  replayed(id: number, node: number): void {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    batch.holders = batch.holders.filter((holder) => holder.node !== node);
    if (batch.holders.length === 0) this.#lose(batch);
  }

  #bytesOf(batch: Batch): number {
    const { versions, tables } = this.#o;
    let bytes = 0;
    for (let version = batch.first; version < batch.first + batch.size; version += 1) {
      const { firstSlot, table } = versions.arrays;
      bytes += bytesOfEntry(tables[table[version]], versions, firstSlot[version], version);
    }
    return bytes;
  }

  /** What a crash takes from the batches: unsent ones of the coordinator, and batchlogs that were not synced. */
  nodeCrashed(node: number, lostSince: number): void {
    for (const batch of [...this.#batches.values()]) {
      batch.holders = batch.holders.filter((holder) => holder.node !== node || holder.storedAt < lostSince);
      for (const holder of batch.holders) if (holder.node === node) holder.isReplaying = false;
      if (batch.coordinator === node && !batch.answered) this.#tell(batch, OUTCOME.unknown);
      // A coordinator that has answered sends nothing more: only what is stored will ever be sent.
      const isGivenUp = batch.answered || !this.#isCoordinated(batch);
      if (batch.holders.length === 0 && isGivenUp) this.#lose(batch, node);
    }
  }

  /** Is the process that coordinates it still there? */
  #isCoordinated({ coordinator, incarnation }: Batch): boolean {
    const { cluster } = this.#o;
    return cluster.running[coordinator] === 1 && cluster.incarnation[coordinator] === incarnation;
  }

  /** Nobody knows of the batch any more: what was not sent of it never will be. */
  #lose(batch: Batch, lastHolder = batch.coordinator): void {
    const { writePath, cluster } = this.#o;
    const detail = CAUSE.coordinatorLost | (STATE.latent << 6) | (cluster.downOrigin[lastHolder] << 8);
    for (const code of batch.unsent)
      writePath.messages.miss(Math.floor(code / COPIES_UNIT), code % COPIES_UNIT, detail);
    this.#batches.delete(batch.id);
  }

  save(): BatchesState {
    return {
      batches: [...this.#batches.values()].map((batch) => ({
        ...batch,
        holders: batch.holders.map((holder) => ({ ...holder })),
        unsent: [...batch.unsent],
      })),
      nextId: this.#nextId,
      counts: { ...this.counts },
      replays: this.replays.save(),
    };
  }

  load(state: BatchesState): void {
    this.#batches = new Map(
      state.batches.map((batch) => {
        const holders = batch.holders.map((holder) => ({ ...holder }));
        return [batch.id, { ...batch, holders, unsent: [...batch.unsent] }];
      }),
    );
    this.#nextId = state.nextId;
    Object.assign(this.counts, state.counts);
    this.replays.load(state.replays);
  }

  /** Can this mutation of the batch reach its level, as the coordinator sees it? */
  #enoughLive(batch: Batch, version: number): boolean {
    const { writePath, workloads } = this.#o;
    return writePath.canReach(workloads[batch.workload], version, batch.coordinator);
  }

  /** The client hears at once that what cannot be sent was not. */
  #refuse(batch: Batch): void {
    const { versions } = this.#o;
    for (let version = batch.first + batch.sendable; version < batch.first + batch.size; version += 1)
      versions.arrays.outcome[version] = OUTCOME.unavailable;
  }

  /** Ask the holders to store; returns how long until all have answered, or until the coordinator gives up, µs. */
  #store(batch: Batch, asked: readonly number[], micros: number): number {
    const { kernel, trace, rules, writePath, cluster, writeTimeoutMicros } = this.#o;
    const { messages, logWaits } = writePath;
    const { first, coordinator } = batch;
    rules.mark('cassandra.e-batchlog');
    let delay = 0;
    for (const node of asked) {
      const between = { version: first, attempt: 0, coordinator, target: node };
      const way = messages.wayMicros(between, DIRECTION.write, micros);
      // What it keeps is in its log before it says so (cassandra.f1).
      const stored = logWaits === null ? micros + way : logWaits.aloneUntil(node, micros + way);
      const back = messages.wayMicros(between, DIRECTION.ack, stored);
      const isLost = messages.lossFate(coordinator, node, first, STORE_ATTEMPT, DIRECTION.write) !== 0;
      const isStored = !isLost && cluster.answers(node) && way <= writeTimeoutMicros;
      const isUnheard = messages.lossFate(node, coordinator, first, STORE_ATTEMPT, DIRECTION.ack) !== 0;
      delay = Math.max(delay, isStored && !isUnheard ? stored - micros + back : Infinity);
      if (!isStored) continue;
      batch.holders.push({ node, storedAt: stored, isReplaying: false });
      trace.record(kernel.now, RECORD.batchStored, node, 0, batch.id, 0, batch.size);
    }
    batch.isUnstored = delay > writeTimeoutMicros;
    return Math.min(delay, writeTimeoutMicros);
  }

  /** Two other live nodes of the data centre, of different racks where there are. Itself where it is alone there, or where
   * no other lives and the level is ANY. */
  #chooseHolders(coordinator: number, { consistency }: Workload): number[] {
    const { cluster } = this.#o;
    const candidates: number[] = [];
    let others = 0;
    for (let step = 1; step < cluster.count; step += 1) {
      const node = (coordinator + step) % cluster.count;
      if (cluster.dcOf[node] !== cluster.dcOf[coordinator] || cluster.joined[node] === 0) continue;
      others += 1;
      if (cluster.seen[coordinator * cluster.count + node] === 1) candidates.push(node);
    }
    if (candidates.length === 0) return others === 0 || consistency.acceptsHint ? [coordinator] : [];
    if (candidates.length <= HOLDERS) return candidates;
    const otherRacks = candidates.filter((node) => cluster.rackOf[node] !== cluster.rackOf[coordinator]);
    const first = otherRacks[0] ?? candidates[0];
    const second =
      otherRacks.find((node) => cluster.rackOf[node] !== cluster.rackOf[first]) ??
      candidates.find((node) => node !== first);
    return second === undefined ? [first] : [first, second];
  }

  #sendOne(batch: Batch, version: number): void {
    const { kernel, writePath, workloads } = this.#o;
    this.#giveUpFormer(batch, version);
    if (writePath.send(workloads[batch.workload], version, 0, batch.coordinator, kernel.now, batch.id))
      this.#noteSent(batch, version, COPIES_UNIT);
    else if (!batch.answered) this.#tell(batch, OUTCOME.timedOut);
  }

  /** Nodes that were replicas when the batch was accepted and are none any more are not sent to. */
  #giveUpFormer(batch: Batch, version: number): void {
    const { placements, versions, workloads, writePath } = this.#o;
    if (placements.isPlain) return;
    const { table } = workloads[batch.workload];
    for (const code of batch.unsent) {
      const copy = code - version * COPIES_UNIT;
      if (copy < 0 || copy >= COPIES_UNIT) continue;
      if (placements.takesWrites(table, versions.arrays.replicaBase[version] + copy)) continue;
      writePath.messages.miss(version, copy, CAUSE.partialBatch | (STATE.latent << 6));
    }
  }

  /** The mutation during which the coordinator dies: some copies are sent, the others never. */
  #sendPart(batch: Batch, version: number): void {
    const { kernel, writePath, workloads } = this.#o;
    const workload = workloads[batch.workload];
    const copies = Math.min(batch.cut?.copies ?? 0, workload.table.copies);
    this.#leaveUnknown(version);
    const logged = batch.holders.length > 0;
    if (copies === 0) return;
    if (!logged) writePath.recordIssue(version, kernel.now, 0, batch.coordinator);
    writePath.sendUnwatched(version, batch.coordinator, copies, batch.id);
    this.#noteSent(batch, version, copies);
    // The batchlog will bring the rest; without one nothing will.
    if (logged) return;
    const detail = CAUSE.partialBatch | (STATE.latent << 6) | ((batch.cut?.origin ?? 0) << 8);
    const base = this.#o.versions.arrays.replicaBase[version];
    for (let copy = copies; copy < workload.table.copies; copy += 1) {
      if (this.#o.placements.takesWrites(workload.table, base + copy)) writePath.messages.miss(version, copy, detail);
    }
  }

  /** The first `copies` copies of the mutation are sent. */
  #noteSent(batch: Batch, version: number, copies: number): void {
    const first = version * COPIES_UNIT;
    batch.unsent = batch.unsent.filter((code) => code < first || code >= first + copies);
  }

  /** Its coordinator dies before it has sent it: the client never hears of it. */
  #leaveUnknown(version: number): void {
    const { versions, writePath } = this.#o;
    versions.arrays.outcome[version] = OUTCOME.unknown;
    writePath.client.counts.unknown += 1;
  }

  #abandon(batch: Batch): void {
    if (!batch.answered) this.#tell(batch, OUTCOME.unknown);
    if (batch.holders.length === 0) this.#lose(batch);
  }

  #tell(batch: Batch, outcome: number): void {
    const { writePath } = this.#o;
    batch.answered = true;
    for (let version = batch.first; version < batch.first + batch.size; version += 1)
      writePath.tellBatch(version, batch.coordinator, outcome);
  }
}
