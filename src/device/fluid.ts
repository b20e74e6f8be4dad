/**
 * Devices as fluids: disks, links and throttles are resources with a capacity in bytes per second; a job moves a number
 * of bytes through a set of them at one rate. Jobs that meet share max-min fairly (`fair-share.ts`); rates change only
 * when a job starts, ends or a capacity changes, and only among jobs that are connected by shared resources. What it
 * does not know: what a job is for, and foreground traffic (that enters as a rate, elsewhere).
 *
 * Bytes are conserved exactly: a job that ends has moved all its bytes, a cancelled one a whole number of them, and each
 * of its resources is charged with that same number. Ends fall on whole microseconds, rounded up.
 */
import { Bug } from '../base/assert.ts';
import { shareFairly } from './fair-share.ts';
import type { Demand } from './fair-share.ts';

/** What the devices need of the kernel. */
export interface FluidKernel {
  readonly now: number;
  schedule(atMicros: number, kind: number, a: number, b: number): number;
  cancel(handle: number): unknown;
}

/** The event by which a job tells its end. */
export interface JobCompletion {
  kind: number;
  a: number;
  b: number;
}

export interface JobOptions {
  /** Numbers of resources; each is used at the job's rate. */
  resources: readonly number[];
  /** Whole number, 0 allowed. */
  bytes: number;
  /** Own limit, bytes per second; none when left out. */
  cap?: number;
  completion: JobCompletion;
}

interface Job extends Demand {
  readonly id: number;
  readonly bytes: number;
  readonly completion: JobCompletion;
  /** Bytes done at `sinceMicros`, from when on `rate` holds. */
  done: number;
  sinceMicros: number;
  /** Handle of the event at its end; -1 = none is due (rate 0). */
  due: number;
}

export interface FluidState {
  capacities: number[];
  stopped: number[];
  endedBytes: number[];
  toldRates: number[];
  nextJob: number;
  jobs: Job[];
}

/** Ends beyond this (some 35 years) are not scheduled: the rate is as good as zero. */
const FAR_MICROS = 0x4_0000_0000_0000;

export class FluidDevices {
  readonly #kernel: FluidKernel;
  readonly #dueKind: number;
  #capacities: number[] = [];
  /** Resources on which nothing moves, whatever their capacity: those of a process that stands still. */
  #stopped = new Set<number>();
  /** Bytes of ended jobs by resource, whole numbers. */
  #endedBytes: number[] = [];
  /** Ids of the jobs on each resource, ascending. */
  #jobsOn: number[][] = [];
  /** By resource: what `rateOfNewcomer` said since rates were shared last. */
  readonly #newcomers = new Map<number, number>();
  #jobs = new Map<number, Job>();
  #nextJob = 1;
  /** Rates that were told, by resource, bytes per second rounded down; and whom they are told. */
  #toldRates: number[] = [];
  readonly #onRate: ((resource: number, bytesPerSecond: number, jobs: number) => void) | null;

  /** `dueKind`: a kind of event that belongs to the devices alone; whoever builds the world defines it (class timer) with
   * `(a) => devices.jobDue(a)` as its handler. */
  constructor(
    kernel: FluidKernel,
    options: {
      dueKind: number;
      /** Told whenever another sum of its jobs' rates passes a resource. */
      onRate?: (resource: number, bytesPerSecond: number, jobs: number) => void;
    },
  ) {
    this.#onRate = options.onRate ?? null;
    this.#kernel = kernel;
    this.#dueKind = options.dueKind;
  }

  /** `bytesPerSecond` may be Infinity (no limit) or 0 (stopped). `name` is for messages only. */
  addResource(name: string, bytesPerSecond: number): number {
    assertCapacity(name, bytesPerSecond);
    this.#endedBytes.push(0);
    this.#toldRates.push(0);
    this.#jobsOn.push([]);
    return this.#capacities.push(bytesPerSecond) - 1;
  }

  capacityOf(resource: number): number {
    return this.#capacities[resource];
  }

