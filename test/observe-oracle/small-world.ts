/**
 * Small worlds for the oracle's tests: a layout of a few rows, versions with hand-picked attributes, and trace records
 * built by name. Nothing here knows how the oracle works.
 */
import type { TableLayout } from '../../src/data/layout.ts';
import { RECORD, RECORD_STRIDE } from '../../src/data/records.ts';
import { OPERATION, Versions } from '../../src/data/versions.ts';

export interface WorldOptions {
  rows: number;
  copies: number;
  groups: number;
  /** One more slot a row, for its deletion. */
  deletesRows: boolean;
  rowsPerPartition: number;
  nodes: number;
  gcGraceMicros: number;
  loaded: boolean;
  /** Timestamps of their own, apart from times of issue. */
  skewed: boolean;
  order: 'timestamp' | 'arrival';
  capacity: number;
  /** Tables, all alike. */
  tables: number;
}

export const PLAIN_WORLD: WorldOptions = {
  rows: 2,
  copies: 3,
  groups: 1,
  deletesRows: false,
  rowsPerPartition: 1,
  nodes: 4,
  gcGraceMicros: 1000,
  loaded: false,
  skewed: false,
  order: 'timestamp',
  capacity: 64,
  tables: 1,
};

export interface World {
  options: WorldOptions;
  versions: Versions;
  tables: TableLayout[];
}

export interface NewVersion {
  at: number;
  timestamp?: number;
  operation?: number;
  groups?: number;
  ttlSeconds?: number;
  /** Row by number, over all tables. */
  row: number;
  rowCount?: number;
}

export function smallWorld(changes: Partial<WorldOptions> = {}): World {
  const options = { ...PLAIN_WORLD, ...changes };
  const tables = Array.from({ length: options.tables }, (_, index) => smallLayout(options, index));
  return { options, versions: new Versions(options.capacity, { skewed: options.skewed }), tables };
}

export function smallLayout(options: WorldOptions, index: number): TableLayout {
  const { rows, rowsPerPartition, groups, copies, nodes } = options;
  const slotsPerRow = groups + (options.deletesRows ? 1 : 0);
  const partitions = rows / rowsPerPartition;
  const replicas = new Uint16Array(partitions * copies);
  for (let range = 0; range < partitions; range += 1) {
    for (let copy = 0; copy < copies; copy += 1) replicas[range * copies + copy] = (range + copy * 2 + index) % nodes;
  }
  const numbers = Uint32Array.from({ length: partitions }, (_, ordinal) => ordinal);
  return {
    index,
    id: `k.t${index}`,
    partitions,
    rowsPerPartition,
    groups,
    slotsPerRow,
    slotsPerPartition: slotsPerRow * rowsPerPartition,
    slotBase: index * rows * slotsPerRow,
    slotCount: rows * slotsPerRow,
    copies,
    factor: copies,
    rowBytes: 100,
    gcGraceMicros: options.gcGraceMicros,
    initialVersion: options.loaded ? 1 : 0,
    tokenHigh: Int32Array.from(numbers),
    tokenLow: numbers,
    ordinalOfKey: Int32Array.from(numbers),
    keyOfOrdinal: Int32Array.from(numbers),
    rangeOfOrdinal: numbers,
    ranges: [],
    replicas,
  };
}

/** First slot of a row by its number over all tables. */
export function slotOfRow(world: World, row: number): number {
  return row * world.tables[0].slotsPerRow;
}

export function tableOfSlot(world: World, slot: number): TableLayout {
  return world.tables[Math.floor(slot / world.tables[0].slotCount)];
}

/** Node that holds a copy of the slot. */
export function nodeOf(table: TableLayout, slot: number, copy: number): number {
  const ordinal = Math.floor((slot - table.slotBase) / table.slotsPerPartition);
  return table.replicas[table.rangeOfOrdinal[ordinal] * table.copies + copy];
}

/** Gives the next id to a version with these attributes. */
export function addVersion(world: World, version: NewVersion): number {
  const { versions } = world;
  const { arrays } = versions;
  const id = versions.count;
  versions.count += 1;
  const slot = slotOfRow(world, version.row);
  const table = tableOfSlot(world, slot);
  const operation = version.operation ?? OPERATION.write;
  const isWide = operation >= OPERATION.deleteRow && operation <= OPERATION.deletePartition;
  arrays.issuedAt[id] = version.at;
  arrays.timestamp[id] = version.timestamp ?? version.at;
  arrays.operation[id] = operation;
  arrays.groups[id] = isWide ? (1 << table.groups) - 1 : (version.groups ?? 1);
  arrays.firstSlot[id] = slot;
  arrays.rowCount[id] = version.rowCount ?? 1;
  arrays.replicaBase[id] = Math.floor((slot - table.slotBase) / table.slotsPerPartition) * table.copies;
  arrays.table[id] = table.index;
  arrays.ttlSeconds[id] = version.ttlSeconds ?? 0;
  return id;
}

/** A record by name, as it is read rather than as it is packed. */
export interface PlainRecord {
  micros: number;
  kind: keyof typeof RECORD;
  node: number;
  copy: number;
  a: number;
  b: number;
  c: number;
}

const TIME_HIGH = 1 << 20;

export function packed(records: readonly PlainRecord[]): Int32Array {
  const words = new Int32Array(records.length * RECORD_STRIDE);
  records.forEach((record, index) => {
    const at = index * RECORD_STRIDE;
    words[at] = Math.floor(record.micros / TIME_HIGH);
    words[at + 1] = (record.micros % TIME_HIGH) | (RECORD[record.kind] << 20);
    words[at + 2] = record.node | (record.copy << 16);
    words[at + 3] = record.a;
    words[at + 4] = record.b;
    words[at + 5] = record.c;
  });
  return words;
}
