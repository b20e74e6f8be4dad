/** The manifest of a study: read from its file, and held against what is to be done now: nothing is mixed that does not fit. */
import { otherFormat } from '../../base/other-format.ts';
import { isRecord } from '../../scenario/places.ts';
import { canonicalJson } from '../../scenario/plan-hash.ts';
import { sealOf } from '../../studies/sweep/study-results.ts';
import { MANIFEST_FORMAT } from '../../studies/sweep/study.ts';
import type { Manifest } from '../../studies/sweep/study.ts';
import { commandMistake } from '../command-mistake.ts';

const LISTS = ['axes', 'cells', 'seeds', 'held', 'measures', 'series'] as const;

export function readManifest(path: string, text: string): Manifest {
  const refuse = (found: string): Error =>
    commandMistake('C152', `${path} is no manifest of a study`, {
      expected: 'a study.json as sweep writes it',
      found,
      path,
    });
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw refuse('text that is not whole JSON');
  }
  if (!isRecord(data) || data['kind'] !== 'study') throw refuse('something else');
  if (data['format'] !== MANIFEST_FORMAT) throw refuseFormat(path, data['format']);
  const { scenario } = data;
  const isSound =
    LISTS.every((key) => Array.isArray(data[key])) &&
    ['name', 'version', 'model_hash', 'file', 'text', 'database'].every((key) => typeof data[key] === 'string') &&
    isRecord(scenario) &&
    typeof scenario['text'] === 'string' &&
    isRecord(scenario['files']);
  if (!isSound) throw refuse('a manifest with parts missing');
  const manifest = data as unknown as Manifest;
  if (manifest.seal !== undefined && manifest.seal !== sealOf(manifest)) throw edited(path, manifest);
  return manifest;
}

/** Its runs, its tables and its methods would tell of two studies. */
function edited(path: string, { file }: Manifest): Error {
  return commandMistake('C212', `${path} was changed by hand after sweep wrote it`, {
    expected: 'a study.json as sweep writes it',
    found: 'a study that does not fit its seal',
    notes: [
      `to vary the study, edit ${file} or a copy of it, and sweep that`,
      'without its line "seal", and with --out, it is a study of its own',
    ],
    path,
  });
}

function refuseFormat(path: string, format: unknown): Error {
  const { message, ...details } = otherFormat({
    ...{ what: `${path} is a manifest`, format, known: MANIFEST_FORMAT },
    renew: 'begin the study anew from its file: --out FOLDER',
  });
  return commandMistake('C152', message, { ...details, path });
}

/** Throws where the folder was begun with something else, and says what. */
export function checkFits(there: Manifest, now: Manifest, folder: string): void {
  const notes = differences(there, now);
  if (notes.length === 0) return;
  throw commandMistake('C150', `${folder} was begun with something else`, {
    expected: 'the study, scenario and program that it was begun with',
    found: notes[0],
    notes: [...notes.slice(1), 'nothing was run; --out FOLDER begins anew elsewhere'],
  });
}

function differences(there: Manifest, now: Manifest): string[] {
  const found: string[] = [];
  if (there.version !== now.version) found.push(`version ${there.version}, this is ${now.version}`);
  else if (there.model_hash !== now.model_hash)
    found.push(
      `another program of the same version: ${there.model_hash.slice(0, 12)}, this is ${now.model_hash.slice(0, 12)}`,
    );
  if (there.scenario.text !== now.scenario.text)
    found.push(`another text of the scenario, from line ${firstLine(there.scenario.text, now.scenario.text)}`);
  const names = new Set([...Object.keys(there.scenario.files), ...Object.keys(now.scenario.files)]);
  for (const name of names) {
    const [before, after] = [there.scenario.files[name], now.scenario.files[name]];
    if (before !== after)
      found.push(
        before === undefined || after === undefined
          ? `the scenario ${before === undefined ? 'now reads' : 'no longer reads'} ${name}`
          : `another text of ${name}, from line ${firstLine(before, after)}`,
      );
  }
  for (const key of ['name', 'axes', 'seeds', 'held', 'measures', 'series', 'stop'] as const)
    if (canonicalJson(there[key]) !== canonicalJson(now[key])) found.push(`other ${WORDS[key]} of the study`);
  // All other factors are the same: what is left are the repairs.
  if (found.length === 0 && canonicalJson(there.cells) !== canonicalJson(now.cells))
    found.push('other repairs of the study');
  return found;
}

const WORDS = {
  name: 'name',
  axes: 'axes',
  seeds: 'seeds',
  held: 'vary',
  measures: 'measure',
  series: 'series',
  stop: 'stop',
};

function firstLine(left: string, right: string): number {
  const [one, other] = [left, right].map((text) => text.split('\n'));
  const index = one.findIndex((line, at) => line !== other[at]);
  return (index < 0 ? one.length : index) + 1;
}
