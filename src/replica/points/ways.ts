/**
 * The ways of messages that carry parts of requests between nodes: how long they take and whether their link lets them
 * through, drawn by the address of the message (ADR 0003).
 */
import { CAUSE } from '../../data/causes.ts';
import { derive, draw32, type StreamKey } from '../../kernel/random.ts';
import type { Cluster } from '../cluster.ts';
import { DIRECTIONS, isBack, type Links } from '../links.ts';
import type { SlowLinks } from '../slow-links.ts';

export interface PartWaysOptions {
  cluster: Cluster;
  links: Links;
  slowLinks: SlowLinks | null;
  latencyKey: StreamKey;
  lossKey: StreamKey;
}

/** From the node that sends the part to the one that stores it; `address` tells this message from all others. */
export interface PartWay {
  coordinator: number;
  target: number;
  /** Two numbers, which with the nodes are unique to the message. */
  address: number;
  attempt: number;
}

export class PartWays {
  readonly #o: PartWaysOptions;

  constructor(options: PartWaysOptions) {
    this.#o = options;
  }

  /** 0 = the message gets through; else cause | origin << 8. Judged when it is sent. */
  lossFate({ coordinator, target, address, attempt }: PartWay, direction: number): number {
    const { cluster, lossKey } = this.#o;
    if (coordinator === target) return 0;
    const back = isBack(direction);
    const pair = back ? target * cluster.count + coordinator : coordinator * cluster.count + target;
    if (cluster.cut[pair] > 0) return CAUSE.partition | (cluster.cutOrigin[pair] << 8);
    const threshold = cluster.lossThreshold[pair];
    if (threshold === 0) return 0;
    const drawn = draw32(lossKey.k0 + pair * 8 + direction, lossKey.k1 + attempt, address);
    return drawn < threshold ? CAUSE.messageLost | (cluster.lossOrigin[pair] << 8) : 0;
  }

  /** µs, at least 1. */
  micros({ coordinator, target, address, attempt }: PartWay, direction: number, sentMicros: number): number {
    const { links, slowLinks, latencyKey } = this.#o;
    const pair = coordinator * links.count + target;
    const key = derive(latencyKey, (target * DIRECTIONS + direction) * 64 + (attempt & 63));
    const way = links.latency(links.classOf[pair], direction, key.k0, key.k1, address);
    if (slowLinks === null) return way;
    return slowLinks.slowed(way, isBack(direction) ? target * links.count + coordinator : pair, sentMicros);
  }
}
