/**
 * The InfluxDB Enterprise dialect as the scenario reader sees it: versions, settings, imports, the ledger. An assembly of
 * parts; what it lacks (rings, repair commands, statements) is refused in words.
 */
import type { DialectRules, PlacelessMistake } from '../../scenario/dialect-rules.ts';
import { rulesOfCause } from './cause-rules.ts';
import { impossibleCauses } from './impossible-causes.ts';
import { readCtlCommand } from './influxd-ctl/commands.ts';
import { readPointQuery, readPointStatement } from './influxql/statement.ts';
import { isKnownUnmodelledSetting } from './known-settings.ts';
import { defaultLatencies } from '../latencies.ts';
import { NOT_MODELLED } from './not-modelled.ts';
import { RULE_IDS, SWITCHABLE_RULE_IDS } from './rules.ts';
import { readSettingsFile } from './settings-reader.ts';
import { isSettingOfAnyVersion, settingsOf } from './settings-table.ts';
import { shardDuration } from './shard-duration.ts';
import { readTopology } from './influxd-ctl/topology.ts';
import { resolveDatabase } from './versions.ts';

export const influxdb: DialectRules = {
  name: 'influxdb',
  resolve: resolveDatabase,
  points: {
    ...{ levels: ['any', 'one', 'quorum', 'all'], shardDuration, leastShardDurationMicros: 3600e6 },
    readStatement: readPointStatement,
    readCtl: readCtlCommand,
    truncationRule: 'influxdb.7-truncate',
    readQuery: readPointQuery,
  },
  settings: settingsOf,
  isKnownUnmodelled: (_database, name) => isKnownUnmodelledSetting(name),
  isOfAnyVersion: isSettingOfAnyVersion,
  readSettings: readSettingsFile,
  readTopology,
  readRepairCommand: () => ({ mistakes: [notHere('repairs')] }),
  readOperation: () => ({ mistakes: [notHere('commands of operators')] }),
  readStatement: () => ({ mistakes: [notHere('statements')] }),
  settingCommand: () => null,
  changeableSettings: () => [],
  compactionClasses: () => [],
  scheduledCommand: () => ({ mistake: notHere('repairs') }),
  allocatesTokens: () => false,
  refusesDecommissionBelowRf: () => false,
  consistencyLevels: () => [],
  readLevels: () => [],
  readOptions: () => ({ names: [], speculation: { kind: 'never' } }),
  defaultLatencies,
  ruleIds: () => RULE_IDS,
  switchableRuleIds: () => SWITCHABLE_RULE_IDS,
  impossibleCauses,
  rulesOfCause,
  notModelled: () => NOT_MODELLED,
};

function notHere(what: string): PlacelessMistake {
  return { code: 'D320', message: `${what} of influxdb are not in this version of Reconverge` };
}
