/** What a write leaves on a copy and in the trace: entries in memory and log, and records of every row that it touches. */
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Storage } from './storage.ts';

export interface CopiesOptions {
  kernel: Kernel;
  trace: Trace;
  versions: Versions;
  tables: readonly TableLayout[];
  storage: Storage;
}

export class Copies {
  readonly #o: CopiesOptions;

  constructor(options: CopiesOptions) {
    this.#o = options;
  }

  get trace(): Trace {
    return this.#o.trace;
  }

  /** Write the version's entries on a copy: memtable, log, trace. */
  apply(target: number, version: number, copy: number, via: number): void {
    const { kernel, trace, storage, versions, tables } = this.#o;
    const { arrays } = versions;
    const table = tables[arrays.table[version]];
    const slot = arrays.firstSlot[version];
    if (table.slotsPerRow === 1 && arrays.rowCount[version] === 1) {
      storage.append(target, table.index, slot, version);
      trace.record(kernel.now, RECORD.applied, target, copy, version, slot, via);
      return;
    }
    for (let row = 0; row < arrays.rowCount[version]; row += 1) {
      storage.appendRow(target, table, slot + row * table.slotsPerRow, version);
      trace.record(kernel.now, RECORD.applied, target, copy, version, slot + row * table.slotsPerRow, via);
    }
  }

  recordRows(micros: number, kind: number, node: number, copy: number, version: number, detail: number): void {
    const { trace, versions, tables } = this.#o;
    const { arrays } = versions;
    const slot = arrays.firstSlot[version];
    const rows = arrays.rowCount[version];
    if (rows === 1) {
      trace.record(micros, kind, node, copy, version, slot, detail);
      return;
    }
    const stride = tables[arrays.table[version]].slotsPerRow;
    for (let row = 0; row < rows; row += 1)
      trace.record(micros, kind, node, copy, version, slot + row * stride, detail);
  }

  /** The version is not on this copy, for this reason: cause | state << 6 | origin << 8. */
  miss(version: number, copy: number, detail: number): void {
    const { tables, versions } = this.#o;
    const { arrays } = versions;
    const target = tables[arrays.table[version]].replicas[arrays.replicaBase[version] + copy];
    this.recordRows(this.#o.kernel.now, RECORD.missed, target, copy, version, detail);
  }
}
