/**
 * Read probes: what a client would have seen. At each sample a probe reads some rows at a consistency level: a
 * coordinator and the copies it contacts are addressed draws, the answer is the newest content among those copies, and
 * the read is stale when the newest content whose client was told success is newer than the answer. A probe changes
 * nothing (no read repair, no load), and it knows the true state of nodes, not a failure detector's view of them.
 */
import { ROLE } from '../data/epochs.ts';
import { RECORD } from '../data/records.ts';
import type { TableLayout } from '../data/layout.ts';
import { NOTHING } from '../data/versions.ts';
import type { Versions } from '../data/versions.ts';
import type { ConsistencyLevel, Plan, PlanReadProbe, PlanReplication } from '../scenario/plan.ts';
import type { SampledProbe } from './series.ts';

/** What the oracle knows of one slot. */
export interface HeldVersions {
  /** Version that copy number `copy` of the slot's replica set holds. */
  heldVersion(slot: number, copy: number): number;
  /** Newest version of the slot whose client was told success. */
  promisedVersion(slot: number): number;
}

/** Addressed draws: the same (sample, read, choice) gives the same number whatever else happens. */
export interface ProbeDraws {
  below(bound: number, sample: number, read: number, choice: number): number;
}

export interface ProbeOptions {
  id: string;
  probe: PlanReadProbe;
  plan: Plan;
  table: TableLayout;
  versions: Versions;
  held: HeldVersions;
  draws: ProbeDraws;
  /** Of the table's keyspace in an epoch of placement; without it the plan's, which never changes. */
  replicationIn?: (epoch: number) => PlanReplication;
}

const CHOICE_ROW = 0;
const CHOICE_COORDINATOR = 1;
const CHOICE_COPY = 2;

const GOES_AWAY: ReadonlySet<number> = new Set([RECORD.nodeCrashed, RECORD.nodeStopped, RECORD.nodePaused]);
const COMES_BACK: ReadonlySet<number> = new Set([RECORD.nodeStarted, RECORD.nodeResumed]);

export interface ReadProbeState {
  totals: { samples: number; reads: number; stale_reads: number; unavailable_reads: number };
  away: Uint8Array;
  lastShare: number;
  epoch: number;
}

