/**
 * Which replicas a read may ask, and in what order: the coordinator itself, then its rack, its data centre, the others, in
 * the order of the ring where these tie; the dynamic snitch may put them in another order by what they took lately. Only
 * replicas that the coordinator sees alive are candidates. Whom it then asks is decided in `read-path.ts`.
 */
import { ROLE } from '../../data/epochs.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Cluster } from '../cluster.ts';
import type { ConsistencyRule } from '../consistency.ts';
import type { Placements } from '../placements.ts';

/** What puts candidates in another order; `nodes` are `count` candidates in order of proximity. */
export interface ProximityOrder {
  reorder(coordinator: number, nodes: Int32Array, count: number): void;
}

export class ReplicaChoice {
  /** Candidates of the last `choose`, those that count for the level first. */
  readonly nodes: Int32Array;
  candidates = 0;
  counting = 0;
  needed = 0;
  /** Told by the dynamic snitch, where there is one. */
  order: ProximityOrder | null = null;
  readonly #cluster: Cluster;
  readonly #placements: Placements | null;
  readonly #proximity: Int32Array;
  readonly #scratch: Int32Array;

  /** `placements`: absent where every copy counts. */
  constructor(cluster: Cluster, copies: number, placements: Placements | null = null) {
    this.#cluster = cluster;
    this.#placements = placements;
    this.nodes = new Int32Array(copies);
    this.#proximity = new Int32Array(copies);
    this.#scratch = new Int32Array(copies);
  }

  /** False where too few replicas are seen alive for the level. */
  choose(layout: TableLayout, base: number, coordinator: number, rule: ConsistencyRule): boolean {
    const dc = this.#cluster.dcOf[coordinator];
    this.#sortLive(layout, base, coordinator);
    this.order?.reorder(coordinator, this.nodes, this.candidates);
    this.needed = rule.required(dc);
    this.counting = this.candidates;
    if (rule.each !== null && !this.#putQuorumsFirst(rule.each)) return false;
    this.counting = this.#putFirst((node) => rule.counts(this.#cluster.dcOf[node], dc));
    return this.counting >= this.needed;
  }

  /** How many of the candidates, counted from the first, lie in the coordinator's data centre when those are put first. */
  localsFirst(coordinator: number): number {
    const { dcOf } = this.#cluster;
    return this.#putFirst((node) => dcOf[node] === dcOf[coordinator]);
  }

  #sortLive(layout: TableLayout, base: number, coordinator: number): void {
    const { seen, count } = this.#cluster;
    this.candidates = 0;
    for (let copy = 0; copy < layout.copies; copy += 1) {
      if (this.#placements !== null && this.#placements.roleAt(layout, base + copy) !== ROLE.natural) continue;
      const node = layout.replicas[base + copy];
      if (node === coordinator || seen[coordinator * count + node] === 1)
        this.#insert(node, this.#cluster.distance(coordinator, node));
    }
  }

  /** Behind all that are as near. */
  #insert(node: number, proximity: number): void {
    let at = this.candidates;
    while (at > 0 && this.#proximity[at - 1] > proximity) {
      this.nodes[at] = this.nodes[at - 1];
      this.#proximity[at] = this.#proximity[at - 1];
      at -= 1;
    }
    this.nodes[at] = node;
    this.#proximity[at] = proximity;
    this.candidates += 1;
  }

  /** Stable; returns how many there are. */
  #putFirst(isFirst: (node: number) => boolean): number {
    let first = 0;
    let next = 0;
    for (let at = 0; at < this.candidates; at += 1) {
      const node = this.nodes[at];
      if (isFirst(node)) this.nodes[first++] = node;
      else this.#scratch[next++] = node;
    }
    this.nodes.set(this.#scratch.subarray(0, next), first);
    return first;
  }

  /** Of each data centre the nearest, as many as it needs; false where one has too few. */
  #putQuorumsFirst(each: readonly number[]): boolean {
    const left = [...each];
    const first = new Set<number>();
    for (let at = 0; at < this.candidates; at += 1) {
      const node = this.nodes[at];
      const dc = this.#cluster.dcOf[node];
      if (left[dc] <= 0) continue;
      left[dc] -= 1;
      first.add(node);
    }
    this.#putFirst((node) => first.has(node));
    return left.every((needed) => needed <= 0);
  }
}
