/** Operations: what the operator's command, statement or change means, the nodes concerned, when and for how long. */
import { formatSpan } from '../base/human.ts';
import { statementEntry } from './draft-statements.ts';
import { readWrittenSettings } from './draft-settings.ts';
import { draftTopologyCommand, draftTopologyOperation } from './draft-topology.ts';
import { distinct, lastingMicros, requireTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanEntry, SettingValue } from './plan.ts';
import type { ScenarioOperation } from './schema/scenario.ts';
import { durationText } from './units.ts';

type OperationOf<K extends ScenarioOperation['do']> = Extract<ScenarioOperation, { do: K }>;

/** How long a restart takes where nothing is said. */
export const RESTART_MICROS = 60_000_000;

interface Common<O extends ScenarioOperation> {
  operation: O;
  path: Path;
  id: string;
  at: number;
  nodes: string[];
  /** Null: for good, or until something else changes it. */
  forMicros: number | null;
}

export function draftOperations(drafting: Drafting): PlanEntry[] {
  const operations = Object.entries(drafting.scenario.operations ?? {});
  return operations.flatMap(([id, operation]) => draftOperation(drafting, id, operation) ?? []);
}

function draftOperation(drafting: Drafting, id: string, operation: ScenarioOperation): PlanEntry | null {
  const { tables, list, times, tableCount } = drafting;
  const path = ['operations', id] as const;
  if (isTopologyOperation(operation)) {
    const begins = times.edge('operations', id, 'start');
    if (begins !== null) lateWarning(drafting, id, begins);
    return begins === null ? null : draftTopologyOperation(drafting, operation, { id, at: begins });
  }
  const nodes = requireTargets(drafting, operation, path);
  const at = times.edge('operations', id, 'start');
  if ('every' in operation && operation.every === 0)
    list.add([...path, 'every'], { code: 'S117', message: 'every is out of range', expected: 'a duration above 0' });
  if (at !== null) lateWarning(drafting, id, at);
  const forMicros = 'for' in operation || 'until' in operation ? lastingMicros(drafting, operation, path) : null;
  // A table that was refused would be called unknown.
  if (tables.length < tableCount) return null;
  const common = { path, id: `operations.${id}`, at: at ?? 0, nodes, forMicros };
  const entry = entryOf(drafting, operation, common);
  return at === null || nodes.length === 0 ? null : entry;
}

type TopologyOperation = OperationOf<'alter' | 'add' | 'replace' | 'remove'>;
type OtherOperation = Exclude<ScenarioOperation, TopologyOperation>;

function isTopologyOperation(operation: ScenarioOperation): operation is TopologyOperation {
  return ['alter', 'add', 'replace', 'remove'].includes(operation.do);
}

function entryOf(
  drafting: Drafting,
  operation: OtherOperation,
  common: Omit<Common<ScenarioOperation>, 'operation'>,
): PlanEntry | null {
  switch (operation.do) {
    case 'nodetool':
      return nodetool(drafting, { ...common, operation });
    case 'cql':
      return statementEntry(drafting, { ...common, operation });
    case 'influxql':
    case 'influxd-ctl':
      // Refused in words by whoever tells the databases apart.
      return null;
    case 'set':
      return changed(drafting, { ...common, operation });
    case 'restart':
      return restarted(drafting, { ...common, operation });
  }
}

// ---------------------------------------------------------------- nodetool

function nodetool(drafting: Drafting, common: Common<OperationOf<'nodetool'>>): PlanEntry | null {
  const { operation, path, id, at, nodes, forMicros } = common;
  const { rules, database, tables, list } = drafting;
  const named = tables.map(({ id: table, keyspace, name }) => ({ id: table, keyspace, name }));
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  const read = rules.readOperation(operation.run, { database, tables: named, nodes: drafting.nodes, dcs });
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) list.add([...path, 'run'], mistake, operation.run);
    return null;
  }
  if ('topology' in read)
    return draftTopologyCommand(drafting, read.topology, {
      id: String(path[1]),
      at,
      runsOn: nodes,
      text: operation.run,
    });
  const base = { id, at_micros: at, nodes, command: operation.run };
  const { kind } = read.operation;
  const lasts = kind === 'changeSettings' || kind === 'pauseHandoff' || kind === 'switchCompaction';
  const repeats = kind === 'compactTables' || kind === 'flushTables';
  if (!lasts) refuseKey(drafting, operation, path, ['for', 'until']);
  if (!repeats) refuseKey(drafting, operation, path, ['every']);
  switch (read.operation.kind) {
    case 'compactTables':
    case 'flushTables':
      return { ...base, ...read.operation, every_micros: operation.every ?? null };
    case 'resumeHandoff':
    case 'truncateHints':
      return { ...base, ...read.operation };
    default:
      return { ...base, ...read.operation, for_micros: forMicros };
  }
}

