/**
 * How long the messages of many first attempts take, drawn in one tight loop: the way to each copy, and there and back.
 * Says exactly what `Workload.latency` says one by one (test/run/healthy-writes.test.ts); knows nothing of fates.
 */
import type { Versions } from '../data/versions.ts';
import {
  INNER_CELL_END,
  INNER_CELL_FIRST,
  LATENCY_FRACTION,
  LATENCY_WORD_BITS,
  QUANTILES,
} from '../kernel/latency-table.ts';
import { DIRECTIONS, type Links } from './links.ts';
import type { Workload } from './workload.ts';

/** A way of this many µs or more does not fit the arrays (a way and back must be an int32). Larger than what is read from
 * quantiles. */
const FAR = 1 << 29;
const WORD_MASK = (1 << LATENCY_WORD_BITS) - 1;

export class WayDraws {
  /** By place: µs to the copy; µs to the copy and back. */
  ways = new Int32Array(1024);
  rounds = new Int32Array(1024);
  /** No round of the last `draw` was longer. */
  slowest = 0;
  /** Places of the last `draw` that do not lie between quantiles. */
  #outer = new Int32Array(1024);
  readonly #links: Links;
  /** Quantiles of all samplers one after the other; how many inner cells may be read: none if any sampler has no quantiles,
   * for then one look decides for all. */
  readonly #quantiles: Float32Array;
  readonly #innerCells: number;

  constructor(links: Links) {
    const { samplers } = links;
    this.#links = links;
    this.#quantiles = new Float32Array(samplers.length * QUANTILES);
    let innerCells = INNER_CELL_END - INNER_CELL_FIRST;
    samplers.forEach(({ quantiles }, sampler) => {
      if (quantiles === null) innerCells = 0;
      else this.#quantiles.set(quantiles, sampler * QUANTILES);
    });
    this.#innerCells = innerCells;
  }

  /**
   * For `count` versions from `first` on, filled and with their coordinators: copy c of the i-th lies at place
   * `from + i * copies + c`. False if a way is too long for the arrays; then nothing drawn may be used.
   */
  draw(workload: Workload, versions: Versions, stretch: { first: number; count: number; from: number }): boolean {
    this.#reserve(stretch.from + stretch.count * workload.table.copies, stretch.count * workload.table.copies);
    const outer = this.#drawInner(workload, versions, stretch);
    return this.#drawOuter(workload, versions, stretch, outer);
  }

  /**
   * All ways as if they lay between quantiles; returns how many draws do not and are noted in `#outer`. No call is made
   * in the loop: after one the engine must look again where each array lies.
   */
  #drawInner(workload: Workload, versions: Versions, stretch: { first: number; count: number; from: number }): number {
    const { first, count, from } = stretch;
    const { copies, replicas } = workload.table;
    const { ways, rounds } = this;
    const { latencyK0, latencyStir } = workload;
    const { classOf, count: nodeCount } = this.#links;
    const { index, replicaBase, coordinator } = versions.arrays;
    const quantiles = this.#quantiles;
    const innerCells = this.#innerCells;
    const outer = this.#outer;
    const END = from + count * copies;
    let version = first;
    let slowest = 0;
    let outers = 0;
    for (let place = from; place < END; version += 1) {
      const address = index[version];
      const base = replicaBase[version];
      const row = coordinator[version] * nodeCount;
      for (let copy = base; copy < base + copies; copy += 1) {
        const target = replicas[copy];
        const stream = target * DIRECTIONS;
        const quantile = classOf[row + target] * DIRECTIONS * QUANTILES;
        // Two draws of kernel/random.ts and their quantiles (kernel/latency-table.ts), written out side by side, because
        // each is a chain in which every step waits for the one before: the way there and the way back.
        let there = Math.imul(address ^ latencyK0[stream], 0x21f0aaad);
        let back = Math.imul(address ^ latencyK0[stream + 1], 0x21f0aaad);
        there = Math.imul((there ^ (there >>> 15)) + latencyStir[stream], 0x735a2d97);
        back = Math.imul((back ^ (back >>> 15)) + latencyStir[stream + 1], 0x735a2d97);
        there = Math.imul(there ^ (there >>> 15), 0x2c1b3c6d);
        back = Math.imul(back ^ (back >>> 15), 0x2c1b3c6d);
        there ^= there >>> 16;
        back ^= back >>> 16;
        const thereCell = there >>> LATENCY_WORD_BITS;
        const backCell = back >>> LATENCY_WORD_BITS;
        const thereLow = quantiles[quantile + thereCell];
        const thereNext = quantiles[quantile + thereCell + 1];
        const backLow = quantiles[quantile + QUANTILES + backCell];
        const backNext = quantiles[quantile + QUANTILES + backCell + 1];
        const thereRest = (there & WORD_MASK) * LATENCY_FRACTION;
        const backRest = (back & WORD_MASK) * LATENCY_FRACTION;
        let way = (thereLow + thereRest * (thereNext - thereLow) + 0.5) | 0;
        let round = (backLow + backRest * (backNext - backLow) + 0.5) | 0;
        if (way < 1) way = 1;
        if (round < 1) round = 1;
        round += way;
        if ((thereCell - INNER_CELL_FIRST) >>> 0 >= innerCells || (backCell - INNER_CELL_FIRST) >>> 0 >= innerCells) {
          outer[outers] = place;
          outers += 1;
        }
        ways[place] = way;
        rounds[place] = round;
        if (round > slowest) slowest = round;
        place += 1;
      }
    }
    this.slowest = slowest;
    return outers;
  }

  /** Draws again, one by one, what does not lie between quantiles. */
  #drawOuter(
    workload: Workload,
    versions: Versions,
    { first, from }: { first: number; from: number },
    outers: number,
  ): boolean {
    const { copies, replicas } = workload.table;
    const { latencyK0, latencyK1 } = workload;
    const { classOf, samplers, count: nodeCount } = this.#links;
    const { index, replicaBase, coordinator } = versions.arrays;
    for (let at = 0; at < outers; at += 1) {
      const place = this.#outer[at];
      const copy = (place - from) % copies;
      const version = first + (place - from - copy) / copies;
      const target = replicas[replicaBase[version] + copy];
      const stream = target * DIRECTIONS;
      const sampler = classOf[coordinator[version] * nodeCount + target] * DIRECTIONS;
      const address = index[version];
      const way = samplers[sampler].at(latencyK0[stream], latencyK1[stream], address);
      const back = samplers[sampler + 1].at(latencyK0[stream + 1], latencyK1[stream + 1], address);
      if (way >= FAR || back >= FAR) return false;
      this.ways[place] = way;
      this.rounds[place] = way + back;
      if (way + back > this.slowest) this.slowest = way + back;
    }
    return true;
  }

  #reserve(places: number, drawn: number): void {
    if (this.#outer.length < drawn) this.#outer = new Int32Array(drawn * 2);
    if (this.ways.length >= places) return;
    const ways = new Int32Array(places * 2);
    ways.set(this.ways);
    this.ways = ways;
    const rounds = new Int32Array(places * 2);
    rounds.set(this.rounds);
    this.rounds = rounds;
  }
}
