/** `nodetool statushandoff` (cassandra.j9): whether hints are stored, and for which data centres they are not. */
import { UNKNOWN } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import type { NodetoolCommand } from './view.ts';

export const statushandoff: NodetoolCommand = {
  name: 'statushandoff',
  usage: 'nodetool statushandoff',
  since: '2.1',
  words: 'nothing',
  wordsMin: 0,
  wordsMax: 0,
  options: [],
  view: handoffLines,
};

function handoffLines({ world }: Moment, { node }: { node: number }): string[] {
  const { enabled, disabledDcs } = world.handoff.of(node);
  const dcs = disabledDcs.map((dc) => world.numbers.dcs[dc] ?? UNKNOWN);
  return [`Hinted handoff is ${enabled ? '' : 'not '}running`, ...dcs.map((dc) => `Data center ${dc} is disabled`)];
}
