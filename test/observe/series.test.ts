import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD } from '../../src/data/records.ts';
import { ATTENTION, attentionFor, type Attention } from '../../src/observe/attention.ts';
import { Watch } from '../../src/observe/expect-watch.ts';
import { Recorder } from '../../src/observe/series.ts';
import { SERIES_ROWS_MAX, SeriesTable, seriesInterval } from '../../src/observe/series-table.ts';
import { ScriptedOracle, block, smallPlan } from './small-plan.ts';

const STRIDE = 6;

function record(
  records: readonly { at: number; kind?: number; a?: number; node?: number }[],
  blockSizes: readonly number[] = [],
  attention: Attention = ATTENTION.always,
) {
  const oracle = new ScriptedOracle();
  const recorder = new Recorder({ plan: smallPlan(), live: oracle, fold: oracle });
  const watch = new Watch(() => oracle.value, { above: 5 }, { from: 0, to: 1000, attention });
  recorder.watch(watch);
  const words = block(records);
  let start = 0;
  for (let index = 0; start < records.length; index++) {
    const count = Math.min(blockSizes[index] ?? records.length, records.length - start);
    recorder.fold(words.subarray(start * STRIDE, (start + count) * STRIDE), count);
    start += count;
  }
  recorder.finish(1000);
  return { series: recorder.series(), watch, oracle, recorder };
}

