/**
 * copy-shard, kill-copy-shard and remove-shard (influxdb.7): one node sends another the files of a shard as they are, which take
 * the place of its files of the same names; or a copy is destroyed. No values are compared: what only the destination had in
 * a file that is replaced is lost, and what is written while the files are under way reaches a destination only if it is an
 * owner already: the metadata name it one when the copy is whole. Who asks for it, and what comes next, is `manual-repairs.ts`.
 */
import { bytesOfEntries } from '../../data/entry-bytes.ts';
import { slotsOn } from '../../data/build-layout.ts';
import { CAUSE, VIA } from '../../data/causes.ts';
import type { TableLayout } from '../../data/layout.ts';
import { APPLIED_ONE_SLOT, RECORD } from '../../data/records.ts';
import type { Run } from '../../data/run.ts';
import { NOTHING, type Versions } from '../../data/versions.ts';
import type { FluidDevices } from '../../device/fluid.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { Rules } from '../../base/rules.ts';
import { copiesChanged } from '../copies-changed.ts';
import type { Cluster } from '../../replica/cluster.ts';
import { EVENT } from '../../replica/event-kinds.ts';
import type { Disks } from '../../replica/points/disks.ts';
import type { FieldTypes } from '../../replica/points/field-types.ts';
import type { Caches } from '../../replica/points/caches.ts';
import type { Ownership } from '../../replica/points/ownership.ts';
import type { ShardEnds } from '../../replica/points/shard-ends.ts';
import type { RunWriter } from '../../replica/run-writer.ts';
import type { Storage } from '../../replica/storage.ts';

export interface ShardCopiesOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  storage: Storage;
  runs: RunWriter;
  types: FieldTypes;
  ownership: Ownership;
  ends: ShardEnds;
  caches: Caches;
  devices: FluidDevices;
  linkOut: readonly number[];
  linkIn: readonly number[];
  diskRead: readonly number[];
  diskWrite: readonly number[];
  /** Resources between two nodes beside their own links. */
  pipes: (from: number, to: number) => readonly number[];
  disks: Disks;
}

/** A copy under way. */
export interface ShardCopy {
  id: number;
  from: number;
  to: number;
  table: number;
  origin: number;
  startedMicros: number;
  /** Null while the source writes its cache out. */
  files: { runs: readonly Run[]; bytes: number; job: number } | null;
}

export interface CopyOutcome {
  origin: number;
  /** Null: it has ended well. */
  failure: string | null;
  bytes: number;
  rows: number;
  /** Places of the destination that show something else now. */
  changed: number;
  /** What they show now takes so many bytes. */
  changedBytes: number;
  /** Among them: of an owner those that have what they lacked; and those that are worse off. */
  healed: number;
  reverted: number;
}

export interface ShardCopiesState {
  copies: ShardCopy[];
  nextId: number;
}

/** What places of a copy showed, and show now. */
interface Held {
  slots: Int32Array;
  before: Int32Array;
  after: Int32Array;
}

const GONE = 'there is no such shard any more';
const EMPTY = { bytes: 0, rows: 0, changed: 0, changedBytes: 0, healed: 0, reverted: 0 };

export class ShardCopies {
  /** Told when a copy has ended, one way or the other. */
  onEnded: (outcome: CopyOutcome) => void = () => undefined;
  readonly #o: ShardCopiesOptions;
  #copies: ShardCopy[] = [];
  #nextId = 1;

  constructor(options: ShardCopiesOptions) {
    this.#o = options;
  }

  get underWay(): readonly ShardCopy[] {
    return this.#copies;
  }

  /** Bytes that have arrived. */
  doneBytes({ files }: ShardCopy): number {
    return files === null ? 0 : this.#o.devices.doneBytes(files.job);
  }

