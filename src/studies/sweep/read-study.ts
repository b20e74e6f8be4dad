/**
 * Reads a study's file: its shape, its axes, seeds, measures and stop rule, all mistakes at once with their places. What an
 * edit means to the scenario is only known when cells are drawn (`cellsOf` gives each edit the place it was written at).
 */
import type { Mistake } from '../../base/mistake.ts';
import { otherFormat } from '../../base/other-format.ts';
import { nearestName } from '../../scenario/nearest.ts';
import { isRecord, MistakeList } from '../../scenario/places.ts';
import type { Path, Places } from '../../scenario/places.ts';
import { readShape } from '../../scenario/schema/issues.ts';
import { SEED_PURPOSES } from '../../scenario/seed-purposes.ts';
import type { SeedPurpose } from '../../scenario/seed-purposes.ts';
import { readYaml } from '../../scenario/yaml-source.ts';
import { columnOf, gridValues, isRangeProblem, latinValues } from './axis-values.ts';
import type { RangeProblem } from './axis-values.ts';
import { readMeasures, readSeries, readStop } from './read-measures.ts';
import type { Axis, AxisValue, Study } from './study.ts';
import { studyShape } from './study-shape.ts';
import type { StudyFile } from './study-shape.ts';

/** A study without its cells: those need the scenario. */
export interface ReadStudy {
  study: Omit<Study, 'cells'>;
  /** Relative to the study's file. */
  scenario: string;
  /** Id → repairs; null where they are no factor. */
  repairs: Record<string, Record<string, unknown> | null> | null;
  places: Places;
}

const STUDY_FORMAT = 1;
const FACTORS_MAX = 1000;
const ID = /^[a-z][a-z0-9-]*$/;

export function readStudy(file: string, text: string): { read: ReadStudy | null; mistakes: Mistake[] } {
  const { data, places, mistakes } = readYaml(file, text);
  const list = new MistakeList(places);
  list.all.push(...mistakes);
  if (!isRecord(data)) {
    if (mistakes.length === 0)
      list.add([], {
        code: 'T100',
        message: 'not a study: the file holds no map',
        expected: 'format: 1, study: …, scenario: …, measure: […]',
      });
    return { read: null, mistakes: list.all };
  }
  if (!('study' in data) && 'database' in data) {
    list.add(['database'], {
      code: 'T100',
      message: 'a scenario, not a study',
      expected: 'format: 1, study: …, scenario: …, measure: […]',
      part: 'key',
    });
    return { read: null, mistakes: list.all };
  }
  const { format } = data;
  if (format !== undefined && format !== STUDY_FORMAT) {
    const renew = `write format: ${STUDY_FORMAT}`;
    list.add(['format'], { code: 'T130', ...otherFormat({ what: 'a study', format, known: STUDY_FORMAT, renew }) });
    return { read: null, mistakes: list.all };
  }
  const shape = readShape(studyShape, data, list);
  const read = shape === null ? null : readSense(shape, list);
  return { read: list.count > 0 ? null : read, mistakes: list.all };
}

function readSense(shape: StudyFile, list: MistakeList): ReadStudy {
  const { seeds, held } = readSeeds(shape, list);
  const axes = [...readAxes(shape, list), ...readLatin(shape, seeds[0], list)];
  checkAxes(axes, list);
  const measures = readMeasures(shape, list);
  return {
    study: {
      name: shape.study,
      axes,
      seeds,
      held,
      measures,
      series: readSeries(shape, list),
      stop: readStop(shape, { measures, seeds: seeds.length }, list),
    },
    scenario: shape.scenario,
    repairs: readRepairs(shape, list),
    places: list.places,
  };
}

function readAxes({ axes = {} }: StudyFile, list: MistakeList): Axis[] {
  return Object.entries(axes).map(([path, given]) => {
    const values = Array.isArray(given) ? given : gridValues(given);
    return axisOf(path, known(values, ['axes', path], list), false);
  });
}

function readLatin({ latin_hypercube: latin }: StudyFile, seed: string, list: MistakeList): Axis[] {
  if (latin === undefined) return [];
  return Object.entries(latin.ranges).map(([path, range]) => {
    const values = latinValues(range, latin.points, { seed, path });
    return axisOf(path, known(values, ['latin_hypercube', 'ranges', path], list), true);
  });
}

function known(values: AxisValue[] | RangeProblem, path: Path, list: MistakeList): AxisValue[] {
  if (!isRangeProblem(values)) return values;
  list.add([...path, values.key], {
    code: 'T102',
    message: values.problem,
    expected: 'a range such as { from: 1h, to: 6h, steps: 6 }',
  });
  return [];
}

function axisOf(path: string, values: AxisValue[], isSampled: boolean): Axis {
  return { path, column: columnName(path), ...columnOf(values), values, isSampled };
}

