/** Variants: what each edits and which expectations it must break. Whether they draw is tried in draw-scenario.ts. */
import { otherFile } from './file-path.ts';
import { nearestName } from './nearest.ts';
import { isRecord, valueAt } from './places.ts';
import type { MistakeList } from './places.ts';
import type { PlanVariant } from './plan.ts';
import type { Scenario } from './schema/scenario.ts';

export function planVariants(scenario: Scenario, list: MistakeList): Record<string, PlanVariant> {
  const variants = Object.entries(scenario.variants ?? {});
  return Object.fromEntries(
    variants.map(([id, variant]) => {
      const place = list.places.at(['variants', id], 'key');
      return [id, { ...variant, line: place.line, ...otherFile(list.places.file, place) }];
    }),
  );
}

/** Every name in `must_break` is an expectation. Works on plain data: it is checked also where the rest is not sound. */
export function checkMustBreak(data: unknown, list: MistakeList): void {
  const variants = valueAt(data, ['variants']);
  const expect = valueAt(data, ['expect']);
  const names = isRecord(expect) ? Object.keys(expect) : [];
  for (const id of isRecord(variants) ? Object.keys(variants) : []) {
    const broken = valueAt(variants, [id, 'must_break']);
    for (const [index, name] of (Array.isArray(broken) ? broken : []).entries()) {
      if (typeof name !== 'string' || names.includes(name)) continue;
      const better = nearestName(name, names);
      const finding = {
        code: 'S146',
        message: `unknown expectation "${name}"`,
        expected: names.length === 0 ? 'the scenario has no expectations' : `one of ${names.join(', ')}`,
        found: name,
      };
      list.add(['variants', id, 'must_break', index], better === null ? finding : { ...finding, suggestion: better });
    }
  }
}

/** An expectation that no variant breaks may be one that cannot fail. */
export function checkUnbroken(scenario: Scenario, list: MistakeList): void {
  const broken = new Set(Object.values(scenario.variants ?? {}).flatMap((variant) => variant.must_break));
  for (const id of Object.keys(scenario.expect ?? {})) {
    if (!broken.has(id))
      list.warn(['expect', id], {
        code: 'S204',
        message: `no variant breaks the expectation "${id}", so nothing shows that it can fail`,
        expected: 'a variant with must_break that names it',
        part: 'key',
      });
  }
}
