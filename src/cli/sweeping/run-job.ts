/** Does one run of a study: draws its cell from the scenario's texts as they are embedded, runs it, keeps what is measured. */
import { createHash } from 'node:crypto';
import { MistakeError } from '../../base/mistake.ts';
import type { Series } from '../../observe/result.ts';
import { loadScenario, planHash } from '../../scenario/load.ts';
import type { Edit } from '../../scenario/load.ts';
import { keptSeries, measuringPlan, valuesOf } from '../../studies/sweep/measured.ts';
import type { RunRecord } from '../../studies/sweep/progress-of-study.ts';
import type { Measure, ScenarioTexts } from '../../studies/sweep/study.ts';
import { editWords } from '../edit-words.ts';
import { executePlan } from '../execute.ts';
import { replayCommand } from '../failure.ts';
import { knownNames } from '../input.ts';
import type { Work } from '../pool/work.ts';
import type { Terminal } from '../terminal.ts';

export interface SweepJob {
  cell: number;
  seed: string;
  scenario: ScenarioTexts;
  edits: readonly Edit[];
  measures: readonly Measure[];
  series: readonly string[];
  modelHash: string;
}

export type SweepAnswer =
  { kind: 'done'; record: RunRecord; series: Series } | { kind: 'failed'; record: RunRecord; isMistake: boolean };

export const sweepWork: Work<SweepJob, SweepAnswer> = {
  name: 'sweep',
  run: runJob,
  died: (job, reason) => failed(job, `the worker thread died: ${reason}`, false),
};

async function runJob(job: SweepJob, terminal: Terminal): Promise<SweepAnswer> {
  try {
    const { plan, mistakes } = drawRun(job);
    if (plan === null) throw new MistakeError(mistakes);
    const measuring = measuringPlan(plan, job.measures);
    const silent = { write: () => undefined, isTerminal: false, columns: null };
    const quiet = { ...terminal, out: silent, err: silent };
    const options = { mode: 'batched', twice: false, quiet: true, replay: replayOf(job) } as const;
    const { output } = await executePlan(measuring, quiet, options);
    const { plan_hash, fingerprint } = output.result;
    const values = valuesOf(output, measuring, job.measures);
    return {
      kind: 'done',
      record: {
        run_id: runId(plan_hash, job.modelHash),
        ...{ cell: job.cell, seed: job.seed, outcome: 'done', plan_hash, fingerprint, values },
      },
      series: keptSeries(output.series, job.series),
    };
  } catch (error) {
    return failed(job, error instanceof Error ? error.message : String(error), error instanceof MistakeError);
  }
}

export function drawRun({ scenario, seed, edits }: SweepJob): ReturnType<typeof loadScenario> {
  const { file, text, files } = scenario;
  const readFile = (name: string): { text: string } | { error: string } =>
    Object.hasOwn(files, name) ? { text: files[name] } : { error: 'it is not embedded in the study' };
  return loadScenario({ file, text, readFile }, { ...knownNames(), seed, edits });
}

/** Of what a run is a function of: its plan and the program. */
function runId(plan: string, model: string): string {
  return createHash('sha256').update(`${plan} ${model}`).digest('hex').slice(0, 16);
}

export function replayOf({ scenario, seed, edits }: Pick<SweepJob, 'scenario' | 'seed' | 'edits'>): string {
  const words = edits.flatMap((edit) =>
    edit.kind === 'remove' ? ['--remove', edit.path] : editWords({ [edit.path]: 'value' in edit ? edit.value : null }),
  );
  return replayCommand(['run', scenario.file, '--seed', seed, ...words]);
}

function failed(job: SweepJob, message: string, isMistake: boolean): SweepAnswer {
  const { cell, seed } = job;
  const drawn = isMistake ? null : drawRun(job).plan;
  const hash = drawn === null ? '' : planHash(drawn);
  const record: RunRecord = {
    ...{ run_id: hash === '' ? '' : runId(hash, job.modelHash), cell, seed, outcome: 'failed', plan_hash: hash },
    ...{ fingerprint: '', values: job.measures.map(() => null), message, replay: replayOf(job) },
    ...(isMistake ? { is_mistake: true } : {}),
  };
  return { kind: 'failed', record, isMistake };
}
