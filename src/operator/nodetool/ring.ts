/** `nodetool ring` (cassandra.j2, `tools/nodetool/Ring`): a line for each token, the data centre's last token above them. */
import { compareTokens } from '../../data/tokens.ts';
import { fixedHalfEven, UNKNOWN } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import { dcsOf, effectiveOwnership, loadText, memberOf, nodesOfDc, NOT_THE_SAME, seesUp } from './ownership.ts';
import type { Asked, NodetoolCommand } from './view.ts';

export const ring: NodetoolCommand = {
  name: 'ring',
  usage: 'nodetool ring [KEYSPACE]',
  since: '2.0',
  words: 'keyspace',
  wordsMin: 0,
  wordsMax: 1,
  options: [],
  view: ringLines,
};

const STATES = { N: 'Normal', J: 'Joining', L: 'Leaving' } as const;
const WIDTHS = [12, 7, 8, 16, 20, 44];

function ringLines(moment: Moment, { node, words }: Asked): string[] {
  const { plan, names } = moment;
  const owned = effectiveOwnership(moment, words[0] ?? null);
  const width = names.addresses.reduce((most, { length }) => Math.max(most, length), 0);
  const format = (cells: readonly string[]): string =>
    `${cells[0].padEnd(width)}  ${cells
      .slice(1)
      .map((cell, column) => cell.padEnd(WIDTHS[column]))
      .join('')}`;
  const lines = [''];
  for (const dc of dcsOf(moment)) lines.push(...dcLines(moment, { dc, node, owned, format }), '');
  if (plan.nodes.some((_node, peer) => (memberOf(moment, peer)?.tokens.length ?? 0) > 1)) {
    lines.push('  Warning: "nodetool ring" is used to output all the tokens of a node.');
    lines.push('  To view status related info of a node use "nodetool status" instead.', '');
  }
  return [...lines, '', owned === null ? `  Note: ${NOT_THE_SAME}` : '  '];
}

interface DcOptions {
  dc: string;
  node: number;
  owned: readonly number[] | null;
  format: (cells: readonly string[]) => string;
}

function dcLines(moment: Moment, { dc, node, owned, format }: DcOptions): string[] {
  const { plan, names } = moment;
  const tokens = nodesOfDc(moment, dc).flatMap((peer) => {
    const { tokens: own, state: moves } = memberOf(moment, peer) ?? { tokens: [], state: 'N' };
    return own.map((token) => ({ peer, token, moves }));
  });
  tokens.sort((left, right) => compareTokens(BigInt(left.token), BigInt(right.token)));
  const last = tokens.length > 1 ? format(['', '', '', '', '', '', tokens[tokens.length - 1].token]) : '';
  return [
    `Datacenter: ${dc}`,
    '==========',
    format(['Address', 'Rack', 'Status', 'State', 'Load', 'Owns', 'Token']),
    last,
    ...tokens.map(({ peer, token, moves }) => {
      const owns = owned === null ? UNKNOWN : `${fixedHalfEven(owned[peer] * 100, 2)}%`;
      const state = seesUp(moment, node, peer) ? 'Up' : 'Down';
      return format([
        names.addresses[peer],
        plan.nodes[peer].rack,
        state,
        STATES[moves],
        loadText(moment, peer),
        owns,
        token,
      ]);
    }),
  ];
}
