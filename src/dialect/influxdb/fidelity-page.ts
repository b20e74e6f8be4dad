/** The text of `docs/fidelity-influxdb.md`, made from the ledger. `npm run generate` writes it; a test holds the file to it. */
import { fidelityText, listed } from '../fidelity-text.ts';
import { NOT_MODELLED } from './not-modelled.ts';
import { LEDGER, LEDGER_SECTIONS, SWITCHABLE_RULE_IDS } from './rules.ts';
import { INFLUXDB_LINES } from './versions.ts';

export function fidelityPage(): string {
  return fidelityText({ head: head(), sections: LEDGER_SECTIONS, notModelled: NOT_MODELLED });
}

function head(): string {
  return `# The fidelity ledger: InfluxDB Enterprise ${listed(INFLUXDB_LINES)}

<!-- Generated from src/dialect/influxdb/rules.ts by npm run generate. Do not edit. -->

Every rule of the real system that the model follows, with its source and what the model leaves out of it. ${LEDGER.length} rules,
${SWITCHABLE_RULE_IDS.length} of which a plan may turn off. A run lists the rules it exercised (\`rules_exercised\`). The number after an id is
the revision of the model's behaviour under it.

InfluxDB Enterprise is closed source. Sources are its documentation (docs: pages of the InfluxDB Enterprise v1 documentation) and release notes,
the open code of InfluxDB 1.7, on which it builds, and of 0.11.1, the last open version with clustering; a reimplementation is
named where samples of real output speak for it. What they leave open is called unconfirmed, and a setting below \`model:\` in
\`cluster.settings\` offers the alternative where there is a simple one.`;
}
