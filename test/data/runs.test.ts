import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyIndexOf, ordinalOfSlot, type OrdinalInterval } from '../../src/data/build-layout.ts';
import { bytesOfEntry, TOMBSTONE_BYTES } from '../../src/data/entry-bytes.ts';
import { arrivalOrder, timestampOrder, type MergeOrder } from '../../src/data/merge-order.ts';
import { mergeRuns } from '../../src/data/merge-runs.ts';
import { hashPartitions, mergedView, type MergedView } from '../../src/data/merged-view.ts';
import type { Run } from '../../src/data/run.ts';
import { baseRun, runOf, sealRun, sectionOfRun, versionInRun, type RunHeader } from '../../src/data/runs.ts';
import { BASE, FIRST_VERSION, NOTHING, Versions } from '../../src/data/versions.ts';
import { smallLayout, versionsOf } from './support.ts';

const layout = smallLayout();
const slotsEnd = layout.slotBase + layout.slotCount;
const NODE = 1;
const isHeld = (slot: number): boolean => copyIndexOf(layout, ordinalOfSlot(layout, slot), NODE) >= 0;

type Content = Map<number, number>;
const contentOf = (slots: ArrayLike<number>, versions: ArrayLike<number>): Content =>
  new Map(Array.from(slots, (slot, index) => [slot, versions[index]]));
const allSlots = Array.from({ length: layout.slotCount }, (_unused, index) => layout.slotBase + index);

/** What a run says of every slot, by its definition. */
const naiveContent = (run: Run): Content =>
  new Map(
    allSlots.flatMap((slot) => {
      const entry = run.slots.indexOf(slot);
      const version =
        entry >= 0 ? run.versions[entry] : run.base && isHeld(slot) && !run.removed.includes(slot) ? BASE : NOTHING;
      return version === NOTHING ? [] : [[slot, version] as const];
    }),
  );

function naiveMerge(runs: readonly Run[], order: MergeOrder): Content {
  const merged: Content = new Map();
  runs.forEach((run, generation) => {
    for (const [slot, version] of naiveContent(run)) {
      const current = merged.get(slot);
      if (current === undefined || order.wins(version, generation, current, -1)) merged.set(slot, version);
    }
  });
  return merged;
}

const versionSpecs = fc.array(
  fc.record({ timestamp: fc.nat(300), deletes: fc.boolean(), ttlSeconds: fc.constantFrom(0, 0, 1) }),
  { minLength: 1, maxLength: 30 },
);
const pairs = fc.array(fc.tuple(fc.integer({ min: layout.slotBase, max: slotsEnd - 1 }), fc.nat(29)), {
  maxLength: 60,
});
const history = fc
  .record({
    specs: versionSpecs,
    runs: fc.array(pairs, { maxLength: 5 }),
    hasBase: fc.boolean(),
    removed: fc.uniqueArray(fc.constantFrom(...allSlots), { maxLength: 8 }),
  })
  .map(({ specs, runs, hasBase, removed }) => {
    const versions = versionsOf(specs);
    const header = (id: number): RunHeader => ({ id, layout, versions, node: NODE });
    const seal = (order: MergeOrder): Run[] => {
      const sealed = runs.map((list, index) => {
        const ids = list.map(([, version]) => FIRST_VERSION + (version % specs.length));
        return sealRun(header(index + 1), order, {
          slots: Int32Array.from(list, ([slot]) => slot),
          versions: Int32Array.from(ids),
          count: list.length,
        });
      });
      const none = new Int32Array(0);
      const base = runOf(header(0), {
        slots: none,
        versions: none,
        base: true,
        removed: Int32Array.from(removed).sort((a, b) => a - b),
      });
      return hasBase ? [base, ...sealed] : sealed;
    };
    return { versions, header, lists: runs, seal };
  });

const orders = (versions: Versions): MergeOrder[] => [timestampOrder(versions), arrivalOrder()];
const sorted = (content: Content): [number, number][] => [...content].sort(([a], [b]) => a - b);

