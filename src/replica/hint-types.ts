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
}
