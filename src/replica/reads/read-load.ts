/**
 * How much longer a read takes at a replica whose disk is busy: it takes a chunk of every SSTable that holds the row, and
 * the disk shares its rate fairly between the read and the validations, compactions and streams that read there
 * (cassandra.i-read-load). What a read takes on an idle disk is in the latency of its answer.
 */
import type { Rules } from '../../base/rules.ts';
import type { FluidDevices } from '../../device/fluid.ts';
import type { Storage } from '../storage.ts';
import { holdsAny } from '../stored-entries.ts';

export interface ReadLoadOptions {
  rules: Rules;
  storage: Storage;
  devices: FluidDevices;
  /** Resource numbers by node. */
  diskRead: readonly number[];
  /** Bytes that a read takes of an SSTable. */
  chunkBytes: number;
}

export class ReadLoad {
  readonly #o: ReadLoadOptions;
  readonly #isOff: boolean;

  constructor(options: ReadLoadOptions) {
    this.#o = options;
    this.#isOff = options.rules.isOff('cassandra.i-read-load');
  }

  /** Whole µs beyond what an idle disk takes. */
  extraMicros(node: number, slot: number): number {
    const { devices, diskRead, storage, chunkBytes, rules } = this.#o;
    if (this.#isOff || devices.runningCount === 0) return 0;
    const whole = devices.capacityOf(diskRead[node]);
    const share = devices.rateOfNewcomer(diskRead[node]);
    if (!(share < whole)) return 0;
    rules.mark('cassandra.i-read-load');
    const table = storage.tableOf(slot);
    const { runs } = storage.of(node, table.index);
    // A read must look into every SSTable that has anything of its row.
    const bytes = chunkBytes * runs.filter((run) => run.base || holdsAny(run, slot, slot + table.slotsPerRow)).length;
    return Math.floor((bytes / share - bytes / whole) * 1e6);
  }
}
