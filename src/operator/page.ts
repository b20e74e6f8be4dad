/**
 * The page of a moment: what an operator would look at first, and beside it the truth, which no operator sees. Lines of tools
 * are theirs, however wide; our own are at most 80 columns.
 */
import { formatCount, formatDuration } from '../base/human.ts';
import type { FinalState } from '../observe/result.ts';
import { namesOf } from '../observe/counters-reader.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import { askMoment, isRefusal } from './ask.ts';
import type { Moment } from './moment.ts';
import { streamingOn } from './nodetool/netstats.ts';

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
    ...truthOf(moment),
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

// ------------------------------------------------------------------ the truth

function truthOf({ plan, oracle, world }: Moment): string[] {
  oracle.advance(world.kernel.now);
  const truth = oracle.snapshotFinal(namesOf(plan));
  const wrongs = [
    `stale ${formatCount(truth.stale_copies)}`,
    `missing ${formatCount(truth.missing_copies)}`,
    `zombie ${formatCount(truth.zombie_copies)}`,
    `lost ${formatCount(truth.lost_copies)}`,
  ];
  return [
    `divergent copies  ${formatCount(truth.divergent_copies).padStart(8)}   in ${formatCount(truth.divergent_rows)} rows${byNode(truth)}`,
    `wrong copies      ${formatCount(truth.wrong_copies).padStart(8)}   ${wrongs.join(' · ')}`,
    ...causesOf(truth),
  ];
}

const NODES_NAMED = 3;

function byNode({ by_node: nodes }: FinalState): string {
  const most = Object.entries(nodes).filter(([, { copies }]) => copies > 0);
  most.sort(([one, left], [other, right]) => right.copies - left.copies || (one < other ? -1 : 1));
  const named = most.slice(0, NODES_NAMED).map(([id, { copies }]) => `${id} ${formatCount(copies)}`);
  if (named.length === 0) return '';
  return `; ${named.join(', ')}${most.length > named.length ? `, ${most.length - named.length} more nodes` : ''}`;
}

function causesOf({ by_cause: causes }: FinalState): string[] {
  const rows = Object.entries(causes).filter(([, { left }]) => left > 0);
  if (rows.length === 0) return ['no copy differs from another'];
  const cells = rows.map(([cause, { left, left_by_state: states = {} }]) => [
    cause.replaceAll('_', ' '),
    formatCount(left),
    formatCount(states.in_flight ?? 0),
    formatCount(states.hint_pending ?? 0),
    formatCount(states.latent ?? 0),
  ]);
  const head = ['cause', 'copies', 'in flight', 'hint pending', 'latent'];
  const row = (texts: readonly string[]): string =>
    texts.map((text, column) => (column === 0 ? text.padEnd(24) : text.padStart(14))).join('');
  return ['', row(head), ...cells.map(row)];
}
