/**
 * The cells of a study and its runs: the product of repairs, axes and the points of a Latin hypercube, each with the edits
 * that make it of the scenario; and the order in which runs are done: by seed, so that what there is so far is of all cells.
 */
import type { Mistake } from '../../base/mistake.ts';
import type { Edit } from '../../scenario/load.ts';
import { MistakeList } from '../../scenario/places.ts';
import type { Path } from '../../scenario/places.ts';
import type { ReadStudy } from './read-study.ts';
import type { Axis, AxisValue, Study, StudyCell } from './study.ts';

const CELLS_MAX = 10_000;
const RUNS_MAX = 1_000_000;

/** `sections`: the keys of the scenario. */
export function cellsOf(
  { study, repairs, places }: ReadStudy,
  sections: readonly string[],
): { cells: StudyCell[]; mistakes: Mistake[] } {
  const crossed = study.axes.filter(({ isSampled }) => !isSampled);
  const points = study.axes.find(({ isSampled }) => isSampled)?.values.length ?? 1;
  const ids = repairs === null ? [null] : Object.keys(repairs);
  const count = crossed.reduce((product, { values }) => product * values.length, ids.length * points);
  const list = new MistakeList(places);
  if (count > CELLS_MAX || count * study.seeds.length > RUNS_MAX) {
    list.add([crossed.length === 0 ? 'seeds' : 'axes'], {
      code: 'T104',
      message: `${count} cells × ${study.seeds.length} seeds`,
      expected: `at most ${CELLS_MAX} cells and ${RUNS_MAX} runs`,
      part: 'key',
    });
    return { cells: [], mistakes: list.all };
  }
  // What is expected of the scenario as it is written says nothing of its cells.
  const gone = ['expect', 'variants'].filter((key) => sections.includes(key));
  const common = gone.map((path): Edit => ({ kind: 'remove', path, place: places.at(['scenario']) }));
  const cells = ids.flatMap((id) =>
    productOf(crossed).flatMap((chosen) =>
      Array.from({ length: points }, (_, point) => {
        const indices = study.axes.map((axis) => (axis.isSampled ? point : chosen[crossed.indexOf(axis)]));
        const edits = [...common, ...repairsEdits(id, repairs, sections, places.at(['repairs', id ?? '']))];
        edits.push(
          ...study.axes.map((axis, own) => editOf(axis, indices[own], places.at(placeOf(axis, indices[own])))),
        );
        return { repairs: id, values: study.axes.map(({ values }, own) => values[indices[own]]), edits };
      }),
    ),
  );
  return { cells: cells.map((cell, index) => ({ cell: index, ...cell })), mistakes: [] };
}

/** Indices of one value of each axis, the last axis fastest. */
function productOf(axes: readonly Axis[]): number[][] {
  return axes.reduce<number[][]>(
    (all, { values }) => all.flatMap((chosen) => values.map((_, index) => [...chosen, index])),
    [[]],
  );
}

function placeOf({ path, isSampled }: Axis, value: number): Path {
  return isSampled ? ['latin_hypercube', 'ranges', path] : ['axes', path, value];
}

function editOf({ path, values }: Axis, index: number, place: Edit['place']): Edit {
  const value: AxisValue = values[index];
  return value === null ? { kind: 'remove', path, place } : { kind: 'set', path, place, value };
}

function repairsEdits(
  id: string | null,
  repairs: ReadStudy['repairs'],
  sections: readonly string[],
  place: Edit['place'],
): Edit[] {
  if (id === null || repairs === null) return [];
  const block = repairs[id];
  if (block !== null) return [{ kind: 'set', path: 'repairs', place, value: block }];
  return sections.includes('repairs') ? [{ kind: 'remove', path: 'repairs', place }] : [];
}

/** The edits of one run: its cell's, and the seeds of what is held. */
export function editsOfRun({ held, seeds }: Pick<Study, 'held' | 'seeds'>, { edits }: StudyCell): Edit[] {
  const place = { file: 'seeds', line: 0, column: 0, length: 0 };
  return [
    ...edits,
    ...held.map((purpose): Edit => ({ kind: 'set', path: `seeds.${purpose}`, place, value: seeds[0] })),
  ];
}

/** Cells that between them have each value of each factor: what is wrong with a value is wrong in one of these. */
export function cellsToTry(cells: readonly StudyCell[]): StudyCell[] {
  const seen = new Set<string>();
  return cells.filter(({ repairs, values }) => {
    const keys = [repairs, ...values].map((value, factor) => `${factor} ${JSON.stringify(value)}`);
    const isNew = keys.some((key) => !seen.has(key));
    for (const key of keys) seen.add(key);
    return isNew;
  });
}
