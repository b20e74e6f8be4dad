import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSE, STATE, VIA } from '../../src/data/causes.ts';
import { CopyClasses, IN_FLIGHT } from '../../src/observe/copy-classes.ts';
import { ANY, ANY_COPY } from '../../src/observe/counters.ts';
import { entropyUnits, UNITS_PER_BIT } from '../../src/observe/entropy-units.ts';
import { Expiry } from '../../src/observe/expiry.ts';
import { FateLog } from '../../src/observe/fate-log.ts';
import { INTEGRAL, INTEGRAL_VALUES, Integrals } from '../../src/observe/integrals.ts';
import { Ledger, REPAIR_HEALER } from '../../src/observe/ledger.ts';

describe('entropy', () => {
  it('is that of Shannon, to a unit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        const copies = sizes.reduce((total, size) => total + size, 0);
        const bits = -sizes.reduce((sum, size) => sum + (size / copies) * Math.log2(size / copies), 0);
        const units = entropyUnits(copies, sizes, sizes.length);
        expect(Number.isInteger(units)).toBe(true);
        expect(Math.abs(units - bits * UNITS_PER_BIT)).toBeLessThan(1.5);
      }),
    );
  });
  it.each([
    [[3], 0],
    [[1, 1], 1],
    [[1, 2], 0.918296],
    [[1, 1, 1], 1.584963],
    [[1, 3], 0.811278],
    [[2, 2, 2], 1.584963],
  ])('of groups %j is %d bits', (sizes, bits) => {
    const copies = sizes.reduce((total, size) => total + size, 0);
    expect(entropyUnits(copies, sizes, sizes.length) / UNITS_PER_BIT).toBeCloseTo(bits, 5);
  });
});

describe('fate log', () => {
  const key = fc.tuple(fc.nat(5), fc.nat(2), fc.integer({ min: 2, max: 7 }));
  const step = fc.oneof(
    fc.record({ set: key, status: fc.integer({ min: 1, max: 4000 }) }),
    fc.record({ take: key }),
    fc.record({ setback: key, status: fc.integer({ min: 1, max: 4000 }) }),
  );

  it('holds what a map holds, also when it grows, shrinks and is restored', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        let log = new FateLog();
        const fates = new Map<string, number>();
        const setbacks = new Map<string, number>();
        steps.forEach((each, index) => {
          if ('set' in each) {
            log.set(...each.set, each.status);
            fates.set(each.set.join(), each.status);
          } else if ('take' in each) {
            expect(log.take(...each.take)).toBe(fates.get(each.take.join()) ?? 0);
            fates.delete(each.take.join());
          } else {
            const [slot, copy] = each.setback;
            log.setSetback(slot, copy, each.status);
            setbacks.set(`${slot},${copy}`, each.status);
          }
          if (index % 50 !== 0) return;
          const restored = new FateLog();
          restored.load(log.save());
          log = restored;
        });
        for (let slot = 0; slot < 6; slot += 1) {
          const listed: string[] = [];
          for (let entry = log.first(slot); entry >= 0; entry = log.next(entry)) {
            listed.push([slot, log.copyOf(entry), log.versionOf(entry)].join());
          }
          const expected = [...fates.keys()].filter((fate) => fate.startsWith(`${slot},`));
          expect(listed.sort()).toEqual(expected.sort());
          for (let copy = 0; copy < 3; copy += 1) {
            expect(log.setback(slot, copy)).toBe(setbacks.get(`${slot},${copy}`) ?? 0);
            for (let version = 2; version < 8; version += 1) {
              expect(log.get(slot, copy, version)).toBe(fates.get([slot, copy, version].join()) ?? 0);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('holds many', () => {
    const log = new FateLog();
    for (let at = 0; at < 5000; at += 1) log.set(at >> 2, at & 3, at + 2, at + 1);
    for (let at = 0; at < 5000; at += 2) expect(log.take(at >> 2, at & 3, at + 2)).toBe(at + 1);
    for (let at = 0; at < 5000; at += 1) expect(log.get(at >> 2, at & 3, at + 2)).toBe(at % 2 === 0 ? 0 : at + 1);
    expect(log.isPending(log.first(0))).toBe(false);
  });
});

it('expiry gives each row once, at its earliest time, in order of time and row', () => {
  const schedule = fc.array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 40 })), { maxLength: 60 });
  fc.assert(
    fc.property(schedule, (entries) => {
      let expiry = new Expiry();
      const due = new Map<number, number>();
      for (const [row, micros] of entries) {
        expiry.schedule(row, micros);
        due.set(row, Math.min(micros, due.get(row) ?? Infinity));
      }
      const restored = new Expiry();
      restored.load(expiry.save());
      expiry = restored;
      const taken: [number, number][] = [];
      while (expiry.nextMicros < Infinity) taken.push([expiry.nextMicros, expiry.take()]);
      const expected = [...due].map(([row, micros]): [number, number] => [micros, row]);
      expect(taken).toEqual(expected.sort((left, right) => left[0] - right[0] || left[1] - right[1]));
    }),
  );
});

