/** What `explain` runs, as plain data for a thread: one explanation of a plan, or one of its rows. */
import { MistakeError } from '../base/mistake.ts';
import { dialects } from '../dialect/index.ts';
import type { Result } from '../observe/result.ts';
import { run } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { explainRow } from '../studies/explain/explain-row.ts';
import { explain, explainStory } from '../studies/explain/explain.ts';
import type { ExplainOptions } from '../studies/explain/explain.ts';
import type { Explanation, RowExplanation } from '../studies/explain/explanation.ts';
import type { NotThere, RowWanted } from '../studies/explain/find-row.ts';
import { readInput } from './input.ts';
import type { Terminal } from './terminal.ts';

export interface ExplainJob {
  kind: 'explain';
  plan: Plan;
  /** Of the plan: it is drawn again with what might have prevented it. */
  path: string;
  atMicros: number | null;
  /** Are remedies tried? */
  tries: boolean;
  group: number | null;
  wanted: RowWanted | null;
}

export type ExplainAnswer =
  | {
      of: 'stories';
      group: number | null;
      told: Explanation | NotThere;
      /** Of the whole run, where nothing is to be told of this moment. */
      peak: Result['peak'] | null;
    }
  | { of: 'row'; told: RowExplanation | NotThere };

export function runExplainJob(job: ExplainJob, terminal: Terminal, onProgress: (share: number) => void): ExplainAnswer {
  const { plan, path, atMicros, tries, group, wanted } = job;
  const rules = dialects.find(({ name }) => name === plan.database.split('@')[0]);
  const options: ExplainOptions = {
    atMicros,
    rulesOf: (cause) => rules?.rulesOfCause?.(cause) ?? [],
    draw: tries
      ? (edits) =>
          drawn(
            path,
            terminal,
            edits.map(([option, value]) => `--${option}=${value}`),
          )
      : null,
    onProgress,
  };
  if (wanted !== null) return { of: 'row', told: explainRow(plan, wanted, options) };
  const told = group === null ? explain(plan, options) : explainStory(plan, group, options);
  const isNothing = !('problem' in told) && told.stories.length === 0;
  return { of: 'stories', group, told, peak: isNothing ? run(plan).result.peak : null };
}

/** The plan with edits; null where the scenario does not allow it. */
function drawn(path: string, terminal: Terminal, typed: readonly string[]): Plan | null {
  try {
    return readInput(path, terminal, { typed }).plan;
  } catch (error) {
    if (error instanceof MistakeError) return null;
    throw error;
  }
}
