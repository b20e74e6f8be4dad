import { describe, expect, it } from 'vitest';
import { MistakeError } from '../../src/base/mistake.ts';
import { EXIT, worstExit } from '../../src/cli/exit-codes.ts';
import { replayCommand } from '../../src/cli/failure.ts';
import { Progress, progressLine } from '../../src/cli/progress.ts';
import { wantsColor } from '../../src/cli/terminal.ts';
import { usageMistake } from '../../src/cli/usage.ts';
import { choiceOption, inOrder, textOption, wholeOption } from '../../src/cli/words.ts';
import { fakeTerminal } from './fake-terminal.ts';

describe('exit codes', () => {
  it('of several endings report bug, then mistake, then violated, then undecided', () => {
    expect(worstExit([])).toBe(EXIT.held);
    expect(worstExit([0, 2, 0])).toBe(EXIT.undecided);
    expect(worstExit([2, 1, 0])).toBe(EXIT.violated);
    expect(worstExit([1, 3, 2])).toBe(EXIT.mistake);
    expect(worstExit([3, 4, 1])).toBe(EXIT.bug);
  });
});

describe('options', () => {
  it('are read as typed, and refused where they cannot be', () => {
    expect(textOption({ seed: '0010' }, 'seed')).toBe('0010');
    expect(textOption({}, 'seed')).toBeNull();
    expect(() => textOption({ seed: ['1', '2'] }, 'seed')).toThrow(/given 2 times/);
    expect(() => textOption({ seed: '' }, 'seed')).toThrow(/no value/);
    expect(wholeOption({ columns: '80' }, 'columns', 40, 400)).toBe(80);
    for (const bad of ['abc', '8e1', '-80', '0x50', '39', '401', '1e400', 'NaN']) {
      expect(() => wholeOption({ columns: bad }, 'columns', 40, 400)).toThrow(MistakeError);
    }
    expect(choiceOption({ mode: 'events' }, 'mode', ['batched', 'events'])).toBe('events');
    expect(() => choiceOption({ mode: 'event' }, 'mode', ['batched', 'events'])).toThrow(MistakeError);
  });

  it('of edits keep the order in which they were typed', () => {
    const typed = ['run', 'x', '--set', 'a=1', '--seed', '5', '--remove=b', '--set=c=d=e', '--', '--set', 'not=this'];
    expect(inOrder(typed, ['set', 'remove'])).toEqual([
      ['set', 'a=1'],
      ['remove', 'b'],
      ['set', 'c=d=e'],
    ]);
  });
});

describe('usage mistakes', () => {
  const first = (message: string, words: string[]) => usageMistake(message, words).mistakes[0];

  it('name the nearest command and option', () => {
    expect(first('Unknown command: rnu', ['rnu'])).toMatchObject({ suggestion: 'reconverge run' });
    expect(first('Unknown argument: sed', ['run', 'x', '--sed', '1'])).toMatchObject({
      message: 'unknown option --sed',
      suggestion: '--seed',
    });
  });

  it('tell a word too many from an option', () => {
    expect(first('Unknown argument: y', ['run', 'x', 'y']).message).toBe('one word too many: y');
  });
});

describe('colour', () => {
  it('follows NO_COLOR, FORCE_COLOR, TERM and the terminal', () => {
    const wants = (environment: Record<string, string>, isTerminal: boolean, refused = false) => {
      const terminal = fakeTerminal({ environment, isTerminal });
      return wantsColor(terminal, terminal.out, refused);
    };
    expect(wants({}, true)).toBe(true);
    expect(wants({}, false)).toBe(false);
    expect(wants({ NO_COLOR: '1' }, true)).toBe(false);
    expect(wants({ NO_COLOR: '' }, true)).toBe(true);
    expect(wants({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
    expect(wants({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(wants({ FORCE_COLOR: '0' }, true)).toBe(false);
    expect(wants({ TERM: 'dumb' }, true)).toBe(false);
    expect(wants({}, true, true)).toBe(false);
  });
});

describe('progress', () => {
  it('says what is left', () => {
    expect(progressLine('outage', 0.25, 2000)).toBe('25 % · 6 s left  outage');
    expect(progressLine('outage', 0.01, 5000)).toBe('1 % · 8m 15s left  outage');
    expect(progressLine('outage', 0, 5000)).toBe('0 %  outage');
  });

  it('appears on a terminal only, after a second only, and goes away', () => {
    const at = { millis: 0 };
    const terminal = fakeTerminal({ isTerminal: true, now: () => at.millis });
    const progress = new Progress(terminal, { quiet: false });
    progress.label('outage');
    at.millis = 900;
    progress.show(0.5);
    expect(terminal.errText()).toBe('');
    at.millis = 1500;
    progress.show(0.5);
    expect(terminal.errText()).toContain('50 % · 2 s left  outage');
    progress.clear();
    expect(terminal.errText().endsWith('\r\u001b[2K')).toBe(true);
    expect(terminal.outText()).toBe('');

    const piped = fakeTerminal({ isTerminal: false, now: () => at.millis });
    const silent = new Progress(piped, { quiet: false });
    at.millis = 10_000;
    silent.show(0.5);
    silent.clear();
    expect(piped.errText()).toBe('');
  });
});

describe('replay commands', () => {
  it('are words as a shell takes them', () => {
    expect(replayCommand(['run', 'reports/x-1/plan.json'])).toBe('npx reconverge run reports/x-1/plan.json');
    expect(replayCommand(['run', "it's.yaml", '--set', 'a={ b: 1 }'])).toBe(
      `npx reconverge run 'it'\\''s.yaml' --set 'a={ b: 1 }'`,
    );
  });
});
