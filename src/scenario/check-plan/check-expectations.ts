/** Expectations of a plan: metrics, laws and names that there are, bounds, windows within the run. */
import { CAUSES, STATES } from '../../data/causes.ts';
import { addUnknown } from '../drafting.ts';
import { CONDITION } from '../draft-expect.ts';
import type { MetricFacts } from '../expect-bounds.ts';
import { checkSense, rangeOf } from '../expect-sense.ts';
import type { Path } from '../places.ts';
import type { PlanExpectation, PlanWhere } from '../plan.ts';
import { isNode, isTable, refuse } from './checking.ts';
import type { Checking } from './checking.ts';

export function checkExpectations(checking: Checking): void {
  for (const [id, expectation] of Object.entries(checking.plan.expect)) {
    const path = ['expect', id];
    checkWindow(checking, expectation, path);
    if (expectation.check === 'order') checkOrder(checking, expectation, path);
    else if (expectation.law !== null) checkLaw(checking, expectation.law, path);
    else checkMeasured(checking, expectation, path);
  }
}

function checkWindow(
  checking: Checking,
  { check, from_micros: from, to_micros: to }: PlanExpectation,
  path: Path,
): void {
  const { endMicros } = checking;
  const isMoment = check === 'at';
  if (to > endMicros)
    refuse(checking, [...path, 'to_micros'], {
      code: 'S141',
      message: 'what is judged lies after the end of the run',
      expected: `at most ${endMicros}`,
    });
  else if (isMoment ? to < from : to <= from)
    refuse(checking, [...path, 'to_micros'], {
      code: 'S141',
      message: 'the window has no length or ends before it begins: it could never fail',
      expected: `${isMoment ? 'at least' : 'more than'} from_micros, ${from}`,
    });
}

function checkOrder(checking: Checking, { events }: PlanExpectation, path: Path): void {
  if (events.length < 2)
    refuse(checking, [...path, 'events'], {
      code: 'S118',
      message: 'an order has at least two events',
      expected: 'two or more events',
    });
  for (const [index, event] of events.entries()) {
    const condition = CONDITION.exec(event);
    if (condition !== null) findMetric(checking, condition[1], [...path, 'events', index]);
  }
}

function checkLaw({ known, list }: Checking, law: string, path: Path): void {
  if (known.laws !== null && !known.laws.includes(law))
    addUnknown(list, [...path, 'law'], { code: 'S145', kind: 'law', name: law, names: known.laws });
}

function checkMeasured(checking: Checking, expectation: PlanExpectation, path: Path): void {
  const { metric: name, where, bounds } = expectation;
  if (name === null) {
    refuse(checking, [...path, 'metric'], {
      code: 'S111',
      message: 'an expectation without metric and law',
      expected: 'a metric, or a law',
    });
    return;
  }
  const { list } = checking;
  const metric = findMetric(checking, name, [...path, 'metric']);
  checkWhere(checking, where, [...path, 'where']);
  for (const key of Object.keys(where)) {
    if (metric?.where !== undefined && !metric.where.includes(key))
      refuse(checking, [...path, 'where', key], {
        code: 'S114',
        message: `${name} is not known by ${key}`,
        expected: metric.where.length === 0 ? 'no where' : `one of ${metric.where.join(', ')}`,
      });
  }
  const given = Object.keys(bounds).filter((bound) => bound !== 'within_share');
  if (given.length === 0 || (bounds.near !== undefined && bounds.within_share === undefined))
    refuse(checking, [...path, 'bounds'], {
      code: 'S144',
      message: given.length === 0 ? 'an expectation needs a bound' : 'near needs a tolerance',
      expected: given.length === 0 ? 'one of above, below, is, not, between, near' : 'within_share beside near',
    });
  else if (metric !== null) {
    const finding = checkSense(expectation, rangeOf(metric));
    if (finding !== null) list.add([...path, 'bounds', finding.bound], finding.says);
  }
}

function findMetric({ known, list }: Checking, name: string, path: Path): MetricFacts | null {
  if (known.metrics === null) return { name };
  const metric = known.metrics.find((each) => each.name === name);
  const names = known.metrics.map((each) => each.name);
  if (metric === undefined) addUnknown(list, path, { code: 'S145', kind: 'metric', name, names });
  return metric ?? null;
}

/** Entries, probes and workloads are not asked for: an edit may have taken away what an expectation names. */
function checkWhere(checking: Checking, { cause, state, node, table, between }: PlanWhere, path: Path): void {
  const { list } = checking;
  if (cause !== undefined && !CAUSES.some((name) => name === cause))
    addUnknown(list, [...path, 'cause'], { code: 'S139', kind: 'cause', name: cause, names: CAUSES });
  if (state !== undefined && !STATES.some((name) => name === state))
    addUnknown(list, [...path, 'state'], { code: 'S139', kind: 'state', name: state, names: STATES });
  if (node !== undefined) isNode(checking, [...path, 'node'], node);
  if (table !== undefined) isTable(checking, [...path, 'table'], table);
  for (const [index, name] of (between ?? []).entries()) isNode(checking, [...path, 'between', index], name);
}
