/**
 * Placement: which nodes hold copies of a ring range, in natural order (the first is the primary), and what follows
 * from it for one node. Source: cassandra.md section g "Placement" and cassandra.b2 for the primary ranges. Consistency
 * levels and neighbours of a repair are decided elsewhere.
 */
import type { Ring } from './ring.ts';
import type { TokenRange } from './tokens.ts';

export interface Placement {
  readonly ring: Ring;
  /** Copies of every range: the replication factor, capped by the nodes there are. */
  readonly copies: number;
  /** The replication factor over all data centres, as configured: what levels count (cassandra.g-quorum). */
  readonly factor: number;
  /** Node indices that hold the range with this ring index. The array is shared: do not change it. */
  naturalReplicas(ringIndex: number): readonly number[];
}

/** Walk the ring from the range's token: the first `factor` distinct nodes. */
export class SimpleStrategy implements Placement {
  readonly ring: Ring;
  readonly copies: number;
  readonly factor: number;
  readonly #replicas: readonly (readonly number[])[];

  constructor(ring: Ring, factor: number) {
    this.ring = ring;
    this.factor = factor;
    this.copies = Math.min(factor, new Set(ring.owners).size);
    this.#replicas = ring.tokens.map((_token, index) => this.#walk(index));
  }

  naturalReplicas(ringIndex: number): readonly number[] {
    return this.#replicas[ringIndex];
  }

  #walk(ringIndex: number): number[] {
    const found: number[] = [];
    for (const node of ownersFrom(this.ring, ringIndex)) {
      if (found.length === this.copies) break;
      if (!found.includes(node)) found.push(node);
    }
    return found;
  }
}

/** One data centre while a range's replicas are collected. */
interface Filling {
  left: number;
  /** Nodes of a rack that is already represented which may still be taken. */
  rackRepeatsLeft: number;
  readonly racks: Set<number | string>;
}

interface Datacentre {
  readonly factor: number;
  readonly nodeCount: number;
  readonly rackCount: number;
}

/**
 * A factor per data centre. One pass over the whole ring: a node is taken if its rack is new in its data centre, or
 * while repeats are still allowed (factor − number of racks there). The order is ring order over all data centres.
 */
export class NetworkTopologyStrategy implements Placement {
  readonly ring: Ring;
  readonly copies: number;
  readonly factor: number;
  readonly #replicas: readonly (readonly number[])[];

  /** Data centres without a factor, or without nodes, get no copies. */
  constructor(ring: Ring, factors: ReadonlyMap<number | string, number>) {
    this.ring = ring;
    const datacentres = describeDatacentres(ring, factors);
    let copies = 0;
    for (const { factor, nodeCount } of datacentres.values()) copies += Math.min(factor, nodeCount);
    this.copies = copies;
    this.factor = [...factors.values()].reduce((sum, factor) => sum + factor, 0);
    this.#replicas = ring.tokens.map((_token, index) => this.#walk(index, datacentres));
  }

  naturalReplicas(ringIndex: number): readonly number[] {
    return this.#replicas[ringIndex];
  }

  #walk(ringIndex: number, datacentres: ReadonlyMap<number | string, Datacentre>): number[] {
    const fillings = new Map<number | string, Filling>();
    for (const [dc, { factor, nodeCount, rackCount }] of datacentres) {
      // The number of repeats counts from the factor as declared, not as capped.
      const left = Math.min(factor, nodeCount);
      fillings.set(dc, { left, rackRepeatsLeft: factor - rackCount, racks: new Set() });
    }
    const found: number[] = [];
    for (const node of ownersFrom(this.ring, ringIndex)) {
      if (found.length === this.copies) break;
      const { dc, rack } = this.ring.nodes[node];
      const filling = fillings.get(dc);
      if (filling !== undefined && !found.includes(node) && takes(filling, rack)) found.push(node);
    }
    return found;
  }
}

/** Ranges whose first natural replica is the node, over all data centres (cassandra.b2, -pr). */
export function primaryRanges(placement: Placement, node: number): TokenRange[] {
  return rangesWhere(placement, (replicas) => replicas[0] === node);
}

/** Ranges whose first replica within the node's own data centre is the node (cassandra.b2, -pr -local). */
export function primaryRangesWithinDc(placement: Placement, node: number): TokenRange[] {
  const { nodes } = placement.ring;
  const { dc } = nodes[node];
  return rangesWhere(placement, (replicas) => replicas.find((replica) => nodes[replica].dc === dc) === node);
}

/** All ranges of which the node holds a copy, each as it lies on the ring (not merged), in ring order. */
export function localRanges(placement: Placement, node: number): TokenRange[] {
  return rangesWhere(placement, (replicas) => replicas.includes(node));
}

function rangesWhere(placement: Placement, accepts: (replicas: readonly number[]) => boolean): TokenRange[] {
  return placement.ring.ranges.filter((_range, index) => accepts(placement.naturalReplicas(index)));
}

function takes(filling: Filling, rack: number | string): boolean {
  if (filling.left === 0) return false;
  if (filling.racks.has(rack)) {
    if (filling.rackRepeatsLeft <= 0) return false;
    filling.rackRepeatsLeft -= 1;
  }
  filling.racks.add(rack);
  filling.left -= 1;
  return true;
}

function describeDatacentres(
  ring: Ring,
  factors: ReadonlyMap<number | string, number>,
): Map<number | string, Datacentre> {
  const datacentres = new Map<number | string, Datacentre>();
  for (const [dc, factor] of factors) {
    // A node without tokens is not part of the ring.
    const members = ring.nodes.filter((node) => node.dc === dc && node.tokens.length > 0);
    if (factor <= 0 || members.length === 0) continue;
    const rackCount = new Set(members.map(({ rack }) => rack)).size;
    datacentres.set(dc, { factor, nodeCount: members.length, rackCount });
  }
  return datacentres;
}

/** Owners in ring order from an entry on, once around. */
function* ownersFrom(ring: Ring, ringIndex: number): Generator<number> {
  const { owners } = ring;
  for (let step = 0; step < owners.length; step += 1) yield owners[(ringIndex + step) % owners.length];
}
