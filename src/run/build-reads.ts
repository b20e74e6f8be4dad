/** Builds what reads of a plan: the tables' options, a reader for each workload that reads, and the path that they share. */
import type { TableLayout } from '../data/layout.ts';
import { EVENT_CLASS, type Kernel } from '../kernel/kernel.ts';
import { derive, draw32, streamKey, type StreamKey } from '../kernel/random.ts';
import { behaviourOfDatabase } from '../dialect/cassandra/behaviours.ts';
import type { ConsistencyRule } from '../replica/consistency.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { Links } from '../replica/links.ts';
import type { SlowLinks } from '../replica/slow-links.ts';
import { followingRule, type Placements } from '../replica/placements.ts';
import type { ReadPathOptions } from '../replica/reads/read-messages.ts';
import { ReadPath } from '../replica/reads/read-path.ts';
import type { ReadTable, SnitchSettings, Speculation } from '../replica/reads/read-types.ts';
import { ReadWorkloads, type ReadWorkloadOptions } from '../replica/reads/read-workload.ts';
import { Reader } from '../replica/reads/reader.ts';
import { ThinnedArrivals } from '../replica/reads/thinned-arrivals.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import type { Plan, PlanTable, PlanWorkload } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { Epochs } from './build-epochs.ts';
import { arrivalsOf, chooserOf, coordinatorsOf, readShareOf, ruleInEpoch } from './build-workloads.ts';
import type { NodeDevices } from './devices.ts';
import { Settings } from './settings.ts';

const SECOND = 1_000_000;
const TWO_TO_32 = 4294967296;
/** Streams of a workload's key that its writes do not use. */
const STREAM = { reader: 41, keys: 42, row: 43, dc: 44, node: 45 } as const;
/** cassandra.i-read-repair-chance: where a table says nothing. */
const DCLOCAL_CHANCE = 0.1;

/** The parts of a world that reads need. */
type Parts = Omit<
  ReadPathOptions,
  'tables' | 'links' | 'slowLinks' | 'behaviour' | 'readTimeoutMicros' | 'load' | 'snitch'
> & {
  devices: NodeDevices;
  links: Links;
  slowLinks: SlowLinks | null;
  plan: Plan;
  tables: readonly TableLayout[];
  numbers: PlanNumbers;
  placements: Placements;
  epochs: Epochs;
};

export function buildReadPath(parts: Parts): ReadPath {
  const { plan, links, slowLinks, kernel, trace, rules, versions, cluster, storage, devices, writeTimeoutMicros } =
    parts;
  const settings = new Settings(plan);
  const behaviour = behaviourOfDatabase(plan.database).reads;
  const speculates = !rules.isOff('cassandra.i-speculation');
  return new ReadPath({
    ...{ kernel, trace, rules, versions, cluster, storage, links, writeTimeoutMicros },
    ...(parts.placements.isPlain ? {} : { placements: parts.placements }),
    slowLinks,
    behaviour,
    snitch: snitchSettings(settings),
    load: { rules, storage, devices: devices.devices, diskRead: devices.diskRead, chunkBytes: behaviour.chunkBytes },
    tables: plan.tables.map((table, index) => readTableOf(table, parts.tables[index], speculates)),
    readTimeoutMicros: settings.number('read_request_timeout', 5 * SECOND),
  });
}

/** Gives the events of reads their handlers. */
export function defineReads(kernel: Kernel, reads: ReadPath, workloads: ReadWorkloads): void {
  const { repair } = reads;
  const { issue, message } = EVENT_CLASS;
  kernel.define(EVENT.readArrival, 'readArrival', issue, (index) => workloads.arrival(index));
  kernel.define(EVENT.readArrives, 'readArrives', message, (id, b) => reads.arrives(id, b));
  kernel.define(EVENT.readAnswers, 'readAnswers', message, (id, b) => reads.answers(id, b));
  kernel.define(EVENT.readRepairArrives, 'readRepairArrives', message, (id, b) => repair.arrives(id, b));
  kernel.define(EVENT.readRepairAcknowledges, 'readRepairAcknowledges', message, (id, b) => repair.acknowledges(id, b));
  kernel.define(EVENT.readRepairWidens, 'readRepairWidens', message, (id) => repair.widens(id));
  kernel.define(EVENT.readSpeculates, 'readSpeculates', message, (id, phase) => reads.speculates(id, phase));
  kernel.define(EVENT.readServed, 'readServed', message, (id, b) => reads.served(id, b));
  kernel.define(EVENT.readExpires, 'readExpires', message, (id) => reads.expires(id));
}

