/**
 * The flags of `nodetool repair` of Cassandra 4.1 and what Reconverge does with each, and those of other versions, so
 * that an operator's habit gets an answer. Data only. Source: table d of the reference (`tools/nodetool/Repair`).
 */

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
  /** modelled: changes the run. harmless: read, changes nothing that is modelled. later: not in this version of Reconverge.
   * gone: nodetool of 4.1 does not have it. */
  support: 'modelled' | 'harmless' | 'later' | 'gone';
  /** What it would do, or what to do instead. */
  note: string;
}

export const REPAIR_FLAGS: readonly RepairFlag[] = [
  { id: 'full', names: ['-full', '--full'], takesValue: false, support: 'modelled', note: 'a full repair' },
  {
    id: 'sequential',
    names: ['-seq', '--sequential'],
    takesValue: false,
    support: 'modelled',
    note: 'one replica after the other, on snapshots',
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
  { id: 'pull', names: ['-pl', '--pull'], takesValue: false, support: 'modelled', note: 'one-way repair' },
  {
    id: 'force',
    names: ['-force', '--force'],
    takesValue: false,
    support: 'modelled',
    note: 'repair without the replicas that are down',
  },
  {
    id: 'preview',
    names: ['-prv', '--preview'],
    takesValue: false,
    support: 'modelled',
    note: 'a repair that streams nothing',
  },
  {
    id: 'validate',
    names: ['-vd', '--validate'],
    takesValue: false,
    support: 'modelled',
    note: 'a comparison of repaired data',
  },
  {
    id: 'optimiseStreams',
    names: ['-os', '--optimise-streams'],
    takesValue: false,
    support: 'modelled',
    note: 'fewer streams',
  },
  {
    id: 'jobThreads',
    names: ['-j', '--job-threads'],
    takesValue: true,
    support: 'harmless',
    note: 'since 4.0 all tables are requested at once, whatever it says',
  },
  {
    id: 'trace',
    names: ['-tr', '--trace'],
    takesValue: false,
    support: 'harmless',
    note: 'tracing costs nothing in the model',
  },
  {
    id: 'skipPaxos',
    names: ['-skip-paxos', '--skip-paxos'],
    takesValue: false,
    support: 'harmless',
    note: 'the paxos step is not modelled in any repair',
  },
  {
    id: 'paxosOnly',
    names: ['-paxos-only', '--paxos-only'],
    takesValue: false,
    support: 'later',
    note: 'repair of paxos state alone',
  },
  {
    id: 'ignoreUnreplicated',
    names: ['-iuk', '--ignore-unreplicated-keyspaces'],
    takesValue: false,
    support: 'modelled',
    note: 'skip keyspaces with nothing to repair',
  },
  {
    id: 'parallel',
    names: ['-par', '--parallel'],
    takesValue: false,
    support: 'gone',
    note: 'leave it out: parallel is the default since 2.2',
  },
  {
    id: 'incremental',
    names: ['-inc', '--incremental'],
    takesValue: false,
    support: 'gone',
    note: 'leave it out: incremental is the default since 2.2',
  },
];

/** Options of nodetool itself, before `repair`: how to connect, which the model has no use for. */
export const CONNECTION_FLAGS: readonly { names: readonly string[]; takesValue: boolean }[] = [
  { names: ['-h', '--host'], takesValue: true },
  { names: ['-p', '--port'], takesValue: true },
  { names: ['-u', '--username'], takesValue: true },
  { names: ['-pw', '--password'], takesValue: true },
  { names: ['-pwf', '--password-file'], takesValue: true },
  { names: ['-pp', '--print-port'], takesValue: false },
];
