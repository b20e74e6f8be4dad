import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { WorldParts } from '../../src/kernel/part.ts';
import type { Part } from '../../src/kernel/part.ts';
import { Trace } from '../../src/kernel/trace.ts';

class Counter implements Part<{ values: Int32Array }> {
  readonly name = 'counter';
  values = new Int32Array(4);

  save(): { values: Int32Array } {
    return { values: this.values.slice() };
  }

  load(state: { values: Int32Array }): void {
    this.values.set(state.values);
  }
}

/** A small world: each event counts at its place, leaves a record and schedules the next. */
function build(): { world: WorldParts; kernel: Kernel; trace: Trace; counter: Counter } {
  const world = new WorldParts();
  const kernel = new Kernel();
  const trace = new Trace({ blockRecords: 5 });
  const counter = new Counter();
  kernel.define(1, 'count', 2, (a, b) => {
    counter.values[a] += b;
    trace.record(kernel.now, 1, a, 0, counter.values[a], b, 0);
    kernel.schedule(kernel.now + 10 + ((a * 7 + b) % 5), 1, (a + b) & 3, b + 1);
  });
  world.register(counter);
  world.registerAs('kernel', kernel);
  world.registerAs('trace', trace);
  return { world, kernel, trace, counter };
}

describe('WorldParts', () => {
  it('saves, restores and forks a world; forks do not touch each other', () => {
    const straight = build();
    straight.kernel.schedule(0, 1, 0, 1);
    straight.kernel.schedule(3, 1, 2, 5);
    straight.kernel.runUntil(500);
    const state = straight.world.save();
    straight.kernel.runUntil(2000);
    const fork = build();
    fork.world.load(state);
    const other = build();
    other.world.load(structuredClone(state));
    other.kernel.schedule(700, 1, 1, 1000);
    other.kernel.runUntil(2000);
    fork.kernel.runUntil(2000);
    expect(fork.trace.fingerprint()).toBe(straight.trace.fingerprint());
    expect(fork.counter.values).toEqual(straight.counter.values);
    expect(fork.kernel.digest()).toBe(straight.kernel.digest());
    expect(other.trace.fingerprint()).not.toBe(straight.trace.fingerprint());
    straight.world.load(state);
    straight.kernel.runUntil(2000);
    expect(straight.trace.fingerprint()).toBe(fork.trace.fingerprint());
  });

  it('refuses a name twice and states of other worlds', () => {
    const { world, counter } = build();
    expect(() => world.register(counter)).toThrow(Bug);
    expect(() => world.load(new Map())).toThrow(Bug);
    expect(() => world.load(new Map(Object.entries({ counter: 1, kernel: 2, somethingElse: 3 })))).toThrow(Bug);
  });
});
