/**
 * `explain` of one row: what each copy holds and should hold, since when, the events that led there, the chances that
 * were missed, what heals it next or why nothing will. Runs the plan once to find the row where it is not named, and once
 * with a watch on it. A pure function of the plan.
 */
import { CAUSES, STATES, WRONG, WRONGS } from '../../data/causes.ts';
import { int64 } from '../../data/int64-halves.ts';
import type { TableLayout } from '../../data/layout.ts';
import { RECORD } from '../../data/records.ts';
import type { FoundCopy } from '../../observe/census.ts';
import { causeOf, originOf, stateOf } from '../../data/fate.ts';
import { isIncremental } from '../../scenario/entry-kinds.ts';
import { numberedIds } from '../../scenario/numbered-ids.ts';
import type { Plan } from '../../scenario/plan.ts';
import { keyTextsOf } from '../../scenario/points/series-names.ts';
import { Follower } from './afterwards.ts';
import { aftermathOf, explained, nextRepairs } from './explain.ts';
import type { ExplainOptions } from './explain.ts';
import type { CopyShown, RowExplanation, StoryEvent } from './explanation.ts';
import { findRow } from './find-row.ts';
import type { NotThere, RowWanted } from './find-row.ts';
import { groupOfRow } from './groups.ts';
import { missesBecause } from './repair-reach.ts';
import type { RepairEntry } from './repair-reach.ts';
import { rowEvents, ToldVersions } from './row-events.ts';
import { entryEvents } from './story-events.ts';
import { RowTrace } from './row-trace.ts';
import type { RowRecord } from './row-trace.ts';
import { StoryLog } from './story-log.ts';
import { momentAsked, WatchedRun } from './watched-run.ts';

export type ExplainRowOptions = Omit<ExplainOptions, 'draw'> & {
  /** Is shown the row's records up to the moment. */
  onRecords?: (records: readonly RowRecord[]) => void;
};

export function explainRow(plan: Plan, wanted: RowWanted, options: ExplainRowOptions): RowExplanation | NotThere {
  const { at, until } = momentAsked(plan, options.atMicros);
  const found = locate(plan, wanted, until, options);
  if ('problem' in found) return found;
  const log: StoryLog = new StoryLog(until, (version) => run.world.versions.arrays.coordinator[version]);
  const follower: Follower = new Follower(() => run.world.tables);
  const layout = found.layout;
  const trace = new RowTrace([found.slot, found.slot + layout.slotsPerRow], until);
  const run: WatchedRun = new WatchedRun(plan, [log, trace, follower], options.onProgress ?? null);
  run.runTo(until);
  options.onRecords?.(trace.records);
  return new RowTale({ run, at, log, trace, follower, layout, row: found.slot, options }).tell();
}

type Located = { slot: number; layout: TableLayout } | NotThere;

function locate(plan: Plan, wanted: RowWanted, until: number, { onProgress }: ExplainRowOptions): Located {
  const run = new WatchedRun(plan, [], onProgress ?? null);
  const isNamed = wanted.by === 'key' || wanted.by === 'token';
  const isKnown = isNamed && (wanted.row !== null || run.world.tables.every((table) => table.rowsPerPartition === 1));
  if (!isKnown) run.runTo(until);
  const found = findRow(wanted, { plan, layouts: run.world.tables, census: run.census });
  if ('problem' in found) return found;
  return {
    slot: found.slot,
    layout: run.world.tables.findLast(({ slotBase }) => slotBase <= found.slot) ?? run.world.tables[0],
  };
}

interface RowTaleParts {
  run: WatchedRun;
  /** The moment that is told, µs. */
  at: number;
  log: StoryLog;
  trace: RowTrace;
  follower: Follower;
  layout: TableLayout;
  /** First slot. */
  row: number;
  options: ExplainRowOptions;
}

/** Puts the document together where the run stands at the moment; then lets it go on. */
class RowTale {
  readonly #parts: RowTaleParts;
  readonly #plan: Plan;
  /** By copy. */
  readonly #amiss = new Map<number, FoundCopy>();
  /** The slot that is told: one that is amiss, else the row's first. */
  readonly #slot: number;
  readonly #told: ToldVersions;
  readonly #ordinal: number;

