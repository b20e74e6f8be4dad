/** Edits on the command line, variants, and plans that are loaded and edited again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEdit, loadPlan, parseEdit, planHash } from '../../src/scenario/load.ts';
import type { Edit, EditKind, LoadResult } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { OPTIONS, load, scenarioText } from './fake-dialect.ts';

function edit(kind: EditKind, text: string): Edit {
  const parsed = parseEdit(kind, text);
  if (!isEdit(parsed)) throw new Error(parsed.message);
  return parsed;
}

function edited(...edits: [EditKind, string][]): LoadResult {
  return load(scenarioText(), { edits: edits.map(([kind, text]) => edit(kind, text)) });
}

function planAfter(...edits: [EditKind, string][]): Plan {
  const { plan, mistakes } = edited(...edits);
  if (plan === null) throw new Error(JSON.stringify(mistakes, null, 1));
  return plan;
}

describe('edits', () => {
  it('set', () => {
    expect(planAfter(['set', 'cluster.settings.max_hint_window=6h']).settings['max_hint_window']).toBe(21_600e6);
    expect(planAfter(['set', 'faults.n3-down.for=1m']).entries[0]).toMatchObject({ for_micros: 60e6 });
    expect(planAfter(['set', 'data.tables.shop.orders.row=1KB']).tables[0].row_bytes).toBe(1000);
    expect(planAfter(['set', 'data.tables."shop.orders".row=1KB']).tables[0].row_bytes).toBe(1000);
    expect(planAfter(['set', 'workload.checkout.mix={ insert: 100% }']).workload['checkout'].mix.insert).toBe(1);
    expect(planAfter(['set', 'data.tables.shop.carts={ partitions: 5 }']).tables.map(({ id }) => id)).toEqual([
      'shop.orders',
      'shop.carts',
    ]);
  });

  it('a slip in any step of the path: the edit is the place, and the nearest path is named', () => {
    const slips: [EditKind, string, string][] = [
      ['set', 'clster.settings.max_hint_window=3h', 'cluster.settings.max_hint_window'],
      ['set', 'cluster.settngs.max_hint_window=6h', 'cluster.settings.max_hint_window'],
      ['set', 'duraton=3h', 'duration'],
      ['set', 'faults.n3-down.fro=3m', 'faults.n3-down.for'],
      ['set', 'data.tabls.shop.orders.row=3B', 'data.tables.shop.orders.row'],
      ['add', 'faultz.x={ fault: crash, node: n2, at: 1h }', 'faults.x'],
    ];
    for (const [kind, text, suggestion] of slips) {
      const { plan, mistakes } = edited([kind, text]);
      expect(plan).toBe(null);
      expect(mistakes).toHaveLength(1);
      expect(mistakes[0]).toMatchObject({ code: 'S114', file: `--${kind} ${text}`, line: 0, suggestion });
    }
    // A slip within the value is one of the value: what is there already is not meant.
    const { mistakes } = edited(['set', 'faults.n3-down={ fault: crash, nde: n3, at: 1m, for: 2m }']);
    expect(mistakes).toMatchObject([{ code: 'S114', suggestion: 'node' }]);
  });

  it('remove: what refers to the entry keeps its time', () => {
    const plan = planAfter(['remove', 'faults.n3-down']);
    expect(plan.entries).toHaveLength(1);
    expect(plan.entries[0]).toMatchObject({ id: 'repairs.by-hand', at_micros: 2100e6 });
    expect(plan.source.kept).toEqual({ 'faults.n3-down': { start: 600e6, end: 1800e6 } });
    expect(plan.assumptions.join()).toContain('faults.n3-down was removed');
  });

  it('shift moves an entry and what refers to it', () => {
    const [fault, repair] = planAfter(['shift', 'faults.n3-down=+5m']).entries;
    expect([fault.at_micros, repair.at_micros]).toEqual([900e6, 2400e6]);
    expect(planAfter(['shift', 'faults.n3-down.at=-5m']).entries[0].at_micros).toBe(300e6);
    expect(planAfter(['shift', 'repairs.by-hand=-1m']).entries[1].at_micros).toBe(2040e6);
  });

  it('shift moves a draw as a whole', () => {
    const text = scenarioText({
      faults: 'faults:\n  n3-down: { fault: crash, node: n3, mode: process, at: { uniform: [1m, 9m] }, for: 20m }',
    });
    const at = (edits: Edit[]): number => load(text, { edits }).plan?.entries[0].at_micros ?? -1;
    expect(at([edit('shift', 'faults.n3-down=+5m')]) - at([])).toBe(300e6);
    expect(at([edit('shift', 'faults.n3-down=+5m'), edit('shift', 'faults.n3-down=-2m')]) - at([])).toBe(180e6);
  });

  it('add', () => {
    expect(planAfter(['add', 'faults.extra={ fault: stop, node: n1, at: 1m }']).entries.map(({ id }) => id)).toContain(
      'faults.extra',
    );
  });

  it('null removes', () => {
    expect(planAfter(['set', 'faults=null']).entries.map(({ id }) => id)).toEqual(['repairs.by-hand']);
  });

  it('apply in order', () => {
    expect(
      planAfter(
        ['add', 'faults.x={ fault: stop, node: n1, at: 1m }'],
        ['set', 'faults.x.at=2m'],
        ['shift', 'faults.x=+1m'],
      ).entries[1].at_micros,
    ).toBe(180e6);
  });

  it.each<[EditKind, string, string, string]>([
    ['set', 'faults.n4-down.for=1m', 'E102', 'faults.n3-down.for'],
    ['remove', 'fault', 'E102', 'faults'],
    ['remove', 'faults.n3-down.until', 'E102', ''],
    ['add', 'faults.n3-down={ fault: stop, node: n1, at: 1m }', 'E103', ''],
    ['shift', 'data.tables=+1m', 'E104', ''],
    ['shift', 'database=+1m', 'E104', ''],
    ['shift', 'faults.n3-down.for=+1m', 'E104', '--set faults.n3-down.for=21m'],
    ['shift', 'duration=-2h', 'E104', ''],
    ['set', 'faults.n3-down.for=5', 'S120', '5s'],
    ['set', 'faults.n3-down.node=n33', 'S130', 'n3'],
    ['set', 'titel=x', 'S114', ''],
    ['shift', 'faults.n3-down=-1h', 'S140', ''],
    ['remove', 'faults.n3-down.at', 'S111', ''],
    ['set', '__proto__.polluted=1', 'E101', ''],
  ])('--%s %s is refused at the edit', (kind, text, code, suggestion) => {
    const { plan, mistakes } = edited([kind, text]);
    expect(plan).toBeNull();
    const [mistake] = mistakes;
    expect(mistake).toMatchObject({ code, file: `--${kind} ${text}`, line: 0, column: 0 });
    if (suggestion !== '') expect(mistake.suggestion).toBe(suggestion);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each<[EditKind, string, string]>([
    ['set', 'faults', 'E101'],
    ['set', '=1', 'E101'],
    ['set', 'a=', 'E101'],
    ['set', 'a={ b', 'E105'],
    ['remove', 'a=1', 'E101'],
    ['shift', 'a=later', 'E101'],
  ])('--%s %s cannot be read', (kind, text, code) => {
    expect(parseEdit(kind, text)).toMatchObject({ code, line: 0 });
  });

  it('of no effect give the same plan', () => {
    const plain = JSON.stringify(planAfter());
    const same: [EditKind, string][] = [
      ['set', 'faults.n3-down.for=20m'],
      ['set', 'duration=1h'],
      ['set', 'data.replication=3'],
      ['shift', 'faults.n3-down=+0s'],
      ['set', 'workload.checkout.mix={ insert: 97%, delete: 3% }'],
    ];
    fc.assert(
      fc.property(fc.subarray(same), (edits) => JSON.stringify(planAfter(...edits)) === plain),
      { numRuns: 15 },
    );
  });

  it('written otherwise give a plan that runs the same', () => {
    expect(
      planHash(
        planAfter(
          ['set', 'duration=60m'],
          ['set', 'faults.n3-down.until=faults.n3-down.start + 20m'],
          ['remove', 'faults.n3-down.for'],
        ),
      ),
    ).toBe(planHash(planAfter()));
  });
});

describe('variants', () => {
  it('are edits', () => {
    const { plan } = load(scenarioText(), { variant: 'quiet' });
    expect(plan?.entries.map(({ id }) => id)).toEqual(['repairs.by-hand']);
    expect(load(scenarioText()).plan?.source.variants['quiet']).toEqual({
      edit: { faults: null },
      must_break: ['seen'],
      line: 15,
    });
  });

  it('leave an expectation about a removed repair in place', () => {
    const text = scenarioText({
      expect:
        'expect:\n  seen: { check: eventually, metric: divergent_copies, is: 0, after: repairs.by-hand.start }\n  cost: { check: at, at: end, metric: sent_bytes, where: { repair: by-hand }, above: 0 }',
      variants: 'variants:\n  no-repair: { edit: { repairs: null }, must_break: [seen, cost] }',
    });
    expect(load(text).mistakes).toEqual([]);
    expect(load(text, { variant: 'no-repair' }).plan?.expect['seen']).toMatchObject({ from_micros: 2100e6 });
  });

  it('that do not exist are named', () => {
    expect(load(scenarioText(), { variant: 'quite' }).mistakes).toMatchObject([{ code: 'E106', suggestion: 'quiet' }]);
  });
});

describe('plan files', () => {
  const { plan } = load(
    scenarioText({ cluster: 'cluster: { nodes: 3, settings: { from: db.conf } }' }),
    {},
    { 'db.conf': 'batch' },
  );
  const text = JSON.stringify(plan, null, 2);
  const reload = (options: Partial<typeof OPTIONS> = {}): LoadResult =>
    loadPlan('out/plan.json', text, { ...OPTIONS, ...options });

  it('are taken as they are', () => {
    expect(reload()).toEqual({ plan, mistakes: [], warnings: [] });
    expect(JSON.stringify(reload().plan)).toBe(JSON.stringify(plan));
  });

  it('are drawn again, from what they embed, only for an edit', () => {
    const again = reload({ edits: [edit('set', 'faults.n3-down.for=1m')] }).plan;
    expect(again?.entries[0]).toMatchObject({ for_micros: 60e6 });
    expect(again?.settings['commitlog_sync']).toBe('batch');
    expect(again?.expect).toEqual(plan?.expect);
    expect(again?.source.variants).toEqual(plan?.source.variants);
  });

  it('an edit of no effect gives the same plan', () => {
    expect(JSON.stringify(reload({ edits: [edit('set', 'duration=1h')] }).plan)).toBe(JSON.stringify(plan));
  });

  it('keep times of removed entries over two edits', () => {
    const once = reload({ edits: [edit('remove', 'faults.n3-down')] }).plan;
    const twice = loadPlan('plan.json', JSON.stringify(once), { ...OPTIONS, edits: [edit('set', 'settle=5m')] }).plan;
    expect(twice?.entries[0]).toMatchObject({ id: 'repairs.by-hand', at_micros: 2100e6 });
  });

  it('take another seed', () => {
    expect(reload({ seed: '9' }).plan).toEqual(
      load(
        scenarioText({ cluster: 'cluster: { nodes: 3, settings: { from: db.conf } }' }),
        { seed: '9' },
        { 'db.conf': 'batch' },
      ).plan,
    );
  });

  it('say an edit’s mistakes at the edit', () => {
    expect(reload({ edits: [edit('set', 'faults.n3-down.node=n8')] }).mistakes).toMatchObject([
      { code: 'S130', file: '--set faults.n3-down.node=n8' },
    ]);
    expect(reload({ edits: [edit('set', 'cluster={ from: new.txt }')] }).mistakes[0]).toMatchObject({ code: 'S154' });
  });

  it('that are torn are refused where they end', () => {
    fc.assert(
      fc.property(fc.nat({ max: text.length - 3 }), (length) => {
        const torn = text.slice(0, length);
        const { plan: none, mistakes } = loadPlan('plan.json', torn, OPTIONS);
        expect(none).toBeNull();
        expect(mistakes.map(({ code }) => code)).toEqual(['P101']);
        expect(mistakes[0].line).toBe(Math.max(1, torn.split('\n').length));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['{"format": 1, "version": tru}', 'P101', 1, 26],
    ['{"format": 1,}', 'P101', 1, 14],
    ['{"format" 1}', 'P101', 1, 11],
    ['{"a": 1} x', 'P101', 1, 10],
    ['{"a": "b\nc"}', 'P101', 1, 7],
    ['[]', 'P102', 0, 0],
    ['{}', 'P102', 0, 0],
    ['{"format": 2}', 'P103', 0, 0],
    ['{"format": 1, "plan_hash": "", "fingerprint": ""}', 'P102', 0, 0],
    ['{"format": 1}', 'P104', 1, 1],
  ])('%j is refused', (torn, code, line, column) => {
    expect(loadPlan('plan.json', torn, OPTIONS).mistakes[0]).toMatchObject({ code, line, column, file: 'plan.json' });
  });

  it('with a wrong value name its path', () => {
    const broken = text.replace('"at_micros": 600000000', '"at_micros": "soon"');
    expect(loadPlan('plan.json', broken, OPTIONS).mistakes).toMatchObject([
      { code: 'P104', path: 'entries[0].at_micros', line: expect.any(Number) },
    ]);
  });

  it('of another version run with a warning', () => {
    expect(reload({ version: '0.2.0' })).toMatchObject({ plan: { version: '0.1.0' }, warnings: [{ code: 'P105' }] });
    expect(reload({ version: '0.1.9' }).warnings).toEqual([]);
  });
});
