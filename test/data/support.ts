/** Small layouts and versions for the tests of `data/`. */
import { buildTableLayout, type LayoutOptions } from '../../src/data/build-layout.ts';
import { highHalf, lowHalf } from '../../src/data/int64-halves.ts';
import type { TableLayout } from '../../src/data/layout.ts';
import { SimpleStrategy } from '../../src/data/placement.ts';
import { buildRing } from '../../src/data/ring.ts';
import { FIRST_VERSION, OPERATION, Versions } from '../../src/data/versions.ts';

/** One token a node: as many nodes as tokens. */
export function smallLayout(
  more: Partial<LayoutOptions> & { nodeTokens?: bigint[]; factor?: number } = {},
): TableLayout {
  const { nodeTokens = [-(2n ** 62n), 0n, 2n ** 62n, 2n ** 63n - 1n], factor = 3 } = more;
  const result = buildRing(nodeTokens.map((token) => ({ dc: 'dc1', rack: 'r1', tokens: [token] })));
  if (!result.ok) throw new Error('duplicate tokens');
  return buildTableLayout({
    index: 0,
    id: 'shop.orders',
    partitions: 20,
    rowsPerPartition: 2,
    columnGroups: 2,
    deletesRows: true,
    slotBase: 7,
    rowBytes: 101,
    gcGraceMicros: 100,
    loaded: 'empty',
    placement: new SimpleStrategy(result.ring, factor),
    ...more,
  });
}

/** A layout whose partitions have exactly these tokens. */
export function layoutOfTokens(tokens: readonly bigint[]): TableLayout {
  const sorted = [...tokens].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    ...smallLayout({ partitions: sorted.length, rowsPerPartition: 1, columnGroups: 1, deletesRows: false }),
    tokenHigh: Int32Array.from(sorted, highHalf),
    tokenLow: Uint32Array.from(sorted, lowHalf),
  };
}

export interface VersionSpec {
  timestamp: number;
  deletes?: boolean;
  ttlSeconds?: number;
}

/** Versions FIRST_VERSION, FIRST_VERSION + 1, …; issued at their timestamps. */
export function versionsOf(specs: readonly VersionSpec[]): Versions {
  const versions = new Versions(specs.length, { skewed: true });
  specs.forEach(({ timestamp, deletes = false, ttlSeconds = 0 }, index) => {
    const id = FIRST_VERSION + index;
    versions.arrays.issuedAt[id] = timestamp;
    versions.arrays.timestamp[id] = timestamp;
    versions.arrays.operation[id] = deletes ? OPERATION.deleteRow : OPERATION.write;
    versions.arrays.ttlSeconds[id] = ttlSeconds;
  });
  versions.count += specs.length;
  return versions;
}
