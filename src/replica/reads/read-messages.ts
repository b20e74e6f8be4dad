/**
 * The messages of reads, and what they have in common: how long they take, whether their link lets them through, who is not
 * there to take them, and when nothing of a read is to come any more. Fates are decided at sending and at arrival (ADR 0003).
 * An event's operands are the read's number, and candidate | round << 6.
 */
import type { Rules } from '../../base/rules.ts';
import type { Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Cluster } from '../cluster.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION, DIRECTIONS, isBack, type Links } from '../links.ts';
import type { Placements } from '../placements.ts';
import type { SlowLinks } from '../slow-links.ts';
import type { Storage } from '../storage.ts';
import { NO_HANDLE, NO_READ, OpenReads, PHASE } from './open-reads.ts';
import type { ReadLoadOptions } from './read-load.ts';
import type { ReadBehaviour, ReadTable, SnitchSettings } from './read-types.ts';
import type { Reader } from './reader.ts';

const ROUND_SHIFT = 6;
const ROUND_MASK = 3;
const CANDIDATE_MASK = 63;
/** Of a message's operand: it has waited in a paused node. */
const WAITED = 1 << 12;

export interface ReadPathOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  cluster: Cluster;
  links: Links;
  /** Absent where placement never changes. */
  placements?: Placements;
  slowLinks: SlowLinks | null;
  storage: Storage;
  tables: readonly ReadTable[];
  behaviour: ReadBehaviour;
  readTimeoutMicros: number;
  writeTimeoutMicros: number;
  load: ReadLoadOptions;
  /** Null: the dynamic snitch is off. */
  snitch: SnitchSettings | null;
}

/** Of an event's second operand. */
export function candidateOf(b: number): number {
  return b & CANDIDATE_MASK;
}

export function roundOf(b: number): number {
  return (b >> ROUND_SHIFT) & ROUND_MASK;
}

export class ReadMessages {
  readonly open: OpenReads;
  readonly options: ReadPathOptions;
  readonly readers: Reader[] = [];

  constructor(options: ReadPathOptions) {
    this.options = options;
    const copies = options.tables.reduce((most, { layout }) => Math.max(most, layout.copies), 1);
    const slots = options.tables.reduce((most, { layout }) => Math.max(most, layout.slotsPerRow), 1);
    this.open = new OpenReads(copies, slots);
  }

