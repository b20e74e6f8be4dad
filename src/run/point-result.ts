/** What a world of points tells of its run: what clients were told, and what became of queued writes. */
import { FIRST_VERSION } from '../data/versions.ts';
import type { PointWorld } from './point-world.ts';
import type { WorldResult } from './runnable-world.ts';

export function pointResult({ requests, hints, versions }: PointWorld): WorldResult {
  const { acknowledged, timed_out, unavailable, failed, unknown, retried } = requests.counts;
  return {
    writes: {
      issued: versions.count - FIRST_VERSION,
      ...{ acknowledged, timed_out, unavailable, failed, unknown, retried },
    },
    hints: { ...hints.counts, pending: hints.pendingCount(), pending_bytes: hints.pendingBytes() },
    storage: {},
    repairs: {},
    probes: {},
  };
}
