/** Of a repair by a foreign algorithm: its parameters, which a scenario could not have said otherwise. */
import { HASH_BYTES, LOOPS_MAX, PASSES_MAX, SEGMENTS_MAX, TIME_MAX_MICROS } from '../algorithm-bounds.ts';
import { isTopologyEntry } from '../entry-kinds.ts';
import type { Path } from '../places.ts';
import type { PlanAlgorithm, PlanEntry } from '../plan.ts';
import { isWithin, MISFIT, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

type RepairEntry = Extract<PlanEntry, { kind: 'repair' }>;

const NAMES: Record<PlanAlgorithm['name'], true> = { dynamo: true, 'riak-aae': true, tictac: true };
const TIMES = [
  'tick_micros',
  'lock_timeout_micros',
  'answer_timeout_micros',
  'build_every_micros',
  'build_pause_micros',
  'expiry_micros',
  'expiry_spread_micros',
  'key_pause_micros',
  'pause_micros',
] as const;

export function checkAlgorithm(checking: Checking, entry: RepairEntry, path: Path): void {
  const { algorithm: how, options, segments } = entry;
  if (how === undefined && !Object.hasOwn(NAMES, options.strategy)) return;
  if (how?.name !== options.strategy)
    refuse(checking, [...path, 'options', 'strategy'], {
      code: MISFIT,
      message: `the strategy is ${options.strategy}, the algorithm ${how?.name ?? 'is left out'}`,
      expected: how?.name ?? 'an algorithm beside it',
      found: options.strategy,
    });
  if (how === undefined) return;
  const at = [...path, 'algorithm'];
  if (segments !== undefined)
    refuse(checking, at, { code: MISFIT, message: 'one entry has an algorithm and segments', expected: 'one of them' });
  checkLevels(checking, how, [...at, 'levels']);
  isWithin(checking, [...at, 'hash_bytes'], how.hash_bytes, [HASH_BYTES.least, HASH_BYTES.most]);
  isWithin(checking, [...at, 'passes'], how.passes, [1, PASSES_MAX]);
  isWithin(checking, [...at, 'loops_max'], how.loops_max, [0, LOOPS_MAX]);
  for (const name of TIMES) isWithin(checking, [...at, name], how[name] ?? 0, [0, TIME_MAX_MICROS]);
  checkPlacement(checking, at);
}

function checkLevels(checking: Checking, { levels }: PlanAlgorithm, path: Path): void {
  const isTree = levels.every((cells, level) => level === 0 || cells % levels[level - 1] === 0);
  if (isTree && levels[levels.length - 1] <= SEGMENTS_MAX) return;
  refuse(checking, path, {
    code: 'S194',
    message: `levels of ${levels.join(', ')} cells make no tree`,
    expected: `levels of which each divides the next, the last of at most ${SEGMENTS_MAX} cells`,
  });
}

/** Trees belong to the ranges of a ring. */
function checkPlacement(checking: Checking, path: Path): void {
  const changes = checking.plan.entries.find((entry) => isTopologyEntry(entry));
  if (changes === undefined) return;
  refuse(checking, path, {
    code: 'S195',
    message: `an algorithm with trees of its own in a run that changes who holds what (${changes.id})`,
    expected: 'a plan without one of the two',
  });
}
