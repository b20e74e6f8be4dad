/**
 * k-staleness (Bailis et al., "Probabilistically Bounded Staleness for Practical Partial Quorums", VLDB 2012): how many
 * acknowledged versions a read lies behind. A read begins some time after an acknowledgement, of the row that was written; it
 * lies k behind if k writes that had been acknowledged when it began are newer than what it shows. Reads go to all replicas
 * and take the first answers that their level needs; they repair nothing. Only writes of one row are sampled, no deletes.
 */
import { OUTCOME } from '../../data/causes.ts';
import { OPERATION } from '../../data/versions.ts';
import type { ReadAnswer } from '../reads/read-types.ts';
import { LatencySamples, type Percentiles } from './latency-samples.ts';
import type { ProbeReads, WriteProbe } from './probe-reads.ts';

interface Sample {
  version: number;
  /** What had been acknowledged when the read began, newest first. */
  newest: number[];
}

export interface StalenessTotals {
  samples: number;
  reads: number;
  failed_reads: number;
}

export interface StalenessFinding extends StalenessTotals {
  /** Share of the reads that showed one of the newest k versions. */
  within: { k: number; share: number | null }[];
  read_latency_micros: Percentiles | null;
  write_latency_micros: Percentiles | null;
}

interface StalenessState {
  samples: [address: number, sample: Sample][];
  acknowledged: [slot: number, newest: number[]][];
  behind: Float64Array;
  readLatency: Float64Array;
  writeLatency: Float64Array;
  totals: StalenessTotals;
}

export class StalenessProbe implements WriteProbe {
  readonly reads: ProbeReads;
  readonly #afterMicros: number;
  /** Versions of a row that are told apart. */
  readonly #depth: number;
  readonly #samples = new Map<number, Sample>();
  /** The newest acknowledged versions of each row, newest first. */
  readonly #acknowledged = new Map<number, number[]>();
  /** Reads by how many versions they lay behind; the last: so many or more. */
  readonly #behind: Float64Array;
  readonly #readLatency = new LatencySamples();
  readonly #writeLatency = new LatencySamples();
  readonly #totals: StalenessTotals = { samples: 0, reads: 0, failed_reads: 0 };

  constructor(reads: ProbeReads, { afterMicros, depth }: { afterMicros: number; depth: number }) {
    this.reads = reads;
    this.#afterMicros = afterMicros;
    this.#depth = depth;
    this.#behind = new Float64Array(depth + 1);
  }

  acknowledged(version: number): void {
    const { kernel, versions } = this.reads.options;
    const { arrays } = versions;
    if (arrays.operation[version] !== OPERATION.write || arrays.rowCount[version] !== 1) return;
    this.#remember(version);
    const address = arrays.index[version];
    if (!this.reads.isSampled(address)) return;
    this.#totals.samples += 1;
    this.#writeLatency.push(kernel.now - arrays.issuedAt[version]);
    this.#samples.set(address, { version, newest: [] });
    this.reads.scheduleAt(kernel.now + this.#afterMicros, address);
  }

  #remember(version: number): void {
    const { versions } = this.reads.options;
    const slot = versions.arrays.firstSlot[version];
    const newest = this.#acknowledged.get(slot) ?? [];
    if (newest.length === 0) this.#acknowledged.set(slot, newest);
    const place = newest.findIndex((other) => versions.wins(version, other));
    newest.splice(place < 0 ? newest.length : place, 0, version);
    if (newest.length > this.#depth) newest.pop();
  }

  due(address: number): void {
    const sample = this.#samples.get(address);
    if (sample === undefined) return;
    const slot = this.reads.options.versions.arrays.firstSlot[sample.version];
    sample.newest = [...(this.#acknowledged.get(slot) ?? [])];
    this.#totals.reads += 1;
    this.reads.begin(address, slot);
  }

  answered({ address, outcome, content, latencyMicros }: ReadAnswer): void {
    const sample = this.#samples.get(address);
    if (sample === undefined) return;
    this.#samples.delete(address);
    if (outcome !== OUTCOME.success) {
      this.#totals.failed_reads += 1;
      return;
    }
    this.#readLatency.push(latencyMicros);
    const { versions } = this.reads.options;
    let behind = 0;
    for (const version of sample.newest) if (versions.wins(version, content[0])) behind += 1;
    this.#behind[behind] += 1;
  }

  finding(): StalenessFinding {
    const reads = this.#behind.reduce((sum, count) => sum + count, 0);
    let within = 0;
    const shares = Array.from({ length: this.#depth }, (_, index) => {
      within += this.#behind[index];
      return { k: index + 1, share: reads === 0 ? null : within / reads };
    });
    return {
      ...this.#totals,
      within: shares,
      read_latency_micros: this.#readLatency.percentiles(),
      write_latency_micros: this.#writeLatency.percentiles(),
    };
  }

  save(): StalenessState {
    return {
      samples: [...this.#samples].map(([address, { version, newest }]) => [address, { version, newest: [...newest] }]),
      acknowledged: [...this.#acknowledged].map(([slot, newest]) => [slot, [...newest]]),
      behind: this.#behind.slice(),
      readLatency: this.#readLatency.save(),
      writeLatency: this.#writeLatency.save(),
      totals: { ...this.#totals },
    };
  }

  load(given: unknown): void {
    const state = given as StalenessState;
    this.#samples.clear();
    for (const [address, { version, newest }] of state.samples)
      this.#samples.set(address, { version, newest: [...newest] });
    this.#acknowledged.clear();
    for (const [slot, newest] of state.acknowledged) this.#acknowledged.set(slot, [...newest]);
    this.#behind.set(state.behind);
    this.#readLatency.load(state.readLatency);
    this.#writeLatency.load(state.writeLatency);
    Object.assign(this.#totals, state.totals);
  }
}
