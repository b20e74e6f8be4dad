/**
 * From what a person names (a key, a token, a story, any zombie) to a row of the run; or why there is none. Keys are texts
 * of the plan, or numbers; tokens mean the partition that has it, or the next one on the ring.
 */
import type { TableLayout } from '../../data/layout.ts';
import { int64 } from '../../data/int64-halves.ts';
import { ordinalAfter } from '../../data/build-layout.ts';
import { WRONG } from '../../data/causes.ts';
import type { Census } from '../../observe/census.ts';
import type { Plan } from '../../scenario/plan.ts';
import { keyTextsOf } from '../../scenario/points/series-names.ts';
import { groupsOf } from './groups.ts';

export type RowWanted =
  | { by: 'key'; table: string | null; key: string; row: number | null }
  | { by: 'series'; series: string }
  | { by: 'token'; table: string | null; token: bigint; row: number | null }
  | { by: 'group'; number: number }
  | { by: 'zombie' }
  | { by: 'lost' };

/** What to say, and what would be right. */
export interface NotThere {
  problem: string;
  expected: string;
}

/** First slot of the row. */
export type FoundRow = { slot: number } | NotThere;

export interface Searched {
  plan: Plan;
  layouts: readonly TableLayout[];
  census: Census;
}

export function findRow(wanted: RowWanted, searched: Searched): FoundRow {
  switch (wanted.by) {
    case 'key':
    case 'token':
      return rowOfPartition(wanted, searched);
    case 'series':
      return rowOfSeries(wanted.series, searched);
    case 'group': {
      const groups = groupsOf(searched.census);
      if (wanted.number <= groups.length) return { slot: groups[wanted.number - 1].memberRows[0] };
      return noStory(wanted.number, groups.length);
    }
    case 'zombie':
      return firstWrong(WRONG.zombie, 'no copy is a zombie at that moment', searched);
    case 'lost':
      return firstWrong(WRONG.lost, 'no copy has lost what was promised at that moment', searched);
  }
}

export function noStory(number: number, count: number): NotThere {
  const expected = count === 0 ? 'a run in which something differs' : `a number from 1 to ${count}`;
  return { problem: `there is no story ${number}`, expected };
}

function firstWrong(wrong: number, problem: string, { census }: Searched): FoundRow {
  let slot = -1;
  census.forEach((found) => {
    if (slot < 0 && found.wrong === wrong) slot = found.row;
  });
  return slot >= 0 ? { slot } : { problem, expected: 'another moment (--at), or a run in which there is one' };
}

type OfPartition = Extract<RowWanted, { by: 'key' | 'token' }>;

function rowOfPartition(wanted: OfPartition, searched: Searched): FoundRow {
  const layout = layoutOf(wanted.table, searched);
  if ('problem' in layout) return layout;
  const ordinal =
    wanted.by === 'key' ? ordinalOfKey(wanted.key, layout, searched.plan) : ordinalOfToken(wanted.token, layout);
  if (typeof ordinal !== 'number') return ordinal;
  const first = layout.slotBase + ordinal * layout.slotsPerPartition;
  const row = wanted.row ?? firstAmiss(first, layout, searched.census);
  if (row < layout.rowsPerPartition) return { slot: first + row * layout.slotsPerRow };
  return { problem: `there is no row ${row}`, expected: `--row from 0 to ${layout.rowsPerPartition - 1}` };
}

/** A point of a series, whichever shards hold it: the first of which a copy is amiss, or the first of all. */
function rowOfSeries(series: string, { plan, layouts, census }: Searched): FoundRow {
  let first = -1;
  for (const layout of layouts) {
    const key = keyTextsOf(plan, plan.tables[layout.index]).indexOf(series);
    if (key < 0) continue;
    const slot = layout.slotBase + layout.ordinalOfKey[key] * layout.slotsPerPartition;
    const row = amissRow(slot, layout, census);
    if (row >= 0) return { slot: slot + row * layout.slotsPerRow };
    if (first < 0) first = slot;
  }
  return first >= 0 ? { slot: first } : noSeries(series, { plan, layouts });
}

function noSeries(series: string, { plan, layouts }: Pick<Searched, 'plan' | 'layouts'>): NotThere {
  const shards = layouts.filter(({ index }) => plan.tables[index].shard !== undefined);
  const names = shards.flatMap(({ index }) => keyTextsOf(plan, plan.tables[index]).slice(0, 1));
  const expected = names.length === 0 ? '--key TABLE:KEY, for this database has no series' : `such as ${names[0]}`;
  return { problem: `there is no series ${series}`, expected };
}

/** Of several rows of a partition the first of which a copy is amiss, or the first. */
function firstAmiss(first: number, layout: TableLayout, census: Census): number {
  return Math.max(0, amissRow(first, layout, census));
}

function amissRow(first: number, layout: TableLayout, census: Census): number {
  for (let row = 0; row < layout.rowsPerPartition; row++) {
    for (let copy = 0; copy < layout.copies; copy++)
      if (census.isAmiss(first + row * layout.slotsPerRow, copy)) return row;
  }
  return -1;
}

function layoutOf(table: string | null, { layouts }: Searched): TableLayout | NotThere {
  const names = layouts.map(({ id }) => id).join(', ');
  if (table === null && layouts.length === 1) return layouts[0];
  const found = layouts.find(({ id }) => id === table);
  if (found !== undefined) return found;
  const problem = table === null ? 'several tables have rows' : `there is no table ${table}`;
  return { problem, expected: `one of ${names} before the key: ${layouts[0].id}:KEY` };
}

function ordinalOfKey(key: string, layout: TableLayout, plan: Plan): number | NotThere {
  const texts = keyTextsOf(plan, plan.tables[layout.index]);
  const named = texts.indexOf(key);
  const number = named >= 0 ? named : /^\d{1,10}$/.test(key) ? Number(key) : NaN;
  if (number < layout.partitions) return layout.ordinalOfKey[number];
  const some = texts.length === 0 ? [] : [`one of its ${texts.length} named keys, such as ${texts[0]}`];
  const isNumbered = texts.length < layout.partitions;
  const numbers = isNumbered ? [`a number from ${texts.length} to ${layout.partitions - 1}`] : [];
  return { problem: `${layout.id} has no key ${key}`, expected: [...numbers, ...some].join(', or ') };
}

function ordinalOfToken(token: bigint, layout: TableLayout): number {
  const after = ordinalAfter(layout, token);
  const before = after - 1;
  if (before >= 0 && int64(layout.tokenHigh[before], layout.tokenLow[before]) === token) return before;
  return after % layout.partitions;
}
