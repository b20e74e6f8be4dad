/**
 * The flags of `nodetool repair`, the versions that have each, and what Reconverge does with it; one that a version does not
 * have gets an answer all the same, because of an operator's habit. Data only. Source: table d of the reference
 * (`tools/nodetool/Repair`; 2.1: `tools/NodeTool.Repair`).
 */
import { isAtLeast } from './versions.ts';
import type { CassandraLine } from './versions.ts';

export type FlagId =
  | 'full'
  | 'sequential'
  | 'primaryRange'
  | 'startToken'
  | 'endToken'
  | 'inDc'
  | 'inLocalDc'
  | 'inHosts'
  | 'dcParallel'
  | 'pull'
  | 'force'
  | 'preview'
  | 'validate'
  | 'optimiseStreams'
  | 'jobThreads'
  | 'trace'
  | 'skipPaxos'
  | 'paxosOnly'
  | 'ignoreUnreplicated'
  | 'parallel'
  | 'incremental';

export interface RepairFlag {
  id: FlagId;
  names: readonly string[];
  takesValue: boolean;
  /** First and last line that have it; absent: the oldest, the newest. */
  since?: CassandraLine;
  until?: CassandraLine;
  /** modelled: changes the run. harmless: read, changes nothing that is modelled. later: not in this version of Reconverge. */
  support: 'modelled' | 'harmless' | 'later';
  /** The only lines in which it changes anything; absent: all that have it. */
  matters?: readonly CassandraLine[];
  /** What it would do. */
  note: string;
  /** What to do where nodetool does not have it. */
  instead?: string;
}

export const REPAIR_FLAGS: readonly RepairFlag[] = [
  {
    id: 'full',
    names: ['-full', '--full'],
    takesValue: false,
    support: 'modelled',
    note: 'a full repair',
    since: '2.2',
    instead: 'leave it out: full is the default before 2.2',
  },
  {
    id: 'sequential',
    names: ['-seq', '--sequential'],
    takesValue: false,
    support: 'modelled',
    note: 'one replica after the other, on snapshots',
    since: '2.2',
    instead: 'leave it out: sequential is the default before 2.2',
  },
  {
    id: 'primaryRange',
    names: ['-pr', '--partitioner-range'],
    takesValue: false,
    support: 'modelled',
    note: 'only ranges whose first replica is this node',
  },
  {
    id: 'startToken',
    names: ['-st', '--start-token'],
    takesValue: true,
    support: 'modelled',
    note: 'start of the range, exclusive',
  },
  {
    id: 'endToken',
    names: ['-et', '--end-token'],
    takesValue: true,
    support: 'modelled',
    note: 'end of the range, inclusive',
  },
  {
    id: 'inDc',
    names: ['-dc', '--in-dc'],
    takesValue: true,
    support: 'modelled',
    note: 'repair within named data centres',
  },
  {
    id: 'inLocalDc',
    names: ['-local', '--in-local-dc'],
    takesValue: false,
    support: 'modelled',
    note: 'repair within the local data centre',
  },
  {
    id: 'inHosts',
    names: ['-hosts', '--in-hosts'],
    takesValue: true,
    support: 'modelled',
    note: 'repair among named hosts',
  },
  {
    id: 'dcParallel',
    names: ['-dcpar', '--dc-parallel'],
    takesValue: false,
    support: 'modelled',
    note: 'data centres in parallel, one node at a time in each',
  },
  {
    id: 'pull',
    names: ['-pl', '--pull'],
    takesValue: false,
    support: 'modelled',
    note: 'one-way repair',
    since: '3.11',
  },
  {
    id: 'force',
    names: ['-force', '--force'],
    takesValue: false,
    support: 'modelled',
    note: 'repair without the replicas that are down',
    since: '4.0',
  },
  {
    id: 'preview',
    names: ['-prv', '--preview'],
    takesValue: false,
    support: 'modelled',
    note: 'a repair that streams nothing',
    since: '4.0',
  },
  {
    id: 'validate',
    names: ['-vd', '--validate'],
    takesValue: false,
    support: 'modelled',
    note: 'a comparison of repaired data',
    since: '4.0',
  },
  {
    id: 'optimiseStreams',
    names: ['-os', '--optimise-streams'],
    takesValue: false,
    support: 'modelled',
    note: 'fewer streams',
    since: '4.0',
  },
  {
    id: 'jobThreads',
    names: ['-j', '--job-threads'],
    takesValue: true,
    support: 'harmless',
    note: 'all tables are requested at once, whatever it says',
    since: '2.2',
    matters: ['3.0', '3.11'],
  },
  {
    id: 'trace',
    names: ['-tr', '--trace'],
    takesValue: false,
    support: 'harmless',
    note: 'tracing costs nothing in the model',
    since: '2.2',
  },
  {
    id: 'skipPaxos',
    names: ['-skip-paxos', '--skip-paxos'],
    takesValue: false,
    support: 'harmless',
    note: 'the paxos step is not modelled in any repair',
    since: '4.1',
  },
  {
    id: 'paxosOnly',
    names: ['-paxos-only', '--paxos-only'],
    takesValue: false,
    support: 'later',
    note: 'repair of paxos state alone',
    since: '4.1',
  },
  {
    id: 'ignoreUnreplicated',
    names: ['-iuk', '--ignore-unreplicated-keyspaces'],
    takesValue: false,
    support: 'modelled',
    note: 'skip keyspaces with nothing to repair',
    since: '3.11',
  },
  {
    id: 'parallel',
    names: ['-par', '--parallel'],
    takesValue: false,
    until: '2.1',
    support: 'modelled',
    note: 'all replicas at once',
    instead: 'leave it out: parallel is the default since 2.2',
  },
  {
    id: 'incremental',
    names: ['-inc', '--incremental'],
    takesValue: false,
    since: '2.1',
    until: '2.1',
    support: 'modelled',
    note: 'an incremental repair',
    instead: 'leave it out: incremental is the default since 2.2, and before 2.1 there is none',
  },
];

/** Has nodetool of the line the flag? */
export function isFlagOf(line: CassandraLine, { since = '2.0', until = '5.0' }: RepairFlag): boolean {
  return isAtLeast(line, since) && isAtLeast(until, line);
}

/** Options of nodetool itself, before `repair`: how to connect, which the model has no use for. */
export const CONNECTION_FLAGS: readonly { names: readonly string[]; takesValue: boolean }[] = [
  { names: ['-h', '--host'], takesValue: true },
  { names: ['-p', '--port'], takesValue: true },
  { names: ['-u', '--username'], takesValue: true },
  { names: ['-pw', '--password'], takesValue: true },
  { names: ['-pwf', '--password-file'], takesValue: true },
  { names: ['-pp', '--print-port'], takesValue: false },
];
