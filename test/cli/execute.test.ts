/** Runs that are watched: the same answer as those that are not, and Ctrl-C heard on the way. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { executePlan } from '../../src/cli/execute.ts';
import { load } from '../../src/index.ts';
import { fakeTerminal } from './fake-terminal.ts';

const plan = load(readFileSync(new URL('fixtures/away.yaml', import.meta.url), 'utf8'));
const OPTIONS = { mode: 'batched', twice: false, quiet: false, replay: 'replay' } as const;

describe('a run on a terminal', () => {
  it('is the same as one that nobody watches, to the last event', async () => {
    const alone = await executePlan(plan, fakeTerminal(), OPTIONS);
    for (const mode of ['batched', 'events'] as const) {
      const watched = await executePlan(plan, fakeTerminal({ isTerminal: true }), { ...OPTIONS, mode, twice: true });
      expect(watched.output).toEqual(alone.output);
    }
  });

  it('takes its line of progress away at Ctrl-C, and says that nothing was written', async () => {
    let millis = 0;
    let pressed: (() => void) | null = null;
    let heard = 0;
    const terminal = fakeTerminal({ isTerminal: true, now: () => (millis += 40) });
    const onInterrupt = (last: () => void): (() => void) => {
      pressed = last;
      return () => (heard += 1);
    };
    setImmediate(() => {
      millis += 5000;
      setImmediate(() => pressed?.());
    });
    await executePlan(plan, { ...terminal, onInterrupt }, OPTIONS);
    expect(terminal.errText()).toMatch(/left {2}One node.*\r\u001b\[2Kinterrupted, nothing was written\n/);
    expect(heard).toBe(1);
  });
});
