/**
 * When an observer convicts a silent peer, and when it sees it again. The phi formula on heartbeats of one a second
 * (cassandra.g-phi): phi = silence / mean interval, convicted at the first check (one a second) at which
 * phi × 0.4343 exceeds the threshold. Gossip itself is not simulated: heartbeats arrive once a second at a phase drawn
 * for the pair, the first sample of the window is 2 s. Transitions are class-fault events, so they never fall inside a
 * stretch of batched writes.
 */
import type { Kernel } from '../kernel/kernel.ts';
import { draw32, type StreamKey } from '../kernel/random.ts';
import type { Rules } from '../base/rules.ts';
import type { Cluster } from './cluster.ts';
import { EVENT } from './event-kinds.ts';

const HEARTBEAT_MICROS = 1_000_000;
const FIRST_SAMPLE_MICROS = 2_000_000;
const WINDOW_SAMPLES = 1000;
/** 1 / ln 10, as the detector has it. */
const PHI_FACTOR = 0.4342944819032518;
const NO_HANDLE = -1;

export interface DetectorState {
  hears: Uint8Array;
  handles: Float64Array;
}

export class FailureDetector {
  readonly #cluster: Cluster;
  readonly #kernel: Kernel;
  readonly #phase: StreamKey;
  readonly #phiThreshold: number;
  readonly #rules: Rules;
  /** Is gossip of the peer reaching the observer now? */
  #hears: Uint8Array;
  /** Pending markDown or markUp of the pair. */
  #handles: Float64Array;

  constructor(options: { cluster: Cluster; kernel: Kernel; phase: StreamKey; phiThreshold: number; rules: Rules }) {
    this.#cluster = options.cluster;
    this.#kernel = options.kernel;
    this.#phase = options.phase;
    this.#phiThreshold = options.phiThreshold;
    this.#rules = options.rules;
    const pairs = options.cluster.count * options.cluster.count;
    // Of a node that is not there yet nobody hears.
    this.#hears = options.cluster.seen.slice();
    this.#handles = new Float64Array(pairs).fill(NO_HANDLE);
  }

  /** Compare who hears whom now with before, and schedule what each observer will conclude from it. `announced`: a node
   * that said goodbye (graceful stop): all who could hear it know at once. */
  refresh(announced = -1): void {
    const { count, paused } = this.#cluster;
    for (let peer = 0; peer < count; peer += 1) {
      const reached = this.#cluster.reachedFrom(peer);
      for (let observer = 0; observer < count; observer += 1) {
        if (observer === peer || paused[observer] === 1) continue;
        const pair = observer * count + peer;
        if (reached[observer] === this.#hears[pair]) continue;
        this.#hears[pair] = reached[observer];
        this.#change(observer, peer, peer === announced);
      }
    }
  }

  /** A node that stands still concludes nothing; when it goes on it looks at all peers anew. */
  pausedAt(node: number): void {
    const { count, seen } = this.#cluster;
    for (let pair = node * count; pair < (node + 1) * count; pair += 1) {
      this.#cancel(pair);
      this.#hears[pair] = seen[pair];
    }
  }

  /** A node that starts knows at once which peers gossip reaches; the others count as down since now (cassandra.e5). */
  restarted(node: number): void {
    const { count, seen } = this.#cluster;
    for (let peer = 0; peer < count; peer += 1) {
      if (peer === node) continue;
      const pair = node * count + peer;
      this.#cancel(pair);
      const hears = this.#cluster.reachedFrom(peer)[node];
      this.#hears[pair] = hears;
      seen[pair] = hears;
      if (hears === 0) this.#cluster.believeDown(node, peer, this.#kernel.now);
    }
  }

  /** The event fired: the pair has no pending conclusion any more. */
  concluded(observer: number, peer: number): void {
    this.#handles[observer * this.#cluster.count + peer] = NO_HANDLE;
  }

  save(): DetectorState {
    return { hears: this.#hears.slice(), handles: this.#handles.slice() };
  }

  load(state: DetectorState): void {
    this.#hears = state.hears.slice();
    this.#handles = state.handles.slice();
  }

  #change(observer: number, peer: number, announced: boolean): void {
    const { count, seen, running } = this.#cluster;
    const pair = observer * count + peer;
    this.#cancel(pair);
    if (running[observer] === 0) return;
    const hears = this.#hears[pair] === 1;
    if (hears === (seen[pair] === 1)) return;
    this.#rules.mark('cassandra.g-phi');
    const at = this.#conclusionTime(observer, peer, announced);
    this.#handles[pair] = this.#kernel.schedule(at, hears ? EVENT.markUp : EVENT.markDown, observer, peer);
  }

  /** When the observer will have concluded what it does not know yet. With the rule off everybody knows at once. */
  #conclusionTime(observer: number, peer: number, announced: boolean): number {
    const { now } = this.#kernel;
    const pair = observer * this.#cluster.count + peer;
    if (announced || this.#rules.isOff('cassandra.g-phi')) return now;
    return this.#hears[pair] === 1 ? this.#nextHeartbeat(pair, now) : this.#convictionTime(observer, peer, now);
  }

  #cancel(pair: number): void {
    if (this.#handles[pair] !== NO_HANDLE) this.#kernel.cancel(this.#handles[pair]);
    this.#handles[pair] = NO_HANDLE;
  }

  #heartbeatPhase(pair: number): number {
    return draw32(this.#phase.k0, this.#phase.k1, pair) % HEARTBEAT_MICROS;
  }

  #nextHeartbeat(pair: number, now: number): number {
    const phase = this.#heartbeatPhase(pair);
    return (Math.floor((now - phase) / HEARTBEAT_MICROS) + 1) * HEARTBEAT_MICROS + phase;
  }

  #convictionTime(observer: number, peer: number, silentFrom: number): number {
    const { count, startedAt } = this.#cluster;
    const phase = this.#heartbeatPhase(observer * count + peer);
    const last = Math.floor((silentFrom - phase) / HEARTBEAT_MICROS) * HEARTBEAT_MICROS + phase;
    const known = Math.max(startedAt[observer], startedAt[peer]);
    const samples = Math.max(1, Math.floor((last - known) / HEARTBEAT_MICROS) + 1);
    // The 2 s first sample has left the window after 1000 heartbeats.
    const mean =
      samples > WINDOW_SAMPLES ? HEARTBEAT_MICROS : (FIRST_SAMPLE_MICROS + (samples - 1) * HEARTBEAT_MICROS) / samples;
    const silence = (this.#phiThreshold / PHI_FACTOR) * mean;
    const check = this.#heartbeatPhase(observer * count + observer);
    const earliest = Math.max(last + silence, silentFrom);
    return (Math.floor((earliest - check) / HEARTBEAT_MICROS) + 1) * HEARTBEAT_MICROS + check;
  }
}
