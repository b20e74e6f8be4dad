/**
 * Delivery of hints (cassandra.e13 to e15, e17; of rows before 3.0 e12): which target has a thread, page after page within
 * the throttle, what a lost message or answer means. A page is delivered as one event: its hints arrive together, after the
 * time that the throttle gives it. When a delivery begins is `hints.ts`, what becomes of a hint that arrives `hint-moves.ts`.
 */
import { VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import { EVENT } from './event-kinds.ts';
import { versionOf, type HintContext } from './hint-context.ts';
import type { HintMoves } from './hint-moves.ts';
import type { HintFile, HintStore } from './hint-store.ts';
import type { HintDeliveryState, HintPage } from './hint-types.ts';
import { DIRECTION } from './links.ts';

/** Delivery is looked at this often (cassandra.e13). */
export const TICK_MICROS = 10_000_000;
/** First attempt number of the messages that carry hints: those of clients are below it. */
const HINT_ATTEMPTS = 256;
/** Bytes of one page of a file (cassandra.e14), and hints of one page of rows (e12). */
const PAGE_BYTES = 512 * 1024;
const PAGE_ROWS = 128;
const KIB = 1024;

export class HintDelivery {
  readonly #context: HintContext;
  readonly #moves: HintMoves;
  #pages = new Map<number, HintPage>();
  /** Stores whose dispatch waits for a thread, oldest first. */
  #waiting: number[] = [];

  constructor(context: HintContext, moves: HintMoves) {
    this.#context = context;
    this.#moves = moves;
  }

  /** The pool has so many threads; further targets wait for one (cassandra.e14). */
  dispatch(node: number, target: number, store: HintStore): void {
    const { cluster, settings } = this.#context.o;
    const first = node * cluster.count;
    let busy = 0;
    for (const [other, { dispatching }] of this.#context.storesOf(node))
      if (dispatching && !this.#waiting.includes(first + other)) busy += 1;
    store.dispatching = true;
    if (busy >= settings.deliveryThreads) this.#waiting.push(first + target);
    else this.#begin(node, target, store);
  }

  /** A store is lost, or its target is not one any more, while the process goes on. */
  giveUp(node: number, target: number, store: HintStore): void {
    const pair = node * this.#context.o.cluster.count + target;
    const isQueued = this.#waiting.includes(pair);
    this.#waiting = this.#waiting.filter((other) => other !== pair);
    this.#pages.delete(pair);
    if (isQueued) store.dispatching = false;
    else if (store.dispatching) this.#end(node, store);
  }

  /** The process ended, and with it its threads. */
  nodeEnded(node: number): void {
    const { cluster } = this.#context.o;
    this.#waiting = this.#waiting.filter((pair) => Math.floor(pair / cluster.count) !== node);
  }

  #begin(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#context.o;
    const left = store.files[0].entries.length - store.files[0].position;
    trace.record(kernel.now, RECORD.hintDispatchStarted, node, 0, left, target, 0);
    this.#sendPage(node, target, store);
  }

  /** A dispatch is over: its thread takes the one that waits longest. */
  #end(node: number, store: HintStore): void {
    const { cluster } = this.#context.o;
    store.dispatching = false;
    const at = this.#waiting.findIndex((pair) => Math.floor(pair / cluster.count) === node);
    if (at < 0) return;
    const [pair] = this.#waiting.splice(at, 1);
    const next = this.#context.stores.get(pair);
    if (next !== undefined) this.#begin(node, pair % cluster.count, next);
  }

  /** Put the next page under way: it is there after the time its bytes take through the throttle, and the link. */
  #sendPage(node: number, target: number, store: HintStore): void {
    const { kernel, cluster, settings, switches, rules, writePath, linkRate } = this.#context.o;
    const pair = node * cluster.count + target;
    if (cluster.seen[pair] === 0 || this.#context.isPaused(node)) {
      this.#abort(node, target, store);
      return;
    }
    const file = store.files[0];
    const { count, bytes } = this.#nextPage(file);
    rules.mark(settings.store === 'files' ? 'cassandra.e14' : 'cassandra.e12');
    rules.mark('cassandra.e15');
    const rate = Math.min(
      throttleOf(switches.of(node).throttleBytesPerSecond, cluster.ringSize, settings.throttleInKib),
      linkRate(node, target),
    );
    const sentMicros = kernel.now + Math.ceil((bytes * 1e6) / rate);
    const first = versionOf(file.entries[file.position]);
    const between = { version: first, attempt: this.#attempt(), coordinator: node, target };
    const way = writePath.messages.wayMicros(between, DIRECTION.write, sentMicros);
    const isLate = way > settings.timeoutMicros;
    this.#pages.set(pair, { count: isLate ? 0 : count, sentMicros });
    const at = sentMicros + Math.min(way, settings.timeoutMicros);
    kernel.schedule(at, EVENT.hintPageSent, pair, cluster.incarnation[node]);
  }

  #nextPage(file: HintFile): { count: number; bytes: number } {
    const inRows = this.#context.o.settings.store === 'table';
    let bytes = 0;
    let count = 0;
    while (file.position + count < file.entries.length) {
      if (inRows ? count >= PAGE_ROWS : count > 0 && bytes >= PAGE_BYTES) break;
      bytes += this.#context.bytesOf(versionOf(file.entries[file.position + count]));
      count += 1;
    }
    return { count, bytes };
  }

  /** Handler: the page arrives, or does not; or its time is over. The node is not paused. */
  pageSent(pair: number, incarnation: number): void {
    const { cluster, settings, kernel } = this.#context.o;
    const node = Math.floor(pair / cluster.count);
    const target = pair % cluster.count;
    const store = this.#context.stores.get(pair);
    const page = this.#pages.get(pair);
    if (store === undefined || page === undefined) return;
    if (!store.dispatching || cluster.incarnation[node] !== incarnation) return;
    const file = store.files[0];
    if (page.count === 0 || cluster.seen[pair] === 0) {
      this.#abort(node, target, store);
      return;
    }
    // Any message lost or late aborts the page, once it was waited for; it is sent again at the next tick, from its start
    // (cassandra.e14).
    if (!cluster.answers(target) || this.#isLossy(node, target, file, page)) {
      page.count = 0;
      const at = Math.max(kernel.now, page.sentMicros + settings.timeoutMicros);
      kernel.schedule(at, EVENT.hintPageSent, pair, incarnation);
      return;
    }
    this.#deliver(file, node, target, page.count);
    file.position += page.count;
    this.#context.tell(RECORD.hintsDelivered, node, target, page.count);
    if (file.position >= file.entries.length) this.#fileDone(node, target, store);
    else this.#sendPage(node, target, store);
  }

  /** Does a hint of the page, or its answer, get lost? Then those that arrived are applied, and come again with the page;
   * of rows those that were answered are deleted (cassandra.e12). */
  #isLossy(node: number, target: number, file: HintFile, { count }: HintPage): boolean {
    const { cluster, settings, writePath } = this.#context.o;
    if (cluster.healthy) return false;
    const attempt = this.#attempt();
    const arrived: number[] = [];
    const answered: number[] = [];
    for (let place = file.position; place < file.position + count; place += 1) {
      const version = versionOf(file.entries[place]);
      if (writePath.messages.lossFate(node, target, version, attempt, DIRECTION.write) !== 0) continue;
      arrived.push(place);
      if (writePath.messages.lossFate(target, node, version, attempt, DIRECTION.ack) === 0) answered.push(place);
    }
    if (answered.length === count) return false;
    if (settings.store === 'table') this.#deleteRows(file, { node, target }, answered);
    else answered.length = 0;
    for (const place of arrived) {
      if (answered.includes(place) || this.#context.isExpired(file.entries[place], file.created[place])) continue;
      const version = versionOf(file.entries[place]);
      writePath.messages.apply(target, version, this.#context.copyOf(version, target), VIA.hint);
    }
    return true;
  }

  /** Answered rows leave the store; what is left of the page is sent again some time. */
  #deleteRows(file: HintFile, { node, target }: { node: number; target: number }, answered: readonly number[]): void {
    for (const place of answered) this.#deliverOne(file, node, target, place);
    const isGone = new Set(answered);
    for (const list of [file.entries, file.created, file.written]) {
      const kept = list.filter((_value, place) => !isGone.has(place));
      list.length = 0;
      for (const value of kept) list.push(value);
    }
    this.#context.tell(RECORD.hintsDelivered, node, target, answered.length);
  }

  /** Number of the attempt for draws: those of clients are below 256; a page that is sent again at a later tick draws anew. */
  #attempt(): number {
    return HINT_ATTEMPTS + Math.floor(this.#context.o.kernel.now / TICK_MICROS);
  }

  #abort(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#context.o;
    this.#context.counts.aborted_pages += 1;
    trace.record(kernel.now, RECORD.hintPageAborted, node, 0, store.pendingCount, target, 0);
    this.#end(node, store);
  }

  #fileDone(node: number, target: number, store: HintStore): void {
    const { trace, kernel } = this.#context.o;
    const file = store.files.shift();
    trace.record(kernel.now, RECORD.hintDispatchFinished, node, 0, file?.entries.length ?? 0, target, 0);
    if (store.hasClosedFile()) this.#sendPage(node, target, store);
    else this.#end(node, store);
  }

  #deliver(file: HintFile, node: number, target: number, count: number): void {
    for (let place = file.position; place < file.position + count; place += 1)
      this.#deliverOne(file, node, target, place);
  }

  #deliverOne({ entries, created }: HintFile, node: number, target: number, place: number): void {
    this.#moves.arrived({ entry: entries[place], created: created[place] }, node, target);
  }

  save(): HintDeliveryState {
    return { pages: [...this.#pages].map(([pair, page]) => [pair, { ...page }]), waiting: [...this.#waiting] };
  }

  load(state: HintDeliveryState): void {
    this.#pages = new Map(state.pages.map(([pair, page]) => [pair, { ...page }]));
    this.#waiting = [...state.waiting];
  }
}

/** Bytes per second that hints for one target have at most (cassandra.e15); Infinity = no limit. */
function throttleOf(bytesPerSecond: number, nodes: number, inKib: boolean): number {
  const share = bytesPerSecond / Math.max(1, nodes - 1);
  const rate = inKib ? Math.floor(share / KIB) * KIB : share;
  return rate > 0 ? rate : Infinity;
}
