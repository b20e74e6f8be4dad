/**
 * Carries out the plan's slow disks and slow links: from the moment that one begins or ends the devices have what the
 * slowest of those that hold leaves them. How long an fsync and a small message take follows from the plan by itself
 * (`sync-schedule.ts`, `slow-links.ts`); here the clusters' writes only learn that they must look.
 */
import type { Rules } from '../base/rules.ts';
import { RECORD } from '../data/records.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { Plan, PlanEntry } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { NodeDevices } from './devices.ts';

export type SlowEntry = Extract<PlanEntry, { kind: 'slowDisk' | 'slowLink' }>;

export interface SlowFaultOptions {
  plan: Plan;
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  /** Of the ledger, about slow disks and links; null where the database has none. */
  rule: string | null;
  numbers: PlanNumbers;
  cluster: Cluster;
  devices: NodeDevices;
}

export class SlowFaults {
  readonly #o: SlowFaultOptions;
  /** Indices of the entries that hold now, ascending. */
  #active: number[] = [];

  constructor(options: SlowFaultOptions) {
    this.#o = options;
  }

  starts(index: number, entry: SlowEntry): void {
    this.#active = [...this.#active, index].sort((left, right) => left - right);
    this.#changed(entry, entry.kind === 'slowDisk' ? RECORD.diskSlowed : RECORD.linkSlowed);
  }

  ends(index: number, entry: SlowEntry): void {
    this.#active = this.#active.filter((other) => other !== index);
    this.#changed(entry, entry.kind === 'slowDisk' ? RECORD.diskSpeedRestored : RECORD.linkSpeedRestored);
  }

  save(): number[] {
    return [...this.#active];
  }

  load(active: readonly number[]): void {
    this.#active = [...active];
  }

  #changed(entry: SlowEntry, record: number): void {
    const { kernel, trace, numbers } = this.#o;
    const origin = numbers.originOf.get(entry.id) ?? 0;
    if (this.#o.rule !== null) this.#o.rules.mark(this.#o.rule);
    if (entry.kind === 'slowLink') {
      this.#setLinks();
      trace.record(kernel.now, record, 0, 0, origin, 0, 0);
      return;
    }
    this.#setDisks(entry.nodes);
    for (const id of entry.nodes) trace.record(kernel.now, record, numbers.nodeOf.get(id) ?? 0, 0, origin, 0, 0);
  }

  #setDisks(nodes: readonly string[]): void {
    const { plan, numbers, devices } = this.#o;
    for (const id of nodes) {
      const node = numbers.nodeOf.get(id) ?? 0;
      let share = 1;
      for (const { entry } of this.#entries())
        if (entry.kind === 'slowDisk' && entry.nodes.includes(id)) share = Math.min(share, entry.speed_share);
      devices.devices.setCapacity(devices.diskRead[node], plan.devices.disk_read_bytes_per_second * share);
      devices.devices.setCapacity(devices.diskWrite[node], plan.devices.disk_write_bytes_per_second * share);
    }
  }

  #setLinks(): void {
    const { cluster, devices } = this.#o;
    const active = this.#entries();
    for (const pipe of devices.pipes) {
      const isSlow = active.some(({ index }) => index === pipe.entry);
      devices.devices.setCapacity(pipe.resource, isSlow ? pipe.bytesPerSecond : Infinity);
    }
    cluster.slowLinks = active.filter(({ entry }) => entry.kind === 'slowLink' && entry.latency_times > 1).length;
    cluster.refreshHealthy();
  }

  #entries(): { index: number; entry: PlanEntry }[] {
    return this.#active.map((index) => ({ index, entry: this.#o.plan.entries[index] }));
  }
}
