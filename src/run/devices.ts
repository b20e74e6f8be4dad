/** The fluid devices of every node: disk, link, and the throttles of streaming and compaction. */
import { DEVICE_KIND, DEVICE_KINDS, RECORD } from '../data/records.ts';
import { FluidDevices } from '../device/fluid.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { GaugesOptions } from '../observe/gauges.ts';
import type { Plan, PlanNode } from '../scenario/plan.ts';
import { pairsOf } from './build-slow-links.ts';
import { Settings } from './settings.ts';
import type { Throttles } from './settings.ts';

const MIB = 1024 * 1024;
const MEGA = 1 << 20;
/** What a node hashes and merges with all its cores where nothing is said: only measured against, it limits nothing. */
const PROCESSOR_NOMINAL = 1_600_000_000;
/** cassandra.a10, where it is unset: a sixteenth of a heap of 8 GiB. */
const TREE_SPACE = 512 * MIB;
export const DEVICE_DUE = 150;

export interface NodeDevices {
  devices: FluidDevices;
  diskRead: number[];
  diskWrite: number[];
  /** The node's network interface, by direction. */
  linkOut: number[];
  linkIn: number[];
  streamThrottle: number[];
  interDcThrottle: number[];
  compactionThrottle: number[];
  /** What lies between the sides of a slow link, one a direction; without a limit while it is as fast as ever. */
  pipes: Pipe[];
  /** What hashes and merges; without a limit where the plan gives none. */
  processor: number[];
}

/** Transfers of these pairs (from * nodes + to) go through the resource; `entry` (an index) limits it. */
export interface Pipe {
  entry: number;
  resource: number;
  pairs: Uint8Array;
  bytesPerSecond: number;
}

/** Node and kind (DEVICE_KIND) of each resource; none of those that nobody watches. */
type Places = ({ node: number; kind: number } | null)[];

export function buildDevices(
  plan: Plan,
  { kernel, trace, throttlesOf }: { kernel: Kernel; trace: Trace; throttlesOf: (node: PlanNode) => Throttles },
): NodeDevices {
  const places: Places = [];
  const devices = new FluidDevices(kernel, {
    dueKind: DEVICE_DUE,
    onRate: (resource, rate, jobs) => {
      const place = places[resource];
      if (place === null) return;
      const high = Math.floor(rate / MEGA);
      trace.record(kernel.now, RECORD.deviceRate, place.node, place.kind, high, rate - high * MEGA, jobs);
    },
  });
  kernel.define(DEVICE_DUE, 'jobDue', 3, (job) => devices.jobDue(job));
  const built: NodeDevices = {
    devices,
    diskRead: [],
    diskWrite: [],
    linkOut: [],
    linkIn: [],
    streamThrottle: [],
    interDcThrottle: [],
    compactionThrottle: [],
    processor: [],
    pipes: [],
  };
  for (const [index, node] of plan.nodes.entries()) {
    const { compaction, stream, interDc } = throttlesOf(node);
    const add = (name: string, bytesPerSecond: number, kind: keyof typeof DEVICE_KIND | null): number => {
      places.push(kind === null ? null : { node: index, kind: DEVICE_KIND[kind] });
      return devices.addResource(`${node.id} ${name}`, bytesPerSecond);
    };
    built.diskRead.push(add('disk read', plan.devices.disk_read_bytes_per_second, 'diskRead'));
    built.diskWrite.push(add('disk write', plan.devices.disk_write_bytes_per_second, 'diskWrite'));
    built.linkOut.push(add('link out', plan.devices.link_bytes_per_second, 'linkOut'));
    built.linkIn.push(add('link in', plan.devices.link_bytes_per_second, 'linkIn'));
    built.processor.push(add('processor', plan.devices.processor_bytes_per_second ?? Infinity, 'processor'));
    const throttle = ({ name, bytesPerSecond }: Throttles['stream'], kind: keyof typeof DEVICE_KIND | null): number =>
      add(name, unlimitedAtZero(bytesPerSecond), kind);
    built.streamThrottle.push(throttle(stream, 'streamThrottle'));
    built.interDcThrottle.push(throttle(interDc, null));
    built.compactionThrottle.push(throttle(compaction, 'compactionThrottle'));
  }
  addPipes(plan, built, places);
  return built;
}

function addPipes(plan: Plan, { devices, pipes }: NodeDevices, places: Places): void {
  for (const [index, entry] of plan.entries.entries()) {
    if (entry.kind !== 'slowLink' || entry.bytes_per_second === null) continue;
    for (const way of entry.two_way ? (['forth', 'back'] as const) : (['forth'] as const)) {
      places.push(null);
      const resource = devices.addResource(`${entry.id} ${way}`, Infinity);
      const pairs = pairsOf(plan, entry, way);
      pipes.push({ entry: index, resource, pairs, bytesPerSecond: entry.bytes_per_second });
    }
  }
}

/** The resources between two nodes beside their own. */
export function pipesBetween({ pipes }: NodeDevices, pair: number): number[] {
  return pipes.flatMap(({ pairs, resource }) => (pairs[pair] === 1 ? [resource] : []));
}

/** What a node's process moves bytes through; while it is paused nothing passes. (Its throttles bind with these.) */
export function resourcesOf({ diskRead, diskWrite, linkOut, linkIn }: NodeDevices, node: number): number[] {
  return [diskRead[node], diskWrite[node], linkOut[node], linkIn[node]];
}

/** Cassandra's throttles: 0 means no limit. */
function unlimitedAtZero(bytesPerSecond: number): number {
  return bytesPerSecond === 0 ? Infinity : bytesPerSecond;
}

/** Against what observers measure the devices of a plan. */
export function gaugesOf(plan: Plan, { devices, ...of }: NodeDevices): GaugesOptions {
  const capacities: number[] = [];
  plan.nodes.forEach((_node, node) => {
    for (const kind of Object.keys(DEVICE_KIND) as (keyof typeof DEVICE_KIND)[]) {
      const capacity = devices.capacityOf(of[kind][node]);
      capacities[node * DEVICE_KINDS + DEVICE_KIND[kind]] =
        kind === 'processor' && capacity === Infinity ? PROCESSOR_NOMINAL : capacity;
    }
  });
  const treeBounds = plan.nodes.map((node) => new Settings(plan, node).number('repair_session_space', TREE_SPACE));
  return { nodeCount: plan.nodes.length, capacities, treeBounds };
}
