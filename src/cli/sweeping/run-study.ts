/**
 * Does the runs of a study that are due and not there yet, on several threads, each kept the moment it ends; again after each
 * look, until one says that it is enough or all are done. What a part cannot do alone, looking, is left to those that come
 * after it.
 */
import { addressOf, looksOf, runsUpTo } from '../../studies/sweep/progress-of-study.ts';
import type { Address, RunRecord } from '../../studies/sweep/progress-of-study.ts';
import { editsOfRun } from '../../studies/sweep/cells.ts';
import type { Manifest } from '../../studies/sweep/study.ts';
import { lanesOf } from '../pool/lanes.ts';
import { Runner } from '../pool/runner.ts';
import { HAS_THREADS } from '../pool/start-thread.ts';
import type { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { Part } from '../testing/test-options.ts';
import { sweepWork } from './run-job.ts';
import type { SweepAnswer, SweepJob } from './run-job.ts';
import type { StudyFolder } from './study-folder.ts';

export interface StudyOptions {
  part: Part | null;
  workers: number;
  progress: Progress;
  /** After each look and at the end, with what there is; not for parts. */
  atLook: (records: ReadonlyMap<string, RunRecord>) => void;
}

/** All records that there are now. Failed runs of before are tried again. */
export async function runStudy(
  manifest: Manifest,
  folder: StudyFolder,
  terminal: Terminal,
  { part, workers, progress, atLook }: StudyOptions,
): Promise<Map<string, RunRecord>> {
  const records = folder.records();
  const retried = [...records].filter(([, { outcome }]) => outcome === 'failed').map(([address]) => address);
  const mine = (_address: Address, index: number): boolean => part === null || index % part.of === part.part - 1;
  for (const [index, address] of runsUpTo(manifest, manifest.seeds.length).entries())
    if (mine(address, index) && retried.includes(addressOf(address))) records.delete(addressOf(address));
  const lanes = lanesOf(sweepWork, terminal, { workers, quiet: true, keepsFree: true });
  const now = (): number => terminal.now();
  const runner = new Runner<SweepJob, SweepAnswer>({ lanes, now, deadlineMillis: Infinity, isEager: HAS_THREADS });
  try {
    for (;;) {
      const { due } = looksOf(manifest, records);
      const missing = runsUpTo(manifest, due ?? 0).filter(
        (address, index) => mine(address, index) && !records.has(addressOf(address)),
      );
      if (missing.length > 0)
        await runAll(missing, { manifest, folder, runner, records, progress, lanes: lanes.length });
      if (part === null) atLook(records);
      if (due === null || part !== null) return records;
    }
  } finally {
    await runner.close();
  }
}

interface Given {
  manifest: Manifest;
  folder: StudyFolder;
  runner: Runner<SweepJob, SweepAnswer>;
  records: Map<string, RunRecord>;
  progress: Progress;
  lanes: number;
}

async function runAll(missing: readonly Address[], given: Given): Promise<void> {
  const { manifest, folder, runner, records, progress, lanes } = given;
  let next = 0;
  let ended = 0;
  let isStopped = false;
  const lane = async (): Promise<void> => {
    while (next < missing.length && !isStopped) {
      const order = next++;
      const answer = await runner.run(jobOf(manifest, missing[order]), order);
      if (answer.kind === 'not_run' || isStopped) return;
      try {
        folder.keep(answer.record, answer.kind === 'done' ? answer.series : null);
      } catch (error) {
        isStopped = true;
        throw error;
      }
      records.set(addressOf(answer.record), answer.record);
      progress.label(`run ${++ended} of ${missing.length}`);
      progress.show(ended / missing.length);
    }
  };
  // Two a lane: one runs, one waits, so that a lane goes on while what it did is written.
  await Promise.all(Array.from({ length: 2 * lanes }, lane));
}

function jobOf(manifest: Manifest, { cell, seed }: Address): SweepJob {
  const { scenario, measures, series, model_hash: modelHash } = manifest;
  return { cell, seed, scenario, edits: editsOfRun(manifest, manifest.cells[cell]), measures, series, modelHash };
}
