/**
 * DROP SERIES, DROP MEASUREMENT and DELETE (influxdb.4): the node that is asked deletes, and tells every other node at once;
 * each deletes what it holds then. Nothing is queued for who does not hear of it, and nothing is left behind that could tell
 * it later: a point that arrives afterwards is simply there.
 */
import type { Rules } from '../../base/rules.ts';
import { CAUSE, OUTCOME, STATE, VIA } from '../../data/causes.ts';
import { latentFate } from '../../data/fate.ts';
import type { TableLayout } from '../../data/layout.ts';
import { RECORD } from '../../data/records.ts';
import { FIRST_VERSION, OPERATION, type Versions } from '../../data/versions.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Cluster } from '../cluster.ts';
import type { Copies } from '../copies.ts';
import { EVENT } from '../event-kinds.ts';
import { DIRECTION } from '../links.ts';
import type { Storage } from '../storage.ts';
import type { Caches } from './caches.ts';
import type { FieldTypes } from './field-types.ts';
import type { Ownership } from './ownership.ts';
import type { PointWriter } from './point-writer.ts';
import type { ShardEnds } from './shard-ends.ts';
import type { PartWays } from './ways.ts';

/** Series [from, to) of a writer, and the stretch of time whose points go. */
export interface Selection {
  writer: number;
  from: number;
  to: number;
  fromMicros: number;
  /** Exclusive. */
  untilMicros: number;
}

export interface DeletesOptions {
  kernel: Kernel;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  cluster: Cluster;
  copies: Copies;
  caches: Caches;
  ways: PartWays;
  ends: ShardEnds;
  ownership: Ownership;
  writers: readonly PointWriter[];
  /** The entry by which a node left the cluster; 0: it is a member, and is told. */
  removedBy: (node: number) => number;
  storage: Storage;
  types: FieldTypes;
}

/** A statement of which a node has not heard yet. Its versions are [from, to), one a series and shard. */
interface Statement {
  id: number;
  node: number;
  from: number;
  to: number;
  /** Of shards its versions say that whole tables are gone, of policies also the metadata say so from then on. */
  kind: 'points' | 'shard' | 'policy';
  /** Nodes that have still to answer, or to be given up. */
  open: number;
}

/** What a node has still to hear: only with influxdb.4-no-hand-off off. */
interface Missed {
  /** Who asked it. */
  node: number;
  target: number;
  from: number;
  to: number;
  kind: Statement['kind'];
}

export interface DeletesState {
  statements: Statement[];
  missed: Missed[];
  nextId: number;
}

export class Deletes {
  readonly #o: DeletesOptions;
  #statements = new Map<number, Statement>();
  #missed: Missed[] = [];
  #nextId = 1;

  constructor(options: DeletesOptions) {
    this.#o = options;
  }

  /** Most versions that statements with these selections need. */
  static versionsFor(selections: readonly Selection[], writers: readonly PointWriter[]): number {
    return selections.reduce((sum, { writer, from, to }) => sum + (to - from) * writers[writer].o.groups.length, 0);
  }

  /** Somebody asks this node. One that does not serve refuses, and nothing happens. */
  run(node: number, selections: readonly Selection[]): void {
    const { cluster, versions, rules } = this.#o;
    if (!cluster.answers(node)) return;
    rules.mark('influxdb.4-everywhere');
    const from = versions.count;
    for (const selection of selections) this.#fill(selection, node);
    if (versions.count === from) return;
    for (let version = from; version < versions.count; version += 1) this.#record(RECORD.issued, version, node, 0);
    this.#send({ node, from, to: versions.count, kind: 'points' });
  }

  /** DROP SHARD: the metadata forget it at once, and who hears of it drops its copy. */
  dropShard(node: number, table: number): void {
    const { cluster, ends, rules } = this.#o;
    if (!cluster.answers(node) || ends.isGone(table)) return;
    rules.mark('influxdb.4-drop-shard');
    const version = ends.end(node, table);
    this.#send({ node, from: version, to: version + 1, kind: 'shard' });
  }