describe('sealRun', () => {
  it('keeps the newest by timestamp, or the last to arrive', () => {
    const versions = versionsOf([{ timestamp: 20 }, { timestamp: 10 }, { timestamp: 20, deletes: true }]);
    const list = { slots: Int32Array.of(9, 8, 9, 9, 0), versions: Int32Array.of(4, 2, 2, 3, 9), count: 4 };
    const header = { id: 1, layout, versions, node: NODE };
    const byTime = sealRun(header, timestampOrder(versions), list);
    expect(sorted(contentOf(byTime.slots, byTime.versions))).toEqual([
      [8, 2],
      [9, 4],
    ]);
    const byArrival = sealRun(header, arrivalOrder(), list);
    expect([...byArrival.versions]).toEqual([2, 3]);
    expect([...list.slots]).toEqual([9, 8, 9, 9, 0]);
  });

  it('of plain writes keeps the same by a table of slots as by sorting', () => {
    const versions = new Versions(3000, { skewed: false, plain: true });
    versions.arrays.issuedAt.forEach((_zero, version) => {
      versions.arrays.issuedAt[version] = version >> 1;
    });
    const order = timestampOrder(versions);
    expect(order.risesWithId).toBe(true);
    const { slotBase, slotCount } = layout;
    const entries = fc.array(
      fc.tuple(fc.integer({ min: slotBase, max: slotBase + slotCount - 1 }), fc.integer({ min: 2, max: 3001 })),
      { maxLength: slotCount },
    );
    fc.assert(
      fc.property(entries, (list) => {
        const pairs = {
          slots: Int32Array.from(list, ([slot]) => slot),
          versions: Int32Array.from(list, ([, version]) => version),
          count: list.length,
        };
        const header = { id: 1, layout, versions, node: NODE };
        expect(sealRun(header, order, pairs)).toEqual(sealRun(header, { ...order, risesWithId: false }, pairs));
      }),
    );
  });

  it('sums up what it holds', () => {
    const versions = versionsOf([
      { timestamp: 20 },
      { timestamp: 10, deletes: true },
      { timestamp: 15, ttlSeconds: 1 },
    ]);
    const header = { id: 5, layout, versions, node: NODE, repairedAt: 3, pendingRepair: 4 };
    const run = sealRun(header, timestampOrder(versions), {
      slots: Int32Array.of(7, 8, 20),
      versions: Int32Array.of(2, 4, 3),
      count: 3,
    });
    const { slots: _slots, versions: _versions, removed: _removed, ...summary } = run;
    expect(summary).toEqual({
      id: 5,
      table: 0,
      base: false,
      // Groups of 51 and 50 bytes in a row of 101.
      bytes: 51 + 50 + TOMBSTONE_BYTES,
      partitions: 2,
      minTimestamp: 10,
      maxTimestamp: 20,
      maxDeletion: 10,
      expiresAt: Infinity,
      purgeable: true,
      level: 0,
      repairedAt: 3,
      pendingRepair: 4,
    });
  });
});

describe('baseRun', () => {
  it('weighs the rows of the partitions that the node holds', () => {
    const versions = versionsOf([]);
    const run = baseRun({ id: 0, layout, versions, node: NODE });
    const held = allSlots.filter(isHeld);
    expect(run.partitions).toBe(held.length / layout.slotsPerPartition);
    expect(run.bytes).toBe(held.reduce((sum, slot) => sum + bytesOfEntry(layout, versions, slot, BASE), 0));
    const older = versions.arrays.timestamp[BASE];
    expect(older).toBeLessThan(-1e14);
    expect([run.minTimestamp, run.maxTimestamp, run.purgeable]).toEqual([older, older, false]);
    expect(held.length).toBeLessThan(allSlots.length);
  });
});

