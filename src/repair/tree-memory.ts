/**
 * How much memory Merkle trees take on each node: on heap where they are built, from the moment at which their size is
 * known, and where they are compared (cassandra.a13). Told to the trace whenever it changes.
 */
import { RECORD } from '../data/records.ts';
import type { RepairContext } from './context.ts';

const MEGA = 1 << 20;

export function tellTreeMemory(context: RepairContext, node: number): void {
  const { state, host } = context;
  let bytes = 0;
  for (const command of state.commands.values()) if (command.node === node) bytes += command.heldBytes;
  for (const validation of state.validations.values())
    if (validation.node === node && validation.summary !== null) bytes += validation.summary.value.builtBytes;
  const high = Math.floor(bytes / MEGA);
  host.trace.record(context.now, RECORD.treeMemory, node, 0, high, bytes - high * MEGA, 0);
}
