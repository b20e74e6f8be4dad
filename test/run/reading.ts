/** The records of a run as objects, for tests that look at single ones. */
import { CAUSES, OUTCOMES, STATES, VIAS } from '../../src/data/causes.ts';
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
import type { Result } from '../../src/observe/result.ts';
import type { Plan } from '../../src/scenario/plan.ts';

export interface Seen {
  micros: number;
  name: string;
  /** Number of the node, from 0. */
  node: number;
  copy: number;
  a: number;
  b: number;
  c: number;
}

export interface Story {
  simulation: Simulation;
  records: Seen[];
  result: Result;
  /** Records of these names, in order. */
  of(...names: string[]): Seen[];
}

class Reader implements TraceObserver {
  readonly records: Seen[] = [];

  fold(words: Int32Array, count: number): void {
    for (let at = 0; at < count * TRACE_STRIDE; at += TRACE_STRIDE) {
      this.records.push({
        micros: timeOf(words, at),
        name: RECORD_NAMES[kindOf(words, at)],
        node: nodeOf(words, at),
        copy: copyOf(words, at),
        a: operandA(words, at),
        b: operandB(words, at),
        c: operandC(words, at),
      });
    }
  }
}

export function tell(plan: Plan, batched = true): Story {
  const reader = new Reader();
  const simulation = new Simulation(plan, { batched, observers: [reader] });
  simulation.runTo(simulation.world.endMicros);
  const { result } = simulation.finish();
  const { records } = reader;
  return { simulation, records, result, of: (...names) => records.filter(({ name }) => names.includes(name)) };
}

/** Of a `missed` record. */
export const fateOf = ({ c }: Seen): string => `${CAUSES[c & 63]} ${STATES[(c >> 6) & 3]}`;
export const viaOf = ({ c }: Seen): string => VIAS[c & 0x7f];
export const outcomeOf = ({ c }: Seen): string => OUTCOMES[c & 255];
