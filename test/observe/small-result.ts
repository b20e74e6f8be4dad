/** Results made by hand for tests of expectations and reports. */
import type { FinalState, RepairLedger, Result, TopologyChange } from '../../src/observe/result.ts';

const LATENCY = { p50: 500, p95: 950, p99: 990, p999: 999 };

/** Of probes that read what a workload has written. */
export const WRITE_PROBES: Result['probes'] = {
  seen: {
    ...{ kind: 't-visibility', workload: 'w', consistency: 'ONE', samples: 10, reads: 12, failed_reads: 0 },
    current: [{ t_micros: 0, reads: 10, share: 0.8 }],
    ...{ t_visible_p999_micros: 2000, read_latency_micros: LATENCY, write_latency_micros: LATENCY },
  },
  behind: {
    ...{ kind: 'k-staleness', workload: 'w', consistency: 'ONE', samples: 10, reads: 10, failed_reads: 0 },
    ...{ within: [{ k: 1, share: 0.9 }], read_latency_micros: LATENCY, write_latency_micros: LATENCY },
  },
};

export function smallFinal(changes: Partial<FinalState> = {}): FinalState {
  return {
    divergent_rows: 0,
    divergent_copies: 0,
    visible_divergent_copies: 0,
    wrong_copies: 0,
    stale_copies: 0,
    missing_copies: 0,
    zombie_copies: 0,
    lost_copies: 0,
    in_flight_copies: 0,
    hint_pending_copies: 0,
    latent_copies: 0,
    lost_acknowledged: 0,
    entropy_bits: 0,
    resurrection: {},
    by_cause: {},
    by_origin: {},
    by_node: {},
    by_state: {},
    ...changes,
  };
}

export function smallResult(changes: Partial<Result> = {}): Result {
  return {
    format: 1,
    version: '0.1.0',
    plan_hash: '0123456789abcdef',
    fingerprint: '1f0c9e5b7a24d310',
    seed: '1',
    database: 'cassandra@4.1.7',
    virtual_micros: 1000,
    events: 12,
    writes: { issued: 10, acknowledged: 9, timed_out: 1, unavailable: 0, failed: 0, unknown: 0, retried: 0 },
    final: smallFinal(),
    zombies_spread: { copies: 0, by: {}, alarms: [] },
    peak: { divergent_copies: 0, at_micros: 0 },
    totals: { divergent_row_hours: 0, wrong_row_hours: 0 },
    hints: {},
    storage: {},
    repairs: {},
    probes: {},
    expectations: {},
    assumptions: [],
    not_modelled: [],
    rules_exercised: [],
    ...changes,
  };
}

export function smallChange(changes: Partial<TopologyChange> = {}): TopologyChange {
  return {
    ...{ kind: 'add', command: 'add n4', node: 'n4', outcome: 'finished', started_micros: 100 },
    ...{ finished_micros: 2_000_100, failures: [], streams: 2, streamed_bytes: 3000, streamed_rows: 30 },
    streamed_in_vain_bytes: 0,
    sources: { n1: { bytes: 1000, rows: 10 }, n2: { bytes: 2000, rows: 20 } },
    ...{ hints_handed_over: 0, hints_dropped: 0, hints_rehinted: 0 },
    ...changes,
  };
}

export function smallLedger(changes: Partial<RepairLedger> = {}): RepairLedger {
  return {
    id: 'repairs.by-hand',
    strategy: 'full-parallel',
    command: 'nodetool repair -full ks t',
    outcome: 'finished',
    started_micros: 500,
    finished_micros: 900,
    failures: [],
    sessions: 1,
    ranges: 3,
    trees: 9,
    comparisons: 9,
    nodes_visited: 100,
    differing_ranges: 2,
    differing_ranges_by_pair: { 'n1|n3': 1, 'n2|n3': 1 },
    read_bytes: 3000,
    hashed_rows: 30,
    hashed_partitions: 30,
    hashed_rows_by_node: { n1: 10, n2: 10, n3: 10 },
    tree_bytes: 4096,
    peak_tree_bytes: 2048,
    tree_depth_max: 10,
    sent_bytes: 400,
    sent_rows: 4,
    sent_partitions: 4,
    distinct_partitions: 2,
    sent_for_nothing_bytes: 200,
    sent_for_nothing_rows: 2,
    floor_bytes: 200,
    healed_copies: 2,
    cross_dc_bytes: 0,
    sstables_written: 3,
    sstables_marked: 0,
    sstables_anticompacted: 0,
    anticompacted_bytes: 0,
    estimated_ranges: 0,
    estimated_sstables: 0,
    estimated_bytes: 0,
    snapshot_bytes: 0,
    snapshots_taken: 0,
    snapshots_removed: 0,
    phases: [],
    rounds: 1,
    ...changes,
  };
}
