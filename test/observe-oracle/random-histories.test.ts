import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Oracle } from '../../src/observe/oracle.ts';
import { compare } from './compare.ts';
import { END_MICROS, ENTRIES, historyOf, steps, worldOptions, type History } from './histories.ts';
import { NaiveOracle } from './naive.ts';
import { packed, type World } from './small-world.ts';

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
