/**
 * Whether a plan is small enough to be run in a page, estimated before it runs. Both bounds are of what a browser's tab bears
 * without being asked to close: some tens of seconds, under a gigabyte.
 */
import { formatBytes, formatCount } from '../../base/human.ts';
import { planSize } from '../../report/plan-size.ts';
import type { Plan } from '../../scenario/plan.ts';

/** Mutations a second in Chromium, of the scenario of the README, on a machine of two cores (docs/report.md). */
export const MUTATIONS_PER_SECOND = 150_000;
export const MUTATIONS_MAX = 4_000_000;
const MEMORY_BYTES_MAX = 900e6;

export type PageSize = { fits: true; seconds: number } | { fits: false; why: string };

export function sizeForPage(plan: Plan): PageSize {
  const { mutations, memoryBytes } = planSize(plan);
  if (mutations > MUTATIONS_MAX)
    return {
      fits: false,
      why: `it makes ${formatCount(mutations)} writes, a page runs at most ${formatCount(MUTATIONS_MAX)}`,
    };
  if (memoryBytes > MEMORY_BYTES_MAX)
    return {
      fits: false,
      why: `it needs about ${formatBytes(memoryBytes)} of memory, a page takes at most ${formatBytes(MEMORY_BYTES_MAX)}`,
    };
  return { fits: true, seconds: Math.max(1, Math.round(mutations / MUTATIONS_PER_SECOND)) };
}
