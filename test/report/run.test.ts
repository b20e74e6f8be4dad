import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunOutput } from '../../src/observe/result.ts';
import { renderPlan } from '../../src/report/plan.ts';
import { renderRun } from '../../src/report/run.ts';
import { displayWidth } from '../../src/report/width.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { smallFinal, smallLedger, smallResult } from '../observe/small-result.ts';
import { sampleOutput, samplePlan } from './sample-run.ts';

const OPTIONS = {
  columns: 80,
  color: false,
  details: false,
  files: 'reports/rack-42/  plan.json result.json series.csv',
  replay: 'npx reconverge@0.1.0 run reports/rack-42/plan.json',
  elapsedSeconds: 9.81,
};

const GOLDEN = `Rack r2 loses power, n3 comes back late                    cassandra 4.1 → 4.1.7
3 nodes · 24 h from 21 Nov 2026 UTC · seed 42 · 1 042 311 writes, 10 timed out

 copies that differ                                       peak 200.9 k at 08:00
  240 k ┤
  200 k ┤                ░░░
  160 k ┤             ░░░░░░░░░
  120 k ┤          ░░░░░░░░░░░░░░░
   80 k ┤       ░░░░░░░░░█████████████████████████
   40 k ┤  ▁▁░░░░░░░░░████████████████████████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
        └┬──────────┬─────────────────┬────────────────┬─────────────────┬─────
         02:00      06:00             12:00            18:00             00:00
 faults    ▕▔▔▔▔▔▔▔▔▔▔▔▔▔▔▏away to 08:00
 repairs                                    ▕▔▔▔▔▏by-hand
 ░ hint pending (≤ 120 k)   ▓ latent: lost before fsync (≤ 900)
 █ latent: hint window passed (≤ 80 000)

 cause                    born     healed  left  healed by · heals next
 lost before fsync         900          0   900  only repair
 node down             120 000    120 000     0  hint > 99 %, overwritten < 1 %
 hint window passed     80 000     80 000     0  by-hand
 in flight           3 000 000  3 000 000     0  late delivery
 total               3 200 900  3 200 000   900  copies

 still differ        900 rows; copies: 0 in flight · 0 hint pending · 900 latent
 because of          faults.away 900
 on                  n3 900
 wrong for clients   900 copies: 880 stale, 20 missing
 probe dashboard     2.1 % of 1 000 reads stale
 lost for good       0 acknowledged writes · zombies now 0
 row-hours           divergent 1.2 M · wrong 1.1 M
 entropy             most 180.8 k bits at 08:00 (node down 59.7 %, hint window
                     passed 39.8 %) · 826.5 bits at the end
 hints               enqueued 120 k · delivered 120 k

 repair           took  hashed    trees  ranges     sent  for nothing    least
 by-hand        2h 00m   3.1 M  12.4 MB     412    28 GB        28 GB    28 MB
 hashed: rows · ranges: out of sync · least: what any strategy must send

 ✓ window-bites  ✓ no-zombies  ✗ n3-healed  (2 of 3 held)
 ✗ n3-healed
     eventually latent_copies{node=n3} is 0 within 12h 00m
     never; lowest 900 at 16:00, highest 80 900 at 14:00
     scenarios/rack.yaml:61:3
 1 assumption, 2 things not modelled: --details

 files   reports/rack-42/  plan.json result.json series.csv
 replay  npx reconverge@0.1.0 run reports/rack-42/plan.json
 41.2 M events in 9.8 s · fingerprint 1f0c9e5b7a24d310
`;

const ESCAPE = String.fromCharCode(27);

function widest(text: string): number {
  const plain = text.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g'), '');
  return Math.max(...plain.split('\n').map(displayWidth));
}

