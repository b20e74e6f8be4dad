import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FluidDevices } from '../../src/device/fluid.ts';
import { shareFairly } from '../../src/device/fair-share.ts';
import type { FluidKernel } from '../../src/device/fluid.ts';

const DUE = 150;
const DONE = 40;
const SECOND = 1_000_000;

interface Queued {
  at: number;
  kind: number;
  a: number;
  b: number;
  handle: number;
}

/** The plainest event queue: a list, the least (time, kind, a, b) next. */
class ListKernel implements FluidKernel {
  now = 0;
  events: Queued[] = [];
  nextHandle = 0;

  schedule(at: number, kind: number, a: number, b: number): number {
    expect(Number.isSafeInteger(at) && at >= this.now).toBe(true);
    this.events.push({ at, kind, a, b, handle: this.nextHandle });
    return this.nextHandle++;
  }

  cancel(handle: number): void {
    this.events = this.events.filter((event) => event.handle !== handle);
  }

  next(until: number): Queued | undefined {
    this.events.sort((x, y) => x.at - y.at || x.kind - y.kind || x.a - y.a || x.b - y.b);
    if (this.events.length === 0 || this.events[0].at > until) return undefined;
    const event = this.events.shift();
    if (event !== undefined) this.now = event.at;
    return event;
  }
}

class Bench {
  readonly kernel = new ListKernel();
  readonly devices = new FluidDevices(this.kernel, { dueKind: DUE });
  ended: { job: number; at: number }[] = [];

  runUntil(until: number): void {
    for (let event = this.kernel.next(until); event !== undefined; event = this.kernel.next(until)) {
      if (event.kind === DUE) this.devices.jobDue(event.a);
      else this.ended.push({ job: event.a, at: event.at });
    }
    this.kernel.now = until;
  }

  start(resources: number[], bytes: number, cap?: number): number {
    const tag = this.nextTag++;
    const options = { resources, bytes, completion: { kind: DONE, a: tag, b: 0 } };
    return this.devices.start(cap === undefined ? options : { ...options, cap });
  }

  nextTag = 1;
}

describe('a stream that shares a disk with a flush', () => {
  test('known times: halves while both run, all of it afterwards', () => {
    const bench = new Bench();
    const disk = bench.devices.addResource('disk', 100);
    const link = bench.devices.addResource('link', 1000);
    bench.start([disk, link], 100);
    bench.start([disk], 50);
    expect(bench.devices.utilisation(disk)).toBe(1);
    expect(bench.devices.utilisation(link)).toBe(0.05);
    bench.runUntil(10 * SECOND);
    // 50 B/s each until the short one ends at 1 s; then 100 B/s for the 50 bytes left.
    expect(bench.ended).toEqual([
      { job: 2, at: SECOND },
      { job: 1, at: 1.5 * SECOND },
    ]);
    expect(bench.devices.busyBytes(disk)).toBe(150);
    expect(bench.devices.busyBytes(link)).toBe(100);
  });

  test('a change of capacity counts from then on; 0 stops, and nothing is lost', () => {
    const bench = new Bench();
    const disk = bench.devices.addResource('disk', 100);
    const job = bench.start([disk], 100);
    bench.runUntil(0.5 * SECOND);
    bench.devices.setCapacity(disk, 0);
    bench.runUntil(5 * SECOND);
    expect(bench.ended).toEqual([]);
    expect(bench.devices.rateOf(job)).toBe(0);
    expect(bench.devices.busyBytes(disk)).toBe(50);
    bench.devices.setCapacity(disk, 25);
    bench.runUntil(20 * SECOND);
    expect(bench.ended).toEqual([{ job: 1, at: 7 * SECOND }]);
  });

  test('on a stopped resource nothing moves or ends; the others have the rest to themselves', () => {
    const bench = new Bench();
    const [own, shared] = ['own', 'shared'].map((name) => bench.devices.addResource(name, 100));
    bench.start([own, shared], 100);
    bench.start([shared], 200);
    bench.runUntil(SECOND);
    bench.devices.stop([own]);
    // Nothing left to do, and no limit: still it waits.
    bench.start([own], 0);
    bench.start([own], 50);
    bench.runUntil(2.5 * SECOND);
    // 50 bytes in the first second, then all of the shared one.
    expect(bench.ended).toEqual([{ job: 2, at: 2.5 * SECOND }]);
    bench.runUntil(10 * SECOND);
    bench.devices.stop([own]);
    bench.devices.resume([own]);
    expect(bench.devices.capacityOf(own)).toBe(100);
    bench.runUntil(20 * SECOND);
    expect(bench.ended.slice(1)).toEqual([
      { job: 3, at: 10 * SECOND },
      { job: 1, at: 11 * SECOND },
      { job: 4, at: 11 * SECOND },
    ]);
  });

  test('a job without any limit ends at once, but in an event of its own', () => {
    const bench = new Bench();
    const free = bench.devices.addResource('free', Infinity);
    bench.start([free], 1_000_000);
    bench.start([], 10);
    expect(bench.ended).toEqual([]);
    bench.runUntil(0);
    expect(bench.ended.map(({ job }) => job)).toEqual([1, 2]);
    expect(bench.devices.busyBytes(free)).toBe(1_000_000);
  });

  test('a job rounds its end up to the next microsecond', () => {
    const bench = new Bench();
    const disk = bench.devices.addResource('disk', 3);
    bench.start([disk], 1);
    bench.runUntil(SECOND);
    expect(bench.ended).toEqual([{ job: 1, at: 333_334 }]);
  });
});