  /** A message of this read to or from `node`, if its link lets it through. */
  send(
    entry: number,
    node: number,
    message: { direction: number; kind: number; candidate: number; phase: number },
  ): void {
    const { kernel, cluster } = this.options;
    const { direction, kind, candidate, phase } = message;
    const coordinator = this.open.coordinator[entry];
    const goesOut = direction === DIRECTION.read || direction === DIRECTION.write;
    const from = goesOut ? coordinator : node;
    const to = goesOut ? node : coordinator;
    if (this.#isLost(entry, from * cluster.count + to, { direction, phase })) return;
    const at = kernel.now + this.#wayMicros(entry, node, { direction, phase });
    this.scheduleAt(entry, at, kind, candidate | (phase << ROUND_SHIFT));
  }

  readerOf(entry: number): Reader {
    return this.readers[this.open.reader[entry]];
  }

  /** The message does not take effect now: its receiver is not running, or stands still; then it waits there. */
  isHeldUp(entry: number, kind: number, b: number): boolean {
    const { cluster } = this.options;
    const { open } = this;
    const candidate = candidateOf(b);
    const round = open.roundOf(entry, roundOf(b));
    const node = open.target[entry * open.copies + candidate];
    const hasWaited = (b & WAITED) !== 0;
    const isGone = cluster.running[node] === 0 || (hasWaited && ((open.waiting[round] >> candidate) & 1) === 0);
    if (isGone) {
      this.release(entry);
      return true;
    }
    if (cluster.paused[node] === 1) {
      open.waiting[round] |= 1 << candidate;
      this.scheduleAt(entry, cluster.pausedUntil[node], kind, b | WAITED);
      return true;
    }
    open.waiting[round] &= ~(1 << candidate);
    return false;
  }

  /** It takes its replica until then; if that dies meanwhile, it is gone. */
  holdUp(
    entry: number,
    micros: number,
    { kind, candidate, phase }: { kind: number; candidate: number; phase: number },
  ): void {
    this.open.waiting[this.open.roundOf(entry, phase)] |= 1 << candidate;
    this.scheduleAt(entry, micros, kind, candidate | (phase << ROUND_SHIFT) | WAITED);
  }

  /** The coordinator does not look at it now: it has closed the read, or stands still. */
  isCoordinatorHeldUp(entry: number, kind: number, b: number): boolean {
    const { cluster } = this.options;
    const { open } = this;
    const node = open.coordinator[entry];
    if (open.closed[entry] === 1) {
      this.release(entry);
      return true;
    }
    if (cluster.paused[node] === 0) return false;
    this.scheduleAt(entry, cluster.pausedUntil[node], kind, b);
    return true;
  }

  /** An event of this read that is to come. */
  schedule(entry: number, delayMicros: number, kind: number): void {
    this.scheduleAt(entry, this.options.kernel.now + delayMicros, kind, 0);
  }

  /** The client waits so long from now on, instead of what is left of the time-out. */
  expireAfter(entry: number, micros: number): void {
    const { open, options } = this;
    if (open.told[entry] === 1 || open.expiry[entry] === NO_HANDLE) return;
    options.kernel.cancel(open.expiry[entry]);
    open.outstanding[entry] -= 1;
    open.expiry[entry] = this.scheduleAt(entry, options.kernel.now + micros, EVENT.readExpires, 0);
  }

  /** The read that an event is about, which is now out of the queue. */
  take(id: number): number {
    const entry = this.open.find(id);
    if (entry !== NO_READ) this.open.outstanding[entry] -= 1;
    return entry;
  }

  /** Forgets the read if nothing of it is to come, or nothing but the time-out of one that is over. */
  release(entry: number): void {
    const { open } = this;
    const isOver = open.told[entry] === 1 && open.outstanding[entry] === 1 && open.expiry[entry] !== NO_HANDLE;
    if (isOver) this.options.kernel.cancel(open.expiry[entry]);
    if (isOver || open.outstanding[entry] === 0) open.remove(entry);
  }

  scheduleAt(entry: number, micros: number, kind: number, b: number): number {
    this.open.outstanding[entry] += 1;
    return this.options.kernel.schedule(micros, kind, this.open.id[entry], b);
  }

  #isLost(entry: number, pair: number, { direction, phase }: { direction: number; phase: number }): boolean {
    const { cluster } = this.options;
    if (pair % (cluster.count + 1) === 0) return false;
    if (cluster.cut[pair] > 0) return true;
    const threshold = cluster.lossThreshold[pair];
    if (threshold === 0) return false;
    return this.readerOf(entry).lossDraw(pair, direction, phase, this.open.address[entry]) < threshold;
  }

  #wayMicros(entry: number, target: number, { direction, phase }: { direction: number; phase: number }): number {
    const { links, slowLinks, kernel } = this.options;
    const coordinator = this.open.coordinator[entry];
    const pair = coordinator * links.count + target;
    const sampler = links.samplers[links.classOf[pair] * DIRECTIONS + direction];
    const address = this.open.address[entry];
    const way = this.readerOf(entry).latency(sampler, { direction, address, attempt: phase, target });
    if (slowLinks === null) return way;
    return slowLinks.slowed(way, isBack(direction) ? target * links.count + coordinator : pair, kernel.now);
  }

  /** The process of a node ended: what waited in it is gone. */
  forgetWaiting(entry: number, node: number): void {
    const { open } = this;
    for (let candidate = 0; candidate < open.candidates[entry]; candidate += 1) {
      if (open.target[entry * open.copies + candidate] !== node) continue;
      for (const phase of Object.values(PHASE)) open.waiting[open.roundOf(entry, phase)] &= ~(1 << candidate);
    }
  }
}

export function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

export function lowBits(count: number): number {
  return count >= 32 ? -1 : (1 << count) - 1;
}

export function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}
