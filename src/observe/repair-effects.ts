/**
 * What each repair's streams did to the copies they reached, by the origin of the repair's entry: rows sent that a copy
 * took, and rows that changed nothing because it held them, or something newer, already. Healed copies are in the ledger.
 */
export class RepairEffects {
  readonly taken: Float64Array;
  readonly useless: Float64Array;

  constructor(originCount: number) {
    this.taken = new Float64Array(originCount);
    this.useless = new Float64Array(originCount);
  }

  count(origin: number, took: boolean): void {
    if (took) this.taken[origin] += 1;
    else this.useless[origin] += 1;
  }

  save(): { taken: Float64Array; useless: Float64Array } {
    return { taken: this.taken.slice(), useless: this.useless.slice() };
  }

  load(state: { taken: Float64Array; useless: Float64Array }): void {
    this.taken.set(state.taken);
    this.useless.set(state.useless);
  }
}
