/** Databases and their retention policies: how long data is kept, how it is cut into groups, how many copies there are. */
import { addUnknown } from '../drafting.ts';
import type { Drafting } from '../drafting.ts';
import type { ImportedShard, PointRules } from '../dialect-rules.ts';
import type { Path } from '../places.ts';
import type { Scenario } from '../schema/scenario.ts';
import { durationText } from '../units.ts';

export interface Policy {
  /** `database.policy` */
  id: string;
  database: string;
  /** How long data is kept; null: for ever. */
  durationMicros: number | null;
  shardMicros: number;
  replication: number;
  isDefault: boolean;
}

/** A copy's number is 6 bits of an event. */
const MAX_COPIES = 63;

type Given = NonNullable<Scenario['data']['databases']>[string]['policies'][string];

/** Those of the scenario, and those that imported shards are of. */
export function draftPolicies(
  drafting: Drafting,
  rules: PointRules,
  shards: readonly ImportedShard[],
): ReadonlyMap<string, Policy> {
  const policies = new Map<string, Policy>();
  for (const [database, { policies: given }] of Object.entries(drafting.scenario.data.databases ?? {})) {
    for (const [name, policy] of Object.entries(given)) {
      const path = ['data', 'databases', database, 'policies', name];
      policies.set(`${database}.${name}`, draftPolicy(drafting, rules, { database, name, policy, path }));
    }
    checkDefaults(drafting, database, given);
  }
  for (const shard of shards) {
    const id = `${shard.database}.${shard.policy}`;
    const known = policies.get(id);
    if (known === undefined) policies.set(id, policyOf(drafting, rules, shard));
    else if (drafting.scenario.data.databases?.[shard.database]?.policies[shard.policy] !== undefined)
      warnOfShards(drafting, known, shard);
  }
  if (policies.size === 0 && drafting.scenario.data.databases === undefined)
    drafting.list.add(['data'], {
      code: 'S111',
      message: 'missing key "databases" in data',
      expected: 'databases: { telegraf: { policies: { month: { duration: 30d, replication: 2 } } } }',
    });
  return policies;
}

/** The policy that a workload writes into: `database.policy`, or a database for its default. Null after a mistake. */
export function findPolicy(
  { list }: Drafting,
  policies: ReadonlyMap<string, Policy>,
  { into, path }: { into: string; path: Path },
): Policy | null {
  const exact = policies.get(into);
  if (exact !== undefined) return exact;
  const own = [...policies.values()].filter(({ database }) => database === into);
  const found = own.length === 1 ? own[0] : own.find(({ isDefault }) => isDefault);
  if (found !== undefined) return found;
  if (own.length > 0)
    list.add(path, {
      code: 'S118',
      message: `the database "${into}" has ${own.length} policies and none of them is its default`,
      expected: `one of ${own.map(({ id }) => id).join(', ')}, or default: true at one of them`,
      found: into,
    });
  else addUnknown(list, path, { code: 'S132', kind: 'retention policy', name: into, names: [...policies.keys()] });
  return null;
}

function draftPolicy(
  { list, nodes, assumptions }: Drafting,
  rules: PointRules,
  { database, name, policy, path }: { database: string; name: string; policy: Given; path: Path },
): Policy {
  const id = `${database}.${name}`;
  const outOfRange = (key: string, message: string, expected: string): void =>
    list.add([...path, key], { code: 'S117', message, expected });
  const { duration = 'infinite', replication, shard_duration: given } = policy;
  const durationMicros = duration === 'infinite' || duration === 0 ? null : duration;
  const least = rules.leastShardDurationMicros;
  const shardMicros = given ?? rules.shardDuration(durationMicros);
  const copies = replication ?? Math.max(1, nodes.length);
  if (replication === undefined)
    assumptions.push(`replication of ${id} not given: ${copies}, the number of data nodes`);
  if (shardMicros < least)
    outOfRange('shard_duration', 'a shard group is never so short', `at least ${durationText(least)}`);
  if (durationMicros !== null && durationMicros < shardMicros)
    outOfRange(
      'duration',
      'the policy keeps data for less than a shard group',
      `at least ${durationText(shardMicros)}`,
    );
  const most = Math.min(MAX_COPIES, nodes.length);
  if (nodes.length > 0 && (copies < 1 || copies > most))
    outOfRange(
      'replication',
      copies < 1 ? 'a policy has at least one copy' : `replication ${copies} is above the ${nodes.length} data nodes`,
      `1 to ${most}`,
    );
  if (copies === 1)
    list.warn([...path, 'replication'], {
      code: 'S201',
      message: 'replication 1: there is one copy, so copies cannot differ and repair does nothing',
    });
  const replicas = Math.min(Math.max(1, copies), Math.max(1, nodes.length));
  return {
    ...{ id, database, durationMicros, shardMicros: Math.max(shardMicros, least), replication: replicas },
    isDefault: policy.default ?? false,
  };
}

function checkDefaults({ list }: Drafting, database: string, given: Readonly<Record<string, Given>>): void {
  const defaults = Object.keys(given).filter((name) => given[name].default === true);
  if (defaults.length > 1)
    list.add(['data', 'databases', database, 'policies', defaults[1], 'default'], {
      code: 'S119',
      message: `${defaults.join(' and ')} are both the default policy of ${database}`,
      expected: 'one default policy of a database',
    });
}

/** Once for each of the two. A truncated shard does not tell the length of its group. */
function warnOfShards(
  { list, scenario }: Drafting,
  { id, database, replication, shardMicros }: Policy,
  { policy, replication: copies, fromMicros, untilMicros, isTruncated, number }: ImportedShard,
): void {
  const path = ['data', 'databases', database, 'policies', policy];
  const given = scenario.data.databases?.[database]?.policies[policy];
  const warn = (key: string, has: string, should: string): void => {
    const finding = { code: 'S240', severity: 'warning' as const };
    const message = `shard ${number} of ${id} has ${has} in show-shards; shards keep what they have there`;
    const place = { path: [...path, key].join('.') };
    if (list.all.some((mistake) => mistake.code === finding.code && mistake.path === place.path)) return;
    list.warn([...path, key], { ...finding, message, expected: `${key}: ${should}` });
  };
  if (given?.replication !== undefined && copies !== replication)
    warn('replication', `${copies} desired replicas`, String(copies));
  const length = untilMicros - fromMicros;
  if (given?.shard_duration !== undefined && !isTruncated && length !== shardMicros)
    warn('shard_duration', `a length of ${durationText(length)}`, durationText(length));
}

/** Of a policy of which only shards are known. */
function policyOf({ assumptions, nodes }: Drafting, rules: PointRules, shard: ImportedShard): Policy {
  const { database, policy, replication, fromMicros, untilMicros, expiresMicros, isTruncated } = shard;
  const id = `${database}.${policy}`;
  const durationMicros = expiresMicros === null ? null : expiresMicros - untilMicros;
  const shardMicros = isTruncated
    ? rules.shardDuration(durationMicros)
    : Math.max(untilMicros - fromMicros, rules.leastShardDurationMicros);
  assumptions.push(`${id}: ${replication} copies, groups of ${durationText(shardMicros)}, as its shards have`);
  return {
    ...{ id, database, durationMicros, shardMicros, isDefault: false },
    replication: Math.min(Math.max(1, replication), Math.max(1, nodes.length)),
  };
}
