/** What a watch keeps of one trace record about a row, and of one about a repair session: numbers, as the trace has them. */
export interface RowRecord {
  at: number;
  /** A kind of RECORD, issued to purged. */
  kind: number;
  node: number;
  copy: number;
  /** Version. */
  version: number;
  slot: number;
  detail: number;
}

export interface SessionRecord {
  at: number;
  /** A kind of RECORD, repairStarted to treesVisited. */
  kind: number;
  node: number;
  /** Second node of a pair. */
  other: number;
  session: number;
  /** Number of the plan entry. */
  origin: number;
  detail: number;
}
