/**
 * What one control record changes in the view state. A table from record kinds to edits of an Immer draft; a kind that is
 * not in it changes nothing that is shown. Knows what the operands mean (src/data/records.ts) and what the plan's entries
 * name, nothing of models.
 */
import { RECORD } from '../../data/records.ts';
import type { Plan, PlanEntry } from '../../scenario/plan.ts';
import { noJobs } from './view-state.ts';
import type { JobKind, LinkTrouble, SessionPhase, ViewSession, ViewState } from './view-state.ts';

/** A control record, taken apart. */
export interface ViewRecord {
  micros: number;
  kind: number;
  node: number;
  /** The copy field: a second node where the record is about a pair. */
  other: number;
  a: number;
  b: number;
  c: number;
}

/** Sessions that have ended are kept until so many newer ones are there. */
const SESSIONS_KEPT = 6;

type Change = (view: ViewState, record: ViewRecord, links: LinkFaults) => void;

/** Which links an entry of the plan troubles. */
export class LinkFaults {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #byOrigin: ReadonlyMap<number, readonly PlanEntry[]>;

  constructor({ nodes, entries }: Plan) {
    this.#numbers = new Map(nodes.map(({ id }, index) => [id, index]));
    const first = new Map<string, number>();
    const byOrigin = new Map<number, PlanEntry[]>();
    entries.forEach((entry, index) => {
      if (!first.has(entry.id)) first.set(entry.id, index + 1);
      const origin = first.get(entry.id) ?? 0;
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), entry]);
    });
    this.#byOrigin = byOrigin;
  }

  /** Keys of the links that the entry which begins or ends at this moment is about. */
  linksOf(origin: number, micros: number): string[] {
    const all = this.#byOrigin.get(origin) ?? [];
    const due = all.filter((entry) => isDue(entry, micros));
    return (due.length > 0 ? due : all).flatMap((entry) => this.#linksOfEntry(entry));
  }

  #linksOfEntry(entry: PlanEntry): string[] {
    if (entry.kind !== 'cutLink' && entry.kind !== 'loseMessages' && entry.kind !== 'slowLink') return [];
    const numbersOf = (ids: readonly string[]): number[] => ids.map((id) => this.#numbers.get(id) ?? -1);
    const keys: string[] = [];
    for (const from of numbersOf(entry.from)) {
      for (const to of numbersOf(entry.to)) {
        if (from === to) continue;
        keys.push(linkKey(from, to));
        if (entry.two_way) keys.push(linkKey(to, from));
      }
    }
    return [...new Set(keys)];
  }
}

function isDue(entry: PlanEntry, micros: number): boolean {
  const lasts = 'for_micros' in entry ? entry.for_micros : null;
  return entry.at_micros === micros || (lasts !== null && entry.at_micros + lasts === micros);
}

export function linkKey(from: number, to: number): string {
  return `${from}>${to}`;
}

/** True where the record may change what is shown. */
export function changesView(kind: number): boolean {
  return CHANGES[kind] !== undefined;
}

export function foldRecord(view: ViewState, record: ViewRecord, links: LinkFaults): void {
  CHANGES[record.kind]?.(view, record, links);
}

function nodeIs(state: ViewState['nodes'][number]['state']): Change {
  return (view, { node }) => {
    view.nodes[node].state = state;
  };
}

/** Its process ends: jobs, streams and what it thought of others are gone. */
function processEnds(view: ViewState, { node }: ViewRecord): void {
  const own = view.nodes[node];
  own.state = 'down';
  own.jobs = noJobs();
  for (const { seenDownBy } of view.nodes) delete seenDownBy[node];
  for (const session of Object.values(view.sessions))
    for (const stream of Object.values(session.streams))
      if (!stream.over && (stream.from === node || stream.to === node)) endStream(view, stream);
}

function jobs(kind: JobKind, by: number): Change {
  return (view, { node }) => addJob(view, node, kind, by);
}

/** A job that a crash took ends no more. */
function addJob(view: ViewState, node: number, kind: JobKind, by: number): void {
  const own = view.nodes[node].jobs;
  if (own[kind] + by >= 0) own[kind] += by;
}

function links(trouble: LinkTrouble, by: number): Change {
  return (view, { a, micros }, faults) => {
    for (const key of faults.linksOf(a, micros)) {
      const link = (view.links[key] ??= { cut: 0, lossy: 0, slow: 0 });
      link[trouble] = Math.max(0, link[trouble] + by);
      if (link.cut + link.lossy + link.slow === 0) delete view.links[key];
    }
  };
}

/** b = plan entry. */
function entries(by: number): Change {
  return (view, { b }) => {
    const left = (view.running[b] ?? 0) + by;
    if (left > 0) view.running[b] = left;
    else delete view.running[b];
  };
}

// ---------------------------------------------------------------- sessions of a repair: a = session, b = plan entry

function sessionOf(view: ViewState, { a, b, micros }: ViewRecord): ViewSession {
  const known = view.sessions[a];
  if (known !== undefined) return known;
  forgetEnded(view);
  const fresh: ViewSession = {
    ...{ origin: b, startedMicros: micros, phase: 'validating' },
    ...{ replicas: {}, comparisons: {}, streams: {} },
  };
  view.sessions[a] = fresh;
  return view.sessions[a];
}

function forgetEnded(view: ViewState): void {
  const ended = Object.keys(view.sessions).filter((id) => isOver(view.sessions[id]));
  const more = ended.length - SESSIONS_KEPT + 1;
  for (const id of ended.slice(0, Math.max(0, more))) delete view.sessions[id];
}

