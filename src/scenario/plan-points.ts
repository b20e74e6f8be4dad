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
  consistency: PointLevel;
  /** The one node that its clients use; absent: a balancer, in turn. */
  through?: string | undefined;
  retry: { attempts: number; on_timeout: boolean; on_error: boolean } | null;
}

export type PointLevel = 'any' | 'one' | 'quorum' | 'all';

/** Series [from, to) of what the writer with this id sends. */
export interface PlanSeries {
  writer: string;
  from: number;
  to: number;
}
