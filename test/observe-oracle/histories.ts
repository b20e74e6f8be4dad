/**
 * Random histories: a list of small integers becomes a list of trace records over a small world. Choices lean towards
 * recent versions, so that histories are eventful; everything that a record may say is possible, also what no model
 * would ever write.
 */
import fc from 'fast-check';
import { CAUSE, OUTCOME, STATE, VIA } from '../../src/data/causes.ts';
import { APPLIED_ONE_SLOT } from '../../src/data/records.ts';
import { BASE, FIRST_VERSION, NOTHING, OPERATION } from '../../src/data/versions.ts';
import { addVersion, nodeOf, slotOfRow, smallWorld, tableOfSlot } from './small-world.ts';
import type { PlainRecord, World, WorldOptions } from './small-world.ts';

/** Origins 1..ENTRIES may be named. */
export const ENTRIES = 3;
export const END_MICROS = 60e6;

/** One step: what to do, and numbers to choose with. */
export type Step = [action: number, first: number, second: number, third: number, wait: number];

/** Unbiased: small numbers would give nothing but issues. */
export const steps = (max: number): fc.Arbitrary<Step[]> =>
  fc.noBias(
    fc.array(fc.tuple(fc.nat(99), fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(99)), {
      minLength: 1,
      maxLength: max,
      size: 'max',
    }),
  );

export const worldOptions: fc.Arbitrary<Partial<WorldOptions>> = fc.record({
  copies: fc.integer({ min: 1, max: 4 }),
  groups: fc.integer({ min: 1, max: 3 }),
  deletesRows: fc.boolean(),
  rowsPerPartition: fc.constantFrom(1, 2),
  gcGraceMicros: fc.constantFrom(50, 400, 3e6, 1e12),
  loaded: fc.boolean(),
  skewed: fc.boolean(),
  order: fc.constantFrom('timestamp' as const, 'timestamp' as const, 'arrival' as const),
  tables: fc.constantFrom(1, 1, 2),
});

export interface History {
  world: World;
  records: PlainRecord[];
}

/** `plain`: writes without TTL only. */
export function historyOf(options: Partial<WorldOptions>, list: readonly Step[], plain: boolean): History {
  const writer = new HistoryWriter(smallWorld({ ...options, capacity: list.length * 2 }), plain);
  for (const step of list) writer.step(step);
  return { world: writer.world, records: writer.records };
}

const CAUSES_OF_LOSS = [CAUSE.nodeDown, CAUSE.messageLost, CAUSE.timeout, CAUSE.hintWindowPassed, CAUSE.hintExpired];
const VIAS_OF_DELIVERY = [VIA.delivery, VIA.delivery, VIA.hint, VIA.repair, VIA.readRepair, VIA.retry, VIA.batchlog];
const STATES_OF_LOSS = [STATE.latent, STATE.latent, STATE.hintPending, STATE.inFlight];

class HistoryWriter {
  readonly world: World;
  readonly records: PlainRecord[] = [];
  readonly #plain: boolean;
  #micros = 1;

  constructor(world: World, plain: boolean) {
    this.world = world;
    this.#plain = plain;
  }

  step([action, first, second, third, wait]: Step): void {
    if (wait >= 25) this.#micros += wait < 88 ? wait % 7 : wait < 98 ? wait * 5 : 1e6;
    if (action < 22) this.#issue(first, second, third);
    else if (action < 50) this.#apply(first, second, third);
    else if (action < 66) this.#miss(first, second, third);
    else if (action < 75) this.#answer(first, second);
    else if (action < 79) this.#deliverEverywhere(first);
    else if (action < 81) this.#loseEverywhere(first, second);
    else if (action < 84) this.#tell('issued', first, 0, 1);
    else if (action < 91) this.#revert(first, second, third);
    else if (!this.#plain) this.#purge(first, second, third);
  }

  #issue(first: number, second: number, third: number): void {
    const { options, versions, tables } = this.world;
    if (versions.count - FIRST_VERSION >= versions.capacity) return;
    const wide = options.rowsPerPartition > 1 && !this.#plain && first % 10 === 9;
    const operation =
      this.#plain || second % 10 < 6 ? OPERATION.write : wide ? OPERATION.deletePartition : 1 + (second % 2);
    const row = third % (options.rows * tables.length);
    const version = addVersion(this.world, {
      at: this.#micros,
      timestamp: options.skewed ? this.#micros + (first % 5 < 3 ? (first % 5) - 1 : (third % 41) - 20) : this.#micros,
      operation,
      groups: 1 + (first % ((1 << options.groups) - 1 || 1)),
      ttlSeconds: !this.#plain && operation === OPERATION.write && second % 10 === 5 ? 1 + (first % 2) : 0,
      row: wide ? row - (row % options.rowsPerPartition) : row,
      rowCount: wide ? options.rowsPerPartition : 1,
    });
    this.#tellOf(version, 'issued', 0, 0);
  }

