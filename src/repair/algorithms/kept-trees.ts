/**
 * The hashes that the replicas of one entry keep of their keys, and how they follow what is written: a cursor along each
 * memtable, which is a log of all that arrived, taken further when somebody asks or the memtable changes (strategies.0-kept).
 * What reaches the disk by another way than a write or a stream (damage) is not seen: that is what rebuilding is for. What
 * may be purged is in no tree from that moment on, wherever it still lies, so a tree that was made anew has no other hash.
 * Nothing here costs anything before the entry begins. Trees are made of these hashes in `data/cell-tree.ts`.
 */
import { firstSlotOfOrdinal } from '../../data/build-layout.ts';
import type { TableLayout } from '../../data/layout.ts';
import { hashPartitions, isPurgeable } from '../../data/merged-view.ts';
import type { Run } from '../../data/run.ts';
import { NOTHING, type Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Memtable } from '../../replica/memtable.ts';
import type { NodeTable } from '../../replica/node-table.ts';
import type { Storage } from '../../replica/storage.ts';
import type { TreeUnit } from './algorithm-entry.ts';

export interface KeptTreesState {
  hashes: Int32Array[];
  followed: Int32Array;
  changed: Uint8Array[];
  lost: number[][];
  purges: (Float64Array | undefined)[];
  graces: number[];
}

/** Slots that are read at once. */
const CHUNK_SLOTS = 65_536;

export class KeptTrees {
  readonly #storage: Storage;
  readonly #versions: Versions;
  readonly #kernel: Kernel;
  readonly #tables: readonly TableLayout[];
  readonly #nodeCount: number;
  /** Told of so many writes that were followed. */
  readonly #onFollowed: (writes: number) => void;
  /** By place (node × tables + table): two lanes a partition, 0 where it has nothing; empty where it is no tree. */
  #hashes: Int32Array[] = [];
  /** Entries of the active memtable that have been followed. */
  #followed: Int32Array;
  /** By place: 1 for partitions written since their tree was last brought up to date. */
  #changed: Uint8Array[] = [];
  /** By place: partitions of which a crash may have taken something. */
  #lost: number[][] = [];
  /** By place: when something that a partition's hash is made of may be purged, µs; nothing where that is of no partition. */
  #purges: (Float64Array | undefined)[] = [];
  /** By place: the gc_grace by which these moments were told. */
  #graces: number[] = [];
  /** What follows from the rest and need not be saved. By place: the earliest of `#purges`. By place and range: the last sample, while it is right; 1 where there may
   * be changed partitions. */
  #nextPurges: number[] = [];
  #samples: (Int32Array | undefined)[][] = [];
  #mayBeChanged: Uint8Array[] = [];

  constructor(options: {
    storage: Storage;
    versions: Versions;
    kernel: Kernel;
    tables: readonly TableLayout[];
    nodeCount: number;
    onFollowed: (writes: number) => void;
  }) {
    this.#storage = options.storage;
    this.#versions = options.versions;
    this.#kernel = options.kernel;
    this.#tables = options.tables;
    this.#nodeCount = options.nodeCount;
    this.#onFollowed = options.onFollowed;
    this.#followed = new Int32Array(this.#nodeCount * this.#tables.length);
  }

  /** All trees are made from what the nodes hold now. */
  begin(): void {
    for (let node = 0; node < this.#nodeCount; node += 1) {
      for (const [table, layout] of this.#tables.entries()) {
        const place = node * this.#tables.length + table;
        this.#hashes[place] = new Int32Array(2 * layout.partitions);
        this.#changed[place] = new Uint8Array(layout.partitions);
        this.#lost[place] = [];
        this.#samples[place] = [];
        this.#mayBeChanged[place] = new Uint8Array(layout.ranges.length);
        this.#followed[place] = this.#storage.of(node, layout.index).memtable.count;
        this.#hashAll(node, layout, place);
      }
    }
  }

