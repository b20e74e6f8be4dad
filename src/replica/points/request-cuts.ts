/**
 * Coordinators that die in the middle of a request: in a panic after their own write and before any other (influxdb.2-panic), or
 * after so many parts of one request (influxdb.2-cut). Only which request it is; what is lost with it is `request-path.ts`.
 */

/** Of one request: so many parts are sent to all owners, the next one to so many, and no more. */
export interface RequestCut {
  writer: number;
  index: number;
  parts: number;
  copies: number;
  origin: number;
}

/** Is this part sent to this copy before the request is cut off? */
export function isBefore({ parts, copies }: RequestCut, place: number, copy: number): boolean {
  return place < parts || (place === parts && copy < copies);
}

export class RequestCuts {
  /** The process of the node ends now. */
  die: (node: number, origin: number) => void = () => undefined;
  readonly #cuts: readonly RequestCut[];
  /** By node: the entry by which it panics at its next request; 0: it does not. */
  #armed: Int32Array;

  constructor(nodes: number, cuts: readonly RequestCut[]) {
    this.#cuts = cuts;
    this.#armed = new Int32Array(nodes);
  }

  arm(node: number, origin: number): void {
    this.#armed[node] = origin;
  }

  /** The entry by which the node panics in this request, once; 0: it does not. */
  takePanic(node: number): number {
    const origin = this.#armed[node];
    this.#armed[node] = 0;
    return origin;
  }

  /** Its process has ended otherwise. */
  disarm(node: number): void {
    this.#armed[node] = 0;
  }

  cutOf(writer: number, index: number): RequestCut | null {
    return this.#cuts.find((cut) => cut.writer === writer && cut.index === index) ?? null;
  }

  save(): Int32Array {
    return this.#armed.slice();
  }

  load(state: Int32Array): void {
    this.#armed = state.slice();
  }
}
