/**
 * Virtual time and the event queue: events are numbers (kind, a, b), dispatched through a table of handlers. The kernel
 * knows no database. Order is (time, class, kind, a, b), never the order of scheduling, so a model may schedule in any
 * order and a run is the same.
 *
 * The rule within one tick (a microsecond and a class): the events that are there when the tick begins run in the order
 * of their keys. Those scheduled for that tick meanwhile wait until these are done, and then run as the next round,
 * again in the order of their keys; and so on until none is left.
 */
import { Bug } from '../base/assert.ts';
import { WordHash } from '../base/mix.ts';
import { EventBatch, isBefore } from './event-order.ts';
import { GENERATION, HIGH, KIND, LOW, LOW_TICKS, NEXT, NONE, OPERAND_A, OPERAND_B, Wheel } from './wheel.ts';
import type { WheelState } from './wheel.ts';

/** Faults come before what clients send, that before what arrives, and all before timers, at one microsecond. */
export const EVENT_CLASS = { fault: 0, issue: 1, message: 2, timer: 3 } as const;

export type EventClass = 0 | 1 | 2 | 3;

export const TICKS_PER_MICRO = 4;

/** Times below 2^50 µs, 35 years, can be scheduled. */
export const MICROS_MAX = 1_125_899_906_842_624;

export type Handler = (a: number, b: number) => void;

export interface KernelOptions {
  /** Events to make room for at the start; the queue grows as needed. */
  capacity?: number;
}

/** Plain data, cloneable; the handlers are not in it. */
export interface KernelState {
  now: number;
  eventClass: number;
  executed: number;
  pending: number;
  wheel: WheelState;
}

const UNDEFINED_CLASS = 255;
const UNKNOWN = -1;
const MICROS_PER_HIGH = LOW_TICKS / TICKS_PER_MICRO;
/** Handles are index + generation x 2^26, the generation modulo 2^26. */
const INDEX_RANGE = 67_108_864;
const INDEX_MASK = 0x3ffffff;

export class Kernel {
  /** Virtual time, µs. Read it; only the kernel moves it. */
  now = 0;
  /** Events run so far. */
  executed = 0;
  readonly #wheel: Wheel;
  readonly #handlers: Handler[] = [];
  readonly #classes = new Uint8Array(256).fill(UNDEFINED_CLASS);
  readonly #names: string[] = [];
  /** Class of the tick that is running or was run last. */
  #eventClass = 0;
  #pending = 0;
  /** Cache of the earliest tick. */
  #next = UNKNOWN;
  #running = false;
  readonly #batch = new EventBatch();
  /** Events of the batch that have still to run. */
  #batchLeft = 0;

  constructor(options: KernelOptions = {}) {
    this.#wheel = new Wheel(options.capacity ?? 256);
    for (let kind = 0; kind < 256; kind++) this.#handlers.push(undefinedHandler);
  }

  /** Gives a kind (1 to 255) its name, class and handler. */
  define(kind: number, name: string, eventClass: EventClass, handler: Handler): void {
    if (!(kind >= 1 && kind <= 255)) throw new Bug(`event kind ${kind} of ${name} is not in 1..255`);
    if (this.#classes[kind] !== UNDEFINED_CLASS) {
      throw new Bug(`event kind ${kind} is ${this.#names[kind]} already and cannot be ${name}`);
    }
    this.#classes[kind] = eventClass;
    this.#names[kind] = name;
    this.#handlers[kind] = handler;
  }

