/**
 * `explain`: runs a plan to a moment, groups every copy that differs or is wrong, tells for each group how it came to be,
 * lets the run go on to see what becomes of it, and tries edits that would have prevented it. A pure function of the plan.
 */
import { CAUSES, STATE, STATES, WRONGS } from '../../data/causes.ts';
import type { StateName, WrongName } from '../../data/causes.ts';
import { VERSION } from '../../base/version.ts';
import { isIncremental } from '../../scenario/entry-kinds.ts';
import type { Plan } from '../../scenario/plan.ts';
import { planHash } from '../../scenario/plan-hash.ts';
import { Follower } from './afterwards.ts';
import type { Afterwards } from './afterwards.ts';
import type { Aftermath, Explained, Explanation, NextRepair, Remedy, Story } from './explanation.ts';
import { noStory } from './find-row.ts';
import type { NotThere } from './find-row.ts';
import { groupsOf } from './groups.ts';
import type { Group } from './groups.ts';
import { amissOf, leftOf } from './prevented.ts';
import type { Amiss } from './prevented.ts';
import { remediesFor } from './remedies.ts';
import type { RemedyEdit } from './remedies.ts';
import { missesBecause, nextStart } from './repair-reach.ts';
import type { RepairEntry } from './repair-reach.ts';
import { isShardRepair, shardMissedBecause } from './shard-reach.ts';
import type { ShardRepair } from './shard-reach.ts';
import { coordinatorsOf, eventsOf } from './story-events.ts';
import type { RulesOf } from './story-events.ts';
import { StoryLog } from './story-log.ts';
import { momentAsked, WatchedRun } from './watched-run.ts';
import type { OnProgress } from './watched-run.ts';

export interface ExplainOptions {
  /** Explains how things stand then, with what happens at that microsecond; the end of the run where it is null. */
  atMicros: number | null;
  /** Ids of the rules that make a cause. */
  rulesOf: RulesOf;
  /** The plan with these edits, or null where that cannot be drawn; null instead of a function: nothing is tried. */
  draw: ((edits: readonly RemedyEdit[]) => Plan | null) | null;
  onProgress?: OnProgress | null;
}

export function explain(plan: Plan, options: ExplainOptions): Explanation {
  const told = tell(plan, options);
  return { ...told.explanation, stories: told.explanation.stories.map((story) => withRemedies(story, told, options)) };
}

/** The same where one story is meant: remedies are tried for it alone. */
export function explainStory(plan: Plan, number: number, options: ExplainOptions): Explanation | NotThere {
  const told = tell(plan, options);
  const { stories } = told.explanation;
  if (number > stories.length) return noStory(number, stories.length);
  const tried = stories.map((story) => (story.number === number ? withRemedies(story, told, options) : story));
  return { ...told.explanation, stories: tried };
}

/** The stories before any remedy was tried, and what remedies are measured by. */
interface Told {
  plan: Plan;
  explanation: Explanation;
  /** Of the stories, in their order. */
  behind: readonly { amiss: Amiss; coordinators: readonly string[] }[];
  until: number;
  hintBytes: number;
}

function tell(plan: Plan, options: ExplainOptions): Told {
  const { at, until } = momentAsked(plan, options.atMicros);
  const log: StoryLog = new StoryLog(until, (version) => run.world.versions.arrays.coordinator[version]);
  const follower: Follower = new Follower(() => run.world.tables);
  const run: WatchedRun = new WatchedRun(plan, [log, follower], options.onProgress ?? null);
  run.runTo(until);
  const final = run.final();
  const rules = run.world.rules.exercised();
  const hintBytes = hintBytesOf(run);
  const groups = groupsOf(run.census);
  const behind = groups.map((group) => {
    const coordinators = coordinatorsOf(group, log, plan).map((node) => plan.nodes[node].id);
    return { amiss: amissOf(group, run.census), coordinators };
  });
  const after = follower.follow(run, groups);
  const exercised: RulesOf = (cause) => options.rulesOf(cause).filter((id) => rules.includes(id));
  const { versions } = run.world;
  const deletedAt = (version: number): number | null =>
    versions.isTombstone(version) ? versions.arrays.issuedAt[version] : null;
  const stories = groups.map((group, index) => {
    const told = { ...describe(group, run, exercised), number: index + 1 };
    const events = eventsOf(group, { plan, log, rulesOf: exercised, deletedAt });
    return { ...told, events, afterwards: aftermathOf(after[index]), next_repairs: nextRepairs(group, run, until) };
  });
  const explanation = { ...explained(plan, at, run.now), final, stories };
  return { plan, explanation, behind, until, hintBytes };
}

export function explained(plan: Plan, at: number, seenUntil: number): Explained {
  return {
    format: 1,
    version: VERSION,
    name: plan.name,
    database: plan.database,
    seed: plan.seed,
    start: plan.start,
    plan_hash: planHash(plan),
    at_micros: at,
    end_micros: plan.duration_micros + plan.settle_micros,
    seen_until_micros: seenUntil,
    ...(plan.points === undefined ? {} : { by_arrival: true as const }),
  };
}

type Described = Omit<Story, 'number' | 'events' | 'afterwards' | 'next_repairs'>;

