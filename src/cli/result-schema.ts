/**
 * The shape of `result.json`, from which its JSON Schema is made. It says what src/observe/result.ts says; the compiler
 * holds the two together, and a test holds real results to it.
 */
import { z } from 'zod';
import { CAUSES } from '../data/causes.ts';
import type { Result } from '../observe/result.ts';

const count = z.int().min(0);
const micros = z.int().min(0).describe('µs of virtual time');
const bytes = z.number().min(0).describe('bytes');
const bits = z.number().min(0).describe('bits of entropy');
const counts = z.record(z.string(), count);
const part = z.strictObject({ copies: count, bits });
const parts = z.record(z.string(), part);

const causeLedger = z
  .strictObject({
    ...{ copies: count, bits, born: count, healed: count, left: count },
    healed_by: counts.describe('healed, by what healed it'),
    left_by_state: counts.describe('left, by state').exactOptional(),
  })
  .describe('born = healed + left');

const final = z.strictObject({
  ...{ divergent_rows: count, divergent_copies: count, visible_divergent_copies: count },
  ...{ wrong_copies: count, stale_copies: count, missing_copies: count, zombie_copies: count, lost_copies: count },
  ...{ in_flight_copies: count, hint_pending_copies: count, latent_copies: count },
  lost_acknowledged: count.describe('rows whose newest acknowledged version can no longer spread'),
  entropy_bits: bits,
  by_cause: z.partialRecord(z.enum(CAUSES), causeLedger),
  resurrection: z
    .record(z.string(), z.strictObject({ margin_micros: z.int(), rows: count }))
    .describe('by table: time left until the first deletion that a copy has missed may be purged'),
  by_origin: parts.describe('by the plan entry behind it'),
  by_node: parts,
  by_state: parts,
});

const phase = z.strictObject({
  phase: z.enum([
    'prepare',
    'flush',
    'snapshot',
    'anticompact',
    'validate',
    'compare',
    'stream',
    'finalize',
    'cleanup',
  ]),
  session: z.int(),
  table: z.string(),
  node: z.string().nullable(),
  peer: z.string().nullable(),
  start_micros: micros,
  end_micros: micros,
});

const repairRun = z.strictObject({
  started_micros: z.int(),
  finished_micros: micros.nullable(),
  outcome: z.enum(['finished', 'failed', 'running']),
  ...{ segments: count, segments_done: count, segments_retried: count },
  ...{ segments_postponed: count, segments_timed_out: count, sessions: count },
  ...{ read_bytes: bytes, hashed_rows: count, tree_bytes: bytes, sent_bytes: bytes },
  ...{ sent_for_nothing_bytes: bytes, floor_bytes: bytes, healed_copies: count },
});

const algorithmCosts = z.strictObject({
  ...{ exchanges: count, exchanges_in_sync: count, exchanges_failed: count, exchanges_put_off: count },
  ...{ segments_rescanned: count, keys_differing: count, keys_alike: count },
  ...{ keys_unanswered: count, index_write_bytes: bytes },
});

const repairLedger = z.strictObject({
  id: z.string(),
  strategy: z.string(),
  command: z.string(),
  outcome: z.enum(['finished', 'failed', 'running', 'not_started']),
  started_micros: z.int(),
  finished_micros: micros.nullable(),
  failures: z.array(z.string()),
  ...{ sessions: count, ranges: count, trees: count, comparisons: count, nodes_visited: count },
  ...{ differing_ranges: count, differing_ranges_by_pair: counts },
  ...{ read_bytes: bytes, hashed_rows: count, hashed_partitions: count, hashed_rows_by_node: counts },
  ...{ tree_bytes: bytes, peak_tree_bytes: bytes, tree_depth_max: count },
  ...{ sent_bytes: bytes, sent_rows: count, sent_partitions: count, distinct_partitions: count },
  ...{ sent_for_nothing_bytes: bytes, sent_for_nothing_rows: count },
  floor_bytes: bytes.describe('least bytes that any strategy would have had to send'),
  ...{ healed_copies: count, cross_dc_bytes: bytes, sstables_written: count },
  reverted_copies: count.describe('left with older data, with none, or with what had been deleted').exactOptional(),
  ...{ sstables_marked: count, sstables_anticompacted: count, anticompacted_bytes: bytes },
  ...{ estimated_ranges: count, estimated_sstables: count, estimated_bytes: bytes },
  ...{ snapshot_bytes: bytes, snapshots_taken: count, snapshots_removed: count },
  phases: z.array(phase),
  rounds: count,
  runs: z.array(repairRun).exactOptional(),
  algorithm: algorithmCosts.exactOptional(),
});

const topologyChange = z.strictObject({
  kind: z.enum(['alter', 'add', 'replace', 'decommission', 'remove']),
  command: z.string(),
  node: z.string().nullable().describe('who joins or leaves'),
  outcome: z
    .enum(['finished', 'failed', 'refused', 'running', 'not_started'])
    .describe('failed: it stopped half-way and stays so; refused: all is as before'),
  ...{ started_micros: micros.nullable(), finished_micros: micros.nullable(), failures: z.array(z.string()) },
  ...{ streams: count, streamed_bytes: bytes, streamed_rows: count },
  streamed_in_vain_bytes: bytes.describe('of these, those of streams that never became whole'),
  sources: z.record(z.string(), z.strictObject({ bytes, rows: count })).describe('by the node that sent them'),
  ...{ hints_handed_over: count, hints_dropped: count },
  hints_rehinted: count.describe('while it was the last change done: written anew for who replicates the row now'),
});

