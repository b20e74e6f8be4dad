/**
 * Log lines of anticompaction (cassandra.j7): its beginning, SSTables that are only marked, its end, and the move of what a
 * finalized session has set apart to the repaired ones. Wording by version: `db/compaction/CompactionManager`,
 * `db/compaction/PendingRepairManager`.
 */
import { ordinalOfSlot, rangesHeldBy, tokenOfOrdinal } from '../data/build-layout.ts';
import { RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import { compareTokens, MIN_TOKEN, rangeContains, rangeText } from '../data/tokens.ts';
import type { TokenRange } from '../data/tokens.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { World } from '../run/world.ts';
import { javaList, UNKNOWN } from './java-text.ts';
import type { JournalOptions, LogLine, RareRecord } from './journal-types.ts';
import type { RepairJournal } from './journal-repair.ts';

/** An anticompaction of one table that was told to have begun. */
interface Begun {
  node: number;
  session: number;
  from: number;
  to: number;
}

/** A run that a session has only marked. */
interface Marked {
  node: number;
  session: number;
  run: Run;
}

export class AntiCompactionJournal {
  readonly #o: JournalOptions;
  readonly #log: (line: LogLine) => void;
  readonly #repairs: RepairJournal;
  /** By number of the work. */
  readonly #begun = new Map<number, Begun>();
  /** Runs that have been told to be moved. */
  readonly #moved = new Set<number>();
  /** The number that the next run would have got when the last record was taken. */
  #nextRun = 0;

  constructor(options: JournalOptions, log: (line: LogLine) => void, repairs: RepairJournal) {
    this.#o = options;
    this.#log = log;
    this.#repairs = repairs;
  }

  take(world: World, record: RareRecord): void {
    const { kind, a } = record;
    this.#ended(world, record);
    const isMark = kind === RECORD.runsMarked;
    // The device tells of a rewriting that has begun; a mark stands before that.
    if (isMark || kind === RECORD.deviceRate) this.#began(world, record);
    if (isMark && a === -1) this.#tellMoved(world, record);
    if (kind === RECORD.antiCompacted) this.#split(world, record);
    this.#nextRun = world.runs.nextId;
  }

  #began(world: World, { micros, node, kind, a, b, c }: RareRecord): void {
    for (const work of world.compaction.antiCompactions.underWay(node)) {
      if (this.#begun.has(work.id)) continue;
      const isMarked = kind === RECORD.runsMarked && (a === work.session || a === -1) && b === work.table;
      // While the marks are being set nothing else of the work has begun.
      if (!isMarked && work.job === 0) continue;
      const rewritten = work.groups.flat().length;
      this.#begun.set(work.id, { node, session: work.session, from: rewritten, to: 0 });
      const { runs } = world.storage.of(node, work.table);
      const taking = rewritten + (isMarked ? c : 0);
      this.#say(micros, node, this.#startedText(work, taking, runs));
      if (!isMarked) continue;
      const stamp = this.#repairs.trails.get(work.session)?.command.stamp ?? 0;
      const isOwn = ({ pendingRepair, repairedAt }: Run): boolean =>
        pendingRepair === work.session || (stamp > 0 && repairedAt === stamp);
      for (const run of runs.filter(isOwn).slice(-c))
        this.#say(micros, node, this.#containedText(world, { node, session: work.session, run }));
    }
  }

  #startedText(work: { session: number; table: number }, taking: number, runs: readonly Run[]): string {
    const { plan, line, names } = this.#o;
    const files = javaList(runs.map((run) => `BigTableReader(path='${names.dataFile(run)}')`));
    // Before 4.0 the live SSTables themselves were written where their number was meant; in 2.x the number.
    const live = isAtLeast(line, '3.0') && !isAtLeast(line, '4.0') ? files : String(runs.length);
    const of = `Starting anticompaction for ${plan.tables[work.table].id} on ${taking}/${live} sstables`;
    return isAtLeast(line, '3.11') ? `${this.#prefix(work.session)} ${of}` : of;
  }

  #containedText(world: World, marked: Marked): string {
    const { line, names } = this.#o;
    const { node, session, run } = marked;
    const range = rangeOf(world, marked, this.#repairs.rangesOf(session, node));
    const of = `SSTable BigTableReader(path='${names.dataFile(run)}') fully contained in range ${range}, mutating repairedAt instead of anticompacting`;
    return isAtLeast(line, '3.11') ? `${this.#prefix(session)} ${of}` : of;
  }

  /** Each group becomes the SSTables whose numbers are new. */
  #split(world: World, { node, a: session, b: table }: RareRecord): void {
    const made = world.storage.of(node, table).runs.filter(({ id }) => id >= this.#nextRun).length;
    for (const [id, begun] of this.#begun) {
      if (begun.node !== node || begun.session !== session) continue;
      const isOfTable = world.compaction.antiCompactions
        .underWay(node)
        .some((work) => work.id === id && work.table === table);
      if (isOfTable) begun.to += made;
    }
  }

  #ended(world: World, { micros }: RareRecord): void {
    for (const [id, { node, session, from, to }] of this.#begun) {
      if (world.compaction.antiCompactions.underWay(node).some((work) => work.id === id)) continue;
      this.#begun.delete(id);
      if (from === 0 || to === 0) continue;
      const of = `Anticompaction completed successfully, anticompacted from ${from} to ${to} sstable(s)`;
      const isNamed = isAtLeast(this.#o.line, '4.0');
      this.#say(micros, node, isNamed ? `${of} for ${this.#repairs.uuidOf(session)}.` : `${of}.`);
    }
  }

  #tellMoved(world: World, { micros, node, b: table, c: count }: RareRecord): void {
    if (!isAtLeast(this.#o.line, '4.0')) return;
    const { runs } = world.storage.of(node, table);
    for (const local of world.repairs.state.locals.values()) {
      if (local.node !== node || local.state !== 'finalized' || !local.tables.includes(table)) continue;
      const moved = runs.filter(({ id, repairedAt }) => repairedAt === local.repairedAt && !this.#moved.has(id));
      if (moved.length !== count) continue;
      for (const { id } of moved) this.#moved.add(id);
      const files = javaList(moved.map((run) => `BigTableReader(path='${this.#o.names.dataFile(run)}')`));
      const stamp = `repaired at = ${this.#o.clock.millis(local.repairedAt)} and session id = ${this.#repairs.uuidOf(local.session)}`;
      this.#say(micros, node, `Moving ${files} from pending to repaired with ${stamp}`, 'PendingRepairManager.java');
      return;
    }
  }

  #prefix(session: number): string {
    return `[repair #${this.#repairs.uuidOf(session)}]`;
  }

  #say(micros: number, node: number, text: string, file = 'CompactionManager.java'): void {
    this.#log({ micros, node, level: 'INFO', file, text });
  }
}