const capacity = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(Infinity));
const demands = fc.array(
  fc.record({
    resources: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
    cap: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 300 })),
  }),
  { minLength: 1, maxLength: 8 },
);

test('law: no resource is overdrawn, and whoever wants more is held by a full resource where nobody has more', () => {
  fc.assert(
    fc.property(fc.array(capacity, { minLength: 5, maxLength: 5 }), demands, (capacities, list) => {
      const jobs = list.map((demand) => ({ ...demand, rate: -1 }));
      shareFairly(jobs, capacities);
      const slack = 1 + 1e-9;
      const on = (resource: number) => jobs.filter((job) => job.resources.includes(resource));
      const load = (resource: number) => on(resource).reduce((sum, job) => sum + job.rate, 0);
      for (let resource = 0; resource < 5; resource += 1)
        expect(load(resource)).toBeLessThanOrEqual(capacities[resource] * slack);
      for (const job of jobs) {
        expect(job.rate).toBeGreaterThan(0);
        expect(job.rate).toBeLessThanOrEqual(job.cap);
        if (job.rate === job.cap || job.rate === Infinity) continue;
        const holding = job.resources.filter(
          (resource) =>
            load(resource) * slack >= capacities[resource] &&
            on(resource).every((other) => other.rate <= job.rate * slack),
        );
        expect(holding.length).toBeGreaterThan(0);
      }
    }),
  );
});

type Step =
  | { do: 'start'; resources: number[]; bytes: number; cap: number | undefined }
  | { do: 'cancel'; pick: number }
  | { do: 'capacity'; resource: number; rate: number }
  | { do: 'stop'; resource: number }
  | { do: 'resume'; resource: number }
  | { do: 'wait'; micros: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('start' as const),
      resources: fc.uniqueArray(fc.nat(3), { minLength: 1 }),
      bytes: fc.nat(5000),
      cap: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
    }),
    fc.record({ do: fc.constant('cancel' as const), pick: fc.nat() }),
    fc.record({ do: fc.constant('capacity' as const), resource: fc.nat(3), rate: fc.nat(1000) }),
    fc.record({ do: fc.constantFrom('stop' as const, 'resume' as const), resource: fc.nat(3) }),
    fc.record({ do: fc.constant('wait' as const), micros: fc.nat(3 * SECOND) }),
  ),
  { maxLength: 25 },
);

/** Drives a bench through steps and keeps what each resource must have been charged with by jobs that are over. */
class Driver {
  bench = new Bench();
  jobs: { id: number; tag: number; resources: number[]; bytes: number }[] = [];
  cancelled: { resources: number[]; bytes: number }[] = [];