const alarm = z
  .strictObject({
    at_micros: micros,
    table: z.string(),
    ...{ key: count, row: count },
    node: z.string().describe('the copy that took it'),
    from: z.array(z.string()).describe('the copies that held it'),
    by: z.string().describe('the mechanism that brought it, or the id of the repair'),
    wrong: z.enum(['zombie', 'lost']),
    cause: z.string().nullable(),
    origin: z.string().nullable(),
    ...{ written_micros: micros, promised_micros: micros },
  })
  .describe('a copy took a version that is wrong and that nothing newer puts right');

const verdict = z.strictObject({
  verdict: z.enum(['held', 'violated', 'undecided']),
  held: z.boolean().describe('verdict is held'),
  expected: z.string(),
  detail: z.string(),
  measured: z.number().nullable(),
  at_micros: micros.nullable(),
  line: count,
  column: count,
  file: z.string().describe('where it stands, if not in the scenario itself').exactOptional(),
});

const readProbe = z.strictObject({
  ...{ samples: count, reads: count, stale_reads: count },
  unavailable_reads: count.exactOptional(),
});
const percentiles = z.strictObject({ p50: micros, p95: micros, p99: micros, p999: micros }).nullable();
const share = z.number().min(0).max(1).nullable();
const writeProbe = {
  ...{ workload: z.string(), consistency: z.string(), samples: count, reads: count, failed_reads: count },
  ...{ read_latency_micros: percentiles, write_latency_micros: percentiles },
};
const pointProbes = [
  z.strictObject({
    kind: z.literal('dashboard'),
    ...{ answers: count, failed: count, flaps: count, flaps_per_minute_most: count },
    values: z.strictObject({ least: z.number(), most: z.number() }).nullable(),
    latency_micros: percentiles,
  }),
  z.strictObject({ kind: z.literal('alert'), fired: count, cleared: count, firing_micros: micros }),
  z.strictObject({
    ...{ kind: z.enum(['count', 'size']), changes: count, most_spread: z.number().min(0).max(1) },
    owners: z.record(z.string(), z.record(z.string(), z.number())).describe('by shard and node'),
  }),
] as const;
const probe = z.union([
  ...pointProbes,
  readProbe,
  z.strictObject({
    kind: z.literal('t-visibility'),
    ...writeProbe,
    current: z.array(z.strictObject({ t_micros: micros, reads: count, share })),
    t_visible_p999_micros: micros.nullable(),
  }),
  z.strictObject({
    kind: z.literal('k-staleness'),
    ...writeProbe,
    within: z.array(z.strictObject({ k: count, share })),
  }),
]);

const read = z.strictObject({
  ...{ answered: count, timed_out: count, unavailable: count, unknown: count },
  ...{ digest_mismatches: count, background_mismatches: count, read_repairs: count, read_repair_writes: count },
  speculative_retries: count,
  ...{ stale: count, missing: count, zombie: count },
  backward: count.describe('answers older than one that had been given before'),
  latency_micros: z
    .strictObject({ mean: micros, p50: micros, p99: micros, p999: micros, max: micros })
    .nullable()
    .describe('of the answered'),
});

export const resultShape = z.strictObject({
  format: z.literal(1),
  version: z.string(),
  plan_hash: z.string(),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe('over all records of the run'),
  seed: z.string(),
  database: z.string(),
  virtual_micros: micros,
  events: count,
  writes: z.strictObject({
    ...{ issued: count, acknowledged: count, timed_out: count, unavailable: count, failed: count },
    ...{ unknown: count, retried: count, beyond_policy: count.exactOptional() },
    ...{ refused_cache: count.exactOptional(), throttled: count.exactOptional() },
    partial: count.describe('of failed: of requests of which something was kept').exactOptional(),
  }),
  reads: z.record(z.string(), read).describe('by workload').exactOptional(),
  final,
  zombies_spread: z.strictObject({ copies: count, by: counts, alarms: z.array(alarm) }),
  peak: z.strictObject({ divergent_copies: count, at_micros: micros }),
  totals: z.strictObject({ divergent_row_hours: z.number().min(0), wrong_row_hours: z.number().min(0) }),
  hints: z.record(z.string(), z.number()),
  storage: z.record(z.string(), z.number()),
  repairs: z.record(z.string(), repairLedger),
  topology: z.record(z.string(), topologyChange).describe('changes of topology, by plan entry').exactOptional(),
  probes: z.record(z.string(), probe),
  expectations: z.record(z.string(), verdict),
  assumptions: z.array(z.string()),
  not_modelled: z.array(z.string()),
  rules_exercised: z.array(z.string()),
}) satisfies z.ZodType<Result>;

export function resultSchema(): unknown {
  return z.toJSONSchema(resultShape, { target: 'draft-7' });
}
