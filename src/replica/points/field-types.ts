/**
 * The type of a measurement's field in each copy of a shard: the first write that reaches a copy fixes it there, and what has
 * another type is refused (influxdb.2-field-type). Copies that heard of two writers in another order refuse different points.
 */

export interface FieldTypesOptions {
  nodes: number;
  tables: number;
  /** Is every type taken? */
  takesAll: boolean;
  /** By writer: what it measures, and the type of its values. */
  writers: readonly { measurement: string; type: string }[];
}

export class FieldTypes {
  readonly #tables: number;
  readonly #measurements: number;
  /** By writer: its measurement, and its type counted from 1. */
  readonly #of: readonly { measurement: number; type: number }[];
  /** No measurement has two types: nothing is ever refused, and nothing needs to be kept. */
  readonly #isUniform: boolean;
  /** By (node * tables + table) * measurements + measurement: the type, 0 = none yet. */
  #types: Uint8Array;

  constructor({ nodes, tables, takesAll, writers }: FieldTypesOptions) {
    const measurements = [...new Set(writers.map(({ measurement }) => measurement))];
    const types = [...new Set(writers.map(({ type }) => type))];
    this.#tables = tables;
    this.#measurements = measurements.length;
    this.#of = writers.map(({ measurement, type }) => ({
      measurement: measurements.indexOf(measurement),
      type: types.indexOf(type) + 1,
    }));
    const pairs = new Set(this.#of.map(({ measurement, type }) => `${measurement} ${type}`));
    this.#isUniform = takesAll || pairs.size === measurements.length;
    this.#types = new Uint8Array(this.#isUniform ? 0 : nodes * tables * measurements.length);
  }

  /** Would the copy refuse what the writer sends? */
  refuses(node: number, table: number, writer: number): boolean {
    if (this.#isUniform) return false;
    const { measurement, type } = this.#of[writer];
    const known = this.#types[this.#place(node, table) + measurement];
    return known !== 0 && known !== type;
  }

  /** A write is stored there. */
  stored(node: number, table: number, writer: number): void {
    if (this.#isUniform) return;
    const { measurement, type } = this.#of[writer];
    const place = this.#place(node, table) + measurement;
    if (this.#types[place] === 0) this.#types[place] = type;
  }

  /** The copy is gone, and with it what it knew. */
  forget(node: number, table: number): void {
    if (this.#isUniform) return;
    const place = this.#place(node, table);
    this.#types.fill(0, place, place + this.#measurements);
  }

  /** Does it matter what is still there? */
  get areKept(): boolean {
    return !this.#isUniform;
  }

  /** Something was deleted: a measurement of which no series is left in the copy has no type any more. */
  keepOnly(node: number, table: number, writers: ReadonlySet<number>): void {
    const place = this.#place(node, table);
    const left = new Set([...writers].map((writer) => this.#of[writer].measurement));
    for (let at = 0; at < this.#measurements; at += 1) if (!left.has(at)) this.#types[place + at] = 0;
  }

  /** A copy of another node's files. */
  copied(from: number, to: number, table: number): void {
    if (this.#isUniform) return;
    for (let at = 0; at < this.#measurements; at += 1)
      this.#types[this.#place(to, table) + at] ||= this.#types[this.#place(from, table) + at];
  }

  save(): Uint8Array {
    return this.#types.slice();
  }

  load(state: Uint8Array): void {
    this.#types = state.slice();
  }

  #place(node: number, table: number): number {
    return (node * this.#tables + table) * this.#measurements;
  }
}
