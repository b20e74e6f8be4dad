/**
 * Holds `nodetool status` against what `nodetool ring` said: every node in both, with the same data centre, rack and number
 * of tokens, no address or host id twice. Where there is no ring, the nodes are those of the status, which must then have
 * one token each (cassandra.j1).
 */
import type { Mistake } from '../../../base/mistake.ts';
import { mistakeAt } from './import-report.ts';
import type { Place } from './import-report.ts';
import type { RingToken } from './nodetool-ring.ts';
import type { StatusNode } from './nodetool-status.ts';
import { isMurmur3Token } from './nodetool-words.ts';

/** One node as the files together describe it. */
export interface Known {
  address: string;
  dc: string;
  rack: string;
  tokens: bigint[];
  down: Place | null;
  state: string;
  status: StatusNode | null;
  place: Place;
}

interface Confirmation {
  mistakes: Mistake[];
  /** Were all lines read? If not, what is missing may stand on a line already reported. */
  linesRead: boolean;
}

/** Compares a status with the ring's nodes and adds host states; without a ring the nodes are the status's own. */
export function confirm(
  nodes: Map<string, Known>,
  ring: readonly RingToken[],
  status: readonly StatusNode[],
  into: Confirmation,
): void {
  if (status.length === 0) return;
  if (ring.length > 0 && !status.some((node) => nodes.has(node.address))) {
    into.mistakes.push(strangers(ring[0], status[0]));
    return;
  }
  const hostIds = new Map<string, StatusNode>();
  const seen = new Map<string, StatusNode>();
  for (const node of status) {
    reportTwice(node, seen, hostIds, into.mistakes);
    confirmNode(nodes, node, ring.length > 0, into);
  }
  if (!into.linesRead) return;
  for (const node of nodes.values()) {
    if (node.status !== null) continue;
    const found = `${node.address} is only in ${node.place.file}`;
    into.mistakes.push(
      mistakeAt(node.place, 'I106', `nodetool status does not know ${node.address}`, {
        expected: 'every node in both outputs',
        found,
      }),
    );
  }
}

function strangers(ring: RingToken, status: StatusNode): Mistake {
  return mistakeAt(status.place, 'I106', 'the outputs of nodetool ring and nodetool status have no address in common', {
    expected: `addresses such as ${ring.address}, as in ${ring.place.file}`,
    found: status.address,
    suggestion: 'take both outputs from one cluster, both with or both without -r',
  });
}

function reportTwice(
  node: StatusNode,
  seen: Map<string, StatusNode>,
  hostIds: Map<string, StatusNode>,
  mistakes: Mistake[],
): void {
  const same = seen.get(node.address);
  if (same !== undefined) {
    mistakes.push(
      mistakeAt(node.place, 'I109', `${node.address} stands twice in nodetool status`, {
        expected: 'every node once',
        found: `also on line ${same.place.line} of ${same.place.file}`,
      }),
    );
  }
  seen.set(node.address, node);
  if (node.hostId === null) return;
  const twin = hostIds.get(node.hostId);
  if (twin !== undefined && twin.address !== node.address) {
    mistakes.push(
      mistakeAt(node.place, 'I109', `${node.address} and ${twin.address} have the same host id`, {
        expected: 'a host id for each node',
        found: node.hostId,
      }),
    );
  }
  hostIds.set(node.hostId, node);
}

function confirmNode(nodes: Map<string, Known>, status: StatusNode, hasRing: boolean, into: Confirmation): void {
  const node = nodes.get(status.address);
  if (node === undefined) {
    if (hasRing && into.linesRead) into.mistakes.push(withoutTokens(status, 'nodetool ring has no line for it'));
    if (!hasRing) nodes.set(status.address, nodeOfStatus(status, into.mistakes));
    return;
  }
  node.status = status;
  if (status.up === false) node.down ??= status.place;
  const { dc, rack, place } = node;
  const contradict = (what: string, expected: string, found: string): void => {
    const message = `nodetool ring and nodetool status disagree on the ${what} of ${status.address}`;
    into.mistakes.push(
      mistakeAt(status.place, 'I106', message, {
        expected: `${expected}, as on line ${place.line} of ${place.file}`,
        found,
      }),
    );
  };
  if (status.dc !== dc) contradict('data centre', dc, status.dc);
  if (status.rack !== rack) contradict('rack', rack, status.rack);
  if (status.token !== null && !node.tokens.includes(status.token))
    contradict('token', String(node.tokens[0]), String(status.token));
  else if (into.linesRead && hasRing && status.tokenCount !== null && status.tokenCount !== node.tokens.length)
    contradict('number of tokens', `${node.tokens.length} lines`, `${status.tokenCount} tokens`);
}

/** Without a ring the tokens are those of a status with one token for each node. */
function nodeOfStatus(status: StatusNode, mistakes: Mistake[]): Known {
  const { address, dc, rack, state, place, token } = status;
  if (token === null)
    mistakes.push(withoutTokens(status, `nodetool status says how many (${status.tokenCount ?? '?'}), not which`));
  else if (!isMurmur3Token(token))
    mistakes.push(
      mistakeAt(place, 'I110', 'a token outside the range of Murmur3Partitioner', { found: String(token) }),
    );
  return {
    address,
    dc,
    rack,
    tokens: token === null ? [] : [token],
    down: status.up === false ? place : null,
    state,
    status,
    place,
  };
}

function withoutTokens(status: StatusNode, found: string): Mistake {
  return mistakeAt(status.place, 'I107', `${status.address} has no tokens`, {
    expected: 'a line of nodetool ring for each of its tokens',
    found,
    suggestion: 'add the output of nodetool ring to cluster.from',
  });
}
