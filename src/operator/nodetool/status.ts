/** `nodetool status` (cassandra.j1, `tools/nodetool/Status`): fixed columns before 4.0, since then as wide as they must be. */
import { isAtLeast } from '../../dialect/cassandra/versions.ts';
import { fixedHalfEven, table, UNKNOWN } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import { dcsOf, effectiveOwnership, loadText, memberOf, nodesOfDc, NOT_THE_SAME, seesUp } from './ownership.ts';
import type { Asked, NodetoolCommand } from './view.ts';

export const status: NodetoolCommand = {
  name: 'status',
  usage: 'nodetool status [KEYSPACE]',
  since: '2.0',
  words: 'keyspace',
  wordsMin: 0,
  wordsMax: 1,
  options: [],
  view: statusLines,
};

function statusLines(moment: Moment, { node, words }: Asked): string[] {
  const { line } = moment;
  const owned = effectiveOwnership(moment, words[0] ?? null);
  const dcs = dcsOf(moment);
  const hasOneToken = dcs.every((dc) =>
    nodesOfDc(moment, dc).every((peer) => memberOf(moment, peer)?.tokens.length === 1),
  );
  const rows = dcs.map((dc) => [
    headOf(owned !== null, hasOneToken),
    ...nodesOfDc(moment, dc).map((peer) => rowOf(moment, { asked: node, peer, owned, hasOneToken })),
  ]);
  const texts = isAtLeast(line, '4.0')
    ? splitLike(rows, table(rows.flat(), '  '))
    : rows.map((own) =>
        own.map((row) => oldRow(row, { hasOneToken, isEffective: owned !== null, width: addressWidth(moment) })),
      );
  const lines = dcs.flatMap((dc, index) => [
    `Datacenter: ${dc}`,
    '='.repeat(`Datacenter: ${dc}`.length),
    'Status=Up/Down',
    '|/ State=Normal/Leaving/Joining/Moving',
    ...texts[index],
  ]);
  return [...lines, '', ...(owned === null ? [`Note: ${NOT_THE_SAME}`] : [])];
}

function headOf(isEffective: boolean, hasOneToken: boolean): string[] {
  const owns = isEffective ? 'Owns (effective)' : 'Owns';
  return hasOneToken
    ? ['--', 'Address', 'Load', owns, 'Host ID', 'Token', 'Rack']
    : ['--', 'Address', 'Load', 'Tokens', owns, 'Host ID', 'Rack'];
}

interface RowOptions {
  asked: number;
  peer: number;
  owned: readonly number[] | null;
  hasOneToken: boolean;
}

function rowOf(moment: Moment, { asked, peer, owned, hasOneToken }: RowOptions): string[] {
  const { plan, names } = moment;
  const { rack } = plan.nodes[peer];
  const { tokens, state: moves } = memberOf(moment, peer) ?? { tokens: [], state: 'N' };
  const state = `${seesUp(moment, asked, peer) ? 'U' : 'D'}${moves}`;
  const owns = owned === null ? UNKNOWN : `${fixedHalfEven(owned[peer] * 100, 1)}%`;
  const head = [state, names.addresses[peer], loadText(moment, peer)];
  if (hasOneToken) return [...head, owns, names.hostId(peer), tokens[0], rack];
  return [...head, String(tokens.length), owns, names.hostId(peer), rack];
}

function addressWidth({ names }: Moment): number {
  return names.addresses.reduce((most, { length }) => Math.max(most, length), 0);
}

function oldRow(row: readonly string[], of: { hasOneToken: boolean; isEffective: boolean; width: number }): string {
  const owns = of.isEffective ? 16 : 6;
  const widths = of.hasOneToken ? [2, of.width, 9, owns, 36, 39] : [2, of.width, 9, 11, owns, 36];
  return row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
}

/** The lines in parts as long as those of `rows`. */
function splitLike(rows: readonly (readonly unknown[])[], lines: readonly string[]): string[][] {
  let from = 0;
  return rows.map(({ length }) => {
    from += length;
    return lines.slice(from - length, from);
  });
}
