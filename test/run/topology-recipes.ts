/** Generated changes of topology on the plans of `plans.ts`: up to three, with the outages that removals need. */
import fc from 'fast-check';
import type { Plan, PlanEntry, PlanNode, PlanReplication } from '../../src/scenario/plan.ts';
import { KEYSPACE, seconds } from './plain-plan.ts';
import { plans } from './plans.ts';
import { pick, times } from './repair-recipes.ts';

const change = fc.record({
  kind: pick('alter' as const, 'add' as const, 'replace' as const, 'decommission' as const, 'remove' as const),
  at: times(seconds(1), seconds(58)),
  node: fc.nat(5),
  factor: fc.integer({ min: 1, max: 3 }),
  assassinate: pick(false, false, true),
  /** Is the node down that has to be? */
  isDown: pick(true, true, true, false),
});

type ChangeRecipe = typeof change extends fc.Arbitrary<infer R> ? R : never;

/** Whole plans with changes of topology; the last has time to end. */
export const changingPlans: fc.Arbitrary<Plan> = fc
  .tuple(plans, fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean(), pick(1e9, 1e9, 2e5))
  .map(([plan, changes, transfersHints, linkRate]) => {
    const all = changes.reduce(withChange, plan);
    return {
      ...all,
      settle_micros: Math.max(all.settle_micros, seconds(70)),
      settings: { ...all.settings, transfer_hints_on_decommission: transfersHints },
      devices: { ...all.devices, link_bytes_per_second: linkRate },
      entries: [...all.entries].sort((left, right) => left.at_micros - right.at_micros),
    };
  });

/** A change more, with the outage that it needs. */
function withChange(plan: Plan, of: ChangeRecipe, index: number): Plan {
  const id = `operations.change${index}`;
  const first = plan.nodes.filter(({ joins }) => joins === undefined);
  const { id: node, dc, rack } = first[of.node % first.length];
  const joiner: PlanNode = { id: `j${index}`, dc, rack, tokens: [], joins: id };
  const base = { id, at_micros: of.at, command: of.kind };
  const outage: PlanEntry[] =
    of.isDown && (of.kind === 'replace' || of.kind === 'remove')
      ? [
          {
            id: `faults.gone${index}`,
            kind: 'stopNode',
            at_micros: of.at - seconds(1),
            nodes: [node],
            for_micros: seconds(50),
          },
        ]
      : [];
  const adding = (nodes: PlanNode[], entry: PlanEntry): Plan => ({
    ...plan,
    nodes: [...plan.nodes, ...nodes],
    entries: [...plan.entries, ...outage, entry],
  });
  switch (of.kind) {
    case 'alter':
      return adding([], { ...base, kind: 'alterKeyspace', keyspace: KEYSPACE, replication: altered(plan, of.factor) });
    case 'add':
      return adding([{ ...joiner, tokens: [String(7919n * BigInt(of.at + index))] }], {
        ...base,
        kind: 'addNode',
        node: joiner.id,
      });
    case 'replace':
      return adding([joiner], { ...base, kind: 'replaceNode', node, with: joiner.id });
    case 'decommission':
      return adding([], { ...base, kind: 'decommissionNode', node });
    case 'remove':
      return adding([], { ...base, kind: 'removeNode', node, assassinate: of.assassinate });
  }
}

function altered({ tables: [{ replication }] }: Plan, factor: number): PlanReplication {
  if (replication.strategy === 'SimpleStrategy') return { strategy: 'SimpleStrategy', factor };
  return { ...replication, factors: Object.fromEntries(Object.keys(replication.factors).map((dc) => [dc, factor])) };
}
