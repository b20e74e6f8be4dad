/**
 * What the i-th mutation of a workload is: table, row, operation, coordinator's draw, all by address. Fills the
 * version's arrays; knows nothing of messages. A mutation of a batch has its own address: arrival * size + place.
 */
import { derive, draw32, type StreamKey } from '../kernel/random.ts';
import type { LatencyTable } from '../kernel/latency-table.ts';
import type { TableLayout } from '../data/layout.ts';
import { OPERATION, type Versions } from '../data/versions.ts';
import type { Arrivals } from './arrivals.ts';
import type { ConsistencyRule } from './consistency.ts';
import { RangeLocator } from './range-locator.ts';

const TWO_TO_32 = 4294967296;

/** Draws a key number; `at` returns an offset from the first key of the workload's range. */
export interface KeyChooser {
  at(index: number): number;
}

/** Explicit mutations of a CSV trace, by arrival. */
export interface TraceRows {
  operation: Uint8Array;
  key: Int32Array;
  /** Row in the partition, and column groups; null: drawn, and all. */
  row: Int32Array | null;
  groups: Uint8Array | null;
}

export interface WorkloadOptions {
  index: number;
  id: string;
  table: TableLayout;
  arrivals: Arrivals;
  /** Key of all its draws. */
  key: StreamKey;
  /** Of latencies. */
  networkKey: StreamKey;
  keys: KeyChooser;
  /** Are keys drawn uniformly from the whole table? */
  isUniform: boolean;
  /** Upper ends of the mix on the 32-bit scale, in order of OPERATION with insert and update before the deletes. */
  mix: { insertBelow: number; updateBelow: number; cellBelow: number; rowBelow: number; rangeBelow: number };
  updateGroups: number;
  ttlSeconds: number;
  consistency: ConsistencyRule;
  /** Nodes a client may use as coordinator, by data centre, and the upper ends of the DCs' shares. */
  coordinators: readonly (readonly number[])[];
  dcBelow: readonly number[];
  retry: { attempts: number } | null;
  batch: { size: number; logged: boolean } | null;
  trace: TraceRows | null;
  nodeCount: number;
  meanRate: number;
}

