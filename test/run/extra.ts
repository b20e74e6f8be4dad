/** Edits for the laws about edits: faults that may be added to any plan, and plans whose faults all end. */
import fc from 'fast-check';
import type { Plan, PlanEntry } from '../../src/scenario/plan.ts';
import { constantLinks, repairEntry, seconds } from './plain-plan.ts';

/** A fault or a repair of every kind at a time, on the node of that number. At the end of the plan's entries it changes the
 * number of no other. */
export function extraEntry(plan: Plan, { kind, node, at }: { kind: number; node: number; at: number }): PlanEntry {
  const ids = plan.nodes.map(({ id }) => id);
  const victim = ids[node % ids.length];
  const others = ids.filter((id) => id !== victim);
  const base = { id: 'faults.extra', at_micros: at };
  const lasting = { for_micros: seconds(20) };
  const table = plan.tables[0].id;
  const entries: PlanEntry[] = [
    { ...base, ...lasting, kind: 'crashNode', nodes: [victim], mode: 'process' },
    { ...base, ...lasting, kind: 'crashNode', nodes: [victim], mode: 'power-loss' },
    { ...base, ...lasting, kind: 'stopNode', nodes: [victim] },
    { ...base, ...lasting, kind: 'pauseNode', nodes: [victim] },
    { ...base, ...lasting, kind: 'cutLink', from: [victim], to: others, two_way: node % 2 === 0 },
    { ...base, ...lasting, kind: 'loseMessages', from: [victim], to: others, two_way: true, share: 0.5 },
    { ...base, ...lasting, kind: 'crashNode', nodes: [victim], mode: 'disk-lost' },
    { ...base, kind: 'loseHints', nodes: [victim] },
    { ...base, ...lasting, kind: 'slowDisk', nodes: [victim], speed_share: 0.1, fsync_micros: seconds(6) },
    {
      ...{ ...base, ...lasting, kind: 'slowLink', from: [victim], to: others, two_way: true },
      ...{ latency_times: 30, bytes_per_second: 1e5 },
    },
    { ...base, ...lasting, kind: 'skewClock', nodes: [victim], by_micros: seconds(4) },
    { ...base, kind: 'damageCopy', node: victim, table, what: node % 2 === 0 ? 'missing' : 'corrupt', keys: [0] },
    repairEntry({ id: 'repairs.extra', at, nodes: ids, tables: [table] }),
    {
      ...{ ...base, ...lasting, kind: 'changeSettings', nodes: [victim], command: 'set' },
      ...{ settings: { max_hint_window: 0, stream_throughput_outbound: 1e6 }, dc_hints: null },
    },
    { ...base, ...lasting, kind: 'pauseHandoff', nodes: others, command: 'pausehandoff' },
    { ...base, kind: 'truncateHints', nodes: others, targets: [], command: 'truncatehints' },
    { ...base, ...lasting, kind: 'restartNode', nodes: [victim], settings: { hinted_handoff_enabled: false } },
    { ...base, kind: 'alterTable', nodes: [victim], table, gc_grace_micros: seconds(1), command: 'ALTER TABLE' },
    { ...base, kind: 'loseSstables', node: victim, table, count: 2, which: 'largest' },
  ];
  return entries[kind % entries.length];
}

export const extraChoice = fc.record({
  kind: fc.nat(18),
  node: fc.nat(5),
  at: fc.oneof(fc.integer({ min: 0, max: 60 }).map(seconds), fc.integer({ min: 0, max: seconds(60) })),
});

/** The plan with every fault over 110 s after the start, no repairs, and nothing that takes long afterwards. */
export function withoutRepairs(plan: Plan): Plan {
  const entries = plan.entries.filter(({ kind }) => kind !== 'repair').map(ended);
  return {
    ...plan,
    entries,
    links: constantLinks(1000),
    tables: plan.tables.map((table) => ({ ...table, row_bytes: 100 })),
    settings: { ...plan.settings, hinted_handoff_throttle: 0, repair_request_timeout: seconds(3600) },
    model: { off: [] },
  };
}

function ended(entry: PlanEntry): PlanEntry {
  if (entry.kind === 'restartNode' || entry.kind === 'changeSettings') return unthrottled(entry);
  if ('for_micros' in entry && entry.for_micros === null) return { ...entry, for_micros: seconds(30) };
  return entry;
}

/** A low rate that stays in a node's file, or that the end of a change brings back, would keep hints for very long. */
function unthrottled(entry: Extract<PlanEntry, { kind: 'restartNode' | 'changeSettings' }>): PlanEntry {
  const settings = Object.entries(entry.settings).filter(([name]) => name !== 'hinted_handoff_throttle');
  return { ...entry, settings: Object.fromEntries(settings), for_micros: entry.for_micros ?? seconds(30) };
}
