/** What a section of a run weighs when it is streamed: bytes, and rows. Shared by repairs and by changes of topology. */
import type { TableLayout } from '../data/layout.ts';
import type { SizedSection } from './state.ts';
import type { PayloadSection } from './strategy.ts';

export function measureSection(
  { slotBase, slotsPerRow }: TableLayout,
  { slots, versions, repairedAt }: PayloadSection,
  bytesOfEntry: (slot: number, version: number) => number,
): SizedSection {
  let bytes = 0;
  let rows = 0;
  let lastRow = -1;
  for (let index = 0; index < slots.length; index += 1) {
    const row = Math.floor((slots[index] - slotBase) / slotsPerRow);
    bytes += bytesOfEntry(slots[index], versions[index]);
    if (row !== lastRow) rows += 1;
    lastRow = row;
  }
  return { slots, versions, repairedAt, bytes, rows };
}
