import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { deadlineLines } from '../../src/report/run-deadlines.ts';
import { renderLines } from '../../src/report/lines.ts';
import { renderPlan } from '../../src/report/plan.ts';
import type { Plan, PlanEntry, PlanTable } from '../../src/scenario/plan.ts';
import type { FinalState, TopologyChange } from '../../src/observe/result.ts';
import { smallChange, smallFinal, smallResult } from '../observe/small-result.ts';
import { samplePlan } from './sample-run.ts';

const HOUR = 3600e6;
const END = 10 * HOUR;

const TABLE = { id: 'ks.t', gc_grace_micros: 240 * HOUR } as PlanTable;
const away = (at: number, length: number | null, nodes = ['n3'], id = 'faults.away'): PlanEntry => ({
  ...{ kind: 'crashNode', id, at_micros: at, for_micros: length, nodes, mode: 'process' },
});

function said(
  changes: Partial<Plan>,
  resurrection: FinalState['resurrection'] = {},
  topology?: Record<string, TopologyChange>,
): string {
  const plan = samplePlan({ entries: [], settings: { max_hint_window: 3 * HOUR }, ...changes });
  const result = smallResult({
    ...{ virtual_micros: END, final: smallFinal({ resurrection }) },
    ...(topology === undefined ? {} : { topology }),
  });
  const lines = deadlineLines(plan, result, new VirtualClock(plan.start, END), 200);
  return renderLines(lines, { columns: 200, color: false });
}

describe('deadlines', () => {
  const atRisk = (hours: number, rows = 5): FinalState['resurrection'] => ({
    'ks.t': { margin_micros: hours * HOUR, rows },
  });

  it('name the moment at which the first tombstone that a copy has missed may go', () => {
    expect(said({ tables: [TABLE] }, atRisk(228))).toBe(
      ' deadline            ks.t must be repaired before Tue 1 Dec 00:00 UTC: 5 rows with a copy that has missed a delete, and the first of these may be purged elsewhere from then on\n',
    );
    expect(said({ tables: [TABLE] }, atRisk(-5))).toMatch(
      /ks.t should have been repaired before Sat 21 Nov 07:00 UTC: 5 rows/,
    );
    expect(said({ tables: [TABLE], start: null }, atRisk(228, 1))).toMatch(/before 9d 22h after the start: 1 row with/);
  });

  it('are none where no tombstone lasts: what has to be asked for once more is said instead', () => {
    const text = said({ tables: [TABLE], points: {} }, atRisk(-5));
    expect(text).toMatch(/^ watch out +ks.t: 5 points with a copy that has missed a delete, of which nothing tells it/);
    expect(text.replace(/\s+/g, ' ')).toContain('Ask for the same statement once more first');
    expect(text).not.toMatch(/purged|repaired before/);
  });

  it('are none where no copy has missed a delete', () => {
    expect(said({ tables: [TABLE] }, {})).toBe('');
  });

  it('say until when hints are kept for nodes that are still down', () => {
    expect(said({ entries: [away(9 * HOUR, null)] })).toMatch(
      /^ watch out +n3 is still down at the end: hints are kept until about Sat 21 Nov 14:00 UTC \(max_hint_window 3 h\); what is written later only repair brings\n$/,
    );
    expect(said({ entries: [away(HOUR, 20 * HOUR, ['n1', 'n2'])] })).toMatch(
      /n1, n2 are still down at the end: no hints are kept since about Sat 21 Nov 06:00 UTC/,
    );
    expect(said({ entries: [away(HOUR, 8 * HOUR)] })).toBe('');
    expect(said({ entries: [away(9 * HOUR, null)], settings: { hinted_handoff_enabled: false } })).toBe('');
  });

  it('follow the windows of the nodes that keep the hints, not that of the node that is away', () => {
    const windowsOf = (...hours: number[]): Partial<Plan> => ({
      entries: [away(9 * HOUR, null)],
      nodes: samplePlan({}).nodes.map((node, index) =>
        index < hours.length ? { ...node, settings: { max_hint_window: hours[index] * HOUR } } : node,
      ),
    });
    expect(said(windowsOf(5, 5))).toMatch(/until about Sat 21 Nov 16:00 UTC \(max_hint_window 5 h\)/);
    expect(said(windowsOf(5))).toMatch(/until about Sat 21 Nov 16:00 UTC \(max_hint_window 3 h to 5 h, by node\)/);
    expect(said(windowsOf(3, 3, 9))).toMatch(/until about Sat 21 Nov 14:00 UTC \(max_hint_window 3 h\)/);
  });

  it('say nothing of a node that is in the cluster no more, unless its removal was refused', () => {
    const remove: PlanEntry = {
      ...{ kind: 'removeNode', id: 'operations.gone', at_micros: 9.5 * HOUR, node: 'n3', assassinate: false },
      command: 'nodetool removenode n3',
    };
    const entries = [away(9 * HOUR, null, ['n2', 'n3']), remove];
    const whenIt = (outcome: TopologyChange['outcome']): string =>
      said({ entries }, {}, { 'operations.gone': smallChange({ outcome }) });
    expect(whenIt('finished')).toMatch(/n2 is still down at the end/);
    expect(whenIt('finished')).not.toContain('n3');
    expect(whenIt('refused')).toMatch(/n2, n3 are still down at the end/);
    expect(whenIt('failed')).toMatch(/n2, n3 are still down at the end/);
  });
});

