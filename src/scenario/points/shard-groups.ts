/**
 * The shard groups of a run: stretches of time at multiples of the shard duration, those of a real cluster as they are and
 * new ones where they leave room (influxdb.1-shard-groups); and the owners of new shards (influxdb.1-owners).
 */
import { shardsPerGroup } from '../../data/series-shards.ts';
import type { ImportedShard } from '../dialect-rules.ts';
import type { PlanPoints, PlanShard } from '../plan.ts';
import type { Policy } from './policies.ts';
import { shiftsOf, stepsIn } from '../../base/point-count.ts';

export interface ShardGroup {
  policy: Policy;
  number: number;
  fromMicros: number;
  untilMicros: number;
  /** In their order, which says what series each holds. */
  shards: { number: number; owners: string[] }[];
  sinceMicros?: number;
  truncated?: NonNullable<PlanShard['truncated']>;
}

/** Asked for then; groups end so much later. */
export interface Truncation {
  atMicros: number;
  untilMicros: number;
}

export interface GroupsInput {
  policies: readonly Policy[];
  writers: readonly PlanPoints[];
  nodes: readonly string[];
  /** µs since 1970 of time 0; null: groups begin at multiples from time 0. */
  epochMicros: number | null;
  imported: readonly ImportedShard[];
  /** When groups end because somebody asked for it (influxdb.7-truncate), µs. */
  truncations?: readonly Truncation[];
}

interface Stretch {
  policy: Policy;
  fromMicros: number;
  untilMicros: number;
  /** Null: to be made. */
  known: { number: number; shards: ShardGroup['shards'] } | null;
  /** It is there from then on; absent: from the start. */
  sinceMicros?: number;
  truncated?: NonNullable<PlanShard['truncated']>;
}

/** 1 January of the year 1, from where times are truncated. */
const YEAR_ONE_MICROS = -62_135_596_800_000_000n;

/** In the order of their time; only those that agents write into. */
export function shardGroups(input: GroupsInput): ShardGroup[] {
  const { policies, imported, nodes, writers } = input;
  const ascending = [...(input.truncations ?? [])].sort((left, right) => left.atMicros - right.atMicros);
  const stretches = policies
    .flatMap((policy) => stretchesOf(policy, input))
    .flatMap((stretch) =>
      truncated(
        stretch,
        ascending,
        writers.some((writer) => shiftsOf(writer).most > 0),
      ),
    );
  stretches.sort((left, right) => left.fromMicros - right.fromMicros || byText(left.policy.id, right.policy.id));
  let group = imported.reduce((most, shard) => Math.max(most, shard.group), 0);
  let number = imported.reduce((most, shard) => Math.max(most, shard.number), 0);
  return stretches.map(({ known, ...stretch }) => {
    if (known !== null) return { ...stretch, ...known };
    const { replication } = stretch.policy;
    group += 1;
    const shards = Array.from({ length: shardsPerGroup(nodes.length, replication) }, (_, index) => ({
      number: number + index + 1,
      owners: Array.from(
        { length: replication },
        (_owner, copy) => nodes[(group - 1 + index * replication + copy) % nodes.length],
      ),
    }));
    number += shards.length;
    return { ...stretch, number: group, shards };
  });
}

/**
 * influxdb.7-truncate: groups that take points of a later time do so no more once it was asked for; new ones do. What was sent
 * before, with times from the future, stays where it is, so that groups may overlap.
 */
function truncated(stretch: Stretch, truncations: readonly Truncation[], hasFuture: boolean): Stretch[] {
  const [next, ...later] = truncations;
  if (next === undefined) return [stretch];
  const { fromMicros, untilMicros } = stretch;
  const until = Math.max(fromMicros, next.untilMicros);
  // Nobody has written into a group of the future, unless clocks are ahead.
  if (next.untilMicros >= untilMicros || (next.untilMicros <= fromMicros && !hasFuture))
    return truncated(stretch, later, hasFuture);
  const added: Stretch = {
    ...{ policy: stretch.policy, fromMicros: until, untilMicros, known: null, sinceMicros: next.atMicros },
  };
  const ended = { ...stretch, truncated: { at_micros: next.atMicros, until_micros: until } };
  return [ended, ...truncated(added, later, hasFuture)];
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function stretchesOf(policy: Policy, { writers, epochMicros, imported }: GroupsInput): Stretch[] {
  const own = writers.filter((writer) => writer.policy === policy.id);
  if (own.length === 0) return [];
  const from = Math.min(...own.map((each) => each.from_micros + shiftsOf(each).least * each.interval_micros));
  const until = Math.max(...own.map((each) => each.until_micros + shiftsOf(each).most * each.interval_micros));
  const isWritten = ({ fromMicros, untilMicros }: Stretch): boolean =>
    own.some((writer) => stepsIn(writer, fromMicros, untilMicros) > 0);
  const known = knownStretches(policy, imported, epochMicros ?? 0).filter(isWritten);
  const stretches: Stretch[] = [...known];
  const { shardMicros } = policy;
  let at = from - phaseOf(from, shardMicros, epochMicros);
  for (; at < until; at += shardMicros)
    for (const [fromMicros, untilMicros] of without([at, at + shardMicros], known))
      stretches.push({ policy, fromMicros, untilMicros, known: null });
  return stretches.filter(isWritten);
}

/** How far `micros` lies beyond a multiple of the shard duration. */
function phaseOf(micros: number, shardMicros: number, epochMicros: number | null): number {
  if (epochMicros === null) return ((micros % shardMicros) + shardMicros) % shardMicros;
  return Number((BigInt(epochMicros) + BigInt(micros) - YEAR_ONE_MICROS) % BigInt(shardMicros));
}

/** Of groups that overlap, which truncated ones with points from the future may, the later one takes the points. */
function knownStretches(policy: Policy, imported: readonly ImportedShard[], epochMicros: number): Stretch[] {
  const groups = new Map<number, Stretch & { known: NonNullable<Stretch['known']> }>();
  for (const shard of imported) {
    if (`${shard.database}.${shard.policy}` !== policy.id) continue;
    const group = groups.get(shard.group) ?? {
      ...{ policy, fromMicros: shard.fromMicros - epochMicros, untilMicros: shard.untilMicros - epochMicros },
      known: { number: shard.group, shards: [] },
    };
    group.known.shards.push({ number: shard.number, owners: shard.owners });
    groups.set(shard.group, group);
  }
  const sorted = [...groups.values()].sort(
    (left, right) => left.fromMicros - right.fromMicros || left.known.number - right.known.number,
  );
  for (const { known } of sorted) known.shards.sort((left, right) => left.number - right.number);
  return sorted.map((group, index) => ({
    ...group,
    untilMicros: Math.min(group.untilMicros, sorted[index + 1]?.fromMicros ?? Infinity),
  }));
}

/** What is left of a stretch beside others, which do not overlap. */
function without([from, until]: readonly [number, number], others: readonly Stretch[]): [number, number][] {
  const left: [number, number][] = [];
  let at = from;
  for (const { fromMicros, untilMicros } of others) {
    if (untilMicros <= at || fromMicros >= until) continue;
    if (fromMicros > at) left.push([at, fromMicros]);
    at = Math.max(at, untilMicros);
  }
  if (at < until) left.push([at, until]);
  return left;
}
