/** The little statistics that tests of distributions need. Draws are fixed, so a test that passes once always does. */

export function chiSquared(counts: ArrayLike<number>, expected: (cell: number) => number): number {
  let sum = 0;
  for (let cell = 0; cell < counts.length; cell++) sum += (counts[cell] - expected(cell)) ** 2 / expected(cell);
  return sum;
}

/** About the 99.99 % quantile of chi² (Wilson and Hilferty). */
export function chiSquaredLimit(freedom: number): number {
  return freedom * (1 - 2 / (9 * freedom) + 3.72 * Math.sqrt(2 / (9 * freedom))) ** 3;
}

export interface Moments {
  mean: number;
  variance: number;
}

export function momentsOf(draws: number, draw: (index: number) => number): Moments {
  let mean = 0;
  let squares = 0;
  for (let index = 0; index < draws; index++) {
    const value = draw(index);
    const difference = value - mean;
    mean += difference / (index + 1);
    squares += difference * (value - mean);
  }
  return { mean, variance: squares / (draws - 1) };
}

/** Largest distance of the draws' distribution from the theory, times the root of their number: above 2.2 once in 10 000. */
export function kolmogorov(draws: number, draw: (index: number) => number, below: (value: number) => number): number {
  const values = Float64Array.from({ length: draws }, (_, index) => draw(index)).sort();
  let distance = 0;
  values.forEach((value, index) => {
    const theory = below(value);
    distance = Math.max(distance, Math.abs(theory - index / draws), Math.abs(theory - (index + 1) / draws));
  });
  return distance * Math.sqrt(draws);
}

/** The bits of some doubles as hexadecimal digits: equal on every engine, or something is not exact. */
export function bitsOf(values: readonly number[]): string[] {
  const view = new DataView(new ArrayBuffer(8));
  return values.map((value) => {
    view.setFloat64(0, value);
    return view.getBigUint64(0).toString(16).padStart(16, '0');
  });
}
