/**
 * Puts the outputs of `influxd-ctl show` and `show-shards` together into nodes and shards: a shard's owner must be a data node
 * that is shown. Not responsible for reading the lines.
 */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile, ImportedShard, TopologyFiles } from '../../../scenario/dialect-rules.ts';
import type { PlanNode } from '../../../scenario/plan.ts';
import { ctlMistake, tablesOf } from './ctl-lines.ts';
import { DATA_NODES, readDataNodes } from './show.ts';
import type { DataNode } from './show.ts';
import { readShards, SHARDS } from './show-shards.ts';
import type { ShardLine } from './show-shards.ts';

const NAMED_MAX = 6;

/** Reads all files, whatever their order; mistakes of all of them together. */
export function readTopology(files: readonly ImportedFile[]): TopologyFiles {
  const mistakes: Mistake[] = [];
  const shown: DataNode[] = [];
  const lines: ShardLine[] = [];
  for (const file of files) readFile(file, { shown, lines, mistakes });
  const known = shown.length > 0 || mistakes.length > 0 ? shown : ownersOf(lines);
  const members = distinctNodes(known, files, mistakes).filter(({ isPassive }) => !isPassive);
  const ids = idsOf(members);
  const shards = shardsOf(lines, { known, ids, mistakes });
  if (members.length === 0 && mistakes.length === 0)
    mistakes.push(
      ctlMistake(files[0], 'I301', { line: null, message: 'no data node in the files', expected: 'influxd-ctl show' }),
    );
  if (mistakes.length > 0) return { nodes: [], assumptions: [], mistakes };
  return { nodes: nodesOf(members, ids), shards, assumptions: assumptionsOf(known, ids, shown.length > 0), mistakes };
}

interface Output {
  shown: DataNode[];
  lines: ShardLine[];
  mistakes: Mistake[];
}

function readFile(file: ImportedFile, { shown, lines, mistakes }: Output): void {
  const tables = tablesOf(file.text);
  const nodes = tables.find(({ title }) => title === DATA_NODES);
  const shards = tables.find(({ title }) => title === SHARDS);
  if (nodes !== undefined) shown.push(...readDataNodes(file, nodes, mistakes));
  if (shards !== undefined) lines.push(...readShards(file, shards, mistakes));
  if (nodes !== undefined || shards !== undefined) return;
  mistakes.push(
    ctlMistake(file, 'I301', {
      ...{ line: null, message: 'neither the output of influxd-ctl show nor of influxd-ctl show-shards' },
      expected: 'a title "Data Nodes" or "Shards" with a line of = below',
      found:
        file.text.trim() === ''
          ? 'an empty file'
          : file.text
              .trim()
              .split(/[\r\n]/)[0]
              .slice(0, 60),
    }),
  );
}

/** Where only show-shards is given. */
function ownersOf(lines: readonly ShardLine[]): DataNode[] {
  const nodes = new Map<number, DataNode>();
  for (const { owners } of lines)
    for (const { number, address } of owners)
      if (!nodes.has(number)) nodes.set(number, { number, address, isPassive: false, version: null });
  return [...nodes.values()];
}

function distinctNodes(nodes: readonly DataNode[], files: readonly ImportedFile[], mistakes: Mistake[]): DataNode[] {
  const seen = new Set<number>();
  for (const { number, address, at } of nodes) {
    if (seen.has(number))
      mistakes.push(
        ctlMistake(at?.file ?? files[0], 'I304', {
          ...{
            line: at?.line ?? null,
            message: `the data node ${number} (${address}) stands twice`,
            expected: 'each node once',
          },
          suggestion: 'give each output once',
        }),
      );
    seen.add(number);
  }
  return [...nodes].sort((left, right) => left.number - right.number);
}

/** By the host's name where that is unambiguous, else by number. */
function idsOf(nodes: readonly DataNode[]): Map<number, string> {
  const hosts = nodes.map(({ address }) => address.replace(/:\d+$/, ''));
  const areNames =
    new Set(hosts).size === hosts.length && hosts.every((host) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host));
  return new Map(nodes.map(({ number }, index) => [number, areNames ? hosts[index] : `n${number}`]));
}

function nodesOf(nodes: readonly DataNode[], ids: ReadonlyMap<number, string>): PlanNode[] {
  return nodes.map(({ number, address }) => ({
    ...{ id: ids.get(number) ?? address, dc: 'dc1', rack: 'r1', tokens: [], address },
  }));
}

function shardsOf(
  lines: readonly ShardLine[],
  { known, ids, mistakes }: { known: readonly DataNode[]; ids: ReadonlyMap<number, string>; mistakes: Mistake[] },
): ImportedShard[] {
  const seen = new Map<number, ShardLine>();
  return lines.map(({ file, line, owners, ...shard }) => {
    const other = seen.get(shard.number);
    if (other !== undefined)
      mistakes.push(
        ctlMistake(file, 'I304', {
          ...{ line, message: `the shard ${shard.number} stands twice`, expected: 'each shard once' },
          found: `also on line ${other.line.number} of ${other.file.path}`,
        }),
      );
    seen.set(shard.number, { file, line, owners, ...shard });
    for (const { number, address, part } of owners) {
      const node = known.find((one) => one.number === number);
      // Without a node that is known, the mistake stands in the other file.
      if (known.length === 0 || (node?.address === address && ids.has(number))) continue;
      if (node !== undefined && node.address !== address) {
        const message = `an owner of the shard ${shard.number} has the number of another node: ${number} is ${node.address}`;
        const right = known.find((one) => one.address === address);
        const meant = right === undefined ? '' : ` or {${right.number} ${right.address}}`;
        const wanted = { expected: `{${number} ${node.address}}${meant}`, found: part.text };
        mistakes.push(ctlMistake(file, 'I303', { line, part, message, ...wanted }));
        continue;
      }
      const expected = `one of ${known.map((node) => `{${node.number} ${node.address}}`).join(' ')}`;
      const message = `an owner of the shard ${shard.number} is no data node that influxd-ctl show lists: ${number} ${address}`;
      mistakes.push(ctlMistake(file, 'I303', { line, part, message, expected, found: part.text }));
    }
    return { ...shard, owners: owners.flatMap(({ number }) => ids.get(number) ?? []) };
  });
}

function assumptionsOf(known: readonly DataNode[], ids: ReadonlyMap<number, string>, isShown: boolean): string[] {
  const members = known.filter(({ number }) => ids.has(number));
  const named = members
    .slice(0, NAMED_MAX)
    .map(({ number, address }) => `${ids.get(number) ?? ''} = ${number} ${address}`);
  const more = members.length > NAMED_MAX ? ` … ${members.length} in all` : '';
  const versions = [...new Set(members.flatMap(({ version }) => version ?? []))];
  const passive = known.filter(({ isPassive }) => isPassive).map(({ address }) => address);
  return [
    `data nodes: ${named.join(', ')}${more}; each may be named by its address too`,
    ...(isShown ? [] : ['no output of influxd-ctl show: the data nodes are taken to be those that own shards']),
    ...(versions.length === 0
      ? []
      : [`influxd-ctl show says ${versions.join(', ')}; the run takes the version that database: names`]),
    ...(passive.length === 0 ? [] : [`passive data nodes are left out: ${passive.join(', ')}`]),
  ];
}
