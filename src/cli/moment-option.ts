/** `--at` of commands that look at one moment of a run, in the words of a scenario (src/operator/at.ts). */
import { momentMicros } from '../operator/at.ts';
import { run } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { commandMistake } from './command-mistake.ts';
import { textOption } from './words.ts';
import type { Words } from './words.ts';

/** µs from the start of the run; null where it was not given. The end of a repair is found by a run. */
export function momentOption(words: Words, plan: Plan): number | null {
  const text = textOption(words, 'at');
  if (text === null) return null;
  const micros = momentMicros(plan, text, () => run(plan).result);
  if (typeof micros === 'number') return micros;
  const { message, expected, found, suggestion } = micros;
  throw commandMistake('C133', message, { expected, found, ...(suggestion === undefined ? {} : { suggestion }) });
}
