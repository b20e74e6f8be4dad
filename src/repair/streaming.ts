/**
 * Exchange of data between two replicas that differ (cassandra.b10, b13, b14, b27): both flush, choose the sections of
 * their runs that lie in the differing ranges, stream them through the host's throttles, and the receiver makes one new
 * run of each section when the whole stream has arrived. The first of the two leads, or the coordinator where it is one of
 * them. Which entries are sent is the strategy's payload method.
 */
import { RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import { lowerBound } from '../data/runs.ts';
import { NOTHING } from '../data/versions.ts';
import { comparedRuns } from './compared-runs.ts';
import type { RepairContext } from './context.ts';
import type { Operands } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import { measureSection } from './sections.ts';
import { Shared } from './state.ts';
import type { SizedSection, Sync, SyncDirection } from './state.ts';
import type { PayloadSection } from './strategy.ts';

/** A stalled stream, of a repair or of anything else, is looked at every ten seconds, for 300 s in all (cassandra.b27). */
export const STALL_MICROS = 10_000_000;
export const STALLS_MAX = 30;

export class Streams {
  readonly #context: RepairContext;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  /** The request arrives at the node that leads the exchange. */
  begin(id: number): void {
    const context = this.#context;
    const sync = context.state.syncs.get(id);
    if (sync === undefined || sync.hasBegun) return;
    const { table, coordinator } = sync;
    const { leader } = sync;
    sync.hasBegun = true;
    sync.beganMicros = context.now;
    context.mark('cassandra.b10');
    context.post(leader, coordinator, REPAIR_EVENT.syncAcked, { a: id, b: 0 });
    if (!context.host.isRunning(sync.first) || !context.host.isRunning(sync.second)) {
      this.#answer(sync, false);
      return;
    }
    sync.directions.forEach((_direction, index) => {
      // What was set apart was flushed before that.
      if (sync.silo !== 0) this.flushed({ a: id, b: index });
      else context.host.flush(senderOf(sync, index), table, { kind: REPAIR_EVENT.syncFlushed, a: id, b: index });
    });
  }

  /** The sender of a direction has flushed: what it has is in runs. */
  flushed({ a: id, b: index }: Operands): void {
    const context = this.#context;
    const sync = context.state.syncs.get(id);
    if (sync === undefined || sync.directions[index].hasEnded) return;
    const { table, entry, session } = sync;
    const from = senderOf(sync, index);
    const to = senderOf(sync, 1 - index);
    const direction = sync.directions[index];
    const sections = this.#select(sync, index).map((section) => this.#measure(table, section));
    direction.sections = new Shared(sections);
    direction.files = sections.length;
    direction.bytes = sections.reduce((bytes, section) => bytes + section.bytes, 0);
    direction.rows = sections.reduce((rows, section) => rows + section.rows, 0);
    direction.startMicros = context.now;
    context.phase(entry, 'flush', { session, table, node: from, startMicros: sync.beganMicros });
    if (sync.preview !== 'none') this.#estimate(sync, direction);
    if (sync.preview !== 'none' || sections.length === 0) {
      this.#directionDone(sync, index);
      return;
    }
    context.record(RECORD.streamStarted, from, { copy: to, a: session, b: entry, c: direction.rows });
    const completion = { kind: REPAIR_EVENT.streamEnded, a: id, b: index };
    direction.streamJob = context.host.stream({ from, to, bytes: direction.bytes }, completion);
  }

  /** All bytes of a direction have arrived: its sections become runs together. */
  ended({ a: id, b: index }: Operands): void {
    const context = this.#context;
    const sync = context.state.syncs.get(id);
    if (sync === undefined || sync.directions[index].hasEnded) return;
    const { entry, session, table } = sync;
    const from = senderOf(sync, index);
    const to = senderOf(sync, 1 - index);
    const direction = sync.directions[index];
    if (this.#isStalled(sync, index)) return;
    const ledger = context.book.of(entry);
    ledger.sent_bytes += direction.bytes;
    ledger.sent_rows += direction.rows;
    if (context.host.dcOf(from) !== context.host.dcOf(to)) ledger.cross_dc_bytes += direction.bytes;
    const sections = direction.sections?.value ?? [];
    for (const section of sections) this.#receive(sync, to, section, sections);
    context.record(RECORD.streamFinished, from, { copy: to, a: session, b: entry, c: direction.rows });
    context.phase(entry, 'stream', { session, table, node: from, peer: to, startMicros: direction.startMicros });
    this.#directionDone(sync, index);
  }

  /** A node's process has ended. Its streams end; after an announced shutdown the peer sees its connection close
   * (cassandra.b24, b27), after a crash nobody is told and the failure detector decides. */
  nodeGone(node: number, options: { announced: boolean }): void {
    const { state } = this.#context;
    for (const sync of [...state.syncs.values()]) {
      if ((sync.first !== node && sync.second !== node) || !sync.hasBegun) continue;
      if (options.announced && sync.leader !== node) {
        this.#break(sync);
        continue;
      }
      this.#stop(sync);
      state.syncs.delete(sync.id);
    }
  }

  /** A node that stood still goes on. Its streams stood still too; a connection on which nothing moved for
   * internode_streaming_tcp_user_timeout is broken (cassandra.b27). */
  nodeResumed(node: number, pausedMicros: number): void {
    const context = this.#context;
    if (pausedMicros <= STALL_MICROS * STALLS_MAX) return;
    for (const sync of [...context.state.syncs.values()]) {
      if (sync.first !== node && sync.second !== node) continue;
      if (sync.directions.every(({ streamJob }) => streamJob === 0)) continue;
      context.mark('cassandra.b27');
      this.#break(sync);
    }
  }

  /** cassandra.b27: a connection over a cut link waits for it, and breaks after internode_streaming_tcp_user_timeout. Looked
   * at when the last bytes should arrive: a cut that has healed by then has cost nothing. */
  #isStalled(sync: Sync, index: number): boolean {
    const context = this.#context;
    const direction = sync.directions[index];
    direction.streamJob = 0;
    if (context.host.reaches(sync.first, sync.second)) return false;
    context.mark('cassandra.b27');
    direction.stalls += 1;
    if (direction.stalls <= STALLS_MAX) context.after(STALL_MICROS, REPAIR_EVENT.streamEnded, { a: sync.id, b: index });
    else this.#break(sync);
    return true;
  }

  /** The exchange ends as a whole; what has arrived of it stays. */
  #break(sync: Sync): void {
    this.#stop(sync);
    this.#answer(sync, false);
  }

  /** Nothing more is sent. What was went for nothing: a stream that is not whole becomes no run. */
  #stop(sync: Sync): void {
    const { host, book } = this.#context;
    const ledger = book.of(sync.entry);
    for (const direction of sync.directions) {
      if (direction.hasEnded) continue;
      // A stream without a job has sent all, and waits for the last of it to arrive.
      const hasSentAll = direction.streamJob === 0 && direction.stalls > 0;
      const sent = hasSentAll ? direction.bytes : host.cancelJob(direction.streamJob);
      ledger.sent_bytes += sent;
      ledger.sent_for_nothing_bytes += sent;
      if (host.dcOf(sync.first) !== host.dcOf(sync.second)) ledger.cross_dc_bytes += sent;
      direction.streamJob = 0;
      direction.sections = null;
      direction.hasEnded = true;
    }
  }

  /** cassandra.b23, since 5.0: the session has failed; what its coordinator sends and receives ends with it. */
  abortLocal(session: number): void {
    const { state } = this.#context;
    for (const sync of [...state.syncs.values()]) {
      const isLocal = sync.first === sync.coordinator || sync.second === sync.coordinator;
      if (sync.session !== session || !isLocal) continue;
      this.#stop(sync);
      state.syncs.delete(sync.id);
    }
  }

  #select(sync: Sync, index: number): readonly PayloadSection[] {
    const context = this.#context;
    const { host } = context;
    const sender = senderOf(sync, index);
    const receiver = senderOf(sync, 1 - index);
    return context.strategy(sync.strategy).payload.select({
      layout: host.tables[sync.table],
      versions: host.versions,
      rules: host.rules,
      intervals: sync.directions[index].intervals.value,
      senderRuns: this.#runsOf(sync, sender),
      receiverRuns: this.#runsOf(sync, receiver),
      sender,
      receiver,
    });
  }

  #runsOf(sync: Sync, node: number): readonly Run[] {
    const runs = this.#context.host.liveRuns(node, sync.table);
    // A session that has opened since the validation takes its runs out of what is repaired.
    return comparedRuns(this.#context, node, { ...sync, runs }) ?? [];
  }

  /** cassandra.d-preview: what would be sent is only counted. */
  #estimate({ entry }: Sync, { rangeCount, bytes, sections }: SyncDirection): void {
    this.#context.mark('cassandra.d-preview');
    const ledger = this.#context.book.of(entry);
    ledger.estimated_ranges += rangeCount;
    ledger.estimated_sstables += sections?.value.length ?? 0;
    ledger.estimated_bytes += bytes;
  }

  #receive(sync: Sync, node: number, section: SizedSection, all: readonly SizedSection[]): void {
    const context = this.#context;
    const { host, book } = context;
    const { entry, table, silo: pendingRepair, stamp } = sync;
    const { slots, versions, bytes } = section;
    const repairedAt = stamp > 0 ? stamp : section.repairedAt;
    this.#chargeChanges(sync, node, section, all);
    context.mark('cassandra.b14');
    context.mark('cassandra.b15');
    host.receiveRun(node, table, slots, versions, { repairedAt, pendingRepair, origin: entry, bytes });
    book.of(entry).sstables_written += 1;
    book.noteSentSlots(entry, table, slots);
  }

  /** What of a section is newer than what the copy holds, just before it takes it, and than what other sections of the
   * same stream bring: the rest was sent for nothing. */
  #chargeChanges({ entry, table }: Sync, node: number, section: SizedSection, all: readonly SizedSection[]): void {
    const { slots, versions, bytes, rows } = section;
    const { host, book } = this.#context;
    const { slotBase, slotsPerRow } = host.tables[table];
    const before = host.heldVersions(node, table, slots);
    let changedBytes = 0;
    let changedRows = 0;
    let lastRow = -1;
    for (let index = 0; index < slots.length; index += 1) {
      const slot = slots[index];
      const held = before[index];
      if (held !== NOTHING && !host.versions.wins(versions[index], held)) continue;
      if (all.length > 1 && this.#isOutdone(slot, versions[index], section, all)) continue;
      const row = Math.floor((slot - slotBase) / slotsPerRow);
      changedBytes += host.bytesOfEntry(slot, versions[index]);
      if (row !== lastRow) changedRows += 1;
      lastRow = row;
    }
    const ledger = book.of(entry);
    ledger.floor_bytes += changedBytes;
    ledger.healed_copies += changedRows;
    ledger.sent_for_nothing_bytes += bytes - changedBytes;
    ledger.sent_for_nothing_rows += rows - changedRows;
  }

  /** Does another section hold something newer for the slot? */
  #isOutdone(slot: number, version: number, section: SizedSection, all: readonly SizedSection[]): boolean {
    for (const other of all) {
      if (other === section) continue;
      const at = lowerBound(other.slots, slot);
      const found = at < other.slots.length && other.slots[at] === slot;
      if (found && this.#context.host.versions.wins(other.versions[at], version)) return true;
    }
    return false;
  }

  #directionDone(sync: Sync, index: number): void {
    sync.directions[index].hasEnded = true;
    sync.directions[index].sections = null;
    sync.directions[index].streamJob = 0;
    if (sync.directions.every((direction) => direction.hasEnded)) this.#answer(sync, true);
  }

  #measure(table: number, section: PayloadSection): SizedSection {
    const { host } = this.#context;
    return measureSection(host.tables[table], section, (slot, version) => host.bytesOfEntry(slot, version));
  }

  #answer(sync: Sync, succeeded: boolean): void {
    const operands = { a: sync.id, b: succeeded ? 1 : 0 };
    this.#context.post(sync.leader, sync.coordinator, REPAIR_EVENT.syncAnswered, operands);
  }
}

function senderOf(sync: Sync, direction: number): number {
  return direction === 0 ? sync.first : sync.second;
}
