/** What all probes share that read what a workload has written: whom they ask, of which writes, through which coordinator. */
import type { Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { drawChance, type StreamKey } from '../../kernel/random.ts';
import type { Cluster } from '../cluster.ts';
import { EVENT } from '../event-kinds.ts';
import type { ReadPath } from '../reads/read-path.ts';
import type { ReadAnswer } from '../reads/read-types.ts';
import type { Reader } from '../reads/reader.ts';

/** A probe of the writes of one workload. */
export interface WriteProbe {
  /** A client was told that its write succeeded, now. */
  acknowledged(version: number): void;
  /** The time for a read of the write with this address has come. */
  due(address: number): void;
  answered(answer: ReadAnswer): void;
  save(): unknown;
  load(state: unknown): void;
}

export interface ProbeReadsOptions {
  /** Place among the probes of the run. */
  index: number;
  kernel: Kernel;
  versions: Versions;
  cluster: Cluster;
  path: ReadPath;
  reader: Reader;
  /** Share of the writes that are sampled. */
  share: number;
  shareKey: StreamKey;
  /** The coordinator that the reader takes, and whom it tries after that. */
  coordinator: (address: number) => number;
  coordinatorsOf: (node: number) => readonly number[];
}

export class ProbeReads {
  readonly options: ProbeReadsOptions;

  constructor(options: ProbeReadsOptions) {
    this.options = options;
  }

  /** Is the write with this address one of the sample? */
  isSampled(address: number): boolean {
    const { share, shareKey } = this.options;
    return share >= 1 || drawChance(shareKey.k0, shareKey.k1, address, share);
  }

  /** Comes back to the probe at that moment, after all messages of the microsecond; a handle to cancel it. */
  scheduleAt(micros: number, address: number): number {
    return this.options.kernel.schedule(micros, EVENT.probeReads, address, this.options.index);
  }

  /** All reads of one write have its address, so they take the same ways. */
  begin(address: number, slot: number): void {
    const { path, reader } = this.options;
    path.start({ reader, address, slot, coordinator: this.#coordinator(address) });
  }

  #coordinator(address: number): number {
    const { cluster, coordinator, coordinatorsOf } = this.options;
    const drawn = coordinator(address);
    const node = cluster.coordinatorFor(drawn, coordinatorsOf(drawn));
    return node < 0 ? drawn : node;
  }
}
