/**
 * What flows and what fills up, by stretch of time: messages and streamed rows on each link, hints that wait for a node and
 * at a node. Counted from the trace; bounded by making the stretches longer, and above a number of nodes by counting links
 * between racks, or data centres, instead of nodes. The hot loop: it sees every record of a run.
 */
import { VIA, STATE } from '../../data/causes.ts';
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import type { Plan } from '../../scenario/plan.ts';
import { microsOf } from '../instants.ts';

const KIND_SHIFT = 20;
const NODE_MASK = 0xffff;
const COPY_SHIFT = 16;
const VIA_MASK = 0x7f;
const STATE_SHIFT = 6;
const STATE_MASK = 3;
const TIME_HIGH = 1 << 20;

/** Stretches of a run at most, and cells of all links together. */
const STRETCHES_MAX = 600;
const CELLS_MAX = 120_000;
const STRETCHES_MIN = 60;
/** With more nodes than this links are counted by their racks; with more racks by their data centres. */
const LINKED_MAX = 44;

/** Nodes whose links are counted together. */
export interface LinkGroups {
  what: 'rack' | 'data centre';
  names: string[];
  /** By node: its group. */
  of: number[];
}

export interface ViewLevels {
  stretchMicros: number;
  stretches: number;
  nodeCount: number;
  /** Of each stretch, at its end: hints that wait, by node they are for and by node that keeps them; stretch * nodeCount + node. */
  hintsFor: Int32Array;
  hintsAt: Int32Array;
  /** Null: every node is the end of its own links. */
  groups: LinkGroups | null;
  /** Within each stretch, by link: versions that arrived as writes, by hints, and rows streamed; stretch * ends² + from * ends + to,
   * where ends are nodes or groups. Null where there are too many of either. */
  writes: Int32Array | null;
  hints: Int32Array | null;
  streamed: Int32Array | null;
}

/** How long a stretch is: at most 600 of them, fewer with many links. */
export function stretchOf(plan: Pick<Plan, 'nodes' | 'duration_micros' | 'settle_micros'>): number {
  const ends = endsOf(plan, groupsOf(plan));
  const wanted = ends > 0 ? Math.min(STRETCHES_MAX, Math.floor(CELLS_MAX / (ends * ends))) : STRETCHES_MAX;
  const end = plan.duration_micros + plan.settle_micros;
  return Math.max(1, Math.ceil(end / Math.max(STRETCHES_MIN, wanted)));
}

function groupsOf({ nodes }: Pick<Plan, 'nodes'>): LinkGroups | null {
  if (nodes.length <= LINKED_MAX) return null;
  const racks = grouped(
    'rack',
    nodes.map(({ dc, rack }) => `${dc} ${rack}`),
  );
  if (racks.names.length <= LINKED_MAX) return racks;
  return grouped(
    'data centre',
    nodes.map(({ dc }) => dc),
  );
}

function grouped(what: LinkGroups['what'], names: readonly string[]): LinkGroups {
  const all = [...new Set(names)];
  const numbers = new Map(all.map((name, index) => [name, index]));
  return { what, names: all, of: names.map((name) => numbers.get(name) ?? 0) };
}

/** 0: links are not counted. */
function endsOf({ nodes }: Pick<Plan, 'nodes'>, groups: LinkGroups | null): number {
  const ends = groups?.names.length ?? nodes.length;
  return ends <= LINKED_MAX ? ends : 0;
}

/** Folds blocks of the trace; made at the end. */
export class LevelCounter {
  readonly #levels: ViewLevels;
  readonly #nodes: number;
  /** Of links, and by node which of them it is. */
  readonly #ends: number;
  readonly #endOf: Uint16Array;
  readonly #waitingFor: Int32Array;
  readonly #waitingAt: Int32Array;
  /** By version: its coordinator and its first slot. */
  #coordinators = new Uint16Array(1 << 16);
  #firstSlots = new Int32Array(1 << 16);
  #newest = 0;
  #stretch = 0;
  /** When the open stretch ends, split as records split it. */
  #endHigh: number;
  #endLow: number;