  /** DROP RETENTION POLICY and DROP DATABASE: the same of many, and who does not hear of it learns it from the metadata. */
  dropPolicy(node: number, tables: readonly number[]): void {
    const { cluster, ends, rules, versions } = this.#o;
    const there = tables.filter((table) => !ends.isGone(table));
    if (!cluster.answers(node) || there.length === 0) return;
    rules.mark('influxdb.4-drop-policy');
    const from = versions.count;
    for (const table of there) ends.forget(node, table);
    this.#send({ node, from, to: versions.count, kind: 'policy' });
  }

  #send(given: Omit<Statement, 'id' | 'open'>): void {
    const { cluster } = this.#o;
    const statement = { ...given, id: this.#nextId, open: cluster.count };
    this.#nextId += 1;
    this.#statements.set(statement.id, statement);
    for (let target = 0; target < cluster.count; target += 1) this.#sendTo(statement, target);
  }

  /** Handler: a node hears of a statement. */
  arrives(id: number, target: number): void {
    const { cluster, kernel } = this.#o;
    const statement = this.#statements.get(id);
    if (statement === undefined) return;
    if (cluster.running[target] === 0) {
      if (this.#makesUp) this.#missed.push({ ...missedOf(statement), target });
      this.#misses(statement, target, CAUSE.deleteMissed | (STATE.latent << 6) | (cluster.downOrigin[target] << 8));
      return;
    }
    if (cluster.paused[target] === 1) {
      kernel.schedule(cluster.pausedUntil[target], EVENT.statementArrives, id, target);
      return;
    }
    this.#obey(target, statement);
    this.#heard(statement);
  }

  /** Its process has started. */
  nodeStarted(): void {
    this.#makeUp();
  }

  /** A way is cut, or whole again. */
  reachChanged(): void {
    this.#makeUp();
  }

  /** Who runs and can be reached hears of what it missed. */
  #makeUp(): void {
    const { cluster } = this.#o;
    const hears = ({ node, target }: Missed): boolean => cluster.running[target] === 1 && !this.#isCut(node, target);
    const ready = this.#missed.filter(hears);
    this.#missed = this.#missed.filter((missed) => !hears(missed));
    for (const missed of ready) this.#obey(missed.target, missed);
  }

