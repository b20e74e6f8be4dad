/** What a node is and does at a moment, in words. */
import { plural } from '../../base/human.ts';
import type { PlanNames } from '../../observe/counters-reader.ts';
import type { JobKind, ViewNode } from '../../observe/view/view-state.ts';

export const JOB_WORDS: Readonly<Record<JobKind, { short: string; long: string }>> = {
  flush: { short: 'F', long: 'flushes memory to disk' },
  compaction: { short: 'C', long: 'compacts files' },
  validation: { short: 'V', long: 'hashes its rows for a repair' },
  streamOut: { short: 'S→', long: 'streams rows to another' },
  streamIn: { short: '→S', long: 'receives a stream of rows' },
  hintDispatch: { short: 'H→', long: 'sends hints' },
};

export function jobsOf({ jobs }: ViewNode): { kind: JobKind; count: number }[] {
  return (Object.keys(JOB_WORDS) as JobKind[]).flatMap((kind) => (jobs[kind] > 0 ? [{ kind, count: jobs[kind] }] : []));
}

const STATES: Readonly<Record<ViewNode['state'], string>> = {
  up: 'up',
  down: 'down',
  paused: 'up, but stalls',
  absent: 'no part of the cluster',
};

export function stateWords({ state, seenDownBy, slowDisk, skewed }: ViewNode, names: PlanNames): string {
  const seers = Object.keys(seenDownBy).map((node) => names.nodes[Number(node)] ?? node);
  const parts = [STATES[state]];
  if (seers.length > 0)
    parts.push(seers.length > 4 ? `seen down by ${plural(seers.length, 'node')}` : `seen down by ${seers.join(', ')}`);
  if (slowDisk > 0) parts.push('its disk is slow');
  if (skewed) parts.push('its clock is off');
  return parts.join(', ');
}
