/** Assembles a plan from a scenario whose shape holds: every part in the order in which they depend on each other. */
import { draftDevices, draftLinks } from './draft-devices.ts';
import { draftNodes } from './draft-nodes.ts';
import { draftJoiners } from './draft-joiners.ts';
import { draftExpectations } from './draft-expect.ts';
import type { ExpectOptions } from './draft-expect.ts';
import { draftFaults } from './draft-faults.ts';
import { draftDivergedLoads } from './draft-loaded.ts';
import { draftOperations } from './draft-operations.ts';
import { statementWorkloads } from './draft-statements.ts';
import { draftRepairs } from './draft-repairs.ts';
import { draftSettings } from './draft-settings.ts';
import { checkTopology } from './draft-topology.ts';
import { draftTables } from './draft-tables.ts';
import { draftProbes } from './draft-probes.ts';
import { keyTextsOfTraces, readTraces } from './draft-traces.ts';
import { draftWorkloads, tablesWithRowDeletes } from './draft-workload.ts';
import { addUnknown, distinct, tableNames } from './drafting.ts';
import type { Drafting, Imports } from './drafting.ts';
import type { DialectRules, ImportedShard, PointRules } from './dialect-rules.ts';
import type { MistakeList } from './places.ts';
import type { Plan } from './plan.ts';
import type { Scenario } from './schema/scenario.ts';
import { Times } from './times.ts';
import type { KeptTimes } from './times.ts';
import { draftManualEntries } from './points/draft-manual.ts';
import { draftPointEntries } from './points/draft-point-entries.ts';
import { draftPointProbes } from './points/draft-point-probes.ts';
import { draftPointParts } from './points/draft-point-parts.ts';
import { refusePointParts } from './points/refuse-parts.ts';
import { parseInstant } from './time-text.ts';
import { isUnitProblem } from './units.ts';

export interface DraftInput {
  scenario: Scenario;
  file: string;
  version: string;
  dialects: readonly DialectRules[];
  list: MistakeList;
  imports: Imports;
  kept: Readonly<Record<string, KeptTimes>>;
  tableCount: number;
  expect: ExpectOptions;
}

export const DEFAULT_SEED = '1';
const SAMPLES = 500;
const SECOND_MICROS = 1_000_000;

/** All of a plan but the scenario it came from. */
export type DraftedPlan = Omit<Plan, 'source'> & { usedKept: string[] };

/** Null where the database or the cluster cannot be made out; else a plan, sound only if `list` holds no mistake. */
export function draftPlan(input: DraftInput): DraftedPlan | null {
  const { scenario, list } = input;
  const dialect = findDialect(input);
  const epochMicros = startOf(input);
  const seed = scenario.seed ?? DEFAULT_SEED;
  const seeds = scenario.seeds === undefined ? {} : { seeds: scenario.seeds };
  const times = new Times({ scenario, seed, ...seeds, epochMicros, kept: input.kept, list });
  checkDuration(input, times);
  if (dialect === null) return null;
  const drafting: Drafting = {
    scenario,
    seed,
    ...seeds,
    ...dialect,
    list,
    times,
    imports: input.imports,
    settings: {},
    nodes: [],
    joiners: [],
    tables: [],
    tableCount: input.tableCount,
    assumptions: [],
    notModelled: [],
  };
  drafting.settings = draftSettings(drafting);
  const { nodes, shards } = draftNodes(drafting, drafting.settings);
  drafting.nodes = nodes;
  const everyMicros = sampling(drafting);
  const parts =
    dialect.rules.points === undefined
      ? draftRingParts(drafting, { epochMicros, everyMicros })
      : draftShardParts(drafting, dialect.rules.points, { epochMicros, everyMicros, imported: shards });
  return {
    format: 1,
    version: input.version,
    name: scenario.name ?? nameOf(input.file),
    story: scenario.story ?? '',
    tags: scenario.tags ?? [],
    database: dialect.database,
    requested_database: scenario.database,
    seed,
    ...seeds,
    start: scenario.start ?? null,
    duration_micros: scenario.duration,
    settle_micros: times.endMicros - scenario.duration,
    settings: drafting.settings,
    nodes: [...drafting.nodes, ...drafting.joiners],
    devices: draftDevices(drafting),
    links: draftLinks(drafting),
    tables: drafting.tables,
    ...parts,
    observe: { every_micros: everyMicros, keys: watchedKeys(drafting) },
    expect: draftExpectations(drafting, input.expect),
    model: { off: switchedOff(drafting) },
    assumptions: distinct(drafting.assumptions),
    not_modelled: distinct([...drafting.notModelled, ...dialect.rules.notModelled(dialect.database)]),
    usedKept: [...times.used],
  };
}

type Parts = Pick<Plan, 'workload' | 'points' | 'meta_nodes' | 'entries' | 'probes'>;

const USUAL_META_NODES = 3;