  get #makesUp(): boolean {
    return this.#o.rules.isOff('influxdb.4-no-hand-off');
  }

  #isCut(node: number, target: number): boolean {
    const { cluster } = this.#o;
    return cluster.cut[node * cluster.count + target] > 0;
  }

  #obey(target: number, { from, to, kind }: Pick<Statement, 'from' | 'to' | 'kind'>): void {
    const { tables, versions, copies, caches, ends, ownership } = this.#o;
    const touched = new Set<number>();
    for (let version = from; version < to; version += 1) {
      const table = tables[versions.arrays.table[version]];
      if (kind !== 'points') {
        ends.drop(target, table.index);
        continue;
      }
      const copy = table.replicas.indexOf(target);
      if (!ownership.counts(table.index, copy)) continue;
      copies.apply(target, version, copy, VIA.delivery);
      caches.written(target, table.index);
      touched.add(table.index);
    }
    if (this.#o.types.areKept) for (const table of touched) this.#freeTypes(target, table);
  }

  /** A measurement that has no series left in a copy has no type there (influxdb.2-field-type). */
  #freeTypes(node: number, table: number): void {
    const { storage, tables, versions, types } = this.#o;
    const { slotBase, slotCount } = tables[table];
    const all = Int32Array.from({ length: slotCount }, (_slot, at) => slotBase + at);
    const left = new Set<number>();
    for (const version of storage.heldVersions(node, table, all))
      if (version >= FIRST_VERSION && !versions.isTombstone(version)) left.add(versions.arrays.workload[version]);
    types.keepOnly(node, table, left);
  }

  save(): DeletesState {
    return {
      statements: [...this.#statements.values()].map((statement) => ({ ...statement })),
      missed: this.#missed.map((missed) => ({ ...missed })),
      nextId: this.#nextId,
    };
  }

  load({ statements, missed, nextId }: DeletesState): void {
    this.#missed = missed.map((each) => ({ ...each }));
    this.#statements = new Map(statements.map((statement) => [statement.id, { ...statement }]));
    this.#nextId = nextId;
  }

  #sendTo(statement: Statement, target: number): void {
    const { kernel, ways, removedBy } = this.#o;
    if (removedBy(target) > 0) {
      this.#misses(statement, target, latentFate(CAUSE.nodeRemoved, removedBy(target)));
      return;
    }
    const way = { coordinator: statement.node, target, address: statement.id, attempt: 62 };
    const lost = this.#isCut(statement.node, target) || !this.#makesUp ? ways.lossFate(way, DIRECTION.write) : 0;
    if (lost !== 0) {
      if (this.#makesUp) this.#missed.push({ ...missedOf(statement), target });
      // No hand-off, no second try (influxdb.4).
      this.#misses(statement, target, CAUSE.deleteMissed | (STATE.latent << 6) | ((lost >> 8) << 8));
      return;
    }
    const takes = target === statement.node ? 0 : ways.micros(way, DIRECTION.write, kernel.now);
    kernel.schedule(kernel.now + takes, EVENT.statementArrives, statement.id, target);
  }

  #misses(statement: Statement, target: number, detail: number): void {
    const { tables, versions, copies, rules, ownership } = this.#o;
    // influxdb.4-drop-policy: it is only late.
    const isLost = statement.kind !== 'policy';
    if (isLost) rules.mark('influxdb.4-no-hand-off');
    for (let version = statement.from; version < statement.to && isLost; version += 1) {
      const table = tables[versions.arrays.table[version]];
      const copy = table.replicas.indexOf(target);
      if (ownership.counts(table.index, copy)) copies.miss(version, copy, detail);
    }
    this.#heard(statement);
  }

  /** All have heard or never will: who asked is told, also of nodes that may be down, and takes it for done. */
  #heard(statement: Statement): void {
    statement.open -= 1;
    if (statement.open > 0) return;
    const { versions } = this.#o;
    for (let version = statement.from; version < statement.to; version += 1) {
      versions.arrays.outcome[version] = OUTCOME.success;
      this.#record(RECORD.answered, version, statement.node, OUTCOME.success);
    }
    this.#statements.delete(statement.id);
  }

  #record(kind: number, version: number, node: number, detail: number): void {
    this.#o.copies.recordRows(this.#o.kernel.now, kind, node, 0, version, detail);
  }

  /** One version for each series and shard that has points of that time. */
  #fill({ writer: index, from, to, fromMicros, untilMicros }: Selection, node: number): void {
    const { writers, versions, tables, kernel } = this.#o;
    const { arrays } = versions;
    const writer = writers[index];
    // Nothing has a later time yet.
    const latest = kernel.now + 1 + writer.o.aheadMicros;
    for (const group of writer.o.groups) {
      if (group.tables.some((table) => this.#o.ends.isGone(table))) continue;
      const rows = writer.rowsBetween(group, fromMicros, Math.min(untilMicros, latest));
      if (rows.count === 0) continue;
      for (let series = from; series < to; series += 1) {
        const table = tables[group.tables[group.places.shard[series]]];
        const ordinal = table.ordinalOfKey[group.places.key[series]];
        const version = versions.count;
        versions.count = version + 1;
        arrays.issuedAt[version] = kernel.now;
        arrays.operation[version] = OPERATION.deleteRange;
        arrays.groups[version] = (1 << table.groups) - 1;
        arrays.firstSlot[version] = table.slotBase + ordinal * table.slotsPerPartition + rows.first * table.slotsPerRow;
        arrays.rowCount[version] = rows.count;
        arrays.replicaBase[version] = 0;
        arrays.table[version] = table.index;
        arrays.workload[version] = index;
        arrays.coordinator[version] = node;
      }
    }
  }
}

function missedOf({ node, from, to, kind }: Statement): Omit<Missed, 'target'> {
  return { node, from, to, kind };
}
