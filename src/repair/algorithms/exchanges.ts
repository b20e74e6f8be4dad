/**
 * Exchanges: two replicas of a range lock their trees of it, bring them up to date, and go down level by level where hashes
 * differ, to the keys (strategies.1-tree, 2a-exchange). tictac takes every level anew from the trees as they are then, more
 * than once, and goes on with what differed each time (2b-confirm). What becomes of the keys: `key-repairs.ts`; when an
 * exchange begins: `algorithm-runs.ts`.
 */
import {
  cellsOfTree,
  compareLevel,
  countBelow,
  intersection,
  keysInSegments,
  levelBytes,
} from '../../data/cell-tree.ts';
import type { Cells } from '../../data/cell-tree.ts';
import { RECORD } from '../../data/records.ts';
import { drawUnit } from '../../kernel/random.ts';
import { keyEntryBytes } from './algorithm-entry.ts';
import type { AlgorithmContext, AlgorithmRun } from './algorithm-context.ts';
import type { Exchange } from './algorithm-state.ts';
import { cancelReads, endRead, readAt } from './device-work.ts';
import { ALGORITHM_EVENT, packed, STEP } from './event-kinds.ts';

/** A scan of a segment reads a block of the index at least. */
const BLOCK_BYTES = 4096;
/** Of plans that were drawn before it was a parameter. */
const ANSWER_TIMEOUT_MICROS = 600_000_000;
const NONE = new Int32Array(0);

export type Outcome = 'exchanges' | 'exchanges_in_sync' | 'exchanges_put_off' | 'exchanges_failed';

export class Exchanges {
  /** Told of keys that differ: they are to be repaired. */
  onKeys: ((exchange: Exchange) => void) | null = null;
  /** Told when an exchange has ended. */
  onEnded: ((exchange: Exchange, outcome: Outcome) => void) | null = null;
  readonly #context: AlgorithmContext;
  /** Of the samples that somebody still has: a tree that stays the same is hashed once. */
  readonly #trees = new WeakMap<Int32Array, Cells[]>();

  constructor(context: AlgorithmContext) {
    this.#context = context;
  }

  /** The local tree is free: it is locked, and the remote one asked for. */
  begin(run: AlgorithmRun, local: number, unit: number, remote: number): void {
    const context = this.#context;
    const { how } = run.entry;
    const exchange: Exchange = {
      ...{ id: context.newId(), entry: run.index, unit, local, remote, startMicros: context.now, serial: 0 },
      ...{ isGranted: false, level: 0, pass: 0, loop: 0, isCut: false },
      segmentsMax: context.isOff('strategies.2b-bound') ? null : how.results_max,
      ...{
        hashes: [null, null],
        isReady: [false, false],
        parents: null,
        found: NONE,
        answer: null,
        question: 0,
        sent: [],
      },
      ...{ keys: [], done: 0, batch: [], asked: [], contents: [], hasArrived: [], jobs: [] },
    };
    context.exchanges.set(exchange.id, exchange);
    context.lock(run, unit, local, exchange.id);
    this.awaits(exchange, how.lock_timeout_micros);
    context.post(exchange, { from: local, to: remote }, { code: STEP.lockAsked });
  }

  /** Something else comes next: what answers the questions before is too late. */
  turns(exchange: Exchange): void {
    exchange.serial += 1;
    exchange.sent = [];
  }

  /** A new question, which may stay without an answer. */
  awaits(exchange: Exchange, patienceMicros = this.#patienceMicros(exchange)): void {
    this.turns(exchange);
    this.#waitFor(exchange, patienceMicros);
  }

  /** The time is over: a connection on which something still comes, of a node that is held for alive, is not given up. */
  waitsOn(exchange: Exchange): boolean {
    const { host } = this.#context;
    const { local, remote, jobs, sent } = exchange;
    const isAtWork = jobs.length > 0 || sent.some((message) => host.isOnItsWay(message));
    if (!isAtWork || !host.sees(local, remote)) return false;
    this.#waitFor(exchange, this.#patienceMicros(exchange));
    return true;
  }