  #apply(first: number, second: number, third: number): void {
    const via = VIAS_OF_DELIVERY[third % VIAS_OF_DELIVERY.length];
    const origin = via === VIA.repair ? third % (ENTRIES + 1) : 0;
    if (this.world.options.loaded && third % 23 === 0) return this.#applyBase(first, second, origin);
    if (third % 11 === 0) return this.#applyOneSlot(first, second, origin);
    this.#tell('applied', first, second, via | (origin << 8));
  }

  #applyBase(first: number, second: number, origin: number): void {
    const slot = first % this.#slotCount();
    this.#recordAt('applied', slot, second, BASE, VIA.repair | APPLIED_ONE_SLOT | (origin << 8));
  }

  #applyOneSlot(first: number, second: number, origin: number): void {
    const version = this.#versionFrom(first);
    if (version === 0) return;
    const slots = this.#slotsTouched(version);
    this.#recordAt(
      'applied',
      slots[second % slots.length],
      second,
      version,
      VIA.repair | APPLIED_ONE_SLOT | (origin << 8),
    );
  }

  #miss(first: number, second: number, third: number): void {
    const cause = CAUSES_OF_LOSS[third % CAUSES_OF_LOSS.length];
    const state = STATES_OF_LOSS[second % STATES_OF_LOSS.length];
    this.#tell('missed', first, second, cause | (state << 6) | ((third % (ENTRIES + 1)) << 8));
  }

  #answer(first: number, second: number): void {
    this.#tell('answered', first, 0, second % 4 === 0 ? OUTCOME.timedOut : OUTCOME.success);
  }

  #deliverEverywhere(first: number): void {
    for (let copy = 0; copy < this.world.options.copies; copy += 1) this.#tell('applied', first, copy, VIA.delivery);
    if (first % 5 > 0) this.#tell('answered', first, 0, OUTCOME.success);
  }

  #loseEverywhere(first: number, second: number): void {
    const detail = CAUSE.coordinatorLost | (STATE.latent << 6) | ((second % (ENTRIES + 1)) << 8);
    for (let copy = 0; copy < this.world.options.copies; copy += 1) this.#tell('missed', first, copy, detail);
  }

  /** To nothing, to the start, to any version of the slot, or to damage. */
  #revert(first: number, second: number, third: number): void {
    const { options, versions } = this.world;
    const slot = first % this.#slotCount();
    const own = [NOTHING, ...(options.loaded ? [BASE] : []), ...this.#versionsOf(slot)];
    let held = own[third % own.length];
    if (!this.#plain && options.skewed && third % 5 === 0 && held !== NOTHING && versions.count < versions.capacity) {
      held = this.#damaged(slot, held);
    }
    const cause = third % 2 === 0 ? CAUSE.lostBeforeFsync : CAUSE.bitRot;
    this.#recordAt('reverted', slot, second, held, cause | ((second % (ENTRIES + 1)) << 8));
  }

  #damaged(slot: number, held: number): number {
    const { arrays } = this.world.versions;
    const row = Math.floor(slot / this.world.tables[0].slotsPerRow);
    const at = arrays.issuedAt[held];
    return addVersion(this.world, { at, timestamp: arrays.timestamp[held], operation: OPERATION.corrupt, row });
  }

  /** Of a tombstone; mostly nothing is left then. */
  #purge(first: number, second: number, third: number): void {
    const { versions } = this.world;
    const issued = Array.from({ length: versions.count - FIRST_VERSION }, (_, index) => FIRST_VERSION + index);
    const tombstones = issued.filter((version) => versions.isTombstone(version)).reverse();
    if (tombstones.length === 0) return;
    const tombstone = tombstones[(first % 3) % tombstones.length];
    const slots = this.#slotsTouched(tombstone);
    const slot = slots[third % slots.length];
    const held = third % 7 === 0 ? (this.#versionsOf(slot)[0] ?? NOTHING) : NOTHING;
    this.#recordAt('purged', slot, second, tombstone, held);
  }

  /** A record about a version already issued, the latest ones above all; one for each of its rows. */
  #tell(kind: PlainRecord['kind'], first: number, copy: number, detail: number): void {
    const version = this.#versionFrom(first);
    if (version !== 0) this.#tellOf(version, kind, copy, detail);
  }

  #tellOf(version: number, kind: PlainRecord['kind'], copyNumber: number, detail: number): void {
    const { firstSlot, rowCount } = this.world.versions.arrays;
    const { slotsPerRow } = this.world.tables[0];
    for (let row = 0; row < rowCount[version]; row += 1) {
      this.#recordAt(kind, firstSlot[version] + row * slotsPerRow, copyNumber, version, detail);
    }
  }

  #recordAt(kind: PlainRecord['kind'], slot: number, copyNumber: number, version: number, detail: number): void {
    const table = tableOfSlot(this.world, slot);
    const copy = kind === 'issued' || kind === 'answered' ? 0 : copyNumber % table.copies;
    const node = nodeOf(table, slot, copy);
    this.records.push({ micros: this.#micros, kind, node, copy, a: version, b: slot, c: detail });
  }

  #versionFrom(first: number): number {
    const { versions } = this.world;
    const issued = versions.count - FIRST_VERSION;
    if (issued === 0) return 0;
    const back = first % 3 < 2 ? first % 3 : first % 7;
    const version = versions.count - 1 - (back % issued);
    return versions.arrays.operation[version] === OPERATION.corrupt && first % 4 !== 0 ? 0 : version;
  }

  #versionsOf(slot: number): number[] {
    const found: number[] = [];
    for (let version = FIRST_VERSION; version < this.world.versions.count; version += 1) {
      if (this.#slotsTouched(version).includes(slot)) found.push(version);
    }
    return found;
  }

  #slotsTouched(version: number): number[] {
    const { firstSlot, rowCount, groups, operation } = this.world.versions.arrays;
    const { slotsPerRow } = this.world.tables[0];
    const isWide = operation[version] >= OPERATION.deleteRow && operation[version] <= OPERATION.deletePartition;
    const slots: number[] = [];
    for (let at = 0; at < rowCount[version] * slotsPerRow; at += 1) {
      if (isWide || (groups[version] >> (at % slotsPerRow)) & 1) slots.push(firstSlot[version] + at);
    }
    return slots;
  }

  #slotCount(): number {
    return slotOfRow(this.world, this.world.options.rows * this.world.tables.length);
  }
}
