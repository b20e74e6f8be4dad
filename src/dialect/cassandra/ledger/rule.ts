/** A rule of this dialect's ledger, and whether it holds for a line. */
import type { LedgerRule as AnyRule } from '../../ledger-rule.ts';
import { CASSANDRA_LINES, isAtLeast } from '../versions.ts';
import type { CassandraLine } from '../versions.ts';

export type LedgerRule = AnyRule<CassandraLine>;

/** Does the rule hold for the line? */
export function holdsFor(
  line: CassandraLine,
  { since = '2.0', until = CASSANDRA_LINES[CASSANDRA_LINES.length - 1] }: LedgerRule,
): boolean {
  return isAtLeast(line, since) && isAtLeast(until, line);
}
