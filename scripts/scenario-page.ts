/** The text of `docs/scenario.md`: every key of a scenario, from the facts beside this file, held to the schema key by key. */
import { readFileSync } from 'node:fs';
import { scenarioSchema } from '../src/scenario/load.ts';
import * as facts from './scenario-facts.ts';
import type { Fact, Facts } from './scenario-facts.ts';

interface Schema {
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  const?: string;
}

const root = scenarioSchema() as Schema;

/** The schema at a path; `*` is any key of a map, a digit one of several forms, other steps are keys. */
function schemaAt(...path: string[]): Schema {
  return path.reduce<Schema>((schema, step) => {
    const choice = /^\d$/.test(step) ? schema.anyOf?.[Number(step)] : undefined;
    const next = choice ?? (step === '*' ? schema.additionalProperties : schema.properties?.[step]);
    if (next === undefined) throw new Error(`the schema of a scenario has no ${path.join('.')}`);
    return next;
  }, root);
}

/** The members of a choice, by their discriminator. */
function choices(schema: Schema, discriminator: string): Map<string, Schema> {
  const found = (schema.oneOf ?? schema.anyOf ?? []).map(
    (choice) => [choice.properties?.[discriminator].const ?? '', choice] as const,
  );
  return new Map(found);
}

/** Throws where the facts name other keys than the schema has. */
function hold(what: string, told: readonly string[], schemas: readonly Schema[], discriminator = ''): void {
  const known = new Set(schemas.flatMap((schema) => Object.keys(schema.properties ?? {})));
  known.delete(discriminator);
  const missing = [...known].filter((key) => !told.includes(key));
  const extra = told.filter((key) => !known.has(key));
  if (missing.length > 0 || extra.length > 0)
    throw new Error(`scripts/scenario-facts.ts on ${what}: missing ${missing.join(', ')}; unknown ${extra.join(', ')}`);
}

/** Throws where the facts call another key needed than the schema does. */
function holdNeeded(what: string, told: Facts, { required = [] }: Schema): void {
  const wrong = Object.entries(told).filter(([key, [, unset]]) => (unset === 'needed') !== required.includes(key));
  if (wrong.length > 0)
    throw new Error(`scripts/scenario-facts.ts on ${what}: needed or not: ${wrong.map(([key]) => key).join(', ')}`);
}

/** Keys that say the same stand in one row. */
function table(told: Facts): string {
  const keysOf = new Map<Fact, string[]>();
  for (const [key, fact] of Object.entries(told)) keysOf.set(fact, [...(keysOf.get(fact) ?? []), `\`${key}\``]);
  const rows = [...keysOf].map(
    ([[type, unset, text], keys]) => `| ${keys.join(', ')} | ${type} | ${unset} | ${text} |`,
  );
  return `| key | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function section(title: string, told: Facts, path: readonly string[], text = ''): string {
  hold(title, Object.keys(told), [schemaAt(...path)]);
  holdNeeded(title, told, schemaAt(...path));
  return [`## ${title}`, text, table(told)].filter((part) => part !== '').join('\n\n');
}

type Kinds = Readonly<Record<string, { text: string; facts: Facts }>>;

function kinds(title: string, key: string, [told, text, path]: readonly [Kinds, string, string]): string {
  const known = choices(schemaAt(path, '*'), key);
  hold(title, Object.keys(told), [{ properties: Object.fromEntries(known) }]);
  const parts = Object.entries(told).map(([kind, { text: said, facts: own }]) => {
    hold(`${key}: ${kind}`, Object.keys(own), [known.get(kind) ?? {}], key);
    holdNeeded(`${key}: ${kind}`, own, known.get(kind) ?? {});
    return `### \`${key}: ${kind}\`\n\n${said}\n\n${table(own)}`;
  });
  return [`## ${title}`, text, ...parts].join('\n\n');
}

function expectations(): string {
  const known = choices(schemaAt('expect', '*'), 'check');
  hold('checks', Object.keys(facts.CHECKS), [{ properties: Object.fromEntries(known) }]);
  hold('expectations', Object.keys(facts.EXPECT), [...known.values()], 'check');
  hold('where', Object.keys(facts.WHERE), [known.get('at')?.properties?.['where'] ?? {}]);
  const checks = Object.entries(facts.CHECKS).map(([check, text]) => `| \`${check}\` | ${text} |`);
  return `## expect

By id, each with a \`check\`. A metric needs at least one bound, in its own unit.

| check | holds if |
|---|---|
${checks.join('\n')}

${table(facts.EXPECT)}

### \`where\`

Several members must all hold; which of them a metric knows stands in [metrics.md](metrics.md).

${table(facts.WHERE)}`;
}

