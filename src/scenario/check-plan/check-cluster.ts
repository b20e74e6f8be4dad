/** Nodes of a plan, their tokens, and the latencies of the links between them. */
import { refuse, isWithin, areDistinct, isDc } from './checking.ts';
import type { Checking } from './checking.ts';
import { nonsenseOf } from '../distribution-sense.ts';
import type { Path } from '../places.ts';
import type { PlanLatencies } from '../plan.ts';

const MIN_TOKEN = -(1n << 63n);
const MAX_TOKEN = (1n << 63n) - 1n;
/** A node's number is 16 bits in a trace record. */
const MAX_NODES = 10_000;

/** False where nodes or tokens are such that no ring can be made. */
export function checkCluster(checking: Checking): boolean {
  const { nodes, links } = checking.plan;
  for (const name of ['local', 'rack', 'dc', 'wan'] as const) checkLatencies(checking, links[name], ['links', name]);
  for (const [pair, latencies] of Object.entries(links.between)) {
    checkPair(checking, pair);
    checkLatencies(checking, latencies, ['links', 'between', pair]);
  }
  const few = isWithin(checking, ['nodes'], nodes.length, [1, MAX_NODES]);
  const ids = nodes.map(({ id }, index) => ({ name: id, path: ['nodes', index, 'id'] }));
  const distinctIds = areDistinct(checking, 'node', ids);
  // Shards have owners instead of a ring.
  const isRing = checking.plan.points !== undefined || checkTokens(checking);
  return isRing && distinctIds && few;
}

function checkTokens(checking: Checking): boolean {
  const owner = new Map<string, string>();
  let sound = true;
  for (const [index, { id, tokens, joins }] of checking.plan.nodes.entries()) {
    if (tokens.length === 0 && joins === undefined)
      sound = refuse(checking, ['nodes', index, 'tokens'], {
        code: 'S180',
        message: `${id} owns no token`,
        expected: 'at least one token',
      });
    for (const [at, text] of tokens.entries()) {
      const token = BigInt(text);
      const name = token.toString();
      const isOutside = token < MIN_TOKEN || token > MAX_TOKEN;
      const problem = isOutside
        ? `${text} is not a token: it lies outside 64 bits`
        : owner.has(name)
          ? `the token ${text} of ${id} is also that of ${owner.get(name)}`
          : null;
      owner.set(name, id);
      if (problem === null) continue;
      const expected = `each token once, from ${MIN_TOKEN} to ${MAX_TOKEN}`;
      sound = refuse(checking, ['nodes', index, 'tokens', at], { code: 'S180', message: problem, expected });
    }
  }
  return sound;
}

/** Two data centres, their names ascending, with a dash between. */
function checkPair(checking: Checking, pair: string): void {
  const { dcs } = checking;
  const isPair = dcs.some((left) => dcs.some((right) => left < right && pair === `${left}-${right}`));
  if (!isPair) isDc(checking, ['links', 'between', pair], pair);
}

function checkLatencies(checking: Checking, latencies: PlanLatencies, path: Path): void {
  for (const leg of ['write', 'ack', 'read', 'response'] as const) {
    const wrong = nonsenseOf(latencies[leg]);
    if (wrong === null) continue;
    const { member, ...finding } = wrong;
    refuse(checking, [...path, leg, ...member], { code: 'S117', ...finding });
  }
}
