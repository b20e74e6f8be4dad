/**
 * The fidelity ledger of the Cassandra dialect: every modelled rule with its id, source and, where a plan may turn it off
 * (`model: { off: [id] }`), what the model then does. The one list of these ids: parts ask `rules.isOff(id)` and call
 * `rules.mark(id)` with ids of this list only. `docs/fidelity.md` is written from it.
 */
import { ALGORITHM_RULES } from './ledger/algorithm-rules.ts';
import { COMPACTION_RULES } from './ledger/compaction-rules.ts';
import { GENERAL_RULES } from './ledger/general-rules.ts';
import { HINT_RULES, LOG_RULES } from './ledger/hint-rules.ts';
import { INCREMENTAL_RULES } from './ledger/incremental-rules.ts';
import { MERKLE_RULES } from './ledger/merkle-rules.ts';
import { READ_RULES } from './ledger/read-rules.ts';
import { REPAIR_RULES } from './ledger/repair-rules.ts';
import { SCHEDULE_RULES } from './ledger/schedule-rules.ts';
import { TOPOLOGY_RULES } from './ledger/topology-rules.ts';
import type { LedgerRule } from './ledger/rule.ts';

export type { LedgerRule } from './ledger/rule.ts';

/** The sections of the ledger, in order of their letters. */
export const LEDGER_SECTIONS: readonly { title: string; rules: readonly LedgerRule[] }[] = [
  { title: 'Tokens and Merkle trees', rules: MERKLE_RULES },
  { title: 'The repair session', rules: REPAIR_RULES },
  { title: 'Incremental repair', rules: INCREMENTAL_RULES },
  { title: 'Repairs that nobody types: Reaper and auto-repair', rules: SCHEDULE_RULES },
  { title: 'Algorithms of other databases', rules: ALGORITHM_RULES },
  { title: 'Reads and read repair', rules: READ_RULES },
  { title: 'Hinted handoff', rules: HINT_RULES },
  { title: 'The commit log', rules: LOG_RULES },
  { title: 'Defaults, failure detection, placement, compaction, gc_grace_seconds', rules: GENERAL_RULES },
  { title: 'Compaction strategies', rules: COMPACTION_RULES },
  { title: 'Topology that changes', rules: TOPOLOGY_RULES },
];

export const LEDGER: readonly LedgerRule[] = LEDGER_SECTIONS.flatMap(({ rules }) => rules);

export const RULE_IDS: readonly string[] = LEDGER.map(({ id }) => id);

export const SWITCHABLE_RULE_IDS: readonly string[] = LEDGER.filter(({ off }) => off !== undefined).map(({ id }) => id);
