/**
 * The time line: control records (kinds from 16 on: nodes, links, storage, hints, batchlog, repair) told as events with
 * names, and the first and last moment of each kind, which expectations of order ask for. Bounded: of each kind the
 * first events are kept and the rest is counted in one closing event.
 */
import { ORIGIN_PLACE, originPlaceOf, RECORD, RECORD_NAMES, TOPOLOGY_REFUSAL } from '../data/records.ts';
import type { PlanNames } from './counters-reader.ts';
import type { TimelineEvent } from './result.ts';

/** Records from this number on are about nodes and mechanisms, not about single versions. */
export const CONTROL_KIND_MIN = 16;
/** Kinds from this one on are rare enough that their first moment is kept: rejected, reverted, purged. */
export const NOTED_KIND_MIN: number = RECORD.rejected;
export const TIMELINE_KIND_EVENTS_MAX = 400;

/** A place in the order of records: time, then the number of the record. */
export interface Moment {
  micros: number;
  order: number;
}

interface KindTimes {
  first: Moment;
  last: Moment;
  count: number;
}

const BEGINNINGS: readonly number[] = [RECORD.repairStarted, RECORD.topologyStarted];
const ENDS: readonly number[] = [
  RECORD.repairFinished,
  RECORD.repairFailed,
  RECORD.topologyFinished,
  RECORD.topologyFailed,
  RECORD.topologyRefused,
];

export interface TimelineState {
  events: TimelineEvent[];
  times: [string, KindTimes][];
}

export class Timeline {
  readonly #names: PlanNames;
  readonly #events: TimelineEvent[] = [];
  /** By record name, and by entry id + `.start` / `.end` (faults, repairs). */
  readonly #times = new Map<string, KindTimes>();

  constructor(names: PlanNames) {
    this.#names = names;
  }

  /** Takes one control record at word position `at`; `order` rises with every record of the run. */
  record(words: Int32Array, at: number, moment: Moment): void {
    const kind = words[at + 1] >>> 20;
    const name = RECORD_NAMES[kind] ?? `record${kind}`;
    const entry = this.#entryOf(kind, words, at);
    const times = this.#note(name, moment);
    if (entry !== null) this.#noteEntry(kind, entry, moment);
    if (times.count > TIMELINE_KIND_EVENTS_MAX) return;
    const node = this.#names.nodes[words[at + 2] & 0xffff] ?? null;
    this.#events.push({ at_micros: moment.micros, name, node, entry, detail: this.#detail(kind, words, at) });
  }

  /** Keeps the moments of a record about one version, which is no event of its own. */
  note(kind: number, moment: Moment): void {
    this.#note(RECORD_NAMES[kind], moment);
  }

  /** First moment of a record's name, or of an entry's `.start` / `.end`; null if it never was. */
  first(name: string): Moment | null {
    return this.#times.get(name)?.first ?? null;
  }

  last(name: string): Moment | null {
    return this.#times.get(name)?.last ?? null;
  }

  count(name: string): number {
    return this.#times.get(name)?.count ?? 0;
  }

