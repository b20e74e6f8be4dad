/**
 * Assertions. A Bug is ours, never the user's: it says what did not hold, and the outer edge adds the virtual time and
 * how to report it. What a user wrote wrongly is a Mistake (mistake.ts); an expectation that failed is a Violation.
 */

export class Bug extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Bug';
  }
}

/** Throws a Bug unless `condition` holds. On hot paths test first and build the message only when it is needed. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}
