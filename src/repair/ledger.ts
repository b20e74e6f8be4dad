/**
 * The cost ledger of repairs, one per plan entry (all commands of its rounds together): the same for every strategy. The
 * machinery charges it; nothing here decides anything. Sums are exact integers. Also keeps what the sums need while a
 * repair runs: which partitions were sent already.
 */
import type { TableLayout } from '../data/layout.ts';
import type { RepairLedger, RepairPhase } from '../observe/result.ts';
import { chargeOpenRun, newRun } from './run-ledger.ts';
import type { SegmentCount } from './run-ledger.ts';

/** What a run is of, for the ledger that it may be the first to open. */
export interface RunStart {
  id: string;
  strategy: string;
  command: string;
  atMicros: number;
  segments: number;
}

export interface LedgerState {
  ledgers: (RepairLedger | undefined)[];
  sent: (Uint32Array | undefined)[][];
}

export class LedgerBook {
  readonly #layouts: readonly TableLayout[];
  #ledgers: (RepairLedger | undefined)[] = [];
  /** By entry and table: a bit per partition that was sent. */
  #sent: (Uint32Array | undefined)[][] = [];

  constructor(layouts: readonly TableLayout[]) {
    this.#layouts = layouts;
  }

  /** The ledger of an entry that has begun. */
  of(entry: number): RepairLedger {
    const ledger = this.#ledgers[entry];
    if (ledger === undefined) throw new RangeError(`repair entry ${entry} has not begun`);
    return ledger;
  }

  /** A copy of it; null for an entry that has not begun. */
  copyOf(entry: number): RepairLedger | null {
    const ledger = this.#ledgers[entry];
    if (ledger === undefined) return null;
    const copy = copyLedger(ledger);
    chargeOpenRun(copy);
    return copy;
  }

