/** What a plan’s report says of entries that only a database of points by shards knows. */
import { formatSpan } from '../base/human.ts';
import type { PlanEntry } from '../scenario/plan.ts';

type ShardEntry = Extract<PlanEntry, { kind: 'panicNode' | 'fillDisk' | 'fakeSyncs' | 'tearQueues' | 'repairByHand' }>;

/** Without how long it lasts. */
export function shardEntryText(entry: ShardEntry): string {
  const nodes = entry.nodes.join(', ');
  switch (entry.kind) {
    case 'panicNode':
      return `panic of ${nodes} in its next request, before the ${entry.before.replace('-', ' ')}`;
    case 'fillDisk':
      return `fill the disk of ${nodes}`;
    case 'fakeSyncs':
      return `the disk of ${nodes} acknowledges up to ${formatSpan(entry.lag_micros)} early`;
    case 'tearQueues':
      return `tear the queues that ${nodes} ${entry.nodes.length === 1 ? 'keeps' : 'keep'} for ${entry.targets.join(', ')}`;
    case 'repairByHand':
      return `${entry.command} on ${nodes}`;
  }
}