/** cassandra.i-speculation: 99PERCENTILE or 99p, in all versions. */
const BY_DEFAULT: Speculation = { kind: 'percentile', share: 0.99 };

function snitchSettings(settings: Settings): SnitchSettings | null {
  if (!settings.flag('dynamic_snitch', true)) return null;
  const resetMicros = settings.number('dynamic_snitch_reset_interval', 600 * SECOND);
  return {
    updateMicros: settings.number('dynamic_snitch_update_interval', SECOND / 10),
    resetMicros: resetMicros === 0 ? Infinity : resetMicros,
    badnessThreshold: settings.number('dynamic_snitch_badness_threshold', 1),
  };
}

function readTableOf(table: PlanTable, layout: TableLayout, speculates: boolean): ReadTable {
  return {
    layout,
    repairs: table.read_repair !== 'NONE',
    chanceBelow: Math.round((table.read_repair_chance ?? 0) * TWO_TO_32),
    dcLocalChanceBelow: Math.round((table.dclocal_read_repair_chance ?? DCLOCAL_CHANCE) * TWO_TO_32),
    speculation: speculates ? (table.speculative_retry ?? BY_DEFAULT) : { kind: 'never' },
  };
}

/** What each workload reads; its readers are taken in by the path. */
export function buildReadWorkloads(parts: Parts, path: ReadPath): ReadWorkloads {
  const { plan, kernel, cluster } = parts;
  const workloads = readWorkloadOptions(plan, path, parts);
  return new ReadWorkloads(workloads, { kernel, cluster, path, untilMicros: plan.duration_micros });
}

function readWorkloadOptions(
  plan: Plan,
  path: ReadPath,
  { tables: layouts, numbers, placements, epochs }: Parts,
): ReadWorkloadOptions[] {
  const ids = readingWorkloads(plan);
  return ids.map((id, index) => {
    const workload = plan.workload[id];
    const table = layouts[plan.tables.findIndex(({ id: tableId }) => tableId === workload.table)];
    const key = streamKey(seedFor(plan, 'workload'), 'workload', id);
    const networkKey = streamKey(seedFor(plan, 'network'), 'workload', id);
    const level = workload.read_consistency ?? 'ONE';
    const ruleIn = (epoch: number): ConsistencyRule => ruleInEpoch(level, { table, epoch }, { plan, epochs, numbers });
    const rule = placements.isPlain ? ruleIn(0) : followingRule(placements, ruleIn);
    const own = { index, id, table: table.index, rule, nodeCount: plan.nodes.length };
    const reader = new Reader({
      ...own,
      key: derive(key, STREAM.reader),
      networkKey: derive(networkKey, STREAM.reader),
    });
    path.addReader(reader);
    const share = { ...readShareOf(workload.mix.read ?? 0, key), takesReads: true };
    return {
      reader,
      table,
      arrivals: new ThinnedArrivals(arrivalsOf(workload, derive(key, 0)), share),
      keys: chooserOf(workload.keys, derive(key, STREAM.keys)),
      rowKey: derive(key, STREAM.row),
      ...coordinatorsFor(workload, numbers, key),
    };
  });
}

/** Ids of the workloads that read, in the order of their readers. */
export function readingWorkloads(plan: Plan): string[] {
  return numberedIds(plan.workload).filter((id) => (plan.workload[id].mix.read ?? 0) > 0);
}

export function coordinatorsFor(
  workload: PlanWorkload,
  numbers: PlanNumbers,
  key: StreamKey,
): Pick<ReadWorkloadOptions, 'coordinator' | 'coordinatorsOf'> {
  const { coordinators, dcBelow } = coordinatorsOf(workload, numbers);
  const dcKey = derive(key, STREAM.dc);
  const nodeKey = derive(key, STREAM.node);
  return {
    coordinator: (address) => {
      const drawn = draw32(dcKey.k0, dcKey.k1, address);
      const nodes = coordinators[dcBelow.findIndex((below) => drawn < below)];
      return nodes[Math.floor((draw32(nodeKey.k0, nodeKey.k1, address) * nodes.length) / TWO_TO_32)];
    },
    coordinatorsOf: (node) => coordinators.find((nodes) => nodes.includes(node)) ?? [],
  };
}