  /** Puts an event into the queue; `a` and `b` are int32. Returns a handle for `cancel`. */
  schedule(atMicros: number, kind: number, a: number, b: number): number {
    const index = this.#insert(atMicros, kind, a, b);
    return index + (this.#wheel.words[(index << 3) + GENERATION] & INDEX_MASK) * INDEX_RANGE;
  }

  /** Takes an event out of the queue; false if it has run or was cancelled before. O(1). */
  cancel(handle: number): boolean {
    const wheel = this.#wheel;
    const index = handle & INDEX_MASK;
    const at = index << 3;
    if (at >= wheel.words.length || wheel.words[at + KIND] === 0) return false;
    if ((wheel.words[at + GENERATION] & INDEX_MASK) !== Math.floor(handle / INDEX_RANGE)) return false;
    if (this.#next === wheel.tickOf(index)) this.#next = UNKNOWN;
    if (wheel.remove(index)) this.#batchLeft--;
    this.#pending--;
    return true;
  }

  /** Events in the queue, those of the running tick that have still to run included. */
  get pending(): number {
    return this.#pending;
  }

  /** micros x 4 + class of the earliest event; Infinity if there is none. */
  nextTick(): number {
    if (this.#batchLeft > 0) return this.#tick();
    if (this.#next === UNKNOWN) {
      const slot = this.#wheel.firstSlot();
      this.#next = slot === NONE ? Infinity : this.#wheel.earliestOf(slot);
    }
    return this.#next;
  }

  /** Runs all events of the earliest tick, with those that they add to it; false if there is none. */
  stepTick(): boolean {
    this.#enter();
    try {
      return this.#stepBefore(Infinity);
    } finally {
      this.#leave();
    }
  }

  /** Runs every event with a time before `micros`, then sets the clock to it. */
  runUntil(micros: number): void {
    checkMicros(micros);
    if (micros < this.now) throw new Bug(`cannot run until ${micros}: it is ${this.now}`);
    const limit = micros * TICKS_PER_MICRO;
    this.#enter();
    try {
      while (this.#stepBefore(limit));
    } finally {
      this.#leave();
    }
    this.#moveClock(micros, 0);
  }

  /** Moves the clock on for a source that runs its own events in order; no event may lie before that moment. */
  advance(micros: number, eventClass: EventClass = 0): void {
    if (this.#running) throw new Bug('a handler cannot move the clock');
    checkMicros(micros);
    const tick = micros * TICKS_PER_MICRO + eventClass;
    if (tick < this.#tick()) throw new Bug(`cannot go back from ${this.now} to ${micros}`);
    if (this.nextTick() < tick) throw new Bug(`an event at tick ${this.nextTick()} lies before ${micros}`);
    this.#moveClock(micros, eventClass);
  }

  save(): KernelState {
    if (this.#running) throw new Bug('a snapshot cannot be taken while a tick runs');
    return {
      now: this.now,
      eventClass: this.#eventClass,
      executed: this.executed,
      pending: this.#pending,
      wheel: this.#wheel.save(),
    };
  }

  load(state: KernelState): void {
    if (this.#running) throw new Bug('a snapshot cannot be restored while a tick runs');
    this.now = state.now;
    this.executed = state.executed;
    this.#eventClass = state.eventClass;
    this.#pending = state.pending;
    this.#next = UNKNOWN;
    this.#wheel.load(state.wheel);
  }

  /** 16 hexadecimal digits over the clock and the pending events in their order: equal queues, however they came about. */
  digest(): string {
    const words = this.#wheel.words;
    const hash = new WordHash();
    hash.addNumber(this.now);
    const indices = this.#wheel.indices().sort((left, right) => {
      const byTick = this.#wheel.tickOf(left) - this.#wheel.tickOf(right);
      if (byTick !== 0) return byTick;
      return isBefore(words, left, right) ? -1 : isBefore(words, right, left) ? 1 : 0;
    });
    for (const index of indices) {
      hash.addNumber(this.#wheel.tickOf(index));
      for (let word = KIND; word <= OPERAND_B; word++) hash.add(words[(index << 3) + word]);
    }
    return hash.hex();
  }

  #insert(atMicros: number, kind: number, a: number, b: number): number {
    const eventClass = this.#classes[kind];
    if (!(eventClass <= 3)) throw new Bug(`event kind ${kind} is not defined`);
    if (!(atMicros >= this.now && atMicros < MICROS_MAX)) this.#refuse(atMicros, kind);
    const high = (atMicros / MICROS_PER_HIGH) | 0;
    const lowMicros = atMicros - high * MICROS_PER_HIGH;
    const low = (lowMicros << 2) | eventClass;
    if ((lowMicros | 0) !== lowMicros) this.#refuse(atMicros, kind);
    if (atMicros === this.now && eventClass < this.#eventClass) this.#refuse(atMicros, kind);
    if ((a | 0) !== a || (b | 0) !== b) throw new Bug(`${this.#names[kind]}: operands ${a}, ${b} are not int32`);
    if (this.#next !== UNKNOWN) this.#next = Math.min(this.#next, atMicros * TICKS_PER_MICRO + eventClass);
    this.#pending++;
    return this.#wheel.insert(low, high, kind, a, b);
  }

  #refuse(atMicros: number, kind: number): never {
    const what = `${this.#names[kind]} at ${atMicros}`;
    if (!Number.isInteger(atMicros) || atMicros >= MICROS_MAX)
      throw new Bug(`${what}: not a time in whole microseconds`);
    throw new Bug(`${what} is in the past: it is ${this.now}, class ${this.#eventClass}`);
  }

  #tick(): number {
    return this.now * TICKS_PER_MICRO + this.#eventClass;
  }

  /** Runs the earliest tick if it lies before `limit`. */
  #stepBefore(limit: number): boolean {
    const wheel = this.#wheel;
    for (;;) {
      const slot = wheel.firstSlot();
      if (slot === NONE || wheel.startOf(slot) >= limit) return false;
      const head = wheel.head(slot);
      if (wheel.isFine(slot)) {
        this.#begin(head);
        this.#runSlot(slot);
        return true;
      }
      // A lone event is the earliest whatever its place in the slot: it need not travel down level by level.
      if (wheel.words[(head << 3) + NEXT] === NONE) {
        if (wheel.tickOf(head) >= limit) return false;
        wheel.detach(slot);
        this.#begin(head);
        this.#run(head);
        this.#runSlot(wheel.fineSlotOfBase());
        return true;
      }
      wheel.cascade(slot);
    }
  }

  /** Sets clock and base to the tick of the event `index`, the earliest. */
  #begin(index: number): void {
    const words = this.#wheel.words;
    const low = words[(index << 3) + LOW];
    const high = words[(index << 3) + HIGH];
    this.now = high * MICROS_PER_HIGH + (low >>> 2);
    this.#eventClass = low & 3;
    this.#next = UNKNOWN;
    this.#wheel.moveBase(low, high);
  }

  /** Runs the events of a slot of one tick, round after round until none is left. */
  #runSlot(slot: number): void {
    const wheel = this.#wheel;
    for (let head = wheel.head(slot); head !== NONE; head = wheel.head(slot)) {
      wheel.detach(slot);
      if (wheel.words[(head << 3) + NEXT] === NONE) this.#run(head);
      else this.#runBatch(head);
    }
  }

  #enter(): void {
    if (this.#running) throw new Bug('a handler cannot run the queue');
    this.#running = true;
  }

  /** Also after a handler has thrown: what was left of the tick is gone then, and only `load` makes the queue whole. */
  #leave(): void {
    this.#running = false;
    this.#batchLeft = 0;
    this.#next = UNKNOWN;
  }

  #runBatch(head: number): void {
    const wheel = this.#wheel;
    const batch = this.#batch;
    batch.clear();
    for (let index = head; index !== NONE; index = wheel.words[(index << 3) + NEXT]) {
      batch.add(index);
      wheel.markDetached(index);
    }
    batch.sort(wheel.words);
    const count = batch.count;
    this.#batchLeft = count;
    for (let at = 0; at < count; at++) {
      const index = batch.events[at];
      if (wheel.words[(index << 3) + KIND] === 0) {
        // Cancelled by an event that ran before it.
        wheel.release(index);
        continue;
      }
      this.#batchLeft--;
      this.#run(index);
    }
  }

  #run(index: number): void {
    const words = this.#wheel.words;
    const at = index << 3;
    const kind = words[at + KIND];
    const a = words[at + OPERAND_A];
    const b = words[at + OPERAND_B];
    this.#wheel.release(index);
    this.#pending--;
    this.executed++;
    const handler = this.#handlers[kind];
    handler(a, b);
  }

  #moveClock(micros: number, eventClass: number): void {
    const high = Math.floor(micros / MICROS_PER_HIGH);
    this.now = micros;
    this.#eventClass = eventClass;
    this.#wheel.moveBase(((micros - high * MICROS_PER_HIGH) << 2) | eventClass, high);
  }
}

function checkMicros(micros: number): void {
  if (!(micros >= 0 && micros < MICROS_MAX) || Math.floor(micros) !== micros) {
    throw new Bug(`${micros} is not a time in whole microseconds`);
  }
}

function undefinedHandler(): void {
  throw new Bug('an event of a kind that is not defined was run');
}