  setCapacity(resource: number, bytesPerSecond: number): void {
    assertCapacity(String(resource), bytesPerSecond);
    if (this.#capacities[resource] === bytesPerSecond) return;
    this.#capacities[resource] = bytesPerSecond;
    this.#shareAgain([resource]);
  }

  /** Nothing moves on these resources until `resume`: their jobs stand still and do not end, also those with nothing left. */
  stop(resources: readonly number[]): void {
    for (const resource of resources) this.#stopped.add(resource);
    this.#shareAgain(resources);
  }

  resume(resources: readonly number[]): void {
    for (const resource of resources) this.#stopped.delete(resource);
    this.#shareAgain(resources);
  }

  /** Starts a job and returns its id (1, 2, …). The completion fires in a later event, also for 0 bytes. */
  start(options: JobOptions): number {
    const { bytes, completion, cap = Infinity } = options;
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Bug(`a job moves a whole number of bytes, not ${bytes}`);
    const id = this.#nextJob;
    this.#nextJob += 1;
    const resources = [...new Set(options.resources)];
    const job: Job = {
      id,
      resources,
      cap,
      bytes,
      completion: { ...completion },
      rate: 0,
      done: 0,
      sinceMicros: this.#kernel.now,
      due: -1,
    };
    this.#jobs.set(id, job);
    for (const resource of resources) this.#jobsOn[resource].push(id);
    this.#shareAgain(resources, job);
    return id;
  }

  /** Ends a job without its completion; returns the whole bytes it had done. 0 for a job that is not running. */
  cancel(id: number): number {
    const job = this.#jobs.get(id);
    if (job === undefined) return 0;
    this.#advance(job);
    if (job.due >= 0) this.#kernel.cancel(job.due);
    const done = Math.floor(job.done);
    this.#end(job, done);
    return done;
  }

  /** Handler of the due kind. */
  jobDue(id: number): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    const { kind, a, b } = job.completion;
    this.#end(job, job.bytes);
    this.#kernel.schedule(this.#kernel.now, kind, a, b);
  }

  /** Bytes per second that the job has now; 0 for one that is not running. */
  rateOf(id: number): number {
    return this.#jobs.get(id)?.rate ?? 0;
  }

