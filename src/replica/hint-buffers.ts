/**
 * The memory that the hints of each coordinator take (cassandra.e8): a few buffers; one that is full is written to the disk
 * while another is filled, and when all are full hints wait for a place: they are in progress (cassandra.e6). Only counts:
 * the hints themselves lie in the stores, oldest first, those of full buffers before those of the present one, and before
 * those that wait. A flush of the present buffer makes no room in it: only one that was full is used again.
 */
import type { Cluster } from './cluster.ts';
import { EVENT } from './event-kinds.ts';
import { versionOf, type HintContext } from './hint-context.ts';
import type { HintBuffersState, NodeBuffers } from './hint-types.ts';

const BUFFER_BYTES = 32 * 1024 * 1024;
const BUFFERS_MAX = 3;
/** 128 times the cores, of which a machine is taken to have eight. */
const IN_PROGRESS_MAX = 128 * 8;

export class HintBuffers {
  readonly #context: HintContext;
  readonly #isUnlimited: boolean;
  readonly #flush: (node: number, target: number, count: number) => void;
  #nodes: NodeBuffers[];

  /** `flush`: the oldest so many hints in memory for the target are on disk now. */
  constructor(context: HintContext, flush: (node: number, target: number, count: number) => void) {
    const { settings, rules, cluster } = context.o;
    this.#context = context;
    this.#flush = flush;
    this.#isUnlimited = settings.store === 'table' || rules.isOff('cassandra.e8');
    this.#nodes = Array.from({ length: cluster.count }, () => emptyBuffers(cluster.count));
  }

  /** A hint is about to be kept: it has its place, or waits for one. */
  enter(node: number, target: number, bytes: number): void {
    if (this.#isUnlimited) return;
    const buffers = this.#nodes[node];
    if (buffers.waiting.length === 0 && this.#place(node, bytes)) return;
    this.#context.o.rules.mark('cassandra.e8');
    buffers.waiting.push({ target, bytes });
    buffers.waitingFor[target] += 1;
    const { counts } = this.#context;
    if (buffers.waiting.length > counts.in_progress_most) counts.in_progress_most = buffers.waiting.length;
  }

  /** Are full buffers of the node being written? The present one is not flushed meanwhile. */
  isBusy(node: number): boolean {
    return this.#nodes[node].full.length > 0;
  }

  /** Are too many hints in progress, some of them for the target (cassandra.e6)? */
  isOverloaded(node: number, target: number): boolean {
    const { waiting, waitingFor } = this.#nodes[node];
    if (waiting.length <= IN_PROGRESS_MAX || this.#context.o.rules.isOff('cassandra.e6')) return false;
    return waitingFor[target] > 0;
  }

  /** Handler: the oldest full buffer is on disk, and may be filled again. */
  written(node: number, serial: number): void {
    const buffers = this.#nodes[node];
    if (buffers.serial !== serial || buffers.full.length === 0) return;
    const [{ counts }] = buffers.full;
    for (let target = 0; target < counts.length; target += 1)
      if (counts[target] > 0) this.#flush(node, target, counts[target]);
    buffers.full.shift();
    if (buffers.full.length === 0) relieve(this.#context.o.cluster);
    this.#writeNext(node);
    this.#admit(node);
  }

  /** The process ended, or all is on disk: every buffer is empty. */
  reset(node: number): void {
    const { full, job, serial } = this.#nodes[node];
    if (full.length > 0) {
      this.#context.o.disk.cancel(job);
      relieve(this.#context.o.cluster);
    }
    this.#nodes[node] = { ...emptyBuffers(this.#nodes.length), serial: serial + 1 };
  }

  /** Nothing is kept for the target any more. What it took of a buffer is free when that is. */
  forget(node: number, target: number): void {
    const buffers = this.#nodes[node];
    for (const { counts } of buffers.full) counts[target] = 0;
    buffers.waiting = buffers.waiting.filter((hint) => hint.target !== target);
    buffers.waitingFor[target] = 0;
  }

  save(): HintBuffersState {
    return { nodes: this.#nodes.map(copied) };
  }

  load({ nodes }: HintBuffersState): void {
    this.#nodes = nodes.map(copied);
  }

  #place(node: number, bytes: number): boolean {
    const buffers = this.#nodes[node];
    if (buffers.usedBytes + bytes > BUFFER_BYTES) {
      if (buffers.full.length >= BUFFERS_MAX - 1) return false;
      this.#change(node);
    }
    buffers.usedBytes += bytes;
    return true;
  }

  /** The present buffer is full: another one takes its place. */
  #change(node: number): void {
    const { cluster, rules } = this.#context.o;
    const buffers = this.#nodes[node];
    rules.mark('cassandra.e8');
    const counts = zeros(cluster.count);
    let bytes = 0;
    for (const [target, { buffer }] of this.#context.storesOf(node)) {
      const first = buffers.full.reduce((sum, one) => sum + one.counts[target], 0);
      const end = buffer.length - buffers.waitingFor[target];
      for (let place = first; place < end; place += 1) bytes += this.#context.bytesOf(versionOf(buffer[place]));
      counts[target] = Math.max(0, end - first);
    }
    buffers.full.push({ counts, bytes });
    buffers.usedBytes = 0;
    if (buffers.full.length > 1) return;
    cluster.hintPressure += 1;
    cluster.refreshHealthy();
    this.#writeNext(node);
  }

  #writeNext(node: number): void {
    const buffers = this.#nodes[node];
    if (buffers.full.length === 0) return;
    buffers.serial += 1;
    const completion = { kind: EVENT.hintBufferWritten, a: node, b: buffers.serial };
    buffers.job = this.#context.o.disk.write(node, buffers.full[0].bytes, completion);
  }

  /** Those that wait longest take their places. */
  #admit(node: number): void {
    const buffers = this.#nodes[node];
    while (buffers.waiting.length > 0 && this.#place(node, buffers.waiting[0].bytes)) {
      buffers.waitingFor[buffers.waiting[0].target] -= 1;
      buffers.waiting.shift();
    }
  }
}

function relieve(cluster: Cluster): void {
  cluster.hintPressure -= 1;
  cluster.refreshHealthy();
}

function emptyBuffers(nodes: number): NodeBuffers {
  return { usedBytes: 0, full: [], job: 0, serial: 0, waiting: [], waitingFor: zeros(nodes) };
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function copied(buffers: NodeBuffers): NodeBuffers {
  return {
    ...buffers,
    full: buffers.full.map(({ counts, bytes }) => ({ counts: [...counts], bytes })),
    waiting: buffers.waiting.map((hint) => ({ ...hint })),
    waitingFor: [...buffers.waitingFor],
  };
}
