/**
 * An observer that keeps a few rows and repair sessions of a run whole, so that a page can show them without running again:
 * the first rows of each cause and origin that meet a fate or are set back, and the first sessions of each repair. Bounded in rows, in
 * sessions and in records of each; what it leaves out, a run with a watch tells.
 */
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import { causeOf, originOf, stateOf } from '../../data/fate.ts';
import { STATE } from '../../data/causes.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import type { Plan } from '../../scenario/plan.ts';
import { microsOf } from '../instants.ts';
import type { RowRecord, SessionRecord } from './row-record.ts';

export const SAMPLED_ROWS = 10;
const ROWS_EACH_MAX = 2;
const ROW_RECORDS_MAX = 400;
const SESSIONS_MAX = 24;
const SESSIONS_EACH_MAX = 8;
const SESSION_RECORDS_MAX = 400;
/** Issues that are remembered, so that a row begins with the write that it misses. */
const ISSUES_KEPT = 1 << 16;
const FILTER = 0xffff;

const KIND_SHIFT = 20;
const NODE_MASK = 0xffff;
const COPY_SHIFT = 16;

export interface SampledRow {
  /** First slot of the row, and the one behind its last. */
  slot: number;
  end: number;
  table: number;
  /** What made it be kept. */
  cause: number;
  origin: number;
  /** From when on all is kept; before it only writes. */
  fromMicros: number;
  records: RowRecord[];
}

export interface SampledSession {
  session: number;
  origin: number;
  records: SessionRecord[];
}

interface TablePlace {
  base: number;
  end: number;
  slotsPerRow: number;
}

export class SampleRecorder implements TraceObserver {
  readonly rows: SampledRow[] = [];
  readonly sessions: SampledSession[] = [];
  readonly #tables: readonly TablePlace[];
  readonly #taken = new Map<number, number>();
  readonly #filter = new Uint8Array(FILTER + 1);
  readonly #issues = new Int32Array(ISSUES_KEPT * RECORD_STRIDE);
  #issued = 0;

  constructor(plan: Plan) {
    let base = 0;
    this.#tables = plan.tables.map((table) => {
      const slotsPerRow = table.column_groups + (table.deletes_rows ? 1 : 0);
      const place = { base, end: base + table.partitions * table.rows_per_partition * slotsPerRow, slotsPerRow };
      base = place.end;
      return place;
    });
  }

  fold(words: Int32Array, count: number): void {
    for (let at = 0, end = count * RECORD_STRIDE; at < end; at += RECORD_STRIDE) {
      const kind = words[at + 1] >>> KIND_SHIFT;
      if (kind <= RECORD.purged) this.#ofRow(words, at, kind);
      else if (kind >= RECORD.validationRequested && kind <= RECORD.treesVisited) this.#ofSession(words, at, kind);
    }
  }

  #ofRow(words: Int32Array, at: number, kind: number): void {
    const slot = words[at + 4];
    if (kind === RECORD.issued) this.#remember(words, at);
    else if (kind === RECORD.missed || kind === RECORD.reverted || kind === RECORD.purged)
      this.#mayBegin(words, at, kind);
    if (this.#filter[slot & FILTER] === 0) return;
    const row = this.rows.find((sampled) => slot >= sampled.slot && slot < sampled.end);
    if (row !== undefined && row.records.length < ROW_RECORDS_MAX) row.records.push(recordAt(words, at));
  }

  #remember(words: Int32Array, at: number): void {
    const place = (this.#issued % ISSUES_KEPT) * RECORD_STRIDE;
    for (let word = 0; word < RECORD_STRIDE; word += 1) this.#issues[place + word] = words[at + word];
    this.#issued += 1;
  }

  #mayBegin(words: Int32Array, at: number, kind: number): void {
    if (this.rows.length >= SAMPLED_ROWS) return;
    const fate = kind === RECORD.purged ? 0 : words[at + 5];
    if (kind === RECORD.missed && stateOf(fate) === STATE.inFlight) return;
    const [cause, origin] = [causeOf(fate), originOf(fate)];
    const key = origin * 64 + cause;
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= ROWS_EACH_MAX) return;
    const row = this.#rowOf(words[at + 4]);
    if (row === null) return;
    this.#taken.set(key, taken + 1);
    const fromMicros = microsOf(words, at);
    this.rows.push({ ...row, cause, origin, fromMicros, records: this.#issuesOf(row.slot, row.end) });
    for (let slot = row.slot; slot < row.end; slot += 1) this.#filter[slot & FILTER] = 1;
  }

  /** Null where it is kept already. */
  #rowOf(slot: number): Pick<SampledRow, 'slot' | 'end' | 'table'> | null {
    const table = this.#tables.findIndex(({ base, end }) => slot >= base && slot < end);
    if (table < 0) return null;
    const { base, slotsPerRow } = this.#tables[table];
    const first = base + Math.floor((slot - base) / slotsPerRow) * slotsPerRow;
    return this.rows.some((row) => row.slot === first) ? null : { slot: first, end: first + slotsPerRow, table };
  }

  #issuesOf(from: number, to: number): RowRecord[] {
    const records: RowRecord[] = [];
    for (let issue = Math.max(0, this.#issued - ISSUES_KEPT); issue < this.#issued; issue += 1) {
      const place = (issue % ISSUES_KEPT) * RECORD_STRIDE;
      if (this.#issues[place + 4] >= from && this.#issues[place + 4] < to) records.push(recordAt(this.#issues, place));
    }
    return records;
  }

  #ofSession(words: Int32Array, at: number, kind: number): void {
    const [session, origin] = [words[at + 3], words[at + 4]];
    let sampled = this.sessions.find((known) => known.session === session && known.origin === origin);
    if (sampled === undefined) {
      const each = this.sessions.filter((known) => known.origin === origin).length;
      if (this.sessions.length >= SESSIONS_MAX || each >= SESSIONS_EACH_MAX) return;
      sampled = { session, origin, records: [] };
      this.sessions.push(sampled);
    }
    const { records } = sampled;
    if (records.length >= SESSION_RECORDS_MAX) return;
    const [node, other] = [words[at + 2] & NODE_MASK, words[at + 2] >>> COPY_SHIFT];
    records.push({ at: microsOf(words, at), kind, node, other, session, origin, detail: words[at + 5] });
  }
}

function recordAt(words: Int32Array, at: number): RowRecord {
  return {
    at: microsOf(words, at),
    kind: words[at + 1] >>> KIND_SHIFT,
    node: words[at + 2] & NODE_MASK,
    copy: words[at + 2] >>> COPY_SHIFT,
    version: words[at + 3],
    slot: words[at + 4],
    detail: words[at + 5],
  };
}
