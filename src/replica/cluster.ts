/**
 * Who runs, who can reach whom, and who believes whom alive. Holds the arrays that decide the fate of a message; it
 * decides nothing itself but the failure detector's convictions (`failure-detector.ts`), and it knows no data.
 *
 * A message is lost iff its link is cut, or the loss draw hits, at the moment it is sent, or its receiver is not running
 * when it arrives (ADR 0003). Pair arrays are indexed from * count + to; views observer * count + peer.
 */
import { CAUSE } from '../data/causes.ts';

export interface ClusterState {
  running: Uint8Array;
  present: Uint8Array;
  joined: Uint8Array;
  paused: Uint8Array;
  pausedUntil: Float64Array;
  pausedSince: Float64Array;
  incarnation: Int32Array;
  startedAt: Float64Array;
  downOrigin: Int32Array;
  seen: Uint8Array;
  downSince: Float64Array;
  downWhy: Int32Array;
  cut: Uint8Array;
  cutOrigin: Int32Array;
  lossThreshold: Float64Array;
  lossOrigin: Int32Array;
  skewMicros: Float64Array;
  slowLinks: number;
  hintPressure: number;
  healthy: boolean;
}

export class Cluster {
  readonly count: number;
  readonly dcOf: Uint16Array;
  readonly rackOf: Uint16Array;
  readonly dcCount: number;
  /** Process is up and serves. */
  running: Uint8Array;
  /** Belongs to the cluster, or is about to: a node that is still to be added, or has left, has no process that could start. */
  present: Uint8Array;
  /** Owns tokens: clients use it, and it counts as one of the cluster's nodes. */
  joined: Uint8Array;
  paused: Uint8Array;
  pausedUntil: Float64Array;
  /** When it began to stand still, of a paused node. */
  pausedSince: Float64Array;
  /** Rises at every start; what an older incarnation had in flight is void. */
  incarnation: Int32Array;
  startedAt: Float64Array;
  /** Index of the plan entry behind the present outage or pause of a node; 0 = none. */
  downOrigin: Int32Array;
  /** Does the observer's gossip hold the peer alive? */
  seen: Uint8Array;
  /** When the observer marked the peer down (cassandra.e5). */
  downSince: Float64Array;
  /** What kept the peer from being heard when the observer marked it down: cause | origin << 8. */
  downWhy: Int32Array;
  /** Number of entries that cut the pair now, and the latest of them. */
  cut: Uint8Array;
  cutOrigin: Int32Array;
  /** Messages whose 32-bit draw lies below are lost; 0 = none. */
  lossThreshold: Float64Array;
  lossOrigin: Int32Array;
  skewMicros: Float64Array;
  /** How many entries make messages slow now. */
  slowLinks = 0;
  /** Nodes whose full buffers of hints are being written, and 1 while a write that was refused for that is remembered: a
   * write must be judged before it is sent. */
  hintPressure = 0;
  /** Each write has its own way whatever happens: it waits for logs, or placement changes during the run. Set while the world is built. */
  isCareful = false;
  /** All run, all see each other, nothing is cut, lossy, slow or paused: the write path takes its fast way. */
  healthy = true;

  /** `absent`: nodes that are not part of the cluster when the run begins. */
  constructor(nodes: { dc: number[]; rack: number[]; absent?: readonly number[]; changesPlacement?: boolean }) {
    const count = nodes.dc.length;
    this.count = count;
    this.dcOf = Uint16Array.from(nodes.dc);
    this.rackOf = Uint16Array.from(nodes.rack);
    this.dcCount = nodes.dc.reduce((most, dc) => Math.max(most, dc + 1), 0);
    this.running = new Uint8Array(count).fill(1);
    this.present = new Uint8Array(count).fill(1);
    this.joined = new Uint8Array(count).fill(1);
    this.paused = new Uint8Array(count);
    this.pausedUntil = new Float64Array(count);
    this.pausedSince = new Float64Array(count);
    this.incarnation = new Int32Array(count);
    this.startedAt = new Float64Array(count);
    this.downOrigin = new Int32Array(count);
    this.seen = new Uint8Array(count * count).fill(1);
    this.downSince = new Float64Array(count * count);
    this.downWhy = new Int32Array(count * count);
    this.cut = new Uint8Array(count * count);
    this.cutOrigin = new Int32Array(count * count);
    this.lossThreshold = new Float64Array(count * count);
    this.lossOrigin = new Int32Array(count * count);
    this.skewMicros = new Float64Array(count);
    // Where placement changes there is no fast way.
    this.isCareful = nodes.changesPlacement === true;
    for (const node of nodes.absent ?? []) this.#takeOut(node);
    if (this.isCareful) this.healthy = false;
  }

  /** Serves clients now. */
  coordinates(node: number): boolean {
    return this.answers(node) && this.joined[node] === 1;
  }

  /** The drawn coordinator or, where it does not serve clients, the next of those its clients use; −1 where none does. */
  coordinatorFor(drawn: number, nodes: readonly number[]): number {
    if (this.coordinates(drawn)) return drawn;
    const start = nodes.indexOf(drawn);
    for (let step = 1; step < nodes.length; step += 1) {
      const node = nodes[(start + step) % nodes.length];
      if (this.coordinates(node)) return node;
    }
    return -1;
  }

