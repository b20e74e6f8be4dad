/**
 * `nodetool listpendinghints` (cassandra.j9, `tools/nodetool/ListPendingHints`, `hints/HintsStore#getPendingHintsInfo`): only
 * files that are closed and not being delivered. What still lies in a buffer, or in the file that is being written, is not
 * in it, however much that is.
 */
import { table } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import { seesUp } from './ownership.ts';
import type { NodetoolCommand } from './view.ts';

export const listpendinghints: NodetoolCommand = {
  name: 'listpendinghints',
  usage: 'nodetool listpendinghints',
  since: '4.0',
  words: 'nothing',
  wordsMin: 0,
  wordsMax: 0,
  options: [],
  view: hintLines,
};

function hintLines(moment: Moment, { node }: { node: number }): string[] {
  const { plan, world, names, clock, journal } = moment;
  const rows: string[][] = [];
  for (const [target, store] of world.hints.storesOf(node)) {
    const closed = store.files.filter(({ closed: isClosed }) => isClosed);
    // The one that is being delivered is not in the queue.
    const waiting = store.dispatching ? closed.slice(1) : closed;
    if (waiting.length === 0) continue;
    const opened = waiting.map((file) => journal.hints.openedMicros(file));
    const { rack, dc } = plan.nodes[target];
    const state = seesUp(moment, node, target) ? 'UP' : 'DOWN';
    const newest = clock.stamp(opened.reduce((most, micros) => Math.max(most, micros), -Infinity));
    const oldest = clock.stamp(opened.reduce((least, micros) => Math.min(least, micros), Infinity));
    rows.push([names.hostId(target), names.withPort(target), rack, dc, state, String(waiting.length), newest, oldest]);
  }
  if (rows.length === 0) return ['This node does not have any pending hints'];
  return table([['Host ID', 'Address', 'Rack', 'DC', 'Status', 'Total files', 'Newest', 'Oldest'], ...rows]);
}