const VALUES = `## Values

| type | written |
|---|---|
| id | a small letter, then small letters, digits and dashes: \`rack-r2\` |
| duration | with units, \`500ms\`, \`1.5h\`, \`3h17m53s\`, \`7d\` |
| span | a duration, or drawn: \`{ uniform: [1h, 2h] }\`, \`{ exponential: 20m }\` |
| time | an offset \`14m7s\`, an instant \`2026-03-02T00:00:00Z\` (needs \`start\`), \`end\`, or an edge of another entry, \`faults.rack-r2.end + 2h\` (of a repair only its start is known beforehand); or drawn: \`{ uniform: [1h, 6h], after: faults.a.end }\` |
| size, byte rate | \`350B\`, \`4KB\`, \`128MiB\`; \`400MB/s\`, \`1Gbit/s\` |
| count, rate, share | \`1_000_000\`, \`24k\`, \`9G\`; \`24k/s\`; \`2%\` or \`0.02\` |
| quantity | any of these, as the metric has it |
| nodes | \`n1\`, an address, \`[n1, n2]\`, \`all\`, \`{ dc: dc1, rack: r2 }\`, \`{ pick: 1, of: { dc: dc1 } }\` |
| distribution | a duration, \`{ uniform: [a, b] }\`, \`{ exponential: mean, offset }\`, \`{ pareto: { scale, shape } }\`, \`{ normal: { mean, deviation } }\`, \`{ empirical: […] }\`, \`{ mixture: [{ share, of }], offset }\` |
| level | \`ANY\`, \`ONE\`, \`TWO\`, \`THREE\`, \`QUORUM\`, \`LOCAL_ONE\`, \`LOCAL_QUORUM\`, \`EACH_QUORUM\`, \`ALL\` |

Entries of a map are named by an id, so each value has a path: \`--set faults.rack-r2.for=2h\`. An unknown key is a mistake; a setting that the database does not have is a warning.`;

const EXTENDS = `### \`extends\`

\`extends: ../base/prod.yaml\` takes all of that scenario and changes it; the path is relative to the file that names it, and so are the files that a base names. Up to 10 files one behind the other.

- Maps are merged key by key, so entries by their id; \`expect\` and \`variants\` too. \`faults.x: null\` removes what the base has.
- Lists, texts and numbers are replaced. So is an entry by one of another kind (\`fault: crash\` over \`fault: partition\`), and a value by one of another form (\`{ poisson: 5/s }\` over \`{ csv: … }\`).
- A base need not be a whole scenario; without \`format:\` \`test\` does not take it for one. A mistake points into the file where the value stands.
- A plan holds the merged scenario: \`--set\` on a plan.json needs none of the files.`;

function trace(): string {
  const lines = readFileSync(new URL('../scenarios/cassandra/trace.csv', import.meta.url), 'utf8').split('\n');
  return `### \`rate: { csv: trace.csv }\`

The file stands beside the scenario; a plan embeds it. Its first line names the columns, in any order; a field in double quotes may hold commas. Lines outside the window of the workload are left out, which is said.

| column | written |
|---|---|
| \`time\` | a duration from the start such as \`1.5s\`, or an instant; or a column \`time_micros\` of whole µs. Times must not descend |
| \`op\` | \`insert\` (a whole row), \`update\` (column groups of it), \`delete\` (the row) |
| \`key\` | a text; where all are whole numbers below \`partitions\`, they are key numbers |
| \`bytes\` | of the write, \`350\` or \`350B\`; the column may be left out: then the row's size |

\`\`\`csv
${[...lines.slice(0, 3), '…', ...lines.slice(41, 43), '…', ...lines.slice(53, 55)].join('\n')}
\`\`\`

A whole scenario with one: [trace.yaml](../scenarios/cassandra/trace.yaml).`;
}

export function scenarioPage(): string {
  const tablePath = ['data', 'tables', '*'];
  hold('mix', Object.keys(facts.MIX), [schemaAt('workload', '*', '0', 'mix')]);
  const head = `# The scenario file

<!-- Written by npm run generate. Do not edit. -->

YAML 1.2, one map. \`npx reconverge check FILE\` finds all mistakes at once, \`npx reconverge plan FILE\` shows what would happen when, \`npx reconverge schema scenario\` prints the JSON Schema for editors. Examples: [scenarios](../scenarios/README.md).`;
  const parts = [
    head,
    VALUES,
    section('The top', facts.TOP, []),
    EXTENDS,
    section('cluster', facts.CLUSTER, ['cluster'], 'One of `from`, `nodes`; of InfluxDB one of `from`, `data_nodes`.'),
    section('data', facts.DATA, ['data']),
    section('data.tables', facts.TABLE, tablePath),
    section('data.databases', facts.POLICY, ['data', 'databases', '*', 'policies', '*'], facts.POLICY_TEXT),
    section('workload', facts.WORKLOAD, ['workload', '*', '0']),
    trace(),
    `### \`mix\`\n\n${table(facts.MIX)}`,
    section('workload of points', facts.POINTS, ['workload', '*', '1'], facts.POINTS_TEXT),
    kinds('faults', 'fault', [facts.FAULTS, 'By id, each with its `fault`.', 'faults']),
    kinds('operations', 'do', [facts.OPERATIONS, 'By id, each with its `do`.', 'operations']),
    kinds('repairs', 'repair', [facts.REPAIRS, 'By id, each with its `repair`.', 'repairs']),
    kinds('probes', 'probe', [facts.PROBES, 'By id, each with its `probe`.', 'probes']),
    section('observe', facts.OBSERVE, ['observe']),
    expectations(),
    section(
      'variants',
      facts.VARIANT,
      ['variants', '*'],
      '`npx reconverge test --prove FILE` runs each and asks that it breaks what it names: an expectation that nothing can break proves nothing.',
    ),
    section('model', facts.MODEL, ['model'], 'For variants and ablations: what would be if this mechanism were not.'),
  ];
  return `${parts.join('\n\n')}\n`;
}
