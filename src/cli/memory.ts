/**
 * Whether a run fits into the memory of this machine: by the estimate that `plan` shows, before it begins; and the same
 * words where an allocation fails all the same. Only rough: an estimate above the memory is refused, one near it warned of.
 */
import { formatBytes } from '../base/human.ts';
import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';
import { planSize } from '../report/plan-size.ts';
import type { Plan } from '../scenario/plan.ts';
import type { CommandMistakeCode } from './command-mistake.ts';
import type { Terminal } from './terminal.ts';

/** The system and the program itself need some, too. */
const WARNED_SHARE = 0.7;

const CODE: CommandMistakeCode = 'C107';

/** Null where the run takes far less than this machine has, or where nobody knows how much that is. */
export function memoryWarning(plan: Plan, terminal: Terminal): Mistake | null {
  const { memoryBytes } = terminal;
  if (memoryBytes === undefined) return null;
  const needed = planSize(plan).memoryBytes;
  if (needed <= memoryBytes * WARNED_SHARE) return null;
  const refused = needed > memoryBytes;
  return {
    ...place(plan),
    severity: 'warning',
    message: `${words(needed, memoryBytes)}: ${refused ? 'it cannot be run here' : 'it may fail'}`,
  };
}

/** @throws MistakeError where the run, or so many threads with one such run each, need more memory than there is */
export function refuseMemory(plan: Plan, { memoryBytes }: Terminal, threads = 1): void {
  if (memoryBytes === undefined) return;
  const needed = planSize(plan).memoryBytes * threads;
  if (needed <= memoryBytes) return;
  const mistake = { ...place(plan), message: words(needed, memoryBytes, threads) };
  throw new MistakeError([threads === 1 ? mistake : { ...mistake, expected: 'fewer --workers' }]);
}

/** So many threads with one such run each have memory enough; at least 1. */
export function threadsThatFit(plan: Plan, { memoryBytes }: Terminal): number {
  if (memoryBytes === undefined) return Infinity;
  return Math.max(1, Math.floor((memoryBytes * WARNED_SHARE) / planSize(plan).memoryBytes));
}

/** The mistake that a failed allocation is; null where the error is something else. */
export function allocationMistake(error: unknown, plan: Plan, { memoryBytes }: Terminal): MistakeError | null {
  if (!(error instanceof RangeError) || !/allocation failed/i.test(error.message)) return null;
  const message = `the memory does not suffice: ${words(planSize(plan).memoryBytes, memoryBytes ?? null)}`;
  return new MistakeError([{ ...place(plan), message }]);
}

function words(needed: number, memoryBytes: number | null, threads = 1): string {
  const has = memoryBytes === null ? '' : `, this machine has ${formatBytes(memoryBytes)}`;
  if (threads > 1) return `${threads} threads need about ${formatBytes(needed)} of memory${has}`;
  return `the run needs about ${formatBytes(needed)} of memory${has}`;
}

function place(plan: Plan): Mistake {
  return {
    code: CODE,
    severity: 'mistake',
    ...{ file: plan.source.file, line: 0, column: 0, length: 0, path: '', message: '' },
    expected: 'fewer partitions, a shorter duration or a lower rate',
  };
}
