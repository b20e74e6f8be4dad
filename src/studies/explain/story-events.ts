/**
 * The time line of a story: what took the nodes or links away, when the others saw it, what was hinted and what was not,
 * when it came back, when hints were sent, which repairs ran. From what the trace said up to the moment; no guess.
 */
import { CAUSES, STATE } from '../../data/causes.ts';
import type { CauseName } from '../../data/causes.ts';
import { formatCount, formatSpan, plural } from '../../base/human.ts';
import { RECORD } from '../../data/records.ts';
import { causeOf, originOf, stateOf } from '../../data/fate.ts';
import type { Plan, PlanEntry } from '../../scenario/plan.ts';
import { deleteEvents } from './delete-events.ts';
import type { StoryEvent } from './explanation.ts';
import type { Group } from './groups.ts';
import type { Span, StoryLog } from './story-log.ts';

/** Ids of the rules that make a cause. */
export type RulesOf = (cause: CauseName) => readonly string[];

export interface EventContext {
  plan: Plan;
  log: StoryLog;
  rulesOf: RulesOf;
  /** When somebody asked for the delete that this version is; null: it is none. */
  deletedAt: (version: number) => number | null;
}

const NAMED_MAX = 4;

/** Hints have no part in how copies came to differ so, nor has who sees whom down. */
const WITHOUT_HINTS: readonly CauseName[] = [
  'lost_before_fsync',
  'tombstone_purged',
  'partial_batch',
  'arrival_order',
  'field_type_conflict',
  'bit_rot',
  'old_data_restored',
  'none',
];

function isAboutHints({ cause }: Group): boolean {
  return !WITHOUT_HINTS.includes(CAUSES[cause]);
}

export function eventsOf(group: Group, context: EventContext): StoryEvent[] {
  const events = [
    ...entryEvents(group, context),
    ...fateEvents(group, context),
    ...deleteEvents(group, context),
    ...hintEvents(group, context),
    ...repairEvents(group, context),
  ];
  return events.sort((left, right) => left.at_micros - right.at_micros);
}

/** `n6`, `n1, n2`, `n11 … (10 nodes)`. */
export function nodesText(names: readonly string[]): string {
  return names.length <= NAMED_MAX
    ? names.join(', ')
    : `${names[0]} … ${names[names.length - 1]} (${names.length} nodes)`;
}

function namesOf(plan: Plan, nodes: Iterable<number>): string[] {
  return [...nodes].sort((left, right) => left - right).map((node) => plan.nodes[node]?.id ?? String(node));
}

// ---------------------------------------------------------------- the entry behind it

/** What is said of an entry's records, by kind; `nodes` are those of the record. */
const SAID: readonly [kind: number, text: (nodes: string, entry: PlanEntry) => string][] = [
  [RECORD.nodeCrashed, (nodes, entry) => `${nodes} ${crashText(entry)}`],
  [RECORD.nodeStopped, (nodes) => `${nodes} stopped`],
  [RECORD.nodePaused, (nodes) => `${nodes} paused`],
  [RECORD.linkCut, (_, entry) => `${linkText(entry)} cut`],
  [RECORD.lossStarted, (_, entry) => `messages are lost: ${linkText(entry)}`],
  [RECORD.clockSkewed, (nodes) => `the clock of ${nodes} is skewed`],
  [RECORD.batchCut, (nodes) => `${nodes} dies in the middle of a batch`],
  [RECORD.rowDamaged, (nodes) => `data on ${nodes} damaged`],
  [RECORD.diskSlowed, (nodes) => `the disk of ${nodes} is slow`],
  [RECORD.linkSlowed, (_, entry) => `${linkText(entry)} slow`],
  [RECORD.hintStoreLost, (nodes) => `hints kept by ${nodes} are gone`],
  [RECORD.diskLost, (nodes) => `what the disk of ${nodes} held is gone`],
  [RECORD.sstablesLost, (nodes) => `SSTables of ${nodes} are gone`],
  [RECORD.oldDataRestored, (nodes) => `an old snapshot restored on ${nodes}`],
  [RECORD.nodePanicked, (nodes) => `${nodes} panics in the middle of a request`],
  [RECORD.diskFilled, (nodes) => `the disk of ${nodes} is full`],
  [RECORD.syncsFaked, (nodes) => `the disk of ${nodes} acknowledges before it writes`],
  [RECORD.queuesTorn, (nodes) => `queues kept by ${nodes} torn`],
];
const BACK: readonly [kind: number, text: (nodes: string, entry: PlanEntry) => string][] = [
  [RECORD.nodeStarted, (nodes) => `${nodes} back`],
  [RECORD.nodeResumed, (nodes) => `${nodes} goes on`],
  [RECORD.linkRestored, (_, entry) => `${linkText(entry)} whole again`],
  [RECORD.lossEnded, () => 'messages arrive again'],
  [RECORD.diskSpeedRestored, (nodes) => `the disk of ${nodes} as fast as ever`],
  [RECORD.diskCleared, (nodes) => `room on the disk of ${nodes} again`],
  [RECORD.syncsHonest, (nodes) => `the disk of ${nodes} writes before it acknowledges`],
  [RECORD.linkSpeedRestored, (_, entry) => `${linkText(entry)} as fast as ever`],
];

