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
import {
  GENERATION,
  HIGH,
  KIND_LOW,
  LOW_BITS,
  LOW_MASK,
  LOW_TICKS,
  OPERAND_A,
  OPERAND_B,
  SPREAD,
  Wheel,
} from './wheel.ts';
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
/** Not a whole number, so that the engine keeps the field as a double from the start. */
const UNKNOWN = -0.5;
const MICROS_PER_HIGH = LOW_TICKS / TICKS_PER_MICRO;
/** Handles are address + generation x 2^29, the generation modulo 2^23. */
const ADDRESS_RANGE = 536_870_912;
const ADDRESS_MASK = 0x1fffffff;
const GENERATION_MASK = 0x7fffff;
/** In a record's HIGH: the event has been taken out of its slot to be run in the present tick. */
const IN_BATCH = -1;

export class Kernel {
  /** Virtual time, µs. Read it; only the kernel moves it. */
  now = NaN;
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
  /** Rounds run ticks before this one. */
  #limit = Infinity;
  #running = false;
  /** An event was scheduled for the tick that runs. */
  #again = false;
  readonly #batch = new EventBatch();
  /** Events of the batch that have still to run. */
  #batchLeft = 0;

  constructor(options: KernelOptions = {}) {
    this.#wheel = new Wheel(options.capacity ?? 256);
    // NaN first: a field that begins as a small integer changes its shape, and all code that knows it, when it grows.
    this.now = 0;
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
    const address = this.#insertAt(atMicros, kind, a, b);
    return address + (this.#wheel.memory[address + GENERATION] & GENERATION_MASK) * ADDRESS_RANGE;
  }

  /** `schedule` for what comes `delayMicros` from now and is never cancelled: the quick form, which allocates nothing. */
  after(delayMicros: number, kind: number, a: number, b: number): void {
    this.#insertAt(this.now + delayMicros, kind, a, b);
  }

  /** Takes an event out of the queue; false if it has run or was cancelled before. O(1). */
  cancel(handle: number): boolean {
    const wheel = this.#wheel;
    const address = handle & ADDRESS_MASK;
    if (!wheel.isRecord(address)) return false;
    const { memory } = wheel;
    if ((memory[address + GENERATION] & GENERATION_MASK) !== Math.floor(handle / ADDRESS_RANGE)) return false;
    if (wheel.isBlank(address)) return false;
    if (memory[address + HIGH] === IN_BATCH) this.#batchLeft--;
    else if (this.#next === wheel.tickOf(address)) this.#next = UNKNOWN;
    // A blank; the record is freed when its slot is emptied.
    memory[address + KIND_LOW] &= LOW_MASK;
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
    if (this.#next === UNKNOWN) this.#next = this.#findNext();
    return this.#next;
  }

  /**
   * Runs all events of the earliest tick, with those that they add to it, if it lies before `beforeTick`; false if not.
   */
  stepTick(beforeTick = Infinity): boolean {
    this.#enter();
    try {
      this.#limit = beforeTick;
      if (!this.#round()) return false;
      this.#limit = this.#tick() + 1;
      while (this.#again) this.#round();
      return true;
    } finally {
      this.#leave();
    }
  }

  /** Runs every event with a time before `micros`, then sets the clock to it. */
  runUntil(micros: number): void {
    checkMicros(micros);
    if (micros < this.now) throw new Bug(`cannot run until ${micros}: it is ${this.now}`);
    this.#enter();
    try {
      this.#limit = micros * TICKS_PER_MICRO;
      while (this.#round());
    } finally {
      this.#leave();
    }
    this.now = micros;
    this.#eventClass = 0;
  }

  /** Moves the clock on for a source that runs its own events in order; no event may lie before that moment. */
  advance(micros: number, eventClass: EventClass = 0): void {
    if (this.#running) throw new Bug('a handler cannot move the clock');
    checkMicros(micros);
    const tick = micros * TICKS_PER_MICRO + eventClass;
    if (tick < this.#tick()) throw new Bug(`cannot go back from ${this.now} to ${micros}`);
    if (this.nextTick() < tick) throw new Bug(`an event at tick ${this.nextTick()} lies before ${micros}`);
    this.now = micros;
    this.#eventClass = eventClass;
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
    const wheel = this.#wheel;
    const { memory } = wheel;
    const hash = new WordHash();
    hash.addNumber(this.now);
    const addresses = wheel.addresses().sort((left, right) => {
      const byTick = wheel.tickOf(left) - wheel.tickOf(right);
      if (byTick !== 0) return byTick;
      return isBefore(memory, left, right) ? -1 : isBefore(memory, right, left) ? 1 : 0;
    });
    for (const address of addresses) {
      hash.addNumber(wheel.tickOf(address));
      hash.add(memory[address + KIND_LOW] >>> LOW_BITS);
      hash.add(memory[address + OPERAND_A]);
      hash.add(memory[address + OPERAND_B]);
    }
    return hash.hex();
  }

  #insertAt(atMicros: number, kind: number, a: number, b: number): number {
    // Whole 32-bit halves from here on: a call with a large number would allocate it.
    const high = (atMicros / MICROS_PER_HIGH) | 0;
    const lowMicros = atMicros - high * MICROS_PER_HIGH;
    const isTime = atMicros >= this.now && atMicros < MICROS_MAX && (lowMicros | 0) === lowMicros;
    if (!isTime) this.#refuse(atMicros, kind);
    if (atMicros === this.now) this.#joinNow(kind);
    return this.#insert(high, lowMicros | 0, kind, a, b);
  }

  #insert(high: number, lowMicros: number, kind: number, a: number, b: number): number {
    const eventClass = this.#classes[kind];
    if (!(eventClass <= 3)) throw new Bug(`event kind ${kind} is not defined`);
    if ((a | 0) !== a || (b | 0) !== b) throw new Bug(`${this.#names[kind]}: operands ${a}, ${b} are not int32`);
    const low = (lowMicros << 2) | eventClass;
    if (this.#next !== UNKNOWN) this.#next = Math.min(this.#next, high * LOW_TICKS + low);
    this.#pending++;
    return this.#wheel.insert(low, high, kind, a, b);
  }

  /** An event is scheduled for this very microsecond. */
  #joinNow(kind: number): void {
    const eventClass = this.#classes[kind];
    if (eventClass < this.#eventClass) this.#refuse(this.now, kind);
    if (eventClass === this.#eventClass) this.#again = true;
  }

  #refuse(atMicros: number, kind: number): never {
    const what = `${this.#names[kind] ?? `kind ${kind}`} at ${atMicros}`;
    if (!Number.isInteger(atMicros) || atMicros >= MICROS_MAX)
      throw new Bug(`${what}: not a time in whole microseconds`);
    throw new Bug(`${what} is in the past: it is ${this.now}, class ${this.#eventClass}`);
  }

  #tick(): number {
    return this.now * TICKS_PER_MICRO + this.#eventClass;
  }

  #findNext(): number {
    const wheel = this.#wheel;
    for (let slot = wheel.firstSlot(); slot >= 0; slot = wheel.firstSlot()) {
      const earliest = wheel.earliestOf(slot);
      if (earliest !== Infinity) return earliest;
      wheel.sweep(slot);
    }
    return Infinity;
  }

  /** Runs the events that are there of the earliest tick, if it lies before the limit. */
  #round(): boolean {
    const wheel = this.#wheel;
    const limit = this.#limit;
    this.#again = false;
    for (;;) {
      const slot = wheel.firstSlot();
      if (slot < 0 || (limit !== Infinity && !wheel.isBefore(slot, limit))) return false;
      if (wheel.isFine(slot)) {
        if (this.#runSlot(slot)) return true;
        continue;
      }
      const address = wheel.takeEarliest(slot);
      if (address !== SPREAD) {
        this.#setClock(address);
        this.#run(address);
        return true;
      }
      wheel.spread(slot);
    }
  }

  /** Sets the clock to an event's tick. */
  #setClock(address: number): void {
    const memory = this.#wheel.memory;
    const low = memory[address + KIND_LOW] & LOW_MASK;
    this.now = memory[address + HIGH] * MICROS_PER_HIGH + (low >>> 2);
    this.#eventClass = low & 3;
    this.#next = UNKNOWN;
  }

  /** Runs the events of a slot of one tick; false if all of them were cancelled. */
  #runSlot(slot: number): boolean {
    const wheel = this.#wheel;
    const detached = wheel.detach(slot);
    if (detached < 0) return this.#runBatch(detached);
    if (wheel.isBlank(detached)) {
      wheel.release(detached);
      return false;
    }
    this.#setClock(detached);
    this.#run(detached);
    return true;
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

  #runBatch(detached: number): boolean {
    const wheel = this.#wheel;
    const batch = this.#batch;
    batch.reserve(wheel.lengthOf(detached));
    const count = wheel.drain(detached, batch.events);
    if (count === 0) return false;
    this.#setClock(batch.events[0]);
    batch.sort(wheel.memory, count);
    this.#batchLeft = count;
    for (let index = 0; index < count; index++) wheel.memory[batch.events[index] + HIGH] = IN_BATCH;
    for (let index = 0; index < count; index++) {
      const address = batch.events[index];
      if (wheel.isBlank(address)) {
        // Cancelled by an event that ran before it.
        wheel.release(address);
        continue;
      }
      this.#batchLeft--;
      this.#run(address);
    }
    return true;
  }

  #run(address: number): void {
    const wheel = this.#wheel;
    const memory = wheel.memory;
    const kind = memory[address + KIND_LOW] >>> LOW_BITS;
    const a = memory[address + OPERAND_A];
    const b = memory[address + OPERAND_B];
    wheel.release(address);
    this.#pending--;
    this.executed++;
    const handler = this.#handlers[kind];
    handler(a, b);
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
