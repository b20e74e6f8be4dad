/**
 * What the parts of the read path share: who reads, how the database's version reads, what a table asks for, what a client
 * is told. Types only.
 */
import type { TableLayout } from '../../data/layout.ts';
import type { Reader } from './reader.ts';

/** What differs between versions of the database. */
export interface ReadBehaviour {
  /** A read repair waits for as many writes as its level lacks, or, before CASSANDRA-10726, for all that it sent. */
  repairAwaits: 'level' | 'all';
  /** After a digest mismatch the full data of as many as the level needs are enough, or all that were asked must answer. */
  dataAwaits: 'level' | 'all';
  /** Writes that nobody acknowledged in time go to replicas that were not asked. */
  widensRepair: boolean;
  /** Some reads ask all replicas, by the table's chances. */
  hasChances: boolean;
  /** Bytes that a read takes of an SSTable: the length of a compressed chunk. */
  chunkBytes: number;
}

/** What a table asks of its reads. */
export interface ReadTable {
  readonly layout: TableLayout;
  /** Blocking read repair; else the answers are merged and nothing is written. */
  repairs: boolean;
  /** Share of reads that ask all replicas, on the 32-bit scale; and all of the coordinator's data centre. */
  chanceBelow: number;
  dcLocalChanceBelow: number;
  /** When one more replica is asked: never, always at once, after a fixed time, or after a share of the table's own recent
   * latencies at this coordinator. */
  speculation: Speculation;
}

export type Speculation =
  { kind: 'never' } | { kind: 'always' } | { kind: 'after'; micros: number } | { kind: 'percentile'; share: number };

/** Settings of the dynamic snitch. */
export interface SnitchSettings {
  updateMicros: number;
  resetMicros: number;
  /** How much worse, as a share, a nearer replica may be before scores decide. */
  badnessThreshold: number;
}

/** One read of one row. */
export interface ReadRequest {
  reader: Reader;
  /** Number of the read among the reader's: the address of its draws. */
  address: number;
  /** First slot of the row. */
  slot: number;
  coordinator: number;
}

/** What the client was told. The object and its content are reused: valid during the call only. */
export interface ReadAnswer {
  reader: Reader;
  address: number;
  slot: number;
  coordinator: number;
  /** OUTCOME; content is only there where it is success. */
  outcome: number;
  startedAt: number;
  latencyMicros: number;
  /** The version shown in each slot of the row, in their order. */
  content: Int32Array;
}

/** Told of every answer to the reads of a reader; wired when the world is built, so it is no state. */
export type ReadListener = (answer: ReadAnswer) => void;
