/**
 * Watches a run for the page of its report: gives the observers that the run needs, and afterwards what the page carries. Rows
 * are named when the run is over, by the tables of its world.
 */
import { CAUSES } from '../data/causes.ts';
import type { TableLayout } from '../data/layout.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import { namesOf } from '../observe/counters-reader.ts';
import type { Oracle } from '../observe/oracle.ts';
import { encodeView } from '../observe/view/encoded-view.ts';
import type { NamedRow, PageView } from '../observe/view/page-view.ts';
import { RingCourseRecorder } from '../observe/view/ring-course.ts';
import { SampleRecorder } from '../observe/view/sample-recorder.ts';
import type { SampledRow } from '../observe/view/sample-recorder.ts';
import { ViewRecorder } from '../observe/view/view-recorder.ts';
import type { Plan } from '../scenario/plan.ts';
import { keyTextsOf } from '../scenario/points/series-names.ts';

interface Watching {
  observers: TraceObserver[];
  onSample: (oracle: Oracle, micros: number) => void;
  atEnd: (tables: readonly TableLayout[]) => void;
}

export class PageWatch {
  readonly #plan: Plan;
  readonly #states: ViewRecorder;
  readonly #samples: SampleRecorder;
  readonly #ring: RingCourseRecorder;
  #tables: readonly TableLayout[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#states = new ViewRecorder(plan);
    this.#samples = new SampleRecorder(plan);
    this.#ring = new RingCourseRecorder(plan);
  }

  /** Options of `run`. */
  get watching(): Watching {
    return {
      observers: [this.#states, this.#samples],
      onSample: (oracle, micros) => this.#ring.sample(oracle, micros),
      atEnd: (tables) => void (this.#tables = tables),
    };
  }

  /** After the run, once. */
  view(): PageView {
    const { origins } = namesOf(this.#plan);
    return {
      states: encodeView(this.#states.finish()),
      ring: this.#ring.finish(),
      rows: this.#samples.rows.map((row) => this.#named(row, origins)),
      sessions: this.#samples.sessions.map(({ session, origin, records }) => ({
        ...{ session, origin: origins[origin] ?? '', records },
      })),
    };
  }

  #named({ slot, table, cause, origin, fromMicros, records }: SampledRow, origins: readonly string[]): NamedRow {
    return {
      ...rowName(this.#plan, this.#tables, { table, row: slot }),
      cause: CAUSES[cause] ?? 'none',
      origin: origin > 0 ? (origins[origin] ?? '') : '',
      fromMicros,
      records,
    };
  }
}

/** The names by which a person asks for a row; `row` is its first slot. */
export function rowName(
  plan: Plan,
  tables: readonly TableLayout[],
  { table, row }: { table: number; row: number },
): Pick<NamedRow, 'table' | 'key' | 'row'> {
  const layout = tables[table];
  const ordinal = Math.floor((row - layout.slotBase) / layout.slotsPerPartition);
  const key = layout.keyOfOrdinal[ordinal];
  const within = row - layout.slotBase - ordinal * layout.slotsPerPartition;
  return {
    table: layout.id,
    key: keyTextsOf(plan, plan.tables[layout.index])[key] ?? String(key),
    row: Math.floor(within / layout.slotsPerRow),
  };
}