function crashText(entry: PlanEntry): string {
  const isPower = (entry.kind === 'crashNode' || entry.kind === 'cutBatch') && entry.mode === 'power-loss';
  return isPower ? 'without power' : 'crashed';
}

function linkText(entry: PlanEntry): string {
  if (entry.kind !== 'cutLink' && entry.kind !== 'loseMessages' && entry.kind !== 'slowLink') return 'the link';
  const arrow = entry.two_way ? '–' : '→';
  return `${nodesText(entry.from)} ${arrow} ${nodesText(entry.to)}`;
}

/** What the plan entry behind the copies took away, and gave back. */
export function entryEvents(group: Group, { plan, log }: Pick<EventContext, 'plan' | 'log'>): StoryEvent[] {
  const { origin } = group;
  const entry = plan.entries[origin - 1];
  if (entry === undefined) return [];
  const events: StoryEvent[] = [];
  const say = (at: number, text: string, rules: string[] = []): void =>
    void events.push({ at_micros: at, text, rules });
  for (const [kind, text] of SAID) {
    const span = log.ofEntry(kind, origin);
    if (span !== null) say(span.first, `${text(nodesText(namesOf(plan, span.nodes)), entry)} (${entry.id})`);
  }
  const seen = log.ofEntry(RECORD.markedDown, origin);
  if (seen !== null && isAboutHints(group)) {
    say(seen.first, `the others begin to see ${nodesText(namesOf(plan, seen.nodes))} down`, ['cassandra.g-phi']);
  }
  for (const [kind, text] of BACK) {
    const span = log.ofEntry(kind, origin);
    if (span !== null) say(span.last, text(nodesText(namesOf(plan, span.nodes)), entry));
  }
  return events;
}

// ---------------------------------------------------------------- what versions met

/** The fates of the story and of its origin: the first and the last of each. */
function fateEvents(group: Group, context: EventContext): StoryEvent[] {
  const fates = [...context.log.fates].filter(([fate]) => {
    const isOwn = causeOf(fate) === group.cause && originOf(fate) === group.origin;
    return (
      isOwn ||
      (isAboutHints(group) &&
        group.origin > 0 &&
        originOf(fate) === group.origin &&
        stateOf(fate) === STATE.hintPending)
    );
  });
  return fates.flatMap(([fate, span]) => {
    const cause = CAUSES[causeOf(fate)];
    const on = nodesText(namesOf(context.plan, span.nodes));
    const rules = [...context.rulesOf(cause)];
    const isHint = stateOf(fate) === STATE.hintPending;
    const [first, last] = isHint ? hintTexts(span, on) : fateTexts(cause, span, on, context.plan);
    const events = [{ at_micros: span.first, text: first, rules }];
    return span.last > span.first ? [...events, { at_micros: span.last, text: last, rules: [] }] : events;
  });
}

function hintTexts({ count }: Span, on: string): [string, string] {
  const whole = plural(count, 'version');
  return [
    count === 1 ? `one version hinted for ${on}` : `hints for ${on} begin`,
    `the last hint for ${on}: ${whole} in all`,
  ];
}

const BEGINS: Partial<Record<CauseName, string>> = {
  hint_expired: 'hints expire on the way',
  hint_queue_full: 'the hint queue is full: nothing more is hinted',
  hint_lost: 'hints are lost',
  hints_off: 'hints are off: nothing is hinted',
  lost_before_fsync: 'what was not synced is gone',
  tombstone_purged: 'tombstones are purged',
  message_lost: 'messages are lost',
  partition: 'messages do not get through',
  timeout: 'writes time out',
  coordinator_lost: 'coordinators die before they could hint',
  partial_batch: 'the rest of the batch is never sent',
  bit_rot: 'content changes in place',
  rejected_locally: 'the node itself refuses writes',
  field_type_conflict: 'points of another type are refused',
  poison_write_dropped: 'queued writes are refused for good',
  node_down: 'writes miss it',
  node_removed: 'the node is no member: nothing is sent to it, or kept for it',
  delete_missed: 'deletes miss it',
  sstable_lost: 'files are gone',
};

/** Where points are stored by shards, other things than elsewhere. */
const OF_POINTS: Partial<Record<CauseName, string>> = {
  hint_queue_full: 'the queue takes nothing more',
  bootstrap_missed: 'the copy was taken away, and no other node has one instead',
};