  /** A command of the entry begins. */
  begin(entry: number, options: { id: string; strategy: string; command: string; atMicros: number }): RepairLedger {
    const { id, strategy, command, atMicros } = options;
    const ledger = (this.#ledgers[entry] ??= { ...emptyLedger({ id, strategy, command }), started_micros: atMicros });
    ledger.outcome = 'running';
    ledger.finished_micros = null;
    return ledger;
  }

  /** The last running command of the entry has ended. A run in segments has not, before the last of them. */
  end(entry: number, atMicros: number): void {
    const ledger = this.of(entry);
    const run = ledger.runs?.at(-1);
    if (run?.finished_micros === null && run.segments > 0) return;
    ledger.outcome = ledger.failures.length === 0 ? 'finished' : 'failed';
    ledger.finished_micros = atMicros;
  }

  /** A run of the entry begins; what is charged from now on is its. */
  beginRun(entry: number, run: RunStart): void {
    const { id, strategy, command, atMicros, segments } = run;
    const ledger = this.begin(entry, { id, strategy, command, atMicros });
    chargeOpenRun(ledger);
    (ledger.runs ??= []).push(newRun(atMicros, segments));
  }

  noteSegment(entry: number, what: SegmentCount): void {
    const run = this.of(entry).runs?.at(-1);
    if (run !== undefined) run[what] += 1;
  }

  endRun(entry: number, { atMicros, hasFailed }: { atMicros: number; hasFailed: boolean }): void {
    const ledger = this.of(entry);
    const run = ledger.runs?.at(-1);
    if (run === undefined) return;
    chargeOpenRun(ledger);
    run.finished_micros = atMicros;
    run.outcome = hasFailed ? 'failed' : 'finished';
    ledger.finished_micros = atMicros;
    // A segment that was tried again in the end has not failed, whatever its first attempt said.
    ledger.outcome = (ledger.runs ?? []).some(({ outcome }) => outcome === 'failed') ? 'failed' : 'finished';
  }

  phase(entry: number, phase: RepairPhase): void {
    this.of(entry).phases.push(phase);
  }

  /** Counts the partitions of sent entries (ascending slots), and those among them that had not been sent before. */
  noteSentSlots(entry: number, table: number, slots: Int32Array): void {
    const { partitions, slotBase, slotsPerPartition } = this.#layouts[table];
    const byTable = (this.#sent[entry] ??= []);
    const bits = (byTable[table] ??= new Uint32Array((partitions + 31) >>> 5));
    const ledger = this.of(entry);
    let last = -1;
    for (let index = 0; index < slots.length; index += 1) {
      const ordinal = Math.floor((slots[index] - slotBase) / slotsPerPartition);
      if (ordinal === last) continue;
      last = ordinal;
      const bit = 1 << (ordinal & 31);
      ledger.sent_partitions += 1;
      if ((bits[ordinal >>> 5] & bit) === 0) ledger.distinct_partitions += 1;
      bits[ordinal >>> 5] |= bit;
    }
  }

  save(): LedgerState {
    return {
      ledgers: this.#ledgers.map((ledger) => ledger && copyLedger(ledger)),
      sent: this.#sent.map((byTable) => byTable.map((bits) => bits?.slice())),
    };
  }

  load(state: LedgerState): void {
    this.#ledgers = state.ledgers.map((ledger) => ledger && copyLedger(ledger));
    this.#sent = state.sent.map((byTable) => byTable.map((bits) => bits?.slice()));
  }
}

/** A ledger with nothing charged: also the answer for an entry that never began. */
export function emptyLedger(options: { id: string; strategy: string; command: string }): RepairLedger {
  return {
    ...options,
    outcome: 'not_started',
    started_micros: 0,
    finished_micros: null,
    failures: [],
    sessions: 0,
    ranges: 0,
    trees: 0,
    comparisons: 0,
    nodes_visited: 0,
    differing_ranges: 0,
    differing_ranges_by_pair: {},
    read_bytes: 0,
    hashed_rows: 0,
    hashed_partitions: 0,
    hashed_rows_by_node: {},
    tree_bytes: 0,
    peak_tree_bytes: 0,
    tree_depth_max: 0,
    sent_bytes: 0,
    sent_rows: 0,
    sent_partitions: 0,
    distinct_partitions: 0,
    sent_for_nothing_bytes: 0,
    sent_for_nothing_rows: 0,
    floor_bytes: 0,
    healed_copies: 0,
    cross_dc_bytes: 0,
    sstables_written: 0,
    sstables_marked: 0,
    sstables_anticompacted: 0,
    anticompacted_bytes: 0,
    estimated_ranges: 0,
    estimated_sstables: 0,
    estimated_bytes: 0,
    snapshot_bytes: 0,
    snapshots_taken: 0,
    snapshots_removed: 0,
    phases: [],
    rounds: 0,
  };
}

/** Adds what another service has done for the same entry. */
export function addCosts(ledger: RepairLedger, other: RepairLedger | null): void {
  if (other === null) return;
  for (const cost of COSTS_OF_STEPS) ledger[cost] += other[cost];
  noteReverted(ledger, other.reverted_copies ?? 0);
  ledger.failures.push(...other.failures);
  if (other.failures.length > 0) ledger.outcome = 'failed';
}

const COSTS_OF_STEPS = [
  ...(['comparisons', 'nodes_visited', 'differing_ranges', 'read_bytes', 'tree_bytes', 'sent_bytes'] as const),
  ...(['sent_rows', 'sent_partitions', 'distinct_partitions', 'sent_for_nothing_bytes'] as const),
  ...(['sent_for_nothing_rows', 'floor_bytes', 'healed_copies', 'sstables_written'] as const),
] as const;

/** Copies that came out worse; a ledger without any says nothing of them. */
export function noteReverted(ledger: RepairLedger, copies: number): void {
  if (copies > 0) ledger.reverted_copies = (ledger.reverted_copies ?? 0) + copies;
}

function copyLedger(ledger: RepairLedger): RepairLedger {
  return {
    ...ledger,
    failures: [...ledger.failures],
    differing_ranges_by_pair: { ...ledger.differing_ranges_by_pair },
    hashed_rows_by_node: { ...ledger.hashed_rows_by_node },
    phases: ledger.phases.map((phase) => ({ ...phase })),
    ...(ledger.runs && { runs: ledger.runs.map((run) => ({ ...run })) }),
    ...(ledger.algorithm && { algorithm: { ...ledger.algorithm } }),
  };
}
