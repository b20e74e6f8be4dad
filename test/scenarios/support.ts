/** Scenarios of this project as the command line reads and runs them. */
import { readInput } from '../../src/cli/input.ts';
import type { InputOptions } from '../../src/cli/input.ts';
import type { RunOutput } from '../../src/observe/result.ts';
import { run } from '../../src/run/run.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';

export const ROOT = new URL('../../', import.meta.url).pathname;
export const terminal = fakeTerminal({ folder: ROOT, now: () => performance.now() });

/** `edits` as typed, such as `--set`, `faults.a.for=1h`. */
export function runScenario(path: string, options: InputOptions = {}): RunOutput {
  return run(readInput(path, terminal, options).plan);
}
