/** What hinted handoff is told and tells: settings, counts, the state that a snapshot keeps. No behaviour: `hints.ts`. */
import type { HintStoreState } from './hint-store.ts';

export interface HintSettings {
  /** Rows of system.hints, written through the commit log (cassandra.e12), or files (e8 to e11). */
  store: 'table' | 'files';
  windowPersistent: boolean;
  sizeMaxBytes: number;
  /** The share of one target is whole KiB: less than one is none, and none is no limit (cassandra.e15). */
  throttleInKib: boolean;
  deliveryThreads: number;
  flushMicros: number;
  fileBytesMax: number;
  /** write_request_timeout: a page with a message under way for longer is aborted (cassandra.e14). */
  timeoutMicros: number;
}

export interface HintAddress {
  coordinator: number;
  target: number;
  createdMicros: number;
}

export interface HintCounts {
  enqueued: number;
  delivered: number;
  expired: number;
  lost: number;
  refused_window: number;
  refused_size: number;
  refused_off: number;
  delivered_bytes: number;
  aborted_pages: number;
  /** Delivered or expired already, when a restart of their coordinator forgot it. */
  repeated: number;
  /** Most that waited for a place in memory at one coordinator at once. */
  in_progress_most: number;
}

/** What keeping hints needs of the disks. */
export interface HintDisk {
  /** Writes so many bytes at the node and tells it with the event; returns the job's number. */
  write(node: number, bytes: number, completion: { kind: number; a: number; b: number }): number;
  cancel(job: number): void;
}

/** What the hints of one coordinator take of its memory. */
export interface NodeBuffers {
  /** Of the buffer that is being filled. */
  usedBytes: number;
  /** Full ones, oldest first, the first of them being written: hints by target, bytes to write. */
  full: { counts: number[]; bytes: number }[];
  /** The job that writes it, and the number of that write. */
  job: number;
  serial: number;
  /** Hints that wait for a place, oldest first, and how many by target. */
  waiting: { target: number; bytes: number }[];
  waitingFor: number[];
}

export interface HintBuffersState {
  nodes: NodeBuffers[];
}

/** The page under way of a store. */
export interface HintPage {
  /** Hints in it; 0 where one of them will not be answered. */
  count: number;
  /** When its last hint leaves the throttle, µs. */
  sentMicros: number;
}

export interface HintDeliveryState {
  pages: [number, HintPage][];
  waiting: number[];
}

export interface HintsState extends HintDeliveryState {
  stores: [number, HintStoreState][];
  counts: HintCounts;
  buffers: HintBuffersState;
}
