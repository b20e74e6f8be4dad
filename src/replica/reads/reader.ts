/**
 * Who reads: a workload's reads, or those of a probe. Holds the keys of all draws of its reads (latency, loss, chance), each
 * by address, so that a read fares the same whatever else happens. Knows nothing of when reads begin.
 */
import { derive, draw32, type StreamKey } from '../../kernel/random.ts';
import type { LatencyTable } from '../../kernel/latency-table.ts';
import type { ConsistencyRule } from '../consistency.ts';
import { DIRECTIONS } from '../links.ts';

/** A step that moves a key from one attempt to the next, as in `workload.ts`. */
const ATTEMPT_STEP = 0x3779b1;
const PAIR_STEP = 8;

export interface ReaderOptions {
  /** Place in the read path's list of readers. */
  index: number;
  id: string;
  /** Index of the table. */
  table: number;
  rule: ConsistencyRule;
  nodeCount: number;
  key: StreamKey;
  /** Of latencies and losses. */
  networkKey: StreamKey;
  /** All live replicas that count are asked at once; the first answers that the level needs are taken. */
  asksAll?: boolean;
  /** All send their data, and the newest of the first answers is the client's: no digests, no repair. */
  merges?: boolean;
}

export class Reader {
  readonly index: number;
  readonly id: string;
  readonly table: number;
  readonly rule: ConsistencyRule;
  readonly asksAll: boolean;
  readonly merges: boolean;
  readonly #latencyK0: Int32Array;
  readonly #latencyK1: Int32Array;
  readonly #lossKey: StreamKey;
  readonly #chanceKey: StreamKey;

  constructor(options: ReaderOptions) {
    this.index = options.index;
    this.id = options.id;
    this.table = options.table;
    this.rule = options.rule;
    this.asksAll = options.asksAll ?? false;
    this.merges = options.merges ?? false;
    this.#lossKey = derive(options.networkKey, 32);
    this.#chanceKey = derive(options.key, 33);
    const latencyKey = derive(options.networkKey, 34);
    const places = options.nodeCount * DIRECTIONS;
    this.#latencyK0 = new Int32Array(places);
    this.#latencyK1 = new Int32Array(places);
    for (let place = 0; place < places; place += 1) {
      const key = derive(latencyKey, place);
      this.#latencyK0[place] = key.k0;
      this.#latencyK1[place] = key.k1;
    }
  }

  /** Whole µs, at least 1, of one message to or from `target`. */
  latency(
    sampler: LatencyTable,
    message: { direction: number; address: number; attempt: number; target: number },
  ): number {
    const place = message.target * DIRECTIONS + message.direction;
    const k1 = (this.#latencyK1[place] + message.attempt * ATTEMPT_STEP) | 0;
    return sampler.at(this.#latencyK0[place], k1, message.address);
  }

  /** 32-bit draw that decides whether a message of this read is lost between two nodes. */
  lossDraw(pair: number, direction: number, attempt: number, address: number): number {
    return draw32(this.#lossKey.k0 + pair * PAIR_STEP + direction, this.#lossKey.k1 + attempt, address);
  }

  /** 32-bit draw that decides whether this read asks all replicas. */
  chanceDraw(address: number): number {
    return draw32(this.#chanceKey.k0, this.#chanceKey.k1, address);
  }
}
