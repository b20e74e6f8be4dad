/** `nodetool statushandoff` (cassandra.j9): whether hints are stored, and for which data centres they are not. */
import type { Moment } from '../moment.ts';
import type { NodetoolCommand } from './view.ts';
import { Settings } from '../../run/settings.ts';

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

function handoffLines({ plan }: Moment, { node }: { node: number }): string[] {
  const settings = new Settings(plan, plan.nodes[node]);
  const isEnabled = settings.flag('hinted_handoff_enabled', true);
  const disabled = settings.texts('hinted_handoff_disabled_datacenters');
  return [
    `Hinted handoff is ${isEnabled ? '' : 'not '}running`,
    ...disabled.map((dc) => `Data center ${dc} is disabled`),
  ];
}