  constructor(plan: Plan) {
    const nodes = plan.nodes.length;
    const stretchMicros = stretchOf(plan);
    const stretches = Math.max(1, Math.ceil((plan.duration_micros + plan.settle_micros) / stretchMicros));
    const groups = groupsOf(plan);
    const ends = endsOf(plan, groups);
    const cells = (): Int32Array | null => (ends > 0 ? new Int32Array(stretches * ends * ends) : null);
    this.#nodes = nodes;
    this.#ends = ends;
    this.#endOf = Uint16Array.from(plan.nodes, (_node, index) => groups?.of[index] ?? index);
    this.#levels = {
      ...{ stretchMicros, stretches, nodeCount: nodes, groups: ends > 0 ? groups : null },
      ...{ hintsFor: new Int32Array(stretches * nodes), hintsAt: new Int32Array(stretches * nodes) },
      ...{ writes: cells(), hints: cells(), streamed: cells() },
    };
    this.#waitingFor = new Int32Array(nodes);
    this.#waitingAt = new Int32Array(nodes);
    this.#endHigh = Math.floor(stretchMicros / TIME_HIGH);
    this.#endLow = stretchMicros % TIME_HIGH;
  }

  fold(words: Int32Array, count: number): void {
    const TIME_LOW = TIME_HIGH - 1;
    for (let at = 0, end = count * RECORD_STRIDE; at < end; at += RECORD_STRIDE) {
      const high = words[at];
      if (high > this.#endHigh || (high === this.#endHigh && (words[at + 1] & TIME_LOW) >= this.#endLow))
        this.#passTo(microsOf(words, at));
      const kind = words[at + 1] >>> KIND_SHIFT;
      if (kind === RECORD.applied) this.#applied(words, at);
      else if (kind === RECORD.issued) this.#issued(words[at + 3], words[at + 2] & NODE_MASK, words[at + 4]);
      else if (kind === RECORD.missed) this.#missed(words, at);
      else if (kind > RECORD.purged) this.#control(words, at, kind);
    }
  }

  finish(): ViewLevels {
    while (this.#stretch < this.#levels.stretches) this.#closeStretch();
    return this.#levels;
  }

  #issued(version: number, coordinator: number, slot: number): void {
    if (version >= this.#coordinators.length) this.#grow(version);
    this.#coordinators[version] = coordinator;
    if (version <= this.#newest) return;
    this.#firstSlots[version] = slot;
    this.#newest = version;
  }

  #grow(version: number): void {
    const length = Math.max(this.#coordinators.length * 2, version + 1);
    const [coordinators, slots] = [new Uint16Array(length), new Int32Array(length)];
    coordinators.set(this.#coordinators);
    slots.set(this.#firstSlots);
    this.#coordinators = coordinators;
    this.#firstSlots = slots;
  }

  /** Repairs stream rows, which are counted as such. */
  #applied(words: Int32Array, at: number): void {
    const { writes, hints } = this.#levels;
    if (writes === null || hints === null) return;
    const via = words[at + 5] & VIA_MASK;
    const isHint = via === VIA.hint;
    if (!isHint && via !== VIA.delivery && via !== VIA.retry) return;
    const version = words[at + 3];
    if (version > this.#newest) return;
    const cell = this.#cellOf(this.#coordinators[version], words[at + 2] & NODE_MASK);
    if (isHint) hints[cell] += 1;
    else writes[cell] += 1;
  }

  #cellOf(from: number, to: number): number {
    return (this.#stretch * this.#ends + this.#endOf[from]) * this.#ends + this.#endOf[to];
  }

  /** A mutation of several rows leaves a record a row and is one hint. */
  #missed(words: Int32Array, at: number): void {
    if (((words[at + 5] >> STATE_SHIFT) & STATE_MASK) !== STATE.hintPending) return;
    const version = words[at + 3];
    if (version <= this.#newest && words[at + 4] === this.#firstSlots[version])
      this.#wait(this.#coordinators[version], words[at + 2] & NODE_MASK, 1);
  }

  #wait(at: number, target: number, hints: number): void {
    this.#waitingFor[target] += hints;
    this.#waitingAt[at] += hints;
  }

  #control(words: Int32Array, at: number, kind: number): void {
    const node = words[at + 2] & NODE_MASK;
    const [a, b] = [words[at + 3], words[at + 4]];
    switch (kind) {
      case RECORD.hintsDelivered:
      case RECORD.hintsPurged:
      case RECORD.hintsDropped:
        return this.#wait(node, b, -a);
      case RECORD.hintsRewound:
        return this.#wait(node, b, a);
      case RECORD.streamFinished:
      case RECORD.rangesStreamFinished: {
        const { streamed } = this.#levels;
        if (streamed !== null) streamed[this.#cellOf(node, words[at + 2] >>> COPY_SHIFT)] += words[at + 5];
        return undefined;
      }
      case RECORD.hintsTransferred:
        this.#waitingAt[node] -= words[at + 5];
        this.#waitingAt[a] += words[at + 5];
        return undefined;
      default:
        return undefined;
    }
  }

  #passTo(micros: number): void {
    const { stretches, stretchMicros } = this.#levels;
    const stretch = Math.min(stretches - 1, Math.floor(micros / stretchMicros));
    while (this.#stretch < stretch) this.#closeStretch();
    const end = stretch === stretches - 1 ? Number.MAX_SAFE_INTEGER : (stretch + 1) * stretchMicros;
    this.#endHigh = Math.floor(end / TIME_HIGH);
    this.#endLow = end % TIME_HIGH;
  }

  #closeStretch(): void {
    this.#levels.hintsFor.set(this.#waitingFor, this.#stretch * this.#nodes);
    this.#levels.hintsAt.set(this.#waitingAt, this.#stretch * this.#nodes);
    this.#stretch += 1;
  }
}
