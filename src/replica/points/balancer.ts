/** Through which node a request goes: the one that its clients name, or in turn those that a balancer finds alive. */
import type { Cluster } from '../cluster.ts';
import type { PointWriter } from './point-writer.ts';

/** A balancer passes on in turn, and by nodes that do not answer; −1 where nobody does. */
export function coordinatorOf(cluster: Cluster, { o: { through } }: PointWriter, turn: number): number {
  if (through !== null) return cluster.coordinates(through) ? through : -1;
  for (let step = 0; step < cluster.count; step += 1) {
    const node = (turn + step) % cluster.count;
    if (cluster.coordinates(node)) return node;
  }
  return -1;
}
