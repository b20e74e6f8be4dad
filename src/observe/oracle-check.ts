/**
 * The oracle's self-check, run at the end of every run and in tests: recounts everything from what the cells say and
 * throws a Bug where a live counter differs; works out anew which version can still spread; and balances the ledger.
 */
import { assert, Bug } from '../base/assert.ts';
import { CAUSES, STATES, WRONGS } from '../data/causes.ts';
import { ANY, ANY_COPY } from './counters.ts';
import { INTEGRAL } from './integrals.ts';
import type { Ledger } from './ledger.ts';
import { OracleCounters, SCALAR } from './oracle-counters.ts';
import { HELD, type OracleTable } from './oracle-table.ts';
import type { Resurrection } from './resurrection.ts';
import type { RowJudge } from './row-judge.ts';
import type { SlotChanges } from './slot-changes.ts';

export interface CheckedParts {
  tables: readonly OracleTable[];
  nodeCount: number;
  originCount: number;
  counters: OracleCounters;
  ledger: Ledger;
  judge: RowJudge;
  changes: SlotChanges;
  resurrection: Resurrection;
}

export function checkOracle(parts: CheckedParts): void {
  for (const table of parts.tables) checkSlots(table, parts.changes);
  const recounted = new OracleCounters(parts.nodeCount, parts.tables.length);
  parts.judge.recount(recounted);
  parts.counters.assertSums();
  compareTotals(parts.counters, recounted);
  compareClasses(parts, recounted);
  checkLedger(parts);
  for (const table of parts.tables) checkDeadlines(table, parts);
}

/** The rows at risk, and only they, have the deadlines that the cells say. */
function checkDeadlines(table: OracleTable, { resurrection, judge }: CheckedParts): void {
  const known = resurrection.rows(table.index);
  const end = table.slotBase + table.layout.slotCount;
  let first = Infinity;
  for (let row = table.slotBase; row < end; row += table.slotsPerRow) {
    if (!table.isSpecialRow(row)) continue;
    const micros = resurrection.deadlineOf(table, row, judge.now);
    same(`deadline of row ${row}`, known.get(row) ?? Infinity, micros);
    first = Math.min(first, micros);
  }
  same(`first deadline of table ${table.index}`, resurrection.deadline(table.index), first);
}

/** Expected is the newest that can spread; a copy that holds it has no fate for it. */
function checkSlots(table: OracleTable, changes: SlotChanges): void {
  const { cells, stride, copies } = table;
  for (let slot = table.slotBase, cell = 0; cell < cells.length; slot += 1, cell += stride) {
    let simple = table.roles === null;
    for (let at = cell + HELD; at < cell + HELD + copies; at += 1) {
      if (cells[at] !== cells[cell]) simple = false;
      else if (cells[at + copies] !== 0)
        throw new Bug(`slot ${slot}: a copy holds what is expected and has a fate for it`);
    }
    if (simple) continue;
    const newest = changes.newestThatSpreads(table, slot);
    if (newest !== cells[cell])
      throw new Bug(`slot ${slot}: version ${cells[cell]} is expected, but ${newest} can spread`);
  }
}

function compareTotals(counters: OracleCounters, recounted: OracleCounters): void {
  for (const [name, integral] of Object.entries(INTEGRAL)) {
    same(name, counters.integrals.count(integral), recounted.integrals.count(integral));
  }
  for (const [name, index] of Object.entries(SCALAR)) {
    if (!name.startsWith('peak')) same(name, counters.all[index], recounted.all[index]);
  }
  recounted.wrongByNode.forEach((value, index) => {
    const name = `${WRONGS[index % WRONGS.length]} copies of node ${Math.floor(index / WRONGS.length)}`;
    same(name, counters.wrongByNode[index], value);
  });
}

/** By cause and state; and by origin, table and node. */
function compareClasses({ counters, tables, nodeCount, originCount }: CheckedParts, recounted: OracleCounters): void {
  const compare = (name: string, filter: Partial<typeof ANY_COPY>): void => {
    const full = { ...ANY_COPY, ...filter };
    same(`copies of ${name}`, counters.classes.copiesWhere(full), recounted.classes.copiesWhere(full));
    same(`entropy of ${name}`, counters.classes.unitsWhere(full), recounted.classes.unitsWhere(full));
  };
  for (let cause = 0; cause < CAUSES.length; cause += 1) {
    for (let state = 0; state < STATES.length; state += 1)
      compare(`${CAUSES[cause]}, ${STATES[state]}`, { cause, state });
  }
  for (let origin = 0; origin < originCount; origin += 1) compare(`origin ${origin}`, { origin });
  for (let table = 0; table < tables.length; table += 1) {
    for (let node = 0; node < nodeCount; node += 1) compare(`table ${table}, node ${node}`, { table, node });
  }
}

/** born = healed + left, for every cause. */
function checkLedger({ ledger, counters }: CheckedParts): void {
  for (let cause = 0; cause < CAUSES.length; cause += 1) {
    const left = counters.classes.copiesWhere({ ...ANY_COPY, cause });
    const healed = ledger.healedBy(cause, ANY, ANY);
    assert(
      ledger.born[cause] === healed + left,
      `${CAUSES[cause]}: ${ledger.born[cause]} born, but ${healed} healed and ${left} left`,
    );
  }
}

function same(name: string, live: number, recounted: number): void {
  if (live !== recounted) throw new Bug(`${name}: the live counter says ${live}, counting again gives ${recounted}`);
}
