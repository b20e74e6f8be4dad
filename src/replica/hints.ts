/**
 * Hinted handoff as in Cassandra 4.1: whether a hint is made (cassandra.e4), when it reaches a file (e9), when and how
 * fast it is delivered (e13-e15), when it is too old (e17), what a crash of its coordinator takes (e11). A page is
 * delivered as one event: its hints arrive together, after the time that the throttle gives it.
 */
import { CAUSE, STATE, VIA } from '../data/causes.ts';
import { leastGcGrace } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import { EVENT } from './event-kinds.ts';
import { copyOf, HintMoves, ORIGIN_UNIT, originOf } from './hint-moves.ts';
import { HintStore, type HintFile, type StoredHint } from './hint-store.ts';
import type { HintAddress, HintCounts, HintOptions, HintPage, HintsState } from './hint-types.ts';
import { DIRECTION } from './links.ts';
import type { HintSink } from './write-path.ts';

/** Delivery is looked at this often (cassandra.e13). */
const TICK_MICROS = 10_000_000;
/** First attempt number of the messages that carry hints: those of clients are below it. */
const HINT_ATTEMPTS = 256;
/** Bytes of one page (cassandra.e14). */
const PAGE_BYTES = 512 * 1024;
/** Bytes a hint takes beside its mutation: descriptor, checksums, creation time, gc_grace. */
const HINT_OVERHEAD_BYTES = 32;
const TRICKLE_BYTES = 10 * 1024 * 1024;
export class Hints implements HintSink {
  readonly counts: HintCounts = {
    enqueued: 0,
    delivered: 0,
    expired: 0,
    lost: 0,
    refused_window: 0,
    refused_size: 0,
    refused_off: 0,
    delivered_bytes: 0,
    aborted_pages: 0,
    repeated: 0,
  };
  /** What becomes of hints where nodes come and go. */
  readonly moves: HintMoves;
  readonly #o: HintOptions;
  /** Stores by coordinator * nodes + target; made when first needed. */
  #stores = new Map<number, HintStore>();
  #pages = new Map<number, HintPage>();
  /** Stores whose dispatch waits for a thread, oldest first. */
  #waiting: number[] = [];

  constructor(options: HintOptions) {
    this.#o = options;
    this.moves = new HintMoves(options, {
      counts: this.counts,
      takeAll: (node, target) => this.#takeAll(node, target),
      store: (node, target, { entry, created }) =>
        this.#store(node, target).add(entry, this.#bytesOf(entry | 0), created),
      add: (address, version, copy, fate) => this.#add(address, version, copy, fate),
      miss: (version, target, copy, detail) => this.#miss(version, target, copy, detail),
      tell: (kind, node, target, hints) => this.#tell(kind, node, target, hints),
      bytesOf: (version) => this.#bytesOf(version),
    });
  }

