/** What the path of a request is given. Plain data. */
import type { Rules } from '../../base/rules.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Cluster } from '../cluster.ts';
import type { Copies } from '../copies.ts';
import type { Caches } from './caches.ts';
import type { Disks } from './disks.ts';
import type { FieldTypes } from './field-types.ts';
import type { Handoff } from './handoff.ts';
import type { OpenRequest, OpenRequests } from './open-requests.ts';
import type { Ownership } from './ownership.ts';
import type { PointWriter } from './point-writer.ts';
import type { Refusals } from './refusals.ts';
import type { RequestAnswers } from './request-answers.ts';
import type { RequestCuts } from './request-cuts.ts';
import type { ShardEnds } from './shard-ends.ts';
import type { PartWay, PartWays } from './ways.ts';

export interface RequestPathOptions {
  kernel: Kernel;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  copies: Copies;
  handoff: Handoff;
  caches: Caches;
  ways: PartWays;
  writers: readonly PointWriter[];
  ends: ShardEnds;
  /** How long a client waits for the coordinator's word (write-timeout). */
  writeTimeoutMicros: number;
  /** From sending a part to the error that nobody answers, and to that of a machine that is off. */
  remoteTimeoutMicros: number;
  dialMicros: number;
  types: FieldTypes;
  refusals: Refusals;
  ownership: Ownership;
  /** A part is acknowledged after an fsync (influxdb.5). */
  disks: Disks;
  cuts: RequestCuts;
  /** Is `any` met by what was queued behind other writes, without an attempt (influxdb.2-levels)? */
  anyBehindQueue: boolean;
  isOff: (node: number) => boolean;
  untilMicros: number;
}

/** What of the path is saved. */
export interface SavedRequests {
  open: ReturnType<OpenRequests['save']>;
  again: OpenRequest[];
  next: number[];
  answers: ReturnType<RequestAnswers['save']>;
}

/** An owner that has stored a part, the way to it, and how long its answer takes. */
export interface Answering {
  target: number;
  way: PartWay;
  backMicros: number;
}
