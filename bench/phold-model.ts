/**
 * PHOLD, the usual load of event queues: a constant population of events over 1024 logical processes; each event, when
 * run, counts at its process and schedules one successor at a random process after a random delay. Delays are
 * exponential (mean 1 s) or bimodal (1 in 16 with mean 600 s, else 500 µs), which is hard on queues that adapt to one.
 */
import { unitExponential } from '../src/kernel/distributions.ts';
import { draw32, streamKey } from '../src/kernel/random.ts';
import type { PholdQueue } from './peers.ts';

export type DelayLaw = 'exponential' | 'bimodal';

const PROCESSES = 1024;
const MEAN_MICROS = 1_000_000;
/** Bimodal: one delay in 16 is long. */
const LONG_MICROS = 600_000_000;
const SHORT_MICROS = 500;

export class Phold {
  checksum = 0;
  /** Events that still count for the checksum: a queue that runs whole ticks may run a few more than it was asked for. */
  #left: number;
  readonly #queue: PholdQueue;
  readonly #counts = new Int32Array(PROCESSES);
  readonly #bimodal: boolean;
  readonly #k0: number;
  readonly #k1: number;
  #draws = 0;

  constructor(queue: PholdQueue, law: DelayLaw, events: number) {
    const { k0, k1 } = streamKey('phold', law);
    this.#queue = queue;
    this.#left = events;
    this.#bimodal = law === 'bimodal';
    this.#k0 = k0;
    this.#k1 = k1;
    // A handler of its own for each kind, as a model would have.
    queue.define(1, (a, b) => this.#handle(1, a, b));
    queue.define(2, (a, b) => this.#handle(2, a, b));
    queue.define(3, (a, b) => this.#handle(3, a, b));
    queue.define(4, (a, b) => this.#handle(4, a, b));
  }

  seed(pending: number): void {
    for (let event = 0; event < pending; event++) this.#schedule(event);
  }

  #handle(kind: number, process: number, event: number): void {
    this.#counts[process] += kind;
    if (this.#left-- > 0) this.checksum = (Math.imul(this.checksum, 31) + process + kind + event) | 0;
    this.#schedule(event);
  }

  #schedule(event: number): void {
    const word = draw32(this.#k0, this.#k1, this.#draws++);
    const which = draw32(this.#k1, this.#k0, this.#draws++);
    const mean = this.#bimodal ? ((which >>> 16) & 15 ? SHORT_MICROS : LONG_MICROS) : MEAN_MICROS;
    const delay = 1 + Math.floor(mean * unitExponential(word));
    this.#queue.after(delay, 1 + (which & 3), (which >>> 4) & (PROCESSES - 1), event);
  }
}
