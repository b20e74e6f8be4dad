/** The fluid devices of every node: disk, link, and the throttles of streaming and compaction. */
import { FluidDevices } from '../device/fluid.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Plan } from '../scenario/plan.ts';
import { Settings } from './settings.ts';

const MIB = 1024 * 1024;
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
}

export function buildDevices(plan: Plan, kernel: Kernel): NodeDevices {
  const devices = new FluidDevices(kernel, { dueKind: DEVICE_DUE });
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
  };
  for (const node of plan.nodes) {
    const settings = new Settings(plan, node);
    const add = (name: string, bytesPerSecond: number): number =>
      devices.addResource(`${node.id} ${name}`, bytesPerSecond);
    built.diskRead.push(add('disk read', plan.devices.disk_read_bytes_per_second));
    built.diskWrite.push(add('disk write', plan.devices.disk_write_bytes_per_second));
    built.linkOut.push(add('link out', plan.devices.link_bytes_per_second));
    built.linkIn.push(add('link in', plan.devices.link_bytes_per_second));
    built.streamThrottle.push(
      add('stream_throughput_outbound', unlimitedAtZero(settings.number('stream_throughput_outbound', 24 * MIB))),
    );
    built.interDcThrottle.push(
      add(
        'inter_dc_stream_throughput_outbound',
        unlimitedAtZero(settings.number('inter_dc_stream_throughput_outbound', 24 * MIB)),
      ),
    );
    built.compactionThrottle.push(
      add('compaction_throughput', unlimitedAtZero(settings.number('compaction_throughput', 64 * MIB))),
    );
  }
  return built;
}

/** What a node's process moves bytes through; while it is paused nothing passes. (Its throttles bind with these.) */
export function resourcesOf({ diskRead, diskWrite, linkOut, linkIn }: NodeDevices, node: number): number[] {
  return [diskRead[node], diskWrite[node], linkOut[node], linkIn[node]];
}

/** Cassandra's throttles: 0 means no limit. */
function unlimitedAtZero(bytesPerSecond: number): number {
  return bytesPerSecond === 0 ? Infinity : bytesPerSecond;
}
