/**
 * The last line of `run` and `test`: in words and numbers what the exit code says, so that a program that crashed with the
 * same code is not mistaken for one that judged.
 */
import { EXIT } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';

/** `VIOLATED 0`, `VIOLATED 1 · UNDECIDED 2 (exit code 1)`: how many were violated, whatever else there is, and the code if it is not 0. */
export function outcomeLine(counts: Readonly<Record<string, number>>, code: ExitCode): string {
  const { violated = 0, ...others } = counts;
  const words = Object.entries(others).filter(([, count]) => count > 0);
  const said = [['violated', violated] as const, ...words].map(([word, count]) => `${wordOf(word)} ${count}`);
  return `${said.join(' · ')}${code === EXIT.held ? '' : ` (exit code ${code})`}\n`;
}

function wordOf(name: string): string {
  return name.toUpperCase().replaceAll('_', ' ');
}
