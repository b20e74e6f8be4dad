/**
 * Switches and marks for the modelled rules. A rule is one numbered fact of the reference, such as `cassandra.e13`; a
 * plan may turn it off (`model: { off: [...] }`), and a run lists the rules that it exercised. Parts ask `off` once when
 * they are built and call `mark` where the rule decides something.
 */
export class Rules {
  readonly #off: ReadonlySet<string>;
  readonly #marked = new Set<string>();

  constructor(off: readonly string[] = []) {
    this.#off = new Set(off);
  }

  isOff(id: string): boolean {
    return this.#off.has(id);
  }

  mark(id: string): void {
    this.#marked.add(id);
  }

  /** Ids marked so far, sorted. */
  exercised(): string[] {
    return [...this.#marked].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  }

  save(): string[] {
    return this.exercised();
  }

  load(marked: readonly string[]): void {
    this.#marked.clear();
    for (const id of marked) this.#marked.add(id);
  }
}
