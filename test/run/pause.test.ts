/** A paused process does nothing: not on its disk, not on its links, not with its hints and batches. Then it goes on. */
import { describe, expect, test } from 'vitest';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { plainNodes, plainPlan, plainTable, plainWorkload, repairEntry, seconds } from './plain-plan.ts';
import { tell, type Seen, type Story } from './reading.ts';
import { runLogged } from './twins.ts';

const pause = (at: number, lasts: number, nodes = ['n3']): PlanEntry => ({
  id: 'faults.pause',
  at_micros: seconds(at),
  kind: 'pauseNode',
  nodes,
  for_micros: seconds(lasts),
});

const of = (story: Story, name: string, node: number): Seen[] =>
  story.of(name).filter((record) => record.node === node);

describe('jobs on the disk', () => {
  /** Rows of 100 MB on disks of 100 MB/s: a flush of seven takes seven seconds, a compaction of four of them 28. */
  const flushing = (entries: PlanEntry[]): Plan =>
    plainPlan({
      tables: [plainTable({ row_bytes: 100_000_000 })],
      workload: {
        w: plainWorkload({ arrivals: { kind: 'fixed', per_second: 0.5 }, count: 28, consistency: 'ALL' }),
      },
      devices: {
        disk_read_bytes_per_second: 1e8,
        disk_write_bytes_per_second: 1e8,
        fsync_micros: 2000,
        link_bytes_per_second: 1e9,
      },
      duration_micros: seconds(300),
      entries,
    });

  test('a flush and a compaction that meet a pause end as much later as it lasts', () => {
    const ends = (entries: PlanEntry[], node: number): number[] => {
      const story = tell(flushing(entries));
      return [...of(story, 'flushFinished', node), ...of(story, 'compactionFinished', node)].map(
        ({ micros }) => micros,
      );
    };
    const plain = ends([], 2);
    expect(plain).toHaveLength(5);
    const [first, , , last, compacted] = plain;
    // During the first flush, and during the compaction: long after the last write.
    const early = ends([pause(first / 1e6 - 1, 1.5)], 2);
    expect(early[0]).toBe(first + seconds(1.5));
    const late = ends([pause(last / 1e6 + 2, 10)], 2);
    expect(late.slice(0, 4)).toEqual(plain.slice(0, 4));
    expect(late[4]).toBe(compacted + seconds(10));
    expect(ends([pause(last / 1e6 + 2, 10)], 1)).toEqual(ends([], 1));
  });

  test('the same batched and event by event', () => {
    const plan = flushing([pause(20, 15), pause(60, 5)]);
    expect(runLogged(plan, true).lines).toEqual(runLogged(plan, false).lines);
  });
});

test('a log is not synced while its process stands still', () => {
  const reverted = (standsStill: boolean): number => {
    const crash: PlanEntry = {
      id: 'faults.loss',
      at_micros: seconds(85),
      kind: 'crashNode',
      nodes: ['n3'],
      mode: 'power-loss',
      for_micros: null,
    };
    // Nothing is written after 59.9 s; the syncs of the next 25 s would cover all.
    return tell(
      plainPlan({
        workload: { w: plainWorkload({ keys: { kind: 'sequential', from: 0, to: 20 } }) },
        duration_micros: seconds(100),
        entries: standsStill ? [pause(60, 60), crash] : [crash],
      }),
    ).of('reverted').length;
  };
  expect(reverted(false)).toBe(0);
  expect(reverted(true)).toBeGreaterThan(0);
});

test('a paused coordinator neither writes its hints to files nor sends them', () => {
  const story = tell(
    plainPlan({
      nodes: plainNodes(3, { dcs: 3 }),
      workload: { w: plainWorkload() },
      duration_micros: seconds(200),
      entries: [
        { id: 'faults.stop', at_micros: seconds(10), kind: 'stopNode', nodes: ['n3'], for_micros: seconds(40) },
        pause(35.5, 50, ['n1']),
      ],
    }),
  );
  const told = [
    ...of(story, 'hintsFlushed', 0),
    ...of(story, 'hintFileClosed', 0),
    ...of(story, 'hintDispatchStarted', 0),
  ];
  expect(told.filter(({ micros }) => micros >= seconds(35.5) && micros < seconds(85.5))).toEqual([]);
  // The ticks that were missed are one, when it goes on.
  expect(of(story, 'hintsFlushed', 0).map(({ micros }) => micros / 1e6)).toEqual([10, 20, 30, 85.5]);
  expect(story.result.hints.pending).toBe(0);
  expect(story.result.final.divergent_copies).toBe(0);
});

describe('streams of a repair', () => {
  const repaired = (entries: PlanEntry[]): Story =>
    tell(
      plainPlan({
        tables: [plainTable({ partitions: 400, row_bytes: 100_000, loaded: 'equal' })],
        workload: { w: plainWorkload({ count: 0 }) },
        duration_micros: seconds(900),
        settings: { stream_throughput_outbound: 1_000_000 },
        entries: [
          {
            id: 'faults.gone',
            at_micros: seconds(1),
            kind: 'damageCopy',
            node: 'n3',
            table: 'shop.orders',
            keys: Array.from({ length: 300 }, (_none, index) => index),
            what: 'missing',
          },
          repairEntry({ at: seconds(10), nodes: ['n1'] }),
          ...entries,
        ],
      }),
    );

  test('stand still with their receiver', () => {
    const [start] = repaired([]).of('streamStarted');
    const ends = (entries: PlanEntry[]): number[] =>
      repaired(entries)
        .of('streamFinished')
        .map(({ micros }) => micros);
    const plain = ends([]);
    const paused = ends([pause(start.micros / 1e6 + 2, 12)]);
    // Ends are rounded up to whole microseconds, once more for each change of the rate.
    const late = Math.max(...paused) - Math.max(...plain) - seconds(12);
    expect(late === 0 || late === 1).toBe(true);
  });

  test('break when nothing moved for more than 300 s', () => {
    const [start] = repaired([]).of('streamStarted');
    const outcome = (lasts: number): string[] =>
      repaired([pause(start.micros / 1e6 + 2, lasts, ['n1'])]).result.repairs['repairs.by-hand'].failures;
    expect(outcome(299)).toEqual([]);
    expect(outcome(301).join()).toContain('Sync failed between');
  });
});
