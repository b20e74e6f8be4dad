/**
 * Changes of topology as they happen: a replication altered, a node added, replaced, decommissioned, removed. Each is a
 * status (none, under way, done) that moves the epoch of placement on (build-epochs.ts); data follow in streams
 * (range-transfers.ts). Only one change that moves data may be under way, as Cassandra demands with consistent range
 * movement; one whose streams fail stays under way, as a node that could not finish joining stays joining (cassandra.g-bootstrap).
 */
import { Bug } from '../base/assert.ts';
import type { Rules } from '../base/rules.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD, TOPOLOGY_REFUSAL } from '../data/records.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from '../replica/cluster.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { Hints } from '../replica/hints.ts';
import type { Placements } from '../replica/placements.ts';
import { isTopologyEntry, type TopologyEntry } from '../scenario/entry-kinds.ts';
import type { Plan } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import { CHANGE, type Epochs } from './build-epochs.ts';
import { sourcesOf } from './range-sources.ts';
import { RangeTransfers, type TransfersState } from './range-transfers.ts';
import type { ClusterRepairHost } from './repair-host.ts';
import { addInVain, addSent, copyLedger, newLedger, type TopologyLedger } from './topology-ledger.ts';

/** cassandra.g: how long a node that joins or leaves waits for its peers to hear of it. */
const RING_DELAY_MICROS = 30_000_000;
/** Gossip of a node that starts has reached all by then. */
const GOSSIP_MICROS = 1_000_000;

const ENDING = { done: 0, givenUp: 1 } as const;
const STEP = { announce: 0, stream: 1, leave: 2 } as const;

export interface TopologyState {
  statuses: number[];
  active: number;
  transfers: TransfersState;
  ledgers: TopologyLedger[];
}

export interface TopologyOptions {
  plan: Plan;
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  tables: readonly TableLayout[];
  numbers: PlanNumbers;
  epochs: Epochs;
  cluster: Cluster;
  placements: Placements;
  hints: Hints;
  host: ClusterRepairHost;
  /** Processes of nodes that come and go. */
  faults: { joins(node: number, origin: number): void; leaves(node: number, origin: number): void };
}

type Moving = Exclude<TopologyEntry, { kind: 'alterKeyspace' }>;

const NONE = -1;

export class Topology {
  readonly #o: TopologyOptions;
  readonly #transfersHints: boolean;
  readonly #transfers: RangeTransfers;
  /** By place among the changes: a number of CHANGE. */
  #statuses: number[];
  /** Place of the change that moves data now; NONE. It stays after a failure. */
  #active = NONE;
  #ledgers: TopologyLedger[];

