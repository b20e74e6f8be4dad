import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { EVENT_CLASS, Kernel, MICROS_MAX, TICKS_PER_MICRO } from '../../src/kernel/kernel.ts';
import { draw32 } from '../../src/kernel/random.ts';

function logging(): { kernel: Kernel; log: string[] } {
  const kernel = new Kernel();
  const log: string[] = [];
  const write = (name: string) => (a: number, b: number) => void log.push(`${kernel.now} ${name} ${a} ${b}`);
  kernel.define(9, 'fault', EVENT_CLASS.fault, write('fault'));
  kernel.define(7, 'issue', EVENT_CLASS.issue, write('issue'));
  kernel.define(5, 'message', EVENT_CLASS.message, write('message'));
  kernel.define(3, 'timer', EVENT_CLASS.timer, write('timer'));
  return { kernel, log };
}

describe('order', () => {
  it('goes by time, class, kind and operands', () => {
    const { kernel, log } = logging();
    kernel.schedule(10, 3, 0, 0);
    kernel.schedule(10, 5, 2, 0);
    kernel.schedule(10, 5, -1, 5);
    kernel.schedule(10, 5, -1, -5);
    kernel.schedule(10, 7, 0, 0);
    kernel.schedule(10, 9, 0, 0);
    kernel.schedule(9, 3, 0, 0);
    while (kernel.stepTick());
    expect(log).toEqual([
      '9 timer 0 0',
      '10 fault 0 0',
      '10 issue 0 0',
      '10 message -1 -5',
      '10 message -1 5',
      '10 message 2 0',
      '10 timer 0 0',
    ]);
    expect(kernel.executed).toBe(7);
  });

  it('runs what is scheduled for the running tick as a round of its own', () => {
    const kernel = new Kernel();
    const log: number[] = [];
    kernel.define(1, 'first', 2, (a) => {
      log.push(a);
      if (a === 5) {
        kernel.schedule(kernel.now, 1, 2, 0);
        kernel.schedule(kernel.now, 1, 1, 0);
      }
    });
    for (const a of [8, 5, 6]) kernel.schedule(100, 1, a, 0);
    kernel.stepTick();
    expect(log).toEqual([5, 6, 8, 1, 2]);
  });

  it('takes every kind to 255, in numeric order', () => {
    const kernel = new Kernel();
    const log: number[] = [];
    for (const kind of [255, 1, 128, 127, 200]) {
      kernel.define(kind, `kind${kind}`, 1, () => log.push(kind));
      kernel.schedule(7, kind, 0, 0);
      kernel.schedule(2 ** 45, kind, 0, 0);
    }
    while (kernel.stepTick());
    expect(log).toEqual([1, 127, 128, 200, 255, 1, 127, 128, 200, 255]);
  });

  it('sorts thousands of events of one tick', () => {
    const kernel = new Kernel();
    const log: number[] = [];
    kernel.define(1, 'first', 0, (a) => log.push(a));
    for (let index = 0; index < 5000; index++) kernel.schedule(1, 1, draw32(1, 2, index) | 0, 0);
    kernel.stepTick();
    expect(log).toHaveLength(5000);
    expect(log).toEqual([...log].sort((left, right) => left - right));
  });
});

