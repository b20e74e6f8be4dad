/** Every command at several moments of a small story, by version: the lines are held as they stand, after having been read beside
 * section j of the reference. */
import { beforeAll, describe, expect, it } from 'vitest';
import { askMoment } from '../../src/operator/ask.ts';
import { momentOf } from '../../src/operator/moment.ts';
import type { Moment } from '../../src/operator/moment.ts';
import { smallStory } from './small-story.ts';

const SECOND = 1e6;
const COMMANDS = ['status', 'describering ks', 'compactionstats', 'netstats', 'statushandoff', 'tablestats ks.t'];
const SINCE_4_0 = ['listpendinghints', 'repair_admin list'];

describe.each(['3.11', '4.1', '5.0'])('of %s', (line) => {
  const moments = new Map<string, Moment>();
  beforeAll(() => {
    for (const [name, seconds] of [
      ['while n3 is away', 75],
      ['while the repair reads', 192],
      ['at the end', 360],
    ] as const)
      moments.set(name, momentOf(smallStory(line), seconds * SECOND));
  }, 120_000);

  it.each(['while n3 is away', 'while the repair reads', 'at the end'])('%s', (name) => {
    const moment = moments.get(name);
    if (moment === undefined) throw new Error('no moment');
    const commands = line === '3.11' ? COMMANDS : [...COMMANDS, ...SINCE_4_0];
    const asked = commands.map((command) => `nodetool ${command}`);
    if (name === 'at the end') asked.push('repair inc', 'log');
    const page = asked.map((command) => {
      const lines = askMoment(moment, { node: 0, words: [command], sinceMicros: 0 });
      return [`$ ${command}`, ...(Array.isArray(lines) ? lines : [lines.message])].join('\n');
    });
    expect(page.join('\n')).toMatchSnapshot();
  });
});
