/**
 * The reads of one workload: when each begins, of which row, through which coordinator, all by address; and the events that
 * begin them. What becomes of a read is in `read-path.ts`.
 */
import type { TableLayout } from '../../data/layout.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { draw32, type StreamKey } from '../../kernel/random.ts';
import type { Arrivals } from '../arrivals.ts';
import type { Cluster } from '../cluster.ts';
import { EVENT } from '../event-kinds.ts';
import type { KeyChooser } from '../workload.ts';
import type { ReadPath } from './read-path.ts';
import type { Reader } from './reader.ts';

const TWO_TO_32 = 4294967296;

export interface ReadWorkloadOptions {
  reader: Reader;
  table: TableLayout;
  arrivals: Arrivals;
  keys: KeyChooser;
  rowKey: StreamKey;
  /** The coordinator that the client takes, and whom it tries after that. */
  coordinator: (address: number) => number;
  coordinatorsOf: (node: number) => readonly number[];
}

export class ReadWorkloads {
  readonly #workloads: readonly ReadWorkloadOptions[];
  readonly #o: { kernel: Kernel; cluster: Cluster; path: ReadPath; untilMicros: number };

  constructor(
    workloads: readonly ReadWorkloadOptions[],
    options: { kernel: Kernel; cluster: Cluster; path: ReadPath; untilMicros: number },
  ) {
    this.#workloads = workloads;
    this.#o = options;
  }

  start(): void {
    this.#workloads.forEach((_workload, index) => this.#scheduleNext(index));
  }

  /** Handler: reads of a workload begin. */
  arrival(index: number): void {
    const workload = this.#workloads[index];
    const { arrivals } = workload;
    while (arrivals.peek() === this.#o.kernel.now) {
      const address = arrivals.index;
      arrivals.advance();
      this.#begin(workload, address);
    }
    this.#scheduleNext(index);
  }

  save(): number[] {
    return this.#workloads.map(({ arrivals }) => arrivals.index);
  }

  load(state: readonly number[]): void {
    this.#workloads.forEach(({ arrivals }, index) => arrivals.seek(state[index]));
  }

  #scheduleNext(index: number): void {
    const { kernel, untilMicros } = this.#o;
    const at = this.#workloads[index].arrivals.peek();
    if (at < untilMicros) kernel.schedule(at, EVENT.readArrival, index, 0);
  }

  #begin(workload: ReadWorkloadOptions, address: number): void {
    const coordinator = this.#answering(workload, workload.coordinator(address));
    this.#o.path.start({ reader: workload.reader, address, slot: rowOf(workload, address), coordinator });
  }

  /** The drawn coordinator or, where it does not answer, the next of its data centre; itself where none does. */
  #answering({ coordinatorsOf }: ReadWorkloadOptions, drawn: number): number {
    const { cluster } = this.#o;
    const node = cluster.coordinatorFor(drawn, coordinatorsOf(drawn));
    return node < 0 ? drawn : node;
  }
}

/** First slot of the row that the read is about. */
function rowOf({ table, keys, rowKey }: ReadWorkloadOptions, address: number): number {
  const ordinal = table.ordinalOfKey[keys.at(address)];
  const drawn = table.rowsPerPartition === 1 ? 0 : draw32(rowKey.k0, rowKey.k1, address) * table.rowsPerPartition;
  return table.slotBase + ordinal * table.slotsPerPartition + Math.floor(drawn / TWO_TO_32) * table.slotsPerRow;
}
