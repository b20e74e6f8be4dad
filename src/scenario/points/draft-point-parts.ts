/** The parts of a plan of points by shards: policies, writers, shards with their owners. */
import type { Drafting } from '../drafting.ts';
import type { ImportedShard, PointRules } from '../dialect-rules.ts';
import type { Plan, PlanTable } from '../plan.ts';
import { truncationsOf } from './draft-manual.ts';
import { draftShards } from './draft-shards.ts';
import { draftWriters } from './draft-writers.ts';
import { draftPolicies } from './policies.ts';
import { refuseTableParts } from './refuse-parts.ts';

export interface PointParts {
  tables: PlanTable[];
  points: NonNullable<Plan['points']>;
}

export function draftPointParts(
  drafting: Drafting,
  rules: PointRules,
  { epochMicros, imported }: { epochMicros: number | null; imported: readonly ImportedShard[] },
): PointParts {
  const { list, scenario } = drafting;
  refuseTableParts(drafting);
  if (imported.length > 0 && epochMicros === null)
    list.add(['cluster', 'from'], {
      code: 'S129',
      message: 'the shards of a real cluster have clock times: they need the start of the run',
      expected: 'start: an ISO instant, at the top of the scenario',
    });
  const policies = draftPolicies(drafting, rules, imported);
  const writers = draftWriters(drafting, rules, policies);
  if (Object.keys(scenario.workload ?? {}).length === 0)
    list.add(['workload'], {
      code: 'S111',
      message: 'missing key "workload": nothing is written, so there is no shard',
      expected: 'workload: { agents: { into: database.policy, rate: 1k points/s, series: 1000 } }',
    });
  const tables = draftShards(drafting, {
    ...{ policies, writers, epochMicros, imported, truncations: truncationsOf(drafting, rules) },
  });
  const points = Object.fromEntries([...writers].map(([id, { writer }]) => [id, writer]));
  return { tables, points };
}
