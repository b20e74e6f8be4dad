/**
 * The operator's view of a plan at a moment, as lines: those of one command, or without one a page with the most useful of
 * them and the truth beside it. Pure: the same plan and question give the same lines.
 */
import { nearestName } from '../base/nearest.ts';
import type { Result } from '../observe/result.ts';
import { run } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { askMoment, isRefusal } from './ask.ts';
import type { Question, Refusal } from './ask.ts';
import { askShards, shardPageLines } from './shards/ask.ts';
import { shardMomentOf } from './shards/moment.ts';
import { momentMicros } from './at.ts';
import { operatorMistake } from './mistake-codes.ts';
import { momentOf } from './moment.ts';
import { pageLines } from './page.ts';

export interface OperatorQuestion {
  /** As in scenarios: `14m7s`, an ISO instant, `repairs.by-hand.start + 5m`, `end`. */
  at: string;
  /** Id of the node that is asked; the first one where it is left out. */
  node?: string;
  /** `nodetool status`, `log`, `repair by-hand`; a page where it is left out. */
  command?: string | readonly string[];
  /** Of `log`: lines from this moment on. */
  since?: string;
}

export interface OperatorView {
  /** Virtual time, µs. */
  atMicros: number;
  node: string;
  lines: string[];
}

/** @throws MistakeError where there is no such moment, node or command */
export function operatorView(plan: Plan, question: OperatorQuestion): OperatorView {
  const { at, node: id = plan.nodes[0].id, command = [], since } = question;
  const words = typeof command === 'string' ? [command] : command;
  const node = plan.nodes.findIndex((known) => known.id === id);
  if (node < 0) throw operatorMistake('O102', noNode(plan, id));
  const ran = runOnce(plan);
  const atMicros = momentMicros(plan, at, ran);
  const sinceMicros = since === undefined ? 0 : momentMicros(plan, since, ran);
  if (sinceMicros > atMicros) {
    const found = since ?? '';
    throw operatorMistake('O101', { message: `${found} is after ${at}`, expected: `a moment up to ${at}`, found });
  }
  if (plan.points !== undefined) return shardView(plan, { node, words, atMicros, sinceMicros });
  const moment = momentOf(plan, atMicros);
  if (words.length === 0) return { atMicros, node: id, lines: pageLines(moment, node) };
  const lines = askMoment(moment, { node, words, sinceMicros });
  if (isRefusal(lines)) throw operatorMistake('O103', lines);
  return { atMicros, node: id, lines };
}

/** Where points are stored by shards. */
function shardView(plan: Plan, { node, words, atMicros, sinceMicros }: Question & { atMicros: number }): OperatorView {
  const moment = shardMomentOf(plan, atMicros);
  const { id } = plan.nodes[node];
  if (words.length === 0) return { atMicros, node: id, lines: shardPageLines(moment, node) };
  const lines = askShards(moment, { node, words, sinceMicros });
  if (isRefusal(lines)) throw operatorMistake('O103', lines);
  return { atMicros, node: id, lines };
}

/** The end of a repair is known from a run only; run at most once. */
function runOnce(plan: Plan): () => Pick<Result, 'repairs'> {
  let result: Result | null = null;
  return () => (result ??= run(plan).result);
}

function noNode(plan: Plan, id: string): Refusal {
  const ids = plan.nodes.map((known) => known.id);
  const nearest = nearestName(id, ids);
  const expected = ids.length > 12 ? `${ids.slice(0, 12).join(', ')}, … (${ids.length})` : ids.join(' | ');
  return {
    message: `there is no node ${id}`,
    expected,
    found: id,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}
