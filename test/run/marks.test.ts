/** Marks: the rare branches that the generated plans must reach, or the laws over them say nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../src/run/run.ts';
import { plans } from './plans.ts';

/** A seed that gets there soon; another may need all of them. */
const SEED = 23;
const MOST_PLANS = 240;

const WANTED = [
  'writes.timed_out',
  'writes.unavailable',
  'writes.unknown',
  'writes.retried',
  'hints.delivered',
  'hints.expired',
  'hints.lost',
  'hints.refused_window',
  'hints.refused_size',
  'hints.refused_off',
  'hints.aborted_pages',
  'storage.compactions',
  'storage.purged_tombstones',
  'storage.replayed_batches',
  'storage.partial_batches',
  'cause.node_down',
  'cause.partition',
  'cause.message_lost',
  'cause.timeout',
  'cause.hint_window_passed',
  'cause.coordinator_lost',
  'cause.lost_before_fsync',
  'cause.bit_rot',
  'repair.finished',
  'repair.failed',
  'repair.heals',
  'markedDown',
  'markedUp',
  'clockSkewed',
  'nodeResumed',
  'snapshotTaken',
  'zombie',
  'cassandra.e4',
  'cassandra.e5',
  'cassandra.e11',
  'cassandra.e17',
  'cassandra.f5',
  'cassandra.h1',
];

/** Names of what one run did. */
function namesOf({ result, timeline }: ReturnType<typeof run>): Set<string> {
  const names = new Set<string>();
  for (const group of ['writes', 'hints', 'storage'] as const) {
    for (const [name, value] of Object.entries(result[group])) if (Number(value) > 0) names.add(`${group}.${name}`);
  }
  for (const cause of Object.keys(result.final.by_cause)) names.add(`cause.${cause}`);
  for (const ledger of Object.values(result.repairs)) {
    names.add(`repair.${ledger.outcome}`);
    if (ledger.healed_copies > 0) names.add('repair.heals');
  }
  for (const rule of result.rules_exercised) names.add(rule);
  for (const { name } of timeline) names.add(name);
  if (result.final.zombie_copies > 0) names.add('zombie');
  return names;
}

test('a sample of plans reaches what is rare', () => {
  const missing = new Set(WANTED);
  for (const plan of fc.sample(plans, { numRuns: MOST_PLANS, seed: SEED })) {
    for (const name of namesOf(run(plan))) missing.delete(name);
    if (missing.size === 0) break;
  }
  expect([...missing]).toEqual([]);
}, 300_000);
