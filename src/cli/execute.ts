/** Runs one plan as a person watches: progress with the time left, `--twice`, and how to meet a bug again. */
import { MistakeError } from '../base/mistake.ts';
import type { RunOutput } from '../observe/result.ts';
import { run } from '../run/run.ts';
import type { RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { BugWithReplay } from './failure.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { BlockHashes, proveRepeatable } from './twice.ts';

export interface ExecuteOptions {
  mode: 'batched' | 'events';
  twice: boolean;
  quiet: boolean;
  /** Shown if a bug is met. */
  replay: string;
}

export interface Execution {
  output: RunOutput;
  /** Wall time of the first run. */
  elapsedSeconds: number;
}

export function executePlan(plan: Plan, terminal: Terminal, options: ExecuteOptions): Execution {
  const progress = new Progress(terminal, { quiet: options.quiet });
  const whole = plan.duration_micros + plan.settle_micros;
  const runOptions = (label: string): RunOptions => {
    progress.label(label);
    return { mode: options.mode, onProgress: (micros) => progress.show(micros / whole) };
  };
  try {
    const started = terminal.now();
    const hashes = new BlockHashes();
    const observers = options.twice ? [hashes] : [];
    const output = run(plan, { ...runOptions(plan.name), observers });
    const elapsedSeconds = (terminal.now() - started) / 1000;
    if (options.twice) {
      const again = runOptions(`${plan.name}, again`);
      proveRepeatable(
        { fingerprint: output.result.fingerprint, hashes: hashes.finished() },
        (observer) => run(plan, { ...again, observers: [observer] }).result.fingerprint,
      );
    }
    return { output, elapsedSeconds };
  } catch (error) {
    throw error instanceof MistakeError ? error : new BugWithReplay(error, options.replay);
  } finally {
    progress.clear();
  }
}
