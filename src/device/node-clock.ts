/**
 * The clocks that nodes believe: virtual time plus a skew that is constant from one change to the next. Skews come from
 * the plan (they are known before a run starts), so a clock is pure data and needs no snapshot. Several skews of a node
 * that hold at once add up. Not responsible for what a wrong clock does: whoever stamps with it decides that.
 */
export class NodeClocks {
  readonly #steps: { from: number[]; skew: number[] }[];

  constructor(nodeCount: number) {
    this.#steps = Array.from({ length: nodeCount }, () => ({ from: [0], skew: [0] }));
  }

  /** Skews a node's clock by `byMicros` from a time on, until (exclusive) another time or for ever (null). */
  skew(node: number, options: { fromMicros: number; untilMicros: number | null; byMicros: number }): void {
    const { fromMicros, untilMicros, byMicros } = options;
    this.#add(node, fromMicros, byMicros);
    if (untilMicros !== null) this.#add(node, untilMicros, -byMicros);
  }

  /** µs by which the clock is ahead (negative: behind) at a moment of virtual time. */
  skewAt(node: number, micros: number): number {
    const { from, skew } = this.#steps[node];
    let low = 0;
    let high = from.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (from[middle] <= micros) low = middle;
      else high = middle - 1;
    }
    return skew[low];
  }

  /** What the node's clock shows at a moment of virtual time, µs. */
  read(node: number, micros: number): number {
    return micros + this.skewAt(node, micros);
  }

  /** Are all clocks right, always? */
  get isExact(): boolean {
    return this.#steps.every(({ skew }) => skew.every((value) => value === 0));
  }

  #add(node: number, atMicros: number, byMicros: number): void {
    const { from, skew } = this.#steps[node];
    let index = from.length;
    while (from[index - 1] > atMicros) index -= 1;
    if (from[index - 1] !== atMicros) {
      from.splice(index, 0, atMicros);
      skew.splice(index, 0, skew[index - 1]);
    } else index -= 1;
    for (; index < skew.length; index += 1) skew[index] += byMicros;
  }
}
