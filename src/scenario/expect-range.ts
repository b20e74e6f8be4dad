/**
 * Which values a metric can have in a plan: no more copies than there are, nothing of a cause that cannot occur, of a
 * repair that never runs no value at all. Whoever asks must be able to trust a narrow range, so what is not certain is left
 * wide.
 */
import type { DialectRules } from './dialect-rules.ts';
import type { MetricFacts } from './expect-bounds.ts';
import { rangeOf } from './expect-sense.ts';
import type { ValueRange } from './expect-sense.ts';
import { begins, impossibleCauses, isQuiet, isWithin, removes } from './impossible-causes.ts';
import type { PlanParts, Reasons } from './impossible-causes.ts';
import { isTopologyEntry } from './entry-kinds.ts';
import type { PlanEntry, PlanReplication, PlanTable, PlanWhere } from './plan.ts';

export interface World {
  plan: PlanParts;
  /** Why a cause cannot occur, by cause. */
  impossible: Reasons;
}

export function worldOf(plan: PlanParts, rules: DialectRules | null): World {
  return { plan, impossible: impossibleCauses(plan, rules) };
}

/** The range, or why there is never a value. */
export function valuesIn(world: World, metric: MetricFacts, where: PlanWhere): ValueRange | { noValue: string } {
  const noValue = whyNoValue(world.plan, metric, where);
  if (noValue !== null) return { noValue };
  const range = rangeOf(metric);
  const nothing = whyNothing(world, metric, where);
  if (nothing !== null) return { ...range, least: 0, most: 0, why: nothing };
  const size = sizeOf(world.plan, metric, where);
  return size === null || size.most >= range.most ? range : { ...range, ...size };
}

function whyNoValue(plan: PlanParts, metric: MetricFacts, { repair, probe, origin }: PlanWhere): string | null {
  const { name, ofRepair, ofTopology } = metric;
  if (name === 'stale_reads_share' && Object.keys(plan.probes).length === 0)
    return probe === undefined ? 'the scenario has no probe' : null;
  if (ofTopology === true) return whyNoChange(plan, origin);
  return ofRepair === true ? whyNotRun(plan, repair) : null;
}

/** Why no such change of topology begins; null where one does, or where it is not there at all. */
function whyNoChange(plan: PlanParts, name: string | undefined): string | null {
  const changes = plan.entries.filter(isTopologyEntry);
  if (name === undefined && changes.length === 0) return 'the scenario has no change of topology';
  const asked = changes.filter(({ id }) => name === undefined || isNamed(name, id));
  if (asked.length === 0)
    return plan.entries.some(({ id }) => id === name) ? `${name ?? ''} is no change of topology` : null;
  const isBegun = asked.some((entry) => isWithin(plan, entry));
  return isBegun ? null : `${asked.map(({ id }) => id).join(', ')} begins after the end of the run`;
}

/** Why no such repair runs; null where one does, or where it is not there at all. */
function whyNotRun({ entries, ...rest }: PlanParts, name: string | undefined): string | null {
  const repairs = entries.filter(({ kind, id }) => kind === 'repair' && (name === undefined || isNamed(name, id)));
  if (name === undefined && repairs.length === 0) return 'the scenario has no repair';
  const isRun = repairs.length === 0 || repairs.some((entry) => isWithin({ entries, ...rest }, entry));
  return isRun ? null : `${repairs.map(({ id }) => id).join(', ')} begins after the end of the run`;
}

function isNamed(written: string, id: string): boolean {
  return id === written || id.endsWith(`.${written}`);
}

/** Metrics that count one cause alone, or what can be only where its state can. */
const CAUSE_OF_METRIC: Readonly<Record<string, string>> = {
  hint_pending_copies: 'hint_pending',
  hints_enqueued: 'hint_pending',
  hints_pending: 'hint_pending',
  hints_pending_bytes: 'hint_pending',
  hints_delivered: 'hint_pending',
  hints_expired: 'hint_expired',
  hints_lost: 'hint_lost',
  hints_refused_window: 'hint_window_passed',
  hints_in_progress_most: 'hint_pending',
  hints_refused_size: 'hint_queue_full',
  hints_refused_off: 'hints_off',
  partial_batches: 'partial_batch',
};

/** Why the metric is 0 all the time; null where it may be more. */
function whyNothing({ plan, impossible }: World, metric: MetricFacts, where: PlanWhere): string | null {
  const { name } = metric;
  const because = (cause: string | undefined): string | null =>
    cause === undefined ? null : (impossible.get(cause) ?? null);
  const found = because(CAUSE_OF_METRIC[name]) ?? because(where.cause) ?? because(stateCause(where));
  if (found !== null) return found;
  if (name === 'zombie_copies') return whyNoZombies(plan);
  if (name === 'zombies_spread') return whyNotSpread(plan, where);
  if (name === 'repairs_finished' || name === 'repairs_failed') return whyNotRun(plan, undefined);
  if (name === 'writes_retried' && !canRetry(plan)) return 'no workload tries again';
  if (name.startsWith('writes_') && isQuiet(plan)) return 'the scenario has no workload';
  return whyNotHealed({ plan, impossible }, where) ?? whyNotBehind(plan, where) ?? whyNoCopy(plan, where);
}

function stateCause({ state }: PlanWhere): string | undefined {
  return state === 'hint_pending' ? state : undefined;
}

