/** Whom a client asks when the coordinator that it drew does not serve: one rule for writes, reads and probes. */
import { expect, test } from 'vitest';
import { Cluster } from '../../src/replica/cluster.ts';
import { ProbeReads, type ProbeReadsOptions } from '../../src/replica/probing/probe-reads.ts';

function fourNodes(): Cluster {
  return new Cluster({ dc: [0, 0, 0, 0], rack: [0, 0, 0, 0] });
}

test('the drawn one, else the next that serves clients, else none', () => {
  const cluster = fourNodes();
  expect(cluster.coordinatorFor(1, [0, 1, 2, 3])).toBe(1);
  cluster.paused[1] = 1;
  cluster.joined[2] = 0;
  expect(cluster.coordinatorFor(1, [0, 1, 2, 3])).toBe(3);
  cluster.running[3] = 0;
  expect(cluster.coordinatorFor(1, [0, 1, 2, 3])).toBe(0);
  expect(cluster.coordinatorFor(1, [1, 2, 3])).toBe(-1);
});

test('a probe asks no node that runs and does not serve clients', () => {
  const cluster = fourNodes();
  const asked: number[] = [];
  const options = {
    cluster,
    path: { start: ({ coordinator }: { coordinator: number }) => asked.push(coordinator) },
    coordinator: () => 1,
    coordinatorsOf: () => [0, 1, 2, 3],
  } as unknown as ProbeReadsOptions;
  const reads = new ProbeReads(options);
  reads.begin(0, 0);
  cluster.joined[1] = 0;
  reads.begin(0, 0);
  for (const node of [0, 2, 3]) cluster.running[node] = 0;
  reads.begin(0, 0);
  expect(asked).toEqual([1, 2, 1]);
});
