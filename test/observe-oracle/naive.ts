/**
 * The oracle's rules once more, written for clarity and nothing else: maps with readable keys, everything recomputed from
 * scratch after every record. What it knows is who holds what (`held`), which fate each version met at each copy
 * (`fates`), why copies last lost content (`setbacks`), what clients were promised, and the time. All else follows.
 */
import { CAUSE, OUTCOME, STATE, VIA, WRONG } from '../../src/data/causes.ts';
import { viaOf } from '../../src/data/fate.ts';
import { APPLIED_ONE_SLOT } from '../../src/data/records.ts';
import { BASE, NOTHING, OPERATION } from '../../src/data/versions.ts';
import { entropyUnits } from '../../src/observe/entropy-units.ts';
import { nodeOf, tableOfSlot, type PlainRecord, type World } from './small-world.ts';

/** What is to be said of one node's copy of one row. */
export interface CopyVerdict {
  node: number;
  table: number;
  divergent: boolean;
  cause: number;
  state: number;
  origin: number;
  /** The divergent slot with the newest expected version. */
  leadSlot: number;
  wrong: number;
  visible: boolean;
  units: number;
}

export interface RowVerdict {
  copies: CopyVerdict[];
  lost: boolean;
}

interface Status {
  cause: number;
  state: number;
  origin: number;
}

interface Fate {
  version: number;
  slot: number;
  status: Status;
}

const IN_FLIGHT: Status = { cause: CAUSE.inFlight, state: STATE.inFlight, origin: 0 };

export class NaiveOracle {
  readonly world: World;
  readonly born = new Map<number, number>();
  /** By `cause/healer`, where a healer is `via` or `repair origin`. */
  readonly healed = new Map<string, number>();
  /** count · µs: divergent rows, divergent copies, wrong rows, wrong copies. */
  readonly areas = [0, 0, 0, 0];
  verdicts: RowVerdict[];
  now = 0;
  #held = new Map<string, number>();
  #fates = new Map<string, Fate>();
  #setbacks = new Map<string, Status>();
  #promised = new Map<number, number>();
  /** Answers of `expected` since the last change. */
  #expected = new Map<number, number>();

  constructor(world: World) {
    this.world = world;
    this.verdicts = this.#judge();
  }

  take(record: PlainRecord): void {
    this.advance(record.micros);
    const expectedBefore = this.#slots().map((slot) => this.expected(slot));
    this.#change(record);
    this.#enter(record, expectedBefore);
  }

