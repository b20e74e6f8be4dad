/**
 * Which flags of `nodetool repair` the database refuses together, in its own words, whether or not the flags are modelled.
 * Source: table d of the reference (`tools/nodetool/Repair`, `repair/messages/RepairOption#parse`).
 */
import type { FlagId } from './repair-flags.ts';
import type { Given } from './repair-words.ts';
import { isAtLeast } from './versions.ts';
import type { CassandraLine, CassandraVersion } from './versions.ts';

const JOB_THREADS_MAX = 4;

interface Refusal {
  text: string;
  /** First and last line that refuse it; absent: the oldest, the newest. */
  since?: CassandraLine;
  until?: CassandraLine;
  /** The flags at fault, the one to point at first. */
  at: readonly FlagId[];
  /** The flags at fault, as typed; null where there is nothing to refuse. */
  found: (given: Given) => string | null;
}

const REFUSALS: readonly Refusal[] = [
  {
    text: 'It is not possible to mix sequential repair and incremental repairs.',
    since: '2.1',
    until: '2.1',
    at: ['incremental'],
    found: (given) =>
      !has(given, 'incremental') || has(given, 'parallel')
        ? null
        : has(given, 'dcParallel')
          ? '-inc with -dcpar'
          : '-inc without -par',
  },
  {
    text: 'Primary range repair should be performed on all nodes in the cluster.',
    at: ['inDc', 'inHosts'],
    found: (given) =>
      has(given, 'primaryRange', 'inDc')
        ? '-pr with -dc'
        : has(given, 'primaryRange', 'inHosts')
          ? '-pr with -hosts'
          : null,
  },
  {
    text: 'Cannot combine -dc and -hosts options.',
    since: '3.11',
    at: ['inHosts'],
    // nodetool hands -local over as -dc with the local data centre.
    found: (given) =>
      has(given, 'inDc', 'inHosts')
        ? '-dc with -hosts'
        : has(given, 'inLocalDc', 'inHosts')
          ? '-local with -hosts'
          : null,
  },
  {
    text: 'Pull repair can only be performed between two hosts. Please specify two hosts, one of which must be this host.',
    since: '3.11',
    at: ['pull'],
    found: (given) => (has(given, 'pull') && hostsOf(given) !== 2 ? `-pl with ${hostsOf(given)} hosts` : null),
  },
  {
    text: 'Token ranges must be specified when performing pull repair. Please specify at least one token range which both hosts have in common.',
    since: '3.11',
    at: ['pull'],
    found: (given) =>
      has(given, 'pull') && hostsOf(given) === 2 && !has(given, 'startToken') && !has(given, 'endToken')
        ? '-pl without -st and -et'
        : null,
  },
  {
    text: `Too many job threads. Max is ${JOB_THREADS_MAX}`,
    since: '2.2',
    at: ['jobThreads'],
    found: (given) => (Number(jobThreadsOf(given)) > JOB_THREADS_MAX ? `-j ${jobThreadsOf(given)}` : null),
  },
];

/** Adds a mistake for every combination that nodetool or the database refuses. */
export function refuseTogether(given: Given, { line, patch }: CassandraVersion): void {
  for (const { text, at, found, since = '2.0', until = '5.0' } of REFUSALS) {
    const flags = found(given);
    if (flags === null || !isAtLeast(line, since) || !isAtLeast(until, line)) continue;
    given.mistakes.push({
      code: 'D207',
      message: `${patch} refuses these options together`,
      found: flags,
      ...aboutFlag(given, at),
      notes: [`nodetool says  ${text}`],
    });
  }
  const threads = jobThreadsOf(given);
  if (threads === null || /^0*[1-9]\d{0,5}$/.test(threads)) return;
  given.mistakes.push({
    code: 'D203',
    message: '-j needs a whole number above 0',
    expected: `1 to ${JOB_THREADS_MAX}`,
    found: threads,
    about: threads,
  });
}

function aboutFlag(given: Given, ids: readonly FlagId[]): { about?: string } {
  const id = ids.find((each) => given.flags.has(each));
  const name = id === undefined ? undefined : given.flags.get(id)?.name;
  return name === undefined ? {} : { about: name };
}

function has(given: Given, ...flags: FlagId[]): boolean {
  return flags.every((flag) => given.flags.has(flag));
}

function jobThreadsOf(given: Given): string | null {
  return given.flags.get('jobThreads')?.values.at(-1) ?? null;
}

function hostsOf(given: Given): number {
  const hosts = (given.flags.get('inHosts')?.values ?? []).flatMap((value) => value.split(','));
  return new Set(hosts.map((host) => host.trim()).filter((host) => host !== '')).size;
}
