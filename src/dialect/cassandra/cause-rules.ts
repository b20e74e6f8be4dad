/** Which rules of the ledger are at work where a copy differs for a cause: what `explain` names beside it. */
import type { CauseName } from '../../data/causes.ts';

const RULES: Partial<Record<CauseName, readonly string[]>> = {
  node_down: ['cassandra.e2'],
  partition: ['cassandra.e2'],
  message_lost: ['cassandra.e2'],
  timeout: ['cassandra.e2'],
  hint_window_passed: ['cassandra.e4', 'cassandra.e5', 'cassandra.e7'],
  hint_queue_full: ['cassandra.e4'],
  hints_off: ['cassandra.e4'],
  hint_expired: ['cassandra.e17'],
  // A crash (before 3.0 by e12), nodes that change or leave, an operator, and files or disks that are gone.
  hint_lost: [
    ...['cassandra.e11', 'cassandra.e12', 'cassandra.e16', 'cassandra.e18'],
    ...['cassandra.e20-truncate', 'cassandra.f-hints-lost'],
  ],
  disk_lost: ['cassandra.g-disk-lost'],
  bootstrap_missed: ['cassandra.g-alter', 'cassandra.g-replace'],
  lost_before_fsync: ['cassandra.f3', 'cassandra.f5'],
  partial_batch: ['cassandra.e-batchlog', 'cassandra.e-unlogged'],
  tombstone_purged: ['cassandra.h3', 'cassandra.h4', 'cassandra.h10'],
};

export function rulesOfCause(cause: CauseName): readonly string[] {
  return RULES[cause] ?? [];
}
