/** What a run ended with, line by line: levels from its last sample, finals, and each narrowed by what there is. */
import { describe, expect, it } from 'vitest';
import { endValues, splitColumn } from '../../src/studies/end-values.ts';
import { smallFinal, smallResult, WRITE_PROBES } from '../observe/small-result.ts';

const LAST = {
  divergent_copies: 3,
  'divergent_copies{cause=node_down,state=latent}': 2,
  'resurrection_margin{table=shop.orders}': Infinity,
};

describe('the values that a run ended with', () => {
  const of = (changes: Parameters<typeof smallResult>[0] = {}) => {
    const values = endValues(smallResult(changes), LAST);
    return (metric: string, where: string | null = null) =>
      values.find((one) => one.metric === metric && one.where === where);
  };

  it('are levels and totals from the last sample', () => {
    const value = of();
    expect(value('divergent_copies')).toEqual({ metric: 'divergent_copies', where: null, value: 3, unit: 'copies' });
    expect(value('divergent_copies', 'cause=node_down,state=latent')?.value).toBe(2);
    expect(value('resurrection_margin', 'table=shop.orders')).toMatchObject({ value: null, unit: 'micros' });
    expect(splitColumn('a{b=c}')).toEqual({ metric: 'a', where: 'b=c' });
  });

  it('are finals, also those of what there was none of', () => {
    const value = of();
    expect(value('writes_issued')?.value).toBe(10);
    expect(value('read_bytes')).toMatchObject({ value: null, unit: 'bytes' });
  });

  it('are narrowed by cause and healer, workload, and probe', () => {
    const node_down = { copies: 1, bits: 1, born: 5, healed: 4, left: 1, healed_by: { hint: 3, 'repairs.a': 1 } };
    const reads = {
      ...{ answered: 9, timed_out: 0, unavailable: 0, unknown: 0, digest_mismatches: 2, background_mismatches: 0 },
      ...{ read_repairs: 0, read_repair_writes: 0, speculative_retries: 0, stale: 1, missing: 0, zombie: 0 },
      ...{ backward: 0, latency_micros: null },
    };
    const value = of({ final: smallFinal({ by_cause: { node_down } }), reads: { web: reads }, probes: WRITE_PROBES });
    expect(value('healed_copies', 'cause=node_down,healer=hint')?.value).toBe(3);
    expect(value('left_copies', 'cause=node_down')?.value).toBe(1);
    expect(value('stale_reads', 'workload=web')?.value).toBe(1);
    expect(value('p_current', 'probe=seen,t=0')?.value).toBe(0.8);
    expect(value('p_within_k', 'probe=behind,k=1')?.value).toBe(0.9);
    expect(value('p_current', 'probe=behind')).toBeUndefined();
  });

  it('no pair of metric and place stands twice', () => {
    const values = endValues(smallResult({ probes: WRITE_PROBES }), LAST);
    const places = values.map(({ metric, where }) => `${metric} ${where ?? ''}`);
    expect(new Set(places).size).toBe(places.length);
  });
});