function describe(group: Group, { plan, names }: WatchedRun, rulesOf: RulesOf): Described {
  const copies = group.memberRows.length;
  const cause = CAUSES[group.cause];
  return {
    cause,
    state: stateOf(group),
    origin: names.origins[group.origin] ?? names.origins[0],
    copies,
    rows: group.rows,
    divergent_copies: group.state === STATE.none ? 0 : copies,
    latent_copies: group.state === STATE.latent ? copies : 0,
    wrong: wrongsOf(group),
    by_node: named(group.byNode, (node) => plan.nodes[node].id),
    by_table: named(group.byTable, (table) => plan.tables[table].id),
    rules: [...rulesOf(cause)],
    missed_deletes: deletesOf(group),
    prevented_by: [],
  };
}

function stateOf({ state, isDisputed }: Group): Story['state'] {
  if (state === STATE.none) return isDisputed ? 'spreading' : 'agreed';
  return STATES[state] as Exclude<StateName, 'none'>;
}

function wrongsOf(group: Group): Story['wrong'] {
  const count = (name: Exclude<WrongName, 'right'>): number => group.wrong[WRONGS.indexOf(name)];
  return { stale: count('stale'), missing: count('missing'), zombie: count('zombie'), lost: count('lost') };
}

/** In the order of the plan. */
function named(counts: ReadonlyMap<number, number>, nameOf: (index: number) => string): Record<string, number> {
  const sorted = [...counts].sort(([left], [right]) => left - right);
  return Object.fromEntries(sorted.map(([index, count]) => [nameOf(index), count]));
}

function deletesOf({ deletes }: Group): Story['missed_deletes'] {
  if (deletes.copies === 0) return null;
  return { copies: deletes.copies, first_purge_micros: deletes.first, last_purge_micros: deletes.last };
}

export function aftermathOf({ healed, left }: Afterwards): Aftermath {
  const all = [...healed].sort(([, a], [, b]) => b.copies - a.copies);
  return {
    healed: Object.fromEntries(all.map(([id, { copies, lastMicros }]) => [id, { copies, by_micros: lastMicros }])),
    left,
  };
}

// ---------------------------------------------------------------- repairs ahead

const REASONS_MAX = 3;

/** Repairs that the plan begins from `from` on, the next one first, with the copies of the group that they reach. */
export function nextRepairs(group: Group, { plan, world }: WatchedRun, from: number): NextRepair[] {
  const ahead = plan.entries.flatMap((entry): { entry: RepairEntry | ShardRepair; start: number }[] => {
    if (isShardRepair(entry)) return entry.at_micros >= from ? [{ entry, start: entry.at_micros }] : [];
    const start = entry.kind === 'repair' ? nextStart(entry, from) : null;
    return entry.kind !== 'repair' || start === null ? [] : [{ entry, start }];
  });
  ahead.sort((left, right) => left.start - right.start);
  return ahead.map(({ entry, start }) => {
    let reached = 0;
    const reasons = new Map<string, number>();
    group.memberRows.forEach((row, member) => {
      const layout = world.tables.findLast(({ slotBase }) => slotBase <= row) ?? world.tables[0];
      const ordinal = Math.floor((row - layout.slotBase) / layout.slotsPerPartition);
      const copy = layout.rangeOfOrdinal[ordinal] * layout.copies + group.memberCopies[member];
      const node = plan.nodes[layout.replicas[copy]].id;
      const lacksDelete = world.versions.isTombstone(group.memberVersions[member]);
      const why =
        entry.kind === 'repair'
          ? missesBecause(plan, entry, { layout, ordinal, node })
          : shardMissedBecause(entry, { table: layout.id, node, lacksDelete });
      if (why === null) reached += 1;
      else reasons.set(why, (reasons.get(why) ?? 0) + 1);
    });
    const whys = [...reasons].sort(([, a], [, b]) => b - a).map(([why]) => why);
    return {
      id: entry.id,
      at_micros: start,
      reaches_copies: reached,
      misses_because: whys.slice(0, REASONS_MAX),
      incremental: entry.kind === 'repair' && isIncremental(entry.options),
    };
  });
}

// ---------------------------------------------------------------- what would have prevented it

function hintBytesOf({ world }: WatchedRun): number {
  return world.hints.counts.delivered_bytes + world.hints.pendingBytes();
}

function withRemedies(story: Story, told: Told, options: ExplainOptions): Story {
  return { ...story, prevented_by: tryRemedies(story, told, options) };
}

function tryRemedies(story: Story, told: Told, { draw, onProgress }: ExplainOptions): Remedy[] {
  const { plan, behind, until, hintBytes } = told;
  const { final: base } = told.explanation;
  if (draw === null || behind[story.number - 1].amiss.size === 0) return [];
  const { amiss, coordinators } = behind[story.number - 1];
  return remediesFor(story, plan, { coordinators }).flatMap((edits) => {
    const edited = draw(edits);
    if (edited === null || planHash(edited) === planHash(plan)) return [];
    const run = new WatchedRun(edited, [], onProgress ?? null);
    run.runTo(until);
    const final = run.final();
    const left = leftOf(amiss, run.census);
    if (left.prevented_copies === 0) return [];
    return {
      edits,
      ...left,
      latent_copies: { base: base.latent_copies, edited: final.latent_copies },
      wrong_copies: { base: base.wrong_copies, edited: final.wrong_copies },
      hint_bytes: { base: hintBytes, edited: hintBytesOf(run) },
    };
  });
}
