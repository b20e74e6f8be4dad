/** What a plan expects of a run: metric, where, bounds, when. Plain data; judged in `src/observe`. */

/** Where a metric is measured; all members optional, conjunctive. */
export interface PlanWhere {
  cause?: string;
  state?: string;
  node?: string;
  table?: string;
  origin?: string;
  repair?: string;
  healer?: string;
  between?: [string, string];
  probe?: string;
  workload?: string;
  /** Of a probe's reads: µs after the acknowledgement, and how many of the newest versions count. */
  t?: number;
  k?: number;
}

export interface PlanBounds {
  above?: number;
  below?: number;
  is?: number;
  not?: number;
  between?: [number, number];
  near?: number;
  /** Relative, for `near`. */
  within_share?: number;
}

export interface PlanExpectation {
  check: 'at' | 'always' | 'eventually' | 'never' | 'sometimes' | 'order';
  metric: string | null;
  where: PlanWhere;
  bounds: PlanBounds;
  at_micros: number | null;
  /** Window of the run in which it is judged. */
  from_micros: number;
  to_micros: number;
  /** For `eventually`: deadline counted from from_micros. */
  within_micros: number | null;
  /** For `order`: record names, or `metric > n` conditions, that must first become true in this order. */
  events: string[];
  /** Named law, instead of metric. */
  law: string | null;
  /** Judged over these seeds instead of the scenario's own: by `test`; one run judges its own seed. */
  over?: PlanSeeds;
  /** Position in the scenario, for failure lines. */
  line: number;
  column: number;
  /** Where that is another file than the scenario's own. */
  file?: string;
}

/** The seeds that an expectation asks for, and the share of them that must hold; null: all. */
export interface PlanSeeds {
  seeds: string[];
  share: number | null;
  confidence: number | null;
}
