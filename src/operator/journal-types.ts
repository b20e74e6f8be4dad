/** What the parts of the journal share: lines, records with their members named, and trails of commands and sessions. Data only. */
import type { CassandraLine } from '../dialect/cassandra/versions.ts';
import type { Command, Session } from '../repair/state.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Names } from './names.ts';
import type { OperatorClock } from './operator-clock.ts';

/** Records of single mutations are below it. */
export const FIRST_RARE_KIND = 16;

export interface LogLine {
  micros: number;
  node: number;
  level: 'INFO' | 'WARN' | 'ERROR';
  /** Name of the source file, as the default layout of the log has it. */
  file: string;
  text: string;
}

/** A rare record with its members named. */
export interface RareRecord {
  micros: number;
  kind: number;
  node: number;
  copy: number;
  a: number;
  b: number;
  c: number;
}

export interface JournalOptions {
  plan: Plan;
  line: CassandraLine;
  clock: OperatorClock;
  names: Names;
}

export interface OutputLine {
  micros: number;
  text: string;
  /** Is it nodetool's own, without the time in front? */
  isBare: boolean;
}

/** One command and what nodetool printed for it. */
export interface CommandTrail {
  /** The world's own, which goes on changing until it ends. */
  command: Command;
  keyspace: string;
  /** Counted on its node since the start of the process; 0 where there was nothing to do. */
  number: number;
  uuid: string;
  output: OutputLine[];
  /** Sessions by number of the world's; in the order in which they were opened. */
  sessions: Map<number, SessionTrail>;
  /** When its sessions could begin. */
  preparedMicros: number;
  sessionsEnded: number;
  isOver: boolean;
}

export interface SessionTrail {
  session: Session;
  uuid: string;
  trail: CommandTrail;
}
