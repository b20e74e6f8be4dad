/**
 * Measuring contenders against each other on a machine that others use too: each is a process of its own, they work in
 * turn in many short rounds (A B C A B C ...), and what counts is the median of the ratios of processor times of the same
 * round. Absolute figures drift by half within an hour; ratios hold.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildMessage, ParentMessage } from './child.ts';

export interface Contender {
  name: string;
  /** A file of this folder, and its arguments. */
  program: string;
  args: readonly string[];
}

export interface Measured {
  name: string;
  ready: unknown;
  done: unknown;
  scavenges: number;
  /** One figure a round. */
  cpuNanosPerUnit: number[];
}

/** Runs all contenders in turn, `rounds` times `units` of work each. */
export async function measureInRounds(
  contenders: readonly Contender[],
  rounds: number,
  units: number,
): Promise<Measured[]> {
  const children: Child[] = [];
  const measured: Measured[] = [];
  try {
    for (const contender of contenders) {
      const child = new Child(contender);
      children.push(child);
      const ready = await child.expect('ready');
      measured.push({ name: contender.name, ready: ready.report, done: undefined, scavenges: 0, cpuNanosPerUnit: [] });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [index, child] of children.entries()) {
        child.send({ do: 'round', units });
        measured[index].cpuNanosPerUnit.push((await child.expect('round')).cpuNanosPerUnit);
      }
    }
    for (const [index, child] of children.entries()) {
      child.send({ do: 'finish' });
      const { report, scavenges } = await child.expect('done');
      Object.assign(measured[index], { done: report, scavenges });
    }
  } finally {
    for (const child of children) child.stop();
  }
  return measured;
}

class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #messages: ChildMessage[] = [];
  #wake: () => void = () => {};
  #ended = false;

  constructor({ name, program, args }: Contender) {
    this.#name = name;
    const file = fileURLToPath(new URL(program, import.meta.url));
    this.#process = fork(file, [...args], { execArgv: ['--expose-gc', '--import', 'tsx'] });
    this.#process.on('message', (message) => {
      this.#messages.push(message as ChildMessage);
      this.#wake();
    });
    this.#process.on('exit', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  send(message: ParentMessage): void {
    this.#process.send(message);
  }

  async expect<Is extends ChildMessage['is']>(is: Is): Promise<Extract<ChildMessage, { is: Is }>> {
    while (this.#messages.length === 0) {
      if (this.#ended) throw new Error(`the benchmark of ${this.#name} ended early`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const message = this.#messages.shift();
    if (message?.is !== is) throw new Error(`${this.#name}: ${is} was expected, ${message?.is} came`);
    return message as Extract<ChildMessage, { is: Is }>;
  }

  stop(): void {
    if (!this.#ended) this.#process.kill();
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How many times as long the one took as the other: the median of the ratios of the same round. */
export function medianRatio(one: Measured, other: Measured): number {
  return median(one.cpuNanosPerUnit.map((nanos, round) => nanos / other.cpuNanosPerUnit[round]));
}
