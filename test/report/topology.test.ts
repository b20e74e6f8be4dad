/** The table of changes of topology, and what expectations read of them. */
import { describe, expect, it } from 'vitest';
import { resultShape } from '../../src/cli/result-schema.ts';
import { finalValue } from '../../src/observe/expect-final.ts';
import { renderLines } from '../../src/report/lines.ts';
import { topologyTable } from '../../src/report/run-topology.ts';
import { smallChange, smallResult } from '../observe/small-result.ts';

const DOWN = 'A node required to move the data consistently is down (n2)';

const TOPOLOGY = {
  'operations.grow': smallChange(),
  'operations.shrink': smallChange({
    ...{ kind: 'decommission', node: 'n2', started_micros: 0, finished_micros: 4_000_000, streamed_bytes: 5_000_000 },
    ...{ streamed_rows: 70, hints_handed_over: 12, hints_dropped: 3, hints_rehinted: 1 },
    sources: { n2: { bytes: 5_000_000, rows: 70 } },
  }),
  'operations.torn': smallChange({
    ...{ outcome: 'failed', streamed_bytes: 2048, streamed_rows: 0, streamed_in_vain_bytes: 2048 },
    sources: Object.fromEntries(['n1', 'n2', 'n3', 'n5'].map((id) => [id, { bytes: 512, rows: 0 }])),
    failures: ['Some data streaming failed: n5 is gone'],
  }),
  'operations.refused-one': smallChange({
    ...{ outcome: 'refused', streams: 0, streamed_bytes: 0, streamed_rows: 0, sources: {}, failures: [DOWN] },
  }),
  'operations.later': smallChange({
    ...{ kind: 'alter', node: null, outcome: 'not_started', started_micros: null, finished_micros: null },
    ...{ streamed_bytes: 0, streamed_rows: 0, sources: {} },
  }),
} as const;
const RESULT = smallResult({ topology: TOPOLOGY });

describe('the table', () => {
  const shown = (columns: number): string[] =>
    renderLines(topologyTable(RESULT, columns), { columns, color: false }).split('\n');

  it('fits 80 columns, with the reasons below it', () => {
    expect(shown(80)).toMatchInlineSnapshot(`
      [
        " topology      change       took  streamed  rows  from               hints",
        " grow          add n4        2 s      3 kB    30  n1, n2                 –",
        " shrink        leave n2      4 s      5 MB    70  n2            12 / 3 / 1",
        " torn          add n4     failed      2 kB     0  n1, n2 … (4)           –",
        " refused-one   add n4    refused       0 B     0  –                      –",
        " later         alter     not run         –     –  –                      –",
        " hints: handed over / dropped / written anew for who replicates the row now",
        " torn failed         Some data streaming failed: n5 is gone; 2 kB streamed in",
        "                     vain",
        " refused-one refused A node required to move the data consistently is down (n2)",
        "",
      ]
    `);
    for (const line of [...shown(80), ...shown(60)]) expect(line.length).toBeLessThanOrEqual(80);
    expect(shown(60).every((line) => line.length <= 60)).toBe(true);
  });

  it('is not there without changes', () => {
    expect(topologyTable(smallResult(), 80)).toEqual([]);
  });
});

it('is a result of the published shape', () => {
  expect(resultShape.safeParse(RESULT).success).toBe(true);
  expect(resultShape.safeParse(smallResult({ topology: { x: smallChange({ node: 7 as never }) } })).success).toBe(
    false,
  );
});

describe('expectations read', () => {
  const value = (metric: string, origin?: string): number =>
    finalValue(metric, origin === undefined ? {} : { origin }, RESULT);

  it('one change, or all together', () => {
    expect(value('streamed_bytes', 'operations.grow')).toBe(3000);
    expect(value('streamed_bytes')).toBe(3000 + 5_000_000 + 2048);
    expect(value('streamed_rows')).toBe(100);
    expect(value('streamed_in_vain_bytes')).toBe(2048);
    expect(value('topology_seconds', 'operations.shrink')).toBe(4);
    expect([value('hints_handed_over'), value('hints_dropped'), value('hints_rehinted')]).toEqual([12, 3, 1]);
    expect([value('topology_finished'), value('topology_failed'), value('topology_refused')]).toEqual([2, 1, 1]);
    expect(value('topology_refused', 'operations.grow')).toBe(0);
  });

  it('nothing of what has not begun, and no time of what has not come to its end', () => {
    expect(value('streamed_bytes', 'operations.later')).toBeNaN();
    expect(value('topology_seconds', 'operations.torn')).toBeNaN();
    expect(value('streamed_bytes', 'faults.x')).toBeNaN();
    expect(finalValue('streamed_bytes', {}, smallResult())).toBeNaN();
  });
});
