/**
 * The alarm: a copy takes a version that the oracle knows to be wrong and that nothing newer will put right, because what
 * was promised is purged (the version is a zombie, cassandra.h3) or lost. Counts such copies by what brought them, table
 * and node, and keeps the first ones with the chain behind them: who held the version, and which fate the promised one had
 * met there. A stream brings old data and the tombstone over it at one moment, as files of their own: what its own next
 * file puts right was never spread. Models know nothing of it.
 */
import { CAUSES, VIA, VIAS } from '../data/causes.ts';
import { causeOf, originOf } from '../data/fate.ts';
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';
import { ANY } from './counters.ts';
import type { FateLog } from './fate-log.ts';
import { EXPECTED, HELD, PROMISED, type OracleTable } from './oracle-table.ts';

/** Kept with all they say, of each (what brought it, entry). */
export const ALARMS_KEPT = 5;

/** Numbers of registries and of the plan; names are given by whoever shows it. */
export interface SpreadAlarm {
  micros: number;
  table: number;
  /** Key number of the partition, and the row in it. */
  key: number;
  row: number;
  node: number;
  via: number;
  /** Entry of the repair, 0 = none. */
  origin: number;
  isZombie: boolean;
  /** Nodes that held the version already. */
  from: number[];
  /** Why the first of them, or the copy itself, lacks what was promised: status as in trace records; 0 = not known. */
  fate: number;
  writtenMicros: number;
  promisedMicros: number;
}

/** Noted in this microsecond: what the same stream brings besides may still put it right. */
interface FreshSpread {
  /** Slots of one row of the table that are wrong. */
  slots: number[];
  copy: number;
  /** What brought it, and that with node and table. */
  by: number;
  key: number;
  /** null where enough are kept of this bringer. */
  alarm: SpreadAlarm | null;
}

export interface SpreadsState {
  counts: [key: number, copies: number][];
  fresh: { micros: number; spreads: FreshSpread[] };
  alarms: SpreadAlarm[];
  kept: [key: number, alarms: number][];
}

const NODES = 1 << 16;
const TABLES = 1 << 8;
const VIAS_MAX = 16;

export class Spreads {
  readonly alarms: SpreadAlarm[] = [];
  readonly #content: Content;
  readonly #log: FateLog;
  /** By node + NODES * (table + TABLES * (via + VIAS_MAX * origin)). */
  readonly #counts = new Map<number, number>();
  readonly #kept = new Map<number, number>();
  #fresh: FreshSpread[] = [];
  #freshMicros = 0;

  constructor(content: Content, log: FateLog) {
    this.#content = content;
    this.#log = log;
  }