  constructor() {
    for (let resource = 0; resource < 4; resource += 1)
      this.bench.devices.addResource(`r${resource}`, 100 * (resource + 1));
  }

  step(step: Step): void {
    const { devices, kernel } = this.bench;
    if (step.do === 'wait') this.bench.runUntil(kernel.now + step.micros);
    else if (step.do === 'capacity') devices.setCapacity(step.resource, step.rate);
    else if (step.do === 'stop') devices.stop([step.resource]);
    else if (step.do === 'resume') devices.resume([step.resource]);
    else if (step.do === 'start') {
      const tag = this.bench.nextTag;
      const id = this.bench.start(step.resources, step.bytes, step.cap);
      this.jobs.push({ id, tag, resources: step.resources, bytes: step.bytes });
    } else if (this.jobs.length > 0) {
      const job = this.jobs[step.pick % this.jobs.length];
      const wasRunning = devices.isRunning(job.id);
      const bytes = devices.cancel(job.id);
      if (wasRunning) this.cancelled.push({ resources: job.resources, bytes });
      else expect(bytes).toBe(0);
    }
  }

  finish(): void {
    for (let resource = 0; resource < 4; resource += 1) this.bench.devices.setCapacity(resource, 1000);
    this.bench.devices.resume([0, 1, 2, 3]);
    // The slowest there can be: 5 000 bytes at a cap of 1 B/s, and 25 jobs of that size on one resource.
    this.bench.runUntil(this.bench.kernel.now + 6000 * SECOND);
  }
}

test('law: every byte that is charged to a resource was moved by a job, and every job ends (none starves)', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const driver = new Driver();
      for (const step of list) driver.step(step);
      driver.finish();
      const ended = new Set(driver.bench.ended.map(({ job }) => job));
      expect(driver.bench.devices.runningCount).toBe(0);
      expect(ended.size + driver.cancelled.length).toBe(driver.jobs.length);
      for (let resource = 0; resource < 4; resource += 1) {
        const moved = [...driver.jobs.filter((job) => ended.has(job.tag)), ...driver.cancelled]
          .filter((job) => job.resources.includes(resource))
          .reduce((sum, job) => sum + job.bytes, 0);
        expect(driver.bench.devices.busyBytes(resource)).toBe(moved);
      }
    }),
  );
});

test('twin law: saved, restored elsewhere and continued = run straight through', () => {
  fc.assert(
    fc.property(steps, steps, (first, second) => {
      const straight = new Driver();
      for (const step of first) straight.step(step);
      const resumed = new Driver();
      resumed.bench.devices.load(straight.bench.devices.save());
      resumed.bench.kernel.now = straight.bench.kernel.now;
      resumed.bench.kernel.nextHandle = straight.bench.kernel.nextHandle;
      resumed.bench.kernel.events = straight.bench.kernel.events.map((event) => ({ ...event }));
      resumed.bench.nextTag = straight.bench.nextTag;
      resumed.bench.ended = [...straight.bench.ended];
      resumed.jobs = [...straight.jobs];
      for (const driver of [straight, resumed]) {
        for (const step of second) driver.step(step);
        driver.finish();
      }
      expect(resumed.bench.ended).toEqual(straight.bench.ended);
      expect(resumed.bench.devices.save()).toEqual(straight.bench.devices.save());
    }),
  );
});

describe('one job more', () => {
  test('would get what rates leave it now, each time that they are shared anew', () => {
    const bench = new Bench();
    const { devices } = bench;
    const disk = devices.addResource('disk', 900);
    expect(devices.rateOfNewcomer(disk)).toBe(900);
    bench.start([disk], 900, 100);
    expect(devices.rateOfNewcomer(disk)).toBe(800);
    bench.start([disk], 800);
    expect(devices.rateOfNewcomer(disk)).toBe(400);
    devices.setCapacity(disk, 300);
    expect(devices.rateOfNewcomer(disk)).toBe(100);
    const state = devices.save();
    bench.runUntil(60 * SECOND);
    expect(devices.rateOfNewcomer(disk)).toBe(300);
    devices.load(state);
    expect(devices.rateOfNewcomer(disk)).toBe(100);
  });
});