function fateTexts(cause: CauseName, span: Span, on: string, plan: Plan): [string, string] {
  const own = plan.points === undefined ? undefined : OF_POINTS[cause];
  const said =
    cause === 'hint_window_passed' ? windowText(plan, span) : (own ?? BEGINS[cause] ?? cause.replaceAll('_', ' '));
  const total = formatCount(span.count);
  if (span.last === span.first) return [`${said}: ${total} on ${on}`, ''];
  return [`${said} (${on})`, `the last of ${total} that ${on} missed so`];
}

/** The window of those who refused the hints; not where one of them may have had another by then. */
function windowText(plan: Plan, { coordinators, last }: Span): string {
  const over = (length: string): string => `max_hint_window${length} is over: nothing more is hinted`;
  if (plan.entries.some((entry) => entry.at_micros <= last && changes(entry, WINDOW))) return over('');
  const byWindow = new Map<number, number[]>();
  for (const node of isRetried(plan) ? plan.nodes.keys() : coordinators) {
    const window = plan.nodes[node].settings?.[WINDOW] ?? plan.settings[WINDOW];
    if (typeof window !== 'number') return over('');
    byWindow.set(window, [...(byWindow.get(window) ?? []), node]);
  }
  const windows = [...byWindow].sort(([left], [right]) => left - right);
  if (windows.length === 1) return over(` of ${formatSpan(windows[0][0])}`);
  const each = windows.map(([window, nodes]) => `${formatSpan(window)} on ${nodesText(namesOf(plan, nodes))}`);
  return over(` of ${each.join(' and ')}`);
}

const WINDOW = 'max_hint_window';

function changes(entry: PlanEntry, name: string): boolean {
  return (entry.kind === 'changeSettings' || entry.kind === 'restartNode') && Object.hasOwn(entry.settings, name);
}

/** Another attempt goes through another coordinator, and of versions only the first is known. */
function isRetried({ workload }: Plan): boolean {
  return Object.values(workload).some(({ retry }) => retry !== null);
}

/** Nodes through which the writes went that the copies missed for this cause. */
export function coordinatorsOf({ cause, origin }: Group, { fates }: StoryLog, plan: Plan): number[] {
  if (isRetried(plan)) return [...plan.nodes.keys()];
  const spans = [...fates].filter(([fate]) => causeOf(fate) === cause && originOf(fate) === origin);
  return [...new Set(spans.flatMap(([, { coordinators }]) => [...coordinators]))];
}

// ---------------------------------------------------------------- what was done since

function hintEvents(group: Group, { plan, log }: EventContext): StoryEvent[] {
  if (!isAboutHints(group)) return [];
  const isHinted = [...log.fates.keys()].some(
    (fate) => originOf(fate) === group.origin && stateOf(fate) === STATE.hintPending,
  );
  if (!isHinted) return [];
  const spans = (kind: number): Span[] => [...group.byNode.keys()].flatMap((node) => log.ofTarget(kind, node) ?? []);
  const started = spans(RECORD.hintDispatchStarted).map(({ first }) => first);
  const finished = spans(RECORD.hintDispatchFinished).map(({ last }) => last);
  const on = nodesText(namesOf(plan, group.byNode.keys()));
  const events: StoryEvent[] = [];
  const rules = ['cassandra.e13'];
  if (started.length > 0) events.push({ at_micros: Math.min(...started), text: `hints are sent to ${on}`, rules });
  if (finished.length > 0)
    events.push({
      at_micros: Math.max(...finished),
      text: `a file of hints for ${on} is done, the last so far`,
      rules: [],
    });
  if (started.length > 0) return events;
  const delivered = spans(RECORD.hintsDelivered);
  if (delivered.length > 0)
    events.push({ at_micros: Math.min(...delivered.map(({ first }) => first)), text: `hints reach ${on}`, rules: [] });
  return events;
}

const REPAIRS_TOLD = 3;

/** The last repairs that ended after the first copy was missed; the group is what they left. */
function repairEvents(group: Group, { plan, log }: EventContext): StoryEvent[] {
  const firsts = [...log.fates]
    .filter(([fate]) => causeOf(fate) === group.cause && originOf(fate) === group.origin)
    .map(([, { first }]) => first);
  const since = Math.min(...firsts);
  const ended = log.repairs.filter(({ kind, at }) => kind !== 'started' && at > since);
  const last = new Map(ended.map((moment) => [moment.origin, moment]));
  return [...last.values()].slice(-REPAIRS_TOLD).map(({ origin, at, kind }) => ({
    at_micros: at,
    text: `${plan.entries[origin - 1]?.id ?? 'a repair'} has ${kind}; this is left`,
    rules: [],
  }));
}
