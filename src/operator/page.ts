/**
 * The page of a moment: what an operator would look at first, and beside it the truth, which no operator sees. Lines of tools
 * are theirs, however wide; our own are at most 80 columns.
 */
import { formatDuration } from '../base/human.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import { askMoment, isRefusal } from './ask.ts';
import type { Moment } from './moment.ts';
import { streamingOn } from './nodetool/netstats.ts';
import { truthLines } from './truth.ts';

const LAST_LINES = 3;
const COMMAND_COLUMNS = 78;

export function pageLines(moment: Moment, node: number): string[] {
  const { plan, names, clock, micros } = moment;
  const assumed = clock.isAssumed ? ', the scenario has no start' : '';
  return [
    `${plan.name}  (${plan.database.replace('@', ' ')})`,
    `${clock.stamp(micros)} UTC${assumed} · ${formatDuration(micros)} into the run`,
    `asked on ${plan.nodes[node].id} (${names.addresses[node]})`,
    '',
    '— what the operator sees '.padEnd(80, '—'),
    ...commandsOf(moment, node).flatMap((command) => asked(moment, node, command)),
    ...repairedOf(moment, node),
    ...repairsOf(moment),
    '',
    '— the truth, which no operator sees '.padEnd(80, '—'),
    ...truthLines(moment),
  ];
}

/** What is of use now. */
function commandsOf(moment: Moment, node: number): string[] {
  const commands = ['nodetool status', 'nodetool compactionstats'];
  if (streamingOn(moment, node).length > 0) commands.push('nodetool netstats');
  if (isAtLeast(moment.line, '4.0')) commands.push('nodetool listpendinghints');
  return commands;
}

function asked(moment: Moment, node: number, command: string): string[] {
  const lines = askMoment(moment, { node, words: [command], sinceMicros: 0 });
  const shown = isRefusal(lines) ? [lines.message] : [...lines];
  while (shown[shown.length - 1]?.trim() === '') shown.pop();
  return [`$ ${command}`, ...shown, ''];
}

/** Of the figures of the tables those that incremental repair is watched by. */
function repairedOf(moment: Moment, node: number): string[] {
  if (!isAtLeast(moment.line, '3.11')) return [];
  const lines = askMoment(moment, { node, words: ['nodetool tablestats'], sinceMicros: 0 });
  if (isRefusal(lines)) return [];
  const shown = lines.filter((line) => /^\t\t(?:Table|Percent|Bytes)/.test(line));
  return ['$ nodetool tablestats | egrep "Table:|Percent|Bytes"', ...shown, ''];
}

/** Of each command of repair how far it is, and what it printed last. */
function repairsOf({ plan, journal, clock }: Moment): string[] {
  const trails = [...journal.repairs.trails.values()];
  if (trails.length === 0) return ['no repair has run'];
  return trails.slice(-LAST_LINES).flatMap(({ command, output, isOver }) => {
    const { entryId, text } = command.asked.value;
    const last = output[output.length - 1];
    const state = isOver ? 'over' : 'running';
    const printed =
      last === undefined ? [] : [`  [${clock.stamp(last.micros)}] ${cut(last.text, COMMAND_COLUMNS - 28)}`];
    return [cut(`${entryId} on ${plan.nodes[command.node].id}, ${state}: ${text}`, COMMAND_COLUMNS), ...printed];
  });
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
