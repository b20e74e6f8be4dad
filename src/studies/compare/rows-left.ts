/**
 * Which rows a strategy left amiss at the end of its run, kept so that strategies can be laid side by side row by row: of every
 * row one bit, and of an even sample of rows their copies. The sample is of the rows whose numbers have the smallest hashes,
 * the same numbers for every strategy, so that a row that is in one sample is in another, or right there.
 */
import { mix32 } from '../../base/mix.ts';
import { CAUSES, STATES, WRONG, WRONGS } from '../../data/causes.ts';
import { causeOf, originOf, stateOf } from '../../data/fate.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { FoundCopy } from '../../observe/census.ts';
import { namesOf } from '../../observe/counters-reader.ts';
import type { Simulation } from '../../run/simulation.ts';
import { rowName } from '../page-watch.ts';
import { ownName } from './union-plan.ts';

/** A copy that differs, or is not what clients were promised. */
export interface LeftCopy {
  node: string;
  cause: string;
  /** `none`: it agrees with the others, and all are wrong. */
  state: string;
  /** Plan entry behind it; empty: none is known. */
  origin: string;
  wrong: string;
}

export interface LeftRow {
  table: string;
  key: string;
  row: number;
  /** First slot; the same row has the same in strategies of the same tables. */
  slot: number;
  copies: LeftCopy[];
}

export interface RowsLeft {
  /** Hash of the tables: rows can be compared where it is the same. */
  tables: number;
  /** By first slot: is a copy of that row amiss? */
  bits: Uint32Array;
  rows: number;
  /** Sampled, the smallest hash first. */
  sample: LeftRow[];
  /** All rows with smaller hashes are in the sample; Infinity: all rows are. */
  complete: number;
}

const SAMPLE_MAX = 4000;

export function rowHash(slot: number): number {
  return mix32(slot ^ 0x5bd1e995) >>> 0;
}

/** Of a simulation that has been finished. */
export function rowsLeft({ world, oracle, plan }: Simulation, sampleMax = SAMPLE_MAX): RowsLeft {
  const slots = world.tables.reduce((most, { slotBase, slotCount }) => Math.max(most, slotBase + slotCount), 0);
  const bits = new Uint32Array((slots + 31) >>> 5);
  const sample = new Sample(sampleMax);
  const { nodes, origins } = namesOf(plan);
  let rows = 0;
  oracle.census().forEach((found) => {
    const { row } = found;
    if ((bits[row >>> 5] & (1 << (row & 31))) === 0) {
      bits[row >>> 5] |= 1 << (row & 31);
      rows += 1;
    }
    const hash = rowHash(row);
    if (hash < sample.complete) sample.add(found, hash, leftCopy(found, nodes, origins));
  });
  const kept = sample.rows().map(({ table, slot, copies }) => {
    return { ...rowName(plan, world.tables, { table, row: slot }), slot, copies };
  });
  return { tables: tablesHash(world.tables), bits, rows, sample: kept, complete: sample.complete };
}

function leftCopy(found: FoundCopy, nodes: readonly string[], origins: readonly string[]): LeftCopy {
  return {
    node: nodes[found.node],
    cause: CAUSES[causeOf(found.status)] ?? 'none',
    state: found.divergent ? (STATES[stateOf(found.status)] ?? 'none') : 'none',
    origin: ownName(origins[originOf(found.status)] ?? ''),
    wrong: WRONGS[found.wrong] ?? WRONGS[WRONG.right],
  };
}

interface SampledRow {
  table: number;
  slot: number;
  hash: number;
  copies: LeftCopy[];
}

class Sample {
  complete = Infinity;
  readonly #most: number;
  readonly #bySlot = new Map<number, SampledRow>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Copies of one row come one after the other. */
  add({ table, row }: FoundCopy, hash: number, copy: LeftCopy): void {
    const known = this.#bySlot.get(row);
    if (known !== undefined) {
      known.copies.push(copy);
      return;
    }
    // Twice as many as are wanted, then the half with the smaller hashes: less sorting than one by one.
    if (this.#bySlot.size >= 2 * this.#most) this.#cut();
    if (hash < this.complete) this.#bySlot.set(row, { table, slot: row, hash, copies: [copy] });
  }

  rows(): SampledRow[] {
    if (this.#bySlot.size > this.#most) this.#cut();
    return this.#sorted();
  }

  #cut(): void {
    const rows = this.#sorted();
    this.complete = rows[this.#most].hash;
    for (const { slot } of rows.filter(({ hash }) => hash >= this.complete)) this.#bySlot.delete(slot);
  }

  #sorted(): SampledRow[] {
    return [...this.#bySlot.values()].sort((left, right) => left.hash - right.hash || left.slot - right.slot);
  }
}

function tablesHash(tables: readonly TableLayout[]): number {
  let hash = 0;
  const add = (value: number): void => void (hash = mix32(Math.imul(hash, 0x01000193) ^ value));
  for (const { id, slotBase, slotCount, slotsPerRow, slotsPerPartition, keyOfOrdinal } of tables) {
    for (let at = 0; at < id.length; at += 1) add(id.charCodeAt(at));
    for (const value of [slotBase, slotCount, slotsPerRow, slotsPerPartition]) add(value);
    for (let ordinal = 0; ordinal < keyOfOrdinal.length; ordinal += 1) add(keyOfOrdinal[ordinal]);
  }
  return hash >>> 0;
}
