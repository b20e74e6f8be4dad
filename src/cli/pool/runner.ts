/**
 * Runs jobs: of those that wait, always one of the lowest order (such as the earliest scenario), so that they end in their
 * order. Several threads, or one job after the other in this one. After the deadline, or once closed, what waits is not run.
 */
import type { Lane, NotRun } from './work.ts';

interface Waiting<Job, Answer> {
  job: Job;
  order: number;
  done: (answer: Answer | NotRun) => void;
}

export interface RunnerOptions<Job, Answer> {
  lanes: readonly Lane<Job, Answer>[];
  now: () => number;
  /** Wall time after which no job begins, ms; Infinity: none. */
  deadlineMillis: number;
  /** What waits begins before an answer is looked at, so that no lane rests meanwhile: where answers lead to no other jobs. */
  isEager?: boolean;
}

/** What all answers have in common. */
interface Counted {
  kind: string;
  fromCache?: boolean;
}

export class Runner<Job, Answer extends Counted> {
  readonly #lanes: readonly Lane<Job, Answer>[];
  readonly #free: Lane<Job, Answer>[];
  readonly #now: () => number;
  readonly #deadlineMillis: number;
  readonly #isEager: boolean;
  #waiting: Waiting<Job, Answer>[] = [];
  #closed = false;
  #isStarting = false;
  /** Jobs that ran, and those whose answer was there already. */
  readonly counts = { runs: 0, fromCache: 0 };

  constructor({ lanes, now, deadlineMillis, isEager = false }: RunnerOptions<Job, Answer>) {
    this.#lanes = lanes;
    this.#free = [...lanes];
    this.#now = now;
    this.#deadlineMillis = deadlineMillis;
    this.#isEager = isEager;
  }

  /** Jobs of a lower order go first. */
  run(job: Job, order: number): Promise<Answer | NotRun> {
    return new Promise((done) => {
      const at = this.#waiting.findIndex((other) => other.order > order);
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, { job, order, done });
      this.#startSoon();
    });
  }

  /** At most one run begins before the process is heard again: by Ctrl-C, where it runs in this thread. */
  #startSoon(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      this.#start();
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

  async #runOn(lane: Lane<Job, Answer>, { job, done }: Waiting<Job, Answer>): Promise<void> {
    const answer = await lane.run(job);
    if (answer.kind === 'done') {
      this.counts.runs++;
      if ('fromCache' in answer && answer.fromCache === true) this.counts.fromCache++;
    }
    this.#free.push(lane);
    if (this.#isEager) this.#start();
    done(answer);
    // What this answer leads to is asked for first: it belongs to an earlier scenario than what waits.
    this.#startSoon();
  }
}