describe('mergeRuns', () => {
  it('equals a naive merge, in either order, also merged in two steps', () => {
    fc.assert(
      fc.property(history, fc.nat(5), ({ versions, header, seal }, cut) => {
        for (const order of orders(versions)) {
          const runs = seal(order);
          const expected = sorted(naiveMerge(runs, order));
          const merged = runOf(header(9), mergeRuns({ versions, order, runs }));
          expect(sorted(naiveContent(merged))).toEqual(expected);
          const older = runOf(header(8), mergeRuns({ versions, order, runs: runs.slice(0, cut) }));
          const twice = runOf(header(9), mergeRuns({ versions, order, runs: [older, ...runs.slice(cut)] }));
          expect(sorted(naiveContent(twice))).toEqual(expected);
          expect(twice.bytes).toBe(merged.bytes);
        }
      }),
    );
  });

  it('keeps the initial content where it wins over damage that has its timestamp', () => {
    const versions = versionsOf([{ timestamp: 0, deletes: false, ttlSeconds: 0 }]);
    const damage = FIRST_VERSION;
    const order: MergeOrder = {
      kind: 'timestamp',
      risesWithId: false,
      wins: (version, _generation, other) => version === BASE && other === damage,
    };
    const header: RunHeader = { id: 1, layout, versions, node: NODE };
    const [slot, gone] = allSlots;
    const removed = Int32Array.of(gone);
    const base = runOf(header, { slots: new Int32Array(0), versions: new Int32Array(0), base: true, removed });
    const pairs = { slots: Int32Array.of(slot, gone), versions: Int32Array.of(damage, damage), count: 2 };
    const content = naiveContent(
      runOf(header, mergeRuns({ versions, order, runs: [base, sealRun(header, order, pairs)] })),
    );
    expect([content.get(slot), content.get(gone)]).toEqual([BASE, damage]);
  });

  it('drops what may be purged, and the initial content beneath it', () => {
    fc.assert(
      fc.property(history, fc.nat(400), ({ versions, header, seal }, before) => {
        const order = timestampOrder(versions);
        const runs = seal(order);
        const mayPurge = (_slot: number, version: number): boolean => versions.arrays.timestamp[version] < before;
        const result = mergeRuns({ versions, order, runs, mayPurge });
        const isGone = (version: number): boolean =>
          version >= FIRST_VERSION &&
          mayPurge(0, version) &&
          (versions.isTombstone(version) || versions.arrays.ttlSeconds[version] > 0);
        const all = sorted(naiveMerge(runs, order));
        expect(sorted(naiveContent(runOf(header(9), result)))).toEqual(all.filter(([, version]) => !isGone(version)));
        expect(sorted(contentOf(result.purged.slots, result.purged.versions))).toEqual(
          all.filter(([, version]) => isGone(version)),
        );
      }),
    );
  });
});