  /** Whole bytes that the job has done until now; 0 for one that is not running. */
  doneBytes(id: number): number {
    const job = this.#jobs.get(id);
    return job === undefined ? 0 : Math.floor(this.#doneNow(job));
  }

  isRunning(id: number): boolean {
    return this.#jobs.has(id);
  }

  get runningCount(): number {
    return this.#jobs.size;
  }

  /** Bytes that have passed the resource until now. */
  busyBytes(resource: number): number {
    let bytes = this.#endedBytes[resource];
    for (const id of this.#jobsOn[resource]) bytes += this.#doneNow(this.#job(id));
    return bytes;
  }

  /** The sum of its jobs' rates over its capacity now, 0 to 1. */
  utilisation(resource: number): number {
    const capacity = this.#capacities[resource];
    if (capacity === 0 || capacity === Infinity) return 0;
    let rate = 0;
    for (const id of this.#jobsOn[resource]) rate += this.#job(id).rate;
    return Math.min(1, rate / capacity);
  }

  /** Bytes per second that one more job without a cap of its own would get of this resource; the others keep what they have
   * as far as it is no more than that. */
  rateOfNewcomer(resource: number): number {
    const known = this.#newcomers.get(resource);
    if (known !== undefined) return known;
    const rate = this.#newcomerAmong(resource);
    this.#newcomers.set(resource, rate);
    return rate;
  }

  #newcomerAmong(resource: number): number {
    const rates = this.#jobsOn[resource].map((id) => this.#job(id).rate).sort((left, right) => left - right);
    let left = this.#capacities[resource];
    for (let index = 0; index < rates.length; index += 1) {
      const level = left / (rates.length - index + 1);
      if (rates[index] >= level) return level;
      left -= rates[index];
    }
    return left;
  }

  save(): FluidState {
    return {
      capacities: [...this.#capacities],
      stopped: [...this.#stopped],
      endedBytes: [...this.#endedBytes],
      toldRates: [...this.#toldRates],
      nextJob: this.#nextJob,
      jobs: [...this.#jobs.values()].map((job) => ({ ...job })),
    };
  }

  /** The resources must have been added as they were before `save`; the kernel's events are restored by the kernel. */
  load(state: FluidState): void {
    this.#capacities = [...state.capacities];
    this.#stopped = new Set(state.stopped);
    this.#endedBytes = [...state.endedBytes];
    this.#toldRates = [...state.toldRates];
    this.#nextJob = state.nextJob;
    this.#jobsOn = state.capacities.map(() => []);
    this.#newcomers.clear();
    this.#jobs = new Map();
    for (const saved of state.jobs) {
      this.#jobs.set(saved.id, { ...saved });
      for (const resource of saved.resources) this.#jobsOn[resource].push(saved.id);
    }
  }

  #job(id: number): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Bug(`job ${id} is not running`);
    return job;
  }

  #end(job: Job, done: number): void {
    this.#jobs.delete(job.id);
    for (const resource of job.resources) {
      this.#endedBytes[resource] += done;
      const ids = this.#jobsOn[resource];
      ids.splice(ids.indexOf(job.id), 1);
    }
    this.#shareAgain(job.resources);
  }

  /** New rates for every job that shares, directly or through others, with the given resources. */
  #shareAgain(resources: readonly number[], started?: Job): void {
    this.#newcomers.clear();
    const jobs = this.#connected(resources);
    if (started !== undefined && started.resources.length === 0) jobs.push(started);
    const before = jobs.map((job) => job.rate);
    shareFairly(jobs, this.#stopped.size === 0 ? this.#capacities : this.#open());
    jobs.forEach((job, index) => {
      const waitsToEnd = job.due < 0 && job.done >= job.bytes;
      if (job === started || waitsToEnd || job.rate !== before[index]) this.#changeRate(job, before[index]);
    });
    if (this.#onRate !== null) this.#tellRates(resources, jobs);
  }

  /** Ascending by resource; a job without any limit takes no time and has no rate to tell. */
  #tellRates(resources: readonly number[], jobs: readonly Job[]): void {
    const touched = new Set(resources);
    for (const job of jobs) for (const resource of job.resources) touched.add(resource);
    for (const resource of [...touched].sort((left, right) => left - right)) {
      let rate = 0;
      for (const id of this.#jobsOn[resource]) rate += this.#job(id).rate;
      const told = rate === Infinity ? 0 : Math.floor(rate);
      if (told === this.#toldRates[resource]) continue;
      this.#toldRates[resource] = told;
      this.#onRate?.(resource, told, this.#jobsOn[resource].length);
    }
  }

  /** Capacities as they count now. */
  #open(): number[] {
    return this.#capacities.map((capacity, resource) => (this.#stopped.has(resource) ? 0 : capacity));
  }

  /** Jobs of the connected component, ascending by id: the order in which equals are treated is that of their start. */
  #connected(resources: readonly number[]): Job[] {
    const seenResources = new Set(resources);
    const seenJobs = new Map<number, Job>();
    for (const resource of seenResources) {
      for (const id of this.#jobsOn[resource]) {
        if (seenJobs.has(id)) continue;
        const job = this.#job(id);
        seenJobs.set(id, job);
        // A Set takes members while it is walked: this is the breadth-first search.
        for (const other of job.resources) seenResources.add(other);
      }
    }
    return [...seenJobs.values()].sort((left, right) => left.id - right.id);
  }

  #changeRate(job: Job, oldRate: number): void {
    const newRate = job.rate;
    job.rate = oldRate;
    this.#advance(job);
    job.rate = newRate;
    if (job.due >= 0) this.#kernel.cancel(job.due);
    const at = this.#endOf(job);
    job.due = at < FAR_MICROS ? this.#kernel.schedule(at, this.#dueKind, job.id, 0) : -1;
  }

  #endOf(job: Job): number {
    const left = job.bytes - job.done;
    if (this.#stopped.size > 0 && job.resources.some((resource) => this.#stopped.has(resource))) return Infinity;
    if (left <= 0 || job.rate === Infinity) return this.#kernel.now;
    return job.rate === 0 ? Infinity : this.#kernel.now + Math.ceil((left / job.rate) * 1e6);
  }

  #doneNow(job: Job): number {
    const elapsed = this.#kernel.now - job.sinceMicros;
    if (elapsed === 0) return job.done;
    return Math.min(job.bytes, job.done + (job.rate * elapsed) / 1e6);
  }

  #advance(job: Job): void {
    job.done = this.#doneNow(job);
    job.sinceMicros = this.#kernel.now;
  }
}

function assertCapacity(name: string, bytesPerSecond: number): void {
  if (!(bytesPerSecond >= 0))
    throw new Bug(`capacity of ${name} must be 0 or more bytes per second, not ${bytesPerSecond}`);
}