describe('the text of a run', () => {
  it('stands as reviewed', () => {
    expect(renderRun(sampleOutput(), samplePlan(), OPTIONS)).toBe(GOLDEN);
  });

  it('is the same with colours, but for the colours', () => {
    const colored = renderRun(sampleOutput(), samplePlan(), { ...OPTIONS, color: true });
    expect(colored).toContain(`${ESCAPE}[31m█`);
    expect(colored.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g'), '')).toBe(GOLDEN);
  });

  it('never exceeds the columns, from 60 to 200', () => {
    for (let columns = 60; columns <= 200; columns++) {
      const text = renderRun(sampleOutput(), samplePlan(), { ...OPTIONS, columns, details: columns % 2 === 0 });
      expect([columns, widest(text) <= columns]).toEqual([columns, true]);
      expect(widest(renderPlan(samplePlan(), { columns, color: true }))).toBeLessThanOrEqual(columns);
    }
  });

  it('keeps fingerprint and hints whole on the narrowest terminal', () => {
    const text = renderRun(sampleOutput(), samplePlan(), { ...OPTIONS, columns: 40 });
    expect(text).toMatch(/fingerprint\s+1f0c9e5b7a24d310\n/);
    expect(text).toContain('--details\n');
    expect(widest(text)).toBe(40);
  });

  it('marks a cut batch where the run had it', () => {
    const cut = {
      kind: 'cutBatch',
      id: 'faults.cut',
      at_micros: 0,
      workload: 'w',
      batch: 1,
      mutations: 1,
      copies: 0,
    } as const;
    const entries: Plan['entries'] = [{ ...cut, mode: 'process', for_micros: 6 * 3600e6 }];
    const event = { at_micros: 6 * 3600e6, name: 'batchCut', node: 'n1', entry: 'faults.cut', detail: '' };
    const text = (timeline: RunOutput['timeline']): string =>
      renderRun({ ...sampleOutput(), timeline }, samplePlan({ entries }), OPTIONS);
    expect(text([event])).toMatch(/^ faults .*cut to 14:00/m);
    expect(text([])).not.toMatch(/^ faults /m);
  });

  it('says the assumptions and what is not modelled with details', () => {
    const text = renderRun(sampleOutput(), samplePlan(), { ...OPTIONS, details: true });
    expect(text).toContain('assumed             The mode of the crash is a loss of power.');
    expect(text).toContain('not modelled        1 setting of the database: memtable_allocation_type');
    expect(text).not.toContain('--details');
  });
});

describe('degenerate runs', () => {
  const empty = (changes: Partial<RunOutput['result']> = {}): RunOutput => ({
    series: { time_micros: [0], columns: {} },
    timeline: [],
    result: smallResult(changes),
  });

  it('a run without divergence has no chart, no ledger and no repairs', () => {
    const text = renderRun(empty(), samplePlan({ entries: [], start: null, name: 'Quiet' }), {
      columns: 80,
      color: false,
      details: false,
    });
    expect(text).toBe(
      [
        'Quiet                                                      cassandra 4.1 → 4.1.7',
        '3 nodes · 1 ms · seed 42 · 10 writes, 1 timed out',
        '',
        ' copies that differ   no copy differed at any time that was sampled',
        '',
        ' wrong for clients   0 copies',
        ' lost for good       0 acknowledged writes · zombies now 0',
        ' row-hours           divergent 0 · wrong 0',
        ' entropy             0 bits at the end',
        '',
        ' 12 events · fingerprint 1f0c9e5b7a24d310',
        '',
      ].join('\n'),
    );
  });

  it('a run of no length says so', () => {
    const text = renderRun(empty({ virtual_micros: 0 }), samplePlan(), OPTIONS);
    expect(text).toContain('the run has no length');
    expect(text).toContain(' 0 s from 21 Nov 2026');
  });

  it('one copy that differs is a chart of one row', () => {
    const output = empty({ virtual_micros: 100e6, peak: { divergent_copies: 1, at_micros: 50e6 } });
    output.series = { time_micros: [0, 50e6, 100e6], columns: { in_flight_copies: [0, 1, 0] } };
    const text = renderRun(output, samplePlan({ entries: [], start: null }), OPTIONS);
    const rows = text.split('\n').filter((line) => line.includes('┤'));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^ {6}1 ┤ +·+$/);
  });

  it('a repair that did not start and one that failed are told apart', () => {
    const output = empty({
      repairs: {
        'repairs.late': smallLedger({ id: 'repairs.late', outcome: 'not_started' }),
        'repairs.ae': smallLedger({
          id: 'repairs.ae',
          strategy: 'entropy-repair',
          outcome: 'running',
          finished_micros: null,
        }),
        'repairs.broken': smallLedger({
          id: 'repairs.broken',
          outcome: 'failed',
          failures: ['n3 went down while it was validating'],
        }),
      },
    });
    const text = renderRun(output, samplePlan(), OPTIONS);
    expect(text).toMatch(/^ late +not run +– +– +–/m);
    expect(text).toContain('n3 went down while it was validating');
    expect(text.replace(/\s+/g, ' ')).toContain('ae waits still: only an idle shard is repaired');
  });
});

describe('text from outside', () => {
  it('cannot steer the terminal, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 60, max: 120 }), (nasty, columns) => {
        const output = sampleOutput();
        const verdict = output.result.expectations['n3-healed'];
        if (verdict !== undefined) output.result.expectations[nasty] = { ...verdict, detail: nasty, expected: nasty };
        output.result.assumptions = [nasty];
        output.result.final = smallFinal({ ...output.result.final, by_origin: { [nasty]: { copies: 3, bits: 0 } } });
        output.result.repairs[nasty] = smallLedger({ id: nasty, outcome: 'failed', failures: [nasty] });
        const plan = samplePlan({
          name: nasty,
          seed: nasty,
          source: { file: nasty, scenario: {}, imports: {}, variants: {} },
        });
        plan.entries = plan.entries.map((entry) => ({ ...entry, id: nasty }));
        const text = renderRun(output, plan, { ...OPTIONS, columns, details: true, files: nasty });
        expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(widest(text)).toBeLessThanOrEqual(columns);
        expect(widest(renderPlan({ ...plan, assumptions: [nasty] }, { columns, color: false }))).toBeLessThanOrEqual(
          columns,
        );
      }),
    );
  });
});