  /** Plan entries start and end by the plan where no record of the models says so earlier. */
  noteEntryTime(name: string, moment: Moment): void {
    if (!this.#times.has(name)) this.#times.set(name, { first: moment, last: moment, count: 1 });
  }

  events(endMicros: number): TimelineEvent[] {
    const omitted: TimelineEvent[] = [];
    for (const [name, { count }] of this.#times) {
      if (RECORD_NAMES.indexOf(name) < CONTROL_KIND_MIN) continue;
      const more = count - TIMELINE_KIND_EVENTS_MAX;
      if (more > 0) {
        omitted.push({
          at_micros: endMicros,
          name: 'omitted',
          node: null,
          entry: null,
          detail: `${more} more ${name}`,
        });
      }
    }
    return [...this.#events, ...omitted];
  }

  save(): TimelineState {
    return { events: [...this.#events], times: [...this.#times].map(([name, times]) => [name, { ...times }]) };
  }

  load(state: TimelineState): void {
    this.#events.length = 0;
    for (const event of state.events) this.#events.push(event);
    this.#times.clear();
    for (const [name, times] of state.times) this.#times.set(name, { ...times });
  }

  #note(name: string, moment: Moment): KindTimes {
    const known = this.#times.get(name);
    if (known === undefined) {
      const fresh = { first: moment, last: moment, count: 1 };
      this.#times.set(name, fresh);
      return fresh;
    }
    known.last = moment;
    known.count++;
    return known;
  }

  #noteEntry(kind: number, entry: string, moment: Moment): void {
    if (originPlaceOf(kind) === ORIGIN_PLACE.a) this.#note(`${entry}.start`, moment);
    else if (BEGINNINGS.includes(kind)) this.#note(`${entry}.start`, moment);
    else if (ENDS.includes(kind)) this.#note(`${entry}.end`, moment);
  }

  #entryOf(kind: number, words: Int32Array, at: number): string | null {
    const place = originPlaceOf(kind);
    const origin = place === ORIGIN_PLACE.a ? words[at + 3] : place === ORIGIN_PLACE.b ? words[at + 4] : 0;
    return origin > 0 ? (this.#names.origins[origin] ?? null) : null;
  }

  #detail(kind: number, words: Int32Array, at: number): string {
    const a = words[at + 3];
    const b = words[at + 4];
    const c = words[at + 5];
    const other = words[at + 2] >>> 16;
    return DETAILS.get(kind)?.({ a, b, c, other, names: this.#names }) ?? '';
  }
}

interface Operands {
  a: number;
  b: number;
  c: number;
  /** The copy field: a second node where a record is about a pair. */
  other: number;
  names: PlanNames;
}

function aboutPeer({ b, names }: Operands): string {
  return names.nodes[b] ?? '';
}

function aboutTarget({ b, names }: Operands): string {
  return `for ${names.nodes[b] ?? b}`;
}

function aboutTable({ b, c, names }: Operands): string {
  return `${names.tables[b] ?? ''} ${c} entries`.trim();
}

function aboutBatch({ a }: Operands): string {
  return `batch ${a}`;
}

/** What the operator reads. */
export function refusalText(refusal: number, about: string): string {
  switch (refusal) {
    case TOPOLOGY_REFUSAL.otherUnderWay:
      return `Other bootstrapping/leaving/moving nodes detected (${about}), cannot bootstrap while cassandra.consistent.rangemovement is true`;
    case TOPOLOGY_REFUSAL.oneAtATime:
      return `${about} joins, leaves or is replaced, and only one node at a time does so here`;
    case TOPOLOGY_REFUSAL.sourceDown:
      return `A node required to move the data consistently is down (${about}). If you wish to move the data from a potentially inconsistent replica, restart the node with -Dcassandra.consistent.rangemovement=false`;
    case TOPOLOGY_REFUSAL.noSource:
      return 'Unable to find sufficient sources for streaming a range';
    case TOPOLOGY_REFUSAL.isUp:
      return `${about} is alive`;
    case TOPOLOGY_REFUSAL.isDown:
      return `${about} is down`;
    default:
      return `${about} is not in the ring`;
  }
}

/** Of a change of topology that stopped half-way. */
export function failureText(about: string): string {
  return `Some data streaming failed: ${about} is gone`;
}

/** What the operands of a kind say; kinds that say all with their name and node are not here. */
const DETAILS: ReadonlyMap<number, (operands: Operands) => string> = new Map([
  [RECORD.markedDown, aboutPeer],
  [RECORD.markedUp, aboutPeer],
  ...([RECORD.flushStarted, RECORD.flushFinished, RECORD.compactionStarted, RECORD.compactionFinished] as const).map(
    (kind) => [kind, aboutTable] as const,
  ),
  ...(
    [RECORD.hintFileClosed, RECORD.hintDispatchStarted, RECORD.hintPageAborted, RECORD.hintDispatchFinished] as const
  ).map((kind) => [kind, aboutTarget] as const),
  [RECORD.hintsFlushed, aboutTarget],
  [RECORD.hintsDropped, aboutTarget],
  [RECORD.hintStoreLost, ({ b }) => `${b} hints`],
  [RECORD.diskLost, ({ b }) => `${b} entries`],
  [RECORD.hintsPurged, ({ a, b, names }) => `${a} for ${names.nodes[b] ?? b}`],
  [RECORD.hintsDelivered, ({ a, b, names }) => `${a} for ${names.nodes[b] ?? b}`],
  [RECORD.hintsRewound, aboutTarget],
  [RECORD.hintExpired, aboutTarget],
  [RECORD.batchStored, aboutBatch],
  [RECORD.batchRemoved, aboutBatch],
  [RECORD.batchReplayed, aboutBatch],
  [RECORD.validationRequested, ({ c }) => `${c} ranges`],
  [RECORD.validationFinished, ({ c }) => `${c} rows hashed`],
  [RECORD.treesCompared, ({ c, other, names }) => `with ${names.nodes[other] ?? other}: ${c} ranges differ`],
  [RECORD.treesVisited, ({ c, other, names }) => `with ${names.nodes[other] ?? other}: ${c} pairs of nodes`],
  [RECORD.rangeDiffered, ({ c, other, names }) => `with ${names.nodes[other] ?? other}: from partition ${c}`],
  [RECORD.streamStarted, ({ c, other, names }) => `to ${names.nodes[other] ?? other}: ${c} rows`],
  [RECORD.topologyFinished, ({ c }) => `${c} rows streamed`],
  [RECORD.topologyRefused, ({ a, c, names }) => refusalText(a, names.nodes[c] ?? '')],
  [RECORD.topologyFailed, ({ c, names }) => failureText(names.nodes[c] ?? '')],
  [RECORD.rangesStreamStarted, ({ c, other, names }) => `to ${names.nodes[other] ?? other}: ${c} rows`],
  [RECORD.rangesStreamFinished, ({ c, other, names }) => `to ${names.nodes[other] ?? other}: ${c} rows`],
  [RECORD.hintsTransferred, ({ a, c, names }) => `${c} to ${names.nodes[a] ?? a}`],
  [RECORD.streamFinished, ({ c, other, names }) => `to ${names.nodes[other] ?? other}: ${c} rows`],
]);
