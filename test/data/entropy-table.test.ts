import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTROPY_COPIES_MAX, ENTROPY_UNITS_PER_BIT, shannonUnits, shapesOf } from '../../src/data/entropy-table.ts';

/** The definition, with the logarithm that the table replaces. */
function bits(sizes: readonly number[]): number {
  const copies = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.reduce((sum, size) => sum - (size / copies) * Math.log2(size / copies), 0);
}

describe('shannonUnits', () => {
  const shapes = Array.from({ length: ENTROPY_COPIES_MAX }, (_unused, index) => shapesOf(index + 1)).flat();

  it('is the nearest whole unit for every shape of up to 16 copies', () => {
    expect(shapes.length).toBe(914);
    for (const shape of shapes)
      expect([shape, shannonUnits(shape)]).toEqual([shape, Math.round(bits(shape) * ENTROPY_UNITS_PER_BIT)]);
  });

  it('knows the shapes of three copies', () => {
    expect([[3], [2, 1], [1, 1, 1]].map((shape) => shannonUnits(shape))).toEqual([0, 962903, 1661954]);
    expect(shannonUnits([1, 1])).toBe(ENTROPY_UNITS_PER_BIT);
    expect(shannonUnits([])).toBe(0);
  });

  it('does not depend on the order of the groups, on empty ones, or on what follows them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...shapes), fc.array(fc.nat(5), { maxLength: 3 }), fc.nat(), (shape, zeros, turn) => {
        const padded = [...shape, ...zeros.map(() => 0)];
        const turned = padded.map((_size, index) => padded[(index + turn) % padded.length]);
        expect(shannonUnits(turned)).toBe(shannonUnits(shape));
        expect(shannonUnits([...turned, 9, 9], turned.length)).toBe(shannonUnits(shape));
      }),
    );
  });

  it('refuses more copies than it knows', () => {
    expect(() => shannonUnits([16, 1])).toThrow('17 copies');
    expect(() => shannonUnits([17])).toThrow('17 copies');
  });
});
