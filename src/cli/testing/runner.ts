/**
 * Runs jobs: of those that wait, always one of the earliest scenario, so that scenarios end in their order. Several threads,
 * or one job after the other in this one. After the deadline, or once closed, what waits is not run.
 */
import type { TestJob, TestOutcome } from './job.ts';

/** One at a time; `free` says when it can take the next. */
export interface Lane {
  run(job: TestJob): Promise<TestOutcome>;
  close(): Promise<void>;
}

interface Waiting {
  job: TestJob;
  order: number;
  done: (outcome: TestOutcome) => void;
}

export interface RunnerOptions {
  lanes: readonly Lane[];
  now: () => number;
  /** Wall time after which no job begins, ms. */
  deadlineMillis: number;
}

export class Runner {
  readonly #lanes: readonly Lane[];
  readonly #free: Lane[];
  readonly #now: () => number;
  readonly #deadlineMillis: number;
  #waiting: Waiting[] = [];
  #closed = false;
  /** Jobs that ran, and those whose answer was there already. */
  readonly counts = { runs: 0, fromCache: 0 };

  constructor({ lanes, now, deadlineMillis }: RunnerOptions) {
    this.#lanes = lanes;
    this.#free = [...lanes];
    this.#now = now;
    this.#deadlineMillis = deadlineMillis;
  }

  /** Jobs of a lower order go first. */
  run(job: TestJob, order: number): Promise<TestOutcome> {
    return new Promise((done) => {
      const at = this.#waiting.findIndex((other) => other.order > order);
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, { job, order, done });
      setImmediate(() => this.#start());
    });
  }

  get #isLate(): boolean {
    return this.#now() > this.#deadlineMillis;
  }

  /** What waits is answered as not run; what runs is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#start();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  #start(): void {
    if (this.#closed || this.#isLate) {
      for (const { done } of this.#waiting) done({ kind: 'not_run' });
      this.#waiting = [];
      return;
    }
    while (this.#free.length > 0 && this.#waiting.length > 0) {
      const lane = this.#free.pop();
      const next = this.#waiting.shift();
      if (lane !== undefined && next !== undefined) void this.#runOn(lane, next);
    }
  }

  async #runOn(lane: Lane, { job, done }: Waiting): Promise<void> {
    const outcome = await lane.run(job);
    if (outcome.kind === 'done') {
      this.counts.runs++;
      if (outcome.fromCache) this.counts.fromCache++;
    }
    done(outcome);
    this.#free.push(lane);
    // What this answer leads to is asked for first: it belongs to an earlier scenario than what waits.
    setImmediate(() => this.#start());
  }
}
