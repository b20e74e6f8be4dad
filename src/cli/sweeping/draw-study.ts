/**
 * From a study's file to its manifest: reads it and its scenario, tries each value of each factor, so that what is wrong is
 * said before anything runs, and embeds every text that was read.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Mistake } from '../../base/mistake.ts';
import { VERSION } from '../../base/version.ts';
import { loadScenario } from '../../scenario/load.ts';
import { isRecord } from '../../scenario/places.ts';
import { cellsOf, cellsToTry, editsOfRun } from '../../studies/sweep/cells.ts';
import { checkMeasured } from '../../studies/sweep/check-measured.ts';
import { checkVaried, readStudy } from '../../studies/sweep/read-study.ts';
import type { ReadStudy } from '../../studies/sweep/read-study.ts';
import { sealOf } from '../../studies/sweep/study-results.ts';
import { MANIFEST_FORMAT } from '../../studies/sweep/study.ts';
import type { Manifest, ScenarioTexts, Study, StudyResults } from '../../studies/sweep/study.ts';
import { COMMAND_LINE, commandMistake } from '../command-mistake.ts';
import { InputError } from '../failure.ts';
import { knownNames, readInput, tryReadText } from '../input.ts';
import type { Input } from '../input.ts';
import { refuseMemory } from '../memory.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { loadedModelHash } from '../testing/cache.ts';

export interface DrawnStudy {
  manifest: Manifest;
  /** Of the scenario as it is written. */
  warnings: readonly Mistake[];
  sources: ReadonlyMap<string, string>;
}

export function drawStudy(typedPath: string, terminal: Terminal): DrawnStudy {
  const file = shownPath(terminal, typedPath);
  const text = readStudyText(resolve(terminal.folder, typedPath), file);
  const { read, mistakes } = readStudy(file, text);
  const ownSource = new Map([[file, text]]);
  if (read === null) throw new InputError(mistakes, ownSource);
  const { input, scenario } = readScenario(read, { file, text }, terminal);
  const sources = new Map([...ownSource, ...input.sources]);
  const data = input.plan.source.scenario;
  const { cells, mistakes: ofCells } = cellsOf(read, isRecord(data) ? Object.keys(data) : []);
  const found = [...ofCells, ...checkVaried(read, data), ...checkMeasured(read.study, input.plan, read.places)];
  if (found.length > 0) throw new InputError(found, sources);
  const study: Study = { ...read.study, cells };
  tryCells(study, { scenario, sources, terminal });
  return {
    manifest: sealed({
      format: MANIFEST_FORMAT,
      kind: 'study',
      version: VERSION,
      model_hash: loadedModelHash(),
      file,
      text,
      scenario,
      database: input.plan.database,
      not_modelled: input.plan.not_modelled,
      ...study,
      cells: cells.map((cell) => ({ ...cell, edits: cell.edits.map((edit) => ({ ...edit, place: NO_PLACE })) })),
    }),
    warnings: input.warnings.filter(({ code }) => code !== UNBROKEN),
    sources,
  };
}

/** Of a manifest an edit stands nowhere. */
const NO_PLACE = { file: 'study.json', line: 0, column: 0, length: 0 };
/** Nothing is expected in a study. */
const UNBROKEN = 'S204';

function readStudyText(absolute: string, shown: string): string {
  const found = tryReadText(absolute);
  if ('text' in found) return found.text;
  throw commandMistake('C103', `${shown} cannot be read: ${found.error}`, {
    expected: 'a study (*.yaml), or the study.json of one',
    path: shown,
  });
}