  #waitFor({ id, serial }: Exchange, micros: number): void {
    const { kernel } = this.#context.host;
    kernel.schedule(kernel.now + micros, ALGORITHM_EVENT.timedOut, id, packed(0, 0, serial));
  }

  #patienceMicros({ entry }: Exchange): number {
    return this.#context.run(entry).entry.how.answer_timeout_micros ?? ANSWER_TIMEOUT_MICROS;
  }

  lockAsked(exchange: Exchange): void {
    const context = this.#context;
    const run = context.run(exchange.entry);
    const { local, remote, unit, id } = exchange;
    const isFree = context.isFree(run, unit, remote);
    if (isFree) {
      exchange.isGranted = true;
      context.lock(run, unit, remote, id);
    }
    context.post(exchange, { from: remote, to: local }, { code: STEP.lockAnswered, place: isFree ? 1 : 0 });
  }

  lockAnswered(exchange: Exchange, isGranted: boolean): void {
    const context = this.#context;
    if (!isGranted) {
      this.close(exchange, 'exchanges_put_off');
      return;
    }
    const ledger = context.ledger(exchange.entry);
    ledger.comparisons += 1;
    ledger.rounds += 1;
    this.awaits(exchange);
    if (this.#isExact(exchange)) {
      this.#askLevel(exchange);
      return;
    }
    const { local, remote } = exchange;
    this.#update(exchange, 0, STEP.updatedHere);
    context.post(exchange, { from: local, to: remote }, { code: STEP.updateAsked });
  }

  updateAsked(exchange: Exchange): void {
    this.#update(exchange, 1, STEP.updated);
  }

  /** A snapshot of the tree; the segments that have changed since the last one are scanned in the index. */
  #update(exchange: Exchange, side: 0 | 1, code: number): void {
    const context = this.#context;
    const run = context.run(exchange.entry);
    const node = side === 0 ? exchange.local : exchange.remote;
    const unit = run.units[exchange.unit];
    const changed = run.trees.takeChanged(node, unit);
    exchange.hashes[side] = run.trees.sample(node, unit);
    let bytes = 0;
    if (run.entry.how.name === 'riak-aae') {
      context.mark('strategies.2a-dirty');
      const isWhole = context.isOff('strategies.2a-dirty');
      const segments = isWhole ? new Set(unit.keys.segments).size : changed.segments;
      context.counts(exchange.entry).segments_rescanned += segments;
      bytes = this.#scanBytes(run, segments, isWhole ? unit.keys.ordinals.length : changed.keys);
    }
    const completion = { kind: ALGORITHM_EVENT.step, a: exchange.id, b: packed(code, 0, exchange.serial) };
    readAt(context.host, exchange.jobs, { node, bytes }, completion);
  }

  /** A block for each segment, or more where its keys need more. */
  #scanBytes({ entry }: AlgorithmRun, segments: number, keys: number): number {
    return Math.max(segments * BLOCK_BYTES, keys * keyEntryBytes(entry.how));
  }

  /** The remote tree is up to date: it says so. */
  updated(exchange: Exchange): void {
    const { local, remote, jobs } = exchange;
    endRead(jobs, remote, this.#context.ledger(exchange.entry));
    this.#context.post(exchange, { from: remote, to: local }, { code: STEP.updatedThere });
  }

  updatedSide(exchange: Exchange, side: 0 | 1): void {
    if (side === 0) endRead(exchange.jobs, exchange.local, this.#context.ledger(exchange.entry));
    exchange.isReady[side] = true;
    if (exchange.isReady[0] && exchange.isReady[1]) this.#askLevel(exchange);
  }

  // ---------------------------------------------------------------- going down

  #askLevel(exchange: Exchange): void {
    if (this.#isExact(exchange)) exchange.hashes[0] = this.#sample(exchange, exchange.local);
    exchange.answer = null;
    exchange.question = 0;
    this.#askCells(exchange);
  }

  #askCells(exchange: Exchange): void {
    const context = this.#context;
    const { local, remote } = exchange;
    context.ledger(exchange.entry).rounds += 1;
    this.awaits(exchange);
    context.post(exchange, { from: local, to: remote }, { code: STEP.levelAsked });
  }

  /** At the remote node: its cells go back; what they differ in is worked out here, and read there. */
  levelAsked(exchange: Exchange): void {
    const context = this.#context;
    const { local, remote, question } = exchange;
    if (this.#isExact(exchange)) exchange.hashes[1] = this.#sample(exchange, remote);
    exchange.answer ??= this.#answerOf(exchange);
    const bytes = exchange.answer.bytes[question];
    context.post(exchange, { from: remote, to: local }, { code: STEP.levelArrives, bytes });
  }

  /** strategies.2a-exchange: Riak asks for one bucket of cells after the other; the others for all of a level at once. */
  #answerOf(exchange: Exchange): NonNullable<Exchange['answer']> {
    const { form, entry } = this.#context.run(exchange.entry);
    const { level, parents } = exchange;
    const [ours, theirs] = [this.#cells(exchange, 0), this.#cells(exchange, 1)];
    const ratio = level === 0 ? 1 : form.levels[level] / form.levels[level - 1];
    const { differing, answered } = compareLevel(ours, theirs, { parents, ratio });
    const isEach = entry.how.name === 'riak-aae' && parents !== null;
    const cells = isEach ? countBelow(theirs, { parents, ratio }) : Int32Array.of(answered);
    const each = isEach ? 1 : (parents?.length ?? 1);
    const bytes = cells.map((count) => levelBytes(form, level, { parents: each, answered: count }));
    return { differing, cells, bytes };
  }

  levelArrives(exchange: Exchange): void {
    const context = this.#context;
    const { answer, pass, found, question } = exchange;
    if (answer === null) return;
    const ledger = context.ledger(exchange.entry);
    ledger.tree_bytes += answer.bytes[question];
    ledger.nodes_visited += answer.cells[question];
    exchange.question += 1;
    if (exchange.question < answer.bytes.length) {
      this.#askCells(exchange);
      return;
    }
    exchange.answer = null;
    exchange.found = pass === 0 ? answer.differing : intersection(found, answer.differing);
    if (exchange.found.length === 0) this.close(exchange, this.#inSync(exchange));
    else this.#goOn(exchange);
  }

  /** The same level again, the next one, or the keys; a tree that is exact rests before each. */
  #goOn(exchange: Exchange): void {
    const context = this.#context;
    const { entry, form } = context.run(exchange.entry);
    exchange.pass += 1;
    if (exchange.pass >= this.#passes(exchange)) {
      exchange.pass = 0;
      exchange.level += 1;
      exchange.parents = exchange.found;
    }
    if (this.#isExact(exchange)) this.#rest(exchange, entry.how.pause_micros);
    else if (exchange.level < form.levels.length) this.#askLevel(exchange);
    else this.#askKeys(exchange);
  }

  #rest(exchange: Exchange, pauseMicros: number): void {
    const context = this.#context;
    const { draws } = context.run(exchange.entry).entry;
    // strategies.2b-confirm: half to one and a half times the pause, so that exchanges fall out of step.
    const share = 0.5 + drawUnit(draws.k0 + 1, draws.k1 + exchange.id, exchange.serial);
    this.turns(exchange);
    context.later(exchange, STEP.goOn, Math.round(pauseMicros * share));
  }

  /** A rest is over. */
  goOn(exchange: Exchange): void {
    const { form } = this.#context.run(exchange.entry);
    if (exchange.level < form.levels.length) this.#askLevel(exchange);
    else this.#askKeys(exchange);
  }

  // ---------------------------------------------------------------- keys

  #askKeys(exchange: Exchange): void {
    const context = this.#context;
    const { segmentsMax, found } = exchange;
    exchange.isCut = segmentsMax !== null && found.length > segmentsMax;
    if (segmentsMax !== null && exchange.isCut) {
      context.mark('strategies.2b-bound');
      exchange.found = found.slice(0, segmentsMax);
    }
    exchange.question = 0;
    this.#askSegments(exchange);
  }

  #askSegments(exchange: Exchange): void {
    const context = this.#context;
    const { local, remote } = exchange;
    exchange.isReady = [false, false];
    context.ledger(exchange.entry).rounds += 1;
    this.awaits(exchange);
    this.#readKeys(exchange, 0, STEP.keysReadHere);
    context.post(exchange, { from: local, to: remote }, { code: STEP.keysAsked });
  }

  keysAsked(exchange: Exchange): void {
    this.#readKeys(exchange, 1, STEP.keysReadThere);
  }

  /** strategies.2a-exchange: Riak asks for the keys of one segment after the other. */
  #asked({ entry, found, question }: Exchange): Int32Array {
    return this.#context.run(entry).entry.how.name === 'riak-aae' ? found.subarray(question, question + 1) : found;
  }

  /** The keys of the segments that differ, with their hashes, are read in the index. A tree in memory has them at hand. */
  #readKeys(exchange: Exchange, side: 0 | 1, code: number): void {
    const context = this.#context;
    const run = context.run(exchange.entry);
    const node = side === 0 ? exchange.local : exchange.remote;
    if (this.#isExact(exchange)) exchange.hashes[side] = this.#sample(exchange, node);
    const segments = this.#asked(exchange);
    const count = this.#keysOf(exchange, side, segments).length;
    const bytes = run.entry.how.name === 'dynamo' ? 0 : this.#scanBytes(run, segments.length, count);
    const completion = { kind: ALGORITHM_EVENT.step, a: exchange.id, b: packed(code, 0, exchange.serial) };
    readAt(context.host, exchange.jobs, { node, bytes }, completion);
  }

  keysReadThere(exchange: Exchange): void {
    const context = this.#context;
    const { how } = context.run(exchange.entry).entry;
    const { local, remote, jobs } = exchange;
    endRead(jobs, remote, context.ledger(exchange.entry));
    const bytes = this.#keysOf(exchange, 1, this.#asked(exchange)).length * keyEntryBytes(how);
    context.ledger(exchange.entry).tree_bytes += bytes;
    context.post(exchange, { from: remote, to: local }, { code: STEP.keysArrive, bytes });
  }

  keysSide(exchange: Exchange, side: 0 | 1): void {
    const context = this.#context;
    if (side === 0) endRead(exchange.jobs, exchange.local, context.ledger(exchange.entry));
    exchange.isReady[side] = true;
    if (!exchange.isReady[0] || !exchange.isReady[1]) return;
    exchange.question += this.#asked(exchange).length;
    if (exchange.question < exchange.found.length) {
      this.#askSegments(exchange);
      return;
    }
    exchange.keys = this.#differingKeys(exchange);
    exchange.done = 0;
    context.counts(exchange.entry).keys_differing += exchange.keys.length;
    if (exchange.keys.length > 0) {
      this.#noteDiffering(exchange);
      this.onKeys?.(exchange);
    } else this.repaired(exchange);
  }

  #noteDiffering({ entry, local, remote }: Exchange): void {
    const ledger = this.#context.ledger(entry);
    const { host } = this.#context;
    const [first, second] = local < remote ? [local, remote] : [remote, local];
    const pair = `${host.nodeName(first)}|${host.nodeName(second)}`;
    ledger.differing_ranges += 1;
    ledger.differing_ranges_by_pair[pair] = (ledger.differing_ranges_by_pair[pair] ?? 0) + 1;
  }

  /** All keys that were found have been looked after. */
  repaired(exchange: Exchange): void {
    const context = this.#context;
    const { how } = context.run(exchange.entry).entry;
    if (!exchange.isCut || exchange.loop >= how.loops_max) {
      this.close(exchange, 'exchanges');
      return;
    }
    exchange.loop += 1;
    exchange.segmentsMax = (how.results_max ?? 0) * how.results_boost;
    exchange.level = 0;
    exchange.pass = 0;
    exchange.parents = null;
    this.#rest(exchange, how.pause_micros);
  }

  /** Of these segments the keys that one of the two has in its tree. */
  #keysOf(exchange: Exchange, side: 0 | 1, segments: Int32Array): number[] {
    const hashes = exchange.hashes[side];
    const { keys } = this.#context.run(exchange.entry).units[exchange.unit];
    if (hashes === null) return [];
    return keysInSegments(keys, segments).filter((at) => hashes[2 * at] !== 0 || hashes[2 * at + 1] !== 0);
  }

  #differingKeys(exchange: Exchange): number[] {
    const [ours, theirs] = exchange.hashes;
    const { keys } = this.#context.run(exchange.entry).units[exchange.unit];
    if (ours === null || theirs === null) return [];
    return keysInSegments(keys, exchange.found)
      .filter((at) => ours[2 * at] !== theirs[2 * at] || ours[2 * at + 1] !== theirs[2 * at + 1])
      .map((at) => keys.ordinals[at])
      .sort((left, right) => left - right);
  }

  // ---------------------------------------------------------------- the end

  close(exchange: Exchange, outcome: Outcome): void {
    const context = this.#context;
    const { id, entry, unit, local, remote, isGranted, keys } = exchange;
    const run = context.run(entry);
    cancelReads(context.host, exchange.jobs, context.ledger(entry));
    context.lock(run, unit, local, 0);
    if (isGranted) context.lock(run, unit, remote, 0);
    context.exchanges.delete(id);
    const counts = context.counts(entry);
    if (outcome !== 'exchanges_put_off') counts.exchanges += 1;
    if (outcome !== 'exchanges') counts[outcome] += 1;
    if (outcome !== 'exchanges_put_off')
      context.host.trace.record(context.now, RECORD.exchangeEnded, local, remote, id, entry, keys.length);
    this.onEnded?.(exchange, outcome);
  }

  /** Who finds nothing in a further round has repaired something before. */
  #inSync({ loop }: Exchange): Outcome {
    return loop > 0 ? 'exchanges' : 'exchanges_in_sync';
  }

  #cells({ entry, unit, level, hashes }: Exchange, side: 0 | 1): Cells {
    const { form, units } = this.#context.run(entry);
    const own = hashes[side];
    if (own === null) return { ids: NONE, lanes: NONE };
    let tree = this.#trees.get(own);
    if (tree === undefined) this.#trees.set(own, (tree = cellsOfTree(form, units[unit].keys, own)));
    return tree[level];
  }

  #sample({ entry, unit }: Exchange, node: number): Int32Array {
    const { trees, units } = this.#context.run(entry);
    return trees.sample(node, units[unit]);
  }

  /** Are the trees current at every moment, so that each question is answered from what they are then? */
  #isExact({ entry }: Exchange): boolean {
    return this.#context.run(entry).entry.how.name === 'tictac';
  }

  #passes({ entry }: Exchange): number {
    if (!this.#isExact({ entry } as Exchange)) return 1;
    this.#context.mark('strategies.2b-confirm');
    return this.#context.isOff('strategies.2b-confirm') ? 1 : this.#context.run(entry).entry.how.passes;
  }
}
