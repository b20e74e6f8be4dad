import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/base/assert.ts';
import { proveRepeatable } from '../../src/cli/twice.ts';
import { RECORD } from '../../src/data/records.ts';
import { Trace } from '../../src/kernel/trace.ts';
import type { TraceObserver } from '../../src/kernel/trace.ts';
import { BlockHashes, firstDifference } from '../../src/studies/first-difference.ts';

/** A pretended run of `count` records; the record numbered `odd` says another value. */
function pretendRun(count: number, odd: number, observer: TraceObserver, blockRecords = 100): string {
  const trace = new Trace({ observers: [observer], blockRecords });
  for (let index = 0; index < count; index++) {
    trace.record(index * 10, RECORD.applied, index % 3, 1, index === odd ? 999_999 : index, 7, 0);
  }
  return trace.fingerprint();
}

function hashesOf(count: number, odd: number, blockRecords?: number): readonly number[] {
  const hashes = new BlockHashes();
  pretendRun(count, odd, hashes, blockRecords);
  return hashes.finished();
}

describe('hashes of blocks', () => {
  it('do not depend on where the trace cuts its own blocks', () => {
    expect(hashesOf(20_000, -1, 17)).toEqual(hashesOf(20_000, -1, 8192));
  });

  it('differ from the block of the odd record on, never before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 19_999 }), (odd) => {
        expect(firstDifference(hashesOf(20_000, -1), hashesOf(20_000, odd))).toBe(Math.floor(odd / 4096));
      }),
      { numRuns: 20 },
    );
  });
});

describe('--twice', () => {
  const first = (count: number, odd: number) => {
    const hashes = new BlockHashes();
    return { fingerprint: pretendRun(count, odd, hashes), hashes: hashes.finished() };
  };

  it('is silent where both runs are the same', async () => {
    const one = first(10_000, -1);
    expect(await proveRepeatable(one, (observer) => pretendRun(10_000, -1, observer))).toBe(one.fingerprint);
  });

  it('names the first record that differs, with both', async () => {
    let runs = 0;
    const moody = (observer: TraceObserver) => pretendRun(10_000, runs++ % 2 === 0 ? 9000 : 9500, observer);
    await expect(proveRepeatable(first(10_000, -1), moody)).rejects.toThrow(Bug);
    runs = 0;
    await expect(proveRepeatable(first(10_000, -1), moody)).rejects.toThrow(
      /record 9000\n {2}once {3}90000 µs {2}applied {2}node 0 copy 1 {2}9000 7 0\n {2}again {2}90000 µs {2}applied {2}node 0 copy 1 {2}999999 7 0/,
    );
  });

  it('says so where the difference does not come back', async () => {
    const steady = (observer: TraceObserver) => pretendRun(10_000, 5, observer);
    await expect(proveRepeatable(first(10_000, -1), steady)).rejects.toThrow(/does not happen each time/);
  });

  it('sees a run that ends early', async () => {
    let runs = 0;
    const short = (observer: TraceObserver) => pretendRun(runs++ % 2 === 0 ? 9000 : 10_000, -1, observer);
    await expect(proveRepeatable(first(10_000, -1), short)).rejects.toThrow(/again {2}no record: it ended before/);
  });
});