describe('the time line of a plan', () => {
  const text = (entry: PlanEntry, changes: Partial<Plan> = {}): string =>
    renderPlan(samplePlan({ entries: [entry], settings: { max_hint_window: 3 * HOUR }, ...changes }), {
      ...{ columns: 80, color: false },
    });

  it('says when a fault ends and when its hints do', () => {
    expect(text(away(HOUR, 5 * HOUR))).toMatch(
      / 03:00 {2}faults.away {2}crash n3 \(process\), for 5 h, to 08:00\n 06:00 +about now no more hints are kept for n3\s/,
    );
    expect(text(away(HOUR, 2 * HOUR))).not.toContain('no more hints');
    expect(text(away(HOUR, null))).toContain('no more hints');
    expect(text(away(HOUR, null), { settings: { hinted_handoff_enabled: false } })).not.toContain('no more hints');
  });

  it('wraps what does not fit and cuts nothing', () => {
    const nodes = ['a-long-name-of-a-node-1', 'a-long-name-of-a-node-2', 'a-long-name-of-a-node-3'];
    const shown = text(away(HOUR, 5 * HOUR, nodes));
    expect(shown.replaceAll(/\s+/g, ' ')).toContain(`crash ${nodes.join(', ')} (process), for 5 h, to 08:00`);
    expect(shown.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('says how often a repair comes, what is written of the settings, and what is probed', () => {
    const repair = samplePlan().entries.find(({ kind }) => kind === 'repair') as PlanEntry & { kind: 'repair' };
    expect(text({ ...repair, nodes: ['n1', 'n2'], one_after_another: true, every_micros: 168 * HOUR })).toMatch(
      /on n1, n2, one\s+after\s+another,\s+every\s+7\s+d/,
    );
    const scenario = { cluster: { settings: { max_hint_window: '1h', hinted_handoff_disabled_datacenters: ['dc2'] } } };
    const probes = {
      p: { kind: 'read' as const, table: 'ks.t', consistency: 'ONE' as const, every_micros: 60e6, reads: 9 },
    };
    const shown = text(repair, { probes, source: { file: '', scenario, imports: {}, variants: {} } });
    expect(shown).toMatch(/settings +max_hint_window 1h, hinted_handoff_disabled_datacenters\s+\["dc2"\]/);
    expect(shown).toMatch(/probes p \(9 reads at\s+ONE every 1 min\)/);
  });
});
