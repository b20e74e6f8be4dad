/**
 * Streams of whole ranges from one node to another, for nodes that join, leave or take another's place: the sender flushes,
 * the raw content of its runs in the ranges goes through its stream throttle, links and disks like a repair's, tombstones and
 * repairedAt included (cassandra.g-bootstrap), and becomes runs of the receiver when all of it is there.
 */
import type { OrdinalInterval } from '../data/build-layout.ts';
import { VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { sectionOfRun } from '../data/runs.ts';
import { STALL_MICROS, STALLS_MAX } from '../repair/streaming.ts';
import { measureSection } from '../repair/sections.ts';
import { Shared, type SizedSection } from '../repair/state.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { ClusterRepairHost } from './repair-host.ts';

/** What one node is to send another. */
export interface RangesToSend {
  from: number;
  to: number;
  /** By table: the partitions. */
  parts: readonly { table: number; intervals: readonly OrdinalInterval[] }[];
}

interface Transfer {
  id: number;
  origin: number;
  from: number;
  to: number;
  parts: Shared<RangesToSend['parts']>;
  /** Tables that the sender has not flushed yet. */
  unflushed: number;
  sections: Shared<readonly { table: number; section: SizedSection }[]> | null;
  bytes: number;
  rows: number;
  job: number;
  stalls: number;
}

export interface TransfersState {
  transfers: Transfer[];
  nextId: number;
}

/** What has become of a transfer. */
export interface TransferSink {
  sent(origin: number, of: { from: number; bytes: number; rows: number }): void;
  /** It will never be whole; `bytes` were sent of it. */
  failed(origin: number, of: { from: number; to: number; bytes: number }): void;
}

export class RangeTransfers {
  readonly #host: ClusterRepairHost;
  readonly #sink: TransferSink;
  #transfers = new Map<number, Transfer>();
  #nextId = 1;

  constructor(host: ClusterRepairHost, sink: TransferSink) {
    this.#host = host;
    this.#sink = sink;
  }

  /** Transfers of this origin that go on. */
  openOf(origin: number): number {
    let open = 0;
    for (const transfer of this.#transfers.values()) if (transfer.origin === origin) open += 1;
    return open;
  }

  /** Those of a node that are being sent now: whom it sends to or receives from, and the job that does it (0: all is sent). */
  streamsOf(
    node: number,
  ): { origin: number; from: number; to: number; job: number; files: { table: number; bytes: number }[] }[] {
    return [...this.#transfers.values()]
      .filter(({ from, to, sections }) => (from === node || to === node) && sections !== null)
      .map(({ origin, from, to, job, sections }) => ({
        ...{ origin, from, to, job },
        files: (sections?.value ?? []).map(({ table, section }) => ({ table, bytes: section.bytes })),
      }));
  }

  begin(origin: number, { from, to, parts }: RangesToSend): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#transfers.set(id, {
      id,
      origin,
      from,
      to,
      parts: new Shared(parts),
      unflushed: parts.length,
      sections: null,
      bytes: 0,
      rows: 0,
      job: 0,
      stalls: 0,
    });
    for (const { table } of parts) this.#host.flush(from, table, { kind: EVENT.rangesFlushed, a: id, b: table });
  }

  /** Handler: the sender has flushed one of the tables. */
  flushed(id: number): void {
    const { kernel, trace } = this.#host;
    const transfer = this.#transfers.get(id);
    if (transfer === undefined) return;
    transfer.unflushed -= 1;
    if (transfer.unflushed > 0) return;
    const sections = this.#select(transfer);
    transfer.sections = new Shared(sections);
    for (const { section } of sections) {
      transfer.bytes += section.bytes;
      transfer.rows += section.rows;
    }
    const { from, to, origin, bytes, rows } = transfer;
    trace.record(kernel.now, RECORD.rangesStreamStarted, from, to, 0, origin, rows);
    const completion = { kind: EVENT.rangesStreamed, a: id, b: 0 };
    if (bytes > 0) transfer.job = this.#host.stream({ from, to, bytes }, completion);
    else kernel.schedule(kernel.now, completion.kind, completion.a, completion.b);
  }

  /** Handler: all bytes are there. */
  streamed(id: number): void {
    const { kernel, trace } = this.#host;
    const transfer = this.#transfers.get(id);
    if (transfer === undefined) return;
    const { from, to, origin, bytes, rows } = transfer;
    transfer.job = 0;
    if (!this.#host.reaches(from, to)) {
      this.#stall(transfer);
      return;
    }
    for (const { table, section } of transfer.sections?.value ?? []) {
      const { slots, versions, repairedAt } = section;
      const how = { repairedAt, pendingRepair: 0, origin, bytes: section.bytes, via: VIA.bootstrap };
      this.#host.receiveRun(to, table, slots, versions, how);
    }
    trace.record(kernel.now, RECORD.rangesStreamFinished, from, to, 0, origin, rows);
    this.#transfers.delete(id);
    this.#sink.sent(origin, { from, bytes, rows });
  }

  /** A node's process has ended: what it sent or received ends with it. */
  nodeGone(node: number): void {
    for (const transfer of [...this.#transfers.values()])
      if (this.#transfers.has(transfer.id) && (transfer.from === node || transfer.to === node)) this.#fail(transfer);
  }

  /** Nothing more of this origin is sent. Gives the bytes that were, by sender. */
  cancel(origin: number): { from: number; bytes: number }[] {
    const open = [...this.#transfers.values()].filter((transfer) => transfer.origin === origin);
    return open.map((transfer) => ({ from: transfer.from, bytes: this.#stop(transfer) }));
  }

  save(): TransfersState {
    return { transfers: [...this.#transfers.values()].map((transfer) => ({ ...transfer })), nextId: this.#nextId };
  }

  load(state: TransfersState): void {
    this.#transfers = new Map(state.transfers.map((transfer) => [transfer.id, { ...transfer }]));
    this.#nextId = state.nextId;
  }

  #select({ from, parts }: Transfer): { table: number; section: SizedSection }[] {
    const { tables, versions } = this.#host;
    return parts.value.flatMap(({ table, intervals }) => {
      const layout = tables[table];
      const header = { id: 0, layout, versions, node: from };
      return this.#host.liveRuns(from, table).flatMap((run) => {
        const section = sectionOfRun(header, run, intervals);
        if (section.slots.length === 0) return [];
        const whole = { ...section, repairedAt: run.repairedAt };
        const bytesOf = (slot: number, version: number): number => this.#host.bytesOfEntry(slot, version);
        return [{ table, section: measureSection(layout, whole, bytesOf) }];
      });
    });
  }

  #stall(transfer: Transfer): void {
    const { kernel, rules } = this.#host;
    rules.mark('cassandra.b27');
    transfer.stalls += 1;
    if (transfer.stalls > STALLS_MAX) this.#fail(transfer);
    else kernel.schedule(kernel.now + STALL_MICROS, EVENT.rangesStreamed, transfer.id, 0);
  }

  #fail(transfer: Transfer): void {
    const { from, to, origin } = transfer;
    this.#sink.failed(origin, { from, to, bytes: this.#stop(transfer) });
  }

  #stop({ id, job, stalls, bytes }: Transfer): number {
    this.#transfers.delete(id);
    if (job > 0) return this.#host.cancelJob(job);
    return stalls > 0 ? bytes : 0;
  }
}
