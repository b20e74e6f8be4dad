/** The wheel against the reference queue: any program of schedules, cancels, steps, snapshots gives the same run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { EventClass } from '../../src/kernel/kernel.ts';
import { draw32 } from '../../src/kernel/random.ts';
import { ReferenceQueue } from './reference-queue.ts';

const EIGHT_YEARS = 8 * 366 * 86_400_000_000;
const KINDS = 8;
const classOf = (kind: number): EventClass => (kind % 4) as EventClass;

/** Which of two equal events a handle stands for is not defined: only kinds with an operand of their own are cancelled. */
const isUnique = (kind: number): boolean => kind <= KINDS / 2;

/** Delays of every size, many of them equal, so that ticks are shared and all levels are used. */
const delays = fc.oneof(
  fc.constantFrom(0, 0, 1, 2, 255, 256, 257, 4_194_303, 4_194_304, 2 ** 32 - 1, 2 ** 32, 2 ** 42 - 1, 2 ** 42),
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 3_000_000 }),
  fc.integer({ min: 0, max: 20_000_000_000 }),
  fc.integer({ min: 0, max: EIGHT_YEARS }),
);
const events = fc.record({
  delay: delays,
  kind: fc.integer({ min: 1, max: KINDS }),
  a: fc.integer({ min: -2, max: 2 }),
  b: fc.integer({ min: -2, max: 2 }),
});
/** Several events close together, so that ticks and slots are shared wherever they lie. */
const clusters = fc.record({
  delay: delays,
  spread: fc.constantFrom(0, 0, 1, 1000, 1_000_000),
  members: fc.array(fc.record({ kind: fc.integer({ min: 1, max: KINDS }), a: fc.nat({ max: 9 }) }), { maxLength: 8 }),
});
const commands = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('cluster' as const), cluster: clusters }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('schedule' as const), event: events }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.constant({ do: 'step' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('run' as const), delay: delays }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), gap: fc.nat({ max: 1500 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'save' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'load' as const }) },
);

/** Both queues under one program; handlers schedule and cancel by what they are given, at the same tick too. */
class Twins {
  readonly kernel: Kernel;
  readonly reference = new ReferenceQueue();
  readonly kernelLog: string[] = [];
  readonly referenceLog: string[] = [];
  #scheduled = 0;
  #kernelHandles: number[] = [];
  #referenceHandles: number[] = [];

