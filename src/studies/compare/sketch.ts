/**
 * How a strategy went over time, for charts beside one another: a few columns of the series, when its repairs ran, and what
 * it left. Taken of one seed only: a series for each run of a study would weigh more than all else.
 */
import type { RunOutput, Series } from '../../observe/result.ts';
import { ownName } from './union-plan.ts';

export interface Sketch {
  series: Series;
  repairs: { id: string; command: string; fromMicros: number; toMicros: number | null; outcome: string }[];
  leftByNode: Record<string, number>;
  leftByCause: Record<string, number>;
  endMicros: number;
}

/** What strategies are seen to differ by. */
const COLUMNS = [
  ...['divergent_copies', 'wrong_copies', 'latent_copies', 'hint_pending_copies', 'hints_pending'],
  ...['disk_read_utilisation', 'network_out_utilisation', 'read_latency_p99'],
];

export function sketchOf({ result, series }: RunOutput): Sketch {
  const kept = COLUMNS.flatMap((name) => {
    const values = series.columns[name];
    return values === undefined ? [] : [[name, values] as const];
  });
  const started = Object.values(result.repairs).filter(({ outcome }) => outcome !== 'not_started');
  return {
    series: { time_micros: series.time_micros, columns: Object.fromEntries(kept) },
    repairs: started.flatMap(({ id, command, runs, ...whole }) =>
      (runs !== undefined && runs.length > 0 ? runs : [whole]).map((run) => ({
        id: ownName(id),
        command,
        fromMicros: run.started_micros,
        toMicros: run.finished_micros,
        outcome: run.outcome,
      })),
    ),
    leftByNode: countsOf(result.final.by_node, ({ copies }) => copies),
    leftByCause: countsOf(result.final.by_cause, ({ left }) => left),
    endMicros: result.virtual_micros,
  };
}

function countsOf<Part>(
  parts: Readonly<Record<string, Part | undefined>>,
  count: (part: Part) => number,
): Record<string, number> {
  const counts = Object.entries(parts).flatMap(([name, part]) => {
    const own = part === undefined ? 0 : count(part);
    return own > 0 ? [[name, own] as const] : [];
  });
  return Object.fromEntries(counts);
}
