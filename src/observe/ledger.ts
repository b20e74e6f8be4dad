/**
 * The ledger of divergence: each time a row copy comes to differ an episode is born; it ends healed, by something. An
 * episode counts under the cause that it has last, so a fate that becomes known later moves its birth. For every cause,
 * born = healed + left, where left is what the counters say differs now.
 *
 * Healers are the numbers of VIAS; a repair heals under REPAIR_HEALER + the origin of its entry.
 */
import { CAUSE, CAUSES, VIA, VIAS } from '../data/causes.ts';

/** Healer number of the repair with origin 0 (none named). */
export const REPAIR_HEALER = VIAS.length;

export interface LedgerState {
  episodes: Float64Array;
}

export class Ledger {
  /** All counts: `born`, then `healed`. */
  readonly episodes: Float64Array;
  /** Episodes by cause. */
  readonly born: Float64Array;
  /** Ended episodes at [cause * healers + healer]. */
  readonly healed: Float64Array;
  readonly healers: number;
  /** Where in `episodes` those lie that were healed in flight. */
  readonly healedInFlightAt: number;

  /** Origins are 0..originCount−1. */
  constructor(originCount: number) {
    this.healers = REPAIR_HEALER + originCount;
    this.episodes = new Float64Array(CAUSES.length * (this.healers + 1));
    this.born = this.episodes.subarray(0, CAUSES.length);
    this.healed = this.episodes.subarray(CAUSES.length);
    this.healedInFlightAt = CAUSES.length + CAUSE.inFlight * this.healers;
  }

  /** Number of the healer that a delivery's detail (via, origin) names. */
  healerOf(via: number, origin: number): number {
    return via === VIA.repair ? REPAIR_HEALER + origin : via;
  }

  heal(cause: number, healer: number): void {
    this.healed[cause * this.healers + healer] += 1;
  }

  /** The open episode's cause turns out to be another. */
  move(from: number, to: number): void {
    this.born[from] -= 1;
    this.born[to] += 1;
  }

  /** Episodes healed under the cause (−1: all) by the mechanism (a number of VIAS, −1: all), repair origin (−1: all). */
  healedBy(cause: number, via: number, origin: number): number {
    let total = 0;
    const from = cause < 0 ? 0 : cause;
    const to = cause < 0 ? CAUSES.length : cause + 1;
    for (let each = from; each < to; each += 1) {
      const row = each * this.healers;
      for (let healer = 0; healer < this.healers; healer += 1) {
        if (matches(healer, via, origin)) total += this.healed[row + healer];
      }
    }
    return total;
  }

  save(): LedgerState {
    return { episodes: this.episodes.slice() };
  }

  load(state: LedgerState): void {
    this.episodes.set(state.episodes);
  }
}

function matches(healer: number, via: number, origin: number): boolean {
  if (healer < REPAIR_HEALER) return origin < 0 && (via < 0 || via === healer);
  return (via < 0 || via === VIA.repair) && (origin < 0 || healer === REPAIR_HEALER + origin);
}
