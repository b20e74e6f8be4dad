import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAUSE, CAUSES, STATE, STATES, WRONG } from '../../src/data/causes.ts';
import { RECORD_STRIDE } from '../../src/data/records.ts';
import { ANY, ANY_COPY } from '../../src/observe/counters.ts';
import { Oracle } from '../../src/observe/oracle.ts';
import { compare } from './compare.ts';
import { END_MICROS, ENTRIES, historyOf, steps, worldOptions, type History } from './histories.ts';
import { NaiveOracle } from './naive.ts';
import { packed, type PlainRecord, type World } from './small-world.ts';

export function oracleOf({ versions, tables, options }: World): Oracle {
  return new Oracle({
    versions,
    tables,
    nodeCount: options.nodes,
    entryCount: ENTRIES,
    order: options.order,
    runEndMicros: END_MICROS,
  });
}

/** Record by record, both models say the same; and once more when time has run out. */
function replay({ world, records }: History): void {
  const oracle = oracleOf(world);
  const naive = new NaiveOracle(world);
  records.forEach((record, index) => {
    try {
      oracle.fold(packed([record]), 1);
      naive.take(record);
      compare(oracle, naive);
      if (index % 8 === 0) oracle.check();
    } catch (error) {
      const so = records.slice(0, index + 1).map((each) => JSON.stringify(each));
      throw new Error(`${error instanceof Error ? error.message : String(error)}\nafter\n${so.join('\n')}`, {
        cause: error,
      });
    }
  });
  oracle.advance(END_MICROS);
  naive.advance(END_MICROS);
  compare(oracle, naive);
  oracle.check();
}

describe('the oracle and the naive model agree after every record', () => {
  it('on random histories with everything in them', () => {
    fc.assert(
      fc.property(worldOptions, steps(60), (options, list) => replay(historyOf(options, list, false))),
      { numRuns: 100 },
    );
  });
  it('on plain writes with one slot a row, where the fast path works', () => {
    const plain = { groups: 1, deletesRows: false };
    fc.assert(
      fc.property(worldOptions, steps(60), (options, list) => replay(historyOf({ ...options, ...plain }, list, true))),
      { numRuns: 80 },
    );
  });
  it('on one slot a row with deletes, TTL and damage', () => {
    const single = { groups: 1, deletesRows: false, rowsPerPartition: 1 };
    fc.assert(
      fc.property(worldOptions, steps(60), (options, list) =>
        replay(historyOf({ ...options, ...single }, list, false)),
      ),
      { numRuns: 80 },
    );
  });
});

it('folds a block as it folds its records one by one', () => {
  fc.assert(
    fc.property(worldOptions, steps(40), (options, list) => {
      const { world, records } = historyOf(options, list, false);
      const one = oracleOf(world);
      const block = oracleOf(world);
      for (const record of records) one.fold(packed([record]), 1);
      block.fold(packed(records), records.length);
      expect(block.save()).toEqual(one.save());
    }),
    { numRuns: 50 },
  );
});

/** What only rare changes touch: all that is not healthy writes. */
function rareValues(oracle: Oracle): number[] {
  const values = [oracle.lostAcknowledged()];
  for (const wrong of [WRONG.zombie, WRONG.lost]) values.push(oracle.wrongCopies(wrong, ANY));
  for (let state = STATE.inFlight + 1; state < STATES.length; state += 1) {
    values.push(oracle.divergentCopies({ ...ANY_COPY, state }), oracle.entropyUnits({ ...ANY_COPY, state }));
  }
  for (let origin = 1; origin <= ENTRIES; origin += 1) {
    values.push(oracle.divergentCopies({ ...ANY_COPY, origin }), oracle.entropyUnits({ ...ANY_COPY, origin }));
  }
  for (let cause = CAUSE.inFlight + 1; cause < CAUSES.length; cause += 1) {
    values.push(oracle.divergentCopies({ ...ANY_COPY, cause }), oracle.entropyUnits({ ...ANY_COPY, cause }));
    values.push(oracle.bornCopies(cause), oracle.healedCopies(cause, ANY, ANY));
  }
  return values;
}

/** The first words of instants, and the end. */
function edgesOf(records: readonly PlainRecord[]): number[] {
  const starts = records.flatMap(({ micros }, index) => (records[index - 1]?.micros === micros ? [] : [index]));
  return [...starts, records.length].map((index) => index * RECORD_STRIDE);
}

it('stops after every instant with a rare change, and the pieces make the same whole', () => {
  let stretches = 0;
  fc.assert(
    fc.property(worldOptions, steps(80), fc.boolean(), (options, list, plain) => {
      const { world, records } = historyOf(
        plain ? { ...options, groups: 1, deletesRows: false } : options,
        list,
        plain,
      );
      const words = packed(records);
      const edges = edgesOf(records);
      const instants = oracleOf(world);
      const pieces = oracleOf(world);
      let stop = 0;
      edges.slice(0, -1).forEach((from, index) => {
        const before = rareValues(instants);
        instants.foldWords(words, from, edges[index + 1]);
        if (from === stop) stop = pieces.foldWords(words, from, words.length, true);
        else stretches += 1;
        if (stop !== edges[index + 1]) expect(rareValues(instants)).toEqual(before);
        else expect(rareValues(pieces)).toEqual(rareValues(instants));
      });
      expect(stop).toBe(words.length);
      expect(pieces.save()).toEqual(instants.save());
      expect(pieces.peak()).toEqual(instants.peak());
      pieces.check();
    }),
    { numRuns: 200 },
  );
  expect(stretches).toBeGreaterThan(100);
});
