/**
 * What each cause and each state of a copy means, in words for somebody who has never read the glossary. A test holds that
 * every cause of the registry (src/data/causes.ts) has its words.
 */
import type { CauseName } from '../../data/causes.ts';

const CAUSE_WORDS: Partial<Record<CauseName, string>> = {
  in_flight: 'the write is on its way to this copy',
  node_down: 'the node was down when the write was sent to it',
  partition: 'the network between coordinator and node was cut',
  message_lost: 'the network lost the message',
  timeout: 'the node took too long, or was paused, and the message was given up',
  hint_window_passed: 'the node was away longer than hints are kept, so nobody noted the write for it',
  hint_expired: 'a hint was kept, but it ran out before it was delivered',
  hint_queue_full: 'the store of hints was full',
  hint_lost: 'the hint was lost with the node that kept it',
  hints_off: 'hints were switched off',
  coordinator_lost: 'the coordinator died before it could note the write for anybody',
  lost_before_fsync: 'the node had the write in memory and lost power before it was on disk',
  partial_batch: 'a batch was cut after some of its writes',
  rejected_locally: 'the node refused the write',
  delete_missed: 'the copy missed a deletion and still holds what was deleted',
  tombstone_purged: 'the note of the deletion is gone elsewhere, so the old data can come back',
  arrival_order: 'the copies got the same writes in another order, and the last one wins',
  disk_lost: 'the disk of the node was lost with all that lay on it',
  bootstrap_missed: 'the node joined and never got this row',
  bit_rot: 'the content changed on the disk',
  old_data_restored: 'an old snapshot was restored',
  sstable_lost: 'a data file of the node is gone',
  field_type_conflict: 'the node had a field of another type under that name and refused the point',
  poison_write_dropped: 'the queued write could never be taken, so the queue dropped it',
  hint_after_delete: 'a queued write arrived after the delete and brought back what had been deleted',
  node_removed: 'an operator had taken the node out of the cluster, so nobody sent it anything',
  loaded_diverged: 'the copies already differed when the run began',
};

export function causeWords(cause: string): string {
  return (CAUSE_WORDS as Readonly<Record<string, string | undefined>>)[cause] ?? cause.replaceAll('_', ' ');
}

export const STATE_WORDS = {
  in_flight: 'a message under way will heal it within moments',
  hint_pending: 'a hint is kept for it and will heal it once the node is back',
  latent: 'nothing under way will heal it: only a repair, a read repair or a newer write',
} as const;
