/** What a study measures, the series it keeps, and when it is enough: names against the registry of metrics, each with its place. */
import { findMetric, METRICS } from '../../observe/metrics.ts';
import { nearestName } from '../../scenario/nearest.ts';
import type { MistakeList, Path } from '../../scenario/places.ts';
import type { PlanWhere } from '../../scenario/plan.ts';
import { isUnitProblem, parseQuantity } from '../../scenario/units.ts';
import { PAIRS_MIN } from '../statistics/paired.ts';
import { COMPARED } from './measured.ts';
import type { Measure, StopRule } from './study.ts';
import type { StudyFile } from './study-shape.ts';

const CONFIDENCE = 0.95;

export function readMeasures({ measure }: StudyFile, list: MistakeList): Measure[] {
  const measures = measure.map((given, index): Measure => {
    const path = ['measure', index];
    const { metric, where = {}, take = 'end' } = typeof given === 'string' ? { metric: given } : given;
    if (isKnown(metric, typeof given === 'string' ? path : [...path, 'metric'], list))
      checkMeasure({ metric, where, take }, path, list);
    return { metric, where: withoutAbsent(where), take };
  });
  const texts = measures.map((each) => JSON.stringify(each));
  for (const [index, text] of texts.entries()) {
    if (texts.indexOf(text) < index)
      list.add(['measure', index], {
        code: 'T103',
        message: `${measures[index].metric} stands twice`,
        expected: 'each measure once',
      });
  }
  return measures;
}

type GivenWhere = { [Member in keyof PlanWhere]?: PlanWhere[Member] | undefined };

function withoutAbsent(where: GivenWhere): PlanWhere {
  return Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
}

function isKnown(metric: string, path: Path, list: MistakeList): boolean {
  if (findMetric(metric) !== undefined || COMPARED.has(metric)) return true;
  const names = [...METRICS.map(({ name }) => name), ...COMPARED.keys()];
  const better = nearestName(metric, names);
  const finding = {
    code: 'T110',
    message: `unknown metric "${metric}"`,
    expected: 'a metric of docs/metrics.md',
    found: metric,
  };
  list.add(path, better === null ? finding : { ...finding, suggestion: better });
  return false;
}

function checkMeasure(
  { metric, where, take }: { metric: string; where: GivenWhere; take: string },
  path: Path,
  list: MistakeList,
): void {
  const facts = findMetric(metric);
  const members: readonly string[] = facts?.where ?? [];
  for (const key of Object.keys(where)) {
    if (members.includes(key)) continue;
    list.add([...path, 'where', key], {
      code: 'T111',
      message: `${metric} is not known by ${key}`,
      expected: members.length === 0 ? 'no where' : `one of ${members.join(', ')}`,
      part: 'key',
    });
  }
  if (take !== 'end' && facts?.kind !== 'level' && facts?.kind !== 'total')
    list.add([...path, 'take'], {
      code: 'T112',
      message: `${metric} is only known at the end of a run`,
      expected: 'take: end',
    });
}

/** Of what is measured, that which changes with time; unless they are named. */
export function readSeries({ series, measure }: StudyFile, list: MistakeList): string[] {
  const isLive = (name: string): boolean => ['level', 'total'].includes(findMetric(name)?.kind ?? '');
  if (series === undefined) {
    const names = measure.map((given) => (typeof given === 'string' ? given : given.metric));
    return [...new Set(names)].filter(isLive);
  }
  for (const [index, name] of series.entries()) {
    if (!isKnown(name, ['series', index], list) || isLive(name)) continue;
    list.add(['series', index], {
      code: 'T112',
      message: `${name} is only known at the end of a run`,
      expected: 'a level or a total',
    });
  }
  return [...new Set(series)];
}

interface Asked {
  measures: readonly Measure[];
  seeds: number;
}

export function readStop({ stop }: StudyFile, { measures, seeds }: Asked, list: MistakeList): StopRule | null {
  if (stop === undefined) return null;
  const { metric, half_width: width, confidence = CONFIDENCE, looks } = stop;
  const measure = measures.findIndex((each) => each.metric === metric);
  const names = measures.map((each) => each.metric);
  if (measure < 0) {
    const better = nearestName(metric, names);
    const finding = { code: 'T113', message: `${metric} is not measured`, expected: `one of ${names.join(', ')}` };
    list.add(['stop', 'metric'], better === null ? finding : { ...finding, suggestion: better });
  }
  const read = parseQuantity(width);
  if (isUnitProblem(read) || read.value <= 0)
    list.add(['stop', 'half_width'], {
      code: 'T114',
      message: 'not a half width',
      expected: '5% of the mean, or a quantity',
    });
  if (confidence < 0.5 || confidence >= 1)
    list.add(['stop', 'confidence'], {
      code: 'T114',
      message: 'no interval has this confidence',
      expected: '50% to 99.9%',
    });
  const bad = looks.findIndex(
    (look, index) => look < PAIRS_MIN || look > seeds || (index > 0 && look <= looks[index - 1]),
  );
  if (bad >= 0)
    list.add(['stop', 'looks', bad], {
      code: 'T115',
      message: `a look after ${looks[bad]} seeds`,
      expected: `rising numbers from ${PAIRS_MIN} to the number of seeds, ${seeds}`,
    });
  if (isUnitProblem(read)) return null;
  return {
    measure,
    halfWidth: read.value,
    isShare: read.dimension === 'share',
    confidence,
    // All seeds are the last look, said or not.
    looks: looks.at(-1) === seeds ? looks : [...looks, seeds],
  };
}
