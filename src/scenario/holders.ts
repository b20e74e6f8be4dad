/** Which nodes hold copies of a key or a range, for faults that damage a copy and for repairs: by the same tokens and placement as the run. */
import { rangeHolders } from '../data/build-layout.ts';
import type { RangeHolders } from '../data/layout.ts';
import { murmur3Token } from '../data/murmur3.ts';
import { NetworkTopologyStrategy, SimpleStrategy } from '../data/placement.ts';
import type { Placement } from '../data/placement.ts';
import { buildRing, ringIndexOf } from '../data/ring.ts';
import type { PlanRandom } from '../kernel/random.ts';
import type { PlanNode, PlanTable } from './plan.ts';

export class Holders {
  readonly #nodes: readonly PlanNode[];
  readonly #table: PlanTable;
  readonly #placement: Placement | null;

  constructor(nodes: readonly PlanNode[], table: PlanTable) {
    this.#nodes = nodes;
    this.#table = table;
    // Nodes that join later own nothing yet.
    const ring = buildRing(
      nodes.map(({ dc, rack, tokens, joins }) => ({
        dc,
        rack,
        tokens: joins === undefined ? tokens.map(BigInt) : [],
      })),
    );
    const { replication } = table;
    if (!ring.ok) this.#placement = null;
    else if (replication.strategy === 'SimpleStrategy')
      this.#placement = new SimpleStrategy(ring.ring, replication.factor);
    else this.#placement = new NetworkTopologyStrategy(ring.ring, new Map(Object.entries(replication.factors)));
  }

  /** Null where there is no ring. */
  ranges(): RangeHolders | null {
    return this.#placement === null || this.#placement.ring.tokens.length === 0 ? null : rangeHolders(this.#placement);
  }

  holds(nodeId: string, key: number): boolean {
    if (this.#placement === null) return false;
    const { ring } = this.#placement;
    const replicas = this.#placement.naturalReplicas(ringIndexOf(ring, murmur3Token(this.#keyBytes(key))));
    return replicas.includes(this.#nodes.findIndex(({ id }) => id === nodeId));
  }

  /** `count` distinct keys that the node holds, ascending; fewer where it does not hold so many. */
  draw(nodeId: string, count: number, random: PlanRandom): number[] {
    const chosen = new Set<number>();
    // Rejection: a node holds a fixed share of the ring, so the tries stay near count / share.
    for (let tries = 10_000 + 400 * count; tries > 0 && chosen.size < count; tries--) {
      const key = random.below(this.#table.partitions);
      if (!chosen.has(key) && this.holds(nodeId, key)) chosen.add(key);
    }
    return [...chosen].sort((left, right) => left - right);
  }

  /** A named key is its text; a generated one the 8-byte big-endian integer of its number. */
  #keyBytes(key: number): Uint8Array {
    const text = this.#table.key_texts?.[key];
    if (text !== undefined) return new TextEncoder().encode(text);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(key));
    return bytes;
  }
}
