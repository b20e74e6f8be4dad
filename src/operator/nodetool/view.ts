/**
 * What a command of nodetool is: from a moment and the node that it asks to the lines of its standard output. Options and
 * arguments are read by `ask.ts`; a command gets only what it has declared.
 */
import type { CassandraLine } from '../../dialect/cassandra/versions.ts';
import type { Moment } from '../moment.ts';

export interface Asked {
  /** The node that nodetool connects to. */
  node: number;
  /** Words behind the command that are no options. */
  words: readonly string[];
  /** Options by their long name. */
  options: ReadonlySet<string>;
}

export interface NodetoolCommand {
  readonly name: string;
  /** As a person types it. */
  readonly usage: string;
  /** The first line that has it. */
  readonly since: CassandraLine;
  /** What its words name. */
  readonly words: 'nothing' | 'keyspace' | 'tables' | 'sub-command';
  readonly wordsMin: number;
  readonly wordsMax: number;
  /** Its options that are known here, short and long. */
  readonly options: readonly (readonly string[])[];
  readonly view: (moment: Moment, asked: Asked) => string[];
}
