/**
 * How busy the devices of each node are, and how much memory Merkle trees take there, folded from the trace: the model tells
 * every change of a device's rate and of that memory. Answers with the present level, with totals since the start, and with
 * the mean over the time since the last sample. Background work only: compaction, validation, streams, trees, flushes.
 */
import { ANY } from './counters.ts';
import { DEVICE_KIND, DEVICE_KINDS, RECORD } from '../data/records.ts';

const MEGA = 1 << 20;
const KIND_SHIFT = 20;
const NODE_MASK = 0xffff;
const COPY_SHIFT = 16;

export interface GaugesOptions {
  nodeCount: number;
  /** Bytes per second by node * DEVICE_KINDS + kind; Infinity: no limit, never busy. */
  capacities: readonly number[];
  /** Bytes that the trees of one repair session may take, by node. */
  treeBounds: readonly number[];
}

export interface GaugesState {
  rates: Float64Array;
  bytes: Float64Array;
  sampledBytes: Float64Array;
  means: Float64Array;
  trees: Float64Array;
  times: [now: number, sampled: number, changes: number];
}

export class Gauges {
  /** Rises whenever a level changes. */
  changes = 0;
  readonly #o: GaugesOptions;
  /** Bytes per second by node * DEVICE_KINDS + kind; the bytes until now; those at the last sample; and the mean rate
   * between the last two samples. */
  readonly #rates: Float64Array;
  readonly #bytes: Float64Array;
  readonly #sampledBytes: Float64Array;
  readonly #means: Float64Array;
  readonly #trees: Float64Array;
  #now = 0;
  #sampledMicros = 0;

  constructor(options: GaugesOptions) {
    const places = options.nodeCount * DEVICE_KINDS;
    this.#o = options;
    this.#rates = new Float64Array(places);
    this.#bytes = new Float64Array(places);
    this.#sampledBytes = new Float64Array(places);
    this.#means = new Float64Array(places);
    this.#trees = new Float64Array(options.nodeCount);
  }

  /** A control record, at its moment. True for one that is about nothing else. */
  record(words: Int32Array, at: number, micros: number): boolean {
    const kind = words[at + 1] >>> KIND_SHIFT;
    const node = words[at + 2] & NODE_MASK;
    const value = words[at + 3] * MEGA + words[at + 4];
    switch (kind) {
      case RECORD.deviceRate:
        this.#passTo(micros);
        this.#rates[node * DEVICE_KINDS + (words[at + 2] >>> COPY_SHIFT)] = value;
        break;
      case RECORD.treeMemory:
        this.#trees[node] = value;
        break;
      case RECORD.nodeCrashed:
      case RECORD.nodeStopped:
        this.#trees[node] = 0;
        this.changes += 1;
        return false;
      default:
        return false;
    }
    this.changes += 1;
    return true;
  }

  /** A row of the series is taken: the means are those since the one before; of one at the same moment they stay. */
  sample(micros: number): void {
    this.#passTo(micros);
    const elapsed = micros - this.#sampledMicros;
    if (elapsed === 0) return;
    for (let place = 0; place < this.#means.length; place += 1) {
      this.#means[place] = ((this.#bytes[place] - this.#sampledBytes[place]) * 1e6) / elapsed;
      this.#sampledBytes[place] = this.#bytes[place];
    }
    this.#sampledMicros = micros;
  }

  /** Share of the device's rate in use now, 0 to 1; without a node the mean of all. */
  utilisation(kind: number, node: number): number {
    return this.#share(this.#rates, kind, node);
  }

  /** The same between the last two samples. */
  meanUtilisation(kind: number, node: number): number {
    return this.#share(this.#means, kind, node);
  }

