/** A queue written for clarity: a plain array searched for the least event. The wheel must agree with it on everything. */
export interface ReferenceEvent {
  tick: number;
  kind: number;
  a: number;
  b: number;
  id: number;
}

export function compareEvents(left: ReferenceEvent, right: ReferenceEvent): number {
  return left.tick - right.tick || left.kind - right.kind || left.a - right.a || left.b - right.b;
}

export class ReferenceQueue {
  #events: ReferenceEvent[] = [];
  #batch: ReferenceEvent[] = [];
  #nextId = 0;
  tick = 0;

  get now(): number {
    return Math.floor(this.tick / 4);
  }

  get pending(): number {
    return this.#events.length + this.#batch.length;
  }

  schedule(atMicros: number, eventClass: number, kind: number, a: number, b: number): number {
    this.#events.push({ tick: atMicros * 4 + eventClass, kind, a, b, id: this.#nextId });
    return this.#nextId++;
  }

  cancel(id: number): boolean {
    const before = this.pending;
    this.#events = this.#events.filter((event) => event.id !== id);
    this.#batch = this.#batch.filter((event) => event.id !== id);
    return this.pending < before;
  }

  nextTick(): number {
    if (this.#batch.length > 0) return this.tick;
    return Math.min(...this.#events.map((event) => event.tick), Infinity);
  }

  stepTick(run: (event: ReferenceEvent) => void): boolean {
    const tick = this.nextTick();
    if (tick === Infinity) return false;
    this.tick = tick;
    while (this.nextTick() === tick) {
      this.#batch = this.#events.filter((event) => event.tick === tick).sort(compareEvents);
      this.#events = this.#events.filter((event) => event.tick !== tick);
      for (let event = this.#batch.shift(); event !== undefined; event = this.#batch.shift()) run(event);
    }
    return true;
  }

  runUntil(micros: number, run: (event: ReferenceEvent) => void): void {
    while (this.nextTick() < micros * 4) this.stepTick(run);
    this.tick = micros * 4;
  }

  save(): { events: ReferenceEvent[]; tick: number } {
    return { events: this.#events.map((event) => ({ ...event })), tick: this.tick };
  }

  load(state: { events: ReferenceEvent[]; tick: number }): void {
    this.#events = state.events.map((event) => ({ ...event }));
    this.#batch = [];
    this.tick = state.tick;
  }
}
