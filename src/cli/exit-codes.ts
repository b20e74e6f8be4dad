/** What the process ends with, and which of several endings wins. Documented in docs/architecture.md. */
export const EXIT = { held: 0, violated: 1, undecided: 2, mistake: 3, bug: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const WORST_FIRST: readonly ExitCode[] = [EXIT.interrupted, EXIT.bug, EXIT.mistake, EXIT.violated, EXIT.undecided];

/** Of several endings, the one the process reports: bug, then mistake, then violated, then undecided. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.held;
}
