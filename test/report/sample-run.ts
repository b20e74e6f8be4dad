/** A run made by hand: two nodes away, hints for three hours, then misses; one repair. Its chart is easy to check by eye. */
import type { RunOutput } from '../../src/observe/result.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { smallPlan } from '../observe/small-plan.ts';
import { smallFinal, smallLedger, smallResult } from '../observe/small-result.ts';

const HOUR = 3600e6;

export function samplePlan(changes: Partial<Plan> = {}): Plan {
  const plan = smallPlan({
    name: 'Rack r2 loses power, n3 comes back late',
    start: '2026-11-21T02:00:00Z',
    seed: '42',
    duration_micros: 24 * HOUR,
    source: { file: 'scenarios/rack.yaml', scenario: {}, imports: {}, variants: {} },
  });
  const entries = plan.entries.map((entry) =>
    entry.kind === 'repair' ? { ...entry, at_micros: 12 * HOUR } : { ...entry, at_micros: HOUR, for_micros: 5 * HOUR },
  );
  return { ...plan, entries: entries as Plan['entries'], ...changes };
}

/** Hints rise for 3 h and are delivered by 9 h; misses rise from 4 h to 6 h and are repaired at 14 h. */
function sampleSeries() {
  const time: number[] = [];
  const hints: number[] = [];
  const missed: number[] = [];
  const lost: number[] = [];
  for (let quarter = 0; quarter <= 96; quarter++) {
    const hour = quarter / 4;
    time.push(hour * HOUR);
    hints.push(
      hour < 1 ? 0 : hour < 4 ? (hour - 1) * 40_000 : hour < 6 ? 120_000 : Math.max(0, 120_000 - (hour - 6) * 40_000),
    );
    missed.push(hour < 4 ? 0 : hour < 6 ? (hour - 4) * 40_000 : hour < 14 ? 80_000 : 0);
    lost.push(hour < 1 ? 0 : 900);
  }
  return {
    time_micros: time,
    columns: {
      divergent_copies: time.map((_, row) => (hints[row] ?? 0) + (missed[row] ?? 0) + (lost[row] ?? 0)),
      in_flight_copies: time.map(() => 0),
      hint_pending_copies: hints,
      entropy_bits: time.map((_, row) => 0.9 * ((hints[row] ?? 0) + (missed[row] ?? 0) + (lost[row] ?? 0))),
      'entropy_bits{cause=node_down}': hints.map((count) => 0.9 * count),
      'entropy_bits{cause=hint_window_passed}': missed.map((count) => 0.9 * count),
      'divergent_copies{cause=hint_window_passed,state=latent}': missed,
      'divergent_copies{cause=lost_before_fsync,state=latent}': lost,
    },
  };
}

export function sampleOutput(): RunOutput {
  const place = { measured: null, at_micros: null, line: 61, column: 3 };
  return {
    series: sampleSeries(),
    timeline: [],
    result: smallResult({
      virtual_micros: 24 * HOUR,
      events: 41_234_567,
      seed: '42',
      writes: {
        issued: 1_042_311,
        acknowledged: 1_042_301,
        timed_out: 10,
        unavailable: 0,
        failed: 0,
        unknown: 0,
        retried: 3,
      },
      peak: { divergent_copies: 200_900, at_micros: 6 * HOUR },
      totals: { divergent_row_hours: 1_234_567, wrong_row_hours: 1_100_000 },
      hints: { enqueued: 120_000, delivered: 120_000, expired: 0, lost: 0, pending: 0 },
      final: smallFinal({
        divergent_rows: 900,
        divergent_copies: 900,
        latent_copies: 900,
        wrong_copies: 900,
        stale_copies: 880,
        missing_copies: 20,
        entropy_bits: 826.5,
        by_cause: {
          in_flight: {
            copies: 0,
            bits: 0,
            born: 3_000_000,
            healed: 3_000_000,
            left: 0,
            healed_by: { late_delivery: 3_000_000 },
          },
          node_down: {
            copies: 0,
            bits: 0,
            born: 120_000,
            healed: 120_000,
            left: 0,
            healed_by: { hint: 119_000, overwritten: 1000 },
          },
          hint_window_passed: {
            copies: 0,
            bits: 0,
            born: 80_000,
            healed: 80_000,
            left: 0,
            healed_by: { 'repairs.by-hand': 80_000 },
          },
          lost_before_fsync: {
            copies: 900,
            bits: 826.5,
            born: 900,
            healed: 0,
            left: 900,
            healed_by: {},
            left_by_state: { latent: 900 },
          },
        },
        by_origin: { 'faults.away': { copies: 900, bits: 826.5 } },
        by_node: { n3: { copies: 900, bits: 826.5 } },
        by_state: { latent: { copies: 900, bits: 826.5 } },
      }),
      repairs: {
        'repairs.by-hand': smallLedger({
          started_micros: 12 * HOUR,
          finished_micros: 14 * HOUR,
          hashed_rows: 3_126_933,
          tree_bytes: 12_400_000,
          differing_ranges: 412,
          sent_bytes: 28_000_000_000,
          sent_for_nothing_bytes: 27_972_000_000,
          floor_bytes: 28_000_000,
        }),
      },
      probes: { dashboard: { samples: 10, reads: 1000, stale_reads: 21 } },
      expectations: {
        'window-bites': { verdict: 'held', held: true, expected: 'sometimes …', detail: 'first …', ...place },
        'no-zombies': {
          verdict: 'held',
          held: true,
          expected: 'never zombie_copies above 0',
          detail: 'always 0',
          ...place,
        },
        'n3-healed': {
          ...place,
          verdict: 'violated',
          held: false,
          expected: 'eventually latent_copies{node=n3} is 0 within 12h 00m',
          detail: 'never; lowest 900 at 16:00, highest 80 900 at 14:00',
        },
      },
      assumptions: ['The mode of the crash is a loss of power.'],
      not_modelled: ['memtable_allocation_type', 'Paxos'],
    }),
  };
}
