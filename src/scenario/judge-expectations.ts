/**
 * Refuses expectations that mean nothing in their own scenario: no run of it could break them, or none could meet them. An
 * expectation that a variant is said to break is asked of that variant, where it must be able to fail. Plans that somebody
 * edited are not judged: an ablation may well take away what an expectation is about.
 */
import type { DialectRules, PlacelessMistake } from './dialect-rules.ts';
import { checkSense } from './expect-sense.ts';
import { checkOrderSense } from './expect-order-sense.ts';
import type { MetricFacts } from './expect-bounds.ts';
import { valuesIn, worldOf } from './expect-range.ts';
import type { World } from './expect-range.ts';
import type { PlanParts } from './impossible-causes.ts';
import type { MistakeList, Path } from './places.ts';
import type { PlanExpectation } from './plan.ts';

/** A scenario as it is written, or one of its variants with the expectations that it must break; null: not judged. */
export type Judged = { proven: readonly string[] } | { variant: string; mustBreak: readonly string[] } | null;

export interface JudgeInput {
  plan: PlanParts;
  rules: DialectRules | null;
  metrics: readonly MetricFacts[];
  list: MistakeList;
}

export function judgeExpectations({ plan, rules, metrics, list }: JudgeInput, judged: Judged): void {
  if (judged === null) return;
  const world = worldOf(plan, rules);
  for (const [id, expectation] of Object.entries(plan.expect)) {
    const finding = findingOf(world, expectation, metrics);
    if (finding === null) continue;
    if ('variant' in judged) {
      const index = judged.mustBreak.indexOf(id);
      if (finding.canFail || index < 0) continue;
      list.add(['variants', judged.variant, 'must_break', index], finding.says);
    } else if (finding.canFail || !judged.proven.includes(id)) list.add(['expect', id, ...finding.at], finding.says);
  }
}

interface Finding {
  says: PlacelessMistake;
  /** Below the expectation. */
  at: Path;
  canFail: boolean;
}

function findingOf(world: World, expectation: PlanExpectation, metrics: readonly MetricFacts[]): Finding | null {
  if (expectation.check === 'order') return checkOrderSense(world.plan, expectation.events);
  const metric = metrics.find(({ name }) => name === expectation.metric);
  if (metric === undefined) return null;
  const values = valuesIn(world, metric, expectation.where);
  if ('noValue' in values) {
    const message = `this expectation can never be decided: ${metric.name} has no value, ${values.noValue}`;
    const says = { code: 'S143', message, expected: 'a metric that this run measures' };
    return { says, at: ['metric'], canFail: true };
  }
  const finding = checkSense(expectation, values);
  return finding === null ? null : { ...finding, at: [finding.bound] };
}
