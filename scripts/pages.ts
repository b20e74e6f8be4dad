/** Texts of the generated pages on metrics and on mistakes. */
import { MISTAKE_CODES } from '../src/base/mistake-codes.ts';
import { COMMAND_MISTAKE_CODES } from '../src/cli/command-mistake.ts';
import { CASSANDRA_MISTAKES } from '../src/dialect/cassandra/mistake-codes.ts';
import { INFLUXDB_MISTAKES } from '../src/dialect/influxdb/mistake-codes.ts';
import { METRICS } from '../src/observe/metrics.ts';
import type { Metric, MetricKind } from '../src/observe/metrics.ts';
import { IMPORT_MISTAKES } from '../src/dialect/cassandra/nodetool/import-report.ts';
import { OPERATOR_MISTAKES } from '../src/operator/mistake-codes.ts';
import { STUDY_MISTAKES } from '../src/studies/sweep/study-shape.ts';

const GENERATED = '<!-- Written by npm run generate. Do not edit. -->';

const KINDS: readonly [kind: MetricKind, title: string, text: string][] = [
  ['level', 'Levels', 'A value at every moment, while the run goes on.'],
  ['total', 'Totals', 'Rise with time; known at every moment.'],
  ['final', 'Finals', 'Known when the run has ended: clients’ answers, the ledgers of repairs.'],
];

export function metricsPage(): string {
  const sections = KINDS.map(([kind, title, text]) => {
    const rows = METRICS.filter((metric) => metric.kind === kind).map(metricRow);
    return `## ${title}\n\n${text}\n\n| metric | unit | may be asked by | meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
  });
  const head = `# Metrics\n\n${GENERATED}\n\nWhat \`metric:\` in an expectation may name, and what a series records. \`where:\` narrows a metric; several members must all hold.`;
  return `${[head, ...sections].join('\n\n')}\n`;
}

function metricRow({ name, unit, where, meaning }: Metric): string {
  const members = where.length === 0 ? '–' : where.map((member) => `\`${member}\``).join(' ');
  return `| \`${name}\` | ${unit.replaceAll('_', '-')} | ${members} | ${meaning} |`;
}

const REGISTRIES: readonly [title: string, codes: Readonly<Record<string, string>>][] = [
  ['The command line', COMMAND_MISTAKE_CODES],
  ['The operator’s view', OPERATOR_MISTAKES],
  ['Scenarios, edits and plan files', MISTAKE_CODES],
  ['Studies', STUDY_MISTAKES],
  ['Imported files', IMPORT_MISTAKES],
  ['Cassandra', CASSANDRA_MISTAKES],
  ['InfluxDB', INFLUXDB_MISTAKES],
];

export function mistakesPage(): string {
  const sections = REGISTRIES.map(([title, codes]) => {
    const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
    return `## ${title}\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}`;
  });
  const head = `# Mistakes\n\n${GENERATED}\n\nWhat Reconverge may find wrong with what you wrote. All mistakes are shown at once, each with its place, what was expected and the nearest valid word; nothing is run, and the exit code is 3.`;
  return `${[head, ...sections].join('\n\n')}\n`;
}
