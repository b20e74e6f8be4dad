/** All dialects that the program is assembled with. */
import type { DialectRules } from '../scenario/dialect-rules.ts';
import { cassandra } from './cassandra/dialect.ts';
import { LEDGER } from './cassandra/rules.ts';

export const dialects: readonly DialectRules[] = [cassandra];

/** The revision of each rule of the ledgers, by its id: it rises when the model's behaviour under the rule changes. */
export function ruleRevisions(): Readonly<Record<string, number>> {
  return Object.fromEntries(LEDGER.map(({ id, revision }) => [id, revision]));
}
