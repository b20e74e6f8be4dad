/** What a page carries of a run beyond its series: view states to travel through, and a few rows and sessions whole. */
import type { EncodedView } from './encoded-view.ts';
import type { RingCourse } from './ring-course.ts';
import type { RowRecord, SessionRecord } from './row-record.ts';

export interface NamedRow {
  table: string;
  key: string;
  /** Of its partition, from 0. */
  row: number;
  /** What made it be kept; the origin is an id of the plan. */
  cause: string;
  origin: string;
  /** From when on all is kept; before it only writes. */
  fromMicros: number;
  records: RowRecord[];
}

export interface KeptSession {
  session: number;
  /** Id of the repair. */
  origin: string;
  records: SessionRecord[];
}

export interface PageView {
  states: EncodedView;
  /** Copies that differ by part of the token ring; null where there is no ring, absent in pages of before. */
  ring?: RingCourse | null;
  rows: NamedRow[];
  sessions: KeptSession[];
}