  /** Bytes that have passed the device since the start, as of its last change. */
  bytes(kind: number, node: number): number {
    let total = 0;
    for (let each = 0; each < this.#o.nodeCount; each += 1)
      if (node === ANY || node === each) total += this.#bytes[each * DEVICE_KINDS + kind];
    return Math.round(total);
  }

  treeBytes(node: number): number {
    if (node !== ANY) return this.#trees[node];
    return this.#trees.reduce((total, bytes) => total + bytes, 0);
  }

  /** Of the space that a session's trees may take; without a node the largest. Above 1: more sessions than it is meant for. */
  treeShare(node: number): number {
    const shareOf = (each: number): number => this.#trees[each] / this.#o.treeBounds[each];
    if (node !== ANY) return shareOf(node);
    let most = 0;
    for (let each = 0; each < this.#o.nodeCount; each += 1) most = Math.max(most, shareOf(each));
    return most;
  }

  save(): GaugesState {
    return {
      rates: this.#rates.slice(),
      bytes: this.#bytes.slice(),
      sampledBytes: this.#sampledBytes.slice(),
      means: this.#means.slice(),
      trees: this.#trees.slice(),
      times: [this.#now, this.#sampledMicros, this.changes],
    };
  }

  load(state: GaugesState): void {
    this.#rates.set(state.rates);
    this.#bytes.set(state.bytes);
    this.#sampledBytes.set(state.sampledBytes);
    this.#means.set(state.means);
    this.#trees.set(state.trees);
    [this.#now, this.#sampledMicros, this.changes] = state.times;
  }

  #passTo(micros: number): void {
    const seconds = (micros - this.#now) / 1e6;
    if (seconds <= 0) return;
    for (let place = 0; place < this.#rates.length; place += 1) this.#bytes[place] += this.#rates[place] * seconds;
    this.#now = micros;
  }

  #share(rates: Float64Array, kind: number, node: number): number {
    const { nodeCount, capacities } = this.#o;
    let total = 0;
    for (let each = 0; each < nodeCount; each += 1) {
      if (node !== ANY && node !== each) continue;
      const place = each * DEVICE_KINDS + kind;
      total += Math.min(1, rates[place] / capacities[place]);
    }
    return node === ANY ? total / nodeCount : total;
  }
}

/** Metrics of a device: level, its kind. */
export const UTILISATION_METRICS: ReadonlyMap<string, number> = new Map([
  ['disk_read_utilisation', DEVICE_KIND.diskRead],
  ['disk_write_utilisation', DEVICE_KIND.diskWrite],
  ['network_out_utilisation', DEVICE_KIND.linkOut],
  ['network_in_utilisation', DEVICE_KIND.linkIn],
  ['processor_utilisation', DEVICE_KIND.processor],
  ['compaction_throttle_utilisation', DEVICE_KIND.compactionThrottle],
  ['stream_throttle_utilisation', DEVICE_KIND.streamThrottle],
]);

/** Totals of a device. */
export const DEVICE_BYTES_METRICS: ReadonlyMap<string, number> = new Map([
  ['disk_bytes_read', DEVICE_KIND.diskRead],
  ['disk_bytes_written', DEVICE_KIND.diskWrite],
  ['network_bytes_sent', DEVICE_KIND.linkOut],
]);

export function isGauge(metric: string): boolean {
  return UTILISATION_METRICS.has(metric) || DEVICE_BYTES_METRICS.has(metric) || metric.startsWith('tree_memory_');
}

/** Reads a gauge; `asMean`: of utilisations the mean since the sample before. Null for another metric. */
export function gaugeReader(metric: string, node: number, gauges: Gauges, asMean: boolean): (() => number) | null {
  const utilised = UTILISATION_METRICS.get(metric);
  if (utilised !== undefined)
    return asMean ? () => gauges.meanUtilisation(utilised, node) : () => gauges.utilisation(utilised, node);
  const moved = DEVICE_BYTES_METRICS.get(metric);
  if (moved !== undefined) return () => gauges.bytes(moved, node);
  if (metric === 'tree_memory_bytes') return () => gauges.treeBytes(node);
  return metric === 'tree_memory_share' ? () => gauges.treeShare(node) : null;
}
