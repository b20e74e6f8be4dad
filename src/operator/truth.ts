/** What was true at a moment, beside what an operator saw: copies that differ or are wrong, by node and by cause. */
import { formatCount } from '../base/human.ts';
import { namesOf } from '../observe/counters-reader.ts';
import type { Oracle } from '../observe/oracle.ts';
import type { FinalState } from '../observe/result.ts';
import type { Plan } from '../scenario/plan.ts';

/** Of a moment, whatever database it is of. */
interface Looked {
  plan: Plan;
  oracle: Oracle;
  world: { kernel: { now: number } };
}

export function truthLines({ plan, oracle, world }: Looked): string[] {
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
