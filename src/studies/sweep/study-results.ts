/**
 * What is kept in a manifest to tell that nothing was changed: the seal of what the study is, and a fingerprint over the runs
 * that it ended with. Neither protects from a forger: they notice a slip of the hand, and a program that counts otherwise.
 */
import { WordHash } from '../../base/mix.ts';
import { looksOf } from './progress-of-study.ts';
import type { Records } from './progress-of-study.ts';
import type { Manifest, Study, StudyResults } from './study.ts';
import { doneRuns } from './table-rows.ts';

/** Of everything that makes the study, whatever program does it. Keys in their order: entries are numbered by it. */
export function sealOf(manifest: Manifest): string {
  const { seal, results, repeats, version, model_hash: model, ...study } = manifest;
  void [seal, results, repeats, version, model];
  return hashOf([JSON.stringify(study)]);
}

/** Null where it has not ended, or where runs have failed. */
export function studyResults(study: Study, records: Records): StudyResults | null {
  const done = doneRuns(study, records);
  if (done.length < records.size || looksOf(study, records).due !== null) return null;
  const texts = done.map(({ cell, seed, fingerprint, values }) => JSON.stringify([cell, seed, fingerprint, values]));
  return { runs: done.length, fingerprint: hashOf(texts) };
}

export function areSameResults(left: StudyResults, right: StudyResults): boolean {
  return left.runs === right.runs && left.fingerprint === right.fingerprint;
}

function hashOf(texts: readonly string[]): string {
  const hash = new WordHash();
  for (const text of texts) hash.addText(text);
  return hash.hex();
}