  /** `transfersHints`: are hints of a node that leaves handed to another? */
  constructor(options: TopologyOptions, transfersHints: boolean) {
    this.#o = options;
    this.#transfersHints = transfersHints;
    this.#transfers = new RangeTransfers(options.host, {
      sent: (origin, of) => this.#sent(origin, of),
      failed: (origin, of) => this.#failed(origin, of),
    });
    const { entries } = options.epochs;
    this.#statuses = entries.map(() => CHANGE.none);
    options.hints.moves.rehinted = (count) => this.#rehinted(count);
    this.#ledgers = entries.map((index) =>
      newLedger(options.numbers.originOf.get(options.plan.entries[index].id) ?? 0),
    );
  }

  /** What the changes cost, by plan entry id. */
  get ledgers(): ReadonlyMap<string, TopologyLedger> {
    const { plan, epochs } = this.#o;
    return new Map(epochs.entries.map((index, place) => [plan.entries[index].id, this.#ledgers[place]]));
  }

  /** What is being streamed from or to a node now, with the entry that does it and when that began. */
  streamsOf(
    node: number,
  ): (ReturnType<RangeTransfers['streamsOf']>[number] & { entry: TopologyEntry; began: number })[] {
    return this.#transfers.streamsOf(node).map((stream) => {
      const place = this.#ledgers.findIndex(({ origin }) => origin === stream.origin);
      return { ...stream, entry: this.#changeAt(place), began: this.#ledgers[place].started_micros ?? 0 };
    });
  }

  /** The entry of the plan with this index begins. */
  begin(index: number): void {
    const { epochs, cluster, rules } = this.#o;
    const place = epochs.entries.indexOf(index);
    const change = this.#changeAt(place);
    if (change.kind === 'alterKeyspace') {
      const through = change.through === undefined ? NONE : this.#nodeOf(change.through);
      if (through !== NONE && cluster.running[through] === 0) {
        this.#refuse(place, { node: through, refusal: TOPOLOGY_REFUSAL.isDown, about: through });
        return;
      }
      rules.mark('cassandra.g-alter');
      this.#started(place, 0, 0);
      this.#set(place, CHANGE.done);
      this.#finished(place, 0);
      return;
    }
    const node = this.#nodeOf(change.node);
    const refusal = this.#refusalOf(change, node);
    if (refusal !== 0) {
      this.#refuse(place, {
        node,
        refusal,
        about: this.#active === NONE ? node : this.#actor(this.#active),
      });
      return;
    }
    this.#active = place;
    const origin = this.#ledgers[place].origin;
    switch (change.kind) {
      case 'addNode':
      case 'replaceNode': {
        const joiner = change.kind === 'addNode' ? node : this.#nodeOf(change.with);
        rules.mark(change.kind === 'addNode' ? 'cassandra.g-bootstrap' : 'cassandra.g-replace');
        cluster.present[joiner] = 1;
        this.#started(place, joiner, 1);
        this.#o.faults.joins(joiner, origin);
        return this.#step(place, STEP.announce, GOSSIP_MICROS);
      }
      case 'decommissionNode':
        rules.mark('cassandra.g-leave');
        this.#started(place, node, 1);
        this.#set(place, CHANGE.underWay);
        return this.#step(place, STEP.stream, RING_DELAY_MICROS);
      case 'removeNode':
        rules.mark('cassandra.g-leave');
        this.#started(place, node, 1);
        // cassandra.g-leave: assassinate waits, and then says that the node has left; nothing is streamed.
        if (change.assassinate) return this.#step(place, STEP.leave, RING_DELAY_MICROS);
        this.#set(place, CHANGE.underWay);
        return this.#step(place, STEP.stream, 0);
    }
  }

  /** Handler: the next step of a change is due. */
  stepDue(place: number, step: number): void {
    if (this.#active !== place || this.#ledgers[place].status !== 'under_way') return;
    if (step === STEP.announce) {
      this.#set(place, CHANGE.underWay);
      this.#step(place, STEP.stream, RING_DELAY_MICROS);
    } else if (step === STEP.stream) this.#stream(place);
    else if (this.#isStillAlive(place)) this.#endSoon(place, ENDING.givenUp);
    else this.#endSoon(place, ENDING.done);
  }

  /** cassandra.g-leave: assassinate looks whether the node has stirred meanwhile. */
  #isStillAlive(place: number): boolean {
    const change = this.#changeAt(place);
    if (change.kind !== 'removeNode' || !change.assassinate) return false;
    const node = this.#nodeOf(change.node);
    return this.#o.cluster.startedAt[node] > (this.#ledgers[place].started_micros ?? 0);
  }

  /** Handler: the change is through, or given up. */
  endDue(place: number, ending: number): void {
    if (this.#active !== place || this.#ledgers[place].status !== 'under_way') return;
    if (ending === ENDING.done) this.#complete(place);
    else this.#giveUp(place);
  }

  flushed(transfer: number): void {
    this.#transfers.flushed(transfer);
  }

  streamed(transfer: number): void {
    this.#transfers.streamed(transfer);
  }

  /** A node's process has ended. A change that needs it fails. */
  nodeGone(node: number): void {
    this.#transfers.nodeGone(node);
    if (this.#active === NONE || this.#ledgers[this.#active].status !== 'under_way') return;
    if (node === this.#actor(this.#active)) this.#fail(this.#active, node);
  }

  save(): TopologyState {
    return {
      statuses: [...this.#statuses],
      active: this.#active,
      transfers: this.#transfers.save(),
      ledgers: this.#ledgers.map(copyLedger),
    };
  }

  load(state: TopologyState): void {
    this.#statuses = [...state.statuses];
    this.#active = state.active;
    this.#transfers.load(state.transfers);
    this.#ledgers = state.ledgers.map(copyLedger);
  }

  // ---------------------------------------------------------------- steps

  #refusalOf(change: Moving, node: number): number {
    const { cluster } = this.#o;
    // Other bootstrapping/leaving/moving nodes detected, cannot bootstrap while cassandra.consistent.rangemovement is true
    if (this.#active !== NONE)
      return change.kind === 'addNode' ? TOPOLOGY_REFUSAL.otherUnderWay : TOPOLOGY_REFUSAL.oneAtATime;
    if (change.kind === 'addNode') return 0;
    if (cluster.joined[node] === 0) return TOPOLOGY_REFUSAL.isAbsent;
    const isUp = cluster.running[node] === 1;
    if (change.kind === 'decommissionNode') return isUp ? 0 : TOPOLOGY_REFUSAL.isDown;
    return isUp ? TOPOLOGY_REFUSAL.isUp : 0;
  }

  /** Find out who sends what, and let them. */
  #stream(place: number): void {
    const { tables, cluster, epochs, placements, rules } = this.#o;
    const change = this.#changeAt(place);
    const { origin } = this.#ledgers[place];
    rules.mark('cassandra.g-pending');
    const sources = sourcesOf({
      tables,
      cluster,
      epoch: placements.epoch,
      doneEpoch: epochs.numberOf(this.#statuses.map((status, at) => (at === place ? CHANGE.done : status))),
      sender: change.kind === 'decommissionNode' ? this.#nodeOf(change.node) : NONE,
      isStrict: change.kind === 'addNode' && !rules.isOff('cassandra.g-bootstrap'),
    });
    if ('down' in sources) {
      this.#ledgers[place].about = sources.down;
      this.#endSoon(place, ENDING.givenUp);
      return;
    }
    for (const send of sources.sends) {
      this.#ledgers[place].streams += 1;
      this.#transfers.begin(origin, send);
    }
    if (sources.sends.length === 0) this.#streamsDone(place);
  }

  #sent(origin: number, of: { from: number; bytes: number; rows: number }): void {
    const place = this.#ledgers.findIndex((ledger) => ledger.origin === origin);
    const ledger = this.#ledgers[place];
    addSent(ledger, of);
    if (this.#transfers.openOf(origin) === 0 && ledger.status === 'under_way') this.#streamsDone(place);
  }

  #streamsDone(place: number): void {
    const change = this.#changeAt(place);
    if (change.kind !== 'decommissionNode') {
      this.#endSoon(place, ENDING.done);
      return;
    }
    const micros = this.#handOverHints(place, this.#nodeOf(change.node));
    this.#step(place, STEP.leave, micros);
  }

  /** cassandra.e18: what the node has for others goes to the closest one that lives, as fast as the links allow. */
  #handOverHints(place: number, node: number): number {
    const { cluster, hints, rules, kernel, trace, plan } = this.#o;
    const { origin } = this.#ledgers[place];
    rules.mark('cassandra.e18');
    const taker = closestAlive(cluster, node);
    if (!this.#transfersHints || taker < 0 || rules.isOff('cassandra.e18')) {
      this.#ledgers[place].hints_dropped += hints.moves.drop(node, origin);
      return 0;
    }
    const { count, bytes } = hints.moves.handOver(node, taker);
    this.#ledgers[place].hints_transferred += count;
    trace.record(kernel.now, RECORD.hintsTransferred, node, 0, taker, origin, count);
    return Math.ceil((bytes * 1e6) / plan.devices.link_bytes_per_second);
  }

  /** The change is through: the epoch is the last of it, and who left is gone. */
  #complete(place: number): void {
    const { cluster, hints, faults } = this.#o;
    const change = this.#changeAt(place);
    const { origin, sent_rows: rows } = this.#ledgers[place];
    this.#set(place, CHANGE.done);
    this.#active = NONE;
    if (change.kind === 'addNode') cluster.joined[this.#nodeOf(change.node)] = 1;
    else if (change.kind !== 'alterKeyspace') {
      const gone = this.#nodeOf(change.node);
      cluster.joined[gone] = 0;
      if (change.kind === 'replaceNode') cluster.joined[this.#nodeOf(change.with)] = 1;
      // cassandra.e18: whatever others kept for a node that is no more is dropped.
      this.#ledgers[place].hints_dropped += hints.moves.excise(gone, origin);
      faults.leaves(gone, origin);
    }
    this.#finished(place, rows);
  }

  /** Not begun in earnest: who was to join goes away again, and all is as before. */
  #giveUp(place: number): void {
    const { faults } = this.#o;
    const change = this.#changeAt(place);
    const { origin, about: down } = this.#ledgers[place];
    this.#set(place, CHANGE.none);
    this.#active = NONE;
    const actor = this.#actor(place);
    if (this.#isStillAlive(place)) {
      this.#refuse(place, { node: actor, refusal: TOPOLOGY_REFUSAL.isUp, about: actor });
      return;
    }
    const refusal = down < 0 ? TOPOLOGY_REFUSAL.noSource : TOPOLOGY_REFUSAL.sourceDown;
    if (change.kind === 'addNode' || change.kind === 'replaceNode') faults.leaves(actor, origin);
    this.#refuse(place, { node: actor, refusal, about: Math.max(0, down) });
  }

  #failed(origin: number, { from, to, bytes }: { from: number; to: number; bytes: number }): void {
    const place = this.#ledgers.findIndex((ledger) => ledger.origin === origin);
    const ledger = this.#ledgers[place];
    addInVain(ledger, { from, bytes });
    if (ledger.status === 'under_way') this.#fail(place, this.#actor(place) === from ? to : from);
  }

  /** Some data streaming failed: the change stays half-way. */
  #fail(place: number, other: number): void {
    const { kernel, trace } = this.#o;
    const ledger = this.#ledgers[place];
    ledger.status = 'failed';
    ledger.finished_micros = kernel.now;
    ledger.about = other;
    for (const stopped of this.#transfers.cancel(ledger.origin)) addInVain(ledger, stopped);
    trace.record(kernel.now, RECORD.topologyFailed, this.#actor(place), 0, 0, ledger.origin, other);
  }

  // ---------------------------------------------------------------- helpers

  /** Of the change that was done last: by it, or by one before, the row has moved. */
  #rehinted(count: number): void {
    let last: TopologyLedger | null = null;
    for (const ledger of this.#ledgers) {
      if (ledger.status !== 'done') continue;
      if (last === null || (ledger.finished_micros ?? 0) >= (last.finished_micros ?? 0)) last = ledger;
    }
    if (last !== null) last.hints_rehinted += count;
  }

  /** Processes end where faults do, in the order of a moment. */
  #endSoon(place: number, ending: number): void {
    const { kernel } = this.#o;
    kernel.schedule(kernel.now + 1, EVENT.topologyEnds, place, ending);
  }

  #step(place: number, step: number, delayMicros: number): void {
    const { kernel } = this.#o;
    kernel.schedule(kernel.now + delayMicros, EVENT.topologyStep, place, step);
  }

  /** The status of a change moves the epoch. */
  #set(place: number, status: number): void {
    const { kernel, trace, epochs, placements } = this.#o;
    if (this.#statuses[place] === status) return;
    this.#statuses[place] = status;
    placements.epoch = epochs.numberOf(this.#statuses);
    const { origin } = this.#ledgers[place];
    trace.record(kernel.now, RECORD.placementChanged, 0, 0, placements.epoch, origin, 0);
  }

  #started(place: number, node: number, moves: number): void {
    const { kernel, trace } = this.#o;
    const ledger = this.#ledgers[place];
    ledger.status = 'under_way';
    ledger.started_micros = kernel.now;
    trace.record(kernel.now, RECORD.topologyStarted, node, 0, 0, ledger.origin, moves);
  }

  #finished(place: number, rows: number): void {
    const { kernel, trace } = this.#o;
    const ledger = this.#ledgers[place];
    ledger.status = 'done';
    ledger.finished_micros = kernel.now;
    trace.record(kernel.now, RECORD.topologyFinished, Math.max(0, this.#actor(place)), 0, 0, ledger.origin, rows);
  }

  #refuse(place: number, { node, refusal, about }: { node: number; refusal: number; about: number }): void {
    const { kernel, trace } = this.#o;
    const ledger = this.#ledgers[place];
    ledger.status = 'refused';
    ledger.started_micros ??= kernel.now;
    ledger.finished_micros = kernel.now;
    ledger.refusal = refusal;
    ledger.about = about;
    trace.record(kernel.now, RECORD.topologyRefused, node, 0, refusal, ledger.origin, about);
  }

  #changeAt(place: number): TopologyEntry {
    const { plan, epochs } = this.#o;
    const entry = plan.entries[epochs.entries[place]];
    if (!isTopologyEntry(entry)) throw new Bug('the entry is no change of topology');
    return entry;
  }

  /** The node without which the change cannot go on: who joins, or leaves by itself; NONE. */
  #actor(place: number): number {
    const change = this.#changeAt(place);
    if (change.kind === 'alterKeyspace') return NONE;
    if (change.kind === 'replaceNode') return this.#nodeOf(change.with);
    return this.#nodeOf(change.node);
  }

  #nodeOf(id: string): number {
    return this.#o.numbers.nodeOf.get(id) ?? 0;
  }
}

/** Same rack, else same data centre, else any; of equals the first. */
function closestAlive(cluster: Cluster, node: number): number {
  const { count, seen, joined } = cluster;
  let best = NONE;
  let bestDistance = Infinity;
  for (let peer = 0; peer < count; peer += 1) {
    if (peer === node || joined[peer] === 0 || seen[node * count + peer] === 0) continue;
    const distance = cluster.distance(node, peer);
    if (distance >= bestDistance) continue;
    best = peer;
    bestDistance = distance;
  }
  return best;
}
