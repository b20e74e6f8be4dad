/**
 * What the parts of this folder share: host, storage and ledgers, the entries with their trees, and what is under way. A few
 * verbs over them (send, charge, lock); it decides nothing.
 */
import type { Versions } from '../../data/versions.ts';
import type { TreeForm } from '../../data/cell-tree.ts';
import type { AlgorithmCosts, RepairLedger } from '../../observe/result.ts';
import type { Storage } from '../../replica/storage.ts';
import type { RepairHost } from '../host.ts';
import type { LedgerBook } from '../ledger.ts';
import { indexBytesPerWrite, treeFormOf, treeUnits, vnodeOf } from './algorithm-entry.ts';
import type { AlgorithmEntry, TreeUnit } from './algorithm-entry.ts';
import { emptyState } from './algorithm-state.ts';
import type { AlgorithmState, Build, Exchange, KeyAnswer, KeyWrites } from './algorithm-state.ts';
import { ALGORITHM_EVENT, packed } from './event-kinds.ts';
import { KeptTrees } from './kept-trees.ts';

/** An entry that has begun. */
export interface AlgorithmRun {
  readonly index: number;
  readonly entry: AlgorithmEntry;
  readonly form: TreeForm;
  readonly units: readonly TreeUnit[];
  /** By unit × nodes + node: the vnode that has the tree; -1 where the node holds no copy. */
  readonly vnodes: Int32Array;
  readonly trees: KeptTrees;
  state: AlgorithmState;
}

export class AlgorithmContext {
  readonly host: RepairHost;
  readonly storage: Storage;
  readonly book: LedgerBook;
  readonly entries: ReadonlyMap<number, AlgorithmEntry>;
  readonly runs = new Map<number, AlgorithmRun>();
  exchanges = new Map<number, Exchange>();
  builds = new Map<number, Build>();
  writes = new Map<number, KeyWrites>();
  /** By exchange and what its event says. */
  answers = new Map<string, KeyAnswer>();
  nextId = 1;

  constructor(options: {
    host: RepairHost;
    storage: Storage;
    book: LedgerBook;
    entries: ReadonlyMap<number, AlgorithmEntry>;
  }) {
    this.host = options.host;
    this.storage = options.storage;
    this.book = options.book;
    this.entries = options.entries;
  }

  get now(): number {
    return this.host.kernel.now;
  }

  get versions(): Versions {
    return this.host.versions;
  }

  newId(): number {
    const id = this.nextId;
    this.nextId += 1;
    return id;
  }

  isOff(rule: string): boolean {
    return this.host.rules.isOff(rule);
  }

  mark(rule: string): void {
    this.host.rules.mark(rule);
  }

  run(index: number): AlgorithmRun {
    const run = this.runs.get(index);
    if (run === undefined) throw new RangeError(`the algorithm of plan entry ${index} has not begun`);
    return run;
  }

  ledger(index: number): RepairLedger {
    return this.book.of(index);
  }

  counts(index: number): AlgorithmCosts {
    const ledger = this.book.of(index);
    return (ledger.algorithm ??= noCounts());
  }

  /** Trees and queues of an entry; what its trees say comes with `begin` or from a saved world. */
  open(index: number): AlgorithmRun {
    const { host, storage } = this;
    const entry = this.entries.get(index);
    if (entry === undefined) throw new RangeError(`plan entry ${index} names no algorithm`);
    const units = treeUnits(entry);
    const perWrite = indexBytesPerWrite(entry.how);
    const trees = new KeptTrees({
      ...{ storage, versions: host.versions, kernel: host.kernel, tables: entry.tables, nodeCount: host.nodeCount },
      onFollowed: (writes) => (this.counts(index).index_write_bytes += writes * perWrite),
    });
    const vnodes = new Int32Array(units.length * host.nodeCount).fill(-1);
    for (const unit of units)
      for (const node of unit.holders) vnodes[unit.index * host.nodeCount + node] = vnodeOf(unit, node);
    const state = emptyState(host.nodeCount, units.length);
    const run = { index, entry, form: treeFormOf(entry.how), units, vnodes, trees, state };
    this.runs.set(index, run);
    return run;
  }

  /** A step of an exchange at a node; `place` says which of those that are asked. */
  post(
    exchange: Exchange,
    way: { from: number; to: number },
    step: { code: number; place?: number; bytes?: number },
  ): number {
    const { code, place = 0, bytes = 0 } = step;
    const completion = { kind: ALGORITHM_EVENT.step, a: exchange.id, b: packed(code, place, exchange.serial) };
    const message = this.host.send(way.from, way.to, completion, bytes);
    exchange.sent.push(message);
    if (bytes > 0 && this.host.dcOf(way.from) !== this.host.dcOf(way.to))
      this.ledger(exchange.entry).cross_dc_bytes += bytes;
    return message;
  }

  /** The same without a message: an event at whoever is at work. */
  later(exchange: Exchange, code: number, micros: number): void {
    const { kernel } = this.host;
    kernel.schedule(kernel.now + micros, ALGORITHM_EVENT.step, exchange.id, packed(code, 0, exchange.serial));
  }

  /** Exchanges and builds in which the node is busy for an entry. */
  busy(index: number, node: number): number {
    let busy = 0;
    for (const { entry, local, remote, isGranted } of this.exchanges.values())
      if (entry === index && (local === node || (remote === node && isGranted))) busy += 1;
    for (const build of this.builds.values()) if (build.entry === index && build.node === node) busy += 1;
    return busy;
  }

  /** May the node take its tree of the unit into an exchange? */
  isFree({ index, entry, state }: AlgorithmRun, unit: number, node: number): boolean {
    const at = unit * this.host.nodeCount + node;
    if (state.isBuilt[at] === 0 || state.lockedBy[at] !== 0) return false;
    const { concurrency } = entry.how;
    return concurrency === null || this.isOff('strategies.2a-limits') || this.busy(index, node) < concurrency;
  }

  lock({ state }: AlgorithmRun, unit: number, node: number, by: number): void {
    state.lockedBy[unit * this.host.nodeCount + node] = by;
  }
}

function noCounts(): AlgorithmCosts {
  return {
    exchanges: 0,
    exchanges_in_sync: 0,
    exchanges_failed: 0,
    exchanges_put_off: 0,
    segments_rescanned: 0,
    keys_differing: 0,
    keys_alike: 0,
    keys_unanswered: 0,
    index_write_bytes: 0,
  };
}
