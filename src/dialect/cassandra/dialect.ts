/**
 * The Cassandra dialect as the scenario reader sees it: versions, settings, imports, repair commands, the ledger. An
 * assembly of parts; nothing is decided here.
 */
import { readStatement } from './cql-statement.ts';
import { CHANGEABLE_SETTINGS, settingCommand } from './node-commands.ts';
import { readOperation } from './operation-command.ts';
import { rulesOfCause } from './cause-rules.ts';
import { compactionClasses } from './compaction-classes.ts';
import type { DialectRules } from '../../scenario/dialect-rules.ts';
import type { ConsistencyLevel } from '../../scenario/plan.ts';
import { readNodetoolTopology } from './nodetool/nodetool-topology.ts';
import { isKnownUnmodelledSetting } from './known-settings.ts';
import { impossibleCauses } from './impossible-causes.ts';
import { defaultLatencies } from '../latencies.ts';
import { notModelledOf } from './not-modelled.ts';
import { readLevelsOf, readOptionsOf } from './read-options.ts';
import { readRepairCommand } from './repair-command.ts';
import { RULE_IDS, SWITCHABLE_RULE_IDS } from './rules.ts';
import { scheduledCommand } from './scheduled-command.ts';
import { isSettingOfAnyLine, readSettingsFile } from './settings-reader.ts';
import { settingsOf } from './settings-table.ts';
import { isAtLeast, resolveDatabase, versionOf } from './versions.ts';
import type { CassandraLine } from './versions.ts';

/** Those of lightweight transactions are not modelled. */
const CONSISTENCY_LEVELS: readonly ConsistencyLevel[] = [
  'ANY',
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
  'ALL',
];

export const cassandra: DialectRules = {
  name: 'cassandra',
  resolve: resolveDatabase,
  settings: (database) => settingsOf(lineOf(database)),
  isKnownUnmodelled: (database, name) => isKnownUnmodelledSetting(lineOf(database), name),
  isOfAnyVersion: isSettingOfAnyLine,
  readSettings: (database, file) => readSettingsFile(lineOf(database), file),
  readTopology: readNodetoolTopology,
  readRepairCommand,
  readOperation,
  readStatement,
  settingCommand,
  changeableSettings: () => CHANGEABLE_SETTINGS,
  compactionClasses,
  scheduledCommand,
  // allocate_tokens_for_local_replication_factor stands in the yaml since 4.0 (cassandra.g-defaults).
  allocatesTokens: (database) => isAtLeast(lineOf(database), '4.0'),
  // CASSANDRA-12510.
  refusesDecommissionBelowRf: (database) => isAtLeast(lineOf(database), '4.0'),
  consistencyLevels: () => CONSISTENCY_LEVELS,
  readLevels: (database) => readLevelsOf(lineOf(database)),
  readOptions: (database) => readOptionsOf(lineOf(database)),
  defaultLatencies,
  ruleIds: () => RULE_IDS,
  switchableRuleIds: () => SWITCHABLE_RULE_IDS,
  impossibleCauses,
  rulesOfCause,
  notModelled: (database) => notModelledOf(lineOf(database)),
};

function lineOf(database: string): CassandraLine {
  return versionOf(database)?.line ?? '4.1';
}
