/**
 * The text of `docs/fidelity.md`, made from the ledger. `npm run generate` writes it; a test holds the file to it.
 */
import { NOT_MODELLED } from './not-modelled.ts';
import type { NotModelled } from './not-modelled.ts';
import { LEDGER, LEDGER_SECTIONS, SWITCHABLE_RULE_IDS } from './rules.ts';
import type { LedgerRule } from './rules.ts';
import { CASSANDRA_LINES, CASSANDRA_VERSIONS } from './versions.ts';

export function fidelityPage(): string {
  const sections = LEDGER_SECTIONS.map(({ title, rules }) => `## ${title}\n\n${rules.map(ruleText).join('\n\n')}`);
  return `${[head(), switchTable(), ...sections, notModelledText()].join('\n\n')}\n`;
}

function head(): string {
  const versions = Object.values(CASSANDRA_VERSIONS);
  const { patch } = CASSANDRA_VERSIONS['4.1'];
  return `# The fidelity ledger: Apache Cassandra ${listed(versions.map(({ line }) => line))}

<!-- Generated from src/dialect/cassandra/rules.ts by npm run generate. Do not edit. -->

Every rule of the real system that the model follows, with its source and what the model leaves out of it. ${LEDGER.length} rules,
${SWITCHABLE_RULE_IDS.length} of which a plan may turn off. A run lists the rules it exercised (\`rules_exercised\`); code that decides by a rule
names its id. The number after an id is the revision of the model's behaviour under it. A rule that does not hold for all
versions says for which. A version stands for one patch: ${listed(versions.map((version) => version.patch))}.

Where nothing else is said, sources are classes of Apache Cassandra ${patch} below \`src/java/org/apache/cassandra/\`, with the method where it matters, tests
of its repository, tickets of its issue tracker (CASSANDRA-…, at issues.apache.org/jira), or pages of its documentation.`;
}

function switchTable(): string {
  const rows = LEDGER.filter(({ off }) => off !== undefined).map(({ id, off }) => `| \`${id}\` | ${off} |`);
  return `## Switches

\`model: { off: [id] }\` in a scenario turns a rule off. Then:

| rule | the model does instead |
|---|---|
${rows.join('\n')}`;
}

function ruleText(rule: LedgerRule): string {
  const lines = [`### \`${rule.id}\`·${rule.revision} ${rule.title}`, '', rule.fact, '', `Source: ${rule.source}.`];
  const versions = versionsText(rule);
  if (versions !== null) lines.push('', `Versions: ${versions}.`);
  if (rule.simplified !== undefined) lines.push('', `Simplified: ${rule.simplified}`);
  if (rule.off !== undefined) lines.push('', `Off: ${rule.off}.`);
  return lines.join('\n');
}

function notModelledText(): string {
  return `## Not modelled\n\n${NOT_MODELLED.map((left) => `- ${notModelledLine(left)}`).join('\n')}`;
}

function notModelledLine({ text, lines }: NotModelled): string {
  return lines.length === CASSANDRA_LINES.length ? text : `(${spanOf(lines[0], lines[lines.length - 1])}) ${text}`;
}

/** Null where it holds for all. */
function versionsText({ since, until }: LedgerRule): string | null {
  if (since === undefined && until === undefined) return null;
  if (until === undefined) return `${since} and later`;
  return since === undefined ? `up to ${until}` : spanOf(since, until);
}

function spanOf(since: string, until: string): string {
  return since === until ? since : `${since} to ${until}`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}
