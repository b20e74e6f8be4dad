/** Which rules of the ledger are at work where a copy differs for a cause: what `explain` names beside it. */
import type { CauseName } from '../../data/causes.ts';

const RULES: Partial<Record<CauseName, readonly string[]>> = {
  node_down: ['influxdb.2-remote', 'influxdb.2-queue-first'],
  partition: ['influxdb.2-remote'],
  message_lost: ['influxdb.2-remote'],
  timeout: ['influxdb.2-remote'],
  hint_queue_full: ['influxdb.3.3-max-size', 'influxdb.3.1-pending', 'influxdb.3.2-no-room'],
  hint_expired: ['influxdb.3.4-max-age'],
  hints_off: ['influxdb.3.1-enabled'],
  hint_lost: ['influxdb.3-queue-lost', 'influxdb.3.7-torn', 'influxdb.3.6-removed', 'influxdb.3.4-short-purge'],
  coordinator_lost: ['influxdb.2-coordinator-crash', 'influxdb.2-panic'],
  partial_batch: ['influxdb.2-cut', 'influxdb.2-no-atomicity'],
  field_type_conflict: ['influxdb.2-field-type'],
  poison_write_dropped: ['influxdb.3.5-poison', 'influxdb.2-field-type'],
  rejected_locally: ['influxdb.2-local-error'],
  lost_before_fsync: ['influxdb.5-early', 'influxdb.5-wal'],
  sstable_lost: ['influxdb.7-remove'],
  old_data_restored: ['influxdb.7-copy'],
  bootstrap_missed: ['influxdb.7-remove', 'influxdb.7-copy'],
  delete_missed: ['influxdb.4-no-hand-off'],
  hint_after_delete: ['influxdb.3.5-draining', 'influxdb.4-no-hand-off'],
  node_removed: ['influxdb.3.6-removed'],
  arrival_order: ['influxdb.1-point-identity'],
};

export function rulesOfCause(cause: CauseName): readonly string[] {
  return RULES[cause] ?? [];
}