/** The range in which the run lies as a whole, which is that of its first partition; neighbouring ranges are one. */
function rangeOf(world: World, { node, session, run }: Marked, ranges: readonly TokenRange[]): string {
  const layout = world.tables[run.table];
  const first = run.base ? rangesHeldBy(layout, node) : null;
  const ordinal =
    first === null
      ? ordinalOfSlot(layout, run.slots[0])
      : layout.rangeOfOrdinal.findIndex((range) => first[range] === 1);
  if (ordinal < 0 || session === 0) return UNKNOWN;
  const token = tokenOfOrdinal(layout, ordinal);
  const range = joined(ranges).find((one) => rangeContains(one, token));
  return range === undefined ? UNKNOWN : rangeText(range);
}

/** `dht/Range#normalize`: without wrap-around, in order, neighbours joined; the smallest token at the right means the end. */
function joined(ranges: readonly TokenRange[]): TokenRange[] {
  const parts = ranges.flatMap(({ left, right }) =>
    left < right || right === MIN_TOKEN
      ? [{ left, right }]
      : [
          { left, right: MIN_TOKEN },
          { left: MIN_TOKEN, right },
        ],
  );
  parts.sort((one, other) => compareTokens(one.left, other.left));
  const result: TokenRange[] = [];
  for (const part of parts) {
    const last = result[result.length - 1];
    if (last === undefined || (last.right !== MIN_TOKEN && part.left > last.right)) result.push(part);
    else if (last.right !== MIN_TOKEN && (part.right === MIN_TOKEN || part.right > last.right))
      result[result.length - 1] = { left: last.left, right: part.right };
  }
  return result;
}
