/** The tables of a plan of points: each shard that agents write into, with its owners, and whether all fits a run. */
import { seriesOfPolicy } from './series-names.ts';
import { MAX_SLOTS } from '../draft-tables.ts';
import type { Drafting } from '../drafting.ts';
import type { ImportedShard } from '../dialect-rules.ts';
import type { PlanCompaction, PlanPoints, PlanTable } from '../plan.ts';
import type { DraftedWriter } from './draft-writers.ts';
import { rowsIn, shiftsOf } from '../../base/point-count.ts';
import type { Policy } from './policies.ts';
import { writersOfSame } from './same-series.ts';
import { shardGroups } from './shard-groups.ts';
import type { ShardGroup, Truncation } from './shard-groups.ts';

/** A table's number is 8 bits in a plan's run. */
export const MAX_SHARDS = 255;

/** Nothing compacts: the members say so. */
const NO_COMPACTION: PlanCompaction = {
  ...{ class: 'SizeTieredCompactionStrategy', min_threshold: 4, max_threshold: 32, min_sstable_bytes: 52_428_800 },
  ...{ bucket_low: 0.5, bucket_high: 1.5, enabled: false },
};

export interface ShardsInput {
  policies: ReadonlyMap<string, Policy>;
  writers: ReadonlyMap<string, DraftedWriter>;
  epochMicros: number | null;
  imported: readonly ImportedShard[];
  /** When groups end because somebody asked for it, µs. */
  truncations: readonly Truncation[];
}

export function draftShards(drafting: Drafting, input: ShardsInput): PlanTable[] {
  const { list, nodes } = drafting;
  if (nodes.length === 0 || input.writers.size === 0) return [];
  const isTooFine = checkCount(drafting, input);
  if (isTooFine) return [];
  const writers = [...input.writers.values()].map(({ writer }) => writer);
  const groups = shardGroups({
    ...{ policies: [...input.policies.values()], writers, nodes: nodes.map(({ id }) => id) },
    ...{ epochMicros: input.epochMicros, imported: input.imported, truncations: input.truncations },
  });
  const count = groups.reduce((sum, { shards }) => sum + shards.length, 0);
  if (count > MAX_SHARDS) addTooMany(drafting, count);
  noteLeftOut(drafting, groups, input.imported);
  const sizes = new Map([...input.policies.keys()].map((id) => [id, bytesOf(drafting, id, input.writers)]));
  const points = Object.fromEntries([...input.writers].map(([id, { writer }]) => [id, writer]));
  const tables = groups.flatMap((group) =>
    tablesOf(group, { points, writers, bytes: sizes.get(group.policy.id) ?? 0, endMicros: drafting.times.endMicros }),
  );
  const slots = tables.reduce((sum, table) => sum + table.partitions * table.rows_per_partition, 0);
  if (slots > MAX_SLOTS)
    list.add(['duration'], {
      code: 'S151',
      message: `the points do not fit: ${slots} places for points in all shards`,
      expected: `at most ${MAX_SLOTS}: a shorter duration, fewer series, or a lower rate`,
    });
  return count > MAX_SHARDS ? [] : tables;
}

/** Before any is made: a year in hours would be made for nothing. */
function checkCount(drafting: Drafting, { policies, writers }: ShardsInput): boolean {
  const groups = [...writers.values()].reduce((sum, { writer }) => {
    const shardMicros = policies.get(writer.policy)?.shardMicros ?? 1;
    return sum + Math.max(0, (writer.until_micros - writer.from_micros) / shardMicros - 1);
  }, 0);
  if (groups / Math.max(1, writers.size) <= MAX_SHARDS) return false;
  addTooMany(drafting, Math.floor(groups));
  return true;
}

function addTooMany({ list }: Drafting, count: number): void {
  list.add(['duration'], {
    code: 'S151',
    message: `the run writes into ${count} shards`,
    expected: `at most ${MAX_SHARDS}: a longer shard_duration, or a shorter duration`,
  });
}

function noteLeftOut(
  { assumptions }: Drafting,
  groups: readonly ShardGroup[],
  imported: readonly ImportedShard[],
): void {
  const made = new Set(groups.flatMap(({ shards }) => shards.map(({ number }) => number)));
  const left = imported.filter(({ number }) => !made.has(number)).length;
  if (left > 0)
    assumptions.push(`${left} of ${imported.length} shards are left out: nothing writes into them in the run`);
  if (left < imported.length)
    assumptions.push('shards begin the run without the points that they hold in the real cluster');
}

/** One size for all points of a policy. */
function bytesOf({ list }: Drafting, policy: string, writers: ReadonlyMap<string, DraftedWriter>): number {
  const own = [...writers].filter(([, { writer }]) => writer.policy === policy);
  const bytes = own[0]?.[1].bytesPerPoint ?? 0;
  for (const [id, { bytesPerPoint }] of own)
    if (bytesPerPoint !== bytes)
      list.add(['workload', id, 'bytes_per_point'], {
        code: 'S116',
        message: `points of several sizes in ${policy} are not in this version of Reconverge`,
        expected: `${bytes}, as of workload ${own[0][0]}`,
      });
  return bytes;
}

function tablesOf(group: ShardGroup, { points, writers, bytes, endMicros }: TablesInput): PlanTable[] {
  const { policy, fromMicros, untilMicros, shards } = group;
  const series = seriesOfPolicy(points, policy.id, shards.length);
  const own = writers.filter((writer) => writer.policy === policy.id);
  const rows = Math.max(...own.map((writer) => rowsIn(writersOfSame(own, writer), fromMicros, untilMicros)));
  return shards.map(({ number, owners }, index): PlanTable => ({
    ...{ id: `${policy.id}.${number}`, keyspace: policy.id, name: String(number) },
    replication: { strategy: 'SimpleStrategy', factor: owners.length },
    ...{ partitions: Math.max(1, series[index].length), rows_per_partition: Math.max(1, rows), column_groups: 1 },
    ...{ row_bytes: bytes, loaded: 'empty', gc_grace_micros: 0, default_ttl_seconds: 0, compaction: NO_COMPACTION },
    ...{ deletes_rows: false, owners: [...owners] },
    shard: {
      ...{ number, group: group.number, policy: policy.id, from_micros: fromMicros, until_micros: untilMicros },
      ...(group.sinceMicros === undefined ? {} : { since_micros: group.sinceMicros }),
      ...(group.truncated === undefined ? {} : { truncated: group.truncated }),
      ...keptFor(policy, { writers, untilMicros, endMicros }),
    },
  }));
}

interface TablesInput {
  points: Record<string, PlanPoints>;
  writers: readonly PlanPoints[];
  bytes: number;
  endMicros: number;
}

/** How long points are kept, where that matters within the run: a shard ends, or points come too late for it. */
function keptFor(
  { id, durationMicros }: Policy,
  { writers, untilMicros, endMicros }: { writers: readonly PlanPoints[]; untilMicros: number; endMicros: number },
): { keep_micros?: number } {
  if (durationMicros === null) return {};
  const own = writers.filter(({ policy }) => policy === id);
  const latest = Math.max(...own.map((writer) => -shiftsOf(writer).least * writer.interval_micros));
  return untilMicros + durationMicros <= endMicros || latest > durationMicros ? { keep_micros: durationMicros } : {};
}