  /** Is what the copy has just taken in this slot wrong for good? */
  isWrong(table: OracleTable, slot: number, version: number, now: number): boolean {
    const cell = table.cellOf(slot);
    const promised = table.cells[cell + PROMISED];
    const content = this.#content;
    if (promised === version || table.isDeletion(slot - table.rowOf(slot))) return false;
    if (!content.newer(promised, version) || content.shown(version, now) === NOTHING) return false;
    const { gcGraceMicros } = table;
    const expected = table.cells[cell + EXPECTED];
    // Something newer that can still come puts it right.
    if (expected !== version && content.stored(expected, now, gcGraceMicros) !== NOTHING) return false;
    if (this.#isZombie(promised, table, now)) return true;
    return (
      content.newer(promised, expected) &&
      now < content.losableUntil(promised, gcGraceMicros) &&
      content.shown(version, now) !== content.shown(promised, now)
    );
  }

  /** A copy of the row has taken it. */
  note(input: {
    table: OracleTable;
    /** Those of the row that are wrong now, at least one. */
    slots: number[];
    version: number;
    copy: number;
    via: number;
    origin: number;
    now: number;
  }): void {
    const { table, slots, copy, via, origin, now } = input;
    this.#settleBefore(now);
    this.#freshMicros = now;
    const node = table.replicas[table.replicaBase(slots[0]) + copy];
    const by = via + VIAS_MAX * origin;
    const key = node + NODES * (table.index + TABLES * by);
    const isKept = (this.#kept.get(by) ?? 0) < ALARMS_KEPT;
    this.#fresh.push({ slots, copy, by, key, alarm: isKept ? this.#alarmOf(input, node) : null });
  }

  /** The same bringer has brought the copy something newer for this slot. */
  withdraw(slot: number, copy: number, { via, origin, now }: { via: number; origin: number; now: number }): void {
    if (this.#fresh.length === 0 || this.#freshMicros !== now) return;
    const by = via + VIAS_MAX * origin;
    for (const fresh of this.#fresh) {
      if (fresh.copy === copy && fresh.by === by) fresh.slots = fresh.slots.filter((other) => other !== slot);
    }
    this.#fresh = this.#fresh.filter(({ slots }) => slots.length > 0);
  }

  /** The moment is over: what was noted in it stays. */
  settle(): void {
    this.#settleBefore(Infinity);
  }

  /** Copies so far; `repair` is an entry's origin. */
  copies(repair: number, table: number, node: number): number {
    let sum = 0;
    const add = (key: number, copies: number): void => {
      const place = Math.floor(key / NODES);
      const by = Math.floor(place / TABLES);
      if (repair !== ANY && (by % VIAS_MAX !== VIA.repair || Math.floor(by / VIAS_MAX) !== repair)) return;
      if ((table === ANY || place % TABLES === table) && (node === ANY || key % NODES === node)) sum += copies;
    };
    for (const [key, copies] of this.#counts) add(key, copies);
    for (const { key } of this.#fresh) add(key, 1);
    return sum;
  }

  /** By what brought them: the name of a mechanism, or the id of the repair. */
  byBringer(origins: readonly string[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [key, copies] of this.#counts) {
      const by = Math.floor(key / NODES / TABLES);
      const name = bringerName(by % VIAS_MAX, Math.floor(by / VIAS_MAX), origins);
      counts[name] = (counts[name] ?? 0) + copies;
    }
    return counts;
  }

  save(): SpreadsState {
    return {
      counts: [...this.#counts],
      fresh: {
        micros: this.#freshMicros,
        spreads: this.#fresh.map((fresh) => ({ ...fresh, slots: [...fresh.slots] })),
      },
      alarms: this.alarms.map((alarm) => ({ ...alarm, from: [...alarm.from] })),
      kept: [...this.#kept],
    };
  }

  load(state: SpreadsState): void {
    this.#counts.clear();
    for (const [key, copies] of state.counts) this.#counts.set(key, copies);
    this.#fresh = state.fresh.spreads.map((fresh) => ({ ...fresh, slots: [...fresh.slots] }));
    this.#freshMicros = state.fresh.micros;
    this.#kept.clear();
    for (const [key, kept] of state.kept) this.#kept.set(key, kept);
    this.alarms.length = 0;
    for (const alarm of state.alarms) this.alarms.push({ ...alarm, from: [...alarm.from] });
  }

  #settleBefore(now: number): void {
    if (this.#fresh.length === 0 || this.#freshMicros >= now) return;
    for (const { by, key, alarm } of this.#fresh) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      const kept = this.#kept.get(by) ?? 0;
      if (alarm === null || kept >= ALARMS_KEPT) continue;
      this.#kept.set(by, kept + 1);
      this.alarms.push(alarm);
    }
    this.#fresh = [];
  }

  #isZombie(promised: number, { gcGraceMicros }: OracleTable, now: number): boolean {
    const content = this.#content;
    return content.shown(promised, now) === NOTHING && content.stored(promised, now, gcGraceMicros) === NOTHING;
  }

  #alarmOf(
    { table, slots, version, copy, via, origin, now }: Parameters<Spreads['note']>[0],
    node: number,
  ): SpreadAlarm {
    const slot = slots[0];
    const { layout, cells, copies } = table;
    const cell = table.cellOf(slot);
    const promised = cells[cell + PROMISED];
    const base = table.replicaBase(slot);
    const { issuedAt } = this.#content.versions.arrays;
    const from: number[] = [];
    let fate = 0;
    for (let other = 0; other < copies; other += 1) {
      if (other === copy || cells[cell + HELD + other] !== version) continue;
      from.push(table.replicas[base + other]);
      if (fate === 0) fate = this.#fateOf(table, slot, other, promised);
    }
    const place = slot - table.slotBase;
    return {
      micros: now,
      table: table.index,
      key: layout.keyOfOrdinal[Math.floor(place / layout.slotsPerPartition)],
      row: Math.floor((place % layout.slotsPerPartition) / layout.slotsPerRow),
      node,
      via,
      origin,
      isZombie: this.#isZombie(promised, table, now),
      from,
      fate: fate === 0 ? this.#fateOf(table, slot, copy, promised) : fate,
      writtenMicros: Math.max(0, issuedAt[version]),
      promisedMicros: Math.max(0, issuedAt[promised]),
    };
  }

  /** Why the copy lacks the promised version, or what set it back. */
  #fateOf(table: OracleTable, slot: number, copy: number, promised: number): number {
    const cell = table.cellOf(slot);
    const own = promised === table.cells[cell + EXPECTED] ? table.cells[cell + HELD + table.copies + copy] : 0;
    return own || this.#log.get(slot, copy, promised) || this.#log.setback(slot, copy);
  }
}

/** A repair goes by the id of its entry. */
export function bringerName(via: number, origin: number, origins: readonly string[]): string {
  return via === VIA.repair && origin > 0 ? (origins[origin] ?? 'repair') : VIAS[via];
}

export function causeNameOf(fate: number): string | null {
  return fate === 0 ? null : CAUSES[causeOf(fate)];
}

export function originNameOf(fate: number, origins: readonly string[]): string | null {
  const origin = originOf(fate);
  return origin > 0 ? (origins[origin] ?? null) : null;
}