export class ReadProbe implements SampledProbe {
  readonly id: string;
  readonly everyMicros: number;
  readonly totals = { samples: 0, reads: 0, stale_reads: 0, unavailable_reads: 0 };
  readonly #options: ProbeOptions;
  readonly #away: Uint8Array;
  readonly #dcOf: readonly string[];
  #lastShare = NaN;
  /** Of placement; 0 where it never changes. */
  #epoch = 0;

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.id = options.id;
    this.everyMicros = options.probe.every_micros;
    this.#away = new Uint8Array(options.plan.nodes.length);
    this.#dcOf = options.plan.nodes.map((node) => node.dc);
    // Who joins later is away until its process starts.
    options.plan.nodes.forEach(({ joins }, node) => {
      if (joins !== undefined) this.#away[node] = 1;
    });
  }

  control(words: Int32Array, at: number): void {
    const kind = words[at + 1] >>> 20;
    if (GOES_AWAY.has(kind)) this.#away[words[at + 2] & 0xffff] = 1;
    else if (COMES_BACK.has(kind)) this.#away[words[at + 2] & 0xffff] = 0;
    else if (kind === RECORD.placementChanged) this.#epoch = words[at + 3];
  }

  staleShare(): number {
    return this.#lastShare;
  }

  save(): ReadProbeState {
    return { totals: { ...this.totals }, away: this.#away.slice(), lastShare: this.#lastShare, epoch: this.#epoch };
  }

  load(state: ReadProbeState): void {
    Object.assign(this.totals, state.totals);
    this.#away.set(state.away);
    this.#lastShare = state.lastShare;
    this.#epoch = state.epoch;
  }

  /** Reads at `micros`; a read that finds too few copies alive is counted apart and is never stale. */
  sample(micros: number): void {
    const { probe } = this.#options;
    const sample = this.totals.samples++;
    let answered = 0;
    let stale = 0;
    for (let read = 0; read < probe.reads; read++) {
      const copies = this.#contacted(sample, read);
      if (copies === null) {
        this.totals.unavailable_reads++;
        continue;
      }
      answered++;
      if (this.#isStale(this.#row(sample, read), copies, micros)) stale++;
    }
    this.totals.reads += answered;
    this.totals.stale_reads += stale;
    this.#lastShare = answered === 0 ? NaN : stale / answered;
  }

  /** Row number within the table: partition ordinal * rows per partition + row. */
  #row(sample: number, read: number): number {
    const { table, draws } = this.#options;
    return draws.below(table.partitions * table.rowsPerPartition, sample, read, CHOICE_ROW);
  }

  /** Indexes of the copies whose answers make up the read, or null when too few are alive. */
  #contacted(sample: number, read: number): number[] | null {
    const { table, draws, probe } = this.#options;
    const coordinator = this.#coordinator(sample, read);
    if (coordinator < 0) return null;
    const partition = Math.floor(this.#row(sample, read) / table.rowsPerPartition);
    const base = table.rangeOfOrdinal[partition] * table.copies;
    const contacted: number[] = [];
    for (const group of this.#groups(probe.consistency, base, this.#dcOf[coordinator])) {
      if (group.alive.length < group.needed) return null;
      for (let taken = 0; taken < group.needed; taken++) {
        const pick = taken + draws.below(group.alive.length - taken, sample, read, CHOICE_COPY + contacted.length);
        const copy = group.alive[pick];
        group.alive[pick] = group.alive[taken];
        contacted.push(copy);
      }
    }
    return contacted;
  }

  #coordinator(sample: number, read: number): number {
    let alive = 0;
    for (const away of this.#away) if (away === 0) alive++;
    if (alive === 0) return -1;
    let skip = this.#options.draws.below(alive, sample, read, CHOICE_COORDINATOR);
    for (let node = 0; node < this.#away.length; node++) if (this.#away[node] === 0 && skip-- === 0) return node;
    return -1;
  }

  /** Sets of copies with how many of each must answer: one set, or one for each data centre. */
  #groups(consistency: ConsistencyLevel, base: number, localDc: string): { alive: number[]; needed: number }[] {
    if (consistency === 'EACH_QUORUM') {
      const replication = this.#replication();
      if (replication.strategy !== 'NetworkTopologyStrategy') return [this.#group(base, null, 'QUORUM')];
      const dcs = Object.keys(replication.factors).filter((dc) => replication.factors[dc] > 0);
      return dcs.map((dc) => this.#group(base, dc, 'QUORUM'));
    }
    if (consistency === 'LOCAL_ONE') return [this.#group(base, localDc, 'ONE')];
    if (consistency === 'LOCAL_QUORUM') return [this.#group(base, localDc, 'QUORUM')];
    return [this.#group(base, null, consistency)];
  }

  #group(base: number, dc: string | null, consistency: ConsistencyLevel): { alive: number[]; needed: number } {
    const copies = this.#copies(base, dc);
    const alive = copies.filter(({ node }) => this.#away[node] === 0).map(({ copy }) => copy);
    return { alive, needed: neededAnswers(consistency, this.#factor(dc)) };
  }

  /** cassandra.g-quorum: the configured factor, of the data centre or, where none belongs to it, the whole one. */
  #factor(dc: string | null): number {
    const { table } = this.#options;
    const replication = this.#replication();
    if (dc === null || replication.strategy !== 'NetworkTopologyStrategy')
      return table.epochs === undefined ? table.factor : table.epochs.factors[this.#epoch];
    return replication.factors[dc] ?? 0;
  }

  #replication(): PlanReplication {
    const { table, plan, replicationIn } = this.#options;
    return replicationIn?.(this.#epoch) ?? plan.tables[table.index].replication;
  }

  #copies(base: number, dc: string | null): { copy: number; node: number; dc: string }[] {
    const { table } = this.#options;
    const found: { copy: number; node: number; dc: string }[] = [];
    for (let copy = 0; copy < table.copies; copy++) {
      if (table.epochs !== undefined && table.epochs.roles[this.#epoch][base + copy] !== ROLE.natural) continue;
      const node = table.replicas[base + copy];
      if (dc === null || this.#dcOf[node] === dc) found.push({ copy, node, dc: this.#dcOf[node] });
    }
    return found;
  }

  /** A row is read whole: it is stale if any of its column groups is. */
  #isStale(row: number, copies: readonly number[], micros: number): boolean {
    const { table } = this.#options;
    const firstSlot = table.slotBase + row * table.slotsPerRow;
    const deletionSlot = table.slotsPerRow > table.groups ? firstSlot + table.groups : -1;
    for (let group = 0; group < table.groups; group++) {
      const answer = this.#newestHeld(firstSlot + group, deletionSlot, copies);
      const promised = this.#newestPromised(firstSlot + group, deletionSlot);
      if (this.#isOlder(answer, promised, micros)) return true;
    }
    return false;
  }

  #newestHeld(slot: number, deletionSlot: number, copies: readonly number[]): number {
    const { held, versions } = this.#options;
    let newest = NOTHING;
    for (const copy of copies) {
      const own = held.heldVersion(slot, copy);
      if (versions.wins(own, newest)) newest = own;
      const deletion = deletionSlot < 0 ? NOTHING : held.heldVersion(deletionSlot, copy);
      if (versions.wins(deletion, newest)) newest = deletion;
    }
    return newest;
  }

  #newestPromised(slot: number, deletionSlot: number): number {
    const { held, versions } = this.#options;
    const own = held.promisedVersion(slot);
    const deletion = deletionSlot < 0 ? NOTHING : held.promisedVersion(deletionSlot);
    return versions.wins(deletion, own) ? deletion : own;
  }

  /** Does a reader see something older than promised? Two deletes, or a delete and nothing, look the same. */
  #isOlder(answer: number, promised: number, micros: number): boolean {
    if (answer === promised) return false;
    const { versions } = this.#options;
    if (!this.#isVisible(answer, micros) && !this.#isVisible(promised, micros)) return false;
    return versions.wins(promised, answer);
  }

  #isVisible(version: number, micros: number): boolean {
    const { versions } = this.#options;
    if (version === NOTHING || versions.isTombstone(version)) return false;
    const ttl = versions.arrays.ttlSeconds[version];
    return ttl === 0 || versions.arrays.issuedAt[version] + ttl * 1e6 > micros;
  }
}

/** Answers that a level needs where the factor is this (cassandra: blockFor); a quorum is more than half. */
function neededAnswers(consistency: ConsistencyLevel, factor: number): number {
  switch (consistency) {
    case 'TWO':
      return 2;
    case 'THREE':
      return 3;
    case 'QUORUM':
      return Math.floor(factor / 2) + 1;
    case 'ALL':
      return factor;
    default:
      return 1;
  }
}
