/**
 * The history of watched rows: after each record that touched one, and whenever time alone changed one, what was said
 * and what every copy holds since. For `explain` and the space-time diagram, which run again with a watch.
 */
import { RECORD_NAMES } from '../data/records.ts';
import { EXPECTED, HELD, PROMISED, type OracleTable } from './oracle-table.ts';

/** `expired`: nothing happened but time. */
export interface RowEvent {
  micros: number;
  /** Name of the trace record, or `expired`. */
  name: string;
  node: number;
  copy: number;
  /** Operands a and c as in the record. */
  version: number;
  detail: number;
  /** After it, by slot of the row. */
  slots: SlotMoment[];
}

export interface SlotMoment {
  expected: number;
  promised: number;
  /** By copy: version held, and cause | state << 6 | origin << 8 of the expected version's fate there (0 = none). */
  held: number[];
  status: number[];
}

export function momentsOf(table: OracleTable, row: number): SlotMoment[] {
  const moments: SlotMoment[] = [];
  for (let slot = row; slot < row + table.slotsPerRow; slot += 1) {
    const cell = table.cellOf(slot);
    const held = cell + HELD;
    const status = held + table.copies;
    moments.push({
      expected: table.cells[cell + EXPECTED],
      promised: table.cells[cell + PROMISED],
      held: [...table.cells.subarray(held, status)],
      status: [...table.cells.subarray(status, status + table.copies)],
    });
  }
  return moments;
}

export function nameOfKind(kind: number): string {
  return RECORD_NAMES[kind] ?? `record ${kind}`;
}
