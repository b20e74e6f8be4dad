/** A database that does not exist, small enough to see through: what the scenario reader needs and nothing else. */
import type { DialectRules, PlacelessMistake } from '../../src/scenario/dialect-rules.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { LoadOptions, LoadResult } from '../../src/scenario/load.ts';
import type { PlanLatencies } from '../../src/scenario/plan.ts';

const constant = (value: number): PlanLatencies => {
  const distribution = { kind: 'constant' as const, value };
  return { write: distribution, ack: distribution, read: distribution, response: distribution };
};

export const fakeDialect: DialectRules = {
  name: 'fakedb',
  resolve: (requested) =>
    ['fakedb@1', 'fakedb@1.0.7'].includes(requested)
      ? { database: 'fakedb@1.0.7' }
      : { mistake: { code: 'D110', message: 'no such version' } },
  settings: () => ({
    num_tokens: { type: 'integer', fallback: 4, aliases: [], min: 1, max: 4096, rules: [] },
    max_hint_window: {
      type: 'duration',
      fallback: 10_800_000_000,
      aliases: [{ name: 'max_hint_window_in_ms', scale: 1000 }],
      rules: [],
    },
    write_request_timeout: { type: 'duration', fallback: 2_000_000, aliases: [], rules: [] },
    hinted_handoff_enabled: { type: 'boolean', fallback: true, aliases: [], rules: [] },
    max_hints_file_size: { type: 'size', fallback: 134_217_728, aliases: [], rules: [] },
    commitlog_sync: { type: 'text', fallback: 'periodic', aliases: [], rules: [] },
  }),
  isKnownUnmodelled: (_database, name) => name === 'cdc_enabled',
  isOfAnyVersion: (name) => ['cdc_enabled', 'max_hint_windows'].includes(name),
  readSettings: (_database, file) => ({
    values: { commitlog_sync: file.text.trim() },
    notModelled: ['cdc_enabled'],
    mistakes: [],
  }),
  readTopology: (files) => ({
    nodes: files
      .flatMap(({ text }) => text.trim().split(/\s+/))
      .map((id, index) => ({ id, dc: 'east', rack: 'r1', tokens: [String(index * 1000)] })),
    assumptions: ['racks not given'],
    mistakes: [],
  }),
  readRepairCommand: (command, context) => {
    const match = /^nodetool repair -full (\w+)$/.exec(command);
    const refuse = (mistake: PlacelessMistake) => ({ mistakes: [mistake] });
    const odd = command.indexOf('-odd');
    if (odd >= 0) return refuse({ code: 'D202', message: 'no flag -odd', within: { start: odd, length: 4 } });
    if (match === null) return refuse({ code: 'D201', message: 'not a repair command' });
    const tables = context.tables.filter(({ keyspace }) => keyspace === match[1]).map(({ id }) => id);
    if (tables.length === 0) return refuse({ code: 'D208', message: `unknown keyspace ${match[1]}` });
    const options = {
      keyspace: match[1],
      tables,
      strategy: 'full-parallel',
      primary_range: false,
      start_token: null,
      end_token: null,
      local_dc: false,
      data_centers: [],
      hosts: [],
      force: false,
      pull: false,
      optimise_streams: false,
      preview: 'none' as const,
      ignore_unreplicated: false,
      further_keyspaces: [],
    };
    return { options, assumptions: [] };
  },
  readStatement: () => ({ mistakes: [{ code: 'D230', message: 'no statement' }] }),
  settingCommand: () => null,
  changeableSettings: () => [],
  readOperation: () => ({ operation: { kind: 'flushTables', tables: [] } }),
  compactionClasses: () => ['SizeTieredCompactionStrategy'],
  scheduledCommand: (_database, { keyspace }) => ({ command: `nodetool repair -full ${keyspace}` }),
  readLevels: () => ['ONE', 'QUORUM', 'LOCAL_QUORUM', 'ALL'],
  readOptions: () => ({ names: ['read_repair', 'speculative_retry'], speculation: { kind: 'never' } }),
  consistencyLevels: () => ['ANY', 'ONE', 'QUORUM', 'LOCAL_QUORUM', 'ALL'],
  defaultLatencies: () => ({ local: constant(10), rack: constant(200), dc: constant(400), wan: constant(20_000) }),
  ruleIds: () => ['fakedb.e4', 'fakedb.e13'],
  switchableRuleIds: () => ['fakedb.e4'],
  allocatesTokens: () => true,
  refusesDecommissionBelowRf: () => true,
  notModelled: () => ['materialised views'],
};

export const METRICS = [
  { name: 'divergent_copies', unit: 'copies', kind: 'level', where: ['cause', 'state', 'node', 'origin', 'table'] },
  { name: 'zombie_copies', unit: 'copies', kind: 'level', where: ['node'] },
  { name: 'sent_bytes', unit: 'bytes', kind: 'final', ofRepair: true, where: ['repair'] },
  { name: 'repair_seconds', unit: 'seconds', kind: 'final', ofRepair: true, where: ['repair'] },
  { name: 'resurrection_margin', unit: 'seconds', where: ['table'] },
  { name: 'p_current', unit: 'share', kind: 'final', where: ['probe', 't'] },
  { name: 'p_within_k', unit: 'share', kind: 'final', where: ['probe', 'k'] },
  { name: 'stale_reads_share', unit: 'share', where: ['probe'] },
];

export const OPTIONS: LoadOptions = {
  dialects: [fakeDialect],
  version: '0.1.0',
  metrics: METRICS,
  laws: ['born = healed + left'],
};

/** A scenario that is sound, section by section; tests replace or add sections. */
export const SOUND: Readonly<Record<string, string>> = {
  format: 'format: 1',
  database: 'database: fakedb@1',
  duration: 'duration: 1h',
  cluster: 'cluster: { nodes: 3 }',
  data: 'data: { replication: 3, tables: { shop.orders: { partitions: 1k, row: 350B } } }',
  workload:
    'workload:\n  checkout: { table: shop.orders, rate: 10/s, consistency: QUORUM, mix: { insert: 97%, delete: 3% } }',
  faults: 'faults:\n  n3-down: { fault: crash, node: n3, mode: process, at: 10m, for: 20m }',
  repairs:
    'repairs:\n  by-hand: { repair: nodetool, node: n1, run: nodetool repair -full shop, at: faults.n3-down.end + 5m }',
  expect: 'expect:\n  seen: { check: sometimes, metric: divergent_copies, above: 0 }',
  variants: 'variants:\n  quiet: { edit: { faults: null }, must_break: [seen] }',
};

/** The text of a sound scenario with some sections replaced; null takes one out. */
export function scenarioText(sections: Readonly<Record<string, string | null>> = {}): string {
  const all = { ...SOUND, ...sections };
  return `${Object.values(all)
    .filter((section) => section !== null)
    .join('\n')}\n`;
}

export function load(
  text: string,
  options: Partial<LoadOptions> = {},
  files: Readonly<Record<string, string>> = {},
): LoadResult {
  const readFile = (path: string): { text: string } | { error: string } =>
    Object.hasOwn(files, path) ? { text: files[path] } : { error: 'no such file' };
  return loadScenario({ file: 'test.yaml', text, readFile }, { ...OPTIONS, ...options });
}