  constructor(capacity: number) {
    this.kernel = new Kernel({ capacity });
    for (let kind = 1; kind <= KINDS; kind++) {
      this.kernel.define(kind, `kind${kind}`, classOf(kind), (a, b) => this.#runInKernel(kind, a, b));
    }
  }

  schedule(delay: number, kind: number, a: number, b: number): void {
    const now = this.kernel.now;
    const later = now + delay < 2 ** 49 ? now + delay : now;
    const at = later * 4 + classOf(kind) < this.reference.tick ? later + 1 : later;
    const unique = isUnique(kind) ? -1000 - this.#scheduled++ : b;
    const handle = this.kernel.schedule(at, kind, a, unique);
    const twin = this.reference.schedule(at, classOf(kind), kind, a, unique);
    if (!isUnique(kind)) return;
    this.#kernelHandles.push(handle);
    this.#referenceHandles.push(twin);
  }

  cancel(which: number): void {
    if (this.#kernelHandles.length === 0) return;
    const index = which % this.#kernelHandles.length;
    const expected = this.reference.cancel(this.#referenceHandles[index]);
    expect(this.kernel.cancel(this.#kernelHandles[index])).toBe(expected);
  }

  step(): void {
    expect(this.kernel.stepTick()).toBe(this.reference.stepTick((event) => this.#runInReference(event)));
  }

  runUntil(micros: number): void {
    this.kernel.runUntil(micros);
    this.reference.runUntil(micros, (event) => this.#runInReference(event));
  }

  check(): void {
    expect(this.kernelLog).toEqual(this.referenceLog);
    expect(this.kernel.now).toBe(this.reference.now);
    expect(this.kernel.pending).toBe(this.reference.pending);
    expect(this.kernel.nextTick()).toBe(this.reference.nextTick());
  }

  /** What a handler does follows from what it was called with and how many ran before: equal in both. */
  #react(ran: number, a: number, b: number, now: number, act: Actions): void {
    const choice = draw32(a + 7, b + 11, ran) % 12;
    const kind = 1 + (ran % KINDS);
    if (choice === 0) act.schedule(now, kind, a, isUnique(kind) ? ran : b);
    if (choice === 1) act.schedule(now + 1 + (ran % 5000), kind, b, isUnique(kind) ? ran : a);
    if (choice === 2) act.cancel(ran * 7);
    if (choice === 3) act.look();
  }

  #runInKernel(kind: number, a: number, b: number): void {
    const { kernel, kernelLog: log } = this;
    log.push(`${kernel.now} ${kind} ${a} ${b}`);
    this.#react(log.length, a, b, kernel.now, {
      schedule: (at, other, c, d) => {
        if (classOf(other) < classOf(kind) && at === kernel.now) return;
        const handle = kernel.schedule(at, other, c, d);
        if (isUnique(other)) this.#kernelHandles.push(handle);
      },
      cancel: (which) => log.push(`cancel ${kernel.cancel(this.#kernelHandles[which % this.#kernelHandles.length])}`),
      look: () => log.push(`next ${kernel.nextTick()} of ${kernel.pending}`),
    });
  }

  #runInReference(event: { kind: number; a: number; b: number }): void {
    const { reference, referenceLog: log } = this;
    log.push(`${reference.now} ${event.kind} ${event.a} ${event.b}`);
    this.#react(log.length, event.a, event.b, reference.now, {
      schedule: (at, other, c, d) => {
        if (classOf(other) < classOf(event.kind) && at === reference.now) return;
        const twin = reference.schedule(at, classOf(other), other, c, d);
        if (isUnique(other)) this.#referenceHandles.push(twin);
      },
      cancel: (which) => {
        const index = which % this.#referenceHandles.length;
        log.push(`cancel ${reference.cancel(this.#referenceHandles[index])}`);
      },
      look: () => log.push(`next ${reference.nextTick()} of ${reference.pending}`),
    });
  }

  save(): () => void {
    const kernel = structuredClone(this.kernel.save());
    const reference = this.reference.save();
    const handles = { kernel: [...this.#kernelHandles], reference: [...this.#referenceHandles] };
    return () => {
      this.kernel.load(kernel);
      this.reference.load(reference);
      this.#kernelHandles = [...handles.kernel];
      this.#referenceHandles = [...handles.reference];
    };
  }
}

interface Actions {
  schedule(at: number, kind: number, a: number, b: number): void;
  cancel(which: number): void;
  look(): void;
}

type Command = typeof commands extends fc.Arbitrary<infer Value> ? Value : never;

function perform(twins: Twins, command: Command, saved: { restore: () => void }): void {
  switch (command.do) {
    case 'schedule':
      return twins.schedule(command.event.delay, command.event.kind, command.event.a, command.event.b);
    case 'cluster':
      command.cluster.members.forEach(({ kind, a }, index) =>
        twins.schedule(command.cluster.delay + index * command.cluster.spread, kind, a, -a),
      );
      return;
    case 'cancel':
      return twins.cancel(command.which);
    case 'step':
      return twins.step();
    case 'run':
      return twins.runUntil(Math.min(twins.kernel.now + command.delay, 2 ** 49));
    case 'advance': {
      const next = Math.min(twins.kernel.nextTick(), (twins.kernel.now + 5_000_000) * 4);
      const micros = Math.max(twins.kernel.now, Math.floor(next / 4) - command.gap);
      if (micros === twins.kernel.now) return;
      twins.kernel.advance(micros);
      twins.reference.tick = micros * 4;
      return;
    }
    case 'save':
      saved.restore = twins.save();
      return;
    case 'load':
      return saved.restore();
  }
}

describe('the wheel agrees with the reference queue', () => {
  it('under any program', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 120 }), fc.constantFrom(1, 16, 4096), (program, capacity) => {
        const twins = new Twins(capacity);
        const saved = { restore: twins.save() };
        for (const command of program) {
          perform(twins, command, saved);
          twins.check();
        }
        for (let left = 0; left < 400 && twins.reference.pending > 0; left++) twins.step();
        twins.check();
      }),
      { numRuns: 500 },
    );
  });

  it('with many events at few ticks, whatever the order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 2, maxLength: 200 }), fc.integer(), (all, seed) => {
        const run = (order: typeof all): { log: string[]; digest: string } => {
          const kernel = new Kernel();
          const log: string[] = [];
          for (let kind = 1; kind <= KINDS; kind++) {
            kernel.define(kind, `kind${kind}`, classOf(kind), (a, b) => log.push(`${kernel.now} ${kind} ${a} ${b}`));
          }
          for (const { delay, kind, a, b } of order) kernel.schedule(delay % 4, kind, a, b);
          const digest = kernel.digest();
          while (kernel.stepTick());
          return { log, digest };
        };
        const shuffled = all
          .map((event, index) => ({ event, place: draw32(seed, 1, index) }))
          .sort((left, right) => left.place - right.place)
          .map(({ event }) => event);
        expect(run(shuffled)).toEqual(run(all));
      }),
      { numRuns: 100 },
    );
  });
});
