/**
 * Trees that are made by reading the data: those of a new vnode, of one whose disk or memory was lost, and of one that is older
 * than its expiry (strategies.2a-build). One build makes the trees of one vnode; few may begin within an hour, and after every
 * million bytes a build rests.
 */
import { RECORD } from '../../data/records.ts';
import { derive, drawUnit } from '../../kernel/random.ts';
import { bytesInRanges, runsInRanges } from '../run-choice.ts';
import type { AlgorithmContext, AlgorithmRun } from './algorithm-context.ts';
import type { Build } from './algorithm-state.ts';
import { cancelReads, endRead, readAt } from './device-work.ts';
import { ALGORITHM_EVENT } from './event-kinds.ts';

const PART_BYTES = 1_000_000;
const SECOND = 1_000_000;
/** Keeps the draws of expiries apart from the other draws of an entry; one a node. */
const EXPIRY_DRAW = 1 << 16;

export class TreeBuilds {
  readonly #context: AlgorithmContext;

  constructor(context: AlgorithmContext) {
    this.#context = context;
  }

  /** Begins what the node may build now. */
  poke(run: AlgorithmRun, node: number): void {
    const context = this.#context;
    const { how } = run.entry;
    const limits = !context.isOff('strategies.2a-build');
    for (const vnode of new Set(this.#vnodesDue(run, node))) {
      if (limits && context.now < run.state.buildMicros[node]) {
        context.mark('strategies.2a-build');
        return;
      }
      if (limits && how.concurrency !== null && context.busy(run.index, node) >= how.concurrency) return;
      run.state.buildMicros[node] = context.now + how.build_every_micros;
      this.#begin(run, node, vnode);
    }
  }

  /** Vnodes of the node with a tree that is not there, or too old, and none that is in use or being built. */
  #vnodesDue(run: AlgorithmRun, node: number): number[] {
    const { nodeCount } = this.#context.host;
    const { isBuilt, lockedBy } = run.state;
    const due: number[] = [];
    const inUse = new Set<number>();
    for (const build of this.#context.builds.values())
      if (build.entry === run.index && build.node === node)
        for (const unit of build.units) inUse.add(run.vnodes[unit * nodeCount + node]);
    for (const { index } of run.units) {
      const at = index * nodeCount + node;
      const vnode = run.vnodes[at];
      if (vnode < 0) continue;
      if (lockedBy[at] !== 0) inUse.add(vnode);
      if (isBuilt[at] === 0 || this.#isOld(run, node, at)) due.push(vnode);
    }
    return due.filter((vnode) => !inUse.has(vnode));
  }

  /** strategies.2b-exchange: a drawn time comes upon the age, so that not all are made anew at once. */
  #isOld({ entry, state, vnodes }: AlgorithmRun, node: number, at: number): boolean {
    const { expiry_micros: expiry, expiry_spread_micros: spread = 0 } = entry.how;
    if (expiry === null) return false;
    const built = state.builtMicros[at];
    const { k0, k1 } = derive(derive(entry.draws, EXPIRY_DRAW + node), vnodes[at]);
    const wait = spread === 0 ? 0 : Math.floor(drawUnit(k0, k1, Math.floor(built / SECOND)) * spread);
    return this.#context.now - built >= expiry + wait;
  }

  #begin(run: AlgorithmRun, node: number, vnode: number): void {
    const context = this.#context;
    const { nodeCount } = context.host;
    const units = run.units.filter(({ index }) => run.vnodes[index * nodeCount + node] === vnode);
    const id = context.newId();
    const leftBytes = units.reduce((bytes, unit) => bytes + this.#bytesOf(run, node, unit.index), 0);
    const build: Build = { id, entry: run.index, node, units: units.map(({ index }) => index), leftBytes, jobs: [] };
    context.builds.set(id, build);
    for (const { index } of units) {
      const at = index * nodeCount + node;
      // strategies.2b-exchange: a tree that is there is used while it is made anew.
      if (run.entry.how.name === 'tictac' && run.state.isBuilt[at] === 1) continue;
      context.lock(run, index, node, id);
      run.state.isBuilt[at] = 0;
    }
    context.mark('strategies.2a-build');
    this.#readOn(build);
  }

  #bytesOf(run: AlgorithmRun, node: number, unit: number): number {
    const { host } = this.#context;
    const { layout, range } = run.units[unit];
    const ranges = [layout.ranges[range]];
    const runs = runsInRanges(layout, node, { runs: host.liveRuns(node, layout.index), ranges });
    return bytesInRanges(host, node, { table: layout.index, runs, ranges });
  }

  #readOn(build: Build): void {
    const { id, node, leftBytes } = build;
    const bytes = Math.min(PART_BYTES, leftBytes);
    readAt(this.#context.host, build.jobs, { node, bytes }, { kind: ALGORITHM_EVENT.built, a: id, b: 0 });
  }

  /** A part has been read (`isRested`: and the rest after it is over). */
  went(id: number, isRested: boolean): void {
    const context = this.#context;
    const build = context.builds.get(id);
    if (build === undefined) return;
    if (isRested) {
      this.#readOn(build);
      return;
    }
    endRead(build.jobs, build.node, context.ledger(build.entry));
    build.leftBytes -= Math.min(PART_BYTES, build.leftBytes);
    const { build_pause_micros: pause } = context.run(build.entry).entry.how;
    if (build.leftBytes === 0) this.#finish(build);
    else context.host.kernel.schedule(context.now + pause, ALGORITHM_EVENT.built, id, 1);
  }

  #finish(build: Build): void {
    const context = this.#context;
    const run = context.run(build.entry);
    const { id, node, units } = build;
    const ledger = context.ledger(build.entry);
    context.builds.delete(id);
    let keys = 0;
    for (const unit of units) {
      const at = unit * context.host.nodeCount + node;
      run.trees.rebuild(node, run.units[unit]);
      run.trees.takeChanged(node, run.units[unit]);
      run.state.isBuilt[at] = 1;
      run.state.builtMicros[at] = context.now;
      if (run.state.lockedBy[at] === id) run.state.lockedBy[at] = 0;
      keys += run.units[unit].keys.ordinals.length;
    }
    ledger.trees += units.length;
    ledger.hashed_partitions += keys;
    context.host.trace.record(context.now, RECORD.hashTreesBuilt, node, 0, units.length, build.entry, keys);
  }

  /** The builds of a node whose process has ended, or of an entry that is over, end too. */
  end(of: { node?: number; entry?: number }): void {
    const context = this.#context;
    for (const build of [...context.builds.values()]) {
      const { id, node, entry } = build;
      if ((of.node ?? node) !== node || (of.entry ?? entry) !== entry) continue;
      cancelReads(context.host, build.jobs, context.ledger(entry));
      context.builds.delete(id);
      const run = context.run(entry);
      for (const unit of build.units)
        if (run.state.lockedBy[unit * context.host.nodeCount + node] === id) context.lock(run, unit, node, 0);
    }
  }
}