/** `cluster.settings.max_hint_window` is the column `cluster_settings_max_hint_window`. */
function columnName(path: string): string {
  const name = path.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return name.toLowerCase();
}

const TAKEN: readonly string[] = [
  ...['study', 'cell', 'run_id', 'plan_hash', 'fingerprint', 'seed', 'repairs', 'metric', 'where', 'value', 'unit'],
];

function checkAxes(axes: readonly Axis[], list: MistakeList): void {
  const columns = new Set<string>(TAKEN);
  for (const { path, column, values, isSampled } of axes) {
    const at = isSampled ? ['latin_hypercube', 'ranges', path] : ['axes', path];
    const refuse = (code: string, message: string, expected: string): void =>
      list.add(at, { code, message, expected, part: 'key' });
    if (path === 'seed' || path === 'seeds' || path.startsWith('seeds.'))
      refuse('T105', 'the seed is no axis', 'seeds: { from: 1, count: 20 }');
    else if (columns.has(column))
      refuse('T105', `two factors of the name ${column}`, 'each path once; repairs either as an axis or as repairs:');
    columns.add(column);
    const texts = values.map((value) => JSON.stringify(value));
    const twice = isSampled ? -1 : texts.findIndex((text, index) => texts.indexOf(text) < index);
    if (twice >= 0)
      list.add([...at, twice], {
        code: 'T103',
        message: `the value ${texts[twice]} stands twice`,
        expected: 'each value once',
      });
  }
}

function readRepairs({ repairs }: StudyFile, list: MistakeList): ReadStudy['repairs'] {
  if (repairs === undefined) return null;
  const ids = Object.keys(repairs);
  for (const id of ids.filter((each) => !ID.test(each)))
    list.add(['repairs', id], {
      code: 'S115',
      message: `"${id}" is not an id`,
      expected: 'such as weekly',
      part: 'key',
    });
  if (ids.length === 0 || ids.length > FACTORS_MAX)
    list.add(['repairs'], { code: 'T104', message: `${ids.length} repairs`, expected: `1 to ${FACTORS_MAX}` });
  return Object.fromEntries(
    Object.entries(repairs).map(([id, block]) => [
      id,
      block === null || Object.keys(block).length === 0 ? null : block,
    ]),
  );
}

const DEFAULT_SEEDS = ['1'];

function readSeeds({ seeds }: StudyFile, list: MistakeList): { seeds: string[]; held: SeedPurpose[] } {
  if (seeds === undefined) return { seeds: DEFAULT_SEEDS, held: [] };
  if (Array.isArray(seeds)) {
    const twice = seeds.findIndex((seed, index) => seeds.indexOf(seed) < index);
    if (twice >= 0)
      list.add(['seeds'], {
        code: 'T103',
        message: `the seed ${seeds[twice]} stands twice`,
        expected: 'each seed once',
      });
    return { seeds, held: [] };
  }
  const { from = 1, count, vary } = seeds;
  if (!/^\d{1,15}$/.test(String(from)))
    list.add(['seeds', 'from'], {
      code: 'T106',
      message: `${from} is not a whole number`,
      expected: 'a number such as 1',
    });
  for (const [index, name] of (vary ?? []).entries()) checkPurpose(name, ['seeds', 'vary', index], list);
  const first = Number(from);
  return {
    seeds: Array.from({ length: count }, (_, index) => String(first + index)),
    held: vary === undefined ? [] : SEED_PURPOSES.filter((purpose) => !vary.includes(purpose)),
  };
}

/** What is drawn together cannot be held apart. */
function checkPurpose(name: string, path: Path, list: MistakeList): void {
  if (SEED_PURPOSES.some((purpose) => purpose === name)) return;
  const better = nearestName(name, [...SEED_PURPOSES]);
  const finding = {
    code: 'T108',
    message: `"${name}" is not drawn apart from all else: it cannot be varied alone`,
    expected: `of ${SEED_PURPOSES.join(', ')}`,
    found: name,
  };
  list.add(path, better === null ? finding : { ...finding, suggestion: better });
}

/** What is to be varied and has a seed of its own in the scenario would not be. */
export function checkVaried({ study, places }: ReadStudy, scenario: unknown): Mistake[] {
  const list = new MistakeList(places);
  const fixed = isRecord(scenario) && isRecord(scenario['seeds']) ? Object.keys(scenario['seeds']) : [];
  for (const purpose of fixed.filter((each) => !study.held.some((held) => held === each)))
    list.add(['seeds'], {
      code: 'T107',
      message: `the scenario gives ${purpose} a seed of its own (seeds.${purpose}): no seed of the study varies it`,
      expected: `vary without ${purpose}, or a scenario without that seed`,
      part: 'key',
    });
  return list.all;
}