describe('sectionOfRun and versionInRun', () => {
  it('finds exactly the slots of some partitions, the initial content included', () => {
    const interval = fc.tuple(fc.nat(20), fc.nat(20)).map(([from, to]): OrdinalInterval => ({ from, to }));
    fc.assert(
      fc.property(history, fc.array(interval, { maxLength: 3 }), ({ versions, header, seal }, intervals) => {
        const order = timestampOrder(versions);
        const runs = seal(order);
        for (const run of [...runs, runOf(header(9), mergeRuns({ versions, order, runs }))]) {
          const inside = ([slot]: [number, number]): boolean =>
            intervals.some(({ from, to }) => ordinalOfSlot(layout, slot) >= from && ordinalOfSlot(layout, slot) < to);
          const section = sectionOfRun(header(0), run, intervals);
          const pairsFound = Array.from(section.slots, (slot, index): [number, number] => [
            slot,
            section.versions[index],
          ]);
          expect(pairsFound).toEqual(sorted(naiveContent(run)).filter(inside));
          const content = naiveContent(run);
          expect(allSlots.map((slot) => versionInRun(run, slot, isHeld(slot)))).toEqual(
            allSlots.map((slot) => content.get(slot) ?? NOTHING),
          );
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('mergedView and hashPartitions', () => {
  const view = (runs: readonly Run[], order: MergeOrder, from = 0, to = layout.partitions): MergedView =>
    mergedView({ layout, order, runs, node: NODE, fromOrdinal: from, toOrdinal: to });
  const hashesOf = (of: MergedView): number[] => {
    const hashes = new Int32Array(2 * (of.toOrdinal - of.fromOrdinal));
    hashPartitions(of, hashes);
    return [...hashes];
  };

  it('has the winner of every slot, for any interval of partitions', () => {
    fc.assert(
      fc.property(history, fc.nat(20), fc.nat(20), ({ versions, seal }, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        for (const order of orders(versions)) {
          const runs = seal(order);
          const merged = naiveMerge(runs, order);
          const slots = allSlots.slice(from * layout.slotsPerPartition, to * layout.slotsPerPartition);
          expect([...view(runs, order, from, to).content]).toEqual(slots.map((slot) => merged.get(slot) ?? NOTHING));
          expect(hashesOf(view(runs, order, from, to))).toEqual(hashesOf(view(runs, order)).slice(2 * from, 2 * to));
        }
      }),
    );
  });

  it('hashes content, not how it came about: a compaction changes nothing, a changed slot one partition', () => {
    fc.assert(
      fc.property(history, fc.constantFrom(...allSlots), ({ versions, header, seal }, slot) => {
        const order = arrivalOrder();
        const runs = seal(order);
        const before = hashesOf(view(runs, order));
        expect(hashesOf(view([runOf(header(9), mergeRuns({ versions, order, runs }))], order))).toEqual(before);
        const changed = view(runs, order);
        changed.content[slot - layout.slotBase] += 1;
        const after = hashesOf(changed);
        after.forEach((lane, index) => expect(lane !== before[index]).toBe(ordinalOfSlot(layout, slot) === index >> 1));
      }),
    );
  });

  it('counts partitions and rows with content; an empty partition has hash 0', () => {
    const versions = versionsOf([{ timestamp: 1 }]);
    const order = timestampOrder(versions);
    const { slotBase, slotsPerPartition, slotsPerRow } = layout;
    const slots = Int32Array.of(
      slotBase,
      slotBase + slotsPerRow - 1,
      slotBase + slotsPerPartition,
      slotBase + slotsPerPartition + slotsPerRow,
    );
    const run = sealRun({ id: 1, layout, versions, node: NODE }, order, {
      slots,
      versions: Int32Array.of(2, 2, 2, 2),
      count: 4,
    });
    const hashes = new Int32Array(2 * layout.partitions);
    expect(hashPartitions(view([run], order), hashes)).toEqual({ partitions: 2, rows: 3 });
    expect([...hashes].map((lane) => (lane === 0 ? 0 : 1))).toEqual([1, 1, 1, 1, ...new Array<number>(36).fill(0)]);
  });

  it('leaves out what is older than gc_grace, to the microsecond (cassandra.a19, h10)', () => {
    const versions = versionsOf([
      { timestamp: 50, deletes: true },
      { timestamp: 50 },
      { timestamp: 50, ttlSeconds: 1 },
    ]);
    const order = timestampOrder(versions);
    const run = sealRun({ id: 1, layout, versions, node: NODE }, order, {
      slots: Int32Array.of(7, 8, 9),
      versions: Int32Array.of(2, 3, 4),
      count: 3,
    });
    const at = (atMicros: number): number[] =>
      [
        ...mergedView({
          layout,
          order,
          runs: [run],
          node: NODE,
          fromOrdinal: 0,
          toOrdinal: 1,
          purge: { versions, atMicros },
        }).content,
      ].slice(0, 3);
    expect(at(150)).toEqual([2, 3, 4]);
    expect(at(151)).toEqual([0, 3, 4]);
    expect(at(1_000_050)).toEqual([0, 3, 4]);
    expect(at(1_000_051)).toEqual([0, 3, 0]);
  });
});
