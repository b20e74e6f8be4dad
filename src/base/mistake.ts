/**
 * The three kinds of error, never mixed. A Mistake is the user's input: data with a position, all collected before
 * anything runs, exit 3. A Violation is an expectation that did not hold (a result, not an exception). A Bug is ours.
 */

/** One thing wrong with the input. Rendered by `report/`; codes live in `mistake-codes.ts`. */
export interface Mistake {
  /** Such as `S114`; S scenario, D dialect, I import, E edit, P plan file. */
  code: string;
  severity: 'mistake' | 'warning';
  file: string;
  /** From 1. 0 where there is no position (a command line option). */
  line: number;
  column: number;
  /** Characters to underline. */
  length: number;
  /** Path of the entry as `--set` writes it, such as `faults.rack-r2.mode`. */
  path: string;
  message: string;
  expected?: string;
  found?: string;
  /** `did you mean …` */
  suggestion?: string;
  /** Other lines: the database's own words, a next step. */
  notes?: string[];
}

/** Thrown only at the outer edge (library entry points), carrying all mistakes. */
export class MistakeError extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(
      mistakes
        .map((mistake) => `${mistake.file}:${mistake.line}:${mistake.column} ${mistake.code} ${mistake.message}`)
        .join('\n'),
    );
    this.name = 'MistakeError';
    this.mistakes = mistakes;
  }
}