it('integrals are exact over weeks of microseconds', () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 38 }), fc.integer({ min: 0, max: 9 })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(changes, (list) => {
      const integrals = new Integrals(new Float64Array(INTEGRAL_VALUES));
      let micros = 0;
      let count = 0;
      let area = 0n;
      for (const [wait, level] of list) {
        micros += wait;
        area += BigInt(count) * BigInt(wait);
        integrals.moveTo(micros);
        integrals.change(INTEGRAL.wrongRows, level - count);
        count = level;
        expect(integrals.micros(INTEGRAL.wrongRows)).toBe(Number(area));
      }
    }),
  );
});

describe('ledger', () => {
  const ledger = new Ledger(3);
  ledger.heal(CAUSE.nodeDown, VIA.hint);
  ledger.heal(CAUSE.nodeDown, ledger.healerOf(VIA.repair, 1));
  ledger.heal(CAUSE.nodeDown, ledger.healerOf(VIA.repair, 2));
  ledger.heal(CAUSE.timeout, ledger.healerOf(VIA.repair, 2));
  it.each([
    [ANY, ANY, ANY, 4],
    [CAUSE.nodeDown, ANY, ANY, 3],
    [CAUSE.nodeDown, VIA.hint, ANY, 1],
    [CAUSE.nodeDown, VIA.repair, ANY, 2],
    [ANY, VIA.repair, 2, 2],
    [ANY, ANY, 2, 2],
    [CAUSE.timeout, VIA.hint, ANY, 0],
    [ANY, VIA.hint, 2, 0],
  ])('healed of cause %d by %d, repair %d: %d', (cause, via, repair, healed) => {
    expect(ledger.healedBy(cause, via, repair)).toBe(healed);
  });
  it('keeps repairs apart from other healers', () => {
    expect(ledger.healerOf(VIA.repair, 0)).toBe(REPAIR_HEALER);
    expect(ledger.healerOf(VIA.hint, 0)).toBe(VIA.hint);
  });
});

it('the status in flight is that of its registry', () => {
  expect(IN_FLIGHT).toBe(CAUSE.inFlight | (STATE.inFlight << 6));
});

it('classes sum along every combination of axes, and grow', () => {
  const axes = { cause: 22, state: 3, origin: 6, table: 2, node: 3 };
  const entry = fc.record({
    cause: fc.integer({ min: 1, max: axes.cause }),
    state: fc.integer({ min: 1, max: axes.state }),
    origin: fc.nat(axes.origin),
    table: fc.nat(axes.table - 1),
    node: fc.nat(axes.node - 1),
    copies: fc.integer({ min: 1, max: 5 }),
  });
  const filter = fc.record({
    cause: fc.constantFrom(ANY, 1, 2, CAUSE.bitRot),
    state: fc.constantFrom(ANY, STATE.inFlight, STATE.latent),
    origin: fc.constantFrom(ANY, 0, 3),
    table: fc.constantFrom(ANY, 0, 1),
    node: fc.constantFrom(ANY, 0, 2),
  });
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 80, size: 'max' }),
      fc.array(filter, { size: 'max', maxLength: 30 }),
      (entries, filters) => {
        const inFlight = { copies: new Float64Array(6), units: new Float64Array(6) };
        let classes = new CopyClasses(axes.node, axes.table, inFlight);
        for (const { cause, state, origin, table, node, copies } of entries) {
          classes.add(cause | (state << 6) | (origin << 8), table * axes.node + node, copies, copies * 7);
        }
        const restored = new CopyClasses(axes.node, axes.table, inFlight);
        restored.load(classes.save());
        classes = restored;
        for (const each of [...filters, ANY_COPY]) {
          const like = entries.filter((one) =>
            (['cause', 'state', 'origin', 'table', 'node'] as const).every(
              (axis) => each[axis] === ANY || each[axis] === one[axis],
            ),
          );
          const copies = like.reduce((total, one) => total + one.copies, 0);
          expect(classes.copiesWhere(each)).toBe(copies);
          expect(classes.unitsWhere(each)).toBe(copies * 7);
        }
      },
    ),
    { numRuns: 60 },
  );
});
