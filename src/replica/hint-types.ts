/** What hinted handoff is told and tells: settings, counts, the state that a snapshot keeps. No behaviour: `hints.ts`. */
import type { Rules } from '../base/rules.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from './cluster.ts';
import type { Placements } from './placements.ts';
import type { Storage } from './storage.ts';
import type { HandoffSwitches } from './handoff-switches.ts';
import type { TableLayout } from '../data/layout.ts';
import type { HintStoreState } from './hint-store.ts';
import type { WritePath } from './write-path.ts';

export interface HintSettings {
  windowPersistent: boolean;
  sizeMaxBytes: number;
  deliveryThreads: number;
  flushMicros: number;
  fileBytesMax: number;
  /** write_request_timeout: a page with a message under way for longer is aborted (cassandra.e14). */
  timeoutMicros: number;
}

export interface HintOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  storage: Storage;
  placements: Placements;
  writePath: WritePath;
  settings: HintSettings;
  switches: HandoffSwitches;
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

export interface HintsState {
  stores: [number, HintStoreState][];
  counts: HintCounts;
  pages: [number, HintPage][];
  waiting: number[];
}
