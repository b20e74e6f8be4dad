/**
 * Entries that repair by a foreign algorithm, over time: ticks of each node, which exchange begins, trees that are built, and
 * what becomes of all that when a process ends. Whoever builds a world tells it of nodes and of memory that changes; the
 * exchanges themselves are in `exchanges.ts`.
 */
import { RECORD } from '../../data/records.ts';
import type { Run } from '../../data/run.ts';
import { draw32 } from '../../kernel/random.ts';
import { treeBytes } from '../../data/cell-tree.ts';
import type { MemoryFollower, NodeTable } from '../../replica/node-table.ts';
import type { Storage } from '../../replica/storage.ts';
import type { RepairHost } from '../host.ts';
import type { LedgerBook } from '../ledger.ts';
import type { AlgorithmEntry } from './algorithm-entry.ts';
import { AlgorithmContext } from './algorithm-context.ts';
import type { AlgorithmRun } from './algorithm-context.ts';
import { copyExchange, copyState } from './algorithm-state.ts';
import type { AlgorithmState, Build, Exchange, KeyAnswer, KeyWrites } from './algorithm-state.ts';
import { ALGORITHM_EVENT, isLast, nodeOfStep, STEP, unpacked } from './event-kinds.ts';
import { Exchanges } from './exchanges.ts';
import type { Outcome } from './exchanges.ts';
import { KeyRepairs } from './key-repairs.ts';
import type { KeptTreesState } from './kept-trees.ts';
import { TreeBuilds } from './tree-builds.ts';

const TIMER_CLASS = 3;
const TWO_TO_32 = 4_294_967_296;

export interface AlgorithmRunsState {
  runs: [number, AlgorithmState, KeptTreesState][];
  exchanges: [number, Exchange][];
  builds: [number, Build][];
  writes: [number, KeyWrites][];
  answers: [string, KeyAnswer][];
  nextId: number;
}

export class AlgorithmRuns implements MemoryFollower {
  readonly #context: AlgorithmContext;
  readonly #exchanges: Exchanges;
  readonly #repairs: KeyRepairs;
  readonly #builds: TreeBuilds;
  readonly #isActing: (node: number) => boolean;

  /** `entries` by index of the plan entry. Defines the events of algorithms. */
  constructor(options: {
    host: RepairHost;
    storage: Storage;
    book: LedgerBook;
    entries: ReadonlyMap<number, AlgorithmEntry>;
    /** Does its process run, and not stand still? */
    isActing: (node: number) => boolean;
  }) {
    this.#context = new AlgorithmContext(options);
    this.#isActing = options.isActing;
    this.#exchanges = new Exchanges(this.#context);
    this.#repairs = new KeyRepairs(this.#context, this.#exchanges);
    this.#builds = new TreeBuilds(this.#context);
    this.#exchanges.onKeys = (exchange) => this.#repairs.begin(exchange);
    this.#exchanges.onEnded = (exchange, outcome) => this.#ended(exchange, outcome);
    this.#define();
  }

  has(index: number): boolean {
    return this.#context.entries.has(index);
  }

  isRunning(index: number): boolean {
    const run = this.#context.runs.get(index);
    return run !== undefined && !run.state.isOver;
  }

  /** The entry begins: its trees are made of what the nodes hold now, or are still to be built. */
  begin(index: number): void {
    const context = this.#context;
    if (context.runs.has(index)) return;
    const run = context.open(index);
    const { entry, units } = run;
    const { id, how, options, command } = entry;
    const { kernel, nodeCount, trace } = context.host;
    const ledger = context.book.begin(index, { id, strategy: options.strategy, command, atMicros: context.now });
    ledger.ranges += units.length;
    ledger.tree_depth_max = how.levels.length;
    ledger.peak_tree_bytes = this.#memoryOf(run);
    context.counts(index);
    run.trees.begin();
    for (const rule of MARKS[how.name]) context.mark(rule);
    trace.record(context.now, RECORD.repairStarted, units[0]?.holders[0] ?? 0, 0, 0, index, entry.tables.length);
    for (let node = 0; node < nodeCount; node += 1) {
      if (units.every(({ holders }) => !holders.includes(node))) continue;
      if (how.built) this.#areBuilt(run, node);
      kernel.schedule(context.now + this.#draw(run, node, how.tick_micros), ALGORITHM_EVENT.tick, index, node);
    }
    kernel.schedule(Math.max(context.now, how.until_micros), ALGORITHM_EVENT.stopped, index, 0);
  }

  /** Trees that are there from the beginning have been built at some time within their expiry. */
  #areBuilt({ state, vnodes, units, entry }: AlgorithmRun, node: number): void {
    const { nodeCount } = this.#context.host;
    const { expiry_micros: expiry } = entry.how;
    for (const { index } of units) {
      const at = index * nodeCount + node;
      if (vnodes[at] < 0) continue;
      state.isBuilt[at] = 1;
      const age =
        expiry === null ? 0 : (draw32(entry.draws.k0 + 2, entry.draws.k1 + node, vnodes[at]) / TWO_TO_32) * expiry;
      state.builtMicros[at] = this.#context.now - Math.floor(age);
    }
  }

