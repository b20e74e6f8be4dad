/**
 * What a space-time diagram shows: dots on a node, arrows from one node to another, stretches of time on a node. Made from the
 * records of one row or of one repair session. Nothing is invented: where a record does not say when a message was sent, or by
 * whom, there is no arrow but a dot that says so.
 */
import { CAUSES, OUTCOMES, STATE, VIA, VIAS } from '../../data/causes.ts';
import { causeOf, originOf, outcomeOf, stateOf, viaOf } from '../../data/fate.ts';
import { RECORD } from '../../data/records.ts';
import type { PlanNames } from '../../observe/counters-reader.ts';
import type { RowRecord, SessionRecord } from '../../observe/view/row-record.ts';
import { BASE, FIRST_VERSION, NOTHING } from '../../data/versions.ts';
import { wordsOf } from '../../studies/record-text.ts';

/** What a mark is about: its colour and its shape. */
export type MarkKind = 'write' | 'hint' | 'repair' | 'loss' | 'answer' | 'other';

export interface Dot {
  node: number;
  micros: number;
  kind: MarkKind;
  label: string;
  text: string;
}

export interface Arrow {
  from: number;
  to: number;
  fromMicros: number;
  toMicros: number;
  kind: MarkKind;
  /** It did not arrive. */
  isLost: boolean;
  text: string;
}

export interface Bar {
  node: number;
  fromMicros: number;
  toMicros: number;
  kind: MarkKind | 'down';
  text: string;
}

export interface SpaceTime {
  /** Numbers of nodes, left to right. */
  nodes: number[];
  dots: Dot[];
  arrows: Arrow[];
  bars: Bar[];
}

const VIA_KINDS: ReadonlyMap<number, MarkKind> = new Map([
  [VIA.hint, 'hint'],
  [VIA.repair, 'repair'],
  [VIA.readRepair, 'repair'],
]);

interface Issue {
  node: number;
  at: number;
}

/** A row: its writes, what became of each copy's message, hints kept for it, what went back. */
export function rowSpaceTime(records: readonly RowRecord[], names: PlanNames): SpaceTime {
  const row = new RowMarks(names);
  for (const record of records) row.take(record);
  return withNodes(row);
}

class RowMarks {
  readonly dots: Dot[] = [];
  readonly arrows: Arrow[] = [];
  readonly bars: Bar[] = [];
  readonly #names: PlanNames;
  readonly #versions = new Map<number, string>();
  readonly #issues = new Map<number, Issue>();
  /** When a hint was stored, by version and target. */
  readonly #kept = new Map<string, number>();

  constructor(names: PlanNames) {
    this.#names = names;
  }

  take(record: RowRecord): void {
    switch (record.kind) {
      case RECORD.issued:
        return this.#issued(record);
      case RECORD.applied:
        return this.#applied(record);
      case RECORD.missed:
        return this.#missed(record);
      case RECORD.answered:
      case RECORD.rejected:
        return this.#dot(record, 'answer', `client: ${wordsOf(OUTCOMES[outcomeOf(record.detail)])}`);
      case RECORD.reverted:
        return this.#dot(record, 'loss', `holds ${this.#name(record.version)} again`, this.#why(record.detail));
      case RECORD.purged:
        return this.#dot(record, 'other', `${this.#name(record.version)} purged`);
      default:
        return undefined;
    }
  }

  #issued({ version, node, at, detail }: RowRecord): void {
    this.#issues.set(version, { node, at });
    const label = detail > 0 ? `${this.#name(version)} again` : `${this.#name(version)} written`;
    this.dots.push({ node, micros: at, kind: 'write', label, text: `${label} through ${this.#node(node)}` });
  }

  #applied(record: RowRecord): void {
    const { version, node, at, detail } = record;
    const via = viaOf(detail);
    const issue = this.#issues.get(version);
    const kept = this.#kept.get(`${version} ${node}`);
    const name = this.#name(version);
    const kind = VIA_KINDS.get(via) ?? 'write';
    const by =
      via === VIA.repair ? (this.#names.origins[originOf(detail)] ?? 'a repair') : wordsOf(VIAS[via] ?? 'message');
    const isMessage = via === VIA.delivery || via === VIA.retry || via === VIA.hint;
    if (issue === undefined || !isMessage) return this.#dot(record, kind, `${name} by ${by}`);
    if (via === VIA.hint) {
      const text = `${name}: a hint for ${this.#node(node)} waits on ${this.#node(issue.node)}`;
      if (kept !== undefined) this.bars.push({ node: issue.node, fromMicros: kept, toMicros: at, kind, text });
    }
    // Of a hint no record says when it left: it is drawn as it arrives.
    const fromMicros = via === VIA.hint ? at : issue.at;
    const text = `${name} reaches ${this.#node(node)} from ${this.#node(issue.node)} by ${by}`;
    this.arrows.push({ from: issue.node, to: node, fromMicros, toMicros: at, kind, isLost: false, text });
    return undefined;
  }

  #missed({ version, node, at, detail }: RowRecord): void {
    const issue = this.#issues.get(version);
    const why = this.#why(detail);
    const text = `${this.#name(version)} misses ${this.#node(node)}: ${why}`;
    const hasHint = stateOf(detail) === STATE.hintPending;
    if (hasHint) this.#kept.set(`${version} ${node}`, at);
    if (issue === undefined || issue.node === node) {
      this.dots.push({ node, micros: at, kind: 'loss', label: `misses ${this.#name(version)}`, text });
      return;
    }
    const ends = { from: issue.node, to: node, fromMicros: issue.at, toMicros: at };
    this.arrows.push({ ...ends, kind: hasHint ? 'hint' : 'loss', isLost: true, text });
  }

  #dot({ node, at }: RowRecord, kind: MarkKind, label: string, more = ''): void {
    const text = `${this.#node(node)}: ${label}${more === '' ? '' : `, ${more}`}`;
    const last = this.dots[this.dots.length - 1];
    if (last?.node !== node || last.micros !== at || last.kind !== kind) {
      this.dots.push({ node, micros: at, kind, label, text });
      return;
    }
    // Several slots of the row at one moment are one mark.
    if (last.label !== label) Object.assign(last, { label: `${last.label}, ${label}`, text: `${last.text}; ${label}` });
  }

  #why(detail: number): string {
    const origin = originOf(detail);
    const state = stateOf(detail) === STATE.hintPending ? ', a hint is kept' : '';
    const because = origin > 0 ? ` (${this.#names.origins[origin]})` : '';
    return `${wordsOf(CAUSES[causeOf(detail)] ?? 'none')}${because}${state}`;
  }

  #name(version: number): string {
    if (version === NOTHING) return 'nothing';
    if (version === BASE || version < FIRST_VERSION) return 'what was loaded';
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    this.#versions.set(version, `v${this.#versions.size + 1}`);
    return `v${this.#versions.size}`;
  }

  #node(node: number): string {
    return this.#names.nodes[node] ?? String(node);
  }
}