/** Of tables in a ring. */
function draftRingParts(
  drafting: Drafting,
  { epochMicros, everyMicros }: { epochMicros: number | null; everyMicros: number },
): Parts {
  refusePointParts(drafting);
  drafting.joiners = draftJoiners(drafting);
  const traces = readTraces(drafting, epochMicros);
  drafting.tables = draftTables(drafting, {
    deletesRows: tablesWithRowDeletes(drafting, traces),
    keyTexts: keyTextsOfTraces(drafting, traces),
  });
  const operations = draftOperations(drafting);
  const entries = [...draftFaults(drafting), ...operations, ...draftRepairs(drafting), ...draftDivergedLoads(drafting)];
  checkTopology(drafting, entries);
  return {
    workload: { ...draftWorkloads(drafting, traces), ...statementWorkloads(drafting, operations) },
    entries,
    probes: draftProbes(drafting, everyMicros),
  };
}

/** Of points in shards. */
function draftShardParts(
  drafting: Drafting,
  rules: PointRules,
  input: { epochMicros: number | null; everyMicros: number; imported: readonly ImportedShard[] },
): Parts {
  const { tables, points } = draftPointParts(drafting, rules, input);
  drafting.tables = tables;
  const { epochMicros } = input;
  const entries = [
    ...draftFaults(drafting),
    ...draftPointEntries(drafting, { rules, points, epochMicros }),
    ...draftManualEntries(drafting, rules),
  ];
  const probes = draftPointProbes(drafting, { rules, points, everyMicros: input.everyMicros });
  const { meta_nodes: metaNodes = USUAL_META_NODES } = drafting.scenario.cluster;
  return {
    ...{ workload: {}, points, entries, probes },
    ...(metaNodes === USUAL_META_NODES ? {} : { meta_nodes: metaNodes }),
  };
}

function findDialect({ scenario, dialects, list }: DraftInput): { rules: DialectRules; database: string } | null {
  const [name] = scenario.database.split('@');
  const rules = dialects.find((dialect) => dialect.name === name);
  if (rules === undefined) {
    const names = dialects.map((dialect) => dialect.name);
    addUnknown(list, ['database'], { code: 'S162', kind: 'database', name, names });
    return null;
  }
  const resolved = rules.resolve(scenario.database);
  if ('database' in resolved) return { rules, database: resolved.database };
  list.add(['database'], { found: scenario.database, ...resolved.mistake });
  return null;
}

function startOf({ scenario, list }: DraftInput): number | null {
  if (scenario.start === undefined) return null;
  const epochMicros = parseInstant(scenario.start);
  if (!isUnitProblem(epochMicros)) return epochMicros;
  const { code, message, expected } = epochMicros;
  list.add(['start'], { code, message, expected, found: scenario.start });
  return null;
}

function checkDuration({ scenario, list }: DraftInput, { endMicros }: Times): void {
  if (scenario.duration === 0)
    list.add(['duration'], {
      code: 'S117',
      message: 'a run of no duration shows nothing',
      expected: 'a duration above 0',
    });
  if (!Number.isSafeInteger(endMicros))
    list.add(['duration'], { code: 'S117', message: 'the run is too long', expected: 'less than 285 years' });
}

function sampling({ scenario, list }: Drafting): number {
  const every = scenario.observe?.every;
  if (every === 0)
    list.add(['observe', 'every'], { code: 'S117', message: 'every is out of range', expected: 'a duration above 0' });
  const seconds = Math.ceil(scenario.duration / SAMPLES / SECOND_MICROS);
  return every ?? Math.max(1, seconds) * SECOND_MICROS;
}

function watchedKeys(drafting: Drafting): string[] {
  const { scenario, list } = drafting;
  const keys = scenario.observe?.keys ?? [];
  const tables = tableNames(drafting);
  for (const [index, key] of keys.entries()) {
    const path = ['observe', 'keys', index];
    const table = key.slice(0, Math.max(0, key.indexOf(':')));
    if (!key.includes(':'))
      list.add(path, { code: 'S118', message: `"${key}" is not a key`, expected: 'keyspace.table:key', found: key });
    else if (!tables.includes(table))
      addUnknown(list, path, { code: 'S131', kind: 'table', name: table, names: tables });
  }
  return keys;
}

function switchedOff({ scenario, rules, list }: Drafting): string[] {
  const off = scenario.model?.off ?? [];
  for (const [index, rule] of off.entries()) {
    const path = ['model', 'off', index];
    if (!rules.ruleIds().includes(rule))
      addUnknown(list, path, { code: 'S160', kind: 'rule', name: rule, names: rules.ruleIds() });
    else if (!rules.switchableRuleIds().includes(rule)) {
      list.add(path, {
        code: 'S161',
        message: `turning ${rule} off has no effect in this version of Reconverge`,
        expected: `one of ${rules.switchableRuleIds().join(', ')}`,
        found: rule,
      });
    }
  }
  return distinct(off);
}

/** `scenarios/a-b.yaml` → `a-b` */
function nameOf(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.(ya?ml|json)$/, '');
}