describe('the clock', () => {
  it('runs events before a moment and stops there', () => {
    const { kernel, log } = logging();
    kernel.schedule(99, 3, 0, 0);
    kernel.schedule(100, 9, 0, 0);
    kernel.runUntil(100);
    expect(log).toEqual(['99 timer 0 0']);
    expect(kernel.now).toBe(100);
    expect(kernel.nextTick()).toBe(100 * TICKS_PER_MICRO);
    expect(() => kernel.runUntil(99)).toThrow(Bug);
  });

  it('steps only before a tick, if one is given', () => {
    const { kernel, log } = logging();
    kernel.schedule(2_000_000, 5, 1, 0);
    kernel.schedule(2_000_000, 3, 2, 0);
    const tick = 2_000_000 * TICKS_PER_MICRO + EVENT_CLASS.message;
    expect(kernel.stepTick(tick)).toBe(false);
    expect(kernel.now).toBe(0);
    expect(kernel.stepTick(tick + 1)).toBe(true);
    expect(kernel.stepTick(tick + 1)).toBe(false);
    expect(log).toEqual(['2000000 message 1 0']);
    // A look ahead has not moved what is earlier out of reach.
    kernel.schedule(2_000_000, 5, 3, 0);
    expect(kernel.stepTick(tick + 1)).toBe(true);
  });

  it('is moved by a source, but never past an event', () => {
    const { kernel, log } = logging();
    kernel.schedule(5000, 5, 1, 0);
    kernel.advance(4999);
    kernel.schedule(4999, 9, 0, 0);
    expect(() => kernel.advance(5000)).toThrow(/lies before/);
    kernel.stepTick();
    kernel.advance(5000, EVENT_CLASS.message);
    expect(() => kernel.advance(5000, EVENT_CLASS.timer)).toThrow(/lies before/);
    expect(() => kernel.schedule(5000, 7, 0, 0)).toThrow(/past/);
    expect(() => kernel.advance(4999)).toThrow(/go back/);
    kernel.stepTick();
    expect(log).toEqual(['4999 fault 0 0', '5000 message 1 0']);
  });

  it('says when there is nothing', () => {
    const { kernel } = logging();
    expect(kernel.nextTick()).toBe(Infinity);
    expect(kernel.stepTick()).toBe(false);
    kernel.runUntil(7);
    expect(kernel.now).toBe(7);
  });

  it('reaches the last microsecond that can be scheduled', () => {
    const { kernel, log } = logging();
    kernel.schedule(MICROS_MAX - 1, 3, 1, 2);
    kernel.schedule(MICROS_MAX - 1, 9, 1, 2);
    while (kernel.stepTick());
    expect(log).toEqual([`${MICROS_MAX - 1} fault 1 2`, `${MICROS_MAX - 1} timer 1 2`]);
  });
});

describe('far times', () => {
  it('come in order through every level, whatever digits the clock has', () => {
    const { kernel, log } = logging();
    const times = new Set<number>();
    for (let bits = 6; bits < 50; bits++) for (const factor of [1, 3, 5, 7]) times.add(factor * 2 ** bits - 1);
    const sorted = [...times].filter((micros) => micros < MICROS_MAX).sort((left, right) => left - right);
    // Two of a tick, so that no event is taken from a coarse slot by looking.
    for (const micros of [...sorted].reverse()) for (const a of [2, 1]) kernel.schedule(micros, 5, a, 0);
    while (kernel.stepTick());
    expect(log).toEqual(sorted.flatMap((micros) => [`${micros} message 1 0`, `${micros} message 2 0`]));
  });
});

describe('misuse is a bug', () => {
  it.each([
    ['a moment in the past', (kernel: Kernel) => kernel.schedule(99, 3, 0, 0)],
    ['a class that is over', (kernel: Kernel) => kernel.schedule(100, 9, 0, 0)],
    ['a fraction', (kernel: Kernel) => kernel.schedule(100.5, 3, 0, 0)],
    ['no number', (kernel: Kernel) => kernel.schedule(NaN, 3, 0, 0)],
    ['a time too far', (kernel: Kernel) => kernel.schedule(MICROS_MAX, 3, 0, 0)],
    ['an undefined kind', (kernel: Kernel) => kernel.schedule(100, 4, 0, 0)],
    ['an operand that is no int32', (kernel: Kernel) => kernel.schedule(100, 3, 2_147_483_648, 0)],
    ['a kind defined twice', (kernel: Kernel) => kernel.define(3, 'again', 0, () => {})],
    ['kind 0', (kernel: Kernel) => kernel.define(0, 'zero', 0, () => {})],
  ])('%s', (_what, misuse) => {
    const { kernel } = logging();
    kernel.schedule(100, 3, 0, 0);
    kernel.stepTick();
    expect(() => misuse(kernel)).toThrow(Bug);
  });

  it('running, moving or saving from within a handler', () => {
    const kernel = new Kernel();
    const attempts = [
      () => kernel.stepTick(),
      () => kernel.runUntil(99),
      () => kernel.advance(99),
      () => kernel.save(),
    ];
    kernel.define(1, 'reentrant', 0, (a) => void attempts[a]());
    for (let a = 0; a < attempts.length; a++) {
      kernel.schedule(a, 1, a, 0);
      expect(() => kernel.stepTick()).toThrow(Bug);
    }
  });
});

