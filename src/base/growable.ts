/**
 * Typed arrays that grow: `array` is the storage (longer than `length`, replaced when it grows, so read it anew after a
 * push). For state that is saved with a snapshot and read by index in hot loops.
 */

const SMALLEST = 16;

export class GrowableInt32 {
  array: Int32Array;
  length = 0;

  constructor(capacity = SMALLEST) {
    this.array = new Int32Array(Math.max(capacity, SMALLEST));
  }

  push(value: number): void {
    if (this.length === this.array.length) this.reserve(this.length + 1);
    this.array[this.length++] = value;
  }

  /** Makes room for `capacity` entries; at least doubles when it must grow. */
  reserve(capacity: number): void {
    if (capacity <= this.array.length) return;
    const grown = new Int32Array(Math.max(capacity, this.array.length * 2));
    grown.set(this.array);
    this.array = grown;
  }

  clear(): void {
    this.length = 0;
  }

  /** The entries, not copied; void after the next push. */
  view(): Int32Array {
    return this.array.subarray(0, this.length);
  }

  save(): Int32Array {
    return this.array.slice(0, this.length);
  }

  load(state: Int32Array): void {
    this.reserve(state.length);
    this.array.set(state);
    this.length = state.length;
  }
}

export class GrowableFloat64 {
  array: Float64Array;
  length = 0;

  constructor(capacity = SMALLEST) {
    this.array = new Float64Array(Math.max(capacity, SMALLEST));
  }

  push(value: number): void {
    if (this.length === this.array.length) this.reserve(this.length + 1);
    this.array[this.length++] = value;
  }

  /** Makes room for `capacity` entries; at least doubles when it must grow. */
  reserve(capacity: number): void {
    if (capacity <= this.array.length) return;
    const grown = new Float64Array(Math.max(capacity, this.array.length * 2));
    grown.set(this.array);
    this.array = grown;
  }

  clear(): void {
    this.length = 0;
  }

  /** The entries, not copied; void after the next push. */
  view(): Float64Array {
    return this.array.subarray(0, this.length);
  }

  save(): Float64Array {
    return this.array.slice(0, this.length);
  }

  load(state: Float64Array): void {
    this.reserve(state.length);
    this.array.set(state);
    this.length = state.length;
  }
}