/** Only data that a delete or a TTL has removed longer than gc_grace ago can come back; damage can do anything. */
function whyNoZombies(plan: PlanParts): string | null {
  if (begins(plan, 'damageCopy')) return null;
  const endMicros = plan.duration_micros + plan.settle_micros;
  if (plan.entries.some((entry) => entry.kind === 'alterTable' && entry.gc_grace_micros <= endMicros)) return null;
  const removing = plan.tables.filter(({ id }) => removes(plan, id));
  if (removing.length === 0) return 'nothing is deleted and nothing expires';
  return removing.every((table) => table.gc_grace_micros > endMicros)
    ? 'gc_grace is longer than the run, so no delete may be purged'
    : null;
}

/** What is wrong for good is spread by a repair or a hint, or whatever else brings old data. */
function whyNotSpread(plan: PlanParts, { repair }: PlanWhere): string | null {
  return repair === undefined ? null : whyNotRun(plan, repair);
}

function canRetry({ workload, points = {} }: PlanParts): boolean {
  return [...Object.values(workload), ...Object.values(points)].some(({ retry }) => retry !== null);
}

function whyNotHealed({ plan, impossible }: World, { healer, repair }: PlanWhere): string | null {
  const isLogged = Object.values(plan.workload).some(({ batch }) => batch?.logged === true);
  if (healer === 'hint') return impossible.get('hint_pending') ?? null;
  if (healer === 'batchlog' && !isLogged) return 'no workload writes logged batches';
  if (healer === 'retry' && !canRetry(plan)) return 'no workload tries again';
  if (healer === 'repair') return whyNotRun(plan, undefined);
  const name = repair ?? healer;
  return name === undefined ? null : whyNotRun(plan, name);
}

/** An origin that never begins has nothing behind it. */
function whyNotBehind(plan: PlanParts, { origin }: PlanWhere): string | null {
  const isLate = (entry: PlanEntry): boolean => entry.kind !== 'cutBatch' && !isWithin(plan, entry);
  const named = origin === undefined ? [] : plan.entries.filter(({ id }) => isNamed(origin, id));
  return named.length > 0 && named.every(isLate) ? `${origin} begins after the end of the run` : null;
}

function whyNoCopy(plan: PlanParts, { node, table }: PlanWhere): string | null {
  const holder = plan.nodes.find(({ id }) => id === node);
  if (holder === undefined) return null;
  const tables = tablesOf(plan, table);
  return tables.every((each) => copiesIn(plan, each, holder.dc) === 0)
    ? `${holder.id} is in ${holder.dc}, which holds no copy of ${tables.map(({ id }) => id).join(', ')}`
    : null;
}

function tablesOf({ tables }: PlanParts, name: string | undefined): PlanTable[] {
  return tables.filter(({ id }) => name === undefined || id === name);
}

/** Copies of each row, in one data centre or in all; where replication changes, the most that there ever are. */
function copiesIn(plan: PlanParts, { keyspace, replication }: PlanTable, dc?: string): number {
  const later = plan.entries.flatMap((entry) =>
    entry.kind === 'alterKeyspace' && entry.keyspace === keyspace ? [entry.replication] : [],
  );
  return Math.max(...[replication, ...later].map((each) => copiesOf(plan, each, dc)));
}

function copiesOf({ nodes }: PlanParts, replication: PlanReplication, dc?: string): number {
  const here = nodes.filter((node) => dc === undefined || node.dc === dc);
  if (replication.strategy === 'SimpleStrategy') return Math.min(replication.factor, here.length);
  return Object.entries(replication.factors).reduce(
    (sum, [name, factor]) => sum + Math.min(factor, here.filter((node) => node.dc === name).length),
    0,
  );
}

interface Size {
  most: number;
  why: string;
}

/** The most that the rows and copies of the tables allow; null where nothing bounds the metric. */
function sizeOf(plan: PlanParts, { unit = '', kind }: MetricFacts, { node, table }: PlanWhere): Size | null {
  const tables = tablesOf(plan, table);
  const sum = (each: (table: PlanTable) => number): number =>
    tables.reduce((total, one) => total + one.partitions * one.rows_per_partition * each(one), 0);
  const rows = sum(() => 1);
  const copies = sum((one) => (node === undefined ? copiesIn(plan, one) : 1));
  const hours = (plan.duration_micros + plan.settle_micros) / 3_600_000_000;
  const ofRows = `there are ${rows} rows`;
  const ofCopies = node === undefined ? `${ofRows} with ${copies} copies` : `${ofRows}, so ${node} has no more copies`;
  if (kind === 'level') {
    if (unit === 'rows') return { most: rows, why: ofRows };
    if (unit === 'copies') return { most: copies, why: ofCopies };
    if (unit === 'bits') return { most: sum((one) => log2Above(copiesIn(plan, one))), why: ofCopies };
  }
  if (unit === 'row_hours') return { most: rows * hours, why: `${ofRows} and the run is ${hours} hours long` };
  if (unit === 'copy_hours') return { most: copies * hours, why: `${ofCopies} and the run is ${hours} hours long` };
  return null;
}

/** log2 of a whole number, exact for powers of two and else a little above: digit by digit, as squares pass 2. */
function log2Above(value: number): number {
  if (value <= 1) return 0;
  const whole = 31 - Math.clz32(value);
  let rest = value / (1 << whole);
  if (rest === 1) return whole;
  let digits = 0;
  let digit = 1;
  for (let count = 0; count < 24; count++) {
    rest *= rest;
    digit /= 2;
    if (rest < 2) continue;
    rest /= 2;
    digits += digit;
  }
  return whole + digits + digit;
}