  /** 0 = the node itself, 1 = its rack, 2 = its data centre, 3 = elsewhere. */
  distance(node: number, other: number): number {
    if (node === other) return 0;
    if (this.dcOf[node] !== this.dcOf[other]) return 3;
    return this.rackOf[node] === this.rackOf[other] ? 1 : 2;
  }

  /** Nodes that own tokens. */
  get ringSize(): number {
    let size = 0;
    for (let node = 0; node < this.count; node += 1) size += this.joined[node];
    return size;
  }

  #takeOut(node: number): void {
    this.running[node] = 0;
    this.present[node] = 0;
    this.joined[node] = 0;
    for (let peer = 0; peer < this.count; peer += 1) {
      this.seen[node * this.count + peer] = 0;
      this.seen[peer * this.count + node] = 0;
    }
  }

  /** Serves requests now. */
  answers(node: number): boolean {
    return this.running[node] === 1 && this.paused[node] === 0;
  }

  /** The last moment at which the node's process did anything: now, or when it was paused. */
  actsUntil(node: number, micros: number): number {
    return this.paused[node] === 1 ? this.pausedSince[node] : micros;
  }

  refreshHealthy(): void {
    this.healthy =
      !this.isCareful &&
      this.slowLinks === 0 &&
      this.hintPressure === 0 &&
      allEqual(this.running, 1) &&
      allEqual(this.paused, 0) &&
      allEqual(this.seen, 1) &&
      allEqual(this.cut, 0) &&
      allEqual(this.lossThreshold, 0);
  }

  /** The observer holds the peer for dead from now on. */
  believeDown(observer: number, peer: number, micros: number): void {
    const pair = observer * this.count + peer;
    this.seen[pair] = 0;
    this.downSince[pair] = micros;
    this.downWhy[pair] = this.downFate(observer, peer);
  }

  /** Why the observer holds the peer for down, or would: cause | origin << 8. What keeps them apart now; where nothing
   * does any more and gossip is not back yet, what did when the peer was marked down. */
  downFate(observer: number, peer: number): number {
    const pair = observer * this.count + peer;
    const back = peer * this.count + observer;
    if (this.cut[pair] > 0) return CAUSE.partition | (this.cutOrigin[pair] << 8);
    const down = CAUSE.nodeDown | (this.downOrigin[peer] << 8);
    if (!this.answers(peer)) return down;
    if (this.cut[back] > 0) return CAUSE.partition | (this.cutOrigin[back] << 8);
    return (this.downWhy[pair] & 63) === CAUSE.partition ? this.downWhy[pair] : down;
  }

  /** For each node, whether gossip of `source` reaches it: over open links among nodes that run. */
  reachedFrom(source: number): Uint8Array {
    const { count, cut } = this;
    const reached = new Uint8Array(count);
    if (!this.answers(source)) return reached;
    reached[source] = 1;
    const queue = [source];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (let peer = 0; peer < count; peer += 1) {
        if (reached[peer] === 1 || !this.answers(peer)) continue;
        // A gossip round is an exchange: it needs both directions of the link.
        if (cut[next * count + peer] > 0 || cut[peer * count + next] > 0) continue;
        reached[peer] = 1;
        queue.push(peer);
      }
    }
    return reached;
  }

  save(): ClusterState {
    return {
      running: this.running.slice(),
      present: this.present.slice(),
      joined: this.joined.slice(),
      paused: this.paused.slice(),
      pausedUntil: this.pausedUntil.slice(),
      pausedSince: this.pausedSince.slice(),
      incarnation: this.incarnation.slice(),
      startedAt: this.startedAt.slice(),
      downOrigin: this.downOrigin.slice(),
      seen: this.seen.slice(),
      downSince: this.downSince.slice(),
      downWhy: this.downWhy.slice(),
      cut: this.cut.slice(),
      cutOrigin: this.cutOrigin.slice(),
      lossThreshold: this.lossThreshold.slice(),
      lossOrigin: this.lossOrigin.slice(),
      skewMicros: this.skewMicros.slice(),
      slowLinks: this.slowLinks,
      hintPressure: this.hintPressure,
      healthy: this.healthy,
    };
  }

  load(state: ClusterState): void {
    this.running = state.running.slice();
    this.present = state.present.slice();
    this.joined = state.joined.slice();
    this.paused = state.paused.slice();
    this.pausedUntil = state.pausedUntil.slice();
    this.pausedSince = state.pausedSince.slice();
    this.incarnation = state.incarnation.slice();
    this.startedAt = state.startedAt.slice();
    this.downOrigin = state.downOrigin.slice();
    this.seen = state.seen.slice();
    this.downSince = state.downSince.slice();
    this.downWhy = state.downWhy.slice();
    this.cut = state.cut.slice();
    this.cutOrigin = state.cutOrigin.slice();
    this.lossThreshold = state.lossThreshold.slice();
    this.lossOrigin = state.lossOrigin.slice();
    this.skewMicros = state.skewMicros.slice();
    this.slowLinks = state.slowLinks;
    this.hintPressure = state.hintPressure;
    this.healthy = state.healthy;
  }
}

function allEqual(values: ArrayLike<number>, wanted: number): boolean {
  for (let index = 0; index < values.length; index += 1) if (values[index] !== wanted) return false;
  return true;
}
