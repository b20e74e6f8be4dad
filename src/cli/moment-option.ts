/** `--at`, or `--from`, of commands that look at one moment of a run, in the words of a scenario (src/operator/at.ts). */
import { momentMicros } from '../operator/at.ts';
import { run } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { mistakeInLine } from './failure.ts';
import { textOption } from './words.ts';
import type { Words } from './words.ts';

/** µs from the start of the run; null where it was not given. The end of a repair is found by a run. */
export function momentOption(words: Words, plan: Plan, typed: readonly string[], option = 'at'): number | null {
  const text = textOption(words, option);
  if (text === null) return null;
  try {
    return momentMicros(plan, text, () => run(plan).result);
  } catch (error) {
    throw mistakeInLine(error, typed);
  }
}
