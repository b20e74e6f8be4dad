/** The parts of a plan of points by shards: which shard a table is, and what agents send. */

/** A stretch of time of one policy's data, and one of the parts into which series are divided there. */
export interface PlanShard {
  number: number;
  group: number;
  /** `database.policy` */
  policy: string;
  /** Its points have timestamps from here on; exclusive end. */
  from_micros: number;
  until_micros: number;
  /** How long its points are kept, from their time on; absent: for ever, or longer than the run. */
  keep_micros?: number | undefined;
  /** It is there for points that are sent from this moment on; absent: from the start. */
  since_micros?: number | undefined;
  /** From a moment on it takes points up to another end only: it was truncated. */
  truncated?: { at_micros: number; until_micros: number } | undefined;
}

/** Points that agents send: every series once an interval, so many points in a request. */
export interface PlanPoints {
  /** `database.policy` */
  policy: string;
  /** Key of each series; `{n}` is its number, from 0. */
  series_key: string;
  series: number;
  interval_micros: number;
  batch: number;
  from_micros: number;
  /** Exclusive. */
  until_micros: number;
  /** Series [from, to) whose points have timestamps that are off, by whole intervals: late ones by less than 0. */
  shifted?: { from: number; to: number; by_micros: number }[] | undefined;
  /** All of it is sent once more so long after, with the same timestamps and values. */
  repeat_after_micros?: number | undefined;
  /** Values of its points lie between these; absent: 0 and 100. */
  values?: [least: number, most: number] | undefined;
  consistency: PointLevel;
  /** The one node that its clients use; absent: a balancer, in turn. */
  through?: string | undefined;
  retry: { attempts: number; on_timeout: boolean; on_error: boolean } | null;
  /** Type of the values of its fields; absent: float. */
  value?: PointValue;
}

export type PointValue = 'float' | 'integer' | 'string' | 'boolean';

export type PointLevel = 'any' | 'one' | 'quorum' | 'all';

/** Series [from, to) of what the writer with this id sends. */
export interface PlanSeries {
  writer: string;
  from: number;
  to: number;
}

/** Points that a query is about: series, and a stretch of time that ends so long before the query, or stands still. */
export interface PlanQuery {
  aggregate: 'count' | 'sum' | 'mean' | 'min' | 'max';
  series: PlanSeries[];
  /** Of the points' timestamps; end exclusive. `now`: counted from the moment of the query. */
  window: { from_micros: number; until_micros: number; now: boolean };
}

/** The operator's indicators: queries that look on, and load nothing. */
export type PlanPointProbe =
  /** One answer at a time, through a node; a change by more than `tolerance` of the larger answer is a flap. */
  | {
      kind: 'dashboard';
      query: PlanQuery;
      every_micros: number;
      /** Absent: a balancer, in turn. */
      through?: string | undefined;
      tolerance: number;
    }
  /** Fires when answers of a dashboard have been beyond the threshold for so long, and clears with the first that is not. */
  | { kind: 'alert'; dashboard: string; above: number | null; below: number | null; for_micros: number }
  /** The same count on every owner of each shard. */
  | { kind: 'count'; query: PlanQuery; every_micros: number }
  /** Bytes of each shard on each owner. */
  | { kind: 'size'; every_micros: number };

/** What people do to points and shards. The first of `nodes` is asked. */
export type PlanPointEntry =
  /** Points of these series and times are deleted on all nodes. */
  | {
      kind: 'deletePoints';
      nodes: string[];
      series: PlanSeries[];
      /** Of the points' timestamps; null: from the first. */
      from_micros: number | null;
      /** Exclusive; null: to the last. */
      until_micros: number | null;
      command: string;
    }
  /** The shard (id of a table) is gone from the metadata, and from every node that hears of it. */
  | { kind: 'dropShard'; nodes: string[]; shard: string; command: string }
  /** A retention policy, or a database with all of them: these shards (ids of tables) are gone. Also who does not hear of it drops them
   * when it sees the metadata. */
  | { kind: 'dropPolicy'; nodes: string[]; shards: string[]; command: string }
  /** These shards (ids of tables) are passed round their owners; null: all that are flagged as different. */
  | { kind: 'repairShards'; nodes: string[]; shards: string[] | null; command: string };
