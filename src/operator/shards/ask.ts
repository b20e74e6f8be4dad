/** From the words that an operator types to lines, where points are stored by shards; and the page of a moment. */
import { formatCount, formatDuration } from '../../base/human.ts';
import { nearestName } from '../../base/nearest.ts';
import { isAtLeast, versionOf } from '../../dialect/influxdb/versions.ts';
import type { Question, Refusal } from '../ask.ts';
import { truthLines } from '../truth.ts';
import { shardLogLines } from './log.ts';
import { addressOf } from './moment.ts';
import type { ShardMoment } from './moment.ts';
import { copyStatusLines, entropyLines, showLines, showShardsLines, STATISTICS, statisticsLines } from './tables.ts';

const COMMANDS = ['show', 'show-shards', 'show-shards -v', 'entropy show', 'copy-shard-status'];
const LAST_LINES = 3;

export function askShards(moment: ShardMoment, { node, words, sinceMicros }: Question): string[] | Refusal {
  const typed = words.flatMap((word) => word.split(/\s+/)).filter((word) => word !== '');
  if (typed[0] === 'log' && typed.length === 1) return shardLogLines(moment, { node, sinceMicros });
  if (/^show$/i.test(typed[0] ?? '') && /^stats$/i.test(typed[1] ?? ''))
    return statistics(moment, node, typed.slice(2));
  const rest = (typed[0] === 'influxd-ctl' ? typed.slice(1) : typed).join(' ');
  switch (rest) {
    case 'show':
      return showLines(moment);
    case 'show-shards':
      return showShardsLines(moment, false);
    case 'show-shards -v':
      if (isAtLeast(versionOf(moment.plan.database), '1.8.2')) return showShardsLines(moment, true);
      return { message: 'show-shards has -v since 1.8.2', expected: 'influxd-ctl show-shards', found: rest };
    case 'entropy show':
      return entropyLines(moment, node);
    case 'copy-shard-status':
      return copyStatusLines(moment);
    default:
      return unknown(rest);
  }
}

function unknown(found: string): Refusal {
  const known = [...COMMANDS.map((name) => `influxd-ctl ${name}`), "SHOW STATS [FOR 'hh_processor']", 'log'];
  const nearest = nearestName(found, COMMANDS);
  return {
    ...{ message: `unknown command ${found}`, expected: known.join(' | '), found },
    ...(nearest === null ? {} : { suggestion: `influxd-ctl ${nearest}` }),
  };
}

/** Of one measurement, or of all that there are. */
function statistics(moment: ShardMoment, node: number, words: readonly string[]): string[] | Refusal {
  if (moment.world.cluster.running[node] === 0) return [`ERR: unable to connect to ${addressOf(moment.plan, node)}`];
  if (words.length === 0) return STATISTICS.flatMap((name) => statisticsLines(moment, node, name) ?? []);
  const name = (words[1] ?? '').replace(/^'|'$/g, '');
  const lines = /^for$/i.test(words[0]) && words.length === 2 ? statisticsLines(moment, node, name) : null;
  if (lines !== null) return lines;
  const found = words.join(' ');
  return {
    message: `no statistics "${found}"`,
    expected: STATISTICS.map((known) => `FOR '${known}'`).join(' | '),
    found,
  };
}

export function shardPageLines(moment: ShardMoment, node: number): string[] {
  const { plan, clock, micros } = moment;
  const assumed = clock.isAssumed ? ', the scenario has no start' : '';
  const isVerbose = isAtLeast(versionOf(plan.database), '1.8.2');
  const commands = [`influxd-ctl show-shards${isVerbose ? ' -v' : ''}`, 'influxd-ctl entropy show'];
  if (moment.world.shardCopies.underWay.length > 0) commands.push('influxd-ctl copy-shard-status');
  commands.push("SHOW STATS FOR 'hh_processor'", "SHOW STATS FOR 'write'");
  const last = shardLogLines(moment, { node, sinceMicros: 0 }).slice(-LAST_LINES);
  return [
    `${plan.name}  (${plan.database.replace('@', ' ')})`,
    `${clock.stamp(micros)} UTC${assumed} · ${formatDuration(micros)} into the run`,
    `asked on ${plan.nodes[node].id} (${addressOf(plan, node)})`,
    '',
    '— what the operator sees '.padEnd(80, '—'),
    ...commands.flatMap((command) => asked(moment, node, command)),
    ...(last.length === 0 ? ['the log says nothing of writes'] : last),
    '',
    '— the truth, which no operator sees '.padEnd(80, '—'),
    ...truthLines(moment),
    ...toldLines(moment),
  ];
}

/** What all clients together have been told. */
function toldLines({ world }: ShardMoment): string[] {
  const told = Object.entries(world.requests.answers.told());
  return told.map(
    ([text, count], index) =>
      `${index === 0 ? 'clients were told' : ''}`.padEnd(18) + `${formatCount(count).padStart(8)}   ${text}`.trimEnd(),
  );
}

function asked(moment: ShardMoment, node: number, command: string): string[] {
  const lines = askShards(moment, { node, words: [command], sinceMicros: 0 });
  const shown = Array.isArray(lines) ? [...lines] : [lines.message];
  while (shown.at(-1)?.trim() === '') shown.pop();
  return [`$ ${command}`, ...shown, ''];
}