  /** Start the timers of every node. */
  start(): void {
    for (let node = 0; node < this.#o.cluster.count; node += 1) this.startTimers(node);
  }

  startTimers(node: number): void {
    const { kernel, settings, cluster } = this.#o;
    kernel.schedule(kernel.now + settings.flushMicros, EVENT.hintsFlush, node, cluster.incarnation[node]);
    kernel.schedule(kernel.now + TICK_MICROS, EVENT.hintsTick, node, cluster.incarnation[node]);
  }

  pendingCount(): number {
    let count = 0;
    for (const store of this.#stores.values()) count += store.pendingCount;
    return count;
  }

  pendingBytes(): number {
    let bytes = 0;
    for (const store of this.#stores.values()) bytes += store.diskBytes + store.bufferBytes;
    return bytes;
  }

  // ---------------------------------------------------------------- storing

  offer(coordinator: number, target: number, version: number, copy: number, fate: number): boolean {
    const { kernel, rules } = this.#o;
    rules.mark('cassandra.e2');
    const refusal = this.#isGone(target) ? CAUSE.hintLost : this.#refusal(coordinator, target);
    if (refusal !== 0) {
      this.#miss(version, target, copy, refusal | (STATE.latent << 6) | (fate & ~255));
      return false;
    }
    this.#add({ coordinator, target, createdMicros: kernel.now }, version, copy, fate);
    return true;
  }

  /** Its host id belongs to nobody: it was removed, or replaced (cassandra.e4). */
  #isGone(target: number): boolean {
    const { cluster } = this.#o;
    if (cluster.present[target] === 1) return false;
    this.counts.refused_off += 1;
    return true;
  }

  /** A hint that nothing refuses: the batchlog makes them, as old as its batch. */
  keep(hint: HintAddress, version: number, copy: number, fate: number): void {
    const { rules } = this.#o;
    rules.mark('cassandra.e2');
    if (!rules.isOff('cassandra.e2')) this.#add(hint, version, copy, fate);
    else this.#miss(version, hint.target, copy, CAUSE.hintsOff | (STATE.latent << 6) | (fate & ~255));
  }

  #add({ coordinator, target, createdMicros }: HintAddress, version: number, copy: number, fate: number): void {
    this.counts.enqueued += 1;
    const entry = version + (fate >> 8) * ORIGIN_UNIT;
    this.#store(coordinator, target).add(entry, this.#bytesOf(version), createdMicros);
    this.#miss(version, target, copy, (fate & 63) | (STATE.hintPending << 6) | (fate & ~255));
  }

  /** 0 = a hint may be made; else the cause why not (order of cassandra.e4). */
  #refusal(coordinator: number, target: number): number {
    const { settings, switches, rules, cluster } = this.#o;
    if (!switches.stores(coordinator, cluster.dcOf[target]) || rules.isOff('cassandra.e2')) {
      this.counts.refused_off += 1;
      return CAUSE.hintsOff;
    }
    if (!rules.isOff('cassandra.e4') && this.#windowPassed(coordinator, target)) {
      rules.mark('cassandra.e4');
      this.counts.refused_window += 1;
      return CAUSE.hintWindowPassed;
    }
    if (settings.sizeMaxBytes > 0 && this.#store(coordinator, target).diskBytes > settings.sizeMaxBytes) {
      rules.mark('cassandra.e4');
      this.counts.refused_size += 1;
      return CAUSE.hintQueueFull;
    }
    return 0;
  }

