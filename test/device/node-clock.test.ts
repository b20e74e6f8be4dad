import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeClocks } from '../../src/device/node-clock.ts';

test('skews hold from their start to before their end and add up', () => {
  const skews = fc.array(
    fc.record({
      fromMicros: fc.nat(100),
      length: fc.option(fc.integer({ min: 1, max: 50 }), { nil: null }),
      byMicros: fc.integer({ min: -9, max: 9 }),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(skews, fc.nat(200), (list, at) => {
      const clocks = new NodeClocks(2);
      let expected = 0;
      for (const { fromMicros, length, byMicros } of list) {
        const untilMicros = length === null ? null : fromMicros + length;
        clocks.skew(1, { fromMicros, untilMicros, byMicros });
        if (at >= fromMicros && (untilMicros === null || at < untilMicros)) expected += byMicros;
      }
      expect(clocks.skewAt(1, at)).toBe(expected);
      expect(clocks.read(1, at)).toBe(at + expected);
      expect(clocks.skewAt(0, at)).toBe(0);
    }),
  );
});