function isOver({ phase }: ViewSession): boolean {
  return phase === 'finished' || phase === 'failed';
}

function replica(state: ViewSession['replicas'][string]): Change {
  return (view, record) => {
    sessionOf(view, record).replicas[record.node] = state;
    if (state === 'hashing') addJob(view, record.node, 'validation', 1);
    if (state === 'hashed') addJob(view, record.node, 'validation', -1);
  };
}

function compared(view: ViewState, record: ViewRecord): void {
  const { node: first, other: second, c: differ } = record;
  const session = sessionOf(view, record);
  session.phase = 'comparing';
  session.comparisons[`${first}|${second}`] = { first, second, differ, visited: 0, from: -1, to: -1, leaves: '' };
}

function visited(view: ViewState, record: ViewRecord): void {
  const comparison = sessionOf(view, record).comparisons[`${record.node}|${record.other}`];
  if (comparison !== undefined) comparison.visited = record.c;
}

function streamBegins(view: ViewState, record: ViewRecord): void {
  const { node: from, other: to, c: rows } = record;
  const session = sessionOf(view, record);
  session.phase = 'streaming';
  session.streams[linkKey(from, to)] = { from, to, rows, over: false };
  addJob(view, from, 'streamOut', 1);
  addJob(view, to, 'streamIn', 1);
}

function streamEnds(view: ViewState, record: ViewRecord): void {
  const stream = sessionOf(view, record).streams[linkKey(record.node, record.other)];
  if (stream !== undefined && !stream.over) endStream(view, stream);
}

function endStream(view: ViewState, stream: ViewSession['streams'][string]): void {
  stream.over = true;
  addJob(view, stream.from, 'streamOut', -1);
  addJob(view, stream.to, 'streamIn', -1);
}

function sessionEnds(phase: SessionPhase): Change {
  return (view, record) => {
    sessionOf(view, record).phase = phase;
  };
}

function rangesStream(by: number): Change {
  return (view, { node, other }) => {
    addJob(view, node, 'streamOut', by);
    addJob(view, other, 'streamIn', by);
  };
}

const CHANGES: (Change | undefined)[] = [];
CHANGES[RECORD.nodeCrashed] = processEnds;
CHANGES[RECORD.nodeStopped] = processEnds;
CHANGES[RECORD.nodeStarted] = nodeIs('up');
CHANGES[RECORD.nodePaused] = nodeIs('paused');
CHANGES[RECORD.nodeResumed] = nodeIs('up');
CHANGES[RECORD.markedDown] = (view, { node, b }) => {
  view.nodes[b].seenDownBy[node] = true;
};
CHANGES[RECORD.markedUp] = (view, { node, b }) => {
  delete view.nodes[b].seenDownBy[node];
};
CHANGES[RECORD.clockSkewed] = (view, { node }) => {
  view.nodes[node].skewed = !view.nodes[node].skewed;
};
CHANGES[RECORD.linkCut] = links('cut', 1);
CHANGES[RECORD.linkRestored] = links('cut', -1);
CHANGES[RECORD.lossStarted] = links('lossy', 1);
CHANGES[RECORD.lossEnded] = links('lossy', -1);
CHANGES[RECORD.linkSlowed] = links('slow', 1);
CHANGES[RECORD.linkSpeedRestored] = links('slow', -1);
CHANGES[RECORD.diskSlowed] = (view, { node }) => {
  view.nodes[node].slowDisk += 1;
};
CHANGES[RECORD.diskSpeedRestored] = (view, { node }) => {
  view.nodes[node].slowDisk = Math.max(0, view.nodes[node].slowDisk - 1);
};
CHANGES[RECORD.flushStarted] = jobs('flush', 1);
CHANGES[RECORD.flushFinished] = jobs('flush', -1);
CHANGES[RECORD.compactionStarted] = jobs('compaction', 1);
CHANGES[RECORD.compactionFinished] = jobs('compaction', -1);
CHANGES[RECORD.hintDispatchStarted] = jobs('hintDispatch', 1);
CHANGES[RECORD.hintDispatchFinished] = jobs('hintDispatch', -1);
CHANGES[RECORD.repairStarted] = entries(1);
CHANGES[RECORD.repairFinished] = entries(-1);
CHANGES[RECORD.repairFailed] = entries(-1);
CHANGES[RECORD.operationBegan] = entries(1);
CHANGES[RECORD.operationEnded] = entries(-1);
CHANGES[RECORD.topologyStarted] = entries(1);
CHANGES[RECORD.topologyFinished] = entries(-1);
CHANGES[RECORD.topologyFailed] = entries(-1);
CHANGES[RECORD.validationRequested] = replica('asked');
CHANGES[RECORD.validationStarted] = replica('hashing');
CHANGES[RECORD.validationFinished] = replica('hashed');
CHANGES[RECORD.treesCompared] = compared;
CHANGES[RECORD.treesVisited] = visited;
CHANGES[RECORD.streamStarted] = streamBegins;
CHANGES[RECORD.streamFinished] = streamEnds;
CHANGES[RECORD.sessionFinished] = sessionEnds('finished');
CHANGES[RECORD.sessionFailed] = sessionEnds('failed');
CHANGES[RECORD.rangesStreamStarted] = rangesStream(1);
CHANGES[RECORD.rangesStreamFinished] = rangesStream(-1);
