/**
 * A trace that hands rare records to its observers at once, together with what came before them: for an observer that
 * looks at the world beside the record, which must still be as it was then. The records and their fingerprint are the same;
 * frequent kinds wait for their block as always.
 */
import { Trace, type TraceOptions } from './trace.ts';

export class PromptTrace extends Trace {
  readonly #fromKind: number;

  /** Records of this kind and higher ones are told at once. */
  constructor(options: TraceOptions, fromKind: number) {
    super(options);
    this.#fromKind = fromKind;
  }

  override record(micros: number, kind: number, node: number, copy: number, a: number, b: number, c: number): void {
    super.record(micros, kind, node, copy, a, b, c);
    if (kind >= this.#fromKind) this.flush();
  }
}
