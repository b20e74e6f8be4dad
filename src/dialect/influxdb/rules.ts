/**
 * The fidelity ledger of the InfluxDB dialect: every modelled rule with its id, source and, where a plan may turn it off,
 * what the model then does. Parts ask `rules.isOff(id)` and call `rules.mark(id)` with ids of this list only.
 */
import type { LedgerRule, LedgerSection } from '../ledger-rule.ts';
import { HANDOFF_RULES } from './ledger/handoff-rules.ts';
import { DELETE_RULES, ENTROPY_RULES, MANUAL_RULES, QUERY_RULES } from './ledger/repair-rules.ts';
import { DATA_RULES, WRITE_RULES } from './ledger/write-rules.ts';

export const LEDGER_SECTIONS: readonly LedgerSection[] = [
  { title: 'Shards and points', rules: DATA_RULES },
  { title: 'Writes', rules: WRITE_RULES },
  { title: 'Hinted handoff', rules: HANDOFF_RULES },
  { title: 'Deletes', rules: DELETE_RULES },
  { title: 'Anti-entropy', rules: ENTROPY_RULES },
  { title: 'Manual repair', rules: MANUAL_RULES },
  { title: 'Queries', rules: QUERY_RULES },
];

export const LEDGER: readonly LedgerRule[] = LEDGER_SECTIONS.flatMap(({ rules }) => rules);

export const RULE_IDS: readonly string[] = LEDGER.map(({ id }) => id);

export const SWITCHABLE_RULE_IDS: readonly string[] = LEDGER.filter(({ off }) => off !== undefined).map(({ id }) => id);
