/**
 * Healthy writes are sent and answered in a loop that writes the draws of latencies out (replica/healthy-writes.ts): what it
 * says must be what the general way of messages says, message by message. The twin laws do not show that, because both
 * modes use the loop.
 */
import { expect, test } from 'vitest';
import { DIRECTION } from '../../src/replica/links.ts';
import type { ConsistencyLevel, PlanDistribution } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, sameLatency } from './plain-plan.ts';
import { tell } from './reading.ts';

const ONE_WORD: PlanDistribution = { kind: 'exponential', offset: 150, mean: 120 };
/** Below a microsecond for one draw in ten: the least is one. */
const SHORT: PlanDistribution = { kind: 'exponential', offset: 0, mean: 5 };
const LONG: PlanDistribution = { kind: 'exponential', offset: 40_000, mean: 9_000 };
const TWO_WORDS: PlanDistribution = {
  kind: 'mixture',
  parts: [
    { share: 0.5, of: ONE_WORD },
    { share: 0.5, of: LONG },
  ],
};

const LOCAL: Partial<Record<ConsistencyLevel, boolean>> = { LOCAL_QUORUM: true };

test.each<[ConsistencyLevel, number, boolean]>([
  ['ONE', 1, true],
  ['QUORUM', 3, true],
  ['ALL', 4, false],
  ['LOCAL_QUORUM', 2, false],
])(
  '%s: every message takes the time that was drawn for it, and the client hears at the acknowledgement that counts',
  (level, needed, batched) => {
    const story = tell(
      plainPlan({
        nodes: plainNodes(4, { dcs: 2, racks: 2 }),
        links: {
          local: sameLatency(SHORT),
          rack: sameLatency(ONE_WORD),
          dc: { ...sameLatency(ONE_WORD), ack: TWO_WORDS },
          wan: sameLatency(LONG),
          between: {},
        },
        tables: [plainTable({ replication: { strategy: 'NetworkTopologyStrategy', factors: { dc1: 2, dc2: 2 } } })],
        workload: {
          w: plainWorkload({
            arrivals: { kind: 'fixed', per_second: 50 },
            consistency: level,
            clients: { dc1: 0.5, dc2: 0.5 },
          }),
        },
      }),
      batched,
    );
    const { messages } = story.simulation.replicas.writePath;
    const { dcOf } = story.simulation.world.cluster;
    const way = (version: number, from: number, to: number, direction: number): number =>
      messages.wayMicros({ version, attempt: 0, coordinator: from, target: to }, direction, 0);
    const issued = new Map(story.of('issued').map((record) => [record.a, record]));
    const delays = new Map<number, number[]>();
    for (const { a: version, node, micros } of story.of('applied')) {
      const { micros: at = NaN, node: coordinator = -1 } = issued.get(version) ?? {};
      const there = way(version, coordinator, node, DIRECTION.write);
      expect(micros - at).toBe(there);
      const counts = LOCAL[level] !== true || dcOf[node] === dcOf[coordinator];
      const delay = there + way(version, coordinator, node, DIRECTION.ack);
      if (counts) delays.set(version, [...(delays.get(version) ?? []), delay]);
    }
    expect(issued.size).toBe(3000);
    expect(story.of('applied')).toHaveLength(12_000);
    for (const { a: version, micros } of story.of('answered')) {
      const ascending = (delays.get(version) ?? []).sort((one, other) => one - other);
      expect(micros - (issued.get(version)?.micros ?? NaN)).toBe(ascending[needed - 1]);
    }
    expect(story.of('answered')).toHaveLength(3000);
  },
);