  /** Down too long by this coordinator's own clock, or its oldest hint too old (cassandra.e4, e5). */
  #windowPassed(coordinator: number, target: number): boolean {
    const { cluster, settings, switches, kernel, rules } = this.#o;
    const { windowMicros } = switches.of(coordinator);
    const pair = coordinator * cluster.count + target;
    if (cluster.seen[pair] === 0 && kernel.now - cluster.downSince[pair] > windowMicros) {
      rules.mark('cassandra.e5');
      return true;
    }
    if (!settings.windowPersistent) return false;
    return kernel.now - this.#store(coordinator, target).oldestMicros > windowMicros;
  }

  // ---------------------------------------------------------------- timers

  /** Handler: buffers go to files, without fsync. */
  flushDue(node: number, incarnation: number): void {
    const { kernel, cluster, settings, trace } = this.#o;
    if (cluster.incarnation[node] !== incarnation || cluster.running[node] === 0) return;
    if (this.#standsStill(EVENT.hintsFlush, node, node)) return;
    for (let target = 0; target < cluster.count; target += 1) {
      const store = this.#stores.get(node * cluster.count + target);
      if (store === undefined || store.buffer.length === 0) continue;
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
    kernel.schedule(kernel.now + TICK_MICROS, EVENT.hintsTick, node, incarnation);
    if (this.#isPaused(node)) return;
    for (let target = 0; target < cluster.count; target += 1) {
      const store = this.#stores.get(node * cluster.count + target);
      if (store === undefined || store.dispatching || store.isEmpty()) continue;
      if (cluster.seen[node * cluster.count + target] === 0) continue;
      rules.mark('cassandra.e13');
      if (store.hasClosedFile()) this.#dispatch(node, target, store);
      if (store.openFile !== undefined) this.#close(node, target, store);
    }
  }

  /** nodetool pausehandoff: no dispatch begins, and one under way ends with its page. */
  #isPaused(node: number): boolean {
    const { switches, rules } = this.#o;
    if (!switches.isPaused(node) || rules.isOff('cassandra.e20')) return false;
    rules.mark('cassandra.e20');
    return true;
  }

  /** nodetool truncatehints: the files that wait for delivery are deleted, for one target or for all; the file that is being
   * written and what is in memory stay. */
  truncate(node: number, targets: readonly number[], origin: number): void {
    const { rules } = this.#o;
    rules.mark('cassandra.e20-truncate');
    for (const target of targets) {
      const store = this.#stores.get(node * this.#o.cluster.count + target);
      if (store === undefined) continue;
      const lost = store.dropClosed();
      this.#tell(RECORD.hintsDropped, node, target, lost.length);
      this.#loseHints(target, lost, origin);
    }
  }

  /** Hints that are gone with whatever took them. */
  #loseHints(target: number, entries: readonly number[], origin: number): void {
    const { versions, tables } = this.#o;
    for (const entry of entries) {
      const version = entry | 0;
      this.counts.lost += 1;
      const copy = copyOf(tables[versions.arrays.table[version]], versions.arrays.replicaBase[version], target);
      this.#miss(version, target, copy, CAUSE.hintLost | (STATE.latent << 6) | (origin << 8));
    }
  }

  /** What a paused node has to do it does when it goes on. */
  #standsStill(kind: number, node: number, operand: number): boolean {
    const { kernel, cluster } = this.#o;
    if (cluster.paused[node] === 0) return false;
    kernel.schedule(cluster.pausedUntil[node], kind, operand, cluster.incarnation[node]);
    return true;
  }

  #flush(store: HintStore): void {
    const { settings, rules } = this.#o;
    rules.mark('cassandra.e9');
    store.flush((entry) => this.#bytesOf(entry | 0), {
      fileBytesMax: settings.fileBytesMax,
      trickleBytes: TRICKLE_BYTES,
    });
  }

  /** All hints of a node to their files, synced: before the batchlog drops what they stand for. */
  syncAll(node: number): void {
    const { cluster } = this.#o;
    for (let target = 0; target < cluster.count; target += 1) {
      const store = this.#stores.get(node * cluster.count + target);
      if (store === undefined) continue;
      this.#flush(store);
      store.sync();
    }
  }

  #close(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#o;
    store.close();
    trace.record(kernel.now, RECORD.hintFileClosed, node, 0, store.pendingCount, target, 0);
  }

  // ---------------------------------------------------------------- delivery

  /** The pool has so many threads; further targets wait for one (cassandra.e14). */
  #dispatch(node: number, target: number, store: HintStore): void {
    const { cluster, settings } = this.#o;
    const first = node * cluster.count;
    let busy = 0;
    for (let pair = first; pair < first + cluster.count; pair += 1)
      if (this.#stores.get(pair)?.dispatching && !this.#waiting.includes(pair)) busy += 1;
    store.dispatching = true;
    if (busy >= settings.deliveryThreads) this.#waiting.push(first + target);
    else this.#begin(node, target, store);
  }

  #begin(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#o;
    const left = store.files[0].entries.length - store.files[0].position;
    trace.record(kernel.now, RECORD.hintDispatchStarted, node, 0, left, target, 0);
    this.#sendPage(node, target, store);
  }

  /** A dispatch is over: its thread takes the one that waits longest. */
  #end(node: number, store: HintStore): void {
    const { cluster } = this.#o;
    store.dispatching = false;
    const at = this.#waiting.findIndex((pair) => Math.floor(pair / cluster.count) === node);
    if (at < 0) return;
    const [pair] = this.#waiting.splice(at, 1);
    const next = this.#stores.get(pair);
    if (next !== undefined) this.#begin(node, pair % cluster.count, next);
  }

  /** Put the next page under way: it is there after the time its bytes take through the throttle, and the link. */
  #sendPage(node: number, target: number, store: HintStore): void {
    const { kernel, cluster, settings, switches, rules, writePath } = this.#o;
    const pair = node * cluster.count + target;
    if (cluster.seen[pair] === 0 || this.#isPaused(node)) {
      this.#abort(node, target, store);
      return;
    }
    const file = store.files[0];
    let bytes = 0;
    let count = 0;
    while (file.position + count < file.entries.length && (count === 0 || bytes < PAGE_BYTES)) {
      bytes += this.#bytesOf(file.entries[file.position + count] | 0);
      count += 1;
    }
    rules.mark('cassandra.e14');
    rules.mark('cassandra.e15');
    const share = switches.of(node).throttleBytesPerSecond / Math.max(1, cluster.ringSize - 1);
    const sentMicros = kernel.now + (share > 0 ? Math.ceil((bytes * 1e6) / share) : 0);
    const first = file.entries[file.position] | 0;
    const way = writePath.messages.wayMicros(first, this.#attempt(), node, target, DIRECTION.write);
    const isLate = way > settings.timeoutMicros;
    this.#pages.set(pair, { count: isLate ? 0 : count, sentMicros });
    const at = sentMicros + Math.min(way, settings.timeoutMicros);
    kernel.schedule(at, EVENT.hintPageSent, pair, cluster.incarnation[node]);
  }

  /** Handler: the page arrives, or does not; or its time is over. */
  pageSent(pair: number, incarnation: number): void {
    const { cluster, settings, kernel } = this.#o;
    const node = Math.floor(pair / cluster.count);
    const target = pair % cluster.count;
    const store = this.#stores.get(pair);
    const page = this.#pages.get(pair);
    if (store === undefined || page === undefined) return;
    if (!store.dispatching || cluster.incarnation[node] !== incarnation) return;
    if (this.#standsStill(EVENT.hintPageSent, node, pair)) return;
    const file = store.files[0];
    if (page.count === 0 || cluster.seen[pair] === 0) {
      this.#abort(node, target, store);
      return;
    }
    // Any message lost or late aborts the page, once it was waited for; it is sent again at the next tick, from its start
    // (cassandra.e14).
    if (!cluster.answers(target) || this.#isLossy(node, target, file, page.count)) {
      page.count = 0;
      const at = Math.max(kernel.now, page.sentMicros + settings.timeoutMicros);
      kernel.schedule(at, EVENT.hintPageSent, pair, incarnation);
      return;
    }
    this.#deliver(file, node, target, page.count);
    file.position += page.count;
    this.#tell(RECORD.hintsDelivered, node, target, page.count);
    if (file.position >= file.entries.length) this.#fileDone(node, target, store);
    else this.#sendPage(node, target, store);
  }

  /** Does a hint of the page, or its answer, get lost? Then those that arrived are applied, and come again with the page. */
  #isLossy(node: number, target: number, file: HintFile, count: number): boolean {
    const { cluster, versions, tables, writePath } = this.#o;
    if (cluster.healthy) return false;
    const attempt = this.#attempt();
    const arrived: number[] = [];
    let answers = 0;
    for (let place = file.position; place < file.position + count; place += 1) {
      const version = file.entries[place] | 0;
      if (writePath.messages.lossFate(node, target, version, attempt, DIRECTION.write) !== 0) continue;
      arrived.push(place);
      if (writePath.messages.lossFate(target, node, version, attempt, DIRECTION.ack) === 0) answers += 1;
    }
    if (answers === count) return false;
    for (const place of arrived) {
      const version = file.entries[place] | 0;
      const table = tables[versions.arrays.table[version]];
      if (this.#isExpired(file, place)) continue;
      writePath.messages.apply(target, version, copyOf(table, versions.arrays.replicaBase[version], target), VIA.hint);
    }
    return true;
  }

  /** Number of the attempt for draws: those of clients are below 256; a page that is sent again at a later tick draws anew. */
  #attempt(): number {
    return HINT_ATTEMPTS + Math.floor(this.#o.kernel.now / TICK_MICROS);
  }

  #abort(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#o;
    this.counts.aborted_pages += 1;
    trace.record(kernel.now, RECORD.hintPageAborted, node, 0, store.pendingCount, target, 0);
    this.#end(node, store);
  }

  #fileDone(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#o;
    const file = store.files.shift();
    trace.record(kernel.now, RECORD.hintDispatchFinished, node, 0, file?.entries.length ?? 0, target, 0);
    if (store.hasClosedFile()) this.#sendPage(node, target, store);
    else this.#end(node, store);
  }

  /** cassandra.e17: its life counts from its creation. */
  #isExpired(file: HintFile, place: number): boolean {
    const { kernel, versions, tables, rules } = this.#o;
    const lifeMicros = leastGcGrace(tables[versions.arrays.table[file.entries[place] | 0]], file.created[place]);
    return !rules.isOff('cassandra.e17') && kernel.now - file.created[place] >= lifeMicros;
  }

  #deliver(file: HintFile, node: number, target: number, count: number): void {
    const { kernel, versions, tables, rules, writePath, trace, placements } = this.#o;
    for (let place = file.position; place < file.position + count; place += 1) {
      const version = file.entries[place] | 0;
      const table = tables[versions.arrays.table[version]];
      const copy = copyOf(table, versions.arrays.replicaBase[version], target);
      if (this.#isExpired(file, place)) {
        rules.mark('cassandra.e17');
        this.counts.expired += 1;
        trace.record(kernel.now, RECORD.hintExpired, node, copy, version, target, 0);
        this.#miss(
          version,
          target,
          copy,
          CAUSE.hintExpired | (STATE.latent << 6) | (originOf(file.entries[place]) << 8),
        );
        continue;
      }
      this.counts.delivered += 1;
      this.counts.delivered_bytes += this.#bytesOf(version);
      const isReplica = placements.takesWrites(table, versions.arrays.replicaBase[version] + copy);
      if (isReplica || rules.isOff('cassandra.e16')) writePath.messages.apply(target, version, copy, VIA.hint);
      else this.moves.hintCurrent(file.entries[place], file.created[place], target);
    }
  }

  /** What waits in a store, oldest first; the store is gone, and so is its dispatch. */
  #takeAll(node: number, target: number): StoredHint[] {
    const pair = node * this.#o.cluster.count + target;
    const store = this.#stores.get(pair);
    if (store === undefined) return [];
    const hadThread = store.dispatching && !this.#waiting.includes(pair);
    this.#waiting = this.#waiting.filter((other) => other !== pair);
    this.#stores.delete(pair);
    this.#pages.delete(pair);
    if (hadThread) this.#end(node, store);
    return store.all();
  }

  // ---------------------------------------------------------------- crashes

  /** A graceful stop writes and closes everything. */
  nodeStopped(node: number): void {
    const { cluster } = this.#o;
    for (let target = 0; target < cluster.count; target += 1) {
      const store = this.#stores.get(node * cluster.count + target);
      if (store === undefined) continue;
      this.#flush(store);
      store.close();
      store.dispatching = false;
      this.#rewind(node, target, store);
    }
    this.#waiting = this.#waiting.filter((pair) => Math.floor(pair / cluster.count) !== node);
  }

  nodeCrashed(node: number, powerLoss: boolean, origin: number): void {
    const { cluster, rules } = this.#o;
    this.#waiting = this.#waiting.filter((pair) => Math.floor(pair / cluster.count) !== node);
    for (let target = 0; target < cluster.count; target += 1) {
      const store = this.#stores.get(node * cluster.count + target);
      if (store === undefined) continue;
      if (rules.isOff('cassandra.e11')) {
        this.nodeStopped(node);
        return;
      }
      rules.mark('cassandra.e11');
      this.#rewind(node, target, store);
      const lost = store.lose(powerLoss);
      this.#tell(RECORD.hintsDropped, node, target, lost.length);
      this.#loseHints(target, lost, origin);
    }
  }

  #rewind(node: number, target: number, store: HintStore): void {
    const again = store.forgetProgress();
    this.counts.repeated += again;
    this.#tell(RECORD.hintsRewound, node, target, again);
  }

  /** How many hints that change what is pending, which observers count. */
  #tell(kind: number, node: number, target: number, hints: number): void {
    if (hints > 0) this.#o.trace.record(this.#o.kernel.now, kind, node, 0, hints, target, 0);
  }

  save(): HintsState {
    return {
      stores: [...this.#stores].map(([pair, store]) => [pair, store.save()]),
      counts: { ...this.counts },
      pages: [...this.#pages].map(([pair, page]) => [pair, { ...page }]),
      waiting: [...this.#waiting],
    };
  }

  load(state: HintsState): void {
    this.#stores = new Map(
      state.stores.map(([pair, saved]) => {
        const store = new HintStore();
        store.load(saved);
        return [pair, store];
      }),
    );
    Object.assign(this.counts, state.counts);
    this.#pages = new Map(state.pages.map(([pair, page]) => [pair, { ...page }]));
    this.#waiting = [...state.waiting];
  }

  #store(coordinator: number, target: number): HintStore {
    const pair = coordinator * this.#o.cluster.count + target;
    let store = this.#stores.get(pair);
    if (store === undefined) {
      store = new HintStore();
      this.#stores.set(pair, store);
    }
    return store;
  }

  #bytesOf(version: number): number {
    const { storage, versions } = this.#o;
    return storage.bytesOfEntry(versions.arrays.firstSlot[version], version) + HINT_OVERHEAD_BYTES;
  }

  #miss(version: number, target: number, copy: number, detail: number): void {
    const { trace, kernel, versions, tables } = this.#o;
    const { arrays } = versions;
    const stride = tables[arrays.table[version]].slotsPerRow;
    for (let row = 0; row < arrays.rowCount[version]; row += 1) {
      trace.record(kernel.now, RECORD.missed, target, copy, version, arrays.firstSlot[version] + row * stride, detail);
    }
  }
}
