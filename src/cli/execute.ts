/**
 * Runs one plan as a person watches: progress with the time left, `--twice`, and how to meet a bug again. On a terminal the
 * run pauses now and then, so that Ctrl-C is heard and the line of progress is taken away; elsewhere it ends at once.
 */
import { MistakeError } from '../base/mistake.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import type { RunOutput, Series } from '../observe/result.ts';
import { run, runInSteps } from '../run/run.ts';
import type { RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { BugWithReplay } from './failure.ts';
import { LiveChart } from './live-chart.ts';
import { allocationMistake, refuseMemory } from './memory.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { BlockHashes } from '../studies/first-difference.ts';
import { proveRepeatable } from './twice.ts';

export interface ExecuteOptions {
  mode: 'batched' | 'events';
  twice: boolean;
  quiet: boolean;
  /** Draw the chart while the run goes on, where there is a terminal. */
  live?: { noColor: boolean } | null;
  /** Shown if a bug is met. */
  replay: string;
  /** Further observers of the (first) run. */
  observers?: readonly TraceObserver[];
  /** See RunOptions; of the first run. */
  onSample?: NonNullable<RunOptions['onSample']>;
  /** See RunOptions. */
  atEnd?: NonNullable<RunOptions['atEnd']>;
}

export interface Execution {
  output: RunOutput;
  /** Wall time of the first run. */
  elapsedSeconds: number;
}

/** Parts of a run's virtual time. */
const STEPS = 2000;
const PAUSE_MILLIS = 50;

export async function executePlan(plan: Plan, terminal: Terminal, options: ExecuteOptions): Promise<Execution> {
  refuseMemory(plan, terminal);
  const live = LiveChart.of(terminal, plan, options.live ?? null);
  const progress = new Progress(terminal, { quiet: options.quiet || live !== null });
  const { onSample } = options;
  const runOnce = (label: string, observers: TraceObserver[], isFirst: boolean): Promise<RunOutput> => {
    progress.label(label);
    const atEnd = options.atEnd === undefined ? {} : { atEnd: options.atEnd };
    const looking = onSample === undefined || !isFirst ? {} : { onSample };
    return watchedRun(plan, { mode: options.mode, observers, ...atEnd, ...looking }, { terminal, progress, live });
  };
  const deaf = terminal.err.isTerminal
    ? terminal.onInterrupt?.(() => {
        live?.clear();
        progress.clear();
        terminal.err.write('interrupted, nothing was written\n');
      })
    : undefined;
  try {
    const started = terminal.now();
    const hashes = new BlockHashes();
    const output = await runOnce(plan.name, [...(options.observers ?? []), ...(options.twice ? [hashes] : [])], true);
    const elapsedSeconds = (terminal.now() - started) / 1000;
    if (options.twice) {
      await proveRepeatable(
        { fingerprint: output.result.fingerprint, hashes: hashes.finished() },
        async (observer) => (await runOnce(`${plan.name}, again`, [observer], false)).result.fingerprint,
      );
    }
    return { output, elapsedSeconds };
  } catch (error) {
    if (error instanceof MistakeError) throw error;
    throw allocationMistake(error, plan, terminal) ?? new BugWithReplay(error, options.replay);
  } finally {
    deaf?.();
    live?.clear();
    progress.clear();
  }
}

interface Watcher {
  terminal: Terminal;
  progress: Progress;
  live: LiveChart | null;
}

async function watchedRun(plan: Plan, options: RunOptions, { terminal, progress, live }: Watcher): Promise<RunOutput> {
  if (!terminal.err.isTerminal) return run(plan, options);
  const whole = plan.duration_micros + plan.settle_micros;
  let look: (() => Series) | null = null;
  const steps = runInSteps(plan, STEPS, { ...options, onPause: (series) => (look = series) });
  let pausedMillis = terminal.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    progress.show(step.value / whole);
    if (look !== null) live?.show(look, step.value);
    if (terminal.now() - pausedMillis < PAUSE_MILLIS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    pausedMillis = terminal.now();
  }
}
