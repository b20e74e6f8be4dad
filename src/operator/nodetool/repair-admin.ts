/** `nodetool repair_admin list` (cassandra.j9, `tools/nodetool/RepairAdmin`): incremental sessions of the asked node; without
 * `--all` those that are neither finalized nor failed. */
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import type { LocalSession } from '../../repair/state.ts';
import { table } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import type { Asked, NodetoolCommand } from './view.ts';

export const repairAdmin: NodetoolCommand = {
  name: 'repair_admin',
  usage: 'nodetool repair_admin list [--all]',
  since: '4.0',
  words: 'sub-command',
  wordsMin: 0,
  wordsMax: 1,
  options: [['-a', '--all']],
  view: sessionLines,
};

const COLUMNS = ['id', 'state', 'last activity', 'coordinator', 'participants', 'participants_wp'];

function sessionLines(moment: Moment, { node, options }: Asked): string[] {
  const locals = [...moment.world.repairs.state.locals.values()].filter((local) => local.node === node);
  const shown = locals.filter(({ state }) => options.has('--all') || (state !== 'finalized' && state !== 'failed'));
  if (shown.length === 0) return ['no sessions'];
  return table([COLUMNS, ...shown.map((local) => rowOf(moment, local))], ' | ');
}

function rowOf({ micros, names, journal, line }: Moment, local: LocalSession): string[] {
  const { session, state, lastUpdateMicros, coordinator, participants } = local;
  const idle = Math.floor(micros / 1e6) - Math.floor(lastUpdateMicros / 1e6);
  const words = isAtLeast(line, '4.0') ? state.toUpperCase() : state;
  return [
    journal.repairs.uuidOf(session),
    words,
    `${idle} (s)`,
    names.endpoint(coordinator),
    participants.map((node) => names.addresses[node]).join(','),
    participants.map((node) => names.withPort(node)).join(','),
  ];
}