  #hashAll(node: number, layout: TableLayout, place: number): void {
    this.#purges[place] = undefined;
    this.#graces[place] = layout.gcGraceMicros;
    this.#nextPurges[place] = Infinity;
    this.#hash(
      node,
      layout,
      place,
      Array.from({ length: layout.partitions }, (_unset, ordinal) => ordinal),
    );
  }

  /** Brings the hashes of these partitions, which ascend, to what the node holds now. */
  #hash(node: number, layout: TableLayout, place: number, ordinals: readonly number[]): void {
    const atOnce = Math.max(1, Math.floor(CHUNK_SLOTS / layout.slotsPerPartition));
    for (let from = 0; from < ordinals.length; from += atOnce)
      this.#hashSome(node, layout, place, ordinals.slice(from, from + atOnce));
  }

  #hashSome(node: number, layout: TableLayout, place: number, ordinals: readonly number[]): void {
    const { slotsPerPartition: per } = layout;
    const content = this.#heldOf(node, layout, ordinals);
    const two = new Int32Array(2);
    for (const [index, ordinal] of ordinals.entries()) {
      const own = content.subarray(index * per, (index + 1) * per);
      this.#notePurge(layout, place, ordinal, own);
      hashPartitions({ layout, fromOrdinal: ordinal, toOrdinal: ordinal + 1, content: own }, two);
      this.#hashes[place].set(two, 2 * ordinal);
      this.#samples[place][layout.rangeOfOrdinal[ordinal]] = undefined;
    }
  }

  /** Leaves out of a partition's content what may be purged, and keeps in mind when the next of it may. */
  #notePurge(layout: TableLayout, place: number, ordinal: number, content: Int32Array): void {
    const { now } = this.#kernel;
    let next = Infinity;
    for (let index = 0; index < content.length; index += 1) {
      // `isPurgeable`: after that moment.
      const from = this.#versions.purgeableAt(content[index], layout.gcGraceMicros) + 1;
      if (from <= now) content[index] = NOTHING;
      else if (from < next) next = from;
    }
    const purges = this.#purges[place];
    if (purges !== undefined) purges[ordinal] = next;
    else if (next < Infinity) {
      const own = new Float64Array(layout.partitions).fill(Infinity);
      own[ordinal] = next;
      this.#purges[place] = own;
    }
    if (next < this.#nextPurges[place]) this.#nextPurges[place] = next;
  }

  /** What the node holds of these partitions, which ascend, without what may be purged: slot by slot, one after the other. */
  contentOf(node: number, layout: TableLayout, ordinals: readonly number[]): Int32Array {
    const content = this.#heldOf(node, layout, ordinals);
    for (let index = 0; index < content.length; index += 1)
      if (isPurgeable(layout, this.#versions, content[index], this.#kernel.now)) content[index] = NOTHING;
    return content;
  }

  #heldOf(node: number, layout: TableLayout, ordinals: readonly number[]): Int32Array {
    const { slotsPerPartition: per } = layout;
    const slots = new Int32Array(ordinals.length * per);
    for (const [index, ordinal] of ordinals.entries()) {
      const first = firstSlotOfOrdinal(layout, ordinal);
      for (let offset = 0; offset < per; offset += 1) slots[index * per + offset] = first + offset;
    }
    return this.#storage.heldVersions(node, layout.index, slots);
  }

  /** The hashes of a unit's keys as the node's tree has them now, in the order of the keys. Not to be changed: while the tree
   * stays the same it is the same. */
  sample(node: number, unit: TreeUnit): Int32Array {
    const place = this.#placeOf(node, unit.layout);
    this.#follow(node, unit.layout, place);
    return (this.#samples[place][unit.range] ??= this.#sampled(place, unit));
  }

  #sampled(place: number, { keys: { ordinals } }: TreeUnit): Int32Array {
    const sampled = new Int32Array(2 * ordinals.length);
    for (let index = 0; index < ordinals.length; index += 1) {
      sampled[2 * index] = this.#hashes[place][2 * ordinals[index]];
      sampled[2 * index + 1] = this.#hashes[place][2 * ordinals[index] + 1];
    }
    return sampled;
  }

  /** Segments of the unit with a change since the last call, and all their keys; they are up to date then. */
  takeChanged(node: number, unit: TreeUnit): { segments: number; keys: number } {
    const place = this.#placeOf(node, unit.layout);
    this.#follow(node, unit.layout, place);
    const changed = this.#changed[place];
    const { ordinals, segments } = unit.keys;
    const taken = { segments: 0, keys: 0 };
    if (this.#mayBeChanged[place][unit.range] === 0) return taken;
    this.#mayBeChanged[place][unit.range] = 0;
    for (let from = 0; from < ordinals.length;) {
      let to = from;
      let isChanged = false;
      for (; to < ordinals.length && segments[to] === segments[from]; to += 1) {
        if (changed[ordinals[to]] === 1) isChanged = true;
        changed[ordinals[to]] = 0;
      }
      if (isChanged) taken.segments += 1;
      if (isChanged) taken.keys += to - from;
      from = to;
    }
    return taken;
  }

  /** These keys are hashed anew from what the node holds, whatever its tree says of them. */
  rehash(node: number, layout: TableLayout, ordinals: readonly number[]): void {
    const place = this.#placeOf(node, layout);
    this.#follow(node, layout, place);
    this.#hash(node, layout, place, ordinals);
  }

  /** The tree of a unit is made anew from what the node holds. */
  rebuild(node: number, unit: TreeUnit): void {
    const ordinals = [...unit.keys.ordinals].sort((left, right) => left - right);
    this.rehash(node, unit.layout, ordinals);
  }

  /** All segments of the node's trees are to be scanned again. */
  changeAll(node: number): void {
    for (const table of this.#tables.keys()) {
      this.#changed[node * this.#tables.length + table].fill(1);
      this.#mayBeChanged[node * this.#tables.length + table].fill(1);
    }
  }

  // ---------------------------------------------------------------- following

  /** All that has been written until now is followed. */
  followAll(): void {
    for (let node = 0; node < this.#nodeCount; node += 1)
      for (const [table, layout] of this.#tables.entries())
        this.#follow(node, layout, node * this.#tables.length + table);
  }

  /** What is in memory is about to go elsewhere, or to be gone. */
  beforeChange({ node, table, memtable, flushes }: NodeTable, isCrash: boolean): void {
    const place = this.#placeOf(node, table);
    if (place < 0) return;
    this.#follow(node, table, place);
    if (!isCrash) return;
    this.#lost[place] = [...flushes.map((flush) => flush.memtable), memtable].flatMap((one) =>
      ordinalsIn(table, one, 0),
    );
  }

  afterChange({ node, table, memtable }: NodeTable): void {
    const place = this.#placeOf(node, table);
    if (place < 0) return;
    this.#followed[place] = memtable.count;
    if (this.#lost[place].length === 0) return;
    this.#touch(node, table, place, this.#lost[place]);
    this.#lost[place] = [];
  }

  /** A stream has brought a run: its rows go through the tree as writes do. */
  runAdded({ node, table }: NodeTable, run: Run): void {
    const place = this.#placeOf(node, table);
    if (place < 0) return;
    const ordinals = Array.from(run.slots, (slot) => ordinalOf(table, slot));
    this.#onFollowed(new Set(ordinals).size);
    this.#touch(node, table, place, ordinals);
  }

  #follow(node: number, layout: TableLayout, place: number): void {
    this.#purge(node, layout, place);
    const { memtable } = this.#storage.of(node, layout.index);
    const from = this.#followed[place];
    if (from >= memtable.count) return;
    let writes = 0;
    for (let entry = from; entry < memtable.count; entry += 1)
      if (entry === from || memtable.versions[entry] !== memtable.versions[entry - 1]) writes += 1;
    this.#followed[place] = memtable.count;
    this.#onFollowed(writes);
    this.#touch(node, layout, place, ordinalsIn(layout, memtable, from));
  }

  /** Takes out of the tree what may be purged by now; all is told anew where gc_grace has become another. */
  #purge(node: number, layout: TableLayout, place: number): void {
    if (this.#graces[place] !== layout.gcGraceMicros) {
      this.#samples[place] = [];
      this.#hashAll(node, layout, place);
      this.#changed[place].fill(1);
      this.#mayBeChanged[place].fill(1);
    }
    const purges = this.#purges[place];
    const { now } = this.#kernel;
    if (purges === undefined || now < this.#nextPurges[place]) return;
    const due: number[] = [];
    for (let ordinal = 0; ordinal < purges.length; ordinal += 1) if (purges[ordinal] <= now) due.push(ordinal);
    this.#touch(node, layout, place, due);
    this.#nextPurges[place] = purges.reduce((least, micros) => Math.min(least, micros), Infinity);
  }

  #touch(node: number, layout: TableLayout, place: number, ordinals: readonly number[]): void {
    const distinct = [...new Set(ordinals)].sort((left, right) => left - right);
    for (const ordinal of distinct) {
      this.#changed[place][ordinal] = 1;
      this.#mayBeChanged[place][layout.rangeOfOrdinal[ordinal]] = 1;
    }
    this.#hash(node, layout, place, distinct);
  }

  /** Negative of a table without trees. */
  #placeOf(node: number, layout: TableLayout): number {
    const table = this.#tables.findIndex(({ index }) => index === layout.index);
    return table < 0 ? -1 : node * this.#tables.length + table;
  }

  save(): KeptTreesState {
    return {
      hashes: this.#hashes.map((hashes) => hashes.slice()),
      followed: this.#followed.slice(),
      changed: this.#changed.map((changed) => changed.slice()),
      lost: this.#lost.map((lost) => [...lost]),
      purges: this.#purges.map((purges) => purges?.slice()),
      graces: [...this.#graces],
    };
  }

  load(state: KeptTreesState): void {
    this.#hashes = state.hashes.map((hashes) => hashes.slice());
    this.#followed = state.followed.slice();
    this.#changed = state.changed.map((changed) => changed.slice());
    this.#lost = state.lost.map((lost) => [...lost]);
    this.#purges = state.purges.map((purges) => purges?.slice());
    this.#graces = [...state.graces];
    this.#nextPurges = state.purges.map(
      (purges) => purges?.reduce((least, at) => Math.min(least, at), Infinity) ?? Infinity,
    );
    this.#samples = state.hashes.map(() => []);
    this.#mayBeChanged = state.hashes.map((_hashes, place) =>
      new Uint8Array(this.#tables[place % this.#tables.length].ranges.length).fill(1),
    );
  }
}

function ordinalOf({ slotBase, slotsPerPartition }: TableLayout, slot: number): number {
  return Math.floor((slot - slotBase) / slotsPerPartition);
}

function ordinalsIn(layout: TableLayout, { slots, count }: Memtable, from: number): number[] {
  const ordinals: number[] = [];
  for (let entry = from; entry < count; entry += 1) ordinals.push(ordinalOf(layout, slots[entry]));
  return ordinals;
}
