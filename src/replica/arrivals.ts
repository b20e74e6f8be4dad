/**
 * When the writes of one workload arrive: a sorted sequence of times whose i-th member depends on nothing but the plan
 * and i. Fixed rates round each time, not each gap; Poisson arrivals are an addressed count per second slot and sorted
 * uniforms within it, so any slot can be made without the ones before it (ARCHITECTURE 3.1).
 */
import { poissonCount } from '../kernel/poisson.ts';
import { derive, draw32, type StreamKey } from '../kernel/random.ts';

const SLOT_MICROS = 1_000_000;
const TWO_TO_32 = 4294967296;

/** Times in order; `peek` is Infinity when there are no more. */
export interface Arrivals {
  /** Index of the next arrival. */
  readonly index: number;
  peek(): number;
  advance(): void;
  /** Puts the times before `untilMicros` into `times` from `from` on, moves on past them and returns how many there were. */
  takeUntil(untilMicros: number, times: Float64Array, from: number): number;
  /** Arrivals there are in all. */
  total(): number;
  seek(index: number): void;
}

export interface ArrivalWindow {
  fromMicros: number;
  /** Exclusive. */
  untilMicros: number;
  /** At most so many; Infinity for no cap. */
  count: number;
}

export class FixedArrivals implements Arrivals {
  index = 0;
  readonly #from: number;
  readonly #gapNumerator = 1e6;
  readonly #perSecond: number;
  readonly #total: number;

  constructor(perSecond: number, window: ArrivalWindow) {
    this.#from = window.fromMicros;
    this.#perSecond = perSecond;
    const span = window.untilMicros - window.fromMicros;
    let fit = Math.max(0, Math.ceil((span * perSecond) / 1e6));
    while (fit > 0 && this.#timeOf(fit - 1) >= window.untilMicros) fit -= 1;
    while (this.#timeOf(fit) < window.untilMicros) fit += 1;
    this.#total = Math.min(fit, window.count);
  }

  peek(): number {
    return this.index < this.#total ? this.#timeOf(this.index) : Infinity;
  }

  advance(): void {
    this.index += 1;
  }

  takeUntil(untilMicros: number, times: Float64Array, from: number): number {
    const first = this.index;
    const start = this.#from;
    const perSecond = this.#perSecond;
    const numerator = this.#gapNumerator;
    let index = first;
    for (; index < this.#total; index += 1) {
      const at = start + Math.floor((index * numerator) / perSecond);
      if (at >= untilMicros) break;
      times[from + index - first] = at;
    }
    this.index = index;
    return index - first;
  }

  total(): number {
    return this.#total;
  }

  seek(index: number): void {
    this.index = index;
  }

  #timeOf(index: number): number {
    return this.#from + Math.floor((index * this.#gapNumerator) / this.#perSecond);
  }
}

export class TraceArrivals implements Arrivals {
  index = 0;
  readonly #times: Float64Array;

  constructor(times: Float64Array) {
    this.#times = times;
  }

  peek(): number {
    return this.index < this.#times.length ? this.#times[this.index] : Infinity;
  }

  advance(): void {
    this.index += 1;
  }

  takeUntil(untilMicros: number, times: Float64Array, from: number): number {
    return takeOneByOne(this, untilMicros, times, from);
  }

  total(): number {
    return this.#times.length;
  }

  seek(index: number): void {
    this.index = index;
  }
}

export class PoissonArrivals implements Arrivals {
  index = 0;
  readonly #perSecond: number;
  readonly #window: ArrivalWindow;
  readonly #counts: StreamKey;
  readonly #offsets: StreamKey;
  /** Index of the first arrival of each slot; the last entry is the total. */
  readonly #firstOfSlot: Float64Array;
  #slot = -1;
  #times = new Float64Array(0);

  constructor(perSecond: number, window: ArrivalWindow, key: StreamKey) {
    this.#perSecond = perSecond;
    this.#window = window;
    this.#counts = derive(key, 1);
    this.#offsets = derive(key, 2);
    const slots = Math.ceil((window.untilMicros - window.fromMicros) / SLOT_MICROS);
    this.#firstOfSlot = new Float64Array(slots + 1);
    for (let slot = 0; slot < slots; slot += 1) {
      const mean = (perSecond * this.#slotSpan(slot)) / SLOT_MICROS;
      const drawn = poissonCount(mean, this.#counts.k0, this.#counts.k1, slot);
      this.#firstOfSlot[slot + 1] = Math.min(window.count, this.#firstOfSlot[slot] + drawn);
    }
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  peek(): number {
    if (this.index >= this.total()) return Infinity;
    if (this.#slot < 0 || this.index >= this.#firstOfSlot[this.#slot + 1] || this.index < this.#firstOfSlot[this.#slot])
      this.#openSlot();
    return this.#times[this.index - this.#firstOfSlot[this.#slot]];
  }

  advance(): void {
    this.index += 1;
  }

  takeUntil(untilMicros: number, times: Float64Array, from: number): number {
    return takeOneByOne(this, untilMicros, times, from);
  }

  total(): number {
    return this.#firstOfSlot[this.#firstOfSlot.length - 1];
  }

  seek(index: number): void {
    this.index = index;
    this.#slot = -1;
  }

  #slotSpan(slot: number): number {
    const start = this.#window.fromMicros + slot * SLOT_MICROS;
    return Math.min(SLOT_MICROS, this.#window.untilMicros - start);
  }

  /** Draw and sort the times of the slot that holds the present index. */
  #openSlot(): void {
    let slot = Math.max(0, this.#slot);
    while (this.index >= this.#firstOfSlot[slot + 1]) slot += 1;
    while (this.index < this.#firstOfSlot[slot]) slot -= 1;
    this.#slot = slot;
    const count = this.#firstOfSlot[slot + 1] - this.#firstOfSlot[slot];
    const span = this.#slotSpan(slot);
    const start = this.#window.fromMicros + slot * SLOT_MICROS;
    const key = derive(this.#offsets, slot);
    const times = new Float64Array(count);
    for (let place = 0; place < count; place += 1) {
      times[place] = start + Math.floor((draw32(key.k0, key.k1, place) * span) / TWO_TO_32);
    }
    this.#times = times.sort();
  }
}

function takeOneByOne(arrivals: Arrivals, untilMicros: number, times: Float64Array, from: number): number {
  let count = 0;
  for (let at = arrivals.peek(); at < untilMicros; at = arrivals.peek()) {
    times[from + count] = at;
    arrivals.advance();
    count += 1;
  }
  return count;
}
