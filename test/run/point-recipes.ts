/** Drawn plans of points by shards: small clusters, writers with corrections and retries, settings of queues and caches, and what
 * befalls nodes, deletes, repairs of the service and by hand, in any order. */
import fc from 'fast-check';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { PlanShardStep } from '../../src/scenario/plan-shards.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan } from './point-plan.ts';

/** Agents write for so long; then there is time for queues, compactions and repairs. */
const WRITING = 120;
export const DURATION = 300;

interface Shape {
  nodes: number;
  replication: number;
  groups: number;
}

const shapes = fc
  .record({
    nodes: fc.integer({ min: 2, max: 4 }),
    replication: fc.integer({ min: 2, max: 3 }),
    groups: fc.integer({ min: 1, max: 2 }),
  })
  .map((shape): Shape => ({ ...shape, replication: Math.min(shape.replication, shape.nodes) }));

const wholeSeconds = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map(seconds);

const writers = (nodes: number): fc.Arbitrary<Record<string, Partial<PlanPoints>>> =>
  fc
    .record({
      consistency: fc.constantFrom('any', 'one', 'quorum', 'all'),
      retry: fc.option(
        fc.record({ attempts: fc.integer({ min: 1, max: 2 }), on_timeout: fc.boolean(), on_error: fc.boolean() }),
      ),
      through: fc.option(nodeOf(nodes)),
      batch: fc.integer({ min: 1, max: 20 }),
      again: fc.option(fc.record({ steps: fc.integer({ min: 1, max: 4 }), through: nodeOf(nodes) })),
    })
    .map(({ consistency, retry, through, batch, again }): Record<string, Partial<PlanPoints>> => {
      const common = {
        series: 12,
        interval_micros: seconds(5),
        until_micros: seconds(WRITING),
        consistency,
        retry,
        batch,
      };
      const agents = { ...common, ...(through === null ? {} : { through }) };
      if (again === null) return { agents };
      const micros = seconds(5) * again.steps;
      const times = { from_micros: micros, until_micros: seconds(WRITING) + micros };
      return {
        agents,
        again: { ...common, ...times, through: again.through, shifted: [{ from: 0, to: 12, by_micros: -micros }] },
      };
    });

function nodeOf(nodes: number): fc.Arbitrary<string> {
  return fc.integer({ min: 1, max: nodes }).map((number) => `n${number}`);
}

