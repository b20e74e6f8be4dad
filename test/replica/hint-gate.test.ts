/** Whether a hint may be made is asked in one place, for storing and for overload alike; what refuses is counted once. */
import { expect, test } from 'vitest';
import { Rules } from '../../src/base/rules.ts';
import { CAUSE } from '../../src/data/causes.ts';
import { Cluster } from '../../src/replica/cluster.ts';
import type { HintContext } from '../../src/replica/hint-context.ts';
import { hintRefusal, refusedBy } from '../../src/replica/hint-gate.ts';

test('nobody keeps a hint for a node that is not part of the cluster any more', () => {
  const cluster = new Cluster({ dc: [0, 0, 0], rack: [0, 0, 0] });
  const counts = { refused_off: 0, refused_window: 0, refused_size: 0 };
  const context = {
    ...{ counts, store: () => ({ diskBytes: 0, oldestMicros: 0 }) },
    o: {
      ...{ cluster, rules: new Rules([]), kernel: { now: 0 } },
      settings: { sizeMaxBytes: 0, windowPersistent: false },
      switches: { stores: () => true, of: () => ({ windowMicros: 1 }) },
    },
  } as unknown as HintContext;
  expect(refusedBy(context, 0, 2)).toBe(0);
  cluster.present[2] = 0;
  expect(refusedBy(context, 0, 2)).toBe(CAUSE.hintLost);
  expect(counts.refused_off).toBe(0);
  expect(hintRefusal(context, 0, 2)).toBe(CAUSE.hintLost);
  expect(counts).toEqual({ refused_off: 1, refused_window: 0, refused_size: 0 });
});
