/**
 * The sense of a plan whose shape holds: a plan.json may have been edited by hand, and the library takes any object. What a
 * scenario could not say (an unknown node, a table outside its keyspace, a rate that never ends) is refused here under the
 * code that it has there, with the path in the plan. A plan that was drawn is always sound.
 */
import { addUnknown, distinct } from '../drafting.ts';
import type { DialectRules, SettingSpec } from '../dialect-rules.ts';
import type { MistakeList } from '../places.ts';
import type { Plan, SettingValue } from '../plan.ts';
import { checkCluster } from './check-cluster.ts';
import { checkPoints } from './check-points.ts';
import { checkEntries } from './check-entries.ts';
import { checkExpectations } from './check-expectations.ts';
import { checkProbes, checkTables } from './check-tables.ts';
import { checkWorkloads } from './check-workloads.ts';
import { isTable, refuse } from './checking.ts';
import type { Checking, KnownNames } from './checking.ts';

/** Adds what is wrong with a plan of sound shape to `list`. */
export function checkPlan(
  plan: Plan,
  { dialects, known, list }: { dialects: readonly DialectRules[]; known: KnownNames; list: MistakeList },
): void {
  const rules = dialectOf(plan, dialects, list);
  if (rules === null) return;
  const checking: Checking = {
    ...{ plan, rules, list, known },
    nodeIds: new Set(plan.nodes.map(({ id }) => id)),
    tableIds: plan.tables.map(({ id }) => id),
    dcs: distinct(plan.nodes.map(({ dc }) => dc)),
    endMicros: plan.duration_micros + plan.settle_micros,
  };
  checkRun(checking);
  checkSwitches(checking);
  checkSettings(checking);
  const isCluster = checkCluster(checking);
  const areTables = checkTables(checking);
  checkWorkloads(checking);
  checkPoints(checking);
  checkEntries(checking, isCluster && areTables);
  checkProbes(checking);
  checkExpectations(checking);
}

function dialectOf({ database }: Plan, dialects: readonly DialectRules[], list: MistakeList): DialectRules | null {
  const [name] = database.split('@');
  const rules = dialects.find((dialect) => dialect.name === name);
  if (rules === undefined) {
    const names = dialects.map((dialect) => dialect.name);
    addUnknown(list, ['database'], { code: 'S162', kind: 'database', name, names });
    return null;
  }
  const resolved = rules.resolve(database);
  if ('database' in resolved) return rules;
  list.add(['database'], { found: database, ...resolved.mistake });
  return null;
}

function checkRun(checking: Checking): void {
  const { plan, endMicros } = checking;
  if (plan.duration_micros === 0)
    refuse(checking, ['duration_micros'], {
      code: 'S117',
      message: 'a run of no duration shows nothing',
      expected: 'a number of microseconds above 0',
    });
  if (!Number.isSafeInteger(endMicros))
    refuse(checking, ['duration_micros'], {
      code: 'S117',
      message: 'the run is too long',
      expected: 'less than 285 years',
    });
  if (plan.observe.every_micros === 0)
    refuse(checking, ['observe', 'every_micros'], {
      code: 'S117',
      message: 'samples without time between them never end',
      expected: 'a number of microseconds above 0',
    });
  for (const [index, key] of plan.observe.keys.entries())
    isTable(checking, ['observe', 'keys', index], key.slice(0, Math.max(0, key.indexOf(':'))));
}

function checkSwitches(checking: Checking): void {
  const { plan, rules, list } = checking;
  for (const [index, rule] of plan.model.off.entries()) {
    const path = ['model', 'off', index];
    const switchable = rules.switchableRuleIds();
    if (!rules.ruleIds().includes(rule))
      addUnknown(list, path, { code: 'S160', kind: 'rule', name: rule, names: rules.ruleIds() });
    else if (!switchable.includes(rule))
      refuse(checking, path, {
        code: 'S161',
        message: `turning ${rule} off has no effect in this version of Reconverge`,
        expected: `one of ${switchable.join(', ')}`,
        found: rule,
      });
  }
}

function checkSettings(checking: Checking): void {
  const { plan } = checking;
  checkSettingValues(checking, plan.settings, ['settings']);
  for (const [index, node] of plan.nodes.entries())
    if (node.settings !== undefined) checkSettingValues(checking, node.settings, ['nodes', index, 'settings']);
}

function checkSettingValues(
  checking: Checking,
  values: Readonly<Record<string, SettingValue>>,
  path: readonly (string | number)[],
): void {
  const { plan, rules, list } = checking;
  const specs = rules.settings(plan.database);
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(specs, name)) {
      list.warn([...path, name], {
        code: 'S205',
        message: `${plan.database} has no setting "${name}" that is known here; it changes nothing`,
        found: name,
      });
      continue;
    }
    const expected = expectedOf(specs[name], value);
    if (expected !== null)
      refuse(checking, [...path, name], {
        code: 'S171',
        message: `the setting has a value that it cannot have`,
        expected,
        found: JSON.stringify(value),
      });
  }
}

/** Null where the value fits; an unset value always does. */
function expectedOf({ type, ...spec }: SettingSpec, value: SettingValue): string | null {
  if (value === null) return null;
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'true or false';
    case 'texts':
      return Array.isArray(value) ? null : 'a list of texts';
    case 'text':
      return expectedText(spec.values, value);
    default:
      return expectedNumber({ least: type === 'integer' || type === 'number' ? -Infinity : 0, ...spec }, value);
  }
}

function expectedText(values: readonly string[] | undefined, value: SettingValue): string | null {
  if (typeof value !== 'string') return 'text';
  return values === undefined || values.includes(value) ? null : values.join(' | ');
}

function expectedNumber(
  { least, min = least, max = Infinity }: { least: number; min?: number; max?: number },
  value: SettingValue,
): string | null {
  if (typeof value === 'number' && value >= min && value <= max) return null;
  return `a number${min === -Infinity ? '' : `, at least ${min}`}${max === Infinity ? '' : `, at most ${max}`}`;
}
