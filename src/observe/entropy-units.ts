/**
 * Shannon entropy of how the copies of a row are split into groups of equal content, in whole units of 2^-20 bit. From a
 * literal table of n·log2(n), so that it is the same on every engine: entropy = (F·log2 F − Σ nᵢ·log2 nᵢ) / F for F
 * copies in groups of nᵢ, rounded down. Sums of units are exact in any order.
 */
import { Bug } from '../base/assert.ts';

/** Units of one bit. */
export const UNITS_PER_BIT = 1 << 20;

/** round(n · log2(n) · 2^20) by n. */
const N_LOG2_N = [
  0, 0, 2097152, 4985861, 8388608, 12173590, 16263178, 20606075, 25165824, 29915166, 34832941, 39902247, 45109268,
  50442500, 55892214, 61450076, 67108864, 72862262, 78704699, 84631222, 90637401, 96719251, 102873165, 109095866,
  115384359, 121735904, 128147975, 134618245, 141144556, 147724906, 154357431, 161040392, 167772160,
];

/** Most copies of a row that the table covers. */
export const COPIES_MAX = N_LOG2_N.length - 1;

/** Entropy of `copies` copies of which group i has `sizes[i]`; the sizes add up to `copies`. */
export function entropyUnits(copies: number, sizes: ArrayLike<number>, groups: number): number {
  if (groups <= 1) return 0;
  if (copies > COPIES_MAX) throw new Bug(`a row has ${copies} copies; entropy is tabled up to ${COPIES_MAX}`);
  let rest = N_LOG2_N[copies];
  for (let group = 0; group < groups; group += 1) rest -= N_LOG2_N[sizes[group]];
  return Math.floor(rest / copies);
}