function refuseKey(
  { list }: Drafting,
  operation: OperationOf<'nodetool'>,
  path: Path,
  keys: readonly ('for' | 'until' | 'every')[],
): void {
  for (const key of keys) {
    if (operation[key] === undefined) continue;
    const why = key === 'every' ? 'is not repeated: it holds until it is changed back' : 'does its work at once';
    list.add([...path, key], {
      code: 'S175',
      message: `"${operation.run}" ${why}`,
      expected: key === 'every' ? 'for or until, or another operation' : 'no end',
      part: 'key',
    });
  }
}

// ---------------------------------------------------------------- settings

function changed(drafting: Drafting, common: Common<OperationOf<'set'>>): PlanEntry | null {
  const { operation, path, id, at, nodes, forMicros } = common;
  const settings = settingsOf(drafting, operation.settings, [...path, 'settings']);
  const { rules, database, list } = drafting;
  const commands: string[] = [];
  for (const name of Object.keys(settings)) {
    const by = rules.settingCommand(database, name);
    if (by !== null) commands.push(by);
    else
      list.add([...path, 'settings', name], {
        code: 'S176',
        message: `nothing changes ${name} of ${database} while a node runs`,
        expected: 'do: restart, with settings',
        part: 'key',
      });
  }
  if (Object.keys(operation.settings).length === 0) addNothing(drafting, [...path, 'settings']);
  if (commands.length === 0 || commands.length < Object.keys(settings).length) return null;
  const command = distinct(commands).join(', ');
  return {
    ...{ id, at_micros: at, nodes, kind: 'changeSettings', settings, dc_hints: null },
    ...{ for_micros: forMicros, command: `set ${Object.keys(settings).join(', ')} (${command})` },
  };
}

function restarted(drafting: Drafting, common: Common<OperationOf<'restart'>>): PlanEntry | null {
  const { operation, path, id, at, nodes, forMicros } = common;
  const settings = settingsOf(drafting, operation.settings ?? {}, [...path, 'settings']);
  if (forMicros === null && operation.for === undefined && operation.until === undefined)
    drafting.assumptions.push(`length of the restart ${id} not given: ${formatSpan(RESTART_MICROS)}`);
  return { id, at_micros: at, nodes, kind: 'restartNode', settings, for_micros: forMicros ?? RESTART_MICROS };
}

function addNothing({ list }: Drafting, path: Path): void {
  list.add(path, { code: 'S118', message: 'no setting is changed', expected: 'at least one setting' });
}

/** Those that the model can change in a run; others are a mistake, or listed as not modelled. */
function settingsOf(
  drafting: Drafting,
  written: Readonly<Record<string, unknown>>,
  path: Path,
): Record<string, SettingValue> {
  const { rules, list } = drafting;
  const changeable = rules.changeableSettings();
  const settings = readWrittenSettings(drafting, written, path);
  for (const name of Object.keys(settings)) {
    if (changeable.includes(name)) continue;
    list.add([...path, name], {
      code: 'S176',
      message: `${name} does not change during a run in this version of Reconverge`,
      expected: `one of ${changeable.join(', ')}`,
      part: 'key',
    });
    delete settings[name];
  }
  return settings;
}

export function lateWarning({ list, times }: Drafting, id: string, at: number): void {
  if (at < times.endMicros) return;
  list.warn(['operations', id, 'at'], {
    code: 'S203',
    message: `the operation begins after the end of the run (${durationText(at)})`,
    expected: `before ${durationText(times.endMicros)}`,
  });
}