  constructor(parts: RowTaleParts) {
    const { run, row, layout, trace } = parts;
    this.#parts = parts;
    this.#plan = run.plan;
    run.census.ofRow(row, (found) => void this.#amiss.set(found.copy, { ...found }));
    this.#slot = [...this.#amiss.values()].at(0)?.slot ?? newestSlot(trace, row);
    this.#ordinal = Math.floor((row - layout.slotBase) / layout.slotsPerPartition);
    const held = Array.from({ length: layout.copies }, (_, copy) => run.oracle.heldVersion(this.#slot, copy));
    const versions = [run.oracle.expectedVersion(this.#slot), run.oracle.promisedVersion(this.#slot), ...held];
    this.#told = new ToldVersions(versions, run.world.versions, numberedIds(run.plan.workload));
  }

  tell(): RowExplanation {
    const { run, at, layout, row, trace, log, follower, options } = this.#parts;
    const { oracle, names, world } = run;
    const exercised = world.rules.exercised();
    const rulesOf: ExplainOptions['rulesOf'] = (cause) => options.rulesOf(cause).filter((id) => exercised.includes(id));
    const group = groupOfRow(run.census, row);
    const key = layout.keyOfOrdinal[this.#ordinal];
    const told = {
      table: layout.id,
      key: keyTextsOf(this.#plan, this.#plan.tables[layout.index])[key] ?? String(key),
      row: Math.floor((row - layout.slotBase - this.#ordinal * layout.slotsPerPartition) / layout.slotsPerRow),
      token: String(int64(layout.tokenHigh[this.#ordinal], layout.tokenLow[this.#ordinal])),
      promised: this.#told.shown(oracle.promisedVersion(this.#slot), names.nodes),
      expected: this.#told.shown(oracle.expectedVersion(this.#slot), names.nodes),
      lost: [...this.#amiss.values()].some(({ lost }) => lost),
      copies: Array.from({ length: layout.copies }, (_, copy) => this.#copy(copy)),
      events: [
        ...entryEvents(group, { plan: this.#plan, log }),
        ...rowEvents(trace.records, { told: this.#told, names, rulesOf, ofPoints: this.#plan.points !== undefined }),
      ].sort((left, right) => left.at_micros - right.at_micros),
      other_versions: this.#others(),
      missed_chances: this.#missedChances(),
      next_repairs: nextRepairs(group, run, run.now),
      purge_micros: group.deletes.copies === 0 ? null : group.deletes.first,
    };
    const [afterwards] = follower.follow(run, [group]);
    return { ...explained(this.#plan, at, run.now), ...told, afterwards: aftermathOf(afterwards) };
  }

  #copy(copy: number): CopyShown {
    const { run, layout } = this.#parts;
    const node = layout.replicas[layout.rangeOfOrdinal[this.#ordinal] * layout.copies + copy];
    const { id, dc, rack } = this.#plan.nodes[node];
    const found = this.#amiss.get(copy);
    const status = found?.status ?? 0;
    return {
      ...{ node: id, dc, rack },
      holds: this.#told.shown(run.oracle.heldVersion(this.#slot, copy), run.names.nodes),
      since_micros: found === undefined ? null : this.#since(found),
      wrong: WRONGS[found?.wrong ?? WRONG.right],
      divergent: found?.divergent ?? false,
      cause: status === 0 ? null : CAUSES[causeOf(status)],
      state: status === 0 ? null : STATES[stateOf(status)],
      origin: status === 0 ? null : (run.names.origins[originOf(status)] ?? null),
    };
  }

  /** When it missed what it lacks, or lost it; else when that was asked for. */
  #since({ copy, expected, promised, divergent }: FoundCopy): number | null {
    const lacked = divergent ? expected : promised;
    const own = this.#parts.trace.records.filter((record) => record.copy === copy);
    const missed = own.find(({ kind, version }) => kind === RECORD.missed && version === lacked);
    const setBack = own.findLast(({ kind }) => kind === RECORD.reverted || kind === RECORD.purged);
    const issued = this.#parts.trace.records.find(({ kind, version }) => kind === RECORD.issued && version === lacked);
    return (missed ?? setBack ?? issued)?.at ?? null;
  }

  #others(): number {
    const { records } = this.#parts.trace;
    const issued = records.filter(({ kind, version }) => kind === RECORD.issued && !this.#told.has(version));
    return new Set(issued.map(({ version }) => version)).size;
  }

  /** Repairs that began since the first copy is amiss: why they did not heal it. */
  #missedChances(): StoryEvent[] {
    const { log } = this.#parts;
    const since = [...this.#amiss.values()].flatMap((found) => this.#since(found) ?? []);
    if (since.length === 0) return [];
    const started = log.repairs.filter(({ kind, at }) => kind === 'started' && at >= Math.min(...since));
    const first = new Map(started.toReversed().map((moment) => [moment.origin, moment]));
    return [...first.values()]
      .sort((left, right) => left.at - right.at)
      .flatMap(({ origin, at }) => {
        const entry = this.#plan.entries[origin - 1];
        if (entry?.kind !== 'repair') return [];
        return [{ at_micros: at, text: `${entry.id} ${this.#whyNot(entry, origin)}`, rules: [] }];
      });
  }

  #whyNot(entry: RepairEntry, origin: number): string {
    const { layout, log } = this.#parts;
    const whys = [...this.#amiss.values()].map(({ node }) =>
      missesBecause(this.#plan, entry, { layout, ordinal: this.#ordinal, node: this.#plan.nodes[node].id }),
    );
    const why = whys.find((one) => one !== null);
    if (why !== undefined && why !== null) return `ran, but ${why}`;
    const ended = log.repairs.findLast((moment) => moment.origin === origin && moment.kind !== 'started');
    if (ended === undefined) return 'is still running';
    if (ended.kind === 'failed') return 'failed';
    return isIncremental(entry.options)
      ? 'ran, but looks only at what is not marked as repaired'
      : 'ran over it and left it so';
  }
}

/** The slot that was touched last; the row's first where nothing was. */
function newestSlot({ records }: RowTrace, row: number): number {
  return records.findLast(({ kind }) => kind === RECORD.applied)?.slot ?? row;
}
