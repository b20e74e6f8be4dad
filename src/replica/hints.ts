/**
 * Hinted handoff: hints are stored (cassandra.e1, e2), reach a file (e9) or, before 3.0, are rows of a table at once (e12),
 * and their delivery begins by a timer (e13) or when their target comes up (e12); what a crash of their coordinator takes
 * (e11, f3). Whether one may be made is `hint-gate.ts`, how they are sent `hint-delivery.ts`.
 */
import { CAUSE, STATE } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { EVENT } from './event-kinds.ts';
import { HintBuffers } from './hint-buffers.ts';
import { HintContext, hintOf, versionOf, type HintOptions } from './hint-context.ts';
import { HintDelivery, TICK_MICROS } from './hint-delivery.ts';
import { hintRefusal, livesNot, refusedBy } from './hint-gate.ts';
import { HintMoves } from './hint-moves.ts';
import { HintStore } from './hint-store.ts';
import type { HintAddress, HintCounts, HintsState } from './hint-types.ts';
import type { HintSink } from './write-path.ts';

/** All targets are looked at this often where hints are rows of a table (cassandra.e12). */
const TABLE_TICK_MICROS = 600_000_000;
const TRICKLE_BYTES = 10 * 1024 * 1024;

export class Hints implements HintSink {
  /** What becomes of hints where nodes come and go. */
  readonly moves: HintMoves;
  readonly #o: HintOptions;
  readonly #context: HintContext;
  readonly #delivery: HintDelivery;
  readonly #buffers: HintBuffers;
  /** Rows of a table, written through the commit log, instead of files. */
  readonly #inTable: boolean;

