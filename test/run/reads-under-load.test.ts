/** A read shares the disk of its replica with what runs there: validation, compaction, the sending of streams. */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanEntry, PlanMix } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds } from './plain-plan.ts';
import { tell, type Story } from './reading.ts';

const READS = { ...plainWorkload().mix, insert: 0, read: 1 } satisfies PlanMix;
const DISK = 20e6;

/** Ten reads a second of rows that n1 has; each of the three nodes holds 100 MB, which its disk reads in five seconds. */
function reading(entries: PlanEntry[], off: string[] = []): Story {
  const plan: Plan = plainPlan({
    duration_micros: seconds(120),
    nodes: plainNodes(3, { dcs: 3 }),
    tables: [plainTable({ loaded: 'equal', partitions: 100, row_bytes: 1e6 })],
    devices: {
      disk_read_bytes_per_second: DISK,
      disk_write_bytes_per_second: DISK,
      fsync_micros: 2000,
      link_bytes_per_second: 125e6,
    },
    workload: {
      r: plainWorkload({
        mix: READS,
        read_consistency: 'ONE',
        clients: { dc1: 1 },
        arrivals: { kind: 'fixed', per_second: 10 },
        from_micros: 0,
        until_micros: seconds(120),
      }),
    },
    entries,
    model: { off },
  });
  return tell(plan);
}

/** Latencies, µs, of reads answered while n1 was between two records, and at all other times. */
function latencies(story: Story, [begins, ends]: [string, string]): { inside: number[]; outside: number[] } {
  const own = story.records.filter(({ node, name }) => node === 0 && [begins, ends].includes(name));
  const spans = own.flatMap(({ name, micros }, index) =>
    name === begins ? [[micros, own.slice(index).find((later) => later.name === ends)?.micros ?? Infinity]] : [],
  );
  const found = { inside: [] as number[], outside: [] as number[] };
  for (const { micros, c } of story.of('readAnswered')) {
    const began = micros - (c >>> 3);
    const isInside = spans.some(([from, to]) => began > from && began < to);
    found[isInside ? 'inside' : 'outside'].push(c >>> 3);
  }
  return found;
}

const lost: PlanEntry = {
  ...{ id: 'faults.lost', at_micros: seconds(5), kind: 'damageCopy', node: 'n2', table: 'shop.orders' },
  ...{ what: 'missing', keys: Array.from({ length: 100 }, (_, key) => key) },
};
const compact: PlanEntry = {
  ...{ id: 'operations.compact', at_micros: seconds(10), kind: 'compactTables', tables: ['shop.orders'] },
  ...{ nodes: ['n1'], every_micros: null, split_output: false, command: '' },
};
const repair = repairEntry({ id: 'repairs.r', at: seconds(10), nodes: ['n1'] });

describe('reads take longer while their disk is busy with', () => {
  test.each<[string, PlanEntry[], [string, string]]>([
    ['validation', [repair], ['validationStarted', 'validationFinished']],
    ['compaction', [compact], ['compactionStarted', 'compactionFinished']],
    ['streaming', [lost, repair], ['streamStarted', 'streamFinished']],
  ])('%s', (_, entries, span) => {
    const idle = latencies(reading([]), span);
    expect(new Set(idle.outside).size).toBe(1);
    const [usual] = idle.outside;
    const { inside } = latencies(reading(entries), span);
    expect(inside.length).toBeGreaterThan(5);
    expect(Math.min(...inside)).toBeGreaterThan(usual);
    const without = latencies(reading(entries, ['cassandra.i-read-load']), span);
    expect(new Set([...without.inside, ...without.outside])).toEqual(new Set([usual]));
  });
});