  /** Time passes: whenever some version may be purged or expires, everything is judged again. */
  advance(micros: number): void {
    for (const time of this.#timesOfChange(this.now, micros)) {
      this.#passTo(time);
      this.#enterVerdicts(
        () => `${VIA.expired}`,
        () => false,
      );
    }
    this.#passTo(micros);
  }

  held(slot: number, copy: number): number {
    return this.#held.get(`${slot}/${copy}`) ?? tableOfSlot(this.world, slot).initialVersion;
  }

  promised(slot: number): number {
    return this.#promised.get(slot) ?? tableOfSlot(this.world, slot).initialVersion;
  }

  /** A copy that goes on by itself. */
  fork(): NaiveOracle {
    const fork = new NaiveOracle(this.world);
    fork.verdicts = this.verdicts;
    fork.now = this.now;
    this.areas.forEach((area, index) => (fork.areas[index] = area));
    for (const [cause, count] of this.born) fork.born.set(cause, count);
    for (const [key, count] of this.healed) fork.healed.set(key, count);
    fork.#held = new Map(this.#held);
    fork.#fates = new Map(this.#fates);
    fork.#setbacks = new Map(this.#setbacks);
    fork.#promised = new Map(this.#promised);
    fork.#expected.clear();
    return fork;
  }

  /** The newest of: nothing, what copies hold, what is in flight or hinted. */
  expected(slot: number): number {
    const known = this.#expected.get(slot);
    if (known !== undefined) return known;
    const candidates: number[] = [NOTHING];
    for (const copy of this.#copies(slot)) candidates.push(this.held(slot, copy));
    for (const fate of this.#fates.values()) {
      if (fate.slot === slot && fate.status.state !== STATE.latent) candidates.push(fate.version);
    }
    const newest = candidates.reduce((best, candidate) => (this.newer(candidate, best) ? candidate : best));
    this.#expected.set(slot, newest);
    return newest;
  }

  /** The order of truth. */
  newer(a: number, b: number): boolean {
    return compare(this.#rank(a), this.#rank(b)) > 0;
  }

  // ---------------------------------------------------------------- records

  #change(record: PlainRecord): void {
    const { a, b, c, copy } = record;
    this.#expected.clear();
    switch (record.kind) {
      case 'issued':
        for (const slot of this.#touched(a, b)) {
          for (const each of this.#copies(slot)) this.#setFate(a, slot, each, IN_FLIGHT);
        }
        break;
      case 'applied': {
        const oneSlot = a <= BASE || (c & APPLIED_ONE_SLOT) !== 0;
        for (const slot of oneSlot ? [b] : this.#touched(a, b)) this.#apply(a, slot, copy, c);
        break;
      }
      case 'missed':
        for (const slot of this.#touched(a, b)) {
          this.#setFate(a, slot, copy, { cause: c & 63, state: (c >> 6) & 3, origin: c >> 8 });
        }
        break;
      case 'answered':
        if ((c & 255) !== OUTCOME.success) break;
        for (const slot of this.#touched(a, b)) if (this.newer(a, this.promised(slot))) this.#promised.set(slot, a);
        break;
      case 'reverted':
        this.#setBack(b, copy, a, { cause: c & 63, state: STATE.latent, origin: c >> 8 });
        break;
      case 'purged':
        // Of arrival a delete leaves nothing: whoever carried it out goes on to show that.
        if (this.#isByArrival && c === NOTHING && this.world.versions.isTombstone(this.held(b, copy))) break;
        this.#setBack(b, copy, c, { cause: CAUSE.tombstonePurged, state: STATE.latent, origin: 0 });
        break;
      default:
        break;
    }
  }

  get #isByArrival(): boolean {
    return this.world.options.order === 'arrival';
  }

  #apply(version: number, slot: number, copy: number, detail: number): void {
    const why = this.#reasonOfTaking(version, slot, copy, detail);
    this.#fates.delete(`${version}/${slot}/${copy}`);
    this.#expected.clear();
    const held = this.held(slot, copy);
    const takes = this.#isByArrival ? version !== held : compare(this.#mergeRank(version), this.#mergeRank(held)) > 0;
    if (takes) this.#held.set(`${slot}/${copy}`, version);
    this.#expected.clear();
    this.#explain(slot, takes ? copy : -1, why);
  }

  /** Why the copy will not have what is expected, should it take this. */
  #reasonOfTaking(version: number, slot: number, copy: number, detail: number): Status {
    const status = (cause: number, origin: number): Status => ({ cause, state: STATE.latent, origin });
    if (this.#isCorrupt(version)) return status(CAUSE.bitRot, detail >> 8);
    if (!this.#isByArrival || viaOf(detail) !== VIA.hint) return status(CAUSE.arrivalOrder, detail >> 8);
    // It waited for something: that is where it comes from.
    const waited = this.#fates.get(`${version}/${slot}/${copy}`)?.status.origin ?? 0;
    const isBack = this.world.versions.isTombstone(this.held(slot, copy));
    return status(isBack ? CAUSE.hintAfterDelete : CAUSE.arrivalOrder, waited);
  }

  #setBack(slot: number, copy: number, held: number, status: Status): void {
    const old = this.held(slot, copy);
    if (old === held) return;
    const expected = this.expected(slot);
    this.#setbacks.set(`${slot}/${copy}`, status);
    this.#held.set(`${slot}/${copy}`, held);
    this.#fates.delete(`${held}/${slot}/${copy}`);
    if (old === expected) this.#fates.set(`${expected}/${slot}/${copy}`, { version: expected, slot, status });
    this.#expected.clear();
  }

  /** The version's fate at the copy, unless the copy holds it. */
  #setFate(version: number, slot: number, copy: number, status: Status): void {
    if (this.held(slot, copy) !== version) this.#fates.set(`${version}/${slot}/${copy}`, { version, slot, status });
    this.#expected.clear();
  }

  /** Where a copy differs and the expected version met no fate there, something else must be the reason. */
  #explain(slot: number, taker: number, why: Status): void {
    const expected = this.expected(slot);
    for (const copy of this.#copies(slot)) {
      const key = `${expected}/${slot}/${copy}`;
      if (this.#fates.has(key) || this.#stored(slot, this.held(slot, copy)) === this.#stored(slot, expected)) continue;
      const other = { cause: CAUSE.oldDataRestored, state: STATE.latent, origin: 0 };
      const status = copy === taker ? why : (this.#setbacks.get(`${slot}/${copy}`) ?? other);
      this.#fates.set(key, { version: expected, slot, status });
    }
  }

  // ---------------------------------------------------------------- ledger

  #enter(record: PlainRecord, expectedBefore: number[]): void {
    const slots = this.#slots();
    for (const slot of slots) this.#explain(slot, -1, IN_FLIGHT);
    const isChanged = (slot: number): boolean => this.expected(slot) !== expectedBefore[slots.indexOf(slot)];
    this.#enterVerdicts(
      (copy) => this.#healer(record, copy, isChanged),
      (slot) => record.kind === 'issued' && isChanged(slot),
    );
  }

  /** What healed the copy, if the record healed it. */
  #healer(record: PlainRecord, copy: number, isChanged: (slot: number) => boolean): string {
    switch (record.kind) {
      case 'issued':
        return `${VIA.overwritten}`;
      case 'applied': {
        const via = record.c & (APPLIED_ONE_SLOT - 1);
        if (copy !== record.copy) return `${VIA.lost}`;
        return via === VIA.repair ? `repair ${record.c >> 8}` : `${via}`;
      }
      case 'reverted':
        return isChanged(record.b) ? `${VIA.lost}` : `${VIA.replay}`;
      case 'purged':
        return `${VIA.purged}`;
      default:
        return `${VIA.lost}`;
    }
  }

  #enterVerdicts(healer: (copy: number) => string, overwritten: (slot: number) => boolean): void {
    const before = this.verdicts;
    this.verdicts = this.#judge();
    this.verdicts.forEach((row, rowNumber) => {
      row.copies.forEach((to, copy) => {
        const from = before[rowNumber].copies[copy];
        if (!from.divergent && to.divergent) add(this.born, to.cause, 1);
        else if (from.divergent && !to.divergent) add(this.healed, `${from.cause}/${healer(copy)}`, 1);
        else if (from.divergent && to.divergent && overwritten(from.leadSlot)) {
          add(this.healed, `${from.cause}/${VIA.overwritten}`, 1);
          add(this.born, to.cause, 1);
        } else if (from.divergent && to.divergent) {
          add(this.born, from.cause, -1);
          add(this.born, to.cause, 1);
        }
      });
    });
  }

  // ---------------------------------------------------------------- judging

  #judge(): RowVerdict[] {
    const verdicts: RowVerdict[] = [];
    for (const table of this.world.tables) {
      for (let at = 0; at < table.slotCount; at += table.slotsPerRow)
        verdicts.push(this.#judgeRow(table.slotBase + at));
    }
    return verdicts;
  }

  #judgeRow(row: number): RowVerdict {
    const { slotsPerRow } = tableOfSlot(this.world, row);
    const slots = Array.from({ length: slotsPerRow }, (_, index) => row + index);
    const copies = this.#copies(row).map((copy) => this.#judgeCopy(row, slots, copy));
    this.#shareEntropy(slots, copies);
    return { copies, lost: slots.some((slot) => this.#isLost(slot)) };
  }

  #judgeCopy(row: number, slots: number[], copy: number): CopyVerdict {
    const differing = slots.filter(
      (slot) => this.#stored(slot, this.held(slot, copy)) !== this.#stored(slot, this.expected(slot)),
    );
    const lead = differing.reduce(
      (best, slot) => (best < 0 || this.newer(this.expected(slot), this.expected(best)) ? slot : best),
      -1,
    );
    const status = lead < 0 ? undefined : this.#fates.get(`${this.expected(lead)}/${lead}/${copy}`)?.status;
    const table = tableOfSlot(this.world, row);
    return {
      node: nodeOf(table, row, copy),
      table: table.index,
      divergent: lead >= 0,
      cause: status?.cause ?? 0,
      state: status?.state ?? 0,
      origin: status?.origin ?? 0,
      leadSlot: lead,
      wrong: Math.max(...slots.map((slot) => this.#wrong(slot, copy))),
      visible: slots.some(
        (slot) => this.#shown(slot, this.held(slot, copy)) !== this.#shown(slot, this.expected(slot)),
      ),
      units: 0,
    };
  }

  #shareEntropy(slots: number[], copies: CopyVerdict[]): void {
    const sizes = new Map<string, number>();
    copies.forEach((_, copy) => add(sizes, slots.map((slot) => this.#stored(slot, this.held(slot, copy))).join(), 1));
    let units = entropyUnits(copies.length, [...sizes.values()], sizes.size);
    const divergent = copies.filter((copy) => copy.divergent);
    const share = Math.floor(units / divergent.length);
    for (const copy of [...divergent].reverse()) {
      copy.units = copy === divergent[0] ? units : share;
      units -= copy.units;
    }
  }

  #wrong(slot: number, copy: number): number {
    const held = this.held(slot, copy);
    const promised = this.promised(slot);
    if (held === promised || (this.newer(held, promised) && !this.#isCorrupt(held))) return WRONG.right;
    const shows = this.#shown(slot, held);
    const shouldShow = this.#shown(slot, promised);
    if (shows === shouldShow) return WRONG.right;
    if (this.#isLost(slot)) return WRONG.lost;
    if (shouldShow === NOTHING && this.#stored(slot, promised) === NOTHING) return WRONG.zombie;
    return shows === NOTHING ? WRONG.missing : WRONG.stale;
  }

  /** What was promised cannot spread any more, and has not run out by itself. */
  #isLost(slot: number): boolean {
    const promised = this.promised(slot);
    if (this.#isDeletionSlot(slot) || !this.newer(promised, this.expected(slot))) return false;
    return this.#isTombstone(promised)
      ? this.#stored(slot, promised) !== NOTHING
      : this.#shown(slot, promised) !== NOTHING;
  }

  /** What the version leaves on disk once everything purgeable is purged. */
  #stored(slot: number, version: number): number {
    if (version === BASE && this.#isDeletionSlot(slot)) return NOTHING;
    return this.#purgeableAt(slot, version) <= this.now ? NOTHING : version;
  }

  /** What a read sees of it. */
  #shown(slot: number, version: number): number {
    if (this.#isDeletionSlot(slot) || this.#isTombstone(version)) return NOTHING;
    return this.#expiresAt(version) <= this.now ? NOTHING : version;
  }

  // ---------------------------------------------------------------- facts of versions

  #purgeableAt(slot: number, version: number): number {
    const { gcGraceMicros } = tableOfSlot(this.world, slot);
    const { issuedAt } = this.world.versions.arrays;
    const grace = issuedAt[version] + (this.world.options.order === 'arrival' ? 0 : gcGraceMicros);
    if (this.#isTombstone(version)) return grace;
    return Math.max(grace, this.#expiresAt(version));
  }

  #expiresAt(version: number): number {
    const { issuedAt, ttlSeconds } = this.world.versions.arrays;
    return version > BASE && ttlSeconds[version] > 0 ? issuedAt[version] + ttlSeconds[version] * 1e6 : Infinity;
  }

  #isTombstone(version: number): boolean {
    const operation = this.world.versions.arrays.operation[version];
    return version > BASE && operation !== OPERATION.write && operation !== OPERATION.corrupt;
  }

  #isCorrupt(version: number): boolean {
    return version > BASE && this.world.versions.arrays.operation[version] === OPERATION.corrupt;
  }

  /** In truth damage never beats what it replaced; with order: arrival it beats nothing but nothing. */
  #rank(version: number): number[] {
    if (version === NOTHING) return [-Infinity];
    const { timestamp } = this.world.versions.arrays;
    const sound = this.#isCorrupt(version) ? 0 : 1;
    if (this.world.options.order === 'arrival') return [sound, version];
    return [timestamp[version], sound, this.#isTombstone(version) ? 1 : 0, version];
  }

  /** By which a copy merges: timestamp, then tombstone, then value. */
  #mergeRank(version: number): number[] {
    return [this.world.versions.arrays.timestamp[version], this.#isTombstone(version) ? 1 : 0, version];
  }

  #touched(version: number, row: number): number[] {
    const { operation, groups } = this.world.versions.arrays;
    const table = tableOfSlot(this.world, row);
    const isWide = operation[version] >= OPERATION.deleteRow && operation[version] <= OPERATION.deletePartition;
    const slots: number[] = [];
    for (let index = 0; index < table.slotsPerRow; index += 1) {
      if (isWide || (groups[version] >> index) & 1) slots.push(row + index);
    }
    return slots;
  }

  #isDeletionSlot(slot: number): boolean {
    const table = tableOfSlot(this.world, slot);
    return (slot - table.slotBase) % table.slotsPerRow >= table.groups;
  }

  #copies(slot: number): number[] {
    return Array.from({ length: tableOfSlot(this.world, slot).copies }, (_, copy) => copy);
  }

  #slots(): number[] {
    const { tables } = this.world;
    return Array.from({ length: tables.length * tables[0].slotCount }, (_, slot) => slot);
  }

  // ---------------------------------------------------------------- time

  #timesOfChange(from: number, to: number): number[] {
    const times = new Set<number>();
    for (let version = 2; version < this.world.versions.count; version += 1) {
      const slot = this.world.versions.arrays.firstSlot[version];
      for (const time of [this.#purgeableAt(slot, version), this.#expiresAt(version)]) {
        if (time > from && time <= to) times.add(time);
      }
    }
    return [...times].sort((left, right) => left - right);
  }

  #passTo(micros: number): void {
    const span = micros - this.now;
    const counts = this.counts();
    counts.forEach((count, index) => (this.areas[index] += count * span));
    this.now = micros;
  }

  /** Divergent rows, divergent copies, wrong rows, wrong copies. */
  counts(): number[] {
    const rows = this.verdicts.map(({ copies }) => copies);
    const divergent = rows.map((copies) => copies.filter((copy) => copy.divergent).length);
    const wrong = rows.map((copies) => copies.filter((copy) => copy.wrong !== WRONG.right).length);
    const total = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0);
    const positive = (numbers: number[]): number => numbers.filter((number) => number > 0).length;
    return [positive(divergent), total(divergent), positive(wrong), total(wrong)];
  }
}

function compare(left: number[], right: number[]): number {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at < 0 ? 0 : left[at] - (right[at] ?? -Infinity);
}

function add<Key>(map: Map<Key, number>, key: Key, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}