  constructor(options: HintOptions) {
    this.#o = options;
    this.#context = new HintContext(options);
    this.moves = new HintMoves(this.#context, {
      add: (address, version, copy, fate) => void this.#add(address, version, copy, fate),
      put: (address, entry) => this.#put(address, entry),
      giveUp: (node, target, store) => {
        this.#delivery.giveUp(node, target, store);
        this.#buffers.forget(node, target);
      },
      forget: (lost, of) => this.#forget(lost, of),
    });
    this.#delivery = new HintDelivery(this.#context, this.moves);
    this.#inTable = options.settings.store === 'table';
    this.#buffers = new HintBuffers(this.#context, (node, target, count) => this.#bufferWritten(node, target, count));
  }

  get counts(): HintCounts {
    return this.#context.counts;
  }

  /** Start the timers of every node. */
  start(): void {
    for (let node = 0; node < this.#o.cluster.count; node += 1) this.startTimers(node);
  }

  startTimers(node: number): void {
    const { kernel, settings, cluster } = this.#o;
    const incarnation = cluster.incarnation[node];
    if (this.#inTable) {
      kernel.schedule(kernel.now + TABLE_TICK_MICROS, EVENT.hintsTick, node, incarnation);
      // To a node that starts, whoever it sees comes up.
      for (const [target] of this.#context.storesOf(node)) this.peerUp(node, target);
      return;
    }
    kernel.schedule(kernel.now + settings.flushMicros, EVENT.hintsFlush, node, incarnation);
    kernel.schedule(kernel.now + TICK_MICROS, EVENT.hintsTick, node, incarnation);
  }

  pendingCount(): number {
    let count = 0;
    for (const store of this.#context.stores.values()) count += store.pendingCount;
    return count;
  }

  pendingBytes(): number {
    let bytes = 0;
    for (const store of this.#context.stores.values()) bytes += store.diskBytes + store.bufferBytes;
    return bytes;
  }

  /** What a coordinator keeps for each target: to look at, never to change. */
  storesOf(coordinator: number): Iterable<readonly [number, HintStore]> {
    return this.#context.storesOf(coordinator);
  }

  // ---------------------------------------------------------------- storing

  offer(coordinator: number, target: number, version: number, copy: number, fate: number): boolean {
    const { kernel, rules } = this.#o;
    rules.mark('cassandra.e2');
    const refusal = hintRefusal(this.#context, coordinator, target);
    if (refusal !== 0) {
      const origin = refusal === CAUSE.hintsOff ? this.#offBy(coordinator, target) : 0;
      const behind = origin === 0 ? fate & ~255 : origin << 8;
      this.#context.miss(version, target, copy, refusal | (STATE.latent << 6) | behind);
      return false;
    }
    return this.#add({ coordinator, target, createdMicros: kernel.now }, version, copy, fate);
  }

  /** The operation without which there would be a hint; 0: none. */
  #offBy(coordinator: number, target: number): number {
    const { switches, cluster } = this.#o;
    return switches.offBy(coordinator, cluster.dcOf[target]);
  }

  /** A hint that nothing refuses: the batchlog makes them, as old as its batch. */
  keep(hint: HintAddress, version: number, copy: number, fate: number): void {
    const { rules } = this.#o;
    rules.mark('cassandra.e2');
    if (!rules.isOff('cassandra.e2')) this.#add(hint, version, copy, fate);
    else this.#context.miss(version, hint.target, copy, CAUSE.hintsOff | (STATE.latent << 6) | (fate & ~255));
  }

  #add({ coordinator, target, createdMicros }: HintAddress, version: number, copy: number, fate: number): boolean {
    const context = this.#context;
    if (livesNot(context, version)) {
      context.miss(version, target, copy, CAUSE.hintExpired | (STATE.latent << 6) | (fate & ~255));
      return false;
    }
    context.counts.enqueued += 1;
    this.#put({ coordinator, target, createdMicros }, hintOf(version, fate >> 8));
    context.miss(version, target, copy, (fate & 63) | (STATE.hintPending << 6) | (fate & ~255));
    return true;
  }

  #put({ coordinator, target, createdMicros }: HintAddress, entry: number): void {
    const store = this.#context.store(coordinator, target);
    const bytes = this.#context.bytesOf(versionOf(entry));
    this.#buffers.enter(coordinator, target, bytes);
    if (this.#inTable) store.addRow({ entry, bytes, createdMicros, writtenMicros: this.#o.kernel.now });
    else store.add(entry, bytes, createdMicros);
  }

  /** cassandra.e6: too many hints wait to be written, some for the target, and one could be made for it. */
  overloads(coordinator: number, target: number): boolean {
    if (!this.#buffers.isOverloaded(coordinator, target)) return false;
    return refusedBy(this.#context, coordinator, target) === 0;
  }

  // ---------------------------------------------------------------- timers

  /** Handler: a full buffer is on disk. */
  bufferDue(node: number, serial: number): void {
    this.#buffers.written(node, serial);
  }

  #bufferWritten(node: number, target: number, count: number): void {
    const { trace, kernel } = this.#o;
    trace.record(kernel.now, RECORD.hintsFlushed, node, 0, count, target, 0);
    this.#flush(this.#context.store(node, target), count);
  }

  /** Handler: buffers go to files, without fsync. */
  flushDue(node: number, incarnation: number): void {
    const { kernel, cluster, settings, trace } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    if (this.#standsStill(EVENT.hintsFlush, node, node)) return;
    // One thread writes: while it writes full buffers the present one waits.
    const isBusy = this.#buffers.isBusy(node);
    for (const [target, store] of this.#context.storesOf(node)) {
      if (isBusy || store.buffer.length === 0) continue;
      trace.record(kernel.now, RECORD.hintsFlushed, node, 0, store.buffer.length, target, 0);
      this.#flush(store);
    }
    kernel.schedule(kernel.now + settings.flushMicros, EVENT.hintsFlush, node, incarnation);
  }

  /** Handler: the delivery tick. A store with closed files is dispatched; an open file is closed, and waits for
   * the next tick where no dispatch is under way that comes to it. */
  tickDue(node: number, incarnation: number): void {
    const { kernel, cluster, rules } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    if (this.#standsStill(EVENT.hintsTick, node, node)) return;
    const again = this.#inTable ? TABLE_TICK_MICROS : TICK_MICROS;
    kernel.schedule(kernel.now + again, EVENT.hintsTick, node, incarnation);
    if (this.#context.isPaused(node)) return;
    for (const [target, store] of this.#context.storesOf(node)) {
      if (store.dispatching || store.isEmpty()) continue;
      if (cluster.seen[node * cluster.count + target] === 0) continue;
      rules.mark(this.#inTable ? 'cassandra.e12' : 'cassandra.e13');
      if (store.hasClosedFile()) this.#delivery.dispatch(node, target, store);
      if (store.openFile !== undefined) this.#close(node, target, store);
    }
  }

  /** The node has heard that its peer is up again: rows for it are sent at once (cassandra.e12), files wait for a tick. */
  peerUp(node: number, peer: number): void {
    const { cluster, rules } = this.#o;
    if (!this.#inTable || cluster.running[node] === 0 || cluster.seen[node * cluster.count + peer] === 0) return;
    const store = this.#context.stores.get(node * cluster.count + peer);
    if (store === undefined || store.dispatching || store.isEmpty() || this.#context.isPaused(node)) return;
    rules.mark('cassandra.e12');
    this.#delivery.dispatch(node, peer, store);
  }

  pageSent(pair: number, incarnation: number): void {
    const { cluster } = this.#o;
    const node = Math.floor(pair / cluster.count);
    if (cluster.incarnation[node] !== incarnation) return;
    if (!this.#standsStill(EVENT.hintPageSent, node, pair)) this.#delivery.pageSent(pair, incarnation);
  }

  /** nodetool truncatehints: the files that wait for delivery are deleted, for one target or for all; the file that is being
   * written and what is in memory stay. */
  truncate(node: number, targets: readonly number[], origin: number): void {
    this.#o.rules.mark('cassandra.e20-truncate');
    for (const target of targets) {
      const store = this.#context.stores.get(node * this.#o.cluster.count + target);
      if (store !== undefined) this.#forget(store.dropClosed(), { node, target, origin });
    }
  }

  /** What a paused node has to do it does when it goes on. */
  #standsStill(kind: number, node: number, operand: number): boolean {
    const { kernel, cluster } = this.#o;
    if (cluster.paused[node] === 0) return false;
    kernel.schedule(cluster.pausedUntil[node], kind, operand, cluster.incarnation[node]);
    return true;
  }

  #flush(store: HintStore, count = store.buffer.length): void {
    const { settings, rules } = this.#o;
    rules.mark('cassandra.e9');
    const limits = { fileBytesMax: settings.fileBytesMax, trickleBytes: TRICKLE_BYTES };
    store.flush((entry) => this.#context.bytesOf(versionOf(entry)), limits, count);
  }

  /** All hints of a node to their files, synced: before the batchlog drops what they stand for. */
  syncAll(node: number): void {
    if (this.#inTable) return;
    if (this.#buffers.isBusy(node)) this.#buffers.reset(node);
    for (const [, store] of this.#context.storesOf(node)) {
      this.#flush(store);
      store.sync();
    }
  }

  #close(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#o;
    store.close();
    trace.record(kernel.now, RECORD.hintFileClosed, node, 0, store.pendingCount, target, 0);
  }

  // ---------------------------------------------------------------- crashes

  /** A graceful stop writes and closes everything. */
  nodeStopped(node: number): void {
    this.#buffers.reset(node);
    for (const [target, store] of this.#context.storesOf(node)) {
      if (!this.#inTable) {
        this.#flush(store);
        store.close();
      }
      store.dispatching = false;
      this.#rewind(node, target, store);
    }
    this.#delivery.nodeEnded(node);
  }

  /** `durableMicros`: what the commit log held before then survives, and rows of a table with it. */
  nodeCrashed(node: number, how: { powerLoss: boolean; durableMicros: number; origin: number }): void {
    const { rules } = this.#o;
    if (rules.isOff('cassandra.e11')) {
      this.nodeStopped(node);
      return;
    }
    this.#buffers.reset(node);
    for (const [target, store] of this.#context.storesOf(node)) {
      rules.mark(this.#inTable ? 'cassandra.e12' : 'cassandra.e11');
      this.#rewind(node, target, store);
      const lost = this.#inTable ? store.loseRows(how.durableMicros) : store.lose(how.powerLoss);
      this.#forget(lost, { node, target, origin: how.origin });
    }
    this.#delivery.nodeEnded(node);
  }

  /** What lies on its disk for whomever is gone; what is in memory is not. Returns how many hints. */
  storeLost(node: number, origin: number): number {
    const { cluster } = this.#o;
    let count = 0;
    for (const [target, store] of this.#context.storesOf(node)) {
      const isRunning = cluster.running[node] === 1;
      if (isRunning) this.#delivery.giveUp(node, target, store);
      const lost = store.loseFiles();
      this.#forget(lost, { node, target, origin });
      count += lost.length;
    }
    return count;
  }

  #forget(lost: readonly number[], of: { node: number; target: number; origin: number }): void {
    const context = this.#context;
    context.tell(RECORD.hintsDropped, of.node, of.target, lost.length);
    for (const entry of lost) {
      const version = versionOf(entry);
      context.counts.lost += 1;
      const copy = context.copyOf(version, of.target);
      context.miss(version, of.target, copy, CAUSE.hintLost | (STATE.latent << 6) | (of.origin << 8));
    }
  }

  /** Files are sent from their start again; rows that were sent are deleted. */
  #rewind(node: number, target: number, store: HintStore): void {
    if (this.#inTable) {
      store.dropSent();
      return;
    }
    const again = store.forgetProgress();
    this.counts.repeated += again;
    this.#context.tell(RECORD.hintsRewound, node, target, again);
  }

  save(): HintsState {
    return {
      stores: [...this.#context.stores].map(([pair, store]) => [pair, store.save()]),
      counts: { ...this.counts },
      buffers: this.#buffers.save(),
      ...this.#delivery.save(),
    };
  }

  load(state: HintsState): void {
    this.#context.stores = new Map(
      state.stores.map(([pair, saved]) => {
        const store = new HintStore();
        store.load(saved);
        return [pair, store];
      }),
    );
    Object.assign(this.counts, state.counts);
    this.#buffers.load(state.buffers);
    this.#delivery.load(state);
  }
}
