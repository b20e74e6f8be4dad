/** All dialects that the program is assembled with. */
import type { DialectRules } from '../scenario/dialect-rules.ts';
import type { SettingValue } from '../scenario/plan.ts';
import { behaviourOfDatabase } from './cassandra/behaviours.ts';
import { cassandra } from './cassandra/dialect.ts';
import { LEDGER as CASSANDRA_LEDGER } from './cassandra/rules.ts';
import { influxdb } from './influxdb/dialect.ts';
import { LEDGER as INFLUXDB_LEDGER } from './influxdb/rules.ts';

export const dialects: readonly DialectRules[] = [cassandra, influxdb];

/** The revision of each rule of the ledgers, by its id: it rises when the model's behaviour under the rule changes. */
export function ruleRevisions(): Readonly<Record<string, number>> {
  return Object.fromEntries([...CASSANDRA_LEDGER, ...INFLUXDB_LEDGER].map(({ id, revision }) => [id, revision]));
}

/** By what a resolved version acts where it has no such setting. */
export function fixedSettings(database: string): Readonly<Record<string, SettingValue>> {
  return database.startsWith(`${cassandra.name}@`) ? behaviourOfDatabase(database).fixed : {};
}
