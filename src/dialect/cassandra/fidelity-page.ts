/**
 * The text of `docs/fidelity.md`, made from the ledger. `npm run generate` writes it; a test holds the file to it.
 */
import { fidelityText, listed, spanOf } from '../fidelity-text.ts';
import { NOT_MODELLED } from './not-modelled.ts';
import type { NotModelled } from './not-modelled.ts';
import { LEDGER, LEDGER_SECTIONS, SWITCHABLE_RULE_IDS } from './rules.ts';
import { CASSANDRA_LINES, CASSANDRA_VERSIONS } from './versions.ts';

export function fidelityPage(): string {
  return fidelityText({ head: head(), sections: LEDGER_SECTIONS, notModelled: NOT_MODELLED.map(notModelledLine) });
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

function notModelledLine({ text, lines }: NotModelled): string {
  return lines.length === CASSANDRA_LINES.length ? text : `(${spanOf(lines[0], lines[lines.length - 1])}) ${text}`;
}
