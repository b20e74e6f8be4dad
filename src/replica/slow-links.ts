/**
 * Links that are slow for a while: how many times as long a small message takes that is sent at a moment. A function of the
 * plan, not of what has happened, so that a message's way can be asked for again later; of several the slowest counts. Which
 * way a message takes is `links.ts`; transfers of many bytes are the devices'.
 */

export interface SlowStretch {
  fromMicros: number;
  /** Exclusive. */
  untilMicros: number;
  times: number;
  /** 1 for each pair from * nodes + to that it is about. */
  pairs: Uint8Array;
}

export class SlowLinks {
  readonly #stretches: readonly SlowStretch[];

  constructor(stretches: readonly SlowStretch[]) {
    this.#stretches = stretches;
  }

  /** `way`, or so many times that if the link is slow when the message is sent; whole µs. */
  slowed(wayMicros: number, pair: number, sentMicros: number): number {
    let times = 1;
    for (const stretch of this.#stretches) {
      if (sentMicros < stretch.fromMicros || sentMicros >= stretch.untilMicros) continue;
      if (stretch.pairs[pair] === 1 && stretch.times > times) times = stretch.times;
    }
    return times === 1 ? wayMicros : Math.round(wayMicros * times);
  }
}