/** The scenario as it is written, at the first seed, and every text behind it. */
function readScenario(
  { study, scenario, places }: ReadStudy,
  own: { file: string; text: string },
  terminal: Terminal,
): { input: Input; scenario: ScenarioTexts } {
  const typed = join(dirname(own.file), scenario);
  const absolute = resolve(terminal.folder, typed);
  const found = tryReadText(absolute);
  if ('error' in found || typed.endsWith('.json')) {
    const reason = 'error' in found ? found.error : 'it is a plan';
    const mistake: Mistake = {
      ...places.at(['scenario']),
      ...{ code: 'T101', severity: 'mistake', path: 'scenario', found: scenario },
      message: `${scenario} cannot be read: ${reason}`,
      expected: 'a scenario (*.yaml), its path relative to the study',
    };
    throw new InputError([mistake], new Map([[own.file, own.text]]));
  }
  const input = readInput(typed, terminal, { seed: study.seeds[0] });
  const texts: ScenarioTexts = { file: shownPath(terminal, typed), text: found.text, files: {} };
  loadScenario({ file: texts.file, text: texts.text, readFile: recording(texts, dirname(absolute)) }, knownNames());
  return { input, scenario: texts };
}

/** Keeps what is read, by the name that the scenario uses. */
function recording(texts: ScenarioTexts, folder: string): (name: string) => { text: string } | { error: string } {
  return (name) => {
    if (Object.hasOwn(texts.files, name)) return { text: texts.files[name] };
    const found = tryReadText(resolve(folder, name));
    if ('text' in found) texts.files[name] = found.text;
    return found;
  };
}

interface Tried {
  scenario: ScenarioTexts;
  sources: ReadonlyMap<string, string>;
  terminal: Terminal;
}

const SHOWN_MAX = 20;

function tryCells(study: Study, { scenario, sources, terminal }: Tried): void {
  const found = new Map<string, Mistake>();
  const { file, text } = scenario;
  const readFile = recording(scenario, dirname(resolve(terminal.folder, file)));
  for (const cell of cellsToTry(study.cells)) {
    const edits = editsOfRun(study, cell);
    const { plan, mistakes } = loadScenario({ file, text, readFile }, { ...knownNames(), seed: study.seeds[0], edits });
    for (const mistake of mistakes) {
      const { code, path, line, column, message } = mistake;
      found.set(JSON.stringify([code, path, line, column, message]), mistake);
    }
    if (plan !== null) refuseMemory(plan, terminal);
    if (found.size >= SHOWN_MAX) break;
  }
  if (found.size > 0) throw new InputError([...found.values()], sources);
}

function sealed(manifest: Manifest): Manifest {
  return { ...manifest, seal: sealOf(manifest) };
}

export interface Adopted {
  manifest: Manifest;
  /** What its runs are held against; null where it says nothing of them. */
  expected: StudyResults | null;
  /** That another program wrote it. */
  warnings: Mistake[];
}

/** A manifest as it lies in a file, to be done by this program. Who did it before stays in it. */
export function adopt({ results, repeats, ...manifest }: Manifest, shown: string): Adopted {
  const { version, model_hash: model } = manifest;
  const own = { version: VERSION, model_hash: loadedModelHash() };
  if (version === own.version && model === own.model_hash) {
    const before = repeats === undefined ? {} : { repeats };
    return {
      manifest: sealed({ ...manifest, ...before }),
      expected: results ?? repeats?.results ?? null,
      warnings: [],
    };
  }
  const expected = results ?? null;
  const before = { version, model_hash: model, results: expected };
  return {
    manifest: sealed({ ...manifest, ...own, repeats: before }),
    expected,
    warnings: [otherProgram(shown, before, own)],
  };
}

type Program = Pick<Manifest, 'version' | 'model_hash'>;

function otherProgram(shown: string, before: Program, own: Program): Mistake {
  const nameOf = ({ version, model_hash: model }: Program): string =>
    `Reconverge ${version} (program ${model.slice(0, 12)})`;
  return {
    ...{ code: 'C211', severity: 'warning', file: COMMAND_LINE, line: 0, column: 0, length: 0, path: '' },
    message: `${shown} was written by ${nameOf(before)}, this is ${nameOf(own)}: numbers may differ`,
    expected: 'the program that did the study',
    notes: ['both stand in the new study.json and in methods.md; whether the runs are the same is said at the end'],
  };
}

export function textOfManifest(absolute: string, shown: string): string {
  try {
    return readFileSync(absolute, 'utf8');
  } catch (error) {
    throw commandMistake('C103', `${shown} cannot be read: ${systemReason(error)}`, {
      expected: 'a study (*.yaml), or the study.json of one',
      path: shown,
    });
  }
}
