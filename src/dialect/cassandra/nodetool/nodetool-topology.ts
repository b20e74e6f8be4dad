/**
 * Puts the outputs of `nodetool ring` and `nodetool status` together into nodes: the ring gives addresses, racks, data
 * centres and tokens, status confirms them and gives host ids; where they contradict each other that is a mistake at
 * the place that contradicts. Not responsible for reading the lines (`nodetool-ring.ts`, `nodetool-status.ts`).
 */
import type { Mistake } from '../../../base/mistake.ts';
import type { ImportedFile, TopologyFiles } from '../../../scenario/dialect-rules.ts';
import type { PlanNode } from '../../../scenario/plan.ts';
import { compareAddresses } from './address-order.ts';
import { capSameMistakes, mistakeAt } from './import-report.ts';
import { isRing, readRing } from './nodetool-ring.ts';
import type { RingToken } from './nodetool-ring.ts';
import { isStatus, readStatus } from './nodetool-status.ts';
import type { StatusNode } from './nodetool-status.ts';
import { confirm } from './status-confirmation.ts';
import type { Known } from './status-confirmation.ts';

const NAMED_ADDRESSES_MAX = 6;

/** Reads all files, whatever their order; mistakes of all of them together. No nodes where there is any mistake. */
export function readNodetoolTopology(files: readonly ImportedFile[]): TopologyFiles {
  const mistakes: Mistake[] = [];
  const ring: RingToken[] = [];
  const status: StatusNode[] = [];
  for (const file of files) readFile(file, { ring, status, mistakes });
  const linesRead = mistakes.length === 0;
  const nodes = nodesOfRing(ring, mistakes);
  confirm(nodes, ring, status, { mistakes, linesRead });
  if (linesRead) reportMissing(nodes, files, mistakes);
  if (mistakes.length > 0) return { nodes: [], assumptions: [], mistakes: capSameMistakes(sorted(mistakes, files)) };
  const inOrder = [...nodes.values()].sort((left, right) => compareAddresses(left.address, right.address));
  return { ...named(inOrder), mistakes: [] };
}

interface Lines {
  ring: RingToken[];
  status: StatusNode[];
  mistakes: Mistake[];
}

function readFile(file: ImportedFile, lines: Lines): void {
  if (isStatus(file.text)) {
    const output = readStatus(file);
    for (const node of output.nodes) lines.status.push(node);
    for (const mistake of output.mistakes) lines.mistakes.push(mistake);
  } else if (isRing(file.text)) {
    const output = readRing(file);
    for (const token of output.tokens) lines.ring.push(token);
    for (const mistake of output.mistakes) lines.mistakes.push(mistake);
  } else {
    const place = { file: file.path, line: 1, column: 1, length: 1 };
    lines.mistakes.push(
      mistakeAt(place, 'I101', 'neither the output of nodetool ring nor of nodetool status', {
        expected: 'a header "Address Rack Status State Load Owns Token" or "--  Address  Load  Tokens …"',
        found: file.text.trim() === '' ? 'an empty file' : (file.text.trimStart().split(/[\r\n]/)[0] ?? ''),
      }),
    );
  }
}

function nodesOfRing(ring: readonly RingToken[], mistakes: Mistake[]): Map<string, Known> {
  const nodes = new Map<string, Known>();
  const owners = new Map<bigint, RingToken>();
  for (const entry of ring) {
    const other = owners.get(entry.token);
    if (other === undefined) owners.set(entry.token, entry);
    else mistakes.push(duplicateToken(entry, other));
    const node = nodes.get(entry.address);
    if (node === undefined) nodes.set(entry.address, nodeOf(entry));
    else addToken(node, entry, mistakes);
  }
  return nodes;
}

function duplicateToken(entry: RingToken, other: RingToken): Mistake {
  const message =
    entry.address === other.address
      ? `the token ${entry.token} of ${entry.address} stands twice`
      : `${entry.address} and ${other.address} have the same token ${entry.token}`;
  return mistakeAt(entry.place, 'I104', message, {
    expected: 'every token once',
    found: `also on line ${other.place.line} of ${other.place.file}`,
    suggestion: 'give each nodetool ring output once',
  });
}

function nodeOf(entry: RingToken): Known {
  const { address, dc, rack, state, place } = entry;
  return {
    address,
    dc,
    rack,
    tokens: [entry.token],
    down: entry.up === false ? place : null,
    state,
    status: null,
    place,
  };
}

function addToken(node: Known, entry: RingToken, mistakes: Mistake[]): void {
  if (node.dc !== entry.dc || node.rack !== entry.rack) {
    mistakes.push(
      mistakeAt(entry.place, 'I109', `${entry.address} stands in two places`, {
        expected: `rack ${node.rack} of ${node.dc}, as on line ${node.place.line}`,
        found: `rack ${entry.rack} of ${entry.dc}`,
      }),
    );
  }
  node.tokens.push(entry.token);
  if (entry.up === false) node.down ??= entry.place;
}

function reportMissing(nodes: ReadonlyMap<string, Known>, files: readonly ImportedFile[], mistakes: Mistake[]): void {
  if (nodes.size > 0 || mistakes.length > 0) return;
  const place = {
    file: files[0]?.path ?? '',
    line: files.length === 0 ? 0 : 1,
    column: files.length === 0 ? 0 : 1,
    length: 1,
  };
  mistakes.push(
    mistakeAt(place, 'I108', 'no node in the files', {
      expected: 'the output of nodetool ring, whole',
      found: `${files.length} files without a node line`,
    }),
  );
}

/** By file in the order given, then by place. */
function sorted(mistakes: readonly Mistake[], files: readonly ImportedFile[]): Mistake[] {
  const rank = new Map(files.map((file, index) => [file.path, index]));
  const rankOf = (mistake: Mistake): number => rank.get(mistake.file) ?? files.length;
  return [...mistakes].sort(
    (left, right) => rankOf(left) - rankOf(right) || left.line - right.line || left.column - right.column,
  );
}

function named(known: readonly Known[]): Pick<TopologyFiles, 'nodes' | 'assumptions'> {
  const width = Math.max(2, String(known.length).length);
  const nodes = known.map((node, index): PlanNode => {
    const tokens = [...node.tokens].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)).map(String);
    return {
      id: `n${String(index + 1).padStart(width, '0')}`,
      dc: node.dc,
      rack: node.rack,
      tokens,
      address: node.address,
    };
  });
  const assumptions = [naming(nodes)];
  known.forEach((node, index) => {
    const name = `${nodes[index].id} (${node.address})`;
    if (node.down !== null)
      assumptions.push(
        `${name} is down in ${node.down.file}, line ${node.down.line}: the run starts with all nodes up`,
      );
    const state = node.state === 'Normal' ? (node.status?.state ?? 'Normal') : node.state;
    if (state !== 'Normal')
      assumptions.push(
        `${name} is ${state.toLowerCase()} in ${node.place.file}: it is taken for a normal member with the tokens listed`,
      );
  });
  return { nodes, assumptions };
}

function naming(nodes: readonly PlanNode[]): string {
  const shown = nodes.slice(0, NAMED_ADDRESSES_MAX).map((node) => `${node.id} = ${node.address ?? ''}`);
  const more = nodes.length > NAMED_ADDRESSES_MAX ? ` … ${nodes.length} in all` : '';
  return `nodes are numbered by address, octet by octet: ${shown.join(', ')}${more}; each may be named by its address too`;
}
