/**
 * A judgement of one row at one moment: which copies are divergent and under which status, which are wrong and how, what
 * a read would see, how the entropy is shared out. Only the data; row-reader.ts and plain-row.ts fill it.
 */
/** A judgement; arrays are by copy. */
export class RowView {
  /** 0 = as expected, else cause | state << 6 | origin << 8. */
  readonly status: Int32Array;
  /** Index of the slot that gave the status, and the version expected there. */
  readonly leadSlot: Uint8Array;
  readonly leadVersion: Int32Array;
  /** Share of the row's entropy, in units. */
  readonly units: Float64Array;
  /** A number of WRONGS. */
  readonly wrong: Uint8Array;
  /** 1 where a read of this copy would show something else than what is expected. */
  readonly visible: Uint8Array;
  /** Copies that are divergent, wrong, visibly divergent. */
  divergentCopies = 0;
  wrongCopies = 0;
  visibleCopies = 0;
  rowUnits = 0;
  /** Can its newest acknowledged version no longer spread? */
  lost = false;

  constructor(copiesMax: number) {
    this.status = new Int32Array(copiesMax);
    this.leadSlot = new Uint8Array(copiesMax);
    this.leadVersion = new Int32Array(copiesMax);
    this.units = new Float64Array(copiesMax);
    this.wrong = new Uint8Array(copiesMax);
    this.visible = new Uint8Array(copiesMax);
  }
}
