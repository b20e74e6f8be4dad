/**
 * Causes of divergence that cannot occur in a plan, each with the reason: nothing in its faults, workloads and tables brings
 * them about. Only what is certain stands here; what settings and rules of a database exclude, its dialect says
 * (`DialectRules.impossibleCauses`). A cause that is not listed may occur.
 */
import type { CauseName } from '../data/causes.ts';
import { CAUSES } from '../data/causes.ts';
import type { DialectRules } from './dialect-rules.ts';
import { TOPOLOGY_KINDS, losesDisk } from './entry-kinds.ts';
import type { Plan, PlanEntry } from './plan.ts';

export type PlanParts = Omit<Plan, 'source'>;
export type Reasons = ReadonlyMap<string, string>;

/** Registered for databases and faults that are to come: nothing gives them yet. */
export const CAUSES_TO_COME: readonly CauseName[] = ['none', 'retired_18'];

type Kind = PlanEntry['kind'];

/** By these a node goes away, for a while or for good. */
const GOING: readonly Kind[] = [
  ...(['panicNode', 'crashNode', 'stopNode', 'pauseNode', 'cutBatch', 'restartNode', 'restoreSnapshot'] as const),
  ...TOPOLOGY_KINDS,
];

/** Of these faults a cause needs at least one. */
const NEEDED: readonly [causes: readonly CauseName[], kinds: readonly Kind[], missing: string][] = [
  [['bit_rot'], ['damageCopy'], 'no damage'],
  [['delete_missed', 'hint_after_delete'], ['deletePoints', 'dropShard'], 'no delete of points'],
  [['sstable_lost'], ['loseSstables', 'repairByHand'], 'no loss of an SSTable'],
  [['loaded_diverged'], ['divergeLoaded'], 'no table that is loaded diverged'],
  [['partition'], ['cutLink'], 'no partition'],
  [['message_lost'], ['loseMessages'], 'no loss of messages'],
  [['lost_before_fsync'], ['crashNode', 'cutBatch'], 'no crash'],
  [['bootstrap_missed'], ['repairByHand', ...TOPOLOGY_KINDS], 'no change of topology or replication'],
  [
    ['hint_lost'],
    ['crashNode', 'cutBatch', 'loseHints', 'truncateHints', 'tearQueues', 'repairByHand', ...GOING, ...TOPOLOGY_KINDS],
    'no crash and no loss of hints',
  ],
  [['poison_write_dropped'], [...GOING, 'cutLink', 'loseMessages', 'fillDisk'], 'nothing that makes a queue'],
  [['coordinator_lost'], GOING, 'no crash, stop or pause of a node, and none that leaves'],
  [['node_down'], [...GOING, 'cutLink', 'loseMessages'], 'no fault that takes a node away'],
];

/** By the names of causes; `hint_pending` stands for the state. */
export function impossibleCauses(plan: PlanParts, rules: DialectRules | null): Reasons {
  const reasons = new Map<string, string>(CAUSES_TO_COME.map((cause) => [cause, 'nothing in this version causes it']));
  const say = (cause: string, reason: string): void => void (reasons.has(cause) || reasons.set(cause, reason));
  if (plan.points === undefined) say('rejected_locally', 'only points are refused by their own coordinator');
  for (const [causes, kinds, missing] of NEEDED)
    if (!kinds.some((kind) => begins(plan, kind)))
      for (const cause of causes) say(cause, `there is ${missing} in the run`);
  if (!plan.entries.some(losesDisk)) say('disk_lost', 'no crash in the run takes a disk');
  for (const [cause, reason] of Object.entries(rules?.impossibleCauses?.(plan) ?? {})) say(cause, reason);
  if (plan.points === undefined && Object.values(plan.workload).every(({ batch }) => batch === null))
    say('partial_batch', 'no workload writes batches');
  if (plan.points !== undefined)
    say('tombstone_purged', 'once points are deleted nothing is left that a purge could take');
  if (!plan.entries.some((entry) => removesNode(entry) && isWithin(plan, entry)))
    say('node_removed', 'no node is removed by hand');
  if (plan.points !== undefined && !begins(plan, 'cutBatch')) say('partial_batch', 'no request is cut');
  if (!hasTwoTypes(plan)) say('field_type_conflict', 'no measurement has values of two types');
  if (!hasTwoTypes(plan)) say('poison_write_dropped', 'no measurement has values of two types');
  if (!plan.tables.some(({ id }) => removes(plan, id)))
    say('tombstone_purged', 'nothing is deleted and nothing expires');
  if (isQuiet(plan))
    for (const cause of [...CAUSES, 'hint_pending'])
      if (!FROM_DAMAGE.includes(cause)) say(cause, 'the scenario has no workload');
  return reasons;
}

/** Does nobody write? */
export function isQuiet({ workload, points = {} }: PlanParts): boolean {
  return Object.keys(workload).length === 0 && Object.keys(points).length === 0;
}

/** Do writers of one policy give a measurement values of different types? */
function hasTwoTypes({ points = {} }: PlanParts): boolean {
  const known = new Map<string, string>();
  return Object.values(points).some(({ policy, series_key: key, value = 'float' }) => {
    const measurement = `${policy} ${key.split(',')[0]}`;
    const other = known.get(measurement) ?? value;
    known.set(measurement, value);
    return other !== value;
  });
}

function removesNode(entry: PlanEntry): boolean {
  return entry.kind === 'repairByHand' && entry.steps.some((step) => step.do === 'removeData');
}

/** May occur where nothing is written. */
const FROM_DAMAGE = [
  'disk_lost',
  'bit_rot',
  'arrival_order',
  'old_data_restored',
  'sstable_lost',
  'loaded_diverged',
  'bootstrap_missed',
];

/** Does an entry of this kind begin before the end? The moment of a batch is only known in the run. */
export function begins(plan: PlanParts, kind: Kind): boolean {
  return plan.entries.some((entry) => entry.kind === kind && (kind === 'cutBatch' || isWithin(plan, entry)));
}

export function isWithin(plan: PlanParts, { at_micros: at }: PlanEntry): boolean {
  return at < plan.duration_micros + plan.settle_micros;
}

/** Are there tombstones in the table, or data that expires? */
export function removes(plan: PlanParts, table: string): boolean {
  const { deletes_rows: deletes = false, default_ttl_seconds: ttl = 0 } =
    plan.tables.find(({ id }) => id === table) ?? {};
  return (
    deletes ||
    ttl > 0 ||
    begins(plan, 'deletePoints') ||
    begins(plan, 'dropShard') ||
    begins(plan, 'dropPolicy') ||
    Object.values(plan.workload).some(
      ({ table: of, ttl_seconds: life, mix, arrivals }) =>
        of === table &&
        (life > 0 || mix.delete_cell > 0 || (arrivals.kind === 'trace' && arrivals.operations.includes('delete_cell'))),
    )
  );
}