  /** Why it cannot begin; null where it does. */
  begin({ from, to, table, origin }: Pick<ShardCopy, 'from' | 'to' | 'table' | 'origin'>): string | null {
    const { kernel, cluster, storage, rules, ends, disks } = this.#o;
    if (ends.isGone(table)) return GONE;
    for (const node of [from, to]) if (!cluster.answers(node)) return `node ${node + 1} does not answer`;
    if (this.#isCut(from, to)) return notReached(from, to);
    const full = [from, to].find((node) => disks.isFull(node));
    if (full !== undefined) return noSpace(full);
    const { runs, memtable } = storage.of(from, table);
    if (runs.length === 0 && memtable.count === 0) return 'the source does not have the shard';
    rules.mark('influxdb.7-copy');
    const copy: ShardCopy = { id: this.#nextId, from, to, table, origin, startedMicros: kernel.now, files: null };
    this.#nextId += 1;
    this.#copies.push(copy);
    // A backup is of files: what the source has in memory is written first.
    storage.flush(from, table, { kind: EVENT.shardReady, a: copy.id, b: 0 });
    return null;
  }

  /** Handler: the source's cache is in files. */
  ready(id: number): void {
    const { devices, storage, linkOut, linkIn, diskRead, diskWrite, pipes } = this.#o;
    const copy = this.#copies.find((other) => other.id === id);
    if (copy === undefined || copy.files !== null) return;
    const { from, to, table } = copy;
    const runs = [...storage.of(from, table).runs];
    const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
    const resources = [diskRead[from], linkOut[from], linkIn[to], diskWrite[to], ...pipes(from, to)];
    const job = devices.start({ resources, bytes, completion: { kind: EVENT.shardCopied, a: id, b: 0 } });
    copy.files = { runs, bytes, job };
  }

  /** Handler: the files are there, and take their places. */
  copied(id: number): void {
    const copy = this.#copies.find((other) => other.id === id);
    if (copy?.files === undefined || copy.files === null) return;
    this.#copies = this.#copies.filter((other) => other !== copy);
    const { tables, storage, runs, ownership, types, rules, caches } = this.#o;
    const { to, from, table, files } = copy;
    const layout = tables[table];
    const slots = slotsOn(layout, to);
    const before = storage.heldVersions(to, table, slots);
    const isNew = !ownership.owns(table, layout.replicas.indexOf(to));
    const received = this.#contentOf(copy, isNew).map(({ slots: own, versions }) =>
      runs.fromContent(to, layout, { slots: own, versions, base: false, removed: new Int32Array(0) }),
    );
    // Files of the same names are replaced, the others stay and are newer (influxdb.7-copy).
    const { runs: own } = storage.of(to, table);
    const after = rules.isOff('influxdb.7-copy')
      ? [...own, ...received]
      : [...received, ...own.slice(files.runs.length)];
    storage.putInPlace(to, table, after, true);
    types.copied(from, to, table);
    caches.copied(to, table);
    const held = { slots, before, after: storage.heldVersions(to, table, slots) };
    this.#tell(copy, held);
    const place = layout.replicas.indexOf(to);
    const changes = copiesChanged(this.#o.versions, layout, held);
    // A new copy was not amiss before.
    const healed = ownership.counts(table, place) ? changes.healed : 0;
    const changed = slots.filter((_slot, at) => held.after[at] !== before[at]).length;
    if (!ownership.owns(table, place)) ownership.add(table, place, copy.origin);
    const rows = files.runs.reduce((sum, { slots: own }) => sum + own.length, 0);
    const changedBytes = this.#bytesOfChanged(table, held);
    const outcome = { origin: copy.origin, failure: null, bytes: files.bytes, rows, changed, changedBytes };
    this.onEnded({ ...outcome, ...changes, healed });
  }

  /** influxdb.7-hot-copy: what the source had when the copy began. */
  #contentOf({ from, table, files }: ShardCopy, isNew: boolean): Pick<Run, 'slots' | 'versions'>[] {
    const { rules, storage, tables } = this.#o;
    const runs = [...(files?.runs ?? [])];
    if (!isNew) return runs;
    if (!rules.isOff('influxdb.7-hot-copy')) {
      rules.mark('influxdb.7-hot-copy');
      return runs;
    }
    const all = slotsOn(tables[table], from);
    const held = storage.heldVersions(from, table, all);
    return [
      { slots: all.filter((_slot, at) => held[at] !== NOTHING), versions: held.filter((own) => own !== NOTHING) },
    ];
  }

  /** What the destination shows otherwise now, for the trace. */
  #tell({ to, table, origin }: ShardCopy, { slots, before, after }: Held): void {
    const { trace, kernel, tables } = this.#o;
    const copy = tables[table].replicas.indexOf(to);
    for (let index = 0; index < slots.length; index += 1) {
      if (after[index] === before[index]) continue;
      if (after[index] !== NOTHING) {
        const detail = VIA.repair | APPLIED_ONE_SLOT | (origin << 8);
        trace.record(kernel.now, RECORD.applied, to, copy, after[index], slots[index], detail);
        continue;
      }
      const detail = CAUSE.oldDataRestored | (origin << 8);
      trace.record(kernel.now, RECORD.reverted, to, copy, NOTHING, slots[index], detail);
    }
  }

