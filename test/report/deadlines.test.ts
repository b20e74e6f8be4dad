import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { deadlineLines } from '../../src/report/run-deadlines.ts';
import { renderLines } from '../../src/report/lines.ts';
import { renderPlan } from '../../src/report/plan.ts';
import type { Plan, PlanEntry, PlanTable, PlanWorkload } from '../../src/scenario/plan.ts';
import { smallFinal, smallResult } from '../observe/small-result.ts';
import { samplePlan } from './sample-run.ts';

const HOUR = 3600e6;
const END = 10 * HOUR;

const TABLE = { id: 'ks.t', gc_grace_micros: 240 * HOUR } as PlanTable;
const DELETES = {
  table: 'ks.t',
  arrivals: { kind: 'fixed', per_second: 1 },
  from_micros: 2 * HOUR,
  mix: { insert: 0.9, update: 0, delete_cell: 0, delete_row: 0.1, delete_range: 0, delete_partition: 0 },
} as PlanWorkload;
const INSERTS = { ...DELETES, mix: { ...DELETES.mix, insert: 1, delete_row: 0 } };
const away = (at: number, length: number | null, nodes = ['n3'], id = 'faults.away'): PlanEntry => ({
  ...{ kind: 'crashNode', id, at_micros: at, for_micros: length, nodes, mode: 'process' },
});

function said(changes: Partial<Plan>, latent = 0): string {
  const plan = samplePlan({ entries: [], settings: { max_hint_window: 3 * HOUR }, ...changes });
  const by_origin = { 'faults.away': { copies: latent, bits: 0 } };
  const result = smallResult({ virtual_micros: END, final: smallFinal({ latent_copies: latent, by_origin }) });
  const lines = deadlineLines(plan, result, new VirtualClock(plan.start, END), 200);
  return renderLines(lines, { columns: 200, color: false });
}

describe('deadlines', () => {
  const withDeletes = { tables: [TABLE], workload: { a: DELETES } };

  it('name the moment at which the tombstones of a table with latent copies may go', () => {
    // Away from hour 4, at 06:00; ten days of grace.
    expect(said({ ...withDeletes, entries: [away(4 * HOUR, HOUR)] }, 5)).toBe(
      ' deadline            ks.t must be repaired before Tue 1 Dec 06:00 UTC: gc_grace is 10 d, and a latent copy may have missed deletes since 06:00\n',
    );
    // Deletes begin later than the fault.
    expect(said({ ...withDeletes, entries: [away(HOUR, HOUR)] }, 5)).toMatch(/before Tue 1 Dec 04:00 UTC/);
    const short = { ...TABLE, gc_grace_micros: HOUR };
    expect(said({ ...withDeletes, tables: [short], entries: [away(4 * HOUR, HOUR)] }, 5)).toMatch(
      /ks.t should have been repaired before Sat 21 Nov 07:00 UTC/,
    );
    expect(said({ ...withDeletes, start: null, entries: [away(4 * HOUR, HOUR)] }, 5)).toMatch(
      /before 10d 04h after the start/,
    );
  });

  it('are none where nothing is latent or nobody deletes', () => {
    expect(said({ ...withDeletes, entries: [away(4 * HOUR, HOUR)] }, 0)).toBe('');
    expect(said({ ...withDeletes, workload: { a: INSERTS }, entries: [away(4 * HOUR, HOUR)] }, 5)).toBe('');
    expect(said({ ...withDeletes, tables: [{ ...TABLE, id: 'ks.u' }], entries: [away(4 * HOUR, HOUR)] }, 5)).toBe('');
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