/** A repair session: who is asked for trees, how long they take, who is compared with whom, what is streamed. */
export function sessionSpaceTime(records: readonly SessionRecord[], names: PlanNames): SpaceTime {
  const ended = records.find(({ kind }) => kind === RECORD.sessionFinished || kind === RECORD.sessionFailed);
  const session = new SessionMarks(names, ended?.node ?? null);
  for (const record of records) session.take(record);
  return withNodes(session);
}

/** From and to; null where no record says it. */
type Maybe = readonly [number | null, number | null];

class SessionMarks {
  readonly dots: Dot[] = [];
  readonly arrows: Arrow[] = [];
  readonly bars: Bar[] = [];
  readonly #names: PlanNames;
  /** Who runs it; null while it is not over. */
  readonly #coordinator: number | null;
  /** Moments by what they wait for: kind, node or pair. */
  readonly #waiting = new Map<string, number[]>();

  constructor(names: PlanNames, coordinator: number | null) {
    this.#names = names;
    this.#coordinator = coordinator;
  }

  take(record: SessionRecord): void {
    const { kind, node, other, at, detail } = record;
    const name = this.#node(node);
    switch (kind) {
      case RECORD.validationRequested:
        return this.#wait(`asked ${node}`, at);
      case RECORD.validationStarted:
        this.#wait(`hashing ${node}`, at);
        return this.#arrow(
          [this.#coordinator, node],
          [this.#waited(`asked ${node}`), at],
          'other',
          `${name} is asked for a tree`,
        );
      case RECORD.validationFinished: {
        const fromMicros = this.#waited(`hashing ${node}`);
        this.#wait(`hashed ${node}`, at);
        if (fromMicros !== null)
          this.bars.push({ node, fromMicros, toMicros: at, kind: 'other', text: `${name} hashes ${detail} rows` });
        return undefined;
      }
      case RECORD.treeReceived:
        return this.#arrow(
          [node, this.#coordinator],
          [this.#waited(`hashed ${node}`), at],
          'other',
          `the tree of ${name}`,
        );
      case RECORD.treesCompared: {
        const pair = `${name} and ${this.#node(other)}`;
        const on = this.#coordinator ?? node;
        const label = `${name}|${this.#node(other)}: ${detail}`;
        const isSame = detail === 0;
        this.dots.push({
          node: on,
          micros: at,
          kind: isSame ? 'write' : 'loss',
          label,
          text: `${pair}: ${detail} ranges differ`,
        });
        return undefined;
      }
      case RECORD.streamStarted:
        return this.#wait(`stream ${node} ${other}`, at);
      case RECORD.streamFinished: {
        const text = `${name} streams ${detail} rows to ${this.#node(other)}`;
        return this.#arrow([node, other], [this.#waited(`stream ${node} ${other}`), at], 'repair', text);
      }
      case RECORD.sessionFinished:
      case RECORD.sessionFailed: {
        const label = kind === RECORD.sessionFinished ? 'session finished' : 'session failed';
        this.dots.push({
          node,
          micros: at,
          kind: kind === RECORD.sessionFinished ? 'answer' : 'loss',
          label,
          text: label,
        });
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #arrow([from, to]: Maybe, [fromMicros, toMicros]: Maybe, kind: MarkKind, text: string): void {
    if (from === null || to === null || fromMicros === null || toMicros === null || from === to) return;
    this.arrows.push({ from, to, fromMicros, toMicros, kind, isLost: false, text });
  }

  #wait(key: string, at: number): void {
    this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), at]);
  }

  /** First in, first out: jobs of one session on one node follow one another. */
  #waited(key: string): number | null {
    return this.#waiting.get(key)?.shift() ?? null;
  }

  #node(node: number): string {
    return this.#names.nodes[node] ?? String(node);
  }
}

export function withNodes({ dots, arrows, bars }: Omit<SpaceTime, 'nodes'>): SpaceTime {
  const nodes = new Set<number>();
  for (const { node } of [...dots, ...bars]) nodes.add(node);
  for (const { from, to } of arrows) nodes.add(from).add(to);
  return { nodes: [...nodes].sort((left, right) => left - right), dots, arrows, bars };
}

/** All marks as sentences in order of time, for those who do not see the drawing. */
export function marksAsText({ dots, arrows }: SpaceTime): { micros: number; text: string }[] {
  const all = [
    ...dots.map(({ micros, text }) => ({ micros, text })),
    ...arrows.map(({ toMicros, text }) => ({ micros: toMicros, text })),
  ];
  return all.sort((left, right) => left.micros - right.micros);
}
