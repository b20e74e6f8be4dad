/**
 * Latencies of small messages between nodes: four distributions (write, ack, read, response) per link class, drawn by
 * address. A pair of nodes belongs to one class: the node itself, its rack, its data centre, or another data centre
 * (whose class may be set for that pair of data centres). Fates of messages are not here (`cluster.ts`).
 */
import type { LatencyTable } from '../kernel/latency-table.ts';

export const DIRECTION = { write: 0, ack: 1, read: 2, response: 3 } as const;
export const DIRECTIONS = 4;

/** From a replica to the coordinator? */
export function isBack(direction: number): boolean {
  return direction === DIRECTION.ack || direction === DIRECTION.response;
}

export class Links {
  readonly count: number;
  /** Class of the pair from * count + to. */
  readonly classOf: Uint8Array;
  /** Sampler of class c, direction d at [c * 4 + d]. */
  readonly samplers: readonly LatencyTable[];

  constructor(count: number, classOf: Uint8Array, samplers: readonly LatencyTable[]) {
    this.count = count;
    this.classOf = classOf;
    this.samplers = samplers;
  }

  /** Whole µs, at least 1: a message takes time. The key addresses purpose, direction and target; index the message. */
  latency(pairClass: number, direction: number, k0: number, k1: number, index: number): number {
    return this.samplers[pairClass * DIRECTIONS + direction].at(k0, k1, index);
  }
}
