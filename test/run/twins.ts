/** What the twin laws compare: everything that a run says of itself, and where two runs part. */
import { RECORD_NAMES } from '../../src/data/records.ts';
import {
  copyOf,
  kindOf,
  nodeOf,
  operandA,
  operandB,
  operandC,
  timeOf,
  TRACE_STRIDE,
  type TraceObserver,
} from '../../src/kernel/trace.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { RunOutput } from '../../src/observe/result.ts';
import type { Plan } from '../../src/scenario/plan.ts';

/** Keeps all records, as text. */
export class Log implements TraceObserver {
  readonly lines: string[] = [];

  fold(words: Int32Array, count: number): void {
    for (let at = 0; at < count * TRACE_STRIDE; at += TRACE_STRIDE) {
      const name = RECORD_NAMES[kindOf(words, at)];
      const operands = `a=${operandA(words, at)} b=${operandB(words, at)} c=${operandC(words, at)}`;
      this.lines.push(`${timeOf(words, at)} ${name} node=${nodeOf(words, at)} copy=${copyOf(words, at)} ${operands}`);
    }
  }
}

export interface Twin {
  output: RunOutput;
  lines: string[];
}

export function runLogged(plan: Plan, batched: boolean): Twin {
  const log = new Log();
  const simulation = new Simulation(plan, { batched, observers: [log] });
  simulation.runTo(simulation.world.endMicros);
  return { output: simulation.finish(), lines: log.lines };
}

/** The first lines that differ, with what came before; null when the traces are the same. */
export function firstDifference(left: readonly string[], right: readonly string[]): string | null {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    if (left[index] === right[index]) continue;
    const before = left.slice(Math.max(0, index - 4), index).map((line) => `    ${line}`);
    return [
      ...before,
      ...left.slice(index, index + 4).map((line) => `  < ${line}`),
      ...right.slice(index, index + 4).map((line) => `  > ${line}`),
    ].join('\n');
  }
  return null;
}

/** Records before a time, as text. */
export function linesBefore(lines: readonly string[], micros: number): string[] {
  return lines.filter((line) => Number(line.slice(0, line.indexOf(' '))) < micros);
}

/** Records but those of some names. */
export function linesWithout(lines: readonly string[], names: readonly string[]): string[] {
  return lines.filter((line) => !names.includes(line.split(' ')[1]));
}
