/**
 * What an operator of shards would type about copies that differ: ask anti-entropy, copy a shard from a better owner, destroy
 * the copy first, ask for a delete once more. In the words of influxd-ctl; what each of them does is found by running it
 * (advise.ts). All are typed when the queues have brought what they can: before, queues bring back what was deleted.
 */
import type { Plan, PlanEntry } from '../../scenario/plan.ts';
import type { AdvisedCommand, NotOffered } from './advice.ts';
import type { Situation } from './situation.ts';

export interface ShardContext {
  plan: Plan;
  situation: Situation;
  /** When the first command is typed. */
  beginsMicros: number;
  hasSchedule: boolean;
}

type Entry = Extract<PlanEntry, { kind: 'repairShards' | 'repairByHand' | 'deletePoints' }>;

export interface OfferedOnShards {
  id: string;
  about: string;
  commands: AdvisedCommand[];
  entries: Entry[];
  keepsSchedule: boolean;
}

interface Kind {
  id: string;
  about: string;
  /** What it types; a text: why it makes no sense here. */
  entries: (context: ShardContext, atMicros: number) => Entry[] | string;
}

const MINUTE = 60_000_000;
const AE_ENABLED = 'anti-entropy.enabled';

const ALL_QUEUED = 'all that differs waits in queues';

const KINDS: readonly Kind[] = [
  { id: 'nothing', about: 'no repair at all: queues and newer points alone', entries: () => [] },
  {
    id: 'wait',
    about: 'what the plan has: its own repairs, when they are due',
    entries: ({ hasSchedule }) => (hasSchedule ? [] : 'the plan has no repair ahead'),
  },
  {
    id: 'entropy',
    about: 'the shards that differ, by anti-entropy: all owners get the union',
    entries: entropyRepairs,
  },
  {
    id: 'copy',
    about: 'over each copy that is amiss that of the best owner',
    entries: (context, at) => copies(context, at),
  },
  {
    id: 'remove-copy',
    about: 'each copy that is amiss is destroyed, then copied from the best owner',
    entries: (context, at) => copies(context, at, true),
  },
  { id: 'drop-again', about: 'statements whose points are still somewhere, once more', entries: dropsAgain },
  {
    id: 'drop-again-entropy',
    about: 'these statements, and a minute later the shards by anti-entropy',
    entries: (context, at) => {
      const drops = dropsAgain(context, at);
      const repairs = entropyRepairs(context, at + MINUTE);
      return typeof drops === 'string' ? drops : typeof repairs === 'string' ? repairs : [...drops, ...repairs];
    },
  },
];

const TRUNCATE: NotOffered = {
  id: 'truncate-shards',
  why: 'it changes which shards there are from then on: write it into repairs: and use compare',
};

export const SHARD_CANDIDATE_IDS: readonly string[] = KINDS.map(({ id }) => id);

export function shardCandidatesAt(context: ShardContext): { offered: OfferedOnShards[]; notOffered: NotOffered[] } {
  const { situation, beginsMicros } = context;
  const waits = Math.max(0, (situation.hintsDoneMicros ?? beginsMicros) - beginsMicros);
  const atMicros = beginsMicros + Math.ceil(waits / MINUTE) * MINUTE;
  const offered: OfferedOnShards[] = [];
  const notOffered: NotOffered[] = [];
  for (const { id, about, entries } of KINDS) {
    const made = entries(context, atMicros);
    if (typeof made === 'string') {
      notOffered.push({ id, why: made });
      continue;
    }
    const numbered = made.map((entry, index): Entry => ({ ...entry, id: `repairs.advised-${index + 1}` }));
    const commands = numbered.map(commandOf);
    offered.push({ id, about, commands, entries: numbered, keepsSchedule: id !== 'nothing' });
  }
  return { offered, notOffered: [...notOffered, TRUNCATE] };
}

function commandOf({ command, nodes, at_micros }: Entry): AdvisedCommand {
  return { command, nodes: nodes.slice(0, 1), at_micros, at_once: false };
}

function entropyRepairs({ plan, situation: { shards, able } }: ShardContext, atMicros: number): Entry[] | string {
  if (plan.settings[AE_ENABLED] !== true) return 'anti-entropy is off here ([anti-entropy] enabled)';
  if (able.length === 0) return 'no owner runs';
  if (shards.length === 0) return ALL_QUEUED;
  return shards.map(({ table, number, owners }): Entry => {
    const node = owners.find(({ id }) => able.includes(id))?.id ?? able[0];
    return {
      ...{ id: 'advised', kind: 'repairShards', nodes: [node], at_micros: atMicros, shards: [table] },
      command: `influxd-ctl entropy repair ${number}`,
    };
  });
}

/** `destroys`: the copy goes first, so that nothing of it is left that the source has not. */
function copies(
  { plan, situation: { shards, able } }: ShardContext,
  atMicros: number,
  destroys = false,
): Entry[] | string {
  const named = (id: string): string => plan.nodes.find((node) => node.id === id)?.address ?? `${id}:8088`;
  const made: Entry[] = [];
  for (const { table, number, owners } of shards) {
    const running = owners.filter(({ id }) => able.includes(id));
    const [best] = running.toSorted((left, right) => left.amiss - right.amiss);
    for (const { id, amiss } of owners) {
      if (amiss === 0 || id === best?.id) continue;
      if (!able.includes(id)) return `${id} does not run`;
      if (best.amiss >= amiss) return `no owner of shard ${number} has fewer copies amiss than ${id}`;
      const words = `copy-shard ${named(best.id)} ${named(id)} ${number}`;
      made.push({
        ...{ id: 'advised', kind: 'repairByHand', nodes: [able[0]], at_micros: atMicros },
        steps: [
          ...(destroys ? [{ do: 'removeShard' as const, node: id, table }] : []),
          { do: 'copyShard', from: best.id, to: id, table },
        ],
        command: destroys
          ? `influxd-ctl remove-shard ${named(id)} ${number} && influxd-ctl ${words}`
          : `influxd-ctl ${words}`,
      });
    }
  }
  return made.length === 0 ? ALL_QUEUED : made;
}

/** A statement of a time is another one later. */
function dropsAgain({ plan, situation }: ShardContext, atMicros: number): Entry[] | string {
  if (situation.missedDeletes === 0) return 'no copy has missed a delete';
  const found = plan.entries.flatMap((entry): Entry[] => {
    const isOver = entry.kind === 'deletePoints' && entry.at_micros < atMicros - MINUTE;
    if (!isOver || entry.from_micros !== null || entry.until_micros !== null) return [];
    const [asked] = entry.nodes;
    const node = situation.running.includes(asked) ? asked : situation.running[0];
    return node === undefined ? [] : [{ ...entry, nodes: [node], at_micros: atMicros }];
  });
  return found.length === 0 ? 'the deletes that were missed were of a stretch of time' : found;
}
