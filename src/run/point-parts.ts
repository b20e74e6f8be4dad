/** What parts of a world of points are told of its plan: types of fields, requests that are cut, repairs by hand. */
import { FieldTypes } from '../replica/points/field-types.ts';
import type { RequestCut } from '../replica/points/request-cuts.ts';
import type { ManualRepair } from '../repair/by-hand/manual-repairs.ts';
import type { Rules } from '../base/rules.ts';
import type { PointWriter } from '../replica/points/point-writer.ts';
import type { SlowDisk } from '../replica/points/disks.ts';
import type { Plan } from '../scenario/plan.ts';
import { seriesKey } from '../data/series-shards.ts';
import type { PlanNumbers } from './build-cluster.ts';

/** What is known before the parts are made. */
interface Begun {
  plan: Plan;
  numbers: PlanNumbers;
  rules: Rules;
  tables: readonly unknown[];
  writers: readonly PointWriter[];
}

export function fieldTypesOf({ plan, writers, tables, rules }: Begun): FieldTypes {
  const of = writers.map(({ o: { id } }) => {
    const { series_key: key, value = 'float' } = plan.points?.[id] ?? { series_key: id };
    return { measurement: key.split(',')[0], type: value };
  });
  const takesAll = rules.isOff('influxdb.2-field-type');
  return new FieldTypes({ nodes: plan.nodes.length, tables: tables.length, takesAll, writers: of });
}

export function manualRepairsOf({ plan, numbers }: Begun): ReadonlyMap<number, ManualRepair> {
  return new Map(
    plan.entries.flatMap((entry): [number, ManualRepair][] =>
      entry.kind === 'repairByHand' ? [[numbers.originOf.get(entry.id) ?? 0, entry]] : [],
    ),
  );
}

/** By node: slow disks, in the order of the plan. One that takes its usual time to sync takes none more. */
export function slowDisksOf({ plan, numbers: { originOf } }: Pick<Begun, 'plan' | 'numbers'>): SlowDisk[][] {
  return plan.nodes.map(({ id: node }) =>
    plan.entries.flatMap((entry): SlowDisk[] => {
      if (entry.kind !== 'slowDisk' || !entry.nodes.includes(node)) return [];
      const { id, at_micros: fromMicros, for_micros: lasts, fsync_micros: fsyncMicros } = entry;
      const untilMicros = lasts === null ? Infinity : fromMicros + lasts;
      return [{ fromMicros, untilMicros, fsyncMicros: fsyncMicros ?? 0, origin: originOf.get(id) ?? 0 }];
    }),
  );
}

export function cutsOf({ plan, writers, numbers: { originOf } }: Begun): RequestCut[] {
  return plan.entries.flatMap((entry): RequestCut[] => {
    if (entry.kind !== 'cutBatch') return [];
    const { id, workload, batch: index, mutations: parts, copies } = entry;
    const writer = writers.findIndex(({ o }) => o.id === workload);
    return [{ writer, index, parts, copies, origin: originOf.get(id) ?? 0 }];
  });
}

/** What lies between a series key and the name of a field, and such a name. */
const FIELD_KEY_BYTES = 16;

/** By table: the longest key of a series and a field that writers of its policy have (influxdb.6.4). */
export function keyBytesOf(plan: Plan): number[] {
  const longest = new Map<string, number>();
  for (const { policy, series, series_key: template } of Object.values(plan.points ?? {}))
    longest.set(policy, Math.max(longest.get(policy) ?? 0, seriesKey(template, series - 1).length));
  return plan.tables.map(({ shard }) => FIELD_KEY_BYTES + (longest.get(shard?.policy ?? '') ?? 0));
}
