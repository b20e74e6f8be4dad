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
  /** The longest round of the last `draw`. */
  slowest = 0;
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
    const { first, count, from } = stretch;
    const { copies, replicas } = workload.table;
    this.#reserve(from + count * copies);
    const { ways, rounds } = this;
    const { latencyK0, latencyK1, latencyStir } = workload;
    const { classOf, samplers, count: nodeCount } = this.#links;
    const { index, replicaBase, coordinator } = versions.arrays;
    const quantiles = this.#quantiles;
    const innerCells = this.#innerCells;
    const END = from + count * copies;
    let version = first;
    let slowest = 0;
    for (let place = from; place < END; version += 1) {
      const address = index[version];
      const base = replicaBase[version];
      const row = coordinator[version] * nodeCount;
      for (let copy = base; copy < base + copies; copy += 1) {
        const target = replicas[copy];
        let stream = target * DIRECTIONS;
        let sampler = classOf[row + target] * DIRECTIONS;
        let way = 0;
        let round = 0;
        // Two draws of kernel/random.ts and their quantiles (kernel/latency-table.ts), written out: way (0) and back (1).
        for (const end = stream + 2; stream < end; stream += 1, sampler += 1) {
          let word = Math.imul(address ^ latencyK0[stream], 0x21f0aaad);
          word = Math.imul((word ^ (word >>> 15)) + latencyStir[stream], 0x735a2d97);
          word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d);
          word ^= word >>> 16;
          const cell = word >>> LATENCY_WORD_BITS;
          way = round;
          if ((cell - INNER_CELL_FIRST) >>> 0 < innerCells) {
            const quantile = sampler * QUANTILES + cell;
            const below = quantiles[quantile];
            const rest = (word & WORD_MASK) * LATENCY_FRACTION;
            const micros = (below + rest * (quantiles[quantile + 1] - below) + 0.5) | 0;
            round += micros < 1 ? 1 : micros;
          } else {
            const micros = samplers[sampler].at(latencyK0[stream], latencyK1[stream], address);
            if (micros >= FAR) return false;
            round += micros;
          }
        }
        ways[place] = way;
        rounds[place] = round;
        if (round > slowest) slowest = round;
        place += 1;
      }
    }
    this.slowest = slowest;
    return true;
  }

  #reserve(places: number): void {
    if (this.ways.length >= places) return;
    const ways = new Int32Array(places * 2);
    ways.set(this.ways);
    this.ways = ways;
    const rounds = new Int32Array(places * 2);
    rounds.set(this.rounds);
    this.rounds = rounds;
  }
}
