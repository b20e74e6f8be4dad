/** Kinds of changes that a person jumps between, in plain words, with the records that they are. */
import { RECORD } from '../../data/records.ts';

export interface EventKind {
  id: string;
  label: string;
  /** Null: every change. */
  kinds: ReadonlySet<number> | null;
}

const R = RECORD;

export const EVENT_KINDS: readonly EventKind[] = [
  { id: 'any', label: 'any change', kinds: null },
  {
    id: 'nodes',
    label: 'a node goes or comes back',
    kinds: new Set([R.nodeCrashed, R.nodeStopped, R.nodeStarted, R.nodePaused, R.nodeResumed]),
  },
  { id: 'seen', label: 'a node is seen down or up', kinds: new Set([R.markedDown, R.markedUp]) },
  {
    id: 'links',
    label: 'a link breaks or heals',
    kinds: new Set([R.linkCut, R.linkRestored, R.lossStarted, R.lossEnded, R.linkSlowed, R.linkSpeedRestored]),
  },
  { id: 'hints', label: 'hints are sent', kinds: new Set([R.hintDispatchStarted, R.hintDispatchFinished]) },
  {
    id: 'repairs',
    label: 'a repair starts or ends',
    kinds: new Set([R.repairStarted, R.repairFinished, R.repairFailed]),
  },
  { id: 'trees', label: 'trees are compared', kinds: new Set([R.treesCompared]) },
  {
    id: 'streams',
    label: 'rows are streamed',
    kinds: new Set([R.streamStarted, R.streamFinished, R.rangesStreamStarted]),
  },
  { id: 'storage', label: 'a flush or compaction', kinds: new Set([R.flushStarted, R.compactionStarted]) },
  {
    id: 'operations',
    label: 'somebody does something',
    kinds: new Set([R.operationBegan, R.operationEnded, R.topologyStarted, R.topologyFinished, R.topologyFailed]),
  },
];

/** Those of which the run has any. */
export function kindsIn(steps: readonly { kinds: readonly number[] }[]): EventKind[] {
  const all = new Set(steps.flatMap(({ kinds }) => kinds));
  return EVENT_KINDS.filter(({ kinds }) => kinds === null || [...kinds].some((kind) => all.has(kind)));
}