  /** Bytes of what the places show now that showed something else before. */
  #bytesOfChanged(table: number, { slots, before, after }: Held): number {
    const isSent = (at: number): boolean => after[at] !== before[at] && after[at] !== NOTHING;
    const sent = { slots: slots.filter((_slot, at) => isSent(at)), versions: after.filter((_own, at) => isSent(at)) };
    return bytesOfEntries(this.#o.tables[table], this.#o.versions, sent);
  }

  /** remove-shard: the copy is destroyed, and its node no owner any more. Why it cannot be; null where it was. */
  remove(node: number, table: number, origin: number): string | null {
    const { storage, ownership, tables, trace, kernel, rules, types, cluster } = this.#o;
    const copy = tables[table].replicas.indexOf(node);
    if (!ownership.owns(table, copy)) return `node ${node + 1} does not own the shard`;
    // The machine destroys its files itself.
    if (!cluster.answers(node)) return `node ${node + 1} does not answer`;
    rules.mark('influxdb.7-remove');
    const slots = slotsOn(tables[table], node);
    const before = storage.heldVersions(node, table, slots);
    storage.putInPlace(node, table, [], false);
    types.forget(node, table);
    if (!rules.isOff('influxdb.7-remove')) ownership.remove(table, copy, origin);
    const detail = CAUSE.sstableLost | (origin << 8);
    for (let index = 0; index < slots.length; index += 1) {
      if (before[index] === NOTHING) continue;
      trace.record(kernel.now, RECORD.reverted, node, copy, NOTHING, slots[index], detail);
    }
    return null;
  }

  /** Why there is nothing to end; null where a copy was ended. What has arrived of it is thrown away. */
  kill({ from, to, table }: Pick<ShardCopy, 'from' | 'to' | 'table'>): string | null {
    const found = this.#copies.find((copy) => copy.from === from && copy.to === to && copy.table === table);
    if (found === undefined) return 'no such copy is under way';
    this.#end(found, 'killed');
    return null;
  }

  nodeEnded(node: number): void {
    for (const copy of this.#copies.filter(({ from, to }) => from === node || to === node))
      this.#end(copy, `node ${node + 1} went away during the copy`);
  }

  /** Files do not pass a way that is cut. */
  reachChanged(): void {
    for (const copy of this.#copies.filter(({ from, to }) => this.#isCut(from, to)))
      this.#end(copy, notReached(copy.from, copy.to));
  }

  diskFilled(node: number): void {
    for (const copy of this.#copies.filter(({ from, to, files }) => to === node || (from === node && files === null)))
      this.#end(copy, noSpace(node));
  }

  shardEnded(table: number): void {
    for (const copy of this.#copies.filter((other) => other.table === table)) this.#end(copy, GONE);
  }

  #isCut(from: number, to: number): boolean {
    const { cluster } = this.#o;
    return cluster.cut[from * cluster.count + to] > 0 || cluster.cut[to * cluster.count + from] > 0;
  }

  #end(copy: ShardCopy, failure: string): void {
    if (copy.files !== null) this.#o.devices.cancel(copy.files.job);
    this.#copies = this.#copies.filter((other) => other !== copy);
    this.onEnded({ origin: copy.origin, failure, ...EMPTY });
  }

  save(): ShardCopiesState {
    return { copies: this.#copies.map((copy) => ({ ...copy })), nextId: this.#nextId };
  }

  load({ copies, nextId }: ShardCopiesState): void {
    this.#copies = copies.map((copy) => ({ ...copy }));
    this.#nextId = nextId;
  }
}

function notReached(from: number, to: number): string {
  return `node ${from + 1} and node ${to + 1} do not reach each other`;
}

function noSpace(node: number): string {
  return `no space left on device of node ${node + 1}`;
}