  #draw({ entry }: AlgorithmRun, node: number, belowMicros: number): number {
    return Math.floor((draw32(entry.draws.k0, entry.draws.k1, node) / TWO_TO_32) * belowMicros);
  }

  /** What the trees of the fullest node take; where they lie on disk, the bits of their segments. */
  #memoryOf({ entry, form, units }: AlgorithmRun): number {
    const each = entry.how.name === 'riak-aae' ? form.levels[form.levels.length - 1] / 8 : treeBytes(form);
    let most = 0;
    for (let node = 0; node < this.#context.host.nodeCount; node += 1)
      most = Math.max(most, units.filter(({ holders }) => holders.includes(node)).length);
    return Math.ceil(each) * most;
  }

  // ---------------------------------------------------------------- ticks

  #tick(index: number, node: number): void {
    const context = this.#context;
    const run = context.run(index);
    const { state, entry } = run;
    if (state.isStopped) return;
    const { kernel } = context.host;
    kernel.schedule(context.now + entry.how.tick_micros, ALGORITHM_EVENT.tick, index, node);
    if (!this.#isActing(node)) return;
    this.#repairs.forgetLost();
    this.#builds.poke(run, node);
    state.ticks[node] += 1;
    switch (entry.how.name) {
      case 'riak-aae':
        if (state.queues[node].length === 0) state.queues[node] = this.#pairsOf(run, node);
        this.#startFirst(run, node);
        return;
      case 'dynamo':
        if (state.queues[node].length === 0) state.queues[node] = this.#ownPairs(run, node);
        this.#startAll(run, node);
        return;
      case 'tictac':
        state.queues[node] = this.#turnOfEachVnode(run, node);
        this.#startAll(run, node);
    }
  }

  /** strategies.2a-exchange: one from the queue; who is busy goes to its end. */
  #startFirst(run: AlgorithmRun, node: number): void {
    const next = run.state.queues[node].shift();
    if (next === undefined) return;
    const [unit, peer] = next;
    if (this.#canStart(run, node, next)) this.#exchanges.begin(run, node, unit, peer);
    else {
      run.state.queues[node].push(next);
      this.#context.counts(run.index).exchanges_put_off += 1;
    }
  }

  /** As many as the node may have at once; what cannot begin waits for the next tick. */
  #startAll(run: AlgorithmRun, node: number): void {
    const waiting = run.state.queues[node];
    run.state.queues[node] = [];
    for (const next of waiting) {
      if (this.#canStart(run, node, next)) this.#exchanges.begin(run, node, next[0], next[1]);
      else run.state.queues[node].push(next);
    }
  }

  #canStart(run: AlgorithmRun, node: number, [unit, peer]: readonly [number, number]): boolean {
    return this.#context.host.sees(node, peer) && this.#context.isFree(run, unit, node);
  }

  /** All that the node holds, with all who hold it too. */
  #pairsOf({ units }: AlgorithmRun, node: number): [number, number][] {
    return units
      .filter(({ holders }) => holders.includes(node))
      .flatMap(({ index, holders }) =>
        holders.filter((peer) => peer !== node).map((peer): [number, number] => [index, peer]),
      );
  }

  /** Of each pair the earlier replica begins. */
  #ownPairs(run: AlgorithmRun, node: number): [number, number][] {
    return this.#pairsOf(run, node).filter(([unit, peer]) => {
      const { holders } = run.units[unit];
      return holders.indexOf(node) < holders.indexOf(peer);
    });
  }

  /** strategies.2b-exchange: of each vnode the next of its exchanges; at the tick after the last one it fills its queue. */
  #turnOfEachVnode(run: AlgorithmRun, node: number): [number, number][] {
    const { nodeCount } = this.#context.host;
    const ofVnode = new Map<number, [number, number][]>();
    for (const pair of this.#pairsOf(run, node)) {
      const vnode = run.vnodes[pair[0] * nodeCount + node];
      const pairs = ofVnode.get(vnode) ?? [];
      ofVnode.set(vnode, pairs);
      pairs.push(pair);
    }
    const turn = run.state.ticks[node];
    return [...ofVnode.values()].flatMap((pairs) => pairs.slice(turn % (pairs.length + 1)).slice(0, 1));
  }

  #ended({ entry, local, unit, remote }: Exchange, outcome: Outcome): void {
    const run = this.#context.run(entry);
    const { state } = run;
    if (state.isStopped) {
      this.#endIfOver(run);
      return;
    }
    const { name } = run.entry.how;
    if (outcome === 'exchanges_put_off' || outcome === 'exchanges_failed') {
      if (name !== 'tictac') state.queues[local].push([unit, remote]);
    } else if (name === 'dynamo' && this.#context.host.isRunning(local)) this.#startAll(run, local);
  }

  #stopped(index: number): void {
    const run = this.#context.run(index);
    run.state.isStopped = true;
    this.#endIfOver(run);
  }

  /** Somebody ends it: also what is under way. */
  endAt(index: number, micros: number): void {
    this.#context.host.kernel.schedule(micros, ALGORITHM_EVENT.ended, index, 0);
  }

  #endNow(index: number): void {
    const context = this.#context;
    context.run(index).state.isStopped = true;
    for (const exchange of [...context.exchanges.values()])
      if (exchange.entry === index) this.#exchanges.close(exchange, 'exchanges_failed');
    this.#endIfOver(context.run(index));
  }

  #endIfOver({ index, state, units, trees }: AlgorithmRun): void {
    const context = this.#context;
    if (state.isOver || [...context.exchanges.values()].some(({ entry }) => entry === index)) return;
    trees.followAll();
    state.isOver = true;
    this.#builds.end({ entry: index });
    context.book.end(index, context.now);
    context.host.trace.record(context.now, RECORD.repairFinished, units[0]?.holders[0] ?? 0, 0, 0, index, 0);
  }

  // ---------------------------------------------------------------- nodes and memory

  /** A process has ended. What it was busy with is over; `isClean`: it could write down what its trees know. */
  nodeGone(node: number, { isClean }: { isClean: boolean }): void {
    const context = this.#context;
    for (const exchange of [...context.exchanges.values()])
      if (exchange.local === node || exchange.remote === node) this.#exchanges.close(exchange, 'exchanges_failed');
    this.#builds.end({ node });
    for (const { state } of context.runs.values()) state.queues[node] = [];
    if (isClean) return;
    for (const run of context.runs.values()) {
      // What is on disk has all its keys; which segments were about to be scanned was in memory.
      if (run.entry.how.name === 'riak-aae') run.trees.changeAll(node);
      else this.#areGone(run, node);
    }
  }

  #areGone({ state, units }: AlgorithmRun, node: number): void {
    for (const { index } of units) state.isBuilt[index * this.#context.host.nodeCount + node] = 0;
  }

  beforeChange(place: NodeTable, isCrash: boolean): void {
    for (const { trees } of this.#goingOn()) trees.beforeChange(place, isCrash);
  }

  afterChange(place: NodeTable): void {
    for (const { trees } of this.#goingOn()) trees.afterChange(place);
  }

  runAdded(place: NodeTable, run: Run): void {
    for (const { trees } of this.#goingOn()) trees.runAdded(place, run);
  }

  /** The trees of an entry that is over cost nothing any more, and nobody asks them. */
  #goingOn(): AlgorithmRun[] {
    return [...this.#context.runs.values()].filter(({ state }) => !state.isOver);
  }

  /** What was written until now is charged, whether anybody has looked at its trees or not. */
  settle(): void {
    for (const { trees } of this.#goingOn()) trees.followAll();
  }

  diskLost({ node }: NodeTable): void {
    for (const run of this.#context.runs.values()) this.#areGone(run, node);
  }

  // ---------------------------------------------------------------- events

  #define(): void {
    const { kernel } = this.#context.host;
    const on = (name: keyof typeof ALGORITHM_EVENT, handle: (a: number, b: number) => void): void =>
      kernel.define(ALGORITHM_EVENT[name], `algorithm ${name}`, TIMER_CLASS, handle);
    on('tick', (index, node) => this.#tick(index, node));
    on('step', (id, word) => this.#step(id, word));
    on('timedOut', (id, word) => this.#timedOut(id, word));
    on('built', (id, isRested) => this.#built(id, isRested));
    on('writesArrive', (id) => this.#repairs.writesArrive(id));
    on('stopped', (index) => this.#stopped(index));
    on('ended', (index) => this.#endNow(index));
  }

  #built(id: number, isRested: number): void {
    const build = this.#context.builds.get(id);
    if (build === undefined || this.#waits(build.node, [ALGORITHM_EVENT.built, id, isRested])) return;
    this.#builds.went(id, isRested === 1);
  }

  #timedOut(id: number, word: number): void {
    const { kernel } = this.#context.host;
    const exchange = this.#context.exchanges.get(id);
    if (exchange === undefined || !isLast(unpacked(word).serial, exchange.serial)) return;
    const until = this.#context.host.pausedUntil(exchange.local);
    // What has come meanwhile is looked at first.
    if (until > 0) kernel.schedule(until + 1, ALGORITHM_EVENT.timedOut, id, word);
    else if (exchange.serial === 1) this.#exchanges.close(exchange, 'exchanges_put_off');
    else if (this.#repairs.isReading(exchange)) this.#repairs.timedOut(exchange);
    else if (this.#exchanges.waitsOn(exchange)) return;
    else if (this.#repairs.isAsking(exchange)) this.#repairs.timedOut(exchange);
    else this.#exchanges.close(exchange, 'exchanges_failed');
  }

  /** A process that stands still does the step when it goes on. */
  #waits(node: number, [kind, a, b]: readonly [number, number, number]): boolean {
    const { host } = this.#context;
    const until = host.pausedUntil(node);
    if (until > 0) host.kernel.schedule(until, kind, a, b);
    return until > 0;
  }

  // One line a step.
  // eslint-disable-next-line complexity
  #step(id: number, word: number): void {
    const exchange = this.#context.exchanges.get(id);
    const { code, place, serial } = unpacked(word);
    if (code === STEP.contentArrives) this.#repairs.answerArrives(id, word);
    if (exchange === undefined || !isLast(serial, exchange.serial)) return;
    if (this.#waits(nodeOfStep(exchange, { code, place }), [ALGORITHM_EVENT.step, id, word])) return;
    const exchanges = this.#exchanges;
    const repairs = this.#repairs;
    switch (code) {
      case STEP.lockAsked:
        return exchanges.lockAsked(exchange);
      case STEP.lockAnswered:
        return exchanges.lockAnswered(exchange, place === 1);
      case STEP.updateAsked:
        return exchanges.updateAsked(exchange);
      case STEP.updated:
        return exchanges.updated(exchange);
      case STEP.updatedHere:
        return exchanges.updatedSide(exchange, 0);
      case STEP.updatedThere:
        return exchanges.updatedSide(exchange, 1);
      case STEP.levelAsked:
        return exchanges.levelAsked(exchange);
      case STEP.levelArrives:
        return exchanges.levelArrives(exchange);
      case STEP.goOn:
        return exchanges.goOn(exchange);
      case STEP.keysAsked:
        return exchanges.keysAsked(exchange);
      case STEP.keysReadThere:
        return exchanges.keysReadThere(exchange);
      case STEP.keysReadHere:
        return exchanges.keysSide(exchange, 0);
      case STEP.keysArrive:
        return exchanges.keysSide(exchange, 1);
      case STEP.contentAsked:
        return repairs.contentAsked(exchange, place);
      case STEP.contentReadThere:
        return repairs.contentReadThere(exchange, place);
      case STEP.contentArrives:
        return repairs.contentArrives(exchange, place);
      case STEP.contentReadHere:
        return repairs.contentReadHere(exchange);
      default:
        return repairs.nextKey(exchange);
    }
  }

  // ---------------------------------------------------------------- snapshot

  save(): AlgorithmRunsState {
    const { runs, exchanges, builds, writes, answers, nextId } = this.#context;
    return {
      runs: [...runs.values()].map(({ index, state, trees }) => [index, copyState(state), trees.save()]),
      exchanges: [...exchanges].map(([id, exchange]) => [id, copyExchange(exchange)]),
      builds: [...builds].map(([id, build]) => [id, { ...build, jobs: build.jobs.map((job) => ({ ...job })) }]),
      writes: [...writes].map(([id, each]) => [id, { ...each }]),
      answers: [...answers].map(([key, each]) => [key, { ...each }]),
      nextId,
    };
  }

  load(saved: AlgorithmRunsState): void {
    const context = this.#context;
    context.runs.clear();
    for (const [index, state, trees] of saved.runs) {
      const run = context.open(index);
      run.state = copyState(state);
      run.trees.load(trees);
    }
    context.exchanges = new Map(saved.exchanges.map(([id, exchange]) => [id, copyExchange(exchange)]));
    context.builds = new Map(
      saved.builds.map(([id, build]) => [id, { ...build, jobs: build.jobs.map((job) => ({ ...job })) }]),
    );
    context.writes = new Map(saved.writes.map(([id, each]) => [id, { ...each }]));
    context.answers = new Map(saved.answers.map(([key, each]) => [key, { ...each }]));
    context.nextId = saved.nextId;
  }
}

/** What each algorithm is made of: the rules of its ledger that it exercises by running at all. */
const MARKS = {
  dynamo: ['strategies.0-kept', 'strategies.1-tree'],
  'riak-aae': ['strategies.0-kept', 'strategies.2a-exchange', 'strategies.2a-limits'],
  tictac: ['strategies.0-kept', 'strategies.2b-exchange'],
} as const;