describe('recorder', () => {
  it('samples at every interval with everything up to that moment, and at the end', () => {
    const { series } = record([
      { at: 100, a: 4 },
      { at: 101, a: 7 },
      { at: 250, a: 1 },
    ]);
    expect(series.time_micros).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    expect(series.columns['divergent_copies']).toEqual([0, 4, 7, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(series.columns['divergent_copies{cause=node_down,state=latent}']).toEqual(
      series.columns['divergent_copies'],
    );
    expect(series.columns['divergent_copies{cause=partition}']).toBeUndefined();
    expect(series.columns['divergent_copies{node=n3}']).toBeDefined();
    expect(series.columns['zombie_copies']?.every((value) => value === 0)).toBe(true);
  });

  it('takes a row before and after a change of regime', () => {
    const { series } = record([
      { at: 120, a: 3 },
      { at: 130, a: 3 },
      { at: 130, a: 9, kind: RECORD.nodeCrashed },
    ]);
    const rows = series.time_micros.map((time, row) => [time, series.columns['divergent_copies']?.[row]]);
    expect(rows.slice(0, 6)).toEqual([
      [0, 0],
      [100, 0],
      [130, 3],
      [130, 9],
      [200, 9],
      [300, 9],
    ]);
  });

  it('knows the exact extremes between samples', () => {
    const { watch, recorder } = record([
      { at: 101, a: 2 },
      { at: 150, a: 90 },
      { at: 150, a: 8 },
      { at: 151, a: 3 },
    ]);
    // 90 was only in the middle of a microsecond.
    expect(watch.seen.highest).toEqual({ micros: 150, value: 8 });
    expect(watch.seen.firstMet).toEqual({ micros: 150, value: 8 });
    expect(recorder.peak).toEqual({ divergent_copies: 8, at_micros: 150 });
    expect(watch.seen.last).toEqual({ micros: 1000, value: 3 });
  });

  const records = fc
    .array(
      fc.record({
        step: fc.integer({ min: 0, max: 40 }),
        a: fc.nat(12),
        kind: fc.constantFrom(2, 3, RECORD.nodeCrashed, RECORD.markedDown),
      }),
      { maxLength: 60 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(({ step, a, kind }) => ({ at: (at += step), a, kind })).filter((one) => one.at <= 1000);
    });

  it('gives the same however the records are cut into blocks', () => {
    fc.assert(
      fc.property(records, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (list, sizes) => {
        const whole = record(list);
        const cut = record(list, sizes);
        expect(cut.series).toEqual(whole.series);
        expect(cut.watch.seen).toEqual(whole.watch.seen);
        expect(cut.recorder.timeline.events(1000)).toEqual(whole.recorder.timeline.events(1000));
        expect(cut.oracle.folded).toEqual(list.map((one) => one.a));
      }),
    );
  });

  const attentions = fc.constantFrom<Attention>(ATTENTION.always, ATTENTION.rare);

  it('folds whole stretches where no watch asks for every instant', () => {
    const list = Array.from({ length: 60 }, (_, index) => ({ at: 101 + index, a: index < 30 ? 4 : 7 }));
    expect(record(list).oracle.calls).toBe(60);
    // Up to the end of an instant with a change, to the next stop, and the last instant of all.
    const { oracle, watch } = record(list, [], ATTENTION.rare);
    expect(oracle.calls).toBeLessThan(6);
    expect(watch.seen.firstMet).toEqual({ micros: 131, value: 7 });
    expect(record(list, [], ATTENTION.atStops).watch.seen.firstMet).toEqual({ micros: 159, value: 7 });
  });

  it('watches and the peak are the same however closely records must be followed', () => {
    fc.assert(
      fc.property(records, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (list, sizes) => {
        const always = record(list, sizes, ATTENTION.always);
        const rare = record(list, sizes, ATTENTION.rare);
        expect(rare.watch.seen).toEqual(always.watch.seen);
        expect(rare.recorder.peak).toEqual(always.recorder.peak);
        expect(rare.series).toEqual(always.series);
        expect(rare.oracle.folded).toEqual(always.oracle.folded);
      }),
    );
  });

  it.each([
    ['lost_acknowledged', {}, ATTENTION.rare],
    ['latent_copies', { node: 'n1' }, ATTENTION.rare],
    ['divergent_copies', {}, ATTENTION.always],
    ['divergent_copies', { node: 'n1' }, ATTENTION.always],
    ['divergent_copies', { state: 'in_flight' }, ATTENTION.always],
    ['divergent_copies', { cause: 'node_down' }, ATTENTION.rare],
    ['in_flight_copies', { origin: 'workload' }, ATTENTION.always],
    ['entropy_bits', { origin: 'faults.cut' }, ATTENTION.rare],
    ['healed_copies', { healer: 'hint' }, ATTENTION.always],
    ['born_copies', { cause: 'in_flight' }, ATTENTION.always],
    ['missing_copies', {}, ATTENTION.always],
    ['divergent_row_hours', {}, ATTENTION.always],
    ['stale_reads_share', { probe: 'one' }, ATTENTION.atStops],
  ])('%s of %j needs attention %i', (metric, where, attention) => {
    expect(attentionFor(metric, where)).toBe(attention);
  });

  it('watches see what a naive replay sees', () => {
    fc.assert(
      fc.property(records, attentions, (list, attention) => {
        const atEnd = new Map<number, number>([[0, 0]]);
        for (const one of list) atEnd.set(one.at, one.a);
        const values = [...atEnd.values()];
        const { watch, recorder } = record(list, [], attention);
        expect(watch.seen.highest?.value).toBe(Math.max(...values));
        expect(watch.seen.lowest?.value).toBe(Math.min(...values));
        const first = [...atEnd].find(([, value]) => value > 5);
        expect(watch.seen.firstMet?.micros).toBe(first?.[0]);
        expect(recorder.peak.divergent_copies).toBe(Math.max(...values));
      }),
    );
  });

  it('continues from a saved state as if nothing had been', () => {
    fc.assert(
      fc.property(records, fc.nat(60), (list, cut) => {
        const straight = record(list);
        const oracle = new ScriptedOracle();
        const plan = smallPlan();
        const first = new Recorder({ plan, live: oracle, fold: oracle });
        const second = new Recorder({ plan, live: oracle, fold: oracle });
        for (const recorder of [first, second])
          recorder.watch(new Watch(() => oracle.value, { above: 5 }, { from: 0, to: 1000 }));
        const words = block(list);
        const at = Math.min(cut, list.length);
        first.fold(words.subarray(0, at * STRIDE), at);
        second.load(structuredClone(first.save()));
        second.fold(words.subarray(at * STRIDE), list.length - at);
        second.finish(1000);
        expect(second.series()).toEqual(straight.series);
        expect(second.save().watches).toEqual([straight.watch.save()]);
      }),
    );
  });
});

describe('series table', () => {
  it('never grows beyond its bound, by a longer interval and fewer changes of regime', () => {
    expect(seriesInterval(1000, 1e6)).toBe(1000);
    expect(seriesInterval(1, 1e6)).toBe(100);
    expect(1e12 / seriesInterval(1, 1e12)).toBeLessThanOrEqual(10_000);
    const table = new SeriesTable();
    for (let row = 0; row < 10_001; row++) table.addRow(row, false);
    for (let change = 0; change < 30_000; change++) {
      if (!table.wantsRegime()) continue;
      table.addRow(change, true);
      table.addRow(change, true);
      table.set('x', change);
    }
    const series = table.finish(1, []);
    expect(series.time_micros.length).toBeLessThanOrEqual(SERIES_ROWS_MAX);
    expect(series.columns['x']?.length).toBe(series.time_micros.length);
    expect(series.notes?.[0]).toMatch(/every \d+th/);
  });
});
