/**
 * What each version lets a read be: its levels, and the options of a table that are about reads. Sources:
 * `db/ConsistencyLevel#validateForRead`, `schema/TableParams`, `config/CFMetaData`; CASSANDRA-9602, 13910, 14358.
 */
import type { ReadOptionName, ReadOptions } from '../../scenario/dialect-rules.ts';
import type { ConsistencyLevel } from '../../scenario/plan.ts';
import { isAtLeast } from './versions.ts';
import type { CassandraLine } from './versions.ts';

const READ_LEVELS: readonly ConsistencyLevel[] = ['ONE', 'TWO', 'THREE', 'QUORUM', 'LOCAL_ONE', 'LOCAL_QUORUM', 'ALL'];

/** "EACH_QUORUM ConsistencyLevel is only supported for writes" before 3.0. */
export function readLevelsOf(line: CassandraLine): readonly ConsistencyLevel[] {
  return isAtLeast(line, '3.0') ? [...READ_LEVELS, 'EACH_QUORUM'] : READ_LEVELS;
}

export function readOptionsOf(line: CassandraLine): ReadOptions {
  const repair: ReadOptionName[] = isAtLeast(line, '4.0')
    ? ['read_repair']
    : ['read_repair_chance', 'dclocal_read_repair_chance'];
  return { names: [...repair, 'speculative_retry'], speculation: { kind: 'percentile', share: 0.99 } };
}