/** Each may be left as it is. */
const settings: fc.Arbitrary<Record<string, SettingValue>> = fc
  .record(
    {
      'hinted-handoff.enabled': fc.constantFrom(true, true, true, false),
      'hinted-handoff.max-size': fc.constantFrom(1000, 5000),
      'hinted-handoff.max-age': wholeSeconds(10, 60),
      'hinted-handoff.purge-interval': wholeSeconds(5, 20),
      'hinted-handoff.retry-interval': wholeSeconds(1, 30),
      'hinted-handoff.retry-max-interval': wholeSeconds(1, 60),
      'hinted-handoff.retry-concurrency': fc.integer({ min: 1, max: 3 }),
      'hinted-handoff.batch-size': fc.constantFrom(300, 2000),
      'hinted-handoff.retry-rate-limit': fc.constantFrom(0, 200),
      'hinted-handoff.max-writes-pending': fc.integer({ min: 1, max: 4 }),
      'cluster.write-timeout': wholeSeconds(1, 10),
      'cluster.allow-out-of-order-writes': fc.boolean(),
      'data.cache-max-memory-size': fc.constantFrom(1500, 4000),
      'data.max-concurrent-compactions': fc.integer({ min: 1, max: 2 }),
      'data.compact-throughput': fc.constantFrom(0, 300),
      'data.compact-throughput-burst': fc.constantFrom(0, 500),
      'model.throttle-interval': wholeSeconds(1, 20),
      'model.torn-segment': fc.constantFrom('segment', 'block', 'stuck'),
      'model.loses-after-purge': fc.boolean(),
      'model.size-per-shard': fc.boolean(),
      'model.any-behind-queue': fc.boolean(),
      'model.repair-until-equal': fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map((drawn) => ({ ...COLD_SOON, ...drawn }));

export const COLD_SOON: Readonly<Record<string, SettingValue>> = {
  'data.cache-snapshot-memory-size': 800,
  'data.cache-snapshot-write-cold-duration': seconds(10),
  'data.compact-full-write-cold-duration': seconds(30),
  'anti-entropy.enabled': true,
  'anti-entropy.check-interval': seconds(15),
};

/** What befalls one node for a while, or its links. */
function faultOf(nodes: number, latest: number): fc.Arbitrary<PlanEntry> {
  const times = { at_micros: wholeSeconds(5, latest), for_micros: wholeSeconds(2, 50) };
  const of = { node: nodeOf(nodes), other: nodeOf(nodes), ...times };
  const links = fc
    .record({ ...of, share: fc.option(fc.constantFrom(0.2, 0.8)) })
    .map(({ node, other, share, ...rest }): PlanEntry => {
      const link = {
        id: '',
        from: [node],
        to: [other === node ? otherThan(node, nodes) : other],
        two_way: true,
        ...rest,
      };
      return share === null ? { ...link, kind: 'cutLink' } : { ...link, kind: 'loseMessages', share };
    });
  const crash = fc
    .record({ ...of, mode: fc.constantFrom('process' as const, 'power-loss' as const, 'disk-lost' as const) })
    .map(({ node, other: _other, ...rest }): PlanEntry => ({ id: '', kind: 'crashNode', nodes: [node], ...rest }));
  const simple = fc
    .record({
      ...of,
      kind: fc.constantFrom('stopNode' as const, 'pauseNode' as const, 'fillDisk' as const, 'panicNode' as const),
    })
    .map(({ node, other: _other, kind, ...rest }): PlanEntry => {
      if (kind === 'panicNode') return { id: '', kind, nodes: [node], before: 'remote-write', ...rest };
      return { id: '', kind, nodes: [node], ...rest };
    });
  const disks = fc
    .record({ ...of, isEarly: fc.boolean(), fsync: fc.constantFrom(100_000, seconds(3), seconds(6)) })
    .map(({ node, other: _other, isEarly, fsync, ...rest }): PlanEntry => {
      if (isEarly) return { id: '', kind: 'fakeSyncs', nodes: [node], lag_micros: seconds(7), ...rest };
      return { id: '', kind: 'slowDisk', nodes: [node], speed_share: 0.001, fsync_micros: fsync, ...rest };
    });
  const queues = fc.record({ ...of, isTorn: fc.boolean() }).map(({ node, other, isTorn, at_micros: at }): PlanEntry => {
    const targets = { nodes: [node], targets: [other === node ? otherThan(node, nodes) : other], at_micros: at };
    return isTorn ? { id: '', kind: 'tearQueues', ...targets } : { id: '', kind: 'loseHints', ...targets };
  });
  return fc.oneof({ weight: 4, arbitrary: crash }, links, simple, disks, queues);
}

function otherThan(node: string, nodes: number): string {
  return node === `n${nodes}` ? 'n1' : `n${nodes}`;
}

const drop = (nodes: number): fc.Arbitrary<PlanEntry> =>
  fc
    .record({
      node: nodeOf(nodes),
      at_micros: wholeSeconds(20, 200),
      from: fc.integer({ min: 0, max: 11 }),
      until: fc.option(wholeSeconds(10, 100)),
    })
    .map(({ node, at_micros: at, from, until }): PlanEntry => ({
      ...{ id: '', kind: 'deletePoints', nodes: [node], at_micros: at, command: 'DELETE' },
      ...{ series: [{ writer: 'agents', from, to: 12 }], from_micros: 0, until_micros: until },
    }));

const repair = (nodes: number): fc.Arbitrary<PlanEntry> =>
  fc.record({ node: nodeOf(nodes), at_micros: wholeSeconds(60, 280) }).map(({ node, at_micros: at }): PlanEntry => ({
    ...{ id: '', kind: 'repairShards', nodes: [node], at_micros: at, shards: null, command: 'entropy repair' },
  }));

/** The second owner of the first shard gets the first one's copy, its own removed before or not. */
const byHand = (plan: Plan): fc.Arbitrary<PlanEntry> =>
  fc
    .record({ at_micros: wholeSeconds(40, 280), isRemoved: fc.boolean() })
    .map(({ at_micros: at, isRemoved }): PlanEntry => {
      const { id: table, owners = [] } = plan.tables[0];
      const [from, to] = owners;
      const remove: PlanShardStep[] = isRemoved ? [{ do: 'removeShard', node: to, table }] : [];
      const steps: PlanShardStep[] = [...remove, { do: 'copyShard', from, to, table }];
      return { ...{ id: '', kind: 'repairByHand', nodes: [from], at_micros: at, steps, command: 'influxd-ctl' } };
    });

/** Ids by kind and place; in the order of their times, as plans have them. */
function named(entries: readonly PlanEntry[]): PlanEntry[] {
  const prefixOf = ({ kind }: PlanEntry): string =>
    kind === 'deletePoints' ? 'operations' : kind.startsWith('repair') ? 'repairs' : 'faults';
  return [...entries]
    .sort((left, right) => left.at_micros - right.at_micros)
    .map((entry, index) => ({ ...entry, id: `${prefixOf(entry)}.e${index}` }));
}

function base(
  { nodes, replication, groups }: Shape,
  points: Record<string, Partial<PlanPoints>>,
  own: Plan['settings'],
): Plan {
  const times = { duration_micros: seconds(DURATION), settle_micros: seconds(60) };
  const shape = { nodes, replication, groups, groupSeconds: groups === 1 ? 200 : 70 };
  return pointPlan({ ...times, entries: [], settings: own }, points, shape);
}

/** Anything at any time. */
export const pointPlans: fc.Arbitrary<Plan> = shapes.chain((shape) =>
  fc.tuple(writers(shape.nodes), settings, fc.integer({ min: 1, max: 999 })).chain(([points, own, seed]) => {
    const plan = { ...base(shape, points, own), seed: String(seed) };
    const { nodes } = shape;
    const entries = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: faultOf(nodes, 200) },
        { weight: 2, arbitrary: drop(nodes) },
        repair(nodes),
        byHand(plan),
      ),
      { maxLength: 7 },
    );
    return entries.map((drawn): Plan => ({ ...plan, entries: named(drawn) }));
  }),
);

/** Copies that differ by faults and deletes, no queue left that could heal them, and quiet from 200 s on. */
export const divergedPlans: fc.Arbitrary<Plan> = shapes.chain((shape) =>
  fc.tuple(writers(shape.nodes), fc.integer({ min: 1, max: 999 })).chain(([points, seed]) => {
    const own = { ...COLD_SOON, 'hinted-handoff.enabled': false, 'model.repair-until-equal': true };
    const plan = { ...base(shape, points, own), seed: String(seed) };
    const { nodes } = shape;
    const entries = fc.array(fc.oneof({ weight: 3, arbitrary: faultOf(nodes, 100) }, drop(nodes)), {
      minLength: 1,
      maxLength: 5,
    });
    return entries.map((drawn): Plan => ({ ...plan, entries: named(drawn) }));
  }),
);

export function repairAt(id: string, at: number): PlanEntry {
  const asked = { nodes: ['n1'], at_micros: seconds(at), shards: null, command: 'entropy repair' };
  return { id: `repairs.${id}`, kind: 'repairShards', ...asked };
}
