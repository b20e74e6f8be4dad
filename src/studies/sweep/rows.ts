/**
 * The long tables of a study, as data: what a row of `runs` and of `series` holds, and the dictionary that names, types and
 * explains the columns. Writers of files take these and nothing else; they know no study.
 */

/** micros: whole µs; whole: a whole number below 2^53; double: any number. */
export type ColumnType = 'text' | 'double' | 'whole' | 'micros' | 'flag';

/** A value that an axis takes, or a column holds. */
export type Cell = string | number | boolean | null;

export interface ColumnFacts {
  /** snake_case; of an axis its path: `cluster_settings_max_hint_window`. */
  name: string;
  type: ColumnType;
  /** As in the data dictionary: us, bytes, copies, row_hours, …; null: none, or each row's own (`unit`). */
  unit: string | null;
  /** One sentence. */
  meaning: string;
  /** Does the column ever hold no value? */
  nullable: boolean;
}

export interface MetricFactsOfTable {
  name: string;
  unit: string;
  meaning: string;
}

/** Of one table: its columns in order, and the metrics that stand in `metric`. It goes into the file's metadata. */
export interface TableDictionary {
  table: 'runs' | 'series';
  /** One sentence: what a row is. */
  meaning: string;
  columns: readonly ColumnFacts[];
  metrics: readonly MetricFactsOfTable[];
}

/** One measured value of one run. Its columns: the fixed ones in this order, with those of the axes after `repairs`. */
export interface RunRow {
  study: string;
  /** Number of the cell, from 0, in the order of the study's grid. */
  cell: number;
  run_id: string;
  plan_hash: string;
  fingerprint: string;
  seed: string;
  /** Id of the repairs factor; null where the study has none. */
  repairs: string | null;
  /** By column name of the axis. */
  axes: Readonly<Record<string, Cell>>;
  metric: string;
  /** `cause=node_down`, `node=n3`, …; null: of the whole run. */
  where: string | null;
  /** null: the metric had no value in this run. */
  value: number | null;
  unit: string;
}

/** One value of one metric of one run at one sample. Its columns: these, in this order. */
export interface SeriesRow {
  run_id: string;
  cell: number;
  seed: string;
  at_micros: number;
  metric: string;
  where: string | null;
  value: number | null;
}
