import { CASSANDRA_LINES, isAtLeast } from '../versions.ts';
import type { CassandraLine } from '../versions.ts';

/** One entry of the fidelity ledger: a fact about the real system that the model follows. */
export interface LedgerRule {
  /** `cassandra.e13`: section letter and number of the fact, or a slug for a section without numbers. */
  id: string;
  /** Rises when the model's behaviour under this rule changes, so that a golden can say which rule moved. */
  revision: number;
  title: string;
  /** First and last line that it holds for; absent: the oldest, the newest. */
  since?: CassandraLine;
  until?: CassandraLine;
  /** The fact, in one to three sentences. */
  fact: string;
  /** Where it can be read: class and method in Apache Cassandra, ticket, or page. */
  source: string;
  /** Where the model stays short of the fact; absent where it does not. */
  simplified?: string;
  /** What the model does instead when a plan switches the rule off; absent where it cannot be switched. */
  off?: string;
}

/** Does the rule hold for the line? */
export function holdsFor(
  line: CassandraLine,
  { since = '2.0', until = CASSANDRA_LINES[CASSANDRA_LINES.length - 1] }: LedgerRule,
): boolean {
  return isAtLeast(line, since) && isAtLeast(until, line);
}
