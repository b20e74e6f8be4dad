/** How many answers of which copies a level needs: the tables of cassandra.g-quorum, for writes and reads alike. */
import { describe, expect, test } from 'vitest';
import { consistencyRule, isEnough, nthDelay, NOT_ENOUGH, type CopiesOfTable } from '../../src/replica/consistency.ts';
import type { ConsistencyLevel } from '../../src/scenario/plan.ts';

/** Three copies in dc 0 and two in dc 1. */
const BY_DC: CopiesOfTable = { copies: 5, factor: 5, factorInDc: [3, 2], leastInDc: [3, 2], knowsDcs: true };
/** Four copies wherever they fall, of which a row may have none in a data centre. */
const SIMPLE: CopiesOfTable = { copies: 4, factor: 4, factorInDc: [4, 4], leastInDc: [0, 0], knowsDcs: false };

describe('what is enough for a coordinator in dc 0', () => {
  test.each<[ConsistencyLevel, [number, number], boolean]>([
    ['ONE', [0, 1], true],
    ['TWO', [1, 1], true],
    ['THREE', [2, 0], false],
    ['LOCAL_ONE', [0, 2], false],
    ['LOCAL_QUORUM', [2, 0], true],
    ['LOCAL_QUORUM', [1, 2], false],
    ['QUORUM', [1, 2], true],
    ['QUORUM', [2, 0], false],
    ['EACH_QUORUM', [2, 2], true],
    ['EACH_QUORUM', [3, 1], false],
    ['EACH_QUORUM', [1, 2], false],
    ['ALL', [3, 2], true],
    ['ALL', [3, 1], false],
  ])('%s with %j: %s', (level, copies, enough) => {
    expect(isEnough(consistencyRule(level, BY_DC), copies, 0)).toBe(enough);
  });

  test.each<[ConsistencyLevel, [number, number], boolean]>([
    ['EACH_QUORUM', [3, 0], true],
    ['EACH_QUORUM', [1, 1], false],
    ['LOCAL_QUORUM', [2, 2], false],
    ['LOCAL_QUORUM', [3, 0], true],
  ])('without data centres in the placement, %s with %j: %s', (level, copies, enough) => {
    expect(isEnough(consistencyRule(level, SIMPLE), copies, 0)).toBe(enough);
  });
});

test('a data centre without copies has no quorum to give', () => {
  const rule = consistencyRule('EACH_QUORUM', { ...BY_DC, copies: 3, factorInDc: [3, 0], leastInDc: [3, 0] });
  expect([rule.each, rule.required(1), rule.isPlain(1)]).toEqual([null, 2, true]);
});

test('fewer nodes than the factor asks for: not attainable, whoever is up', () => {
  expect(consistencyRule('EACH_QUORUM', { ...BY_DC, leastInDc: [3, 1] }).attainable(0)).toBe(false);
  expect(consistencyRule('EACH_QUORUM', BY_DC).attainable(0)).toBe(true);
});

test('the n-th smallest', () => {
  expect(nthDelay(Float64Array.of(5, 1, Infinity), 3, 2)).toBe(5);
  expect(nthDelay(Float64Array.of(5, 1, Infinity), 3, 3)).toBe(NOT_ENOUGH);
});