describe('after', () => {
  it('counts from now, and refuses what schedule refuses', () => {
    const { kernel, log } = logging();
    kernel.runUntil(40);
    kernel.after(2, 5, 7, 8);
    kernel.after(0, 3, 1, 1);
    while (kernel.stepTick());
    expect(log).toEqual(['40 timer 1 1', '42 message 7 8']);
    for (const delay of [-1, 0.5, NaN, MICROS_MAX]) expect(() => kernel.after(delay, 3, 0, 0)).toThrow(Bug);
    expect(() => kernel.after(1, 4, 0, 0)).toThrow(/not defined/);
  });
});

describe('cancelling', () => {
  it('works once, also within the tick that runs, and never hits a later event in the same record', () => {
    const kernel = new Kernel();
    const log: number[] = [];
    const handles: number[] = [];
    kernel.define(1, 'cancelNext', 0, (a) => {
      log.push(a);
      if (a === 1) log.push(kernel.cancel(handles[2]) ? -2 : 0, kernel.cancel(handles[2]) ? -2 : 0);
    });
    for (let a = 0; a < 4; a++) handles.push(kernel.schedule(50, 1, a, 0));
    kernel.stepTick();
    expect(log).toEqual([0, 1, -2, 0, 3]);
    const again = kernel.schedule(60, 1, 9, 0);
    expect(handles.map((handle) => kernel.cancel(handle))).toEqual([false, false, false, false]);
    expect(kernel.cancel(-1)).toBe(false);
    expect(kernel.cancel(again)).toBe(true);
    expect(kernel.pending).toBe(0);
    expect(kernel.nextTick()).toBe(Infinity);
  });
});

describe('cancelled events', () => {
  it.each([300, 5_000_000, 5_000_000_000])(
    'of a later time (%d) do not move the clock or hide an earlier one',
    (later) => {
      const { kernel, log } = logging();
      const handles = [1, 2, 3].map((a) => kernel.schedule(later, 5, a, 0));
      for (const handle of handles) kernel.cancel(handle);
      expect(kernel.stepTick()).toBe(false);
      expect(kernel.now).toBe(0);
      kernel.schedule(later, 5, 4, 0);
      kernel.schedule(later - 100, 5, 5, 0);
      kernel.schedule(100, 5, 6, 0);
      while (kernel.stepTick());
      expect(log).toEqual([`100 message 6 0`, `${later - 100} message 5 0`, `${later} message 4 0`]);
    },
  );
});

describe('snapshots', () => {
  it('continue equally in another kernel, and one state serves many forks', () => {
    const build = (): { kernel: Kernel; log: string[] } => {
      const world = logging();
      world.kernel.define(20, 'spawn', 2, (a, b) => {
        world.log.push(`${world.kernel.now} spawn ${a} ${b}`);
        world.kernel.schedule(world.kernel.now + (draw32(3, a, b) % 100_000), 20, a, b + 1);
      });
      return world;
    };
    const straight = build();
    for (let a = 0; a < 50; a++) straight.kernel.schedule(a, 20, a, 0);
    straight.kernel.runUntil(500_000);
    const state = straight.kernel.save();
    const forks = [build(), build()];
    straight.log.length = 0;
    straight.kernel.runUntil(900_000);
    for (const fork of forks) {
      fork.kernel.load(state);
      fork.kernel.runUntil(900_000);
      expect(fork.log).toEqual(straight.log);
      expect(fork.kernel.digest()).toBe(straight.kernel.digest());
      expect(fork.kernel.executed).toBe(straight.kernel.executed);
    }
    expect(straight.log.length).toBeGreaterThan(100);
  });
});