export class Workload {
  readonly index: number;
  readonly id: string;
  readonly table: TableLayout;
  readonly arrivals: Arrivals;
  readonly consistency: ConsistencyRule;
  readonly retry: WorkloadOptions['retry'];
  readonly batch: WorkloadOptions['batch'];
  readonly nodeCount: number;
  /** Keys of latency draws, by target node * 4 + direction. */
  readonly latencyK0: Int32Array;
  readonly latencyK1: Int32Array;
  /** What `draw32` makes of `latencyK1`. */
  readonly latencyStir: Int32Array;
  readonly #options: WorkloadOptions;
  readonly #operationKey: StreamKey;
  readonly #rowKey: StreamKey;
  readonly #groupKey: StreamKey;
  readonly #dcKey: StreamKey;
  readonly #nodeKey: StreamKey;
  /** Inserts of single-slot partitions, drawn uniformly from the whole table: then a draw is a place in token order. */
  readonly #plain: boolean;
  readonly #uniformKey: StreamKey;
  readonly #ordinalsPerWord: number;
  readonly #locator: RangeLocator;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.index = options.index;
    this.id = options.id;
    this.table = options.table;
    this.arrivals = options.arrivals;
    this.consistency = options.consistency;
    this.retry = options.retry;
    this.batch = options.batch;
    this.nodeCount = options.nodeCount;
    this.#operationKey = derive(options.key, 2);
    this.#rowKey = derive(options.key, 3);
    this.#groupKey = derive(options.key, 4);
    this.#dcKey = derive(options.key, 5);
    this.#nodeKey = derive(options.key, 6);
    this.#plain =
      options.isUniform &&
      options.mix.insertBelow >= TWO_TO_32 &&
      options.table.slotsPerPartition === 1 &&
      options.trace === null;
    this.#uniformKey = derive(options.key, 1);
    this.#ordinalsPerWord = options.table.partitions / TWO_TO_32;
    this.#locator = new RangeLocator(options.table);
    const keys = options.nodeCount * 4;
    this.latencyK0 = new Int32Array(keys);
    this.latencyK1 = new Int32Array(keys);
    this.latencyStir = new Int32Array(keys);
    const latencyKey = derive(options.networkKey, 7);
    for (let place = 0; place < keys; place += 1) {
      const key = derive(latencyKey, place);
      this.latencyK0[place] = key.k0;
      this.latencyK1[place] = key.k1;
      this.latencyStir[place] = key.k1 ^ (key.k1 >>> 16);
    }
  }

  /** Mutations a second in the mean, for sizing only. */
  get meanRate(): number {
    return this.#options.meanRate;
  }

  /** Give `version` the content of mutation `address` (rows, operation, groups, ttl). */
  fill(versions: Versions, version: number, address: number): void {
    const { arrays } = versions;
    const { table, trace, keys } = this.#options;
    if (this.#plain) {
      // What the arrays hold from the start is not written again: one group, one row, no time to live, number 0.
      this.#fillPlain(versions, version, address, 1);
      return;
    }
    const key = trace === null ? keys.at(address) : trace.key[address];
    const ordinal = table.ordinalOfKey[key];
    arrays.table[version] = table.index;
    arrays.workload[version] = this.index;
    arrays.index[version] = address;
    arrays.ttlSeconds[version] = this.#options.ttlSeconds;
    arrays.replicaBase[version] = table.rangeOfOrdinal[ordinal] * table.copies;
    arrays.rowCount[version] = 1;
    this.#fillOperation(versions, version, address, ordinal);
  }

  /**
   * Gives the content, times and drawn coordinators of the arrivals before `untilMicros` to the versions from `first` on;
   * advances the arrivals and returns how many there were. The same as `fill` one by one.
   */
  fillAhead(versions: Versions, first: number, untilMicros: number): number {
    const { arrivals } = this;
    const address = arrivals.index;
    const count = arrivals.takeUntil(untilMicros, versions.arrays.issuedAt, first);
    if (this.#plain) this.#fillPlain(versions, first, address, count);
    else for (let place = 0; place < count; place += 1) this.fill(versions, first + place, address + place);
    this.#drawCoordinators(versions, first, address, count);
    return count;
  }

  #fillPlain({ arrays }: Versions, first: number, address: number, count: number): void {
    const { k0, k1 } = this.#uniformKey;
    const { index, replicaBase, firstSlot } = arrays;
    const { slotBase, copies } = this.table;
    const perWord = this.#ordinalsPerWord;
    const locator = this.#locator;
    for (let place = 0; place < count; place += 1) {
      const ordinal = Math.floor(draw32(k0, k1, address + place) * perWord);
      index[first + place] = address + place;
      replicaBase[first + place] = locator.rangeOf(ordinal) * copies;
      firstSlot[first + place] = slotBase + ordinal;
    }
    if (this.table.index > 0) arrays.table.fill(this.table.index, first, first + count);
    if (this.index > 0) arrays.workload.fill(this.index, first, first + count);
    if (this.#options.ttlSeconds > 0) arrays.ttlSeconds.fill(this.#options.ttlSeconds, first, first + count);
  }

  #drawCoordinators({ arrays }: Versions, first: number, address: number, count: number): void {
    const { coordinator } = arrays;
    const { coordinators, dcBelow } = this.#options;
    if (dcBelow.length > 1) {
      for (let place = 0; place < count; place += 1) coordinator[first + place] = this.coordinator(address + place, 0);
      return;
    }
    const { k0, k1 } = this.#nodeKey;
    const nodes = coordinators[0];
    for (let place = 0; place < count; place += 1)
      coordinator[first + place] = nodes[Math.floor((draw32(k0, k1, address + place) * nodes.length) / TWO_TO_32)];
  }

  /** The coordinator that the client would take, before it notices which nodes are up. */
  coordinator(address: number, attempt: number): number {
    const { coordinators, dcBelow } = this.#options;
    let dc = 0;
    if (dcBelow.length > 1) {
      const drawn = draw32(this.#dcKey.k0, this.#dcKey.k1, address);
      while (drawn >= dcBelow[dc]) dc += 1;
    }
    const nodes = coordinators[dc];
    const drawn = draw32(this.#nodeKey.k0, this.#nodeKey.k1 + attempt, address);
    return nodes[Math.floor((drawn * nodes.length) / TWO_TO_32)];
  }

  /** Next candidates after `node` when it does not answer: the other nodes of its data centre, in ring of their order. */
  coordinatorsOf(node: number): readonly number[] {
    for (const nodes of this.#options.coordinators) if (nodes.includes(node)) return nodes;
    return [];
  }

  /** Latency, whole µs >= 1, of one message of a mutation to or from `target`. */
  latency(sampler: LatencyTable, direction: number, address: number, attempt: number, target: number): number {
    const place = target * 4 + direction;
    // Attempts have their own draws: the key is moved, the index stays the write's.
    return sampler.at(this.latencyK0[place], (this.latencyK1[place] + attempt * 0x3779b1) | 0, address);
  }

  #fillOperation(versions: Versions, version: number, address: number, ordinal: number): void {
    const { arrays } = versions;
    const { table, trace, mix } = this.#options;
    const firstSlot = table.slotBase + ordinal * table.slotsPerPartition;
    const row =
      trace?.row?.[address] ??
      (table.rowsPerPartition === 1 ? 0 : draw32(this.#rowKey.k0, this.#rowKey.k1, address) % table.rowsPerPartition);
    const allGroups = (1 << table.groups) - 1;
    const drawn = trace === null ? draw32(this.#operationKey.k0, this.#operationKey.k1, address) : 0;
    const operation = trace === null ? operationOf(drawn, mix) : trace.operation[address];
    arrays.operation[version] = operation;
    arrays.groups[version] = allGroups;
    arrays.firstSlot[version] = firstSlot + row * table.slotsPerRow;
    const given = trace?.groups ?? null;
    if (given !== null && operation <= OPERATION.deleteCell) arrays.groups[version] = given[address];
    else if (operation === OPERATION.deleteCell) arrays.groups[version] = this.#someGroups(address, 1);
    else if (operation === OPERATION.deletePartition) {
      arrays.firstSlot[version] = firstSlot;
      arrays.rowCount[version] = table.rowsPerPartition;
    } else if (operation === OPERATION.deleteRange) {
      arrays.rowCount[version] = this.#rangeLength(address, table.rowsPerPartition - row);
    } else if (operation === OPERATION.write && drawn >= mix.insertBelow) {
      arrays.groups[version] = this.#someGroups(address, this.#options.updateGroups);
    }
    if (operation !== OPERATION.write) arrays.ttlSeconds[version] = 0;
  }

  /** A mask of `count` adjacent groups, wrapping, at a drawn place. */
  #someGroups(address: number, count: number): number {
    const { groups } = this.#options.table;
    if (count >= groups) return (1 << groups) - 1;
    const first = draw32(this.#groupKey.k0, this.#groupKey.k1, address) % groups;
    let mask = 0;
    for (let step = 0; step < count; step += 1) mask |= 1 << ((first + step) % groups);
    return mask;
  }

  #rangeLength(address: number, most: number): number {
    return 1 + (draw32(this.#groupKey.k0, this.#groupKey.k1 + 1, address) % most);
  }
}

function operationOf(drawn: number, mix: WorkloadOptions['mix']): number {
  if (drawn < mix.updateBelow) return OPERATION.write;
  if (drawn < mix.cellBelow) return OPERATION.deleteCell;
  if (drawn < mix.rowBelow) return OPERATION.deleteRow;
  if (drawn < mix.rangeBelow) return OPERATION.deleteRange;
  return OPERATION.deletePartition;
}
